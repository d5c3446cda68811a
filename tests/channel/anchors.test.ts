/** Commitments on a real chain: what pays for them, and that every output of theirs can be taken by whom it belongs to. */
import { describe, expect, test } from 'vitest';
import { present } from '../../src/base/assert.ts';
import { txidOf, vsizeOf, weightOf, type Transaction } from '../../src/chain/transaction.ts';
import { TRUC_MAX_VSIZE } from '../../src/chain/truc.ts';
import { anchorChild, anchorSpend, weightToPay } from '../../src/channel/anchors.ts';
import {
  htlcClaim,
  htlcOutputClaim,
  penaltyClaims,
  secondStagePenaltyClaim,
  sweepTransaction,
  toLocalClaim,
  toRemoteClaim,
  type Claim,
} from '../../src/channel/claims.ts';
import { FORMAT, walletPaysHtlcTransactions } from '../../src/channel/commitmentFormat.ts';
import type { CommitmentSpec } from '../../src/channel/commitmentSpec.ts';
import type { CommitmentFormat } from '../../src/channel/limits.ts';
import {
  completeHtlcTransactions,
  materialiseCommitment,
  type ChannelMaterial,
  type Side,
  type SignedCommitment,
} from '../../src/channel/materialise.ts';
import { fundedWorld, type Owned, ownedBy, type World } from '../chain/wallet.ts';
import {
  attachmentOf,
  CHAIN_LIMITS,
  fundChannel,
  htlcOf,
  isUnspent,
  mineBlocks,
  mustAccept,
  mustAcceptPackage,
  preimageOf,
  signCoin,
  specOf,
  WALLET_KEYS,
} from './onChain.ts';

const FORMATS = Object.keys(FORMAT) as CommitmentFormat[];
const CAPACITY = 1_000_000;
/** Sat per 1000 weight units that packages aim at. */
const TARGET = 5000;

interface Closed {
  readonly world: World;
  readonly material: ChannelMaterial;
  readonly commitment: SignedCommitment;
  /** a coin of the world's key that nothing spends yet */
  readonly coin: Owned;
}

/** The child that pays for a commitment by its anchor, from one end's side. */
function childOf({ world, material, commitment, coin }: Closed, claimant: Side, feeratePerKw = TARGET): Transaction {
  const spend = present(anchorSpend(material, commitment, claimant), 'an anchor');
  // one P2WPKH input and one output: 272 + 124
  const weight = weightToPay(commitment, spend, feeratePerKw) + 272 + 124;
  const attachment = attachmentOf(coin, Math.ceil((weight * feeratePerKw) / 1000));
  return signCoin(anchorChild(spend, attachment), coin, world.key);
}

function close(format: CommitmentFormat, specAt: (height: number) => CommitmentSpec): Closed {
  const world = fundedWorld(12);
  const material = fundChannel(world, world.coins[0]!, format, CAPACITY);
  const commitment = materialiseCommitment(material, 0, specAt(world.chain.height));
  return { world, material, commitment, coin: world.coins[1]! };
}

/** Two HTLCs each way, one of each taken with its preimage and the other timed out, and one that is trimmed. */
const busy =
  (format: CommitmentFormat) =>
  (height: number): CommitmentSpec =>
    specOf(
      CAPACITY,
      300_000_750,
      [
        htlcOf(0, true, 20_000, height + 8),
        htlcOf(1, true, 30_000, height + 10),
        htlcOf(2, false, 40_000, height + 9),
        htlcOf(3, false, 50_000, height + 9),
        htlcOf(4, true, 100, height + 9),
      ],
      format === 'zero_fee_commitments' ? 0 : 500,
    );

/** Confirms the commitment, with a child where it can have one. */
function confirm(closed: Closed): void {
  const { world, material, commitment } = closed;
  if (FORMAT[material.format].anchors === 'none') mustAccept(world, commitment.transaction);
  else mustAcceptPackage(world, [commitment.transaction, childOf(closed, 0)]);
  world.mine();
  expect(isUnspent(world, material.funding)).toBe(false);
}

function sweep(world: World, claims: readonly Claim[], side: Side): void {
  mustAccept(world, present(sweepTransaction(claims, WALLET_KEYS[side].script, 500), 'a sweep worth its fee'));
  world.mine();
}

