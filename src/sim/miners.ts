/**
 * The miners of a world: their wallets, where their coinbases pay, and how they behave. What a double-spender pays and
 * takes back are real transactions on its own mature coins.
 */
import { present } from '../base/assert.ts';
import { toHex } from '../base/bytes.ts';
import { sat, type Sat } from '../base/units.ts';
import { censor } from '../chain/minerBehaviours/censor.ts';
import { doubleSpend, type DoubleSpend } from '../chain/minerBehaviours/doubleSpend.ts';
import { honest, type MinerBehaviour, type MinerControl } from '../chain/minerBehaviours/behaviour.ts';
import { selfish } from '../chain/minerBehaviours/selfish.ts';
import type { MinerSpec } from '../chain/minerNetwork.ts';
import { p2wpkh } from '../chain/script.ts';
import { txidOf, type Transaction, type Txid, type TxOutput, weightOf } from '../chain/transaction.ts';
import { COINBASE_MATURITY } from '../chain/validate.ts';
import { withWitness } from '../channel/materialise.ts';
import { namedSecret } from '../crypto/keyDerivation.ts';
import { secp256k1 } from '../crypto/secp256k1.ts';
import type { TransactionKind } from '../node/context.ts';
import { type Coin, inputOf, Wallet } from '../node/wallet.ts';
import type { MinerPlan } from './config.ts';

/** What became of the attempts of a miner who double-spends. */
export interface DoubleSpendTally {
  readonly miner: string;
  attempts: number;
  won: number;
}

/** A coin of a miner that may be spent now. */
export interface MinersCoin extends Coin {
  readonly wallet: Wallet;
}

/** The transaction that spends those coins whole. */
export function spendCoins(coins: readonly MinersCoin[], outputs: readonly TxOutput[]): Transaction {
  const bare: Transaction = { version: 2, inputs: coins.map(inputOf), outputs, lockTime: 0 };
  return coins.reduce(
    (tx, { wallet, valueSat }, index) => withWitness(tx, index, wallet.witness(bare, index, valueSat)),
    bare,
  );
}

export class Miners {
  readonly plans: readonly MinerPlan[];
  /** by miner */
  readonly wallets: readonly Wallet[];
  /** one for each miner that double-spends */
  readonly doubleSpends: readonly DoubleSpendTally[];
  readonly #payee: Uint8Array;
  readonly #scripts: ReadonlySet<string>;
  readonly #feeratePerKw: number;
  readonly #tried = new Set<Txid>();

  /** @param master the run's master secret @param feeratePerKw of double-spenders' payments, sat per 1000 weight units */
  constructor(plans: readonly MinerPlan[], master: Uint8Array, feeratePerKw: number) {
    this.plans = plans;
    this.#feeratePerKw = feeratePerKw;
    this.wallets = plans.map((_, index) => new Wallet(namedSecret(master, index === 0 ? 'miner' : `miner ${index}`)));
    this.#payee = p2wpkh(secp256k1().publicKey(namedSecret(master, 'payee of a double-spender')));
    this.#scripts = new Set([...this.wallets.map(({ script }) => script), this.#payee].map(toHex));
    this.doubleSpends = plans
      .filter(({ behaviour }) => behaviour.kind === 'double-spend')
      .map(({ name }) => ({ miner: name, attempts: 0, won: 0 }));
  }

  /** Whether an output is a miner's, or was paid to the payee of one. */
  owns(script: Uint8Array): boolean {
    return this.#scripts.has(toHex(script));
  }

  /** Miners who all do as the protocol says. */
  calm(): MinerSpec[] {
    return this.plans.map(({ name, hashPower }) => ({ name, hashPower }));
  }

  /** Miners as they were planned. @param kindOf what a transaction is for, as far as the network was told */
  asPlanned(kindOf: (tx: Transaction) => TransactionKind | null): MinerSpec[] {
    return this.plans.map(({ name, hashPower }, index) => ({
      name,
      hashPower,
      behaviour: this.#behaviour(index, kindOf),
    }));
  }

  #behaviour(index: number, kindOf: (tx: Transaction) => TransactionKind | null): MinerBehaviour {
    const { name, behaviour } = present(this.plans[index], 'a miner');
    switch (behaviour.kind) {
      case 'honest':
        return honest();
      case 'selfish':
        return selfish();
      case 'censor': {
        const censored = new Set(behaviour.transactions);
        const censors = (tx: Transaction): boolean => {
          const kind = kindOf(tx);
          return kind !== null && censored.has(kind);
        };
        return censor({ censors, stubbornness: behaviour.stubbornness });
      }
      case 'double-spend': {
        const tally = present(
          this.doubleSpends.find(({ miner }) => miner === name),
          'the tally of a double-spender',
        );
        const { confirmations, giveUpBehind, amountSat } = behaviour;
        return doubleSpend({
          next: (miner) => {
            const pair = this.#pairOf(miner, index, amountSat);
            return pair && { ...pair, confirmations, giveUpBehind };
          },
          onEnd: (_, won) => {
            tally.attempts++;
            if (won) tally.won++;
          },
        });
      }
    }
  }

  /** A payment, and another transaction on the same coin; null if no coin is large enough. */
  #pairOf({ view }: MinerControl, index: number, amountSat: Sat): Pick<DoubleSpend, 'payment' | 'conflict'> | null {
    for (const coin of this.matureCoins(view.chain, index, 0)) {
      if (coin.valueSat < 2 * amountSat || this.#tried.has(coin.outPoint.txid)) continue;
      this.#tried.add(coin.outPoint.txid);
      const spend = (script: Uint8Array): Transaction => {
        const outputs = (feeSat: number): TxOutput[] => [
          { valueSat: amountSat, script },
          { valueSat: sat(coin.valueSat - amountSat - feeSat), script: coin.wallet.script },
        ];
        const weight = weightOf(spendCoins([coin], outputs(0)));
        return spendCoins([coin], outputs(Math.ceil((weight * this.#feeratePerKw) / 1000)));
      };
      return { payment: spend(this.#payee), conflict: spend(coin.wallet.script) };
    }
    return null;
  }

  /**
   * Coinbase outputs of a miner that the next block of a chain may spend, the oldest first.
   * @param from height of the first coinbase to look at
   */
  *matureCoins(chain: MinerControl['view']['chain'], index: number, from: number): Generator<MinersCoin> {
    const wallet = present(this.wallets[index], 'a miner');
    const own = toHex(wallet.script);
    for (let height = Math.max(1, from); height <= chain.height + 1 - COINBASE_MATURITY; height++) {
      const coinbase = present(chain.blockAt(height).block.transactions[0], 'a coinbase');
      for (const [vout, { script, valueSat }] of coinbase.outputs.entries()) {
        if (toHex(script) !== own) continue;
        const outPoint = { txid: txidOf(coinbase), vout };
        if (chain.utxos.get(outPoint) !== undefined) yield { outPoint, valueSat: sat(valueSat), wallet };
      }
    }
  }
}
