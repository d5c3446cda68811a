/**
 * What BOLT 2 asks of `open_channel` and `accept_channel`, each rule with its name: what a receiver must refuse first, then
 * what it may refuse by its own policy.
 */
import type { Sat } from '../base/units.ts';
import { satToMsat } from '../base/units.ts';
import type { BlockHash } from '../chain/block.ts';
import { FORMAT } from './commitmentFormat.ts';
import { commitmentAmounts, openerPaysSat, type CommitmentSpec } from './commitmentSpec.ts';
import type { CommitmentFormat } from './limits.ts';
import type { AcceptChannel, AnnouncedLimits, ChannelType, OpenChannel, OpeningPoints } from './openingMessages.ts';
import type { SharedTransactionRefusal } from './sharedTransaction.ts';
import { isShutdownScript, type ShutdownFeatures } from './shutdownScript.ts';

/** Why an end refuses what the other proposes. */
export type OpeningRefusal =
  // open_channel
  | 'unknown-chain'
  | 'dual-fund-negotiated'
  | 'dual-fund-not-negotiated'
  | 'channel-type-missing'
  | 'unsuitable-channel-type'
  | 'untrusted-zero-conf'
  | 'announced-with-alias'
  | 'funding-over-2^24'
  | 'push-over-funding'
  | 'feerate-too-small'
  | 'feerate-too-large'
  | 'opener-cannot-pay-fee'
  | 'nothing-above-reserve'
  | 'funding-too-small'
  // accept_channel
  | 'channel-type-changed'
  | 'zero-conf-with-depth'
  | 'depth-too-large'
  | 'reserve-below-other-dust-limit'
  // both
  | 'invalid-point'
  | 'to-self-delay-too-large'
  | 'too-many-accepted-htlcs'
  | 'dust-limit-over-reserve'
  | 'dust-limit-too-small'
  | 'invalid-shutdown-script'
  | 'too-few-accepted-htlcs'
  | 'htlc-minimum-too-large'
  | 'in-flight-limit-too-small'
  | 'reserve-too-large'
  | 'dust-limit-too-large'
  // what follows
  | SharedTransactionRefusal
  | 'contribution-not-as-agreed'
  | 'wrong-witness-count'
  | 'message-out-of-order'
  | 'invalid-signature'
  | 'wrong-funding-output';

/** What a node puts up with when a channel is opened. */
export interface OpeningPolicy {
  readonly chainHash: BlockHash;
  /** formats that it negotiated with the other end (`init`), most wanted first */
  readonly formats: readonly CommitmentFormat[];
  /** `option_support_large_channel` on both sides */
  readonly largeChannels: boolean;
  /** `option_dual_fund` on both sides: then `open_channel` is not used */
  readonly dualFund: boolean;
  /** whether the other end may have a channel that is used before it is confirmed */
  readonly trustsZeroConf: boolean;
  /** confirmations that it asks for as accepter */
  readonly minimumDepth: number;
  readonly mostMinimumDepth: number;
  readonly leastFundingSat: Sat;
  /** sat per 1000 weight units */
  readonly leastFeeratePerKw: number;
  readonly mostFeeratePerKw: number;
  /** blocks */
  readonly mostToSelfDelay: number;
  readonly leastAcceptedHtlcs: number;
  /** msat */
  readonly mostHtlcMinimumMsat: number;
  readonly leastInFlightMsat: number;
  /** of the channel's capacity, in millionths */
  readonly mostReserveMillionths: number;
  readonly mostDustLimitSat: Sat;
  /** whether either end may ask for no reserve at all, against the BOLT: some wallets agree on it (LDK, Phoenix) */
  readonly zeroReserve: boolean;
  /** whether either end may have more HTLCs, or trim less, than the BOLT allows: for theory alone (`limits.ts`) */
  readonly theory: boolean;
  readonly shutdown: ShutdownFeatures;
}

