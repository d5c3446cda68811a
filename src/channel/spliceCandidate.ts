/**
 * A splice that may become the channel (BOLT 2, "Splice Completion"): another funding output, with what each end put in or
 * took out. Until both ends say `splice_locked` the old funding and every candidate are all alive: one ledger moves, and
 * each funding has commitments that say the same, but for the contributions.
 */
import { assert } from '../base/assert.ts';
import type { Msat, Sat } from '../base/units.ts';
import { satToMsat } from '../base/units.ts';
import type { OutPoint, Txid } from '../chain/transaction.ts';
import { namedSecret } from '../crypto/keyDerivation.ts';
import { addRefusal, addViolation, spendableMsat, type AddRefusal } from './allowance.ts';
import { ChannelLedger } from './channelLedger.ts';
import type { CommitmentHistory } from './channelSnapshot.ts';
import type { CommitmentSpec } from './commitmentSpec.ts';
import { dualFundedReserveSat } from './dualFunding.ts';
import { channelPoints, type ChannelSecrets } from './keys.ts';
import type { CommitmentView } from './feeUpdates.ts';
import type { ChannelLimits } from './limits.ts';
import type { ChannelMaterial } from './materialise.ts';
import type { ProtocolViolation } from './protocolViolation.ts';

/** A splice transaction that both ends signed, as one end sees it. */
export interface SpliceCandidate {
  /** the new funding output; its transaction's id names the candidate in `splice_locked` */
  readonly funding: OutPoint;
  /** the old capacity and both contributions */
  readonly capacitySat: Sat;
  /** what this end put in, in sat; negative where it took out */
  readonly localSat: number;
  readonly remoteSat: number;
  /** how many fundings this channel had before: each has funding keys of its own */
  readonly keyIndex: number;
  /** numbers of the latest commitments when it was signed, this end's and the other's: earlier ones never were on it */
  readonly localNumber: number;
  readonly remoteNumber: number;
}

/** Of a channel without a splice: one list for all of them. */
export const NO_CANDIDATES: readonly SpliceCandidate[] = Object.freeze([]);

/** What commitments a funding output has. */
export interface Commitments {
  spec(which: CommitmentView): CommitmentSpec;
  readonly history: CommitmentHistory | null;
  /** the end has lost its memory: the other's latest may be one that it does not know */
  readonly fellBehind: boolean;
}

/** The commitments of a channel as they are on a candidate. */
export const commitmentsOn = (channel: Commitments, candidate: SpliceCandidate): Commitments => ({
  spec: (which) => splicedSpec(channel.spec(which), candidate, which === 'local'),
  history: splicedHistory(channel.history, candidate),
  fellBehind: channel.fellBehind,
});

/** The old commitments that were kept, as far as they were on a candidate too. */
export function splicedHistory(
  history: CommitmentHistory | null,
  candidate: SpliceCandidate,
): CommitmentHistory | null {
  if (history === null) return null;
  const { localNumber, remoteNumber } = candidate;
  const spliced = (specs: readonly CommitmentSpec[], from: number, ownedByUs: boolean): CommitmentSpec[] => {
    const on: CommitmentSpec[] = [];
    specs.forEach((spec, number) => {
      if (number >= from) on[number] = splicedSpec(spec, candidate, ownedByUs);
    });
    return on;
  };
  return { local: spliced(history.local, localNumber, true), remote: spliced(history.remote, remoteNumber, false) };
}

export const candidateTxid = ({ funding }: SpliceCandidate): Txid => funding.txid;

/**
 * The ledger as it is on a candidate: the same HTLCs, fee changes and commitment numbers, other balances, and the reserve
 * of the new capacity. The HTLCs are shared with `ledger`: it is a view until the splice is locked, when it takes over.
 */
export function splicedLedger<T>(ledger: ChannelLedger<T>, candidate: SpliceCandidate): ChannelLedger<T> {
  const { terms, localLimits, remoteLimits, isOpener } = ledger;
  const reserveSat = spliceReserveSat(ledger, candidate.capacitySat);
  const withReserve = (limits: ChannelLimits): ChannelLimits =>
    // a channel that was opened without a reserve keeps having none
    limits.channelReserveSat === 0 ? limits : { ...limits, channelReserveSat: reserveSat };
  const spliced = new ChannelLedger<T>({
    terms: { ...terms, capacitySat: candidate.capacitySat },
    localLimits: withReserve(localLimits),
    remoteLimits: withReserve(remoteLimits),
    isOpener,
    toLocalMsat: satToMsat(candidate.capacitySat),
    toRemoteMsat: 0 as Msat,
  });
  spliced.adopted = [...ledger.adopted, candidate];
  spliced.htlcs = ledger.htlcs;
  spliced.feeChanges = ledger.feeChanges;
  spliced.feeratePerKw = ledger.feeratePerKw;
  spliced.localNumber = ledger.localNumber;
  spliced.remoteNumber = ledger.remoteNumber;
  spliced.awaitingRevoke = ledger.awaitingRevoke;
  spliced.owesRevoke = ledger.owesRevoke;
  spliced.localOurs = ledger.localOurs + 1000 * candidate.localSat;
  spliced.localTheirs = ledger.localTheirs + 1000 * candidate.remoteSat;
  spliced.remoteOurs = ledger.remoteOurs + 1000 * candidate.localSat;
  spliced.remoteTheirs = ledger.remoteTheirs + 1000 * candidate.remoteSat;
  return spliced;
}

