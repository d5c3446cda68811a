/**
 * One end of a channel: the BOLT 2 state machine in ledger form.
 *
 * It holds what the two latest commitments say (balances and HTLCs, all integers) and moves them by the messages of
 * "Normal Operation". It makes no byte: whoever needs a commitment transaction materialises it from `spec()`.
 */
import { assert } from '../base/assert.ts';
import { equalBytes } from '../base/bytes.ts';
import { msat, satToMsat, type Msat, type Sat } from '../base/units.ts';
import { sha256 } from '../crypto/hashes.ts';
import {
  ANCHOR_SAT,
  commitmentFeeSat,
  hasAnchors,
  isTrimmed,
  type CommitmentSpec,
  type HtlcSpec,
} from './commitmentSpec.ts';
import {
  advance,
  awaitsOurCommit,
  HtlcState,
  inLocalCommitment,
  inRemoteCommitment,
  inRemoteCommitmentBefore,
  isBeingRemoved,
  isIrrevocable,
  isRemoved,
  type Step,
} from './htlcState.ts';
import type { ChannelLimits, ChannelTerms } from './limits.ts';

/** An HTLC on one end. `T` is what the node attaches to it; the channel never looks inside. */
export interface Htlc<T> {
  readonly id: number;
  /** offered by this end; received otherwise */
  readonly offered: boolean;
  readonly amountMsat: Msat;
  readonly cltvExpiry: number;
  readonly paymentHash: Uint8Array;
  state: HtlcState;
  /** set when it is fulfilled; a removal without it is a failure */
  preimage: Uint8Array | null;
  tag: T;
}

/** Why this end may not add an HTLC now: a value, not an error. */
export type AddRefusal =
  | 'channel-not-open'
  | 'amount-below-minimum'
  | 'too-many-htlcs'
  | 'in-flight-limit'
  | 'insufficient-balance'
  | 'opener-cannot-pay-fee'
  | 'dust-exposure';

/** A message that breaks BOLT 2: the receiver fails the channel, naming this. */
export type ProtocolViolation =
  | 'add-out-of-order'
  | 'add-after-shutdown'
  | 'add-below-minimum'
  | 'add-too-many'
  | 'add-over-in-flight-limit'
  | 'add-over-balance'
  | 'unknown-htlc'
  | 'wrong-preimage'
  | 'empty-commitment'
  | 'unexpected-revocation';

/** HTLCs that a message brought to a resting place. */
export interface Moved<T> {
  /** irrevocably committed on both sides: a received one may now be forwarded or fulfilled */
  readonly committed: readonly Htlc<T>[];
  /** gone from both sides: an offered one that failed may now be failed upstream */
  readonly removed: readonly Htlc<T>[];
}

/** What was, by commitment number: kept only on ends where an old commitment can come up. */
export interface CommitmentHistory {
  /** revoked or current commitments of this end */
  readonly local: CommitmentSpec[];
  /** those of the other end; the `local` inside is the other end */
  readonly remote: CommitmentSpec[];
}

export type ChannelPhase = 'opening' | 'normal' | 'shutting-down' | 'closed';

/** What both ends start from. */
export interface ChannelEndInit {
  readonly terms: ChannelTerms;
  /** what this end announced */
  readonly localLimits: ChannelLimits;
  /** what the other end announced */
  readonly remoteLimits: ChannelLimits;
  readonly isOpener: boolean;
  readonly toLocalMsat: Msat;
  readonly toRemoteMsat: Msat;
}

const NOTHING_MOVED: Moved<never> = { committed: [], removed: [] };

/** HTLCs beyond those there are that an opener must be able to pay for (BOLT 2, fee spike buffer). */
const FEE_BUFFER_HTLCS = 1;
/** The fee rate rise that an opener must be able to pay for. */
const FEE_BUFFER_FACTOR = 2;

export class ChannelEnd<T> {
  readonly terms: ChannelTerms;
  readonly localLimits: ChannelLimits;
  readonly remoteLimits: ChannelLimits;
  readonly isOpener: boolean;
  phase: ChannelPhase = 'opening';
  /** every HTLC that is not yet removed from both commitments, in the order in which they came */
  htlcs: Htlc<T>[] = [];
  /** numbers of the latest commitments: ours, and theirs that we signed */
  localNumber = 0;
  remoteNumber = 0;
  /** we signed, they have not revoked yet: two commitments of theirs are valid */
  awaitingRevoke = false;
  history: CommitmentHistory | null = null;
  // balances in the latest commitment of each side, HTLCs taken out
  #localOurs: number;
  #localTheirs: number;
  #remoteOurs: number;
  #remoteTheirs: number;
  #nextOfferedId = 0;
  #nextReceivedId = 0;
  #shutdownSent = false;
  #shutdownReceived = false;