/** Sat: the largest channel without `option_support_large_channel` is a sat below it. */
const LARGE_CHANNEL_SAT = 2 ** 24;
/** Sat: the dust limit of the longest witness program (BOLT 3, "Dust Limits"). */
export const LEAST_DUST_LIMIT_SAT = 354 as Sat;

/** The first commitment of the opener or the accepter: number 0, no HTLC, the pushed amount with the accepter. */
export function firstSpec(open: OpenChannel, owner: 'opener' | 'accepter'): CommitmentSpec {
  const openerMsat = satToMsat(open.fundingSat) - open.pushMsat;
  const [own, other] = owner === 'opener' ? [openerMsat, open.pushMsat] : [open.pushMsat, openerMsat];
  return {
    number: 0,
    toLocalMsat: own as CommitmentSpec['toLocalMsat'],
    toRemoteMsat: other as CommitmentSpec['toRemoteMsat'],
    htlcs: [],
    feeratePerKw: open.feeratePerKw,
    ownerIsOpener: owner === 'opener',
  };
}

/**
 * What is wrong with an `open_channel`; null if nothing. The accepter asks when it comes, the opener before it is sent.
 * @param pointsAreValid whether points are on the curve: an end that knows where they come from need not look
 */
export function openRefusal(
  open: OpenChannel,
  policy: OpeningPolicy,
  pointsAreValid: (points: OpeningPoints) => boolean,
): OpeningRefusal | null {
  const { channelType, fundingSat, feeratePerKw, limits } = open;
  if (open.chainHash !== policy.chainHash) return 'unknown-chain';
  if (policy.dualFund) return 'dual-fund-negotiated';
  if (channelType === null) return 'channel-type-missing';
  if (!policy.formats.includes(channelType.format)) return 'unsuitable-channel-type';
  if (channelType.zeroConf && !policy.trustsZeroConf) return 'untrusted-zero-conf';
  if (channelType.scidAlias && open.announceChannel) return 'announced-with-alias';
  if (fundingSat >= LARGE_CHANNEL_SAT && !policy.largeChannels) return 'funding-over-2^24';
  if (open.pushMsat > satToMsat(fundingSat)) return 'push-over-funding';
  const feerate = feerateRefusal(channelType.format, feeratePerKw, policy);
  if (feerate !== null) return feerate;
  if (!pointsAreValid(open.points)) return 'invalid-point';
  const limit = limitsRefusal(limits, open, channelType, policy) ?? scriptRefusal(open, policy);
  if (limit !== null) return limit;
  const openerMsat = satToMsat(fundingSat) - open.pushMsat;
  if (openerMsat < satToMsat(openerPaysSat(channelType.format, feeratePerKw, 0))) return 'opener-cannot-pay-fee';
  if (!hasMoreThanReserve(open, channelType, limits)) return 'nothing-above-reserve';
  return fundingSat < policy.leastFundingSat ? 'funding-too-small' : null;
}

/** What is wrong with the `accept_channel` that answers `open`; null if nothing. */
export function acceptRefusal(
  accept: AcceptChannel,
  open: OpenChannel,
  policy: OpeningPolicy,
  pointsAreValid: (points: OpeningPoints) => boolean,
): OpeningRefusal | null {
  const { channelType, limits } = accept;
  if (channelType === null) return 'channel-type-missing';
  if (!isSameType(channelType, open.channelType)) return 'channel-type-changed';
  if (channelType.zeroConf && accept.minimumDepth !== 0) return 'zero-conf-with-depth';
  if (accept.minimumDepth > policy.mostMinimumDepth) return 'depth-too-large';
  if (isReserveBelow(limits.channelReserveSat, open.limits.dustLimitSat, policy))
    return 'reserve-below-other-dust-limit';
  if (isReserveBelow(open.limits.channelReserveSat, limits.dustLimitSat, policy)) return 'dust-limit-over-reserve';
  if (!pointsAreValid(accept.points)) return 'invalid-point';
  const limit = limitsRefusal(limits, open, channelType, policy) ?? scriptRefusal(accept, policy);
  if (limit !== null) return limit;
  return hasMoreThanReserve(open, channelType, limits) ? null : 'nothing-above-reserve';
}

