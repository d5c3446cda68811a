/** Zero-fee commitments against eclair's vectors (its form of those in lightning/bolts pull request 1228), byte for byte. */
import { describe, expect } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import { msat, msatToSat, sat } from '../../src/base/units.ts';
import { serialize, type Txid, weightOf } from '../../src/chain/transaction.ts';
import { commitmentNumberOf } from '../../src/channel/commitmentTransaction.ts';
import type { HtlcSpec } from '../../src/channel/commitmentSpec.ts';
import { channelPoints, type ChannelSecrets } from '../../src/channel/keys.ts';
import {
  completeHtlcTransactions,
  signCommitment,
  type ChannelMaterial,
  type SignedCommitment,
} from '../../src/channel/materialise.ts';
import { needsShared, sharedFile, sharedJson } from '../shared.ts';
import { vectorLimits } from './vectors.ts';

const PATH = 'data/vectors/other-implementations/eclair-bolt3-zero-fee-commitment.json';

interface ZeroFeeHtlc {
  readonly id: number;
  readonly amount_msat: number;
  readonly payment_hash: string;
  readonly cltv_expiry: number;
}
interface ZeroFeeCase {
  readonly name: string;
  readonly dust_limit_satoshis: number;
  readonly to_local_msat: number;
  readonly to_remote_msat: number;
  readonly incoming_htlcs?: readonly ZeroFeeHtlc[];
  readonly outgoing_htlcs?: readonly ZeroFeeHtlc[];
  readonly signed_commit_tx: string;
  readonly signed_htlc_success_txs?: readonly string[];
  readonly signed_htlc_timeout_txs?: readonly string[];
}
interface ZeroFeeFile {
  readonly local_funding_priv: string;
  readonly remote_funding_priv: string;
  readonly funding_txid: string;
  readonly funding_index: number;
  readonly funding_amount_satoshis: number;
  readonly commitment_number: number;
  readonly to_self_delay: number;
  readonly local_payment_basepoint_secret: string;
  readonly local_delayed_payment_basepoint_secret: string;
  readonly local_htlc_basepoint_secret: string;
  readonly per_commitment_point: string;
  readonly remote_payment_basepoint_secret: string;
  readonly remote_htlc_basepoint_secret: string;
  readonly revocation_basepoint: string;
  readonly payment_hash_to_preimage: Readonly<Record<string, string>>;
  readonly tests: readonly ZeroFeeCase[];
}

function materialOf(file: ZeroFeeFile, dustLimitSat: number): ChannelMaterial {
  const unused = new Uint8Array(32).fill(7);
  const local: ChannelSecrets = {
    funding: fromHex(file.local_funding_priv),
    revocationBasepoint: unused,
    payment: fromHex(file.local_payment_basepoint_secret),
    delayedPayment: fromHex(file.local_delayed_payment_basepoint_secret),
    htlc: fromHex(file.local_htlc_basepoint_secret),
    perCommitmentSeed: unused,
  };
  const remote: ChannelSecrets = {
    funding: fromHex(file.remote_funding_priv),
    revocationBasepoint: unused,
    payment: fromHex(file.remote_payment_basepoint_secret),
    delayedPayment: unused,
    htlc: fromHex(file.remote_htlc_basepoint_secret),
    perCommitmentSeed: unused,
  };
  const { funding, payment, delayedPayment, htlc } = channelPoints(remote);
  // of the revocation basepoint the vectors give the point alone
  const revocationBasepoint = fromHex(file.revocation_basepoint);
  const limits = vectorLimits(dustLimitSat, file.to_self_delay);
  return {
    funding: { txid: file.funding_txid as Txid, vout: file.funding_index },
    capacitySat: sat(file.funding_amount_satoshis),
    format: 'zero_fee_commitments',
    opener: 0,
    limits: [limits, limits],
    secrets: [local, remote],
    points: [channelPoints(local), { funding, payment, delayedPayment, htlc, revocationBasepoint }],
  };
}

const htlcOf = (htlc: ZeroFeeHtlc, offered: boolean): HtlcSpec => ({
  offered,
  id: htlc.id,
  amountMsat: msat(htlc.amount_msat),
  cltvExpiry: htlc.cltv_expiry,
  paymentHash: fromHex(htlc.payment_hash),
});

/** The case's HTLC transactions of a kind, completed; those of like outputs come in the commitment's order. */
function completed(
  file: ZeroFeeFile,
  material: ChannelMaterial,
  signed: SignedCommitment,
  kind: 'htlc-success' | 'htlc-timeout',
): string[] {
  return signed.htlcTransactions
    .filter((each) => each.kind === kind)
    .map((htlc) => {
      const known = file.payment_hash_to_preimage[toHex(htlc.htlc.paymentHash)]!;
      const preimage = kind === 'htlc-success' ? fromHex(known) : null;
      return toHex(serialize(completeHtlcTransactions(material, signed, [{ htlc, preimage }])));
    });
}

describe('eclair, zero-fee commitments', () => {
  const file = sharedFile(PATH) === null ? null : sharedJson<ZeroFeeFile>(PATH);
  for (const entry of file?.tests ?? [{ name: 'every case' } as ZeroFeeCase]) {
    needsShared(PATH)(entry.name, () => {
      const material = materialOf(file!, entry.dust_limit_satoshis);
      const incoming = entry.incoming_htlcs ?? [];
      const outgoing = entry.outgoing_htlcs ?? [];
      const pendingMsat = [...incoming, ...outgoing].reduce((sum, htlc) => sum + htlc.amount_msat, 0);
      const spec = {
        number: file!.commitment_number,
        toLocalMsat: msat(entry.to_local_msat),
        toRemoteMsat: msat(entry.to_remote_msat),
        htlcs: [...incoming.map((each) => htlcOf(each, false)), ...outgoing.map((each) => htlcOf(each, true))],
        feeratePerKw: 0,
        ownerIsOpener: true,
      };
      expect(spec.toLocalMsat + spec.toRemoteMsat + pendingMsat).toBe(1000 * material.capacitySat);
      const signed = signCommitment(material, 0, spec, fromHex(file!.per_commitment_point));
      expect(toHex(serialize(signed.transaction))).toBe(entry.signed_commit_tx);
      expect(completed(file!, material, signed, 'htlc-success')).toEqual(entry.signed_htlc_success_txs ?? []);
      expect(completed(file!, material, signed, 'htlc-timeout')).toEqual(entry.signed_htlc_timeout_txs ?? []);
      expect(commitmentNumberOf(signed.transaction, signed.keys.obscuringFactor)).toBe(42);

      const anchor = signed.outputs.find((each) => each.kind === 'shared_anchor')!;
      expect(anchor.valueSat).toBeLessThanOrEqual(240);
      if (anchor.valueSat < 240) expect(signed.feeSat).toBe(0);
      expect(weightOf(signed.transaction)).toBeLessThanOrEqual(776 + 172 * signed.htlcTransactions.length);
      expect(msatToSat(spec.toLocalMsat)).toBeGreaterThan(0);
    });
  }
});
