/** V6: how often a double-spend race is won, on chains whose nodes see the payment undone. */
import { z } from 'zod';
import { assert, present } from '../../base/assert.ts';
import type { Rng } from '../../base/random.ts';
import { type DoubleSpend, doubleSpend, doubleSpendChance } from '../../chain/minerBehaviours/doubleSpend.ts';
import { count } from '../scenario/values.ts';
import { batchMeans } from './batchMeans.ts';
import { measurement } from './measurement.ts';
import { type Coin, coinOf, matureCoins, newNetwork, spend } from './minedWorld.ts';
import { inParts } from './parts.ts';

const ATTACKER = 1;
const FEE_SAT = 200;
/** A new chain after so many, so that what a run holds stays small. */
const RACES_PER_CHAIN = 1000;

export const doubleSpendRace = measurement({
  name: 'double-spend-race',
  unit: 'races',
  parameters: {
    share: z.number().min(0.01).max(0.49).describe('of the hash power, the attacker’s'),
    confirmations: count(1, 100).describe('that the payee waits for'),
    giveUpBehind: count(1, 100).describe(
      'blocks; theory’s attacker never gives up, and what that is worth is the floor',
    ),
  },
  plan: (row) => {
    const { share, confirmations, giveUpBehind } = row;
    let floor = 1;
    // from that far behind it would have had to gain one block more than that
    for (let i = 0; i <= giveUpBehind; i++) floor *= share / (1 - share);
    return {
      label: `q = ${share}, z = ${confirmations}`,
      figures: [
        {
          name: 'P(payment undone)',
          theory: doubleSpendChance(share, confirmations),
          floor,
          because: `the attacker gives up ${giveUpBehind} blocks behind`,
        },
      ],
      run: (size, rng) => [
        batchMeans(inParts(size, RACES_PER_CHAIN, rng, (races, rng) => runRaces(row, races, rng)).flat()),
      ],
    };
  },
});

interface Row {
  readonly share: number;
  readonly confirmations: number;
  readonly giveUpBehind: number;
}

/** Races on one chain, one after the other. @returns for each 1 if the payment was undone, else 0 */
function runRaces({ share, confirmations, giveUpBehind }: Row, count: number, rng: Rng): number[] {
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
