/** The unspent transaction outputs: what exists on the chain, and how much it is worth together. */
import { InvariantError } from '../base/assert.ts';
import { type Sat, sat } from '../base/units.ts';
import { CoinTable } from './coinTable.ts';
import { OP } from './script.ts';
import { MAX_SCRIPT_BYTES } from './scriptExecution.ts';
import { isCoinbase, type OutPoint, outPointKey, type Transaction, txidOf, type TxOutput } from './transaction.ts';

/** An output that can be spent, and since when: BIP 68 counts from `height`, maturity asks `isCoinbase`. */
export interface Coin extends TxOutput {
  /** of the block with its transaction */
  readonly height: number;
  readonly isCoinbase: boolean;
}

/** What a transaction took from the set: enough to give it back. */
export interface SpentCoin {
  readonly outPoint: OutPoint;
  readonly coin: Coin;
}

/** A view of coins: the chain's set, or a mempool's on top of it. */
export interface CoinView {
  get(outPoint: OutPoint): Coin | undefined;
}

/** Nobody can ever spend it, so the set leaves it out (Bitcoin Core `CScript::IsUnspendable`). */
export const isUnspendable = (script: Uint8Array): boolean =>
  script[0] === OP.OP_RETURN || script.length > MAX_SCRIPT_BYTES;

export class UtxoSet implements CoinView {
  readonly #coins = new CoinTable();
  #totalSat = 0;
  #unspendableSat = 0;

  get size(): number {
    return this.#coins.size;
  }

  /** The value of all coins. */
  get totalSat(): Sat {
    return sat(this.#totalSat);
  }

  /** Value that went into outputs which nobody can spend: gone, but once issued. */
  get unspendableSat(): Sat {
    return sat(this.#unspendableSat);
  }

  get(outPoint: OutPoint): Coin | undefined {
    return this.#coins.get(outPoint);
  }

  has(outPoint: OutPoint): boolean {
    return this.#coins.has(outPoint);
  }

  /** The coins by outpoint key, oldest first. */
  *entries(): IterableIterator<[string, Coin]> {
    for (const [outPoint, coin] of this.#coins.entries()) yield [outPointKey(outPoint), coin];
  }

  /** The coins alone, oldest first. */
  coins(): IterableIterator<Coin> {
    return this.#coins.coins();
  }

  /** Adds one coin. @throws InvariantError if it is there already */
  add(outPoint: OutPoint, coin: Coin): void {
    const added = this.#coins.add(outPoint, coin);
    if (!added) throw new InvariantError(`a new coin: ${outPointKey(outPoint)}`);
    this.#totalSat += coin.valueSat;
  }

  /** Takes one coin. @throws InvariantError if there is none */
  spend(outPoint: OutPoint): Coin {
    const coin = this.#coins.take(outPoint);
    if (coin === undefined) throw new InvariantError(`an unspent coin: ${outPointKey(outPoint)}`);
    this.#totalSat -= coin.valueSat;
    return coin;
  }

  /** Spends a transaction's inputs and adds its outputs. @returns what it took, in order of its inputs */
  apply(tx: Transaction, height: number): SpentCoin[] {
    const coinbase = isCoinbase(tx);
    const spent: SpentCoin[] = [];
    if (!coinbase) {
      for (const { prevout } of tx.inputs) spent.push({ outPoint: prevout, coin: this.spend(prevout) });
    }
    const txid = txidOf(tx);
    for (const [vout, { valueSat, script }] of tx.outputs.entries()) {
      if (isUnspendable(script)) this.#unspendableSat += valueSat;
      else this.add({ txid, vout }, { valueSat, script, height, isCoinbase: coinbase });
    }
    return spent;
  }

  /** Takes back `apply`, the latest transaction first. @param spent what `apply` returned */
  undo(tx: Transaction, spent: readonly SpentCoin[]): void {
    const txid = txidOf(tx);
    for (const [vout, { valueSat, script }] of tx.outputs.entries()) {
      if (isUnspendable(script)) this.#unspendableSat -= valueSat;
      else this.spend({ txid, vout });
    }
    for (const { outPoint, coin } of spent) this.add(outPoint, coin);
  }
}
