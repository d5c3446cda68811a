/** Miners in competition: shares, delays, forks that resolve, and what each behaviour does, block by block. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { Rng } from '../../src/base/random.ts';
import { micros, seconds } from '../../src/base/time.ts';
import { type Sat, sat } from '../../src/base/units.ts';
import { Blockchain } from '../../src/chain/blockchain.ts';
import { BlockTree } from '../../src/chain/blockTree.ts';
import { Mempool } from '../../src/chain/mempool.ts';
import { drawBlockInterval, mineBlock } from '../../src/chain/miner.ts';
import { honest, type MinerBehaviour } from '../../src/chain/minerBehaviours/behaviour.ts';
import { censor } from '../../src/chain/minerBehaviours/censor.ts';
import { doubleSpend, doubleSpendChance } from '../../src/chain/minerBehaviours/doubleSpend.ts';
import { selfish, selfishRevenue } from '../../src/chain/minerBehaviours/selfish.ts';
import { MinerNetwork, type MinerSpec, type View } from '../../src/chain/minerNetwork.ts';
import {
  constantPropagation,
  lognormalPropagation,
  OBSERVER,
  type Propagation,
} from '../../src/chain/minerNetworkPropagation.ts';
import { GENESIS_TIME_SECONDS } from '../../src/chain/regtest.ts';
import { type Transaction, txidOf } from '../../src/chain/transaction.ts';
import { acceleratedSecp256k1 } from '../../src/crypto/accelerated.ts';
import { useSecp256k1 } from '../../src/crypto/secp256k1.ts';
import { coinsOf, fundedWorld, keyOf, ownedBy, payOne, type World } from './wallet.ts';

vi.setConfig({ testTimeout: 120_000 });

beforeAll(async () => {
  const accelerated = await acceleratedSecp256k1();
  if (accelerated !== null) useSecp256k1(accelerated);
});

const coinbaseOutputs = (miner: number, _height: number, claimable: Sat) => [
  { valueSat: claimable, script: keyOf(`miner ${miner}`).script },
];

interface Started extends World {
  readonly network: MinerNetwork;
}

/** Miners on a chain with mature coins. */
function start(miners: readonly MinerSpec[], propagation?: Propagation, seed: number | string = 1): Started {
  const world = fundedWorld(4);
  const observer: View = { ...world, tree: new BlockTree(world.chain, world.pool) };
  const network = new MinerNetwork({
    miners,
    observer,
    rng: Rng.fromSeed(seed),
    coinbaseOutputs,
    // the chain's blocks are dated as if mined at ten minutes each
    epochSeconds: GENESIS_TIME_SECONDS + 600 * (world.chain.height + 1),
    ...(propagation === undefined ? {} : { propagation }),
  });
  return { ...world, network };
}

const spec = (hashPower: number, behaviour?: MinerBehaviour): MinerSpec => ({
  name: `${hashPower}`,
  hashPower,
  ...(behaviour === undefined ? {} : { behaviour }),
});

/** Lets a miner find a block, and the block arrive wherever it is sent without delay. */
function find(network: MinerNetwork, miner: number): void {
  network.mineNow(miner);
  network.advance(network.now);
}

/** Who found the blocks above the funded ones, oldest first: `0 1 1`. */
const finders = ({ network, chain }: Started, from = 102): string =>
  Array.from({ length: Math.max(0, chain.height - from + 1) }, (_, i) =>
    network.minerOf(chain.blockAt(from + i).hash),
  ).join(' ');

describe('one honest miner', () => {
  test('finds the very blocks, at the very times, that mining one by one does', () => {
    const world = start([spec(1)]);
    const alone = fundedWorld(4);
    const rng = Rng.fromSeed(1);
    let now = 0;
    for (let i = 0; i < 20; i++) {
      world.network.step();
      now = micros(now + drawBlockInterval(rng));
      expect(world.network.now).toBe(now);
      mineBlock(alone.chain, alone.pool, {
        timeSeconds: GENESIS_TIME_SECONDS + 600 * 102 + Math.floor(now / 1e6),
        coinbaseOutputs: (claimable) => coinbaseOutputs(0, 0, claimable),
      });
      expect(world.chain.tipHash).toBe(alone.chain.tipHash);
    }
    expect(world.network.viewOf(0).chain).toBe(world.chain);
  });
});

