/** V6: how often a double-spend race is won, on chains whose nodes see the payment undone. */
import { assert, present } from '../../base/assert.ts';
import type { Rng } from '../../base/random.ts';
import { type DoubleSpend, doubleSpend, doubleSpendChance } from '../../chain/minerBehaviours/doubleSpend.ts';
import { batchMeans } from './batchMeans.ts';
import type { Experiment } from './check.ts';
import { type Coin, coinOf, matureCoins, newNetwork, spend } from './minedWorld.ts';

export interface RaceOptions {
  /** 0 … ½: of the hash power */
  readonly share: number;
  readonly confirmations: number;
  /** blocks: theory's attacker never gives up; what that is worth is the check's floor */
  readonly giveUpBehind: number;
  readonly sizes: readonly [number, number];
}

const ATTACKER = 1;
const FEE_SAT = 200;
/** A new chain after so many, so that what a run holds stays small. */
const RACES_PER_CHAIN = 1000;

export function raceExperiment(options: RaceOptions): Experiment {
  const { share, confirmations, giveUpBehind, sizes } = options;
  let floor = 1;
  // from that far behind it would have had to gain one block more than that
  for (let i = 0; i <= giveUpBehind; i++) floor *= share / (1 - share);
  const because = `the attacker gives up ${giveUpBehind} blocks behind`;
  const what = `q = ${share}, z = ${confirmations}`;
  return {
    id: 'V6',
    title: `double-spend race, ${what}`,
    source: 'Rosenfeld, Analysis of Hashrate-Based Double Spending, 2014',
    unit: 'races',
    sizes,
    checks: [{ name: `P(payment undone), ${what}`, expected: doubleSpendChance(share, confirmations), floor, because }],
    run: (size, rng) => {
      const undone: number[] = [];
      for (let part = 0; undone.length < size; part++) {
        const races = Math.min(RACES_PER_CHAIN, size - undone.length);
        undone.push(...runRaces(options, races, rng.stream('chain', part)));
      }
      return [batchMeans(undone)];
    },
  };
}

/** Races on one chain, one after the other. @returns for each 1 if the payment was undone, else 0 */
function runRaces({ share, confirmations, giveUpBehind }: RaceOptions, count: number, rng: Rng): number[] {
  let coin: Coin | null = null;
  let race: DoubleSpend | null = null;
  let isOver = false;
  const behaviour = doubleSpend({
    next: () => {
      if (coin === null) return null;
      const payment = spend(coin, FEE_SAT);
      const conflict = spend(coin, FEE_SAT + 1);
      return (race = { payment, conflict, confirmations, giveUpBehind });
    },
    onEnd: ({ payment, conflict }, won) => {
      isOver = true;
      coin = coinOf(won ? conflict : payment);
    },
  });
  const miners = [
    { name: 'honest', hashPower: 1 - share },
    { name: 'attacker', hashPower: share, behaviour },
  ];
  const network = newNetwork(rng, miners, { coins: 1 });
  coin = present(matureCoins(network)[0], 'a coin');
  while (race === null) network.step();

  const { utxos } = network.observer.chain;
  const undone: number[] = [];
  while (undone.length < count) {
    const { payment, conflict }: DoubleSpend = present<DoubleSpend>(race, 'a race');
    isOver = false;
    // theory's race begins when the attacker has a first block: it need not be waited for
    network.mineNow(ATTACKER);
    while (!isOver) network.step();
    network.advance(network.now);
    const isUndone = utxos.has(coinOf(conflict).outPoint);
    assert(isUndone !== utxos.has(coinOf(payment).outPoint), 'one of the two is on the chain');
    undone.push(isUndone ? 1 : 0);
  }
  return undone;
}
