/**
 * Two ends of one channel with a wire each way, for tests: what one sends the other gets when the test delivers it. The
 * pair behaves as two honest nodes do: it writes an end before the messages that need it, answers a commitment at once and
 * a `shutdown` when it may, and reestablishes after a disconnection.
 */
import { msat, sat, type Msat } from '../../src/base/units.ts';
import { ChannelEnd, type Htlc } from '../../src/channel/channelEnd.ts';
import type { ChannelEndInit } from '../../src/channel/channelLedger.ts';
import { type ChannelSnapshot, WRITE_BEFORE } from '../../src/channel/channelSnapshot.ts';
import type { FeePolicy } from '../../src/channel/feeUpdates.ts';
import { HtlcState } from '../../src/channel/htlcState.ts';
import type { ChannelLimits, ChannelTerms } from '../../src/channel/limits.ts';
import type { ChannelReestablish, Reestablished, Retransmission } from '../../src/channel/reestablish.ts';
import { sha256 } from '../../src/crypto/hashes.ts';

export type Side = 0 | 1;
export const SIDES = [0, 1] as const;
export const other = (side: Side): Side => (1 - side) as Side;

export const LIMITS: ChannelLimits = {
  dustLimitSat: sat(354),
  channelReserveSat: sat(10_000),
  htlcMinimumMsat: msat(1),
  maxHtlcValueInFlightMsat: msat(1_000_000_000),
  maxAcceptedHtlcs: 30,
  toSelfDelay: 144,
  maxDustHtlcExposureMsat: msat(50_000_000),
};
export const TERMS: ChannelTerms = {
  capacitySat: sat(1_000_000),
  feeratePerKw: 2500,
  format: 'anchors_zero_fee_htlc_tx',
};
export const FEE_POLICY: FeePolicy = { feerateMinPerKw: 253, feerateMaxPerKw: 50_000, failsOverDustExposure: false };

export type Wire =
  | { type: 'add'; id: number; amountMsat: Msat; hash: Uint8Array; expiry: number }
  | { type: 'remove'; id: number; preimage: Uint8Array | null }
  | { type: 'fee'; feeratePerKw: number }
  | { type: 'commit' }
  | { type: 'revoke' }
  | { type: 'shutdown' }
  | { type: 'reestablish'; message: ChannelReestablish };

export interface PairOptions {
  readonly terms?: Partial<ChannelTerms>;
  readonly limits?: Partial<ChannelLimits>;
  /** side 0's share of the capacity, msat */
  readonly toOpenerMsat?: number;
  readonly watch?: Watcher;
  /** a write that the nodes leave out, against the rule */
  readonly forgetsToWriteBefore?: (typeof WRITE_BEFORE)[number];
}

/** Told of the moments at which bytes would be made. */
export interface Watcher {
  /** `signer` sends a signature for the other's latest commitment, for the first time or again */
  signed?(signer: Side): void;
  /** `owner` got a signature for its latest commitment, and has not revoked the one before */
  gotSignature?(owner: Side): void;
  /** `side` got the secret of the other's commitment of that number */
  gotSecret?(side: Side, number: number): void;
  /** secrets of the other's commitments that `side` received, by number; without it they are just held */
  secretOfPeer?(side: Side): (number: number) => Uint8Array;
  /** per-commitment secrets of `side` itself */
  ownSecret?(side: Side): (number: number) => Uint8Array;
}

/** Side 0 is the opener. Every HTLC's preimage is derived from a counter, so that either side can be asked to fulfil. */
export class Pair {
  readonly ends: [ChannelEnd<null>, ChannelEnd<null>];
  readonly wires: [Wire[], Wire[]] = [[], []];
  readonly preimages = new Map<string, Uint8Array>();
  /** what side 0 would have if all HTLCs were gone */
  modelMsat: number;
  readonly #inits: [ChannelEndInit, ChannelEndInit];
  readonly #written: [ChannelSnapshot<null>, ChannelSnapshot<null>];
  readonly #owesShutdown: [boolean, boolean] = [false, false];
  readonly #watch: Watcher;
  readonly #writesBefore: readonly string[];