describe('honest miners', () => {
  test('that hear of everything at once share one view and find by hash power', () => {
    const world = start([spec(6), spec(3), spec(1)]);
    for (let i = 0; i < 3000; i++) world.network.step();
    expect(world.network.found.map((count) => Math.round(count / 300))).toEqual([6, 3, 1]);
    expect(world.chain.height).toBe(3101);
    for (let miner = 0; miner < 3; miner++) expect(world.network.viewOf(miner).chain).toBe(world.chain);
  });

  test('that hear late fork, and agree again once one branch is longer', () => {
    const world = start([spec(1), spec(1)], constantPropagation(seconds(60)));
    const { network, chain } = world;
    network.mineNow(0);
    network.mineNow(1);
    expect(chain.height).toBe(101);
    expect([0, 1].map((miner) => network.viewOf(miner).chain.height)).toEqual([102, 102]);
    const [a, b] = [0, 1].map((miner) => network.viewOf(miner).chain.tipHash);
    expect(a).not.toBe(b);
    network.advance(seconds(60));
    // each keeps what it saw first, and so does the observer
    expect([0, 1].map((miner) => network.viewOf(miner).chain.tipHash)).toEqual([a, b]);
    expect(finders(world)).toBe('0');
    network.mineNow(1);
    network.advance(seconds(120));
    expect(finders(world)).toBe('1 1');
    expect(network.viewOf(0).chain.tipHash).toBe(chain.tipHash);
  });

  test('have what is broadcast in all their pools, and keep it through their own reorganisations', () => {
    const world = start([spec(1), spec(1)], constantPropagation(seconds(1)));
    const { network, key, coins, pool } = world;
    const tx = payOne(key, coins[0]!, 2000);
    const child = payOne(key, ownedBy(tx), 2000);
    expect([network.broadcast(tx).ok, network.broadcastPackage([child]).ok]).toEqual([true, true]);
    expect(network.broadcast(tx).ok).toBe(false);
    for (const view of [network.viewOf(0), network.viewOf(1)]) {
      expect([...view.pool.entries()].map(({ txid }) => txid)).toEqual([txidOf(tx), txidOf(child)]);
    }
    network.mineNow(0);
    network.mineNow(1);
    network.mineNow(1);
    network.advance(seconds(1));
    expect([finders(world), pool.size]).toEqual(['1 1', 0]);
    for (const view of [network.viewOf(0), network.viewOf(1)]) expect(view.pool.size).toBe(0);
  });

  test('behave the same for the same seed, whatever is asked in between', () => {
    const run = (seed: number, often: boolean): unknown => {
      const rng = Rng.fromSeed(seed);
      const propagation = lognormalPropagation(rng.stream('propagation'), seconds(40), 1);
      const { network, chain } = start([spec(2), spec(1), spec(1, selfish())], propagation, seed);
      for (let i = 1; i <= 100; i++) if (often || i === 100) network.advance(seconds(600 * i));
      return [chain.tipHash, chain.height, network.found, network.nextAt];
    };
    expect(run(1, true)).toEqual(run(1, false));
    expect(run(1, true)).not.toEqual(run(2, true));
  });
});

describe('the selfish miner', () => {
  test('earns what honest mining does at the paper’s thresholds', () => {
    expect(selfishRevenue(1 / 3, 0)).toBeCloseTo(1 / 3, 12);
    expect(selfishRevenue(1 / 4, 0.5)).toBeCloseTo(1 / 4, 12);
    expect(selfishRevenue(0.1, 1)).toBeGreaterThan(0.1);
    expect(selfishRevenue(0.5, 0)).toBeCloseTo(1, 12);
    expect(selfishRevenue(0, 1)).toBe(0);
  });

  const [SELFISH, HONEST] = [0, 1];
  const both = (): Started => start([spec(1, selfish()), spec(1)]);
  const play = (world: Started, moves: readonly number[]): string => {
    for (const miner of moves) find(world.network, miner);
    return finders(world);
  };

  test('hides a block, and races when the others find one', () => {
    const world = both();
    expect(play(world, [SELFISH])).toBe('');
    // its block is published, but came second
    expect(play(world, [HONEST])).toBe('1');
    expect(play(world, [SELFISH])).toBe('0 0');
    // nothing left to hide: the next secret begins
    expect(play(world, [SELFISH])).toBe('0 0');
  });

  test('loses the race when the others find the next block', () => {
    const world = both();
    expect(play(world, [SELFISH, HONEST, HONEST])).toBe('1 1');
    expect(world.network.viewOf(SELFISH).chain.tipHash).toBe(world.chain.tipHash);
    // and begins anew on theirs
    expect(play(world, [SELFISH, SELFISH, HONEST])).toBe('1 1 0 0');
  });

  test('with a lead of two takes all when the others come one close', () => {
    expect(play(both(), [SELFISH, SELFISH, HONEST])).toBe('0 0');
  });

  test('with a long lead shows a block for each of theirs, and the rest at the end', () => {
    const world = both();
    expect(play(world, [SELFISH, SELFISH, SELFISH, SELFISH, HONEST])).toBe('1');
    expect(world.network.observer.tree.size).toBe(104); // the first block, 101 funded ones, and one of each side
    expect(play(world, [HONEST])).toBe('1 1');
    expect(play(world, [HONEST])).toBe('0 0 0 0');
  });
});

