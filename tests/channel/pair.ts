/** Two ends of one channel with a wire each way, for tests: what one sends the other gets when the test delivers it. */
import { msat, sat, type Msat } from '../../src/base/units.ts';
import { sha256 } from '../../src/crypto/hashes.ts';
import { ChannelEnd, type Htlc } from '../../src/channel/channelEnd.ts';
import { HtlcState } from '../../src/channel/htlcState.ts';
import type { ChannelLimits, ChannelTerms } from '../../src/channel/limits.ts';

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

type Wire =
  | { type: 'add'; id: number; amountMsat: Msat; hash: Uint8Array; expiry: number }
  | { type: 'remove'; id: number; preimage: Uint8Array | null }
  | { type: 'commit' }
  | { type: 'revoke' };

export interface PairOptions {
  readonly terms?: Partial<ChannelTerms>;
  readonly limits?: Partial<ChannelLimits>;
  /** side 0's share of the capacity, msat */
  readonly toOpenerMsat?: number;
}

/** Side 0 is the opener. Every HTLC's preimage is derived from a counter, so that either side can be asked to fulfil. */
export class Pair {
  readonly ends: readonly [ChannelEnd<null>, ChannelEnd<null>];
  readonly wires: readonly [Wire[], Wire[]] = [[], []];
  readonly preimages = new Map<Uint8Array, Uint8Array>();
  /** what side 0 would have if all HTLCs were gone: the model */
  modelMsat: number;

  constructor({ terms = {}, limits = {}, toOpenerMsat }: PairOptions = {}) {
    const all = { ...TERMS, ...terms };
    const capacity = all.capacitySat * 1000;
    const opener = toOpenerMsat ?? capacity / 2;
    const end = (side: 0 | 1): ChannelEnd<null> => {
      const both = { ...LIMITS, ...limits };
      const made = new ChannelEnd<null>({
        terms: all,
        localLimits: both,
        remoteLimits: both,
        isOpener: side === 0,
        toLocalMsat: msat(side === 0 ? opener : capacity - opener),
        toRemoteMsat: msat(side === 0 ? capacity - opener : opener),
      });
      made.keepHistory();
      made.phase = 'normal';
      return made;
    };
    this.ends = [end(0), end(1)];
    this.modelMsat = opener;
  }

  /** Offers an HTLC if the channel allows it. @returns whether it did */
  offer(side: 0 | 1, amountMsat: number, expiry = 500): boolean {
    const end = this.ends[side];
    if (end.refusal(msat(amountMsat)) !== null) return false;
    const preimage = sha256(Uint8Array.of(this.preimages.size & 255, this.preimages.size >> 8, 77));
    const hash = sha256(preimage);
    this.preimages.set(hash, preimage);
    const htlc = end.offer(msat(amountMsat), hash, expiry, null);
    this.wires[side].push({ type: 'add', id: htlc.id, amountMsat: htlc.amountMsat, hash, expiry });
    return true;
  }

  /** Signs if there is something to sign and nothing outstanding. */
  commit(side: 0 | 1): void {
    if (!this.ends[side].mayCommit) return;
    this.ends[side].sendCommit();
    this.wires[side].push({ type: 'commit' });
  }

  /** Received HTLCs of a side that may be fulfilled or failed. */
  removable(side: 0 | 1): Htlc<null>[] {
    return this.ends[side].htlcs.filter((htlc) => htlc.state === HtlcState.RcvdAddAckRevocation);
  }

  remove(side: 0 | 1, htlc: Htlc<null>, fulfil: boolean): void {
    const preimage = fulfil ? this.preimages.get(htlc.paymentHash)! : null;
    this.ends[side].remove(htlc, preimage);
    this.wires[side].push({ type: 'remove', id: htlc.id, preimage });
    if (fulfil) this.modelMsat += side === 0 ? htlc.amountMsat : -htlc.amountMsat;
  }

  /** The next message from that side arrives. @returns the violation's name if the receiver objects */
  deliver(from: 0 | 1): string | null {
    const message = this.wires[from].shift();
    if (!message) return null;
    const side = (1 - from) as 0 | 1;
    const end = this.ends[side];
    switch (message.type) {
      case 'add':
        return end.receiveAdd(message.id, message.amountMsat, message.hash, message.expiry, null);
      case 'remove': {
        const htlc = end.receiveRemove(message.id, message.preimage);
        return typeof htlc === 'string' ? htlc : null;
      }
      case 'commit': {
        const violation = end.receiveCommit();
        if (violation) return violation;
        end.sendRevoke();
        this.wires[side].push({ type: 'revoke' });
        return null;
      }
      case 'revoke': {
        const moved = end.receiveRevoke();
        return typeof moved === 'string' ? moved : null;
      }
    }
  }

  /** Delivers and signs until nothing is left to do. */
  settle(): void {
    for (let round = 0; round < 1000; round++) {
      if (this.wires[0].length + this.wires[1].length === 0 && !this.ends[0].mayCommit && !this.ends[1].mayCommit)
        return;
      for (const side of [0, 1] as const) {
        this.commit(side);
        const violation = this.deliver(side);
        if (violation) throw new Error(`violation: ${violation}`);
      }
    }
    throw new Error('the channel never falls quiet');
  }
}
