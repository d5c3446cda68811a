/** The channel of BOLT 3's Appendices C and F as a `ChannelMaterial`; `local` is side 0 and the opener. */
import { fromHex } from '../../src/base/bytes.ts';
import { msat, sat } from '../../src/base/units.ts';
import { sha256 } from '../../src/crypto/hashes.ts';
import { secp256k1 } from '../../src/crypto/secp256k1.ts';
import type { Txid } from '../../src/chain/transaction.ts';
import type { HtlcSpec } from '../../src/channel/commitmentSpec.ts';
import type { ChannelLimits, CommitmentFormat } from '../../src/channel/limits.ts';
import type { ChannelMaterial } from '../../src/channel/materialise.ts';
import { channelPoints, type ChannelSecrets } from '../../src/channel/keys.ts';

export interface VectorHtlc {
  readonly id: number;
  readonly direction: 'remote->local' | 'local->remote';
  readonly amount_msat: number;
  readonly expiry: number;
  readonly payment_preimage: string;
}

export type VectorCommon = Readonly<Record<string, string>> & {
  readonly funding_output_index: number;
  readonly funding_amount_satoshi: number;
  readonly commitment_number: number;
  readonly local_delay: number;
};

/** The vectors write private keys with a trailing 01 (FORMATS: "end with an extra 01"). */
const secret = (common: VectorCommon, name: string): Uint8Array => fromHex(common[name]!.slice(0, 64));

/** Limits in which nothing but the dust limit and the delay matters. */
export const vectorLimits = (dustLimitSat: number, toSelfDelay: number): ChannelLimits => ({
  dustLimitSat: sat(dustLimitSat),
  channelReserveSat: sat(0),
  htlcMinimumMsat: msat(1),
  maxHtlcValueInFlightMsat: msat(1e10),
  maxAcceptedHtlcs: 483,
  toSelfDelay,
  maxDustHtlcExposureMsat: msat(1e10),
});

export function vectorMaterial(common: VectorCommon, format: CommitmentFormat, dustLimitSat: number): ChannelMaterial {
  const unused = new Uint8Array(32).fill(7);
  const local: ChannelSecrets = {
    funding: secret(common, 'local_funding_privkey'),
    revocationBasepoint: unused,
    payment: secret(common, 'local_payment_basepoint_secret'),
    delayedPayment: secret(common, 'local_delayed_payment_basepoint_secret'),
    htlc: secret(common, 'local_payment_basepoint_secret'),
    perCommitmentSeed: unused,
  };
  const remote: ChannelSecrets = {
    funding: secret(common, 'remote_funding_privkey'),
    revocationBasepoint: secret(common, 'remote_revocation_basepoint_secret'),
    payment: secret(common, 'remote_payment_basepoint_secret'),
    delayedPayment: unused,
    htlc: secret(common, 'remote_payment_basepoint_secret'),
    perCommitmentSeed: unused,
  };
  const limits = vectorLimits(dustLimitSat, common.local_delay);
  return {
    funding: { txid: common['funding_tx_id'] as Txid, vout: common.funding_output_index },
    capacitySat: sat(common.funding_amount_satoshi),
    format,
    opener: 0,
    limits: [limits, limits],
    secrets: [local, remote],
    points: [channelPoints(local), channelPoints(remote)],
  };
}

/** The point that the vectors use for the local commitment. */
export const vectorPoint = (common: VectorCommon): Uint8Array =>
  secp256k1().publicKey(secret(common, 'x_local_per_commitment_secret'));

export const vectorHtlc = (htlc: VectorHtlc): HtlcSpec => ({
  offered: htlc.direction === 'local->remote',
  id: htlc.id,
  amountMsat: msat(htlc.amount_msat),
  cltvExpiry: htlc.expiry,
  paymentHash: sha256(fromHex(htlc.payment_preimage)),
});
