/** What the chain's validations share: a node that looks on, miners, and coins that anybody can spend without signing. */
import type { Rng } from '../../base/random.ts';
import { sat, type Sat } from '../../base/units.ts';
import { Blockchain } from '../../chain/blockchain.ts';
import { BlockTree } from '../../chain/blockTree.ts';
import { Mempool } from '../../chain/mempool.ts';
import { MinerNetwork, type MinerSpec, type View } from '../../chain/minerNetwork.ts';
import type { Propagation } from '../../chain/minerNetworkPropagation.ts';
import { COINBASE_MATURITY } from '../../chain/validate.ts';
import { compileScript, OP, p2wsh } from '../../chain/script.ts';
import { type OutPoint, type Transaction, txidOf, type TxOutput } from '../../chain/transaction.ts';
import { inParts } from './parts.ts';

/** A witness script that is true: its spends cost no signature, and the validations are about mining. */
const ANYONE = compileScript(OP.OP_1);
const ANYONE_SCRIPT = p2wsh(ANYONE);

/** A new chain after so many blocks, so that what a run holds stays small: ten of Bitcoin's fortnights. */
const BLOCKS_PER_CHAIN = 20_160;

/** Runs so many blocks on chains one after the other. */
export const onChains = <T>(blocks: number, rng: Rng, run: (blocks: number, rng: Rng) => T): T[] =>
  inParts(blocks, BLOCKS_PER_CHAIN, rng, run);

/** The script that a miner is paid with, one for each. */
export const minerScript = (miner: number): Uint8Array => p2wsh(compileScript({ num: miner + 17 }));

export interface Coin {
  readonly outPoint: OutPoint;
  readonly valueSat: Sat;
}

export function newView(): View {
  const chain = new Blockchain();
  const pool = new Mempool(chain);
  return { chain, pool, tree: new BlockTree(chain, pool) };
}

/** Miners around a new chain. @param coins number of equal coins that the first block pays to anyone */
export function newNetwork(
  rng: Rng,
  miners: readonly MinerSpec[],
  options: { readonly propagation?: Propagation; readonly coins?: number } = {},
): MinerNetwork {
  const { coins = 0, ...rest } = options;
  const coinbaseOutputs = (miner: number, height: number, claimable: Sat): TxOutput[] => {
    if (height > 1 || coins === 0) return [{ valueSat: claimable, script: minerScript(miner) }];
    const valueSat = sat(Math.floor(claimable / coins));
    return Array.from({ length: coins }, () => ({ valueSat, script: ANYONE_SCRIPT }));
  };
  return new MinerNetwork({ miners, observer: newView(), rng, coinbaseOutputs, ...rest });
}

/** The first block's coins, once they can be spent: runs the network until they are. */
export function matureCoins(network: MinerNetwork): Coin[] {
  const { chain } = network.observer;
  while (chain.height < 1 + COINBASE_MATURITY) network.step();
  const coinbase = chain.blockAt(1).block.transactions[0]!;
  return coinbase.outputs.flatMap(({ valueSat }, vout) =>
    valueSat > 0 ? [{ outPoint: { txid: txidOf(coinbase), vout }, valueSat }] : [],
  );
}

/** Spends a coin that is anyone's. @param script by default anyone's again */
export function spend(coin: Coin, feeSat: number, script: Uint8Array = ANYONE_SCRIPT): Transaction {
  const { outPoint, valueSat } = coin;
  return {
    version: 2,
    inputs: [{ prevout: outPoint, scriptSig: new Uint8Array(0), sequence: 0xffffffff, witness: [ANYONE] }],
    outputs: [{ valueSat: sat(valueSat - feeSat), script }],
    lockTime: 0,
  };
}

/** The coin that a transaction makes. */
export const coinOf = (tx: Transaction): Coin => ({
  outPoint: { txid: txidOf(tx), vout: 0 },
  valueSat: tx.outputs[0]!.valueSat,
});
