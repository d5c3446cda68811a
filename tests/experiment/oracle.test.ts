import fc from 'fast-check';
import loadHighs from 'highs';
import { describe, expect, test } from 'vitest';
import { msat } from '../../src/base/units.ts';
import { askOracle, maxDeliverableMsat, type Truth } from '../../src/experiment/oracle.ts';
import { policyFault, structureFault } from '../../src/experiment/routeCheck.ts';
import type { CompiledGraph } from '../../src/graph/compiled.ts';
import type { Route } from '../../src/routing/route.ts';
import { edgeOf, type Line, network, requestOf, written } from '../routing/network.ts';
import { type Case, everyWay, price, smallCase } from '../routing/smallGraphs.ts';

/** `A-B: 5`: what A can send to B now, sat; nothing where nothing is said. */
function truthOf(graph: CompiledGraph, sats: Readonly<Record<string, number>>): Truth {
  const bySend = new Map(
    Object.entries(sats).map(([way, amount]) => {
      const [from, to] = way.split('-') as [string, string];
      return [edgeOf(graph, from, to), 1000 * amount];
    }),
  );
  return { graph, sendableMsat: (edge) => bySend.get(edge) ?? 0 };
}

describe('the most that can be delivered', () => {
  test('on a triangle with capacities of 2 is 0 to 4 in 5, 8, 9, 4 and 1 of its 27 states (Pickhardt and Richter)', () => {
    const graph = network([
      ['A-B', 0, { capacitySat: 2 }],
      ['A-C', 0, { capacitySat: 2 }],
      ['C-B', 0, { capacitySat: 2 }],
    ]);
    const states = [0, 0, 0, 0, 0];
    for (const ab of [0, 1, 2]) {
      for (const ac of [0, 1, 2]) {
        for (const cb of [0, 1, 2]) {
          const truth = truthOf(graph, {
            'A-B': ab,
            'B-A': 2 - ab,
            'A-C': ac,
            'C-A': 2 - ac,
            'C-B': cb,
            'B-C': 2 - cb,
          });
          states[maxDeliverableMsat(truth, 0, 1) / 1000]!++;
        }
      }
    }
    expect(states).toEqual([5, 8, 9, 4, 1]);
  });

  test('is the smallest cut, whatever the graph', () => {
    let most = 0;
    fc.assert(
      fc.property(truthCase, ({ one, truth }) => {
        const { graph, request } = one;
        const { source, target } = request;
        const carries = (edge: number): number => {
          if (graph.edgeFrom[edge] !== source && graph.enabled[edge] !== 1) return 0;
          const sendable = truth.sendableMsat(edge);
          const least = Math.max(1, graph.htlcMinimumMsat[edge]!);
          return Math.min(sendable, graph.usableMsat(edge)) < least ? 0 : sendable;
        };
        let smallest = Infinity;
        for (let side = 0; side < 2 ** graph.nodeCount; side++) {
          const isIn = (node: number): boolean => (side & (1 << node)) !== 0;
          if (!isIn(source) || isIn(target)) continue;
          let cut = 0;
          for (let edge = 0; edge < graph.edgeCount; edge++) {
            if (isIn(graph.edgeFrom[edge]!) && !isIn(graph.edgeTo[edge]!)) cut += carries(edge);
          }
          smallest = Math.min(smallest, cut);
        }
        expect(maxDeliverableMsat(truth, source, target)).toBe(smallest);
        most = Math.max(most, smallest / request.amountMsat);
      }),
      { numRuns: 500 },
    );
    expect(most).toBeGreaterThan(2);
  });
});

/** A small graph, and what each edge can really send, as parts of the payment. */
const truthCase = fc
  .record({
    one: smallCase,
    parts: fc.array(fc.constantFrom(0, 0.4, 0.7, 1, 1.3, 5), { minLength: 26, maxLength: 26 }),
  })
  .map(({ one, parts }): { one: Case; truth: Truth } => {
    const { graph, request } = one;
    const sends = parts.map((part, edge) =>
      edge < graph.edgeCount ? Math.min(Math.floor(part * request.amountMsat), graph.capacityMsat[edge >> 1]!) : 0,
    );
    return { one, truth: { graph, sendableMsat: (edge) => sends[edge] ?? 0 } };
  });

