/**
 * A node's on-chain wallet: coins on one P2WPKH key, chosen and signed for channel fundings and fees.
 */
import { mark } from '../base/marks.ts';
import type { Sat } from '../base/units.ts';
import { dustLimitSat, p2pkh, p2wpkh } from '../chain/script.ts';
import { SIGHASH_ALL } from '../chain/sighash.ts';
import {
  outPointKey,
  weightOf,
  type OutPoint,
  type Transaction,
  type TxInput,
  type TxOutput,
} from '../chain/transaction.ts';
import { SEQUENCE_RBF } from '../channel/claims.ts';
import { signInput, withWitness, type FeeAttachment } from '../channel/materialise.ts';
import { secp256k1 } from '../crypto/secp256k1.ts';
import type { Waiting } from './feeSchedule.ts';

/** An output on a wallet's key. */
export interface Coin {
  readonly outPoint: OutPoint;
  readonly valueSat: Sat;
}

/** Weight of the witness of a P2WPKH input: count, signature and key: 1 + 1 + 72 + 1 + 33. */
export const INPUT_WITNESS_WEIGHT = 108;
/** Weight that a P2WPKH input adds: (36 + 1 + 4) × 4, and its witness. */
const INPUT_WEIGHT = 41 * 4 + INPUT_WITNESS_WEIGHT;
/** Weight of a P2WPKH output: (8 + 1 + 22) × 4. */
const OUTPUT_WEIGHT = 31 * 4;
/** Weight units that attaching one coin and change adds to a transaction. */
export const ATTACHMENT_WEIGHT = INPUT_WEIGHT + OUTPUT_WEIGHT;

export class Wallet {
  readonly #secret: Uint8Array;
  readonly #publicKey: Uint8Array;
  /** where the node wants its money */
  readonly script: Uint8Array;
  /** coins that may be spent */
  readonly #coins = new Map<string, Coin>();
  /** coins in transactions that are on their way, until the chain says they are spent */
  readonly #reserved = new Map<string, Coin>();
  /** keys of coins that were reserved when a reorganisation took them off the chain: the transaction is still on its way */
  readonly #awaited = new Set<string>();