/** The reserve that goes with a spliced channel's capacity: that of dual funding, in sat. */
export const spliceReserveSat = (
  { localLimits, remoteLimits }: Pick<ChannelLedger<unknown>, 'localLimits' | 'remoteLimits'>,
  capacitySat: Sat,
): Sat => dualFundedReserveSat(capacitySat, [localLimits.dustLimitSat, remoteLimits.dustLimitSat]);

/** What a commitment of the channel says on a candidate, its owner being this end or not. */
export function splicedSpec(spec: CommitmentSpec, candidate: SpliceCandidate, ownedByUs: boolean): CommitmentSpec {
  const [own, other] = ownedByUs
    ? [candidate.localSat, candidate.remoteSat]
    : [candidate.remoteSat, candidate.localSat];
  const toLocalMsat = spec.toLocalMsat + 1000 * own;
  const toRemoteMsat = spec.toRemoteMsat + 1000 * other;
  assert(toLocalMsat >= 0 && toRemoteMsat >= 0, 'nobody takes more out of a channel than it holds for them');
  return { ...spec, toLocalMsat: toLocalMsat as Msat, toRemoteMsat: toRemoteMsat as Msat };
}

// ── While candidates are pending, whatever is added must be fine on every funding ────────────────────────────────────

/** Why an HTLC may not be offered, on the channel or on one of its candidates; null if it may. */
export function spliceAddRefusal(
  ledger: ChannelLedger<unknown>,
  candidates: readonly SpliceCandidate[],
  amountMsat: Msat,
): AddRefusal | null {
  if (candidates.length === 0) return addRefusal(ledger, amountMsat);
  for (const each of everyLedger(ledger, candidates)) {
    const refusal = addRefusal(each, amountMsat);
    if (refusal !== null) return refusal;
  }
  return null;
}

/** What an `update_add_htlc` breaks, on the channel or on one of its candidates; null for nothing. */
export function spliceAddViolation(
  ledger: ChannelLedger<unknown>,
  candidates: readonly SpliceCandidate[],
  amountMsat: Msat,
  cltvExpiry: number,
): ProtocolViolation | null {
  if (candidates.length === 0) return addViolation(ledger, amountMsat, cltvExpiry);
  for (const each of everyLedger(ledger, candidates)) {
    const violation = addViolation(each, amountMsat, cltvExpiry);
    if (violation !== null) return violation;
  }
  return null;
}

/** The largest HTLC that every funding allows, dust exposure aside, in msat. */
export const spliceSpendableMsat = (ledger: ChannelLedger<unknown>, candidates: readonly SpliceCandidate[]): Msat =>
  candidates.length === 0
    ? spendableMsat(ledger)
    : (Math.min(...everyLedger(ledger, candidates).map(spendableMsat)) as Msat);

const everyLedger = (
  ledger: ChannelLedger<unknown>,
  candidates: readonly SpliceCandidate[],
): ChannelLedger<unknown>[] => [ledger, ...candidates.map((candidate) => splicedLedger(ledger, candidate))];

// ── Bytes ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** An end's secrets on its n-th funding, 0 being the one it was opened with: all but the funding key stay. */
export const fundingSecrets = (opened: ChannelSecrets, keyIndex: number): ChannelSecrets =>
  keyIndex === 0 ? opened : { ...opened, funding: namedSecret(opened.funding, `splice ${keyIndex}`) };

/** What the transactions on a candidate depend on. @param opened as the channel was opened */
export function candidateMaterial(opened: ChannelMaterial, candidate: SpliceCandidate): ChannelMaterial {
  const secrets = [
    fundingSecrets(opened.secrets[0], candidate.keyIndex),
    fundingSecrets(opened.secrets[1], candidate.keyIndex),
  ] as const;
  const { funding, capacitySat } = candidate;
  return { ...opened, funding, capacitySat, secrets, points: [channelPoints(secrets[0]), channelPoints(secrets[1])] };
}
