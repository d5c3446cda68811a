/** Coins that anybody can spend, so that a test of policy costs no signatures. */
import { sat } from '../../src/base/units.ts';
import { coinbaseTransaction, printedId, transactionMerkleRoot } from '../../src/chain/block.ts';
import { Blockchain, type ConnectedBlock, type ConnectResult } from '../../src/chain/blockchain.ts';
import { Mempool, type AcceptResult, type MempoolOptions } from '../../src/chain/mempool.ts';
import { mineBlock } from '../../src/chain/miner.ts';
import { BLOCK_VERSION, GENESIS_TIME_SECONDS, grind, REGTEST_BITS, subsidySat } from '../../src/chain/regtest.ts';
import { compileScript, nullData, OP, p2wsh } from '../../src/chain/script.ts';
import { type Transaction, type TxOutput, vsizeOf } from '../../src/chain/transaction.ts';
import { type Owned, ownedBy } from './wallet.ts';

const TRUE_SCRIPT = compileScript(OP.OP_1);
/** P2WSH of a script that is just true. */
export const OPEN_SCRIPT = p2wsh(TRUE_SCRIPT);
/** Pay to anchor: OP_1 and two bytes; spent with nothing at all. */
export const ANCHOR_SCRIPT = compileScript(OP.OP_1, Uint8Array.of(0x4e, 0x73));

export interface SpendOptions {
  /** sat in all; without it, `rate` counts */
  readonly fee?: number;
  /** sat per virtual byte, rounded up */
  readonly rate?: number;
  /** equal open outputs; default 1 */
  readonly outputs?: number;
  /** value of an anchor output after them, sat */
  readonly anchorSat?: number;
  /** bytes of data in a last output: makes the transaction larger */
  readonly data?: number;
  readonly version?: number;
  readonly sequence?: number;
}

/** Spends open coins and anchors. The first output gets what the division leaves. */
export function spendOpen(coins: readonly Owned[], options: SpendOptions = {}): Transaction {
  const { outputs = 1, anchorSat, data = 0, version = 2, sequence = 0xfffffffd } = options;
  const others: TxOutput[] = [];
  if (anchorSat !== undefined) others.push({ valueSat: sat(anchorSat), script: ANCHOR_SCRIPT });
  if (data > 0) others.push({ valueSat: sat(0), script: nullData(new Uint8Array(data)) });
  const value = coins.reduce((sum, coin) => sum + coin.output.valueSat, 0) - (anchorSat ?? 0);
  const withFee = (fee: number): Transaction => {
    const each = Math.floor((value - fee) / outputs);
    const first = value - fee - each * (outputs - 1);
    return {
      version,
      inputs: coins.map(({ outPoint, output }) => ({
        prevout: outPoint,
        scriptSig: new Uint8Array(0),
        sequence,
        witness: output.script.length === ANCHOR_SCRIPT.length ? [] : [TRUE_SCRIPT],
      })),
      outputs: [
        ...Array.from({ length: outputs }, (_, i) => ({ valueSat: sat(i === 0 ? first : each), script: OPEN_SCRIPT })),
        ...others,
      ],
      lockTime: 0,
    };
  };
  return withFee(options.fee ?? Math.ceil((options.rate ?? 10) * vsizeOf(withFee(0))));
}

export interface OpenWorld {
  readonly chain: Blockchain;
  readonly pool: Mempool;
  /** mature open coins of one value */
  readonly coins: readonly Owned[];
  readonly mine: () => ConnectedBlock;
}

/** A chain of 101 blocks whose first pays that many equal open coins. */
export function openWorld(coinCount: number, options: MempoolOptions = {}): OpenWorld {
  const chain = new Blockchain();
  const pool = new Mempool(chain, options);
  const mineTo = (outputs: (claimable: number) => readonly TxOutput[]): ConnectedBlock =>
    mineBlock(chain, pool, { timeSeconds: GENESIS_TIME_SECONDS + 600 * (chain.height + 1), coinbaseOutputs: outputs });
  const mine = (): ConnectedBlock => mineTo((claimable) => [{ valueSat: sat(claimable), script: OPEN_SCRIPT }]);
  const { block } = mineTo((claimable) =>
    Array.from({ length: coinCount }, () => ({
      valueSat: sat(Math.floor(claimable / coinCount)),
      script: OPEN_SCRIPT,
    })),
  );
  for (let i = 0; i < 100; i++) mine();
  return { chain, pool, mine, coins: Array.from({ length: coinCount }, (_, i) => ownedBy(block.transactions[0]!, i)) };
}

/** A block on the tip with just these transactions, as another miner might find it; it claims the subsidy alone. */
export function connectBlockOf(chain: Blockchain, transactions: readonly Transaction[]): ConnectResult {
  const height = chain.height + 1;
  const outputs = [{ valueSat: subsidySat(height), script: OPEN_SCRIPT }];
  const all = [coinbaseTransaction(height, outputs, transactions), ...transactions];
  const header = grind({
    version: BLOCK_VERSION,
    previousHash: chain.tipHash,
    merkleRoot: printedId(transactionMerkleRoot(all).root),
    timeSeconds: chain.tipTimeSeconds + 600,
    bits: REGTEST_BITS,
  });
  return chain.connect({ header, transactions: all });
}

export const reasonOf = (result: AcceptResult): string => (result.ok ? 'ok' : result.reason);