  constructor({ terms = {}, limits = {}, toOpenerMsat, watch = {}, forgetsToWriteBefore }: PairOptions = {}) {
    const all = { ...TERMS, ...terms };
    const capacity = all.capacitySat * 1000;
    const opener = toOpenerMsat ?? capacity / 2;
    const both = { ...LIMITS, ...limits };
    const init = (side: Side): ChannelEndInit => ({
      terms: all,
      localLimits: both,
      remoteLimits: both,
      isOpener: side === 0,
      toLocalMsat: msat(side === 0 ? opener : capacity - opener),
      toRemoteMsat: msat(side === 0 ? capacity - opener : opener),
    });
    const end = (side: Side): ChannelEnd<null> => {
      const made = new ChannelEnd<null>(init(side));
      made.keepHistory();
      made.phase = 'normal';
      return made;
    };
    this.#inits = [init(0), init(1)];
    this.ends = [end(0), end(1)];
    this.#written = [this.#snapshot(0), this.#snapshot(1)];
    this.modelMsat = opener;
    this.#watch = watch;
    this.#writesBefore = WRITE_BEFORE.filter((type) => type !== forgetsToWriteBefore);
  }

  // ── What a node does ───────────────────────────────────────────────────────────────────────────────────────────

  /** Offers an HTLC if the channel allows it. @returns whether it did */
  offer(side: Side, amountMsat: number, expiry = 500): boolean {
    const end = this.ends[side];
    if (end.refusal(msat(amountMsat)) !== null) return false;
    const preimage = sha256(Uint8Array.of(this.preimages.size & 255, this.preimages.size >> 8, 77));
    const hash = sha256(preimage);
    this.preimages.set(String(hash), preimage);
    const htlc = end.offer(msat(amountMsat), hash, expiry, null);
    this.wires[side].push({ type: 'add', id: htlc.id, amountMsat: htlc.amountMsat, hash, expiry });
    return true;
  }

  /** Received HTLCs of a side that may be fulfilled or failed. */
  removable(side: Side): Htlc<null>[] {
    return this.ends[side].htlcs.filter((htlc) => htlc.state === HtlcState.RcvdAddAckRevocation);
  }

  remove(side: Side, htlc: Htlc<null>, fulfil: boolean): void {
    const end = this.ends[side];
    const preimage = fulfil ? this.preimages.get(String(htlc.paymentHash))! : null;
    end.remove(htlc, preimage);
    if (end.isConnected) this.wires[side].push({ type: 'remove', id: htlc.id, preimage });
    if (fulfil) this.modelMsat += side === 0 ? htlc.amountMsat : -htlc.amountMsat;
  }

  /** The opener changes the fee rate if the channel allows it. @returns whether it did */
  fee(feeratePerKw: number): boolean {
    if (this.ends[0].feeRefusal(feeratePerKw) !== null) return false;
    this.ends[0].offerFee(feeratePerKw);
    this.wires[0].push({ type: 'fee', feeratePerKw });
    return true;
  }

  /** Signs if there is something to sign and nothing outstanding. @returns whether it did */
  commit(side: Side): boolean {
    if (!this.ends[side].mayCommit) return false;
    this.ends[side].sendCommit();
    this.#writeBefore('commitment_signed', side);
    this.#watch.signed?.(side);
    this.wires[side].push({ type: 'commit' });
    return true;
  }

  /** Sends `shutdown` if it may. @returns whether it did */
  shutdown(side: Side): boolean {
    if (!this.ends[side].mayShutdown) return false;
    this.ends[side].sendShutdown();
    this.#owesShutdown[side] = false;
    this.#writeBefore('shutdown', side);
    this.wires[side].push({ type: 'shutdown' });
    return true;
  }

  /** The node of that side writes to disk. */
  write(side: Side): void {
    this.#written[side] = this.#snapshot(side);
  }

  #writeBefore(type: (typeof WRITE_BEFORE)[number], side: Side): void {
    if (this.#writesBefore.includes(type)) this.write(side);
  }