/** An HTLC transaction of the commitment's owner, with a coin attached where it pays no fee itself. */
function htlcTransaction({ world, material, commitment }: Closed, id: number, coin: Owned): Transaction {
  const htlc = present(
    commitment.htlcTransactions.find((each) => each.htlc.id === id),
    'an HTLC transaction',
  );
  const completions = [{ htlc, preimage: htlc.kind === 'htlc-success' ? preimageOf(id) : null }];
  if (!walletPaysHtlcTransactions(material.format)) return completeHtlcTransactions(material, commitment, completions);
  const attachment = attachmentOf(coin, 1000);
  return signCoin(completeHtlcTransactions(material, commitment, completions, attachment), coin, world.key);
}

/** Every output of the commitment is spent, but anchors that nobody needed. */
function allTaken({ world, commitment }: Closed): void {
  const txid = txidOf(commitment.transaction);
  for (const { kind, vout } of commitment.outputs) {
    if (kind === 'to_local_anchor' || kind === 'to_remote_anchor') continue;
    expect([kind, isUnspent(world, { txid, vout })]).toEqual([kind, false]);
  }
}

describe.each(FORMATS)('%s', (format) => {
  test('its owner takes the balance after the delay and every HTLC by its transaction, the other end its balance', () => {
    const closed = close(format, busy(format));
    const { world, material, commitment } = closed;
    confirm(closed);
    sweep(world, [present(toRemoteClaim(material, commitment), 'to_remote')], 1);
    const claims: Claim[] = [];
    for (const id of [0, 1, 2, 3]) {
      const transaction = htlcTransaction(closed, id, world.coins[2 + id]!);
      expect(transaction.version).toBe(FORMAT[format].version);
      while (transaction.lockTime > world.chain.height) world.mine();
      mustAccept(world, transaction);
      world.mine();
      const { htlc, outputScript } = commitment.htlcTransactions.find((each) => each.htlc.id === id)!;
      claims.push(htlcOutputClaim(material, commitment, transaction, 0, htlc, outputScript));
    }
    claims.push(present(toLocalClaim(material, commitment), 'to_local'));
    const early = present(sweepTransaction(claims, WALLET_KEYS[0].script, 500), 'a sweep');
    expect(world.pool.accept(early)).toMatchObject({ ok: false, reason: 'non-BIP68-final' });
    mineBlocks(world, CHAIN_LIMITS.toSelfDelay);
    sweep(world, claims, 0);
    allTaken(closed);
  });

  test('the other end takes its HTLCs directly: with the preimage, or back after expiry', () => {
    const closed = close(format, busy(format));
    const { world, material, commitment } = closed;
    confirm(closed);
    mineBlocks(world, 10);
    for (const output of commitment.outputs) {
      if (output.kind !== 'htlc') continue;
      const preimage = output.htlc.offered ? preimageOf(output.htlc.id) : null;
      sweep(world, [htlcClaim(material, commitment, output, preimage)], 1);
    }
    const balances = [present(toLocalClaim(material, commitment), 'to_local')];
    sweep(world, balances, 0);
    sweep(world, [present(toRemoteClaim(material, commitment), 'to_remote')], 1);
    allTaken(closed);
  });

  test('once it is revoked the other end takes everything, an HTLC transaction of the cheater included', () => {
    const closed = close(format, busy(format));
    const { world, material, commitment } = closed;
    confirm(closed);
    const cheat = htlcTransaction(closed, 2, world.coins[2]!);
    mustAccept(world, cheat);
    world.mine();
    const { htlc, outputScript } = commitment.htlcTransactions.find((each) => each.htlc.id === 2)!;
    const spent = commitment.outputs.find((each) => each.kind === 'htlc' && each.htlc.id === 2)!.vout;
    const claims = penaltyClaims(material, commitment).filter(({ outPoint }) => outPoint.vout !== spent);
    claims.push(secondStagePenaltyClaim(material, commitment, cheat, 0, htlc, outputScript));
    sweep(world, [...claims, present(toRemoteClaim(material, commitment), 'to_remote')], 1);
    allTaken(closed);
  });
});

