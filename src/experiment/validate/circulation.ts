/**
 * V7: no network delivers more in the long run than the maximum circulation of what is asked of it (Sivaraman et al., Spider,
 * NSDI 2020, section 5), whatever its payers do: random demands on small networks, and how much of them comes through.
 */
import { z } from 'zod';
import { Rng } from '../../base/random.ts';
import type { Scenario } from '../scenario.ts';
import { count } from '../scenario/values.ts';
import { batchMeans } from './batchMeans.ts';
import { exactly, type Estimate } from './check.ts';
import { maximumCirculation, type PairDemand } from './maximumCirculation.ts';
import { measurement } from './measurement.ts';
import { runTheory, type TheoryChannel } from './theoryWorld.ts';

/** Rates of pairs are 0 … this, each as likely. */
const MOST_RATE = 4;

export const circulation = measurement({
  name: 'circulation',
  unit: 'payments',
  parameters: {
    shape: z.enum(['line', 'ring', 'star', 'complete']),
    nodes: count(3, 12),
    units: count(2, 1000).describe('of each channel, half on each side'),
    demand: count(0, 1_000_000).describe('the seed that rates of pairs are drawn from'),
  },
  plan: (row, { scenario }) => {
    const demands = randomDemands(row.nodes, row.demand);
    const all = demands.reduce((sum, { rate }) => sum + rate, 0);
    return {
      label: `${row.shape} of ${row.nodes}, demand ${row.demand}`,
      figures: [
        { name: 'share delivered', theory: maximumCirculation(row.nodes, demands) / all, isBound: true },
        { name: 'nodes that paid more than they had and were paid', theory: 0, isExact: true },
      ],
      run: (size, rng) => deliver(scenario(), row, demands, size, rng),
    };
  },
});

interface Row {
  readonly shape: 'line' | 'ring' | 'star' | 'complete';
  readonly nodes: number;
  readonly units: number;
}

function randomDemands(nodes: number, seed: number): PairDemand[] {
  const rng = Rng.fromSeed(seed).stream('demand');
  return Array.from({ length: nodes * nodes }, (_, pair) => ({
    from: Math.floor(pair / nodes),
    to: pair % nodes,
    rate: rng.below(MOST_RATE + 1),
  })).filter(({ from, to, rate }) => from !== to && rate > 0);
}

function channelsOf({ shape, nodes, units }: Row): TheoryChannel[] {
  const isJoined = (a: number, b: number): boolean => {
    switch (shape) {
      case 'line':
        return b === a + 1;
      case 'ring':
        return b === a + 1 || (a === 0 && b === nodes - 1);
      case 'star':
        return a === 0;
      case 'complete':
        return true;
    }
  };
  return Array.from({ length: nodes }, (_, a) => a).flatMap((a) =>
    Array.from({ length: nodes - a - 1 }, (_, i) => a + 1 + i)
      .filter((b) => isJoined(a, b))
      .map((b) => ({ between: [nameOf(a), nameOf(b)] as const, units, firstHolds: Math.floor(units / 2) })),
  );
}

const nameOf = (node: number): string => `n${node}`;

function deliver(base: Scenario, row: Row, demands: readonly PairDemand[], size: number, rng: Rng): Estimate[] {
  const channels = channelsOf(row);
  // what channels hold at first is spent after some payments for each of their units
  const warmUp = 20 * row.units * channels.length;
  const { world, graph } = runTheory(
    base,
    channels,
    {
      traffic: {
        payments: warmUp + size,
        endpoints: {
          kind: 'pairs',
          pairs: demands.map(({ from, to, rate }) => ({ from: nameOf(from), to: nameOf(to), weight: rate })),
        },
      },
    },
    rng.uint32(),
  );
  /** by name, what a node paid more than it was paid */
  const paid = new Map<string, number>();
  const add = (node: number, units: number): void => {
    const name = graph.nodeKeys[node]!;
    paid.set(name, (paid.get(name) ?? 0) + units);
  };
  for (const { source, target, succeeded } of world.payments) {
    if (!succeeded) continue;
    add(source, 1);
    add(target, -1);
  }
  const held = (name: string): number =>
    channels.reduce(
      (sum, { between: [first, second], units, firstHolds }) =>
        sum + (first === name ? firstHolds : second === name ? units - firstHolds : 0),
      0,
    );
  return [
    batchMeans(world.payments.slice(warmUp).map(({ succeeded }) => (succeeded ? 1 : 0))),
    exactly([...paid].filter(([name, units]) => units > held(name)).length),
  ];
}
