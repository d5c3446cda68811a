/**
 * The background's demand as real transactions: what it bids for a block's room becomes transactions of that weight and
 * fee, so that the exported chain is one that its blocks' prices explain. They spend the miners' own coins, to which the
 * fees return, and are padded with data outputs.
 */
import { equalBytes } from '../base/bytes.ts';
import { sat, type Sat } from '../base/units.ts';
import type { Block } from '../chain/block.ts';
import type { Blockchain } from '../chain/blockchain.ts';
import type { Bid, FeeMarket } from '../chain/feeMarket.ts';
import type { Filler } from '../chain/miner.ts';
import { dustLimitSat, OP } from '../chain/script.ts';
import { txidOf, type Transaction, type TxOutput, weightOf } from '../chain/transaction.ts';
import { COINBASE_MATURITY } from '../chain/validate.ts';
import { Wallet } from '../node/wallet.ts';
import { type Miners, type MinersCoin, spendCoins } from './miners.ts';

/** Weight units: Bitcoin Core relays nothing heavier (`MAX_STANDARD_TX_WEIGHT`). */
const MOST_WEIGHT = 400_000;
/** Coins that one block's fillers gather at most. */
const MOST_INPUTS = 200;
/** Blocks without fillers after which their last change is not looked for any more: all coins are looked through again. */
const LOOK_BACK = 500;

export class FillerTransactions {
  readonly #wallet: Wallet;
  readonly #miners: Miners;
  readonly #marketOf: (chain: Blockchain) => FeeMarket;
  /** whose coinbases are used: those of miners who need their coins for nothing else */
  readonly #sources: readonly number[];

  /** @param secret of the key that holds what is not spent on fees yet @param marketOf what waits for a chain's blocks */
  constructor(secret: Uint8Array, miners: Miners, marketOf: (chain: Blockchain) => FeeMarket) {
    this.#wallet = new Wallet(secret);
    this.#miners = miners;
    this.#marketOf = marketOf;
    this.#sources = [...miners.plans.keys()].filter((index) => miners.plans[index]!.behaviour.kind !== 'double-spend');
  }

  /** Whether an output holds what fillers will spend. */
  owns(script: Uint8Array): boolean {
    return equalBytes(script, this.#wallet.script);
  }

  /** Whether a transaction stands for background demand. */
  isFiller(tx: Transaction): boolean {
    return tx.outputs[0] !== undefined && this.owns(tx.outputs[0].script);
  }

  /** Weight units of a block that stand for background demand. */
  weightIn(block: Block): number {
    return block.transactions.reduce((sum, tx, index) => sum + (index > 0 && this.isFiller(tx) ? weightOf(tx) : 0), 0);
  }

  /** Fills the room of a block with what the background bids for it, the highest bids first. */
  readonly fill: Filler = (chain, weight) => {
    const transactions: Transaction[] = [];
    let feesSat = 0;
    let coins = this.#coins(chain);
    for (const bid of weight > 0 ? this.#marketOf(chain).peek(weight) : []) {
      for (let left = Math.min(bid.weight, weight); left > 0; left -= MOST_WEIGHT) {
        const made = coins.length > 0 ? this.#make(coins, { ...bid, weight: Math.min(left, MOST_WEIGHT) }) : null;
        if (made === null) continue;
        weight -= weightOf(made.tx);
        if (weight < 0) return { transactions, feesSat: sat(feesSat) };
        transactions.push(made.tx);
        feesSat += made.feeSat;
        coins = [made.change];
      }
    }
    return { transactions, feesSat: sat(feesSat) };
  };

  /** What the next block of a chain may spend: the change of the last filler, and coinbases that matured since. */
  #coins(chain: Blockchain): MinersCoin[] {
    const coins: MinersCoin[] = [];
    let since = 1;
    for (let height = chain.height; height > 0 && height > chain.height - LOOK_BACK; height--) {
      const last = chain.blockAt(height).block.transactions.findLast((tx, index) => index > 0 && this.isFiller(tx));
      if (last === undefined) continue;
      coins.push({
        outPoint: { txid: txidOf(last), vout: 0 },
        valueSat: sat(last.outputs[0]!.valueSat),
        wallet: this.#wallet,
      });
      // the block of that filler could spend all that was mature then
      since = height - COINBASE_MATURITY + 1;
      break;
    }
    for (const index of this.#sources) {
      for (const coin of this.#miners.matureCoins(chain, index, since)) {
        if (coins.length === MOST_INPUTS) return coins;
        coins.push(coin);
      }
    }
    return coins;
  }

  /** A transaction of about that weight on all those coins; null if they can't pay for it, or the weight is too small. */
  #make(coins: readonly MinersCoin[], bid: Bid): { tx: Transaction; feeSat: Sat; change: MinersCoin } | null {
    const total = coins.reduce((sum, { valueSat }) => sum + valueSat, 0);
    const bare = spendCoins(coins, [{ valueSat: sat(total), script: this.#wallet.script }]);
    // beside its script an output has 8 bytes of value and up to 5 of the script's length
    const padding = Math.floor((bid.weight - weightOf(bare)) / 4) - 13;
    const padded: TxOutput[] = padding < 1 ? [] : [{ valueSat: sat(0), script: PADDING.subarray(0, padding) }];
    const feeSat = Math.ceil((bid.satPerKvb * Math.max(bid.weight, weightOf(bare))) / 4000);
    const valueSat = sat(Math.max(0, total - feeSat));
    if (valueSat < dustLimitSat(this.#wallet.script)) return null;
    const tx = spendCoins(coins, [{ valueSat, script: this.#wallet.script }, ...padded]);
    const change = { outPoint: { txid: txidOf(tx), vout: 0 }, valueSat, wallet: this.#wallet };
    return { tx, feeSat: sat(total - valueSat), change };
  }
}

/** The script of an output that nobody can spend, to be cut to size. */
const PADDING = new Uint8Array(MOST_WEIGHT / 4);
PADDING[0] = OP.OP_RETURN;
