/** The block tree: most work, first seen, orphans, bad branches; and that a reorganisation leaves no trace of the loser. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { marksDuring } from '../../src/base/marks.ts';
import { Rng } from '../../src/base/random.ts';
import { micros } from '../../src/base/time.ts';
import { type Sat, sat } from '../../src/base/units.ts';
import { type Block, blockHashOf } from '../../src/chain/block.ts';
import { Blockchain } from '../../src/chain/blockchain.ts';
import { BlockTree, type AddResult, type Reorganisation } from '../../src/chain/blockTree.ts';
import { MarketLedger } from '../../src/chain/feeMarketLedger.ts';
import { FeeEstimator } from '../../src/chain/feeEstimator.ts';
import { DemandPool } from '../../src/chain/feeMarketPool.ts';
import { Mempool } from '../../src/chain/mempool.ts';
import { assembleBlock } from '../../src/chain/minerNetworkAssembly.ts';
import { outPointKey, type Transaction, txidOf } from '../../src/chain/transaction.ts';
import { acceleratedSecp256k1 } from '../../src/crypto/accelerated.ts';
import { useSecp256k1 } from '../../src/crypto/secp256k1.ts';
import { coinsOf, fundedWorld, keyOf, type Owned, ownedBy, pay, payOne, type World } from './wallet.ts';

vi.setConfig({ testTimeout: 120_000 });

beforeAll(async () => {
  const accelerated = await acceleratedSecp256k1();
  if (accelerated !== null) useSecp256k1(accelerated);
});

/** A chain that knows another's blocks. */
function copyOf(chain: Blockchain): Blockchain {
  const copy = new Blockchain({ verifier: chain.signatures.remembering(chain.verifier) });
  for (let height = 1; height <= chain.height; height++) {
    expect(copy.connect(chain.blockAt(height).block).ok).toBe(true);
  }
  return copy;
}

const feeOf = (chain: Blockchain, tx: Transaction, made: ReadonlyMap<string, number>): number =>
  tx.inputs.reduce(
    (sum, { prevout }) => sum + (chain.utxos.get(prevout)?.valueSat ?? made.get(outPointKey(prevout)) ?? 0),
    0,
  ) - tx.outputs.reduce((sum, { valueSat }) => sum + valueSat, 0);

/** The next block of a chain, not connected; `name` tells miners apart. */
function blockOn(chain: Blockchain, name: string, transactions: readonly Transaction[] = [], extraSat = 0): Block {
  const made = new Map<string, number>();
  let fees = 0;
  for (const tx of transactions) {
    fees += feeOf(chain, tx, made);
    tx.outputs.forEach(({ valueSat }, vout) => made.set(outPointKey({ txid: txidOf(tx), vout }), valueSat));
  }
  const { script } = keyOf(name);
  return assembleBlock(chain, transactions, sat(fees), {
    timeSeconds: chain.tipTimeSeconds + 600,
    coinbaseOutputs: (claimable: Sat) => [{ valueSat: sat(claimable + extraSat), script }],
  });
}

/** That many blocks on a copy of the chain. */
function branch(chain: Blockchain, name: string, length: number): Block[] {
  const copy = copyOf(chain);
  return Array.from({ length }, () => {
    const block = blockOn(copy, name);
    expect(copy.connect(block).ok).toBe(true);
    return block;
  });
}

const said = (result: AddResult): string => (result.ok ? result.outcome : result.reason);

/** All that a chain is, to compare. */
const stateOf = (chain: Blockchain): unknown => ({
  coins: coinsOf(chain),
  totals: [chain.utxos.totalSat, chain.utxos.unspendableSat, chain.issuedSat, chain.unclaimedSat],
  tip: [chain.height, chain.tipHash, chain.medianTimePastSeconds],
});

