/**
 * Mempool benchmark: a block template from a pool of 300,000 transactions in mixed packages must take under 200 ms.
 *
 * The pool is filled by its own front door. Every coin is a P2WSH output of a script that is just true, so that filling
 * measures policy and not the curve. A third of the transactions stand alone, a third are parents with a child that pays
 * for them, the rest chains of three to ten and fans of up to eight children; fee rates are lognormal about 10 sat/vB.
 */
import { toHex } from '../src/base/bytes.ts';
import { Rng } from '../src/base/random.ts';
import { sat } from '../src/base/units.ts';
import { Blockchain } from '../src/chain/blockchain.ts';
import { selectTransactions } from '../src/chain/blockTemplate.ts';
import { Mempool } from '../src/chain/mempool.ts';
import { compileScript, OP, p2wsh } from '../src/chain/script.ts';
import { type OutPoint, type Transaction, txidOf, type Txid } from '../src/chain/transaction.ts';
import { cpuMicros, interleaved } from './measure.ts';

const POOL_SIZE = 300_000;
const ROUNDS = 9;
const LIMIT_MS = 200;

const WITNESS_SCRIPT = compileScript(OP.OP_1);
const SCRIPT = p2wsh(WITNESS_SCRIPT);
const COIN_SAT = 10_000_000;

interface Coin {
  readonly outPoint: OutPoint;
  readonly valueSat: number;
}

export const mempool = {
  name: 'mempool',
  run(): Promise<void> {
    const chain = new Blockchain();
    const pool = new Mempool(chain);
    const rng = Rng.fromSeed('bench mempool');
    const filling = cpuMicros(() => fillPool(pool, rng, POOL_SIZE));
    const perAccept = (filling / pool.size).toFixed(1);
    console.log(
      `  pool: ${pool.size} transactions, ${(pool.vsize / 1e6).toFixed(1)} MvB; ${perAccept} µs CPU to accept one`,
    );
    let template = selectTransactions(pool);
    const [time] = interleaved(ROUNDS, [() => cpuMicros(() => (template = selectTransactions(pool)))]);
    const withParents = template.entries.filter((entry) => entry.parents.length > 0).length;
    console.log(
      `  template: ${template.entries.length} transactions (${withParents} with parents), ${template.weight} WU, ${template.feesSat} sat`,
    );
    const least = (time!.least / 1000).toFixed(1);
    const median = (time!.median / 1000).toFixed(1);
    const verdict = time!.median / 1000 < LIMIT_MS ? 'met' : 'MISSED';
    console.log(`  template: ${least} ms CPU (least), ${median} ms (median); limit ${LIMIT_MS} ms: ${verdict}`);
    return Promise.resolve();
  },
};

/** Submits packages of every shape until the pool holds that many transactions. */
export function fillPool(pool: Mempool, rng: Rng, size: number): void {
  const ids = rng.stream('coins');
  const freshCoin = (): Coin => {
    const outPoint = { txid: toHex(ids.bytes32()) as Txid, vout: 0 };
    pool.chain.utxos.add(outPoint, { valueSat: sat(COIN_SAT), script: SCRIPT, height: 0, isCoinbase: false });
    return { outPoint, valueSat: COIN_SAT };
  };
  const rate = (median: number): number => Math.max(1, rng.lognormal(median, 0.8));
  const submit = (tx: Transaction): Coin[] => {
    const result = pool.accept(tx);
    if (!result.ok) throw new Error(`the pool refused a transaction: ${result.reason}`);
    const txid = txidOf(tx);
    return tx.outputs.map(({ valueSat }, vout) => ({ outPoint: { txid, vout }, valueSat }));
  };
  while (pool.size < size) {
    const shape = rng.below(12);
    if (shape < 6) submit(spend([freshCoin()], 1 + rng.below(3), rate(10)));
    else if (shape < 9) submit(spend(submit(spend([freshCoin()], 1, rate(2))), 1, rate(20)));
    else if (shape < 11) {
      let tip = submit(spend([freshCoin()], 1, rate(5)));
      for (let length = 2 + rng.below(8); length > 0; length--) tip = submit(spend(tip, 1, rate(10)));
    } else {
      const children = 2 + rng.below(7);
      for (const coin of submit(spend([freshCoin()], children, rate(5)))) submit(spend([coin], 1, rate(15)));
    }
  }
}

/** Spends coins into equal outputs, at about that many sat per virtual byte. */
function spend(coins: readonly Coin[], outputs: number, satPerVbyte: number): Transaction {
  const vsize = 11 + 43 * coins.length + 43 * outputs;
  const value = coins.reduce((sum, coin) => sum + coin.valueSat, 0) - Math.ceil(satPerVbyte * vsize);
  return {
    version: 2,
    inputs: coins.map(({ outPoint }) => ({
      prevout: outPoint,
      scriptSig: new Uint8Array(0),
      sequence: 0xfffffffd,
      witness: [WITNESS_SCRIPT],
    })),
    outputs: Array.from({ length: outputs }, () => ({ valueSat: sat(Math.floor(value / outputs)), script: SCRIPT })),
    lockTime: 0,
  };
}