/** What is wrong with the terms of a channel that both fund; null if nothing. Either end asks once it knows both messages. */
export const agreedRefusal = (
  { open, accept }: { readonly open: OpenChannel; readonly accept: AcceptChannel },
  policy: OpeningPolicy,
  pointsAreValid: (points: OpeningPoints) => boolean,
): OpeningRefusal | null =>
  openRefusal(open, { ...policy, dualFund: false }, pointsAreValid) ??
  acceptRefusal(accept, open, policy, pointsAreValid);

export const isSameType = (a: ChannelType, b: ChannelType | null): boolean =>
  b !== null && a.format === b.format && a.zeroConf === b.zeroConf && a.scidAlias === b.scidAlias;

function feerateRefusal(
  format: CommitmentFormat,
  feeratePerKw: number,
  policy: OpeningPolicy,
): 'feerate-too-small' | 'feerate-too-large' | null {
  // zero-fee commitments: `feerate_per_kw` is 0 and nothing else
  if (FORMAT[format].paidWeight === 0) return feeratePerKw === 0 ? null : 'feerate-too-large';
  if (feeratePerKw < policy.leastFeeratePerKw) return 'feerate-too-small';
  return feeratePerKw > policy.mostFeeratePerKw ? 'feerate-too-large' : null;
}

function limitsRefusal(
  limits: AnnouncedLimits,
  { fundingSat }: OpenChannel,
  { format }: ChannelType,
  policy: OpeningPolicy,
): OpeningRefusal | null {
  if (limits.toSelfDelay > policy.mostToSelfDelay) return 'to-self-delay-too-large';
  if (limits.maxAcceptedHtlcs > FORMAT[format].mostAcceptedHtlcs && !policy.theory) return 'too-many-accepted-htlcs';
  if (isReserveBelow(limits.channelReserveSat, limits.dustLimitSat, policy)) return 'dust-limit-over-reserve';
  if (limits.dustLimitSat < LEAST_DUST_LIMIT_SAT && !policy.theory) return 'dust-limit-too-small';
  if (limits.maxAcceptedHtlcs < policy.leastAcceptedHtlcs) return 'too-few-accepted-htlcs';
  if (limits.htlcMinimumMsat > policy.mostHtlcMinimumMsat) return 'htlc-minimum-too-large';
  if (limits.maxHtlcValueInFlightMsat < policy.leastInFlightMsat) return 'in-flight-limit-too-small';
  const mostReserveSat = Math.floor((fundingSat * policy.mostReserveMillionths) / 1_000_000);
  if (limits.channelReserveSat > Math.max(mostReserveSat, LEAST_DUST_LIMIT_SAT)) return 'reserve-too-large';
  return limits.dustLimitSat > policy.mostDustLimitSat ? 'dust-limit-too-large' : null;
}

const isReserveBelow = (reserveSat: Sat, dustLimitSat: Sat, { zeroReserve }: OpeningPolicy): boolean =>
  reserveSat < dustLimitSat && !(zeroReserve && reserveSat === 0);

function scriptRefusal(
  { upfrontShutdownScript }: OpenChannel | AcceptChannel,
  policy: OpeningPolicy,
): 'invalid-shutdown-script' | null {
  const isNone = upfrontShutdownScript.length === 0;
  return isNone || isShutdownScript(upfrontShutdownScript, policy.shutdown) ? null : 'invalid-shutdown-script';
}

/** Whether one of the first balances is above the reserve that `limits` asks for, so that the channel has an output. */
function hasMoreThanReserve(open: OpenChannel, { format }: ChannelType, limits: AnnouncedLimits): boolean {
  const spec = firstSpec(open, 'opener');
  const { toLocalSat, toRemoteSat } = commitmentAmounts(spec, format, 0 as Sat, open.fundingSat);
  return Math.max(toLocalSat, toRemoteSat) > limits.channelReserveSat;
}