describe('fork choice', () => {
  //  base ── a1 ── a2
  //      └── b1 ── b2 ── b3
  test('the first seen of equal branches stays, the one with more work wins', () => {
    const { chain, pool } = fundedWorld(1);
    const [a1, a2] = branch(chain, 'a', 2) as [Block, Block];
    const [b1, b2, b3] = branch(chain, 'b', 3) as [Block, Block, Block];
    const tree = new BlockTree(chain, pool);
    const base = chain.height;
    const heard: Reorganisation[] = [];
    tree.onReorganisation((each) => heard.push(each));
    expect([a1, b1, b2].map((block) => said(tree.add(block)))).toEqual(['connected', 'side', 'reorganised']);
    expect([a2, b3].map((block) => said(tree.add(block)))).toEqual(['side', 'connected']);
    expect(chain.tipHash).toBe(blockHashOf(b3.header));
    expect(heard).toHaveLength(1);
    expect(heard[0]!.forkHeight).toBe(base);
    expect(heard[0]!.disconnected.map(({ block }) => block)).toEqual([a1]);
    expect(heard[0]!.connected.map(({ block }) => block)).toEqual([b1, b2]);
    expect(said(tree.add(a1))).toBe('duplicate');
  });

  test('blocks that come before their parents wait for them, however many', () => {
    const { chain, pool } = fundedWorld(1);
    const blocks = branch(chain, 'a', 30);
    const tree = new BlockTree(chain, pool);
    const base = chain.height;
    for (const block of blocks.slice(1).toReversed()) expect(said(tree.add(block))).toBe('orphan');
    expect(said(tree.add(blocks.at(-1)!))).toBe('duplicate');
    expect([tree.orphans, chain.height]).toEqual([29, base]);
    expect(said(tree.add(blocks[0]!))).toBe('connected');
    expect([tree.orphans, chain.height]).toEqual([0, base + 30]);
  });

  test('a reorganisation of a hundred blocks leaves what a node has that saw the winner alone', () => {
    const { chain, pool } = fundedWorld(1);
    const losing = branch(chain, 'a', 100);
    const winning = branch(chain, 'b', 101);
    const other = copyOf(chain);
    const tree = new BlockTree(chain, pool);
    for (const block of [...losing, ...winning]) tree.add(block);
    for (const block of winning) expect(other.connect(block).ok).toBe(true);
    expect(stateOf(chain)).toEqual(stateOf(other));
  });

  test('blocks that others connect to the chain are the tree’s too', () => {
    const world = fundedWorld(1);
    const [b1, b2] = branch(world.chain, 'b', 2) as [Block, Block];
    const tree = new BlockTree(world.chain, world.pool);
    world.mine();
    expect([said(tree.add(b1)), said(tree.add(b2))]).toEqual(['side', 'reorganised']);
    world.mine();
    expect(tree.tip.parent?.hash).toBe(blockHashOf(b2.header));
  });
});

describe('a branch that is invalid', () => {
  //  base ── a1
  //      └── b1 ── b2 (claims too much) ── b3
  test('is left for the next best, and nothing can be built on it', () => {
    const { chain, pool } = fundedWorld(1);
    const copy = copyOf(chain);
    const a1 = branch(chain, 'a', 1)[0]!;
    const b1 = blockOn(copy, 'b');
    copy.connect(b1);
    const b2 = blockOn(copy, 'b', [], 1);
    const tree = new BlockTree(chain, pool);
    const before = new Blockchain();
    for (let height = 1; height <= chain.height; height++) before.connect(chain.blockAt(height).block);
    const heard: Reorganisation[] = [];
    tree.onReorganisation((each) => heard.push(each));
    expect([said(tree.add(a1)), said(tree.add(b1))]).toEqual(['connected', 'side']);
    const { result, marks } = marksDuring(() => said(tree.add(b2)));
    expect([result, marks.get('blockTree: invalid branch')]).toEqual(['bad-cb-amount', 1]);
    // a1 and b1 are equal again, and a1 was first
    expect(chain.tipHash).toBe(blockHashOf(a1.header));
    before.connect(a1);
    expect(stateOf(chain)).toEqual(stateOf(before));
    expect(heard).toEqual([]);
    expect([said(tree.add(b2)), tree.faultOf(blockHashOf(b2.header))]).toEqual(['duplicate-invalid', 'bad-cb-amount']);
    const onBad = { ...b2, header: { ...branch(chain, 'c', 1)[0]!.header, previousHash: blockHashOf(b2.header) } };
    expect(said(tree.add(onBad))).toBe('bad-prevblk');
  });

  test('with a bad header does not enter the tree', () => {
    const { chain, pool } = fundedWorld(1);
    const a1 = branch(chain, 'a', 1)[0]!;
    const tree = new BlockTree(chain, pool);
    const size = tree.size;
    expect(said(tree.add({ ...a1, header: { ...a1.header, bits: 0x1d00ffff } }))).toBe('high-hash');
    expect(tree.size).toBe(size);
  });

  test('whose fault lies in an orphan ends before it', () => {
    const { chain, pool } = fundedWorld(1);
    const copy = copyOf(chain);
    const b1 = blockOn(copy, 'b');
    copy.connect(b1);
    const b2 = blockOn(copy, 'b', [], 1);
    const tree = new BlockTree(chain, pool);
    expect([said(tree.add(b2)), said(tree.add(b1))]).toEqual(['orphan', 'connected']);
    expect(chain.tipHash).toBe(blockHashOf(b1.header));
    expect(tree.faultOf(blockHashOf(b2.header))).toBe('bad-cb-amount');
  });
});

