/**
 * V4: what the states of a triangle carry from s to d (Pickhardt and Richter, arXiv 2107.05322): each of the 27 as a network
 * of its own, on which two routes are tried until nothing more comes through.
 */
import type { Scenario } from '../scenario.ts';
import { exactly } from './check.ts';
import { measurement } from './measurement.ts';
import { runTheory } from './theoryWorld.ts';

/** Units that the most generous state carries: two directly and two over A. */
const MOST = 4;

export const triangle = measurement({
  name: 'triangle',
  unit: null,
  parameters: {},
  plan: (_, { scenario }) => ({
    label: '',
    figures: [
      ...Array.from({ length: MOST + 1 }, (_, units) => `triangles that carry ${units}`),
      'P(3 units can be sent)',
    ].map((name) => ({ name, theory: null, isExact: true })),
    run: (_, rng) => {
      const flows = triangleFlows(scenario(), rng.uint32());
      const counts = Array.from({ length: MOST + 1 }, (_, units) => flows.filter((flow) => flow === units).length);
      return [...counts, flows.filter((flow) => flow >= 3).length / flows.length].map(exactly);
    },
  }),
});

/** Units that come through in each state of the triangle s – A – d, s – d with capacities of two units. */
function triangleFlows(base: Scenario, seed: number): number[] {
  const balances = [0, 1, 2];
  const states = balances.flatMap((direct) =>
    balances.flatMap((first) => balances.map((last) => [direct, first, last])),
  );
  const { world, graph } = runTheory(
    base,
    states.flatMap(([direct = 0, first = 0, last = 0], copy) => [
      { between: [`s${copy}`, `d${copy}`], units: 2, firstHolds: direct },
      { between: [`s${copy}`, `A${copy}`], units: 2, firstHolds: first },
      { between: [`A${copy}`, `d${copy}`], units: 2, firstHolds: last },
    ]),
    {
      traffic: {
        payments: states.length * 100,
        endpoints: {
          kind: 'pairs',
          pairs: states.flatMap((_, copy) => [
            { from: `s${copy}`, to: `d${copy}`, via: [] },
            { from: `s${copy}`, to: `d${copy}`, via: [`A${copy}`] },
          ]),
        },
      },
    },
    seed,
  );
  const flows = states.map(() => 0);
  for (const { source, succeeded } of world.payments) if (succeeded) flows[Number(graph.nodeKeys[source]!.slice(1))]!++;
  return flows;
}