  #snapshot(side: Side): ChannelSnapshot<null> {
    return this.ends[side].snapshot((tag) => tag);
  }

  // ── What arrives ───────────────────────────────────────────────────────────────────────────────────────────────

  /** The next message from that side arrives. @returns the violation's name if the receiver objects */
  deliver(from: Side): string | null {
    const message = this.wires[from].shift();
    return message ? this.#receive(other(from), message) : null;
  }

  #receive(side: Side, message: Wire): string | null {
    const end = this.ends[side];
    switch (message.type) {
      case 'add':
        return end.receiveAdd(message.id, message.amountMsat, message.hash, message.expiry, null);
      case 'remove': {
        const htlc = end.receiveRemove(message.id, message.preimage);
        return typeof htlc === 'string' ? htlc : null;
      }
      case 'fee':
        return end.receiveFee(message.feeratePerKw, FEE_POLICY);
      case 'commit': {
        const violation = end.receiveCommit();
        if (violation) return violation;
        this.#watch.gotSignature?.(side);
        end.sendRevoke();
        this.#writeBefore('revoke_and_ack', side);
        this.wires[side].push({ type: 'revoke' });
        return null;
      }
      case 'revoke': {
        const moved = end.receiveRevoke();
        if (typeof moved === 'string') return moved;
        this.#watch.gotSecret?.(side, end.remoteNumber - 1);
        return null;
      }
      case 'shutdown': {
        const violation = end.shutdownViolation();
        if (violation) return violation;
        this.#owesShutdown[side] = end.receiveShutdown();
        return null;
      }
      case 'reestablish': {
        const result = this.#reestablished(side, message.message);
        return result.kind === 'resumed' ? null : result.kind === 'violation' ? result.violation : result.kind;
      }
    }
  }

  #reestablished(side: Side, message: ChannelReestablish): Reestablished<null> {
    const ownSecret = this.#watch.ownSecret?.(side) ?? (() => new Uint8Array(32));
    const result = this.ends[side].receiveReestablish(message, ownSecret);
    if (result.kind === 'resumed') for (const each of result.messages) this.#retransmit(side, each);
    return result;
  }

  #retransmit(side: Side, message: Retransmission<null>): void {
    const wire = this.wires[side];
    switch (message.type) {
      case 'update_add_htlc': {
        const { id, amountMsat, paymentHash: hash, cltvExpiry: expiry } = message.htlc;
        wire.push({ type: 'add', id, amountMsat, hash, expiry });
        return;
      }
      case 'update_fulfill_htlc':
        wire.push({ type: 'remove', id: message.htlc.id, preimage: message.preimage });
        return;
      case 'update_fail_htlc':
        wire.push({ type: 'remove', id: message.htlc.id, preimage: null });
        return;
      case 'update_fee':
        wire.push({ type: 'fee', feeratePerKw: message.feeratePerKw });
        return;
      case 'commitment_signed':
        this.#watch.signed?.(side);
        wire.push({ type: 'commit' });
        return;
      case 'revoke_and_ack':
        wire.push({ type: 'revoke' });
        return;
      case 'shutdown':
        wire.push({ type: 'shutdown' });
    }
  }

  // ── What goes wrong ────────────────────────────────────────────────────────────────────────────────────────────

  get isConnected(): boolean {
    return this.#isConnected;
  }
  #isConnected = true;

  /** The connection breaks: all that is on the wires is lost. */
  disconnect(): void {
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.wires[0].length = this.wires[1].length = 0;
    this.#owesShutdown.fill(false);
    for (const end of this.ends) end.disconnect();
  }

  /** One side loses everything since it last wrote; the other just its connection. @param from an older snapshot */
  crash(side: Side, from: ChannelSnapshot<null> = this.#written[side]): void {
    this.disconnect();
    this.ends[side] = ChannelEnd.restore(this.#inits[side], structuredClone(from), () => null);
  }

  /** The connection is back: both send `channel_reestablish`. */
  connect(): void {
    if (this.#isConnected) return;
    this.#isConnected = true;
    for (const side of SIDES) {
      const message = this.ends[side].reestablish(this.#watch.secretOfPeer?.(side) ?? null);
      this.wires[side].push({ type: 'reestablish', message });
    }
  }

  // ── Until nothing is left to do ────────────────────────────────────────────────────────────────────────────────

  /** Connects, delivers and signs until nothing is left to do. */
  settle(): void {
    this.connect();
    for (let round = 0; round < 1000; round++) {
      const isQuiet = this.wires.every((wire) => wire.length === 0) && !this.ends.some((end) => end.mayCommit);
      if (isQuiet && !SIDES.some((side) => this.answerShutdown(side))) return;
      for (const side of SIDES) {
        this.commit(side);
        const violation = this.deliver(side);
        if (violation) throw new Error(`violation: ${violation}`);
      }
    }
    throw new Error('the channel never falls quiet');
  }

  /** Answers the other's `shutdown` if that is due and may be done. @returns whether it did */
  answerShutdown(side: Side): boolean {
    return this.#owesShutdown[side] && this.shutdown(side);
  }

  /** What a side last wrote. */
  written(side: Side): ChannelSnapshot<null> {
    return this.#written[side];
  }
}
