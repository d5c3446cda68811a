/** How long bids wait: the background's demand, and real transactions in a real mempool, as a queue served in bulk. */
import { z } from 'zod';
import { assert } from '../../base/assert.ts';
import type { Rng } from '../../base/random.ts';
import { micros, MICROS_PER_SECOND } from '../../base/time.ts';
import { sat } from '../../base/units.ts';
import { selectTransactions } from '../../chain/blockTemplate.ts';
import { BUCKET_SAT_PER_KVB } from '../../chain/feeMarketBuckets.ts';
import { fixedWeight, mixedBids, PoissonDemand } from '../../chain/feeMarketDemand.ts';
import { MarketLedger } from '../../chain/feeMarketLedger.ts';
import { DemandPool } from '../../chain/feeMarketPool.ts';
import { MEAN_BLOCK_INTERVAL_SECONDS } from '../../chain/miner.ts';
import { honest } from '../../chain/minerBehaviours/behaviour.ts';
import { assembleBlock } from '../../chain/minerNetworkAssembly.ts';
import { type Txid, txidOf, weightOf } from '../../chain/transaction.ts';
import { MAX_BLOCK_SIGOP_COST } from '../../chain/validateBlock.ts';
import { count } from '../scenario/values.ts';
import { batchRatio } from './batchMeans.ts';
import { meanWaits } from './bulkQueue.ts';
import { measurement, type Plan } from './measurement.ts';
import { type Coin, coinOf, matureCoins, newNetwork, onChains, spend } from './minedWorld.ts';

/** Classes of bids, the highest first, with their shares of the arrivals. */
const CLASSES = [
  { name: 'high', share: 0.2, satPerKvb: BUCKET_SAT_PER_KVB[120]! },
  { name: 'middle', share: 0.3, satPerKvb: BUCKET_SAT_PER_KVB[100]! },
  { name: 'low', share: 0.5, satPerKvb: BUCKET_SAT_PER_KVB[80]! },
];
/** Blocks at the start that don't count: the queue is empty at first. */
const WARM_UP_BLOCKS = 300;
const MINUTES = MEAN_BLOCK_INTERVAL_SECONDS / 60;

interface Row {
  readonly load: number;
  readonly batch: number;
}

const parameters = {
  load: z.number().min(0.01).max(0.99).describe('arrivals as a share of what blocks can take'),
  batch: count(1, 10_000).describe('transactions that a block takes at most'),
};

/** By class of bids, for blocks or transactions in order of time: minutes that were waited, and by how many. */
type Waits = readonly { readonly waited: number[]; readonly arrived: number[] }[];

const planOf = ({ load, batch }: Row, who: string, runChain: (blocks: number, rng: Rng) => Waits): Plan => ({
  label: `${who}, ρ = ${load}, b = ${batch}`,
  figures: meanWaits(
    CLASSES.map(({ share }) => load * batch * share),
    batch,
  ).map((wait, index) => ({ name: `mean minutes that a ${CLASSES[index]!.name} bid waits`, theory: wait * MINUTES })),
  run: (size, rng) => {
    const chains = onChains(size, rng, runChain);
    return CLASSES.map((_, index) =>
      batchRatio(
        chains.flatMap((waits) => waits[index]!.waited),
        chains.flatMap((waits) => waits[index]!.arrived),
      ),
    );
  },
});

/** The background's buckets, emptied by mined blocks through the ledger. */
export const demandQueue = measurement({
  name: 'demand-queue',
  unit: 'blocks',
  parameters,
  plan: (row) => planOf(row, 'background demand', (blocks, rng) => runDemandQueue(row, blocks, rng)),
});

/** Transactions in a mempool, chosen by the block template, in blocks that have room for a few. */
export const mempoolQueue = measurement({
  name: 'mempool-queue',
  unit: 'blocks',
  parameters,
  plan: (row) => planOf(row, 'mempool and template', (blocks, rng) => runMempoolQueue(row, blocks, rng)),
});

