/**
 * One end of a channel: the BOLT 2 state machine in ledger form.
 *
 * It guards the door of its ledger, which holds what the two latest commitments say (balances, HTLCs and fee rate, all
 * integers): a verb a message, sent or received. It makes no byte: whoever needs a commitment transaction materialises it
 * from `spec()`.
 *
 * After a disconnection: `disconnect`, then `reestablish` and `receiveReestablish`, whose messages go out first. After a
 * crash: `ChannelEnd.restore` of the last `snapshot`, then the same (`channelSnapshot.ts` says when to write one).
 */
import { assert, present } from '../base/assert.ts';
import { equalBytes } from '../base/bytes.ts';
import type { Msat } from '../base/units.ts';
import { sha256 } from '../crypto/hashes.ts';
import * as allowance from './allowance.ts';
import type { AddRefusal, FeeRefusal } from './allowance.ts';
import { ChannelLedger, type ChannelEndInit } from './channelLedger.ts';
import { newMemory, restoreLedger, snapshotOf } from './channelSnapshot.ts';
import type { ChannelPhase, ChannelSnapshot, CommitmentHistory, EndMemory } from './channelSnapshot.ts';
import type { CommitmentSpec } from './commitmentSpec.ts';
import { FeeState, isFeeSigned, type CommitmentView, type FeePolicy } from './feeUpdates.ts';
import { BADONION, CLTV_EXPIRY_BOUND, type Htlc, type Moved } from './htlc.ts';
import { HtlcState } from './htlcState.ts';
import type { ChannelTerms } from './limits.ts';
import type { ProtocolViolation } from './protocolViolation.ts';
import { channelReestablish, forgetUnsigned, judgeReestablish, retransmissions } from './reestablish.ts';
import * as splicing from './spliceCandidate.ts';
import type { ChannelReestablish, Reestablished } from './reestablish.ts';

export type { Htlc, Moved } from './htlc.ts';

export class ChannelEnd<T> {
  history: CommitmentHistory | null = null;
  /** splices that are signed and not locked: every HTLC has to be fine on their fundings, too */
  candidates: readonly splicing.SpliceCandidate[] = splicing.NO_CANDIDATES;
  /** `stfu` was said or heard: no update is sent */
  isSilent = false;
  #ledger: ChannelLedger<T>;
  readonly #memory: EndMemory;
  /** false from a disconnection until the other end's `channel_reestablish` */
  #isConnected = true;
  /** the other end's `shutdown` came since the connection was made */
  #shutdownHeard = false;

  constructor(init: ChannelEndInit, memory: EndMemory = newMemory()) {
    this.#ledger = new ChannelLedger(init);
    this.#memory = memory;
  }

  get ledger(): ChannelLedger<T> {
    return this.#ledger;
  }

  // ── Looking ────────────────────────────────────────────────────────────────────────────────────────────────────

  get phase(): ChannelPhase {
    return this.#memory.phase;
  }

  set phase(phase: ChannelPhase) {
    this.#memory.phase = phase;
  }

  get terms(): ChannelTerms {
    return this.#ledger.terms;
  }

  get isOpener(): boolean {
    return this.#ledger.isOpener;
  }

  /** Every HTLC that is not yet removed from both commitments, in the order in which they came. */
  get htlcs(): readonly Htlc<T>[] {
    return this.#ledger.htlcs;
  }

  /** The number of this end's latest commitment. */
  get localNumber(): number {
    return this.#ledger.localNumber;
  }

  /** The number of the other end's latest commitment that this end signed. */
  get remoteNumber(): number {
    return this.#ledger.remoteNumber;
  }

  /** This end's balance in its own latest commitment. */
  get toLocalMsat(): Msat {
    return this.#ledger.localOurs as Msat;
  }

  /** The other end's balance in this end's latest commitment. */
  get toRemoteMsat(): Msat {
    return this.#ledger.localTheirs as Msat;
  }

  /** The fee rate that both commitments have or are about to have, sat per 1000 weight units. */
  get feeratePerKw(): number {
    return this.#ledger.feerateToBePerKw;
  }

  /** Whether messages may go out: not between a disconnection and the other end's `channel_reestablish`. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Whether the other end proved that this end's commitment is revoked: it must never be broadcast. */
  get fellBehind(): boolean {
    return this.#memory.fellBehind;
  }

  find(offered: boolean, id: number): Htlc<T> | undefined {
    return this.#ledger.find(offered, id);
  }

  /**
   * What a commitment says, from its owner's side.
   * @param which ours; the latest of theirs that we signed; or theirs before that, valid until they revoke it
   */
  spec(which: CommitmentView): CommitmentSpec {
    return this.#ledger.spec(which);
  }

