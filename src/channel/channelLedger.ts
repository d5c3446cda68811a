/**
 * What the two latest commitments of a channel say, as one end holds them: balances, HTLCs and fee rate, all integers,
 * and the four messages of BOLT 2, "Normal Operation", that move them. It asks nobody for permission: `channelEnd.ts`
 * guards its door.
 */
import { assert } from '../base/assert.ts';
import { msat, satToMsat, type Msat } from '../base/units.ts';
import type { CommitmentSpec, HtlcSpec } from './commitmentSpec.ts';
import {
  advanceFee,
  feeAwaitsOurCommit,
  FeeState,
  holdsFee,
  isFeeIrrevocable,
  NO_FEE_CHANGES,
  type CommitmentView,
  type FeeChange,
} from './feeUpdates.ts';
import { NOTHING_MOVED, type Htlc, type Moved } from './htlc.ts';
import {
  advance,
  awaitsOurCommit,
  inLocalCommitment,
  inRemoteCommitment,
  inRemoteCommitmentBefore,
  isBeingRemoved,
  isIrrevocable,
  isRemoved,
  isUnsignedByThem,
  isUnsignedByUs,
  type HtlcState,
  type Step,
} from './htlcState.ts';
import type { ChannelLimits, ChannelTerms } from './limits.ts';
import type { SpliceCandidate } from './spliceCandidate.ts';

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

export class ChannelLedger<T> {
  readonly terms: ChannelTerms;
  readonly localLimits: ChannelLimits;
  readonly remoteLimits: ChannelLimits;
  readonly isOpener: boolean;
  /** every HTLC that is not yet removed from both commitments, in the order in which they came */
  htlcs: Htlc<T>[] = [];
  /** changes of the fee rate that are not yet in both commitments for good, oldest first */
  feeChanges: readonly FeeChange[] = NO_FEE_CHANGES;
  /** sat per 1000 weight units, before those changes */
  feeratePerKw: number;
  /** numbers of the latest commitments: ours, and theirs that we signed */
  localNumber = 0;
  remoteNumber = 0;
  /** we signed, they have not revoked yet: two commitments of theirs are valid */
  awaitingRevoke = false;
  /** they signed, we have not revoked yet: two commitments of ours are valid */
  owesRevoke = false;
  /** splices that it went through, oldest first */
  adopted: readonly SpliceCandidate[] = [];
  // balances in the latest commitment of each side, HTLCs taken out, msat
  localOurs: number;
  localTheirs: number;
  remoteOurs: number;
  remoteTheirs: number;

  constructor(init: ChannelEndInit) {
    assert(
      init.toLocalMsat + init.toRemoteMsat === satToMsat(init.terms.capacitySat),
      'the opening balances add up to the capacity',
    );
    this.terms = init.terms;
    this.localLimits = init.localLimits;
    this.remoteLimits = init.remoteLimits;
    this.isOpener = init.isOpener;
    this.feeratePerKw = init.terms.feeratePerKw;
    this.localOurs = this.remoteOurs = init.toLocalMsat;
    this.localTheirs = this.remoteTheirs = init.toRemoteMsat;
  }

  // ── Moving ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Whether the next signature would sign anything. */
  get hasToCommit(): boolean {
    for (const htlc of this.htlcs) if (awaitsOurCommit(htlc.state)) return true;
    for (const change of this.feeChanges) if (feeAwaitsOurCommit(change.state)) return true;
    return false;
  }

  /** Whether an HTLC is there that nobody is removing: whatever is proposed now will be signed before the last is gone. */
  get hasLastingHtlc(): boolean {
    return this.htlcs.some(({ state }) => !isBeingRemoved(state));
  }

  /** Whether no HTLC is left, no change is on its way and no revocation is due. */
  get isEmpty(): boolean {
    return this.htlcs.length === 0 && this.feeChanges.length === 0 && !this.awaitingRevoke && !this.owesRevoke;
  }

  /** Whether an update that one end proposed is in no commitment yet. */
  hasUnsignedUpdate(by: 'us' | 'them'): boolean {
    const isUnsigned = by === 'us' ? isUnsignedByUs : isUnsignedByThem;
    const fee = by === 'us' ? FeeState.SentFee : FeeState.RcvdFee;
    return this.htlcs.some(({ state }) => isUnsigned(state)) || this.feeChanges.some(({ state }) => state === fee);
  }

  /** Takes one of the four messages. @returns HTLCs that came to rest; null if there was nothing to move, and nothing is changed */
  step(step: Step): Moved<T> | null {
    let changed = false;
    let committed: Htlc<T>[] | null = null;
    let removed: Htlc<T>[] | null = null;
    for (const htlc of this.htlcs) {
      const before = htlc.state;
      const after = advance(before, step);
      if (after === before) continue;
      changed = true;
      htlc.state = after;
      if (inLocalCommitment(before) !== inLocalCommitment(after)) this.#move('local', htlc, inLocalCommitment(after));
      if (inRemoteCommitment(before) !== inRemoteCommitment(after))
        this.#move('remote', htlc, inRemoteCommitment(after));
      if (isIrrevocable(after)) (committed ??= []).push(htlc);
      else if (isRemoved(after)) (removed ??= []).push(htlc);
    }
    if (removed) this.htlcs = this.htlcs.filter((htlc) => !isRemoved(htlc.state));
    if (this.feeChanges.length > 0) changed = this.#stepFees(step) || changed;
    if (!changed) return null;
    this.#count(step);
    if (!committed && !removed) return NOTHING_MOVED;
    return { committed: committed ?? [], removed: removed ?? [] };
  }