  constructor(init: ChannelEndInit) {
    assert(
      init.toLocalMsat + init.toRemoteMsat === satToMsat(init.terms.capacitySat),
      'the opening balances add up to the capacity',
    );
    this.terms = init.terms;
    this.localLimits = init.localLimits;
    this.remoteLimits = init.remoteLimits;
    this.isOpener = init.isOpener;
    this.#localOurs = this.#remoteOurs = init.toLocalMsat;
    this.#localTheirs = this.#remoteTheirs = init.toRemoteMsat;
  }

  /** This end's balance in its own latest commitment. */
  get toLocalMsat(): Msat {
    return this.#localOurs as Msat;
  }

  /** The other end's balance in this end's latest commitment. */
  get toRemoteMsat(): Msat {
    return this.#localTheirs as Msat;
  }

  /** From now on old commitments are kept, so that one can be broadcast or punished. */
  keepHistory(): void {
    this.history ??= { local: [], remote: [] };
  }

  // ── Adding ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The largest HTLC that `offer` would accept now, in msat; 0 if none. */
  spendableMsat(): Msat {
    if (this.phase !== 'normal') return 0 as Msat;
    let balance = this.#remoteOurs;
    let inFlight = 0;
    let slots = 0;
    for (const htlc of this.htlcs) {
      if (!htlc.offered) continue;
      if (htlc.state === HtlcState.SentAddHtlc) balance -= htlc.amountMsat;
      else if (!inRemoteCommitment(htlc.state)) continue;
      inFlight += htlc.amountMsat;
      slots++;
    }
    if (slots >= this.remoteLimits.maxAcceptedHtlcs) return 0 as Msat;
    if (!this.isOpener && !this.#remoteOpenerCanPay()) return 0 as Msat;
    const kept = satToMsat(this.remoteLimits.channelReserveSat) + (this.isOpener ? this.#feeBufferMsat() : 0);
    const most = Math.min(balance - kept, this.remoteLimits.maxHtlcValueInFlightMsat - inFlight);
    return most < this.remoteLimits.htlcMinimumMsat ? (0 as Msat) : (Math.max(0, most) as Msat);
  }

  /** Whether an HTLC of that amount may be added now (BOLT 2, `update_add_htlc`, sender); null means yes. */
  refusal(amountMsat: Msat): AddRefusal | null {
    if (this.phase !== 'normal') return 'channel-not-open';
    if (amountMsat <= 0 || amountMsat < this.remoteLimits.htlcMinimumMsat) return 'amount-below-minimum';
    let balance = this.#remoteOurs - amountMsat;
    let inFlight: number = amountMsat;
    let slots = 1;
    for (const htlc of this.htlcs) {
      if (!htlc.offered) continue;
      if (htlc.state === HtlcState.SentAddHtlc) balance -= htlc.amountMsat;
      else if (!inRemoteCommitment(htlc.state)) continue;
      inFlight += htlc.amountMsat;
      slots++;
    }
    if (slots > this.remoteLimits.maxAcceptedHtlcs) return 'too-many-htlcs';
    if (inFlight > this.remoteLimits.maxHtlcValueInFlightMsat) return 'in-flight-limit';
    const kept = satToMsat(this.remoteLimits.channelReserveSat) + (this.isOpener ? this.#feeBufferMsat() : 0);
    if (balance < kept) return 'insufficient-balance';
    if (!this.isOpener && !this.#remoteOpenerCanPay()) return 'opener-cannot-pay-fee';
    const exposureBefore = this.#dustExposureMsat('remote', 0);
    const exposure = this.#dustExposureMsat('remote', amountMsat);
    if (exposure > exposureBefore && exposure > this.localLimits.maxDustHtlcExposureMsat) return 'dust-exposure';
    return null;
  }

  /** Offers an HTLC. @returns it, to be told to the other end; @throws InvariantError where `refusal` is not null */
  offer(amountMsat: Msat, paymentHash: Uint8Array, cltvExpiry: number, tag: T): Htlc<T> {
    assert(this.refusal(amountMsat) === null, 'an HTLC is offered only where the channel allows it');
    const htlc: Htlc<T> = {
      id: this.#nextOfferedId++,
      offered: true,
      amountMsat,
      cltvExpiry,
      paymentHash,
      state: HtlcState.SentAddHtlc,
      preimage: null,
      tag,
    };
    this.htlcs.push(htlc);
    return htlc;
  }

  /** `update_add_htlc` arrives (BOLT 2, receiver's requirements). */
  receiveAdd(
    id: number,
    amountMsat: Msat,
    paymentHash: Uint8Array,
    cltvExpiry: number,
    tag: T,
  ): ProtocolViolation | null {
    if (id !== this.#nextReceivedId) return 'add-out-of-order';
    if (this.#shutdownReceived) return 'add-after-shutdown';
    const limits = this.localLimits;
    if (amountMsat <= 0 || amountMsat < limits.htlcMinimumMsat) return 'add-below-minimum';
    let balance = this.#localTheirs - amountMsat;
    let inFlight: number = amountMsat;
    let slots = 1;
    for (const htlc of this.htlcs) {
      if (htlc.offered) continue;
      if (htlc.state === HtlcState.RcvdAddHtlc) balance -= htlc.amountMsat;
      else if (!inLocalCommitment(htlc.state)) continue;
      inFlight += htlc.amountMsat;
      slots++;
    }
    if (slots > limits.maxAcceptedHtlcs) return 'add-too-many';
    if (inFlight > limits.maxHtlcValueInFlightMsat) return 'add-over-in-flight-limit';
    const fee = this.isOpener ? 0 : this.#openerPaysMsat(this.terms.feeratePerKw, this.#untrimmed('local', 1));
    if (balance < satToMsat(limits.channelReserveSat) + fee) return 'add-over-balance';
    this.#nextReceivedId++;
    this.htlcs.push({
      id,
      offered: false,
      amountMsat,
      cltvExpiry,
      paymentHash,
      state: HtlcState.RcvdAddHtlc,
      preimage: null,
      tag,
    });
    return null;
  }

  // ── Removing ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** Fulfils (with the preimage) or fails (with null) a received HTLC that is irrevocably committed. */
  remove(htlc: Htlc<T>, preimage: Uint8Array | null): void {
    assert(!htlc.offered && htlc.state === HtlcState.RcvdAddAckRevocation, 'only a committed received HTLC is removed');
    htlc.preimage = preimage;
    htlc.state = HtlcState.SentRemoveHtlc;
  }

  /** `update_fulfill_htlc` or, with null, `update_fail_htlc` arrives. @returns the HTLC, or what the message broke */
  receiveRemove(id: number, preimage: Uint8Array | null): Htlc<T> | ProtocolViolation {
    const htlc = this.find(true, id);
    if (!htlc || htlc.state !== HtlcState.SentAddAckRevocation) return 'unknown-htlc';
    if (preimage !== null && !equalBytes(sha256(preimage), htlc.paymentHash)) return 'wrong-preimage';
    htlc.preimage = preimage;
    htlc.state = HtlcState.RcvdRemoveHtlc;
    return htlc;
  }

  // ── Committing ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** Whether there is something to sign and no signature is outstanding. */
  get mayCommit(): boolean {
    return !this.awaitingRevoke && this.phase !== 'closed' && this.htlcs.some((htlc) => awaitsOurCommit(htlc.state));
  }

  /** Sends `commitment_signed`. @returns the number of the commitment signed */
  sendCommit(): number {
    assert(this.mayCommit, 'a commitment is signed only for a change, and not before the last was revoked');
    if (this.history) this.history.remote[this.remoteNumber] = this.spec('remote');
    this.#step('sendCommit');
    this.awaitingRevoke = true;
    return ++this.remoteNumber;
  }

  /** `commitment_signed` arrives; the caller answers with `sendRevoke` at once (BOLT 2). */
  receiveCommit(): ProtocolViolation | null {
    if (this.history) this.history.local[this.localNumber] = this.spec('local');
    if (!this.#step('receiveCommit').changed) return 'empty-commitment';
    this.localNumber++;
    return null;
  }

  /** Sends `revoke_and_ack` for the commitment before the latest. */
  sendRevoke(): Moved<T> {
    return this.#step('sendRevoke').moved;
  }

  /** `revoke_and_ack` arrives. */
  receiveRevoke(): Moved<T> | ProtocolViolation {
    if (!this.awaitingRevoke) return 'unexpected-revocation';
    this.awaitingRevoke = false;
    return this.#step('receiveRevoke').moved;
  }

  #step(step: Step): { changed: boolean; moved: Moved<T> } {
    let changed = false;
    let committed: Htlc<T>[] | null = null;
    let removed: Htlc<T>[] | null = null;
    for (const htlc of this.htlcs) {
      const before = htlc.state;
      const after = advance(before, step);
      if (after === before) continue;
      changed = true;
      htlc.state = after;
      if (inLocalCommitment(before) !== inLocalCommitment(after))
        this.#moveBalance('local', htlc, inLocalCommitment(after));
      if (inRemoteCommitment(before) !== inRemoteCommitment(after))
        this.#moveBalance('remote', htlc, inRemoteCommitment(after));
      if (isIrrevocable(after)) (committed ??= []).push(htlc);
      else if (isRemoved(after)) (removed ??= []).push(htlc);
    }
    if (removed) this.htlcs = this.htlcs.filter((htlc) => !isRemoved(htlc.state));
    if (!committed && !removed) return { changed, moved: NOTHING_MOVED };
    return { changed, moved: { committed: committed ?? [], removed: removed ?? [] } };
  }

  /** An HTLC enters a commitment at its offerer's cost, and leaves it to the one it ended for. */
  #moveBalance(side: 'local' | 'remote', htlc: Htlc<T>, enters: boolean): void {
    const amount = enters ? -htlc.amountMsat : htlc.amountMsat;
    const ours = enters || htlc.preimage === null ? htlc.offered : !htlc.offered;
    if (side === 'local') {
      if (ours) this.#localOurs += amount;
      else this.#localTheirs += amount;
    } else {
      if (ours) this.#remoteOurs += amount;
      else this.#remoteTheirs += amount;
    }
  }

  // ── Shutting down ──────────────────────────────────────────────────────────────────────────────────────────────

  /** Sends `shutdown`: no more HTLCs from this end. */
  sendShutdown(): void {
    this.#shutdownSent = true;
    if (this.phase === 'normal') this.phase = 'shutting-down';
  }

  /** `shutdown` arrives. @returns whether it has to be answered with one */
  receiveShutdown(): boolean {
    this.#shutdownReceived = true;
    if (this.phase === 'normal') this.phase = 'shutting-down';
    return !this.#shutdownSent;
  }

  /** Both said `shutdown` and no HTLC is left: the closing fee may be negotiated. */
  get mayNegotiateClosing(): boolean {
    return this.phase === 'shutting-down' && this.#shutdownSent && this.#shutdownReceived && this.htlcs.length === 0;
  }

  // ── Looking ────────────────────────────────────────────────────────────────────────────────────────────────────

  find(offered: boolean, id: number): Htlc<T> | undefined {
    return this.htlcs.find((htlc) => htlc.id === id && htlc.offered === offered);
  }

  /**
   * What a commitment says, from its owner's side.
   * @param which ours; the latest of theirs that we signed; or theirs before that, valid until they revoke it
   */
  spec(which: 'local' | 'remote' | 'remote-before'): CommitmentSpec {
    if (which === 'local') {
      return this.#specOf(inLocalCommitment, true, this.localNumber, this.#localOurs, this.#localTheirs);
    }
    if (which === 'remote' || !this.awaitingRevoke) {
      return this.#specOf(inRemoteCommitment, false, this.remoteNumber, this.#remoteTheirs, this.#remoteOurs);
    }
    let ours = this.#remoteOurs;
    let theirs = this.#remoteTheirs;
    for (const htlc of this.htlcs) {
      const before = inRemoteCommitmentBefore(htlc.state);
      if (before === inRemoteCommitment(htlc.state)) continue;
      const toOurs = !before || htlc.preimage === null ? htlc.offered : !htlc.offered;
      if (toOurs) ours += before ? -htlc.amountMsat : htlc.amountMsat;
      else theirs += before ? -htlc.amountMsat : htlc.amountMsat;
    }
    return this.#specOf(inRemoteCommitmentBefore, false, this.remoteNumber - 1, theirs, ours);
  }

  #specOf(
    holds: (state: HtlcState) => boolean,
    ownedByUs: boolean,
    number: number,
    ownersMsat: number,
    othersMsat: number,
  ): CommitmentSpec {
    const htlcs: HtlcSpec[] = [];
    for (const htlc of this.htlcs) {
      if (!holds(htlc.state)) continue;
      const { id, amountMsat, cltvExpiry, paymentHash } = htlc;
      htlcs.push({ offered: htlc.offered === ownedByUs, id, amountMsat, cltvExpiry, paymentHash });
    }
    return {
      number,
      toLocalMsat: msat(ownersMsat),
      toRemoteMsat: msat(othersMsat),
      htlcs,
      feeratePerKw: this.terms.feeratePerKw,
      ownerIsOpener: this.isOpener === ownedByUs,
    };
  }

  /** What each commitment adds up to, in msat, counted afresh: the auditor holds both against the capacity. */
  countedMsat(): { local: number; remote: number } {
    let local = this.#localOurs + this.#localTheirs;
    let remote = this.#remoteOurs + this.#remoteTheirs;
    for (const htlc of this.htlcs) {
      if (inLocalCommitment(htlc.state)) local += htlc.amountMsat;
      if (inRemoteCommitment(htlc.state)) remote += htlc.amountMsat;
    }
    return { local, remote };
  }

  /** Breaks the ledger by `amountMsat`: for the drill that proves the auditor awake, and nothing else. */
  corruptBalance(amountMsat: number): void {
    this.#localOurs += amountMsat;
  }

  // ── Fees ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #openerPaysMsat(feeratePerKw: number, untrimmed: number): number {
    const anchors = hasAnchors(this.terms.format) ? 2 * ANCHOR_SAT : 0;
    return satToMsat((commitmentFeeSat(this.terms.format, feeratePerKw, untrimmed) + anchors) as Sat);
  }

  /** What an opener keeps back: the fee of the other's commitment with one more HTLC and twice the fee rate. */
  #feeBufferMsat(): number {
    const untrimmed = this.#untrimmed('remote', 1 + FEE_BUFFER_HTLCS);
    return this.#openerPaysMsat(FEE_BUFFER_FACTOR * this.terms.feeratePerKw, untrimmed);
  }

  /** Whether the other end, being the opener, could still pay for one HTLC more in its own commitment. */
  #remoteOpenerCanPay(): boolean {
    const fee = this.#openerPaysMsat(this.terms.feeratePerKw, this.#untrimmed('remote', 1));
    return this.#remoteTheirs >= satToMsat(this.localLimits.channelReserveSat) + fee;
  }

  /**
   * HTLC outputs in the next commitment of a side, plus `more`.
   *
   * For their side, before we offer: all that is in it or proposed by anyone. For our side, when they offer: only what
   * they knew of when they did, which is what is in it, what they proposed, and what of ours they had acknowledged.
   */
  #untrimmed(side: 'local' | 'remote', more: number): number {
    const { format, feeratePerKw } = this.terms;
    const dustLimit = side === 'local' ? this.localLimits.dustLimitSat : this.remoteLimits.dustLimitSat;
    let count = more;
    for (const { state, offered, amountMsat } of this.htlcs) {
      const counts =
        side === 'local'
          ? inLocalCommitment(state) || state === HtlcState.RcvdAddHtlc || state === HtlcState.RcvdAddRevocation
          : inRemoteCommitment(state) || !isBeingRemoved(state);
      if (counts && !isTrimmed(format, feeratePerKw, dustLimit, offered === (side === 'local'), amountMsat)) count++;
    }
    return count;
  }