  /** From now on old commitments are kept, so that one can be broadcast or punished. */
  keepHistory(): void {
    this.history ??= { local: [], remote: [] };
  }

  // ── Adding ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The largest HTLC that `offer` would accept now, dust exposure aside, in msat; 0 if none. */
  spendableMsat(): Msat {
    const isOpen = this.phase === 'normal' && this.#isConnected && !this.isSilent;
    return isOpen ? splicing.spliceSpendableMsat(this.#ledger, this.candidates) : (0 as Msat);
  }

  /** Whether an HTLC of that amount may be added now (BOLT 2, `update_add_htlc`, sender); null means yes. */
  refusal(amountMsat: Msat): AddRefusal | null {
    if (this.phase !== 'normal') return 'channel-not-open';
    if (!this.#isConnected) return 'peer-disconnected';
    return this.isSilent ? 'quiescent' : splicing.spliceAddRefusal(this.#ledger, this.candidates, amountMsat);
  }

  /** Offers an HTLC. @returns it, to be told to the other end; @throws InvariantError where `refusal` is not null */
  offer(amountMsat: Msat, paymentHash: Uint8Array, cltvExpiry: number, tag: T): Htlc<T> {
    assert(this.refusal(amountMsat) === null, 'an HTLC is offered only where the channel allows it');
    assert(cltvExpiry < CLTV_EXPIRY_BOUND, 'an HTLC expires at a block height');
    const [id, state, sentOrder] = [this.#memory.nextOfferedId++, HtlcState.SentAddHtlc, ++this.#memory.sentCount];
    const htlc = { id, offered: true, amountMsat, cltvExpiry, paymentHash, state, preimage: null, sentOrder, tag };
    this.#ledger.htlcs.push(htlc);
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
    if (!this.#isConnected) return 'message-before-reestablish';
    if (id !== this.#memory.nextReceivedId) return 'add-out-of-order';
    if (this.#memory.shutdownReceived) return 'add-after-shutdown';
    const violation = splicing.spliceAddViolation(this.#ledger, this.candidates, amountMsat, cltvExpiry);
    if (violation) return violation;
    this.#memory.nextReceivedId++;
    const received = { offered: false, state: HtlcState.RcvdAddHtlc, preimage: null, sentOrder: 0 };
    this.#ledger.htlcs.push({ id, amountMsat, cltvExpiry, paymentHash, ...received, tag });
    return null;
  }

  /** Whether more rides on trimmed HTLCs than this end allows: a further dust HTLC is then failed once it is committed. */
  isOverDustExposure(htlc: Htlc<T>): boolean {
    return allowance.isOverDustExposure(this.#ledger, htlc);
  }

  // ── Removing ───────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Fulfils (with the preimage) or fails (with null) a received HTLC that is irrevocably committed. Without a connection
   * it is decided all the same, and told when the channel is reestablished.
   */
  remove(htlc: Htlc<T>, preimage: Uint8Array | null): void {
    assert(!htlc.offered && htlc.state === HtlcState.RcvdAddAckRevocation, 'only a committed received HTLC is removed');
    htlc.preimage = preimage;
    htlc.state = HtlcState.SentRemoveHtlc;
    htlc.sentOrder = ++this.#memory.sentCount;
  }

  /** `update_fulfill_htlc` or, with null, `update_fail_htlc` arrives. @returns the HTLC, or what the message broke */
  receiveRemove(id: number, preimage: Uint8Array | null): Htlc<T> | ProtocolViolation {
    if (!this.#isConnected) return 'message-before-reestablish';
    const htlc = this.find(true, id);
    if (!htlc || htlc.state !== HtlcState.SentAddAckRevocation) return 'unknown-htlc';
    if (preimage !== null && !equalBytes(sha256(preimage), htlc.paymentHash)) return 'wrong-preimage';
    htlc.preimage = preimage;
    htlc.state = HtlcState.RcvdRemoveHtlc;
    return htlc;
  }

  /** `update_fail_malformed_htlc` arrives. @param failureCode by BOLT 4, which must say that the onion was at fault */
  receiveFailMalformed(id: number, failureCode: number): Htlc<T> | ProtocolViolation {
    return (failureCode & BADONION) === 0 ? 'malformed-without-badonion' : this.receiveRemove(id, null);
  }

  // ── Changing the fee rate ──────────────────────────────────────────────────────────────────────────────────────

  /** Whether this end may send `update_fee` with that rate now, sat per 1000 weight units; null means yes. */
  feeRefusal(feeratePerKw: number): FeeRefusal | null {
    const isOpen = this.phase === 'normal' || (this.phase === 'shutting-down' && this.#ledger.hasLastingHtlc);
    if (!isOpen) return 'channel-not-open';
    if (!this.#isConnected) return 'peer-disconnected';
    if (this.isSilent || this.candidates.length > 0) return 'splice-pending';
    return allowance.feeRefusal(this.#ledger, feeratePerKw);
  }

  /** Sends `update_fee`. @throws InvariantError where `feeRefusal` is not null */
  offerFee(feeratePerKw: number): void {
    assert(this.feeRefusal(feeratePerKw) === null, 'a fee rate is changed only where the channel allows it');
    this.#changeFee(feeratePerKw, FeeState.SentFee);
  }

  /** `update_fee` arrives (BOLT 2, receiver's requirements). @param policy what this end thinks of fee rates now */
  receiveFee(feeratePerKw: number, policy: FeePolicy): ProtocolViolation | null {
    if (!this.#isConnected) return 'message-before-reestablish';
    if (this.mayNegotiateClosing) return 'fee-after-shutdown';
    const violation = allowance.feeViolation(this.#ledger, feeratePerKw, policy);
    if (violation) return violation;
    this.#changeFee(feeratePerKw, FeeState.RcvdFee);
    return null;
  }

  /** A change that no signature covers yet is replaced by the next. */
  #changeFee(feeratePerKw: number, state: FeeState): void {
    const sentOrder = state === FeeState.SentFee ? ++this.#memory.sentCount : 0;
    this.#ledger.keepFeeChanges((change) => isFeeSigned(change.state));
    this.#ledger.feeChanges = [...this.#ledger.feeChanges, { feeratePerKw, state, sentOrder }];
  }

  // ── Committing ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** Whether there is something to sign and no signature is outstanding. */
  get mayCommit(): boolean {
    return !this.#ledger.awaitingRevoke && this.phase !== 'closed' && this.#isConnected && this.#ledger.hasToCommit;
  }

  /** Sends `commitment_signed`, for all updates so far. @returns the number of the commitment signed */
  sendCommit(): number {
    assert(this.mayCommit, 'a commitment is signed only for a change, and not before the last was revoked');
    const ledger = this.#ledger;
    if (this.history) this.history.remote[ledger.remoteNumber] = ledger.spec('remote');
    ledger.step('sendCommit');
    this.#memory.commitOrder = ++this.#memory.sentCount;
    return ledger.remoteNumber;
  }

  /** `commitment_signed` arrives; the caller answers with `sendRevoke` at once (BOLT 2). */
  receiveCommit(): ProtocolViolation | null {
    const ledger = this.#ledger;
    assert(!ledger.owesRevoke, 'a commitment is answered with a revocation at once');
    if (!this.#isConnected) return 'message-before-reestablish';
    const before = this.history && ledger.spec('local');
    if (ledger.step('receiveCommit') === null) return 'empty-commitment';
    if (this.history && before) this.history.local[before.number] = before;
    return null;
  }

  /** Sends `revoke_and_ack` for the commitment before the latest. */
  sendRevoke(): Moved<T> {
    assert(this.#ledger.owesRevoke, 'a revocation answers a commitment');
    this.#memory.revokeOrder = ++this.#memory.sentCount;
    return present(this.#ledger.step('sendRevoke'), 'what a revocation moves');
  }

  /** `revoke_and_ack` arrives. */
  receiveRevoke(): Moved<T> | ProtocolViolation {
    if (!this.#isConnected) return 'message-before-reestablish';
    if (!this.#ledger.awaitingRevoke) return 'unexpected-revocation';
    return present(this.#ledger.step('receiveRevoke'), 'what a revocation moves');
  }

  // ── Shutting down ──────────────────────────────────────────────────────────────────────────────────────────────

  /** Whether `shutdown` may be sent: once, and with no update of this end unsigned (BOLT 2, "Closing Initiation"). */
  get mayShutdown(): boolean {
    return (
      !this.#memory.shutdownSent &&
      this.#isConnected &&
      this.phase !== 'closed' &&
      !this.#ledger.hasUnsignedUpdate('us')
    );
  }

  /** Sends `shutdown`: no more HTLCs from this end. */
  sendShutdown(): void {
    this.#memory.shutdownSent = true;
    if (this.phase !== 'closed') this.phase = 'shutting-down';
  }

  /** What a `shutdown` that arrives now breaks, to be asked before `receiveShutdown`; null for nothing. */
  shutdownViolation(): ProtocolViolation | null {
    if (!this.#isConnected) return 'message-before-reestablish';
    if (this.#shutdownHeard) return 'shutdown-twice';
    return this.#ledger.hasUnsignedUpdate('them') ? 'shutdown-with-pending-updates' : null;
  }

  /** `shutdown` arrives. @returns whether it has to be answered with one, as soon as `mayShutdown` allows it */
  receiveShutdown(): boolean {
    this.#shutdownHeard = true;
    this.#memory.shutdownReceived = true;
    if (this.phase !== 'closed') this.phase = 'shutting-down';
    return !this.#memory.shutdownSent;
  }

  /** Both said `shutdown`, no HTLC is left and all is signed and revoked: the closing fee may be negotiated. */
  get mayNegotiateClosing(): boolean {
    const { shutdownSent, shutdownReceived } = this.#memory;
    return this.phase === 'shutting-down' && shutdownSent && shutdownReceived && this.#ledger.isEmpty;
  }

  // ── Splicing ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** A candidate is the channel from now on. @returns the way back, should the chain take it back before anything else happens */
  adopt(candidate: splicing.SpliceCandidate): () => void {
    const [ledger, history, candidates] = [this.#ledger, this.history, this.candidates];
    this.#ledger = splicing.splicedLedger(ledger, candidate);
    this.history = splicing.splicedHistory(history, candidate);
    this.candidates = splicing.NO_CANDIDATES;
    return () => void ([this.#ledger, this.history, this.candidates] = [ledger, history, candidates]);
  }

  // ── Losing and finding each other ──────────────────────────────────────────────────────────────────────────────

  /**
   * The connection is gone: forgets the updates that no signature covers, on this end as the other does (BOLT 2, "Message
   * Retransmission"). Removals decided here stay.
   * @returns HTLCs that this end had offered and that are gone, to be failed upstream or offered again
   */
  disconnect(): Htlc<T>[] {
    assert(!this.#ledger.owesRevoke, 'a commitment is answered with a revocation at once');
    this.#isConnected = false;
    this.#shutdownHeard = false;
    const forgotten = forgetUnsigned(this.#ledger);
    const dropped = forgotten.filter((htlc) => htlc.offered);
    // both ends give the numbers anew
    this.#memory.nextOfferedId -= dropped.length;
    this.#memory.nextReceivedId -= forgotten.length - dropped.length;
    return dropped;
  }

  /**
   * The connection is back: `channel_reestablish` to send before all else.
   * @param secretOfPeer the other end's per-commitment secrets that this end received, by number, where their bytes are
   *   to be shown; in ledger form they are just held
   */
  reestablish(secretOfPeer: ((number: number) => Uint8Array) | null = null): ChannelReestablish {
    assert(!this.#isConnected, 'a channel is reestablished after a disconnection');
    return channelReestablish(this.#ledger, secretOfPeer);
  }

  /**
   * `channel_reestablish` arrives, after this end sent its own.
   * @param ownSecret this end's per-commitment secret of a number: asked for where the message shows bytes
   * @returns what to send before all else, or what is wrong
   */
  receiveReestablish(message: ChannelReestablish, ownSecret: (number: number) => Uint8Array): Reestablished<T> {
    if (this.#isConnected) return { kind: 'violation', violation: 'unexpected-reestablish' };
    const ledger = this.#ledger;
    const verdict = judgeReestablish(ledger, message, ownSecret);
    this.#memory.fellBehind ||= verdict.kind === 'fell-behind';
    this.#isConnected = verdict.kind === 'resumed';
    if (verdict.kind !== 'resumed') return verdict;
    return {
      kind: 'resumed',
      resendsChannelReady: ledger.localNumber === 0 && message.nextCommitmentNumber === 1,
      messages: retransmissions(ledger, this.#memory, verdict, this.#memory.shutdownSent),
    };
  }

  // ── Remembering ────────────────────────────────────────────────────────────────────────────────────────────────

  /** All that this end is, as plain data. @param saveTag what to write of what the node hangs on an HTLC */
  snapshot<S>(saveTag: (tag: T) => S): ChannelSnapshot<S> {
    return snapshotOf(this.#ledger, this.#memory, this.history, this.candidates, saveTag);
  }

  /** The end that a snapshot was taken of, without a connection. @param init as it was made first */
  static restore<T, S>(init: ChannelEndInit, snapshot: ChannelSnapshot<S>, loadTag: (saved: S) => T): ChannelEnd<T> {
    const end = new ChannelEnd<T>(init, { ...snapshot.memory });
    const { history, splices } = snapshot;
    for (const each of splices.adopted) end.#ledger = splicing.splicedLedger(end.#ledger, each);
    end.candidates = splices.candidates;
    restoreLedger(end.#ledger, snapshot, loadTag);
    end.history = history && { local: history.local.slice(), remote: history.remote.slice() };
    end.disconnect();
    return end;
  }
}