describe('the mempool through a reorganisation', () => {
  test('keeps what is locked to a height that the chain has before and after, and not half-way', () => {
    const { chain, pool, key, coins } = fundedWorld(2);
    const winning = branch(chain, 'b', 4);
    const losing = branch(chain, 'a', 3);
    const tree = new BlockTree(chain, pool);
    for (const block of losing) tree.add(block);
    const locked = payOne(key, coins[0]!, 1000, { lockTime: chain.height });
    const child = payOne(key, ownedBy(locked), 1000);
    for (const tx of [locked, child]) expect(pool.accept(tx).ok).toBe(true);
    for (const block of winning) tree.add(block);
    expect(chain.tipHash).toBe(blockHashOf(winning.at(-1)!.header));
    expect([...pool.entries()].map(({ txid }) => txid)).toEqual([txidOf(locked), txidOf(child)]);
  });

  test('gets back what a block that is gone now had evicted by a double spend', () => {
    const { chain, pool, key, coins } = fundedWorld(1);
    const winning = branch(chain, 'b', 2);
    const tree = new BlockTree(chain, pool);
    const payment = payOne(key, coins[0]!, 1000);
    const rival = payOne(key, coins[0]!, 2000, { to: keyOf('thief').script });
    // the rival comes by block alone; half-way it is in the pool, and the evicted one pays enough to replace it
    const better = payOne(key, coins[0]!, 9000);
    expect(pool.accept(payment).ok).toBe(true);
    expect(pool.accept(better).ok).toBe(true);
    tree.add(blockOn(chain, 'a', [rival]));
    expect(pool.size).toBe(0);
    for (const block of winning) tree.add(block);
    expect([...pool.entries()].map(({ txid }) => txid)).toEqual([txidOf(better)]);
  });

  test('has again what the losing branch alone had confirmed, with what builds on it, and may replace it', () => {
    const { chain, pool, coins, key } = fundedWorld(2);
    const winning = branch(chain, 'b', 2);
    const tree = new BlockTree(chain, pool);
    const hidden = payOne(key, coins[0]!, 1000);
    tree.add(blockOn(chain, 'a', [hidden]));
    const child = payOne(key, ownedBy(hidden), 1000);
    const rival = payOne(key, coins[0]!, 5000);
    expect(pool.accept(child).ok).toBe(true);
    for (const block of winning) tree.add(block);
    expect([...pool.entries()].map(({ txid }) => txid)).toEqual([txidOf(hidden), txidOf(child)]);
    expect(pool.accept(rival).ok).toBe(true);
    expect(pool.has(txidOf(child))).toBe(false);
    expect(pool.has(txidOf(hidden))).toBe(false);
  });
});

