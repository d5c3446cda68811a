/** Commitment and HTLC transactions against the published vectors, byte for byte, signatures included. */
import { describe, expect } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import { msat } from '../../src/base/units.ts';
import { serialize, txidOf, weightOf } from '../../src/chain/transaction.ts';
import type { CommitmentFormat } from '../../src/channel/limits.ts';
import { completeHtlcTransactions, signCommitment, type SignedCommitment } from '../../src/channel/materialise.ts';
import { commitmentNumberOf } from '../../src/channel/commitmentTransaction.ts';
import { needsShared, sharedFile, sharedJson } from '../shared.ts';
import { vectorHtlc, vectorMaterial, vectorPoint, type VectorCommon, type VectorHtlc } from './vectors.ts';

const APPENDIX_C = 'data/vectors/bolts/bolt03-appendix-c-commitment.json';
const APPENDIX_F = 'data/vectors/bolts/bolt03-appendix-f-anchors.json';
const LND_ANCHORS = 'data/vectors/other-implementations/lnd-test_vectors_anchors.json';
const LND_ZERO_FEE = 'data/vectors/other-implementations/lnd-test_vectors_zero_fee_htlc_tx.json';

interface AnchorsCase {
  Name: string;
  LocalBalance: number;
  RemoteBalance: number;
  DustLimitSatoshis?: number;
  FeePerKw: number;
  UseTestHtlcs: boolean;
  HtlcDescs: { RemoteSigHex: string; ResolutionTxHex: string }[];
  ExpectedCommitmentTxHex: string;
}
interface AnchorsFile {
  common: VectorCommon;
  htlcs: VectorHtlc[];
  cases: AnchorsCase[];
}
interface StaticCase {
  name: string;
  to_local_msat: number;
  to_remote_msat: number;
  local_feerate_per_kw: number;
  num_htlcs: number;
  htlc_txs: { tx: string; kind: string }[];
  commit_tx: string;
}

/** The vector's HTLC transactions: completed with the preimages that the vectors give. */
function htlcHex(
  file: { common: VectorCommon; htlcs: VectorHtlc[] },
  format: CommitmentFormat,
  dust: number,
  signed: SignedCommitment,
): string[] {
  return signed.htlcTransactions.map((htlc) => {
    const known = file.htlcs.find((each) => each.id === htlc.htlc.id)!;
    const preimage = htlc.kind === 'htlc-success' ? fromHex(known.payment_preimage) : null;
    const material = vectorMaterial(file.common, format, dust);
    return toHex(serialize(completeHtlcTransactions(material, signed, [{ htlc, preimage }])));
  });
}

/** Which of the vectors' HTLCs a case holds. */
const idsOf = (name: string, any: boolean): number[] =>
  !any ? [] : name.includes('same amount and preimage') ? [1, 5, 6] : [0, 1, 2, 3, 4];

function checkAnchors(file: AnchorsFile, entry: AnchorsCase, format: CommitmentFormat): void {
  const dust = entry.DustLimitSatoshis ?? 546;
  const ids = idsOf(entry.Name, entry.UseTestHtlcs);
  const signed = signCommitment(
    vectorMaterial(file.common, format, dust),
    0,
    {
      number: file.common.commitment_number,
      toLocalMsat: msat(entry.LocalBalance),
      toRemoteMsat: msat(entry.RemoteBalance),
      htlcs: ids.map((id) => vectorHtlc(file.htlcs[id]!)),
      feeratePerKw: entry.FeePerKw,
      ownerIsOpener: true,
    },
    vectorPoint(file.common),
  );
  expect(toHex(serialize(signed.transaction))).toBe(entry.ExpectedCommitmentTxHex);
  expect(htlcHex(file, format, dust, signed)).toEqual(entry.HtlcDescs.map((each) => each.ResolutionTxHex));
}

describe('BOLT 3, Appendix F (option_anchors: HTLC transactions pay no fee)', () => {
  const file = sharedFile(APPENDIX_F) === null ? null : sharedJson<AnchorsFile>(APPENDIX_F);
  for (const entry of file?.cases ?? [{ Name: 'every case' } as AnchorsCase]) {
    needsShared(APPENDIX_F)(entry.Name, () => checkAnchors(file!, entry, 'anchors_zero_fee_htlc_tx'));
  }
});

for (const [title, path, format] of [
  ['lnd, zero-fee HTLC transactions', LND_ZERO_FEE, 'anchors_zero_fee_htlc_tx'],
  ['lnd, the first anchors, whose HTLC transactions pay', LND_ANCHORS, 'anchors'],
] as const) {
  describe(title, () => {
    const present = sharedFile(path) !== null && sharedFile(APPENDIX_F) !== null;
    const cases = present ? sharedJson<AnchorsCase[]>(path) : [{ Name: 'every case' } as AnchorsCase];
    for (const entry of cases) {
      needsShared(path, APPENDIX_F)(entry.Name, () => checkAnchors(sharedJson<AnchorsFile>(APPENDIX_F), entry, format));
    }
  });
}

describe('BOLT 3, Appendix C (option_static_remotekey)', () => {
  type File = { common: VectorCommon; htlcs: VectorHtlc[]; cases: StaticCase[] };
  const file = sharedFile(APPENDIX_C) === null ? null : sharedJson<File>(APPENDIX_C);
  for (const entry of file?.cases ?? [{ name: 'every case' } as StaticCase]) {
    needsShared(APPENDIX_C)(entry.name, () => {
      const { common, htlcs } = file!;
      const material = vectorMaterial(common, 'static_remotekey', 546);
      const signed = signCommitment(
        material,
        0,
        {
          number: common.commitment_number,
          toLocalMsat: msat(entry.to_local_msat),
          toRemoteMsat: msat(entry.to_remote_msat),
          htlcs: idsOf(entry.name, entry.to_local_msat < 7e9).map((id) => vectorHtlc(htlcs[id]!)),
          feeratePerKw: entry.local_feerate_per_kw,
          ownerIsOpener: true,
        },
        vectorPoint(common),
      );
      expect(toHex(serialize(signed.transaction))).toBe(entry.commit_tx);
      expect(htlcHex(file!, 'static_remotekey', 546, signed)).toEqual(entry.htlc_txs.map((each) => each.tx));
      expect(commitmentNumberOf(signed.transaction, signed.keys.obscuringFactor)).toBe(42);
      expect(txidOf(signed.transaction)).toHaveLength(64);
      expect(weightOf(signed.transaction)).toBeLessThanOrEqual(724 + 172 * signed.htlcTransactions.length);
    });
  }
});