describe('the censor', () => {
  const [CENSOR, HONEST, SECOND] = [0, 1, 2];

  function censored(
    stubbornness: number,
    propagation?: Propagation,
  ): Started & { tx: Transaction; child: Transaction; other: Transaction } {
    const names = new Set<string>();
    const behaviour = (): MinerBehaviour => censor({ censors: (tx) => names.has(txidOf(tx)), stubbornness });
    const world = start([spec(1, behaviour()), spec(1), spec(1, behaviour())], propagation);
    const tx = payOne(world.key, world.coins[0]!, 5000);
    const child = payOne(world.key, ownedBy(tx), 5000);
    const other = payOne(world.key, world.coins[1]!, 1000);
    names.add(txidOf(tx));
    for (const each of [tx, child, other]) expect(world.network.broadcast(each).ok).toBe(true);
    return { ...world, tx, child, other };
  }

  const idsAt = (chain: Blockchain, height: number): string[] =>
    chain.blockAt(height).block.transactions.slice(1).map(txidOf);

  test('leaves out a transaction and what builds on it, and takes the others', () => {
    const world = censored(0);
    find(world.network, CENSOR);
    expect(idsAt(world.chain, 102)).toEqual([txidOf(world.other)]);
    find(world.network, HONEST);
    expect(idsAt(world.chain, 103)).toEqual([txidOf(world.tx), txidOf(world.child)]);
    find(world.network, CENSOR);
    expect(finders(world)).toBe('0 1 0');
  });

  test('leaves it out still when a lost block gave it back', () => {
    const world = censored(0, constantPropagation(seconds(10)));
    const { network, tx, child } = world;
    const view = network.viewOf(CENSOR);
    // a block with the transaction comes first, then the branch of another censor overtakes it
    for (const miner of [HONEST, SECOND]) network.mineNow(miner);
    network.advance(seconds(10));
    expect([finders(world), view.pool.size]).toEqual(['1', 0]);
    network.mineNow(SECOND);
    network.advance(seconds(20));
    expect([finders(world), view.pool.has(txidOf(tx)), view.pool.has(txidOf(child))]).toEqual(['2 2', true, true]);
    network.mineNow(CENSOR);
    expect([view.chain.height, idsAt(view.chain, 104)]).toEqual([104, []]);
  });

  test('that is stubborn works against the block until it is too far behind', () => {
    const world = censored(2);
    find(world.network, HONEST);
    expect(world.network.viewOf(CENSOR).chain.height).toBe(101);
    // its own branch catches up and overtakes: the transaction is unconfirmed again
    find(world.network, CENSOR);
    find(world.network, CENSOR);
    expect(finders(world)).toBe('0 0');
    expect([...world.pool.entries()].map(({ txid }) => txid)).toEqual([txidOf(world.tx), txidOf(world.child)]);
    // two blocks ahead of it, it gives in
    find(world.network, HONEST);
    expect(world.network.viewOf(CENSOR).chain.height).toBe(103);
    find(world.network, HONEST);
    expect(world.network.viewOf(CENSOR).chain.tipHash).toBe(world.chain.tipHash);
    find(world.network, CENSOR);
    expect(finders(world)).toBe('0 0 1 1 0');
  });
});