describe('over random trees', () => {
  /** A listener that keeps books by what connects and disconnects: what each script has, and every block's price. */
  function books(chain: Blockchain): () => unknown {
    const balances = new Map<string, number>();
    const add = (script: Uint8Array, valueSat: number): void => {
      const key = script.join();
      const value = (balances.get(key) ?? 0) + valueSat;
      if (value === 0) balances.delete(key);
      else balances.set(key, value);
    };
    const apply = (sign: 1 | -1) => (connected: ReturnType<Blockchain['blockAt']>) => {
      for (const { outputs } of connected.block.transactions)
        for (const { script, valueSat } of outputs) add(script, sign * valueSat);
      for (const { coin } of connected.spent.flat()) add(coin.script, -sign * coin.valueSat);
    };
    chain.onConnect(apply(1));
    chain.onDisconnect(apply(-1));
    return () => [...balances].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** A market with a fixed stock of demand, so that two nodes meet the same. */
  function market(chain: Blockchain): { ledger: MarketLedger; pool: DemandPool; estimator: FeeEstimator } {
    const bids = Array.from({ length: 60 }, (_, i) => ({
      time: micros(0),
      satPerKvb: 1000 + 700 * i,
      weight: 500_000,
    }));
    const pool = new DemandPool({ next: () => bids.shift() ?? null });
    pool.advance(micros(1));
    const ledger = new MarketLedger(chain, pool);
    return { ledger, pool, estimator: new FeeEstimator(ledger) };
  }

  interface Node {
    readonly chain: Blockchain;
    readonly pool: Mempool;
    readonly tree: BlockTree;
    readonly books: () => unknown;
    readonly market: ReturnType<typeof market>;
  }

  function newNode(world: World): Node {
    const chain = copyOf(world.chain);
    const pool = new Mempool(chain);
    return { chain, pool, tree: new BlockTree(chain, pool), books: books(chain), market: market(chain) };
  }

  const everything = ({ chain, books, market }: Node): unknown => ({
    chain: stateOf(chain),
    books: books(),
    waiting: market.pool.waiting(),
    prices: market.ledger.sold,
    estimates: [1, 2, 6, 144].map((target) => market.estimator.estimateSatPerKvb(target)),
  });

  test('coins, pool, market and every listener’s books equal those of a node that saw the winning branch alone', () => {
    const reached = new Map<string, number>();
    const count = (what: string): void => void reached.set(what, (reached.get(what) ?? 0) + 1);
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const rng = Rng.fromSeed(seed);
        const world = fundedWorld(6);
        const { key } = world;

        // transactions that everybody hears: spends of funded coins and of each other, some locked to a height
        const coins: Owned[] = [...world.coins];
        const relayed: Transaction[] = [];
        for (let i = 0; i < 8 && coins.length > 1; i++) {
          const coin = coins.splice(rng.below(coins.length), 1)[0]!;
          const parts = 1 + rng.below(2);
          const value = Math.floor((coin.output.valueSat - 2000) / parts);
          const lockTime = rng.below(3) === 0 ? world.chain.height - rng.below(3) : 0;
          const outputs = Array.from({ length: parts }, () => ({ valueSat: sat(value), script: key.script }));
          const tx = pay(key, [coin], outputs, { lockTime });
          relayed.push(tx);
          for (let vout = 0; vout < parts; vout++) coins.push(ownedBy(tx, vout));
        }
        // double spends that come by block alone; a pool prefers them to nothing it holds
        const rivals = relayed.slice(0, 3).map((tx) => {
          const { prevout } = tx.inputs[0]!;
          const output = world.chain.utxos.get(prevout);
          return output && payOne(key, { outPoint: prevout, output }, 1500, { to: keyOf('rival').script });
        });

        // a random tree of blocks, each valid on its own branch
        interface Grown {
          readonly chain: Blockchain;
          readonly blocks: readonly Block[];
          readonly hasRival: boolean;
        }
        const grown: Grown[] = [{ chain: copyOf(world.chain), blocks: [], hasRival: false }];
        for (let i = 0; i < 12; i++) {
          const from = grown[rng.below(2) === 0 ? grown.length - 1 : rng.below(grown.length)]!;
          const chain = copyOf(from.chain);
          const scratch = new Mempool(chain);
          const chosen: Transaction[] = [];
          let hasRival = from.hasRival;
          for (const [at, tx] of relayed.entries()) {
            const rival = rivals[at];
            const pick = rival && rng.below(4) === 0 ? rival : rng.below(3) === 0 ? tx : null;
            if (pick === null || !scratch.accept(pick).ok) continue;
            chosen.push(pick);
            if (pick === rival) hasRival = true;
          }
          const block = blockOn(chain, `miner ${i}`, chosen);
          expect(said(new BlockTree(chain).add(block))).toBe('connected');
          grown.push({ chain, blocks: [...from.blocks, block], hasRival });
        }

        // one node hears all blocks in any order, and the transactions first
        const node = newNode(world);
        for (const tx of relayed) node.pool.accept(tx);
        let deepest = 0;
        node.tree.onReorganisation(({ disconnected }) => (deepest = Math.max(deepest, disconnected.length)));
        const all = [...new Set(grown.flatMap(({ blocks }) => blocks))];
        for (const block of rng.shuffle(all)) node.tree.add(block);
        expect(node.tree.orphans).toBe(0);
        if (deepest > 0) count(`depth ${Math.min(deepest, 3)}`);

        // the other hears the winner alone
        const most = Math.max(...grown.map(({ blocks }) => blocks.length));
        const winner = grown.find(({ chain }) => chain.tipHash === node.chain.tipHash)!;
        expect(winner.blocks.length).toBe(most);
        const other = newNode(world);
        for (const tx of relayed) other.pool.accept(tx);
        for (const block of winner.blocks) expect(said(other.tree.add(block))).toBe('connected');
        expect(everything(node)).toEqual(everything(other));

        const ids = ({ pool }: Node): string[] => [...pool.entries()].map(({ txid }) => txid).sort();
        if (grown.every((each) => !each.hasRival || each === winner)) {
          count('pools compared');
          expect(ids(node)).toEqual(ids(other));
        }
        // whatever the losers brought: no transaction that fits is missing, and none is there that does not
        for (const tx of relayed) expect(node.pool.accept(tx).ok).toBe(false);
        const anew = new Mempool(copyOf(node.chain));
        for (const { tx } of node.pool.entries()) expect(anew.accept(tx).ok).toBe(true);
      }),
      { numRuns: 150, examples: [[-2049161539]] },
    );
    for (const what of ['depth 1', 'depth 2', 'depth 3', 'pools compared']) {
      expect(reached.get(what) ?? 0, what).toBeGreaterThan(0);
    }
  });
});