function runDemandQueue({ load, batch }: Row, blocks: number, rng: Rng): Waits {
  const weight = 1000;
  const network = newNetwork(rng.stream('network'), [{ name: 'miner', hashPower: 1 }]);
  const demand = new PoissonDemand(rng.stream('demand'), {
    ratePerSecond: (load * batch) / MEAN_BLOCK_INTERVAL_SECONDS,
    bids: mixedBids(CLASSES),
    weights: fixedWeight(weight),
  });
  const pool = new DemandPool(demand);
  const ledger = new MarketLedger(network.observer.chain, pool, { roomIn: () => batch * weight });
  const accounts = CLASSES.map(() => ({ waited: [] as number[], arrived: [] as number[] }));
  const before = CLASSES.map(() => ({ waited: 0, arrived: 0 }));
  for (let block = 0; block < WARM_UP_BLOCKS + blocks; block++) {
    pool.advance(network.nextAt);
    network.step();
    for (const [index, { satPerKvb }] of CLASSES.entries()) {
      const { weightSeconds, arrivedWeight } = pool.account(satPerKvb);
      if (block >= WARM_UP_BLOCKS) {
        accounts[index]!.waited.push((weightSeconds - before[index]!.waited) / 60);
        accounts[index]!.arrived.push(arrivedWeight - before[index]!.arrived);
      }
      before[index] = { waited: weightSeconds, arrived: arrivedWeight };
    }
  }
  ledger.stop();
  return accounts;
}

function runMempoolQueue({ load, batch }: Row, blocks: number, rng: Rng): Waits {
  /** weight units of every transaction that `spend` makes */
  const weight = weightOf(spend({ outPoint: { txid: '11'.repeat(32) as Txid, vout: 0 }, valueSat: sat(1000) }, 0));
  const limits = { weight: batch * weight, sigopCost: MAX_BLOCK_SIGOP_COST };
  const network = newNetwork(
    rng.stream('network'),
    [
      {
        name: 'miner of small blocks',
        hashPower: 1,
        behaviour: {
          ...honest(),
          build: ({ view }, mining) => {
            const { entries, feesSat } = selectTransactions(view.pool, limits);
            const transactions = entries.map(({ tx }) => tx);
            return assembleBlock(view.chain, transactions, feesSat, mining);
          },
        },
      },
    ],
    { coins: COINS },
  );
  const { chain, pool } = network.observer;
  const coins: Coin[] = matureCoins(network);
  const arrivals = rng.stream('arrivals');
  const bids = rng.stream('bids');
  const bid = mixedBids(CLASSES.map(({ share }, index) => ({ satPerKvb: index, share })));
  const since = new Map<Txid, { readonly at: number; readonly kind: number }>();
  const waits = CLASSES.map(() => ({ waited: [] as number[], arrived: [] as number[] }));
  let block = 0;
  chain.onConnect(({ block: { transactions } }) => {
    block++;
    for (const tx of transactions.slice(1)) {
      const { at, kind } = since.get(txidOf(tx))!;
      since.delete(txidOf(tx));
      coins.push(coinOf(tx));
      if (block <= WARM_UP_BLOCKS) continue;
      waits[kind]!.waited.push((network.now - at) / MICROS_PER_SECOND / 60);
      waits[kind]!.arrived.push(1);
    }
  });
  const meanGap = (MEAN_BLOCK_INTERVAL_SECONDS * MICROS_PER_SECOND) / (load * batch);
  let next = network.now + arrivals.exponential(meanGap);
  while (block < WARM_UP_BLOCKS + blocks) {
    if (next > network.nextAt) {
      network.step();
      continue;
    }
    network.advance(micros(next));
    const kind = bid(bids);
    // the coin that lay longest: it is confirmed, so a transaction has no parents in the pool
    const coin = coins.shift();
    assert(coin !== undefined, 'coins for all that wait');
    const feeSat = Math.ceil((CLASSES[kind]!.satPerKvb * weight) / 4000);
    const tx = spend(coin, feeSat);
    const result = pool.accept(tx);
    assert(result.ok, `the pool takes it: ${result.ok ? '' : result.reason}`);
    since.set(txidOf(tx), { at: network.now, kind });
    next += arrivals.exponential(meanGap);
  }
  return waits;
}

/** Coins in circulation: more than ever wait at once. */
const COINS = 1000;
