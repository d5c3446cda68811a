/** From a direction's terms as a graph file has them to a policy fit for use, counting what had to be repaired. */
import { msat, satToMsat, type Msat, type Sat } from '../../base/units.ts';
import type { Policy } from '../../graph/channelGraph.ts';
import type { RemedyCounter } from './graphReport.ts';

/** Fees are 32-bit fields (BOLT 7, `channel_update`). */
const FEE_MAX = 2 ** 32 - 1;
/** Blocks: two weeks, what payers accept for a whole route (lnd `DefaultMaxOutgoingCltvExpiry`, CLN `maxdelay`). */
const CLTV_USABLE_MAX = 2016;
/** `cltv_expiry_delta` is a 16-bit field (BOLT 7, `channel_update`). */
const CLTV_MAX = 65_535;
/** Sat: whole satoshis in 2^53 − 1 msat, the largest amount that stays exact. */
export const CAPACITY_MAX_SAT = Math.floor(Number.MAX_SAFE_INTEGER / 1000);

/** The numbers of a policy as they stand in the file; amounts in msat, the fee rate in parts per million. */
export interface RawPolicy {
  readonly feeBase: number;
  readonly feeRate: number;
  /** blocks */
  readonly cltv: number;
  readonly minimum: number;
  /** 0 where the file has none */
  readonly maximum: number;
  readonly disabled: boolean;
}

/** Every number in its range, and a direction that no payment fits through disabled. */
export function repairPolicy(raw: RawPolicy, capacitySat: Sat, remedies: RemedyCounter, path: () => string): Policy {
  const capacityMsat = satToMsat(capacitySat);
  if (raw.maximum > capacityMsat) remedies.add('maximumOverCapacity', path);
  if (raw.feeBase > FEE_MAX || raw.feeRate > FEE_MAX) remedies.add('feeTooLarge', path);
  const htlcMaximumMsat = raw.maximum === 0 || raw.maximum > capacityMsat ? capacityMsat : msat(raw.maximum);
  let disabled = raw.disabled;
  if (!disabled && raw.cltv > CLTV_USABLE_MAX) {
    remedies.add('cltvTooLarge', path);
    disabled = true;
  }
  if (!disabled && raw.minimum > htlcMaximumMsat) {
    remedies.add('minimumOverMaximum', path);
    disabled = true;
  }
  return {
    feeBaseMsat: msat(Math.min(raw.feeBase, FEE_MAX)),
    feeProportionalMillionths: Math.min(raw.feeRate, FEE_MAX),
    cltvExpiryDelta: Math.min(raw.cltv, CLTV_MAX),
    htlcMinimumMsat: bounded(raw.minimum),
    htlcMaximumMsat,
    disabled,
  };
}

const bounded = (amountMsat: number): Msat => msat(Math.min(amountMsat, Number.MAX_SAFE_INTEGER));