describe('the cheapest single route', () => {
  test('costs what the cheapest of all ways that carry it costs', () => {
    const seen = { found: 0, none: 0 };
    fc.assert(
      fc.property(truthCase, ({ one, truth }) => {
        const { graph, request, view } = one;
        const known = {
          ...one,
          view: {
            ...view,
            spendableMsat: (edge: number) => truth.sendableMsat(edge),
            excludedEdges: [],
            excludedNodes: [],
          },
        };
        const fees = everyWay(graph, request.source, request.target)
          .map((edges) => price(known, edges))
          .filter((route) => route !== null)
          .filter((route) => route.edges.every((edge, hop) => truth.sendableMsat(edge) >= route.amountsMsat[hop]!))
          .map(({ feeMsat }) => feeMsat);
        const { route, verdict } = askOracle(request, truth);
        expect(route?.feeMsat ?? null).toBe(fees.length === 0 ? null : Math.min(...fees));
        expect(verdict === 'one-route').toBe(fees.length > 0);
        seen[fees.length === 0 ? 'none' : 'found']++;
      }),
      { numRuns: 1500 },
    );
    expect(Math.min(seen.found, seen.none)).toBeGreaterThan(100);
  });
});

describe('the cheapest split', () => {
  /** Whether the parts fit what channels hold at that moment, and what policies ask. */
  function checkParts(one: Case, truth: Truth, routes: readonly Route[]): void {
    const view = {
      ...one.view,
      spendableMsat: (edge: number) => truth.sendableMsat(edge),
      excludedEdges: [],
      excludedNodes: [],
    };
    const request = { ...one.request, maxParts: 1000 };
    expect(structureFault(request, view, routes)).toBe(null);
    expect(policyFault(request, view, routes)).toBe(null);
    const carried = new Map<number, number>();
    for (const { edges, amountsMsat } of routes) {
      edges.forEach((edge, hop) => carried.set(edge, (carried.get(edge) ?? 0) + amountsMsat[hop]!));
    }
    for (const [edge, amountMsat] of carried) expect(amountMsat).toBeLessThanOrEqual(truth.sendableMsat(edge));
  }

  test('fits what channels hold, and is never dearer than one route', () => {
    const seen = { 'one-route': 0, split: 0, 'beyond-limits': 0, impossible: 0 };
    fc.assert(
      fc.property(truthCase, ({ one, truth }) => {
        const { verdict, deliverableMsat, route, cheapest } = askOracle(one.request, truth);
        seen[verdict]++;
        expect(deliverableMsat < one.request.amountMsat).toBe(verdict === 'impossible');
        if (cheapest === null) return;
        checkParts(one, truth, cheapest);
        const feeMsat = cheapest.reduce((sum, each) => sum + each.feeMsat, 0);
        if (route !== null) expect(feeMsat).toBeLessThanOrEqual(route.feeMsat);
      }),
      { numRuns: 1500 },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(10);
  });

  test('is within a hundredth of a linear program’s optimum where fees are proportional (HiGHS)', async () => {
    const highs = await loadHighs();
    const seen = { split: 0, lost: 0, gapMost: 0 };
    for (const [index, { one, truth }] of fc.sample(truthCase, { numRuns: 300, seed: 11 }).entries()) {
      const { graph } = one;
      const request = { ...one.request, amountMsat: msat(10_000_000 + index) };
      const scale = request.amountMsat / one.request.amountMsat;
      for (let edge = 0; edge < graph.edgeCount; edge++) {
        graph.setPolicy(edge, {
          feeBaseMsat: msat(0),
          feeProportionalMillionths: (graph.feeProportionalMillionths[edge]! * 7) % 5000,
          cltvExpiryDelta: 1,
          htlcMinimumMsat: msat(0),
          htlcMaximumMsat: msat(2 ** 50),
          disabled: graph.enabled[edge] !== 1,
        });
        graph.capacityMsat[edge >> 1] = 2 ** 45;
      }
      const sends = Array.from({ length: graph.edgeCount }, (_, edge) => Math.floor(scale * truth.sendableMsat(edge)));
      const scaled: Truth = { graph, sendableMsat: (edge) => sends[edge]! };
      const { cheapest } = askOracle(request, scaled);
      const best = optimum(graph, request, sends, highs.solve.bind(highs));
      if (best === null) {
        expect(cheapest).toBe(null);
        continue;
      }
      // what only just fits may be lost to the rounding of fees
      if (cheapest === null) {
        seen.lost++;
        continue;
      }
      const feeMsat = cheapest.reduce((sum, each) => sum + each.feeMsat, 0);
      if (cheapest.length > 1) seen.split++;
      expect(feeMsat).toBeGreaterThanOrEqual(best - 20);
      seen.gapMost = Math.max(seen.gapMost, (feeMsat - best) / Math.max(1000, best));
    }
    expect(seen.split).toBeGreaterThan(20);
    expect(seen.lost).toBeLessThan(10);
    expect(seen.gapMost).toBeLessThan(0.01);
  });

  /** Fees of the cheapest flow with proportional fees and gains along the way, msat; null where there is none. */
  function optimum(
    graph: CompiledGraph,
    { source, target, amountMsat }: { source: number; target: number; amountMsat: number },
    sends: readonly number[],
    solve: (program: string) => { readonly Status: string; readonly ObjectiveValue: number },
  ): number | null {
    const edges = sends
      .map((most, edge) => ({ most, edge, from: graph.edgeFrom[edge]!, to: graph.edgeTo[edge]! }))
      .filter(
        ({ from, to, most, edge }) =>
          to !== source && from !== target && most > 0 && (from === source || graph.enabled[edge] === 1),
      );
    const own = edges.filter(({ from }) => from === source);
    if (own.length === 0) return null;
    // a node takes in what it sends on and its fees: x = amount over the edge, what must come in is x (1 + rate)
    const rows = Array.from({ length: graph.nodeCount }, (_, node) => node)
      .filter((node) => node !== source)
      .map((node) => {
        const into = edges.filter(({ to }) => to === node).map(({ edge }) => `+ x${edge}`);
        const out = edges
          .filter(({ from }) => from === node)
          .map(({ edge }) => `- ${1 + graph.feeProportionalMillionths[edge]! / 1e6} x${edge}`);
        const terms = [...into, ...out];
        return terms.length === 0 ? '' : ` ${terms.join(' ')} = ${node === target ? amountMsat : 0}`;
      })
      .filter((row) => row !== '');
    if (!edges.some(({ to }) => to === target)) return null;
    const bounds = edges.map(({ edge, most }) => ` 0 <= x${edge} <= ${most}`);
    const solved = solve(
      [
        'Minimize',
        ` ${own.map(({ edge }) => `x${edge}`).join(' + ')}`,
        'Subject To',
        ...rows,
        'Bounds',
        ...bounds,
        'End',
      ].join('\n'),
    );
    return solved.Status === 'Optimal' ? solved.ObjectiveValue - amountMsat : null;
  }
});

describe('stories of the oracle', () => {
  //  A ── B ── D and A ── C ── D, 100 sat each; B asks 1 sat, C asks 2
  const lines: readonly Line[] = [
    ['A-B', 0, { capacitySat: 100 }],
    ['B-D', 1000, { capacitySat: 100 }],
    ['A-C', 0, { capacitySat: 100 }],
    ['C-D', 2000, { capacitySat: 100 }],
  ];
  const graph = network(lines);
  const ask = (amountSat: number, sats: Record<string, number>, limits = {}): string => {
    const request = requestOf(graph, 'A', 'D', { amountMsat: msat(1000 * amountSat), ...limits });
    const { verdict, deliverableMsat, cheapest } = askOracle(request, truthOf(graph, sats));
    return [verdict, deliverableMsat / 1000, ...(cheapest ?? []).map((route) => written(graph, route))].join(', ');
  };
  const half = { 'A-B': 50, 'B-D': 50, 'A-C': 50, 'C-D': 50 };

  test('one part goes the cheaper way that carries it', () => {
    expect(ask(40, half)).toBe('one-route, 100, A-B-D 1000');
    expect(ask(40, { ...half, 'B-D': 39 })).toBe('one-route, 89, A-C-D 2000');
  });

  test('what no channel carries alone goes in parts, which leave room for their fees', () => {
    expect(ask(60, half)).toBe('split, 100, A-B-D 1000, A-C-D 2000');
    expect(ask(97, half)).toBe('split, 100, A-B-D 1000, A-C-D 2000');
    expect(ask(98, half)).toBe('beyond-limits, 100');
  });

  test('limits on fees make the possible impossible for the payer, and empty channels for everybody', () => {
    expect(ask(40, half, { maxFeeMsat: msat(999) })).toBe('beyond-limits, 100');
    expect(ask(40, half, { maxHops: 1 })).toBe('beyond-limits, 100');
    expect(ask(101, half)).toBe('impossible, 100');
    expect(ask(1, {})).toBe('impossible, 0');
    expect(askOracle(requestOf(graph, 'A', 'A'), truthOf(graph, half)).verdict).toBe('impossible');
  });
});