describe.each(FORMATS.filter((format) => FORMAT[format].anchors !== 'none'))('the anchors of %s', (format) => {
  test.each([0, 1] as const)(
    'let side %i pay for the commitment: the package pays the fee rate asked for',
    (claimant) => {
      const closed = close(format, busy(format));
      const { world, commitment } = closed;
      const child = childOf(closed, claimant);
      const spend = present(anchorSpend(closed.material, commitment, claimant), 'an anchor');
      expect(commitment.transaction.outputs[spend.outPoint.vout]).toEqual({
        valueSat: spend.valueSat,
        script: spend.script,
      });
      mustAcceptPackage(world, [commitment.transaction, child]);
      const entries = [commitment.transaction, child].map((tx) => present(world.pool.entry(txidOf(tx)), 'an entry'));
      const feeSat = entries.reduce((sum, entry) => sum + entry.feeSat, 0);
      const weight = weightOf(commitment.transaction) + weightOf(child);
      // signatures of 71 bytes instead of 72, and sat that are whole
      expect(feeSat).toBeGreaterThanOrEqual((weight * TARGET) / 1000);
      expect(feeSat).toBeLessThanOrEqual(((weight + 8) * TARGET) / 1000 + 2);
      world.mine();
      expect(isUnspent(world, ownedBy(child).outPoint)).toBe(true);
    },
  );

  test('let a child be replaced by one that pays more, of either side', () => {
    const closed = close(format, busy(format));
    const { world, commitment } = closed;
    mustAcceptPackage(world, [commitment.transaction, childOf(closed, 0)]);
    const better = childOf({ ...closed, coin: world.coins[2]! }, 1, 3 * TARGET);
    mustAccept(world, better);
    world.mine();
    expect(isUnspent(world, ownedBy(better).outPoint)).toBe(true);
  });
});

describe('a zero-fee commitment', () => {
  const ZERO_FEE = 'zero_fee_commitments';

  test('pays nothing, and so is not relayed alone', () => {
    const { world, commitment } = close(ZERO_FEE, (height) =>
      specOf(CAPACITY, 3e8, [htlcOf(0, true, 9000, height)], 0),
    );
    expect(commitment.feeSat).toBe(0);
    expect(world.pool.accept(commitment.transaction)).toMatchObject({ ok: false, reason: 'min relay fee not met' });
  });

  // prettier-ignore
  test.each([
    //  what is trimmed and rounded                        to_remote    trimmed  anchor  fee
    ['nothing',                                            300_000_000, 0,       0,      0],
    ['a rounded balance',                                  300_000_001, 0,       1,      0],
    ['an HTLC below the most that an anchor is worth',     300_000_000, 239,     239,    0],
    ['an HTLC that is more than an anchor may be worth',   300_000_000, 300,     240,    60],
    ['a whole balance',                                        353_999, 0,       240,    114],
  ])('whose anchor takes up %s confirms with a child', (_, toRemoteMsat, trimmedSat, anchorSat, feeSat) => {
    const closed = close(ZERO_FEE, (height) =>
      specOf(CAPACITY, toRemoteMsat, trimmedSat > 0 ? [htlcOf(0, true, trimmedSat, height + 9)] : [], 0),
    );
    const { world, material, commitment } = closed;
    const anchor = commitment.outputs.find(({ kind }) => kind === 'shared_anchor');
    expect([anchor?.valueSat, commitment.feeSat]).toEqual([anchorSat, feeSat]);
    mustAcceptPackage(world, [commitment.transaction, childOf(closed, 1)]);
    world.mine();
    expect(isUnspent(world, material.funding)).toBe(false);
  });

  test('with 114 HTLCs each way is small enough for BIP 431, and one with more would not be', () => {
    const crowd =
      (each: number) =>
      (height: number): CommitmentSpec =>
        specOf(
          CAPACITY,
          1e8,
          Array.from({ length: 2 * each }, (_, id) => htlcOf(id, id < each, 1000 + id, height + 20)),
          0,
        );
    const closed = close(ZERO_FEE, crowd(114));
    const { world, material, commitment } = closed;
    expect(commitment.htlcTransactions.length).toBe(228);
    expect(vsizeOf(commitment.transaction)).toBeLessThanOrEqual(TRUC_MAX_VSIZE);
    mustAcceptPackage(world, [commitment.transaction, childOf(closed, 0)]);
    world.mine();
    expect(isUnspent(world, material.funding)).toBe(false);
    const larger = close(ZERO_FEE, crowd(115));
    expect(vsizeOf(larger.commitment.transaction)).toBeGreaterThan(TRUC_MAX_VSIZE);
  });
});