  /**
   * All that rides on trimmed HTLCs in a side's commitment (BOLT 2, "Bounding exposure to trimmed in-flight HTLCs").
   * @param offeringMsat an HTLC that this end is about to offer; 0 for none
   */
  #dustExposureMsat(side: 'local' | 'remote', offeringMsat: number): number {
    const { format, feeratePerKw } = this.terms;
    const dustLimit = side === 'local' ? this.localLimits.dustLimitSat : this.remoteLimits.dustLimitSat;
    const exposed = (offered: boolean, amountMsat: number): number =>
      isTrimmed(format, feeratePerKw, dustLimit, offered === (side === 'local'), amountMsat as Msat) ? amountMsat : 0;
    let exposure = exposed(true, offeringMsat);
    for (const htlc of this.htlcs) exposure += exposed(htlc.offered, htlc.amountMsat);
    return exposure;
  }

  /** Whether more rides on trimmed HTLCs than this end allows: a further dust HTLC is then failed once it is committed. */
  isOverDustExposure(htlc: Htlc<T>): boolean {
    const { format, feeratePerKw } = this.terms;
    const isDust = isTrimmed(format, feeratePerKw, this.localLimits.dustLimitSat, htlc.offered, htlc.amountMsat);
    return isDust && this.#dustExposureMsat('local', 0) > this.localLimits.maxDustHtlcExposureMsat;
  }
}
