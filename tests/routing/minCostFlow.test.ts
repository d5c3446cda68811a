import fc from 'fast-check';
import loadHighs from 'highs';
import { describe, expect, test } from 'vitest';
import { flowPaths } from '../../src/routing/flow/flowPaths.ts';
import { type ArcCosts, MinCostFlow } from '../../src/routing/flow/minCostFlow.ts';

interface Arc {
  readonly from: number;
  readonly to: number;
  /** capacity and unit cost, by rising cost */
  readonly pieces: readonly (readonly [number, number])[];
}

const costsOf = (arcs: readonly Arc[]): ArcCosts => ({
  describe(arc, capacity, unitCost, at) {
    arcs[arc]!.pieces.forEach(([units, cost], i) => {
      capacity[at + i] = units;
      unitCost[at + i] = cost;
    });
    return arcs[arc]!.pieces.length;
  },
});

const network = (nodes: number, arcs: readonly Arc[]): { from: Int32Array; to: Int32Array; kernel: MinCostFlow } => {
  const from = Int32Array.from(arcs, (arc) => arc.from);
  const to = Int32Array.from(arcs, (arc) => arc.to);
  return { from, to, kernel: new MinCostFlow(nodes, from, to) };
};

const drawn = fc.record({
  nodes: fc.integer({ min: 2, max: 8 }),
  arcs: fc.array(
    fc.record({
      from: fc.nat(7),
      to: fc.nat(7),
      pieces: fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.nat(30)), { minLength: 1, maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 24 },
  ),
  amount: fc.integer({ min: 1, max: 25 }),
});

const tidy = (one: {
  nodes: number;
  arcs: readonly Arc[];
  amount: number;
}): { nodes: number; arcs: Arc[]; amount: number } => ({
  ...one,
  arcs: one.arcs
    .map(({ from, to, pieces }) => ({
      from: from % one.nodes,
      to: to % one.nodes,
      pieces: pieces.toSorted((a, b) => a[1] - b[1]),
    }))
    .filter(({ from, to }) => from !== to),
});

describe('against a linear program (HiGHS)', () => {
  test('sends as much at the same cost', { timeout: 60_000 }, async () => {
    const highs = await loadHighs();
    let compared = 0;
    let partial = 0;
    fc.assert(
      fc.property(drawn.map(tidy), ({ nodes, arcs, amount }) => {
        const { kernel } = network(nodes, arcs);
        const found = kernel.solve(costsOf(arcs), 0, nodes - 1, amount);
        if (found.sent < amount) partial++;
        if (found.sent === 0) return;
        const variables = arcs.flatMap(({ from, to, pieces }, arc) =>
          pieces.map(([units, cost], piece) => ({ name: `x${arc}_${piece}`, from, to, units, cost })),
        );
        const balance = (node: number): string => {
          const terms = variables
            .filter(({ from, to }) => from === node || to === node)
            .map(({ name, from }) => `${from === node ? '+' : '-'} ${name}`);
          const out = node === 0 ? found.sent : node === nodes - 1 ? -found.sent : 0;
          return terms.length === 0 ? '' : ` n${node}: ${terms.join(' ')} = ${out}`;
        };
        const program = [
          'Minimize',
          ` cost: ${variables.map(({ name, cost }) => `${cost} ${name}`).join(' + ')}`,
          'Subject To',
          ...Array.from({ length: nodes }, (_, node) => balance(node)).filter((line) => line !== ''),
          'Bounds',
          ...variables.map(({ name, units }) => ` 0 <= ${name} <= ${units}`),
          'End',
        ].join('\n');
        const solution = highs.solve(program);
        expect(solution.Status).toBe('Optimal');
        expect(found.cost).toBe(Math.round(solution.ObjectiveValue));
        compared++;
      }),
      { numRuns: 400 },
    );
    expect(compared).toBeGreaterThan(100);
    expect(partial).toBeGreaterThan(50);
  });
});

test('a flow that is less than asked for is a maximum flow: it leaves a cut that is full', () => {
  let cuts = 0;
  fc.assert(
    fc.property(drawn.map(tidy), ({ nodes, arcs, amount }) => {
      const { kernel } = network(nodes, arcs);
      const { sent, arcs: used, flows } = kernel.solve(costsOf(arcs), 0, nodes - 1, 50 * amount);
      if (sent === 50 * amount) return;
      const flowOf = new Map(used.map((arc, i) => [arc, flows[i]!]));
      const capacityOf = (arc: Arc): number => arc.pieces.reduce((sum, [units]) => sum + units, 0);
      const reachable = new Set([0]);
      for (let round = 0; round < nodes; round++) {
        arcs.forEach((arc, i) => {
          if (reachable.has(arc.from) && (flowOf.get(i) ?? 0) < capacityOf(arc)) reachable.add(arc.to);
          if (reachable.has(arc.to) && (flowOf.get(i) ?? 0) > 0) reachable.add(arc.from);
        });
      }
      expect(reachable.has(nodes - 1)).toBe(false);
      cuts++;
    }),
    { numRuns: 500 },
  );
  expect(cuts).toBeGreaterThan(300);
});

test('its ways carry all of it, none over an arc more than the flow says, and none passes a node twice', () => {
  fc.assert(
    fc.property(drawn.map(tidy), ({ nodes, arcs, amount }) => {
      const { from, to, kernel } = network(nodes, arcs);
      const flow = kernel.solve(costsOf(arcs), 0, nodes - 1, amount);
      const carried = new Map<number, number>();
      let delivered = 0;
      for (const path of flowPaths(flow, from, to, 0, nodes - 1)) {
        const visited = [0, ...path.arcs.map((arc) => to[arc]!)];
        expect(visited.at(-1)).toBe(nodes - 1);
        expect(new Set(visited).size).toBe(visited.length);
        path.arcs.forEach((arc, i) => {
          expect(from[arc]).toBe(visited[i]);
          carried.set(arc, (carried.get(arc) ?? 0) + path.units);
        });
        delivered += path.units;
      }
      expect(delivered).toBe(flow.sent);
      flow.arcs.forEach((arc, i) => expect(carried.get(arc) ?? 0).toBeLessThanOrEqual(flow.flows[i]!));
    }),
    { numRuns: 500 },
  );
});

test('a run leaves nothing behind for the next', () => {
  fc.assert(
    fc.property(drawn.map(tidy), ({ nodes, arcs, amount }) => {
      const { kernel } = network(nodes, arcs);
      const first = kernel.solve(costsOf(arcs), 0, nodes - 1, amount);
      kernel.solve(costsOf(arcs), nodes - 1, 0, 100 * amount);
      expect(kernel.solve(costsOf(arcs), 0, nodes - 1, amount)).toEqual(first);
    }),
    { numRuns: 200 },
  );
});