describe('the double spender', () => {
  const [THIEF, HONEST] = [0, 1];

  // prettier-ignore
  test.each([
    [0.1,  2, 0.056,     9],
    [0.1,  6, 0.0005914, 7],
    [0.3,  5, 0.1976173, 7],
    [0.3, 10, 0.0651067, 7],
    [0.5,  6, 1,         9],
  ])('wins with Rosenfeld’s chance: q = %d, z = %d', (share, confirmations, chance, digits) => {
    expect(doubleSpendChance(share, confirmations)).toBeCloseTo(chance, digits);
  });

  function thief(confirmations: number, giveUpBehind: number): Started & { ends: boolean[]; spends: Transaction[] } {
    const ends: boolean[] = [];
    const spends: Transaction[] = [];
    const behaviour = doubleSpend({
      next: () => {
        const [payment, conflict] = spends;
        if (payment === undefined || conflict === undefined || ends.length > 0) return null;
        return { payment, conflict, confirmations, giveUpBehind };
      },
      onEnd: (_, won) => void ends.push(won),
    });
    const world = start([spec(1, behaviour), spec(1)]);
    spends.push(payOne(world.key, world.coins[0]!, 1000, { to: keyOf('shop').script }));
    spends.push(payOne(world.key, world.coins[0]!, 1000, { to: keyOf('thief').script }));
    find(world.network, HONEST); // a block, after which it asks for an attempt
    return { ...world, ends, spends };
  }

  const isPaid = ({ chain }: Started, tx: Transaction): boolean => chain.utxos.has({ txid: txidOf(tx), vout: 0 });

  test('pays once its first secret block is there, and takes all back when its branch is longer', () => {
    const world = thief(2, 5);
    const [payment, conflict] = world.spends as [Transaction, Transaction];
    find(world.network, HONEST);
    expect(world.pool.size).toBe(0);
    find(world.network, THIEF);
    expect([...world.pool.entries()].map(({ txid }) => txid)).toEqual([txidOf(payment)]);
    find(world.network, HONEST);
    find(world.network, HONEST);
    expect([isPaid(world, payment), isPaid(world, conflict)]).toEqual([true, false]);
    // a tie: the branch would not be taken
    find(world.network, THIEF);
    expect([finders(world), world.ends]).toEqual(['1 1 1 1', []]);
    find(world.network, THIEF);
    expect([isPaid(world, payment), isPaid(world, conflict)]).toEqual([false, true]);
    expect([finders(world), world.ends, world.pool.size]).toEqual(['1 1 0 0 0', [true], 0]);
    find(world.network, THIEF);
    expect(finders(world)).toBe('1 1 0 0 0 0'); // honest again
  });

  test('waits for the payee to deliver although its branch is longer', () => {
    const world = thief(2, 5);
    for (const miner of [THIEF, THIEF, THIEF, HONEST]) find(world.network, miner);
    expect(world.ends).toEqual([]);
    find(world.network, HONEST);
    expect([world.ends, finders(world)]).toEqual([[true], '1 0 0 0']);
  });

  test('gives up when it is too far behind, and goes on honestly', () => {
    const world = thief(1, 2);
    const [payment] = world.spends as [Transaction];
    for (const miner of [THIEF, HONEST, HONEST]) find(world.network, miner);
    expect(world.ends).toEqual([]);
    find(world.network, HONEST);
    expect([world.ends, isPaid(world, payment)]).toEqual([[false], true]);
    find(world.network, THIEF);
    expect(finders(world)).toBe('1 1 1 1 0');
  });
});

test('whoever mines, and however blocks travel, each node has what its chain alone would give it', () => {
  let [forks, deepest] = [0, 0];
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const rng = Rng.fromSeed(seed);
      const behaviours = [
        honest,
        honest,
        selfish,
        () => censor({ censors: (tx) => tx.lockTime === 7, stubbornness: 3 }),
      ];
      const miners = Array.from({ length: 2 + rng.below(3) }, () =>
        spec(1 + rng.below(4), behaviours[rng.below(4)]!()),
      );
      const far = lognormalPropagation(rng.stream('propagation'), seconds(rng.below(300)), 1);
      const propagation: Propagation = (from, to) =>
        to === OBSERVER && rng.below(4) === 0 ? micros(0) : far(from, to);
      const world = start(miners, propagation, seed);
      const { network, chain, pool, key } = world;
      world.network.observer.tree.onReorganisation(({ disconnected }) => {
        forks++;
        deepest = Math.max(deepest, disconnected.length);
      });
      const coins = [...world.coins];
      for (let i = 0; i < 40; i++) {
        network.advance(micros(network.now + rng.below(900) * 1e6));
        if (coins.length === 0 || rng.below(3) > 0) continue;
        const tx = payOne(key, coins.splice(rng.below(coins.length), 1)[0]!, 1000, { lockTime: rng.below(2) * 7 });
        if (network.broadcast(tx).ok) coins.push(ownedBy(tx));
      }
      for (const view of [network.observer, ...miners.map((_, miner) => network.viewOf(miner))]) {
        const anew = new Blockchain({ verifier: chain.signatures.remembering(chain.verifier) });
        for (let height = 1; height <= view.chain.height; height++) {
          expect(anew.connect(view.chain.blockAt(height).block).ok).toBe(true);
        }
        expect(coinsOf(view.chain)).toEqual(coinsOf(anew));
        const fresh = new Mempool(anew);
        for (const { tx } of view.pool.entries()) expect(fresh.accept(tx).ok).toBe(true);
        expect(view.chain.utxos.totalSat + view.chain.utxos.unspendableSat + view.chain.unclaimedSat).toBe(
          view.chain.issuedSat,
        );
      }
      expect(pool.totals.feesSat).toBeGreaterThanOrEqual(sat(0));
    }),
    { numRuns: 15 },
  );
  expect(forks).toBeGreaterThan(0);
  expect(deepest).toBeGreaterThan(1);
});