  #count(step: Step): void {
    switch (step) {
      case 'sendCommit':
        this.remoteNumber++;
        this.awaitingRevoke = true;
        return;
      case 'receiveRevoke':
        this.awaitingRevoke = false;
        return;
      case 'receiveCommit':
        this.localNumber++;
        this.owesRevoke = true;
        return;
      case 'sendRevoke':
        this.owesRevoke = false;
    }
  }

  #stepFees(step: Step): boolean {
    let changed = false;
    for (const change of this.feeChanges) {
      const after = advanceFee(change.state, step);
      if (after === change.state) continue;
      changed = true;
      change.state = after;
      if (isFeeIrrevocable(after)) this.feeratePerKw = change.feeratePerKw;
    }
    if (changed) this.keepFeeChanges((change) => !isFeeIrrevocable(change.state));
    return changed;
  }

  /** Drops the changes that `keeps` does not hold for. */
  keepFeeChanges(keeps: (change: FeeChange) => boolean): void {
    const kept = this.feeChanges.filter(keeps);
    this.feeChanges = kept.length === 0 ? NO_FEE_CHANGES : kept;
  }

  /** An HTLC enters a commitment at its offerer's cost, and leaves it to the one it ended for. */
  #move(side: 'local' | 'remote', htlc: Htlc<T>, enters: boolean): void {
    const amount = enters ? -htlc.amountMsat : htlc.amountMsat;
    const ours = enters || htlc.preimage === null ? htlc.offered : !htlc.offered;
    if (side === 'local') {
      if (ours) this.localOurs += amount;
      else this.localTheirs += amount;
    } else {
      if (ours) this.remoteOurs += amount;
      else this.remoteTheirs += amount;
    }
  }

  // ── Looking ────────────────────────────────────────────────────────────────────────────────────────────────────

  find(offered: boolean, id: number): Htlc<T> | undefined {
    for (const htlc of this.htlcs) if (htlc.id === id && htlc.offered === offered) return htlc;
    return undefined;
  }

  /** The fee rate of a commitment, sat per 1000 weight units: that of the latest change that it holds. */
  feerateOf(which: CommitmentView): number {
    let feerate = this.feeratePerKw;
    for (const change of this.feeChanges) if (holdsFee(change.state, which)) feerate = change.feeratePerKw;
    return feerate;
  }

  /** The fee rate that both commitments will have when all changes on their way have arrived. */
  get feerateToBePerKw(): number {
    return this.feeChanges.at(-1)?.feeratePerKw ?? this.feeratePerKw;
  }

  /** The highest fee rate among the commitments and the changes on their way: what the opener must be able to pay. */
  get feerateHighestPerKw(): number {
    let highest = this.feeratePerKw;
    for (const change of this.feeChanges) highest = Math.max(highest, change.feeratePerKw);
    return highest;
  }

  /** What a commitment says, from its owner's side. */
  spec(which: CommitmentView): CommitmentSpec {
    if (which === 'local') {
      return this.#specOf(which, inLocalCommitment, this.localNumber, this.localOurs, this.localTheirs);
    }
    if (which === 'remote' || !this.awaitingRevoke) {
      return this.#specOf('remote', inRemoteCommitment, this.remoteNumber, this.remoteTheirs, this.remoteOurs);
    }
    let ours = this.remoteOurs;
    let theirs = this.remoteTheirs;
    for (const htlc of this.htlcs) {
      const before = inRemoteCommitmentBefore(htlc.state);
      if (before === inRemoteCommitment(htlc.state)) continue;
      const toOurs = !before || htlc.preimage === null ? htlc.offered : !htlc.offered;
      if (toOurs) ours += before ? -htlc.amountMsat : htlc.amountMsat;
      else theirs += before ? -htlc.amountMsat : htlc.amountMsat;
    }
    return this.#specOf(which, inRemoteCommitmentBefore, this.remoteNumber - 1, theirs, ours);
  }

  #specOf(
    which: CommitmentView,
    holds: (state: HtlcState) => boolean,
    number: number,
    ownersMsat: number,
    othersMsat: number,
  ): CommitmentSpec {
    const ownedByUs = which === 'local';
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
      feeratePerKw: this.feerateOf(which),
      ownerIsOpener: this.isOpener === ownedByUs,
    };
  }

  /** What each commitment adds up to, in msat, counted afresh: the auditor holds both against the capacity. */
  countedMsat(): { local: number; remote: number } {
    let local = this.localOurs + this.localTheirs;
    let remote = this.remoteOurs + this.remoteTheirs;
    for (const htlc of this.htlcs) {
      if (inLocalCommitment(htlc.state)) local += htlc.amountMsat;
      if (inRemoteCommitment(htlc.state)) remote += htlc.amountMsat;
    }
    return { local, remote };
  }
}