  /** @param secret key that all its coins are on */
  constructor(secret: Uint8Array) {
    this.#secret = secret;
    this.#publicKey = secp256k1().publicKey(this.#secret);
    this.script = p2wpkh(this.#publicKey);
  }

  /** A confirmed output pays this wallet. */
  credit(outPoint: OutPoint, valueSat: Sat): void {
    const key = outPointKey(outPoint);
    (this.#awaited.delete(key) ? this.#reserved : this.#coins).set(key, { outPoint, valueSat });
  }

  /** The block with an output that pays this wallet is not on the chain any more. */
  uncredit(outPoint: OutPoint): void {
    const key = outPointKey(outPoint);
    this.#coins.delete(key);
    if (this.#reserved.delete(key)) this.#awaited.add(key);
  }

  /** An input of a confirmed transaction spends a coin of this wallet. */
  spent(outPoint: OutPoint): void {
    const key = outPointKey(outPoint);
    this.#coins.delete(key);
    this.#reserved.delete(key);
  }

  /** The block with an input that spends a coin of this wallet is not on the chain any more; the transaction waits again. */
  unspent(outPoint: OutPoint, valueSat: Sat): void {
    this.#reserved.set(outPointKey(outPoint), { outPoint, valueSat });
  }

  /** What all its coins on the chain are worth, those being spent included: what a look at the unspent outputs finds. */
  get confirmedSat(): number {
    let sum = this.balanceSat;
    for (const coin of this.#reserved.values()) sum += coin.valueSat;
    return sum;
  }

  /** What the coins that may be spent are worth. */
  get balanceSat(): number {
    let sum = 0;
    for (const coin of this.#coins.values()) sum += coin.valueSat;
    return sum;
  }

  /**
   * A signed transaction that pays `output`, with change back here.
   * @param feeratePerKw sat per 1000 weight units
   * @returns null if the coins do not suffice; the coins chosen are not offered again
   */
  pay(output: TxOutput, feeratePerKw: number): Transaction | null {
    const bare: Transaction = { version: 2, inputs: [], outputs: [output], lockTime: 0 };
    // marker and flag: 2
    const chosen = this.#choose(output.valueSat, weightOf(bare) + 2, feeratePerKw);
    if (!chosen) return null;
    const outputs = chosen.changeSat > 0 ? [output, this.#change(chosen.changeSat)] : [output];
    return this.sign({ ...bare, inputs: chosen.coins.map(inputOf), outputs });
  }

  /**
   * Inputs and change that pay the fee of a transaction that pays too little itself.
   * @param weight of the transaction without them, less what it pays itself at that rate
   * @param leastSat what they pay at least, whatever they weigh
   * @param alwaysChange gives up where nothing would be left for change
   */
  attachFee(weight: number, feeratePerKw: number, leastSat = 0, alwaysChange = false): FeeAttachment | null {
    const chosen = this.#choose(alwaysChange ? dustLimitSat(this.script) : 0, weight, feeratePerKw, leastSat);
    if (!chosen) return null;
    const changeSat = chosen.changeSat + (alwaysChange ? dustLimitSat(this.script) : 0);
    return {
      inputs: chosen.coins.map(inputOf),
      outputs: changeSat > 0 ? [this.#change(changeSat as Sat)] : [],
    };
  }

  /** Coins for so much, and for a fee; they are not offered again. @param weight of the transaction without them and change */
  fund(
    targetSat: Sat,
    weight: number,
    feeratePerKw: number,
  ): { readonly coins: readonly Coin[]; readonly changeSat: Sat } | null {
    return this.#choose(targetSat, weight, feeratePerKw);
  }

  /** Signs every input of `transaction` that spends a coin of this wallet. */
  sign(transaction: Transaction): Transaction {
    let signed = transaction;
    transaction.inputs.forEach((input, index) => {
      const coin = this.#reserved.get(outPointKey(input.prevout));
      if (coin) signed = withWitness(signed, index, this.witness(transaction, index, coin.valueSat));
    });
    return signed;
  }

  /** What spends a coin of this wallet as an input of a transaction. */
  witness(transaction: Transaction, index: number, valueSat: Sat): Uint8Array[] {
    const script = p2pkh(this.#publicKey);
    return [signInput(transaction, index, script, valueSat, this.#secret, SIGHASH_ALL), this.#publicKey];
  }

  /** Keeps the coins of a transaction from being chosen: it waits after all. */
  reserve(transaction: Transaction): void {
    this.reserveCoins(transaction.inputs.map(({ prevout }) => prevout));
  }

  /** Keeps coins from being chosen that were promised. */
  reserveCoins(outPoints: readonly OutPoint[]): void {
    for (const outPoint of outPoints) {
      const key = outPointKey(outPoint);
      const coin = this.#coins.get(key);
      if (!coin) continue;
      this.#coins.delete(key);
      this.#reserved.set(key, coin);
    }
  }

  /**
   * Puts back the coins whose transactions are gone: evicted, replaced, or without another of their inputs. Keeps those of
   * transactions that wait, should the wallet not know.
   * @param spender what waits in the mempool and spends an output
   */
  refresh(spender: (outPoint: OutPoint) => Waiting | null): void {
    for (const [key, coin] of this.#reserved) {
      if (spender(coin.outPoint) !== null) continue;
      mark('a coin came back from a transaction that is gone');
      this.#reserved.delete(key);
      this.#coins.set(key, coin);
    }
  }

  /** Puts the coins of a transaction back that the network refused. */
  release(transaction: Transaction): void {
    this.releaseCoins(transaction.inputs.map(({ prevout }) => prevout));
  }

  /** Puts coins back that were chosen for nothing. */
  releaseCoins(outPoints: readonly OutPoint[]): void {
    for (const outPoint of outPoints) {
      const key = outPointKey(outPoint);
      this.#awaited.delete(key);
      const coin = this.#reserved.get(key);
      if (!coin) continue;
      this.#reserved.delete(key);
      this.#coins.set(key, coin);
    }
  }

  /** The smallest coin that suffices, or else the largest ones until they do. */
  #choose(
    targetSat: number,
    weight: number,
    feeratePerKw: number,
    leastSat = 0,
  ): { coins: Coin[]; changeSat: Sat } | null {
    const feeFor = (inputs: number, change: boolean): number => {
      const all = weight + inputs * INPUT_WEIGHT + (change ? OUTPUT_WEIGHT : 0);
      return Math.max(leastSat, Math.ceil((all * feeratePerKw) / 1000));
    };
    const enough = targetSat + feeFor(1, true);
    let best: Coin | null = null;
    for (const coin of this.#coins.values()) {
      if (coin.valueSat >= enough && (best === null || coin.valueSat < best.valueSat)) best = coin;
    }
    let coins: Coin[];
    let total: number;
    if (best) {
      coins = [best];
      total = best.valueSat;
    } else {
      coins = [];
      total = 0;
      // Array.prototype.sort is stable: equal coins stay in the order in which they came
      for (const coin of [...this.#coins.values()].sort((a, b) => b.valueSat - a.valueSat)) {
        if (total >= targetSat + feeFor(coins.length, true)) break;
        coins.push(coin);
        total += coin.valueSat;
      }
      if (total < targetSat + feeFor(coins.length, true)) return null;
    }
    for (const coin of coins) {
      const key = outPointKey(coin.outPoint);
      this.#coins.delete(key);
      this.#reserved.set(key, coin);
    }
    const change = total - targetSat - feeFor(coins.length, true);
    return { coins, changeSat: (change >= dustLimitSat(this.script) ? change : 0) as Sat };
  }

  #change(valueSat: Sat): TxOutput {
    return { valueSat, script: this.script };
  }
}

/** An input that spends a coin, not signed yet. */
export const inputOf = (coin: Coin): TxInput => ({
  prevout: coin.outPoint,
  scriptSig: new Uint8Array(0),
  sequence: SEQUENCE_RBF,
  witness: [],
});
