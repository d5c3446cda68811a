/** Small random graphs with a request and what the payer knows, and every route there is in them. */
import fc from 'fast-check';
import { micros } from '../../src/base/time.ts';
import { msat } from '../../src/base/units.ts';
import { CompiledGraph, type GraphColumns } from '../../src/graph/compiled.ts';
import type { Route } from '../../src/routing/route.ts';
import type { PayerView, RouteRequest } from '../../src/routing/strategy.ts';

export interface Case {
  columns: GraphColumns;
  graph: CompiledGraph;
  request: RouteRequest;
  view: PayerView;
}

const NO_LIMIT = 2 ** 45;

/** What one direction of a channel asks; amounts as parts of the payment's. */
const policy = fc.record({
  feeBaseMsat: fc.oneof(fc.constantFrom(0, 1, 1000), fc.nat(20_000)),
  feeProportionalMillionths: fc.oneof(fc.constantFrom(0, 1, 1_000_000), fc.nat(100_000)),
  cltvExpiryDelta: fc.nat(144),
  // nothing, the payment itself, or far more than any fees bring it to: see `searchKernel.ts` on minimums between
  minimumParts: fc.constantFrom(0, 1, 1e6),
  maximumParts: fc.constantFrom(0.5, 1, 1.01, 1.2, 2, 1000),
  enabled: fc.boolean().map((off) => (off ? 1 : 0)),
});

/** Up to 7 nodes and 13 channels, some of them parallel; most directions usable, some limits close to the amount. */
export const smallCase: fc.Arbitrary<Case> = fc
  .record({
    nodes: fc.integer({ min: 2, max: 7 }),
    channels: fc.array(
      fc.record({
        ends: fc.tuple(fc.nat(6), fc.nat(6)),
        capacityParts: fc.constantFrom(0.9, 1, 1.05, 3, 1000),
        policies: fc.tuple(policy, policy),
        spendableParts: fc.tuple(fc.constantFrom(0, 1, 1.1, 3), fc.constantFrom(0, 1, 1.1, 3)),
      }),
      { minLength: 1, maxLength: 13 },
    ),
    amountMsat: fc.oneof(fc.integer({ min: 1, max: 5_000_000 }), fc.integer({ min: 2 ** 30, max: 2 ** 38 })),
  })
  .map(({ nodes, channels: drawn, amountMsat }) => {
    const channels = drawn
      .map((channel) => ({ ...channel, ends: [channel.ends[0] % nodes, channel.ends[1] % nodes] as const }))
      .filter(({ ends }) => ends[0] !== ends[1]);
    const policies = channels.flatMap((channel) => channel.policies);
    const parts = (part: number): number => Math.floor(part * amountMsat);
    const columns = {
      nodeKeys: Array.from({ length: nodes }, (_, i) => `node ${i}`),
      channelIds: channels.map((_, i) => `${i}x0x0`),
      node1: channels.map(({ ends }) => ends[0]),
      node2: channels.map(({ ends }) => ends[1]),
      capacityMsat: channels.map(({ capacityParts }) => parts(capacityParts)),
      feeBaseMsat: policies.map(({ feeBaseMsat }) => feeBaseMsat),
      feeProportionalMillionths: policies.map(({ feeProportionalMillionths }) => feeProportionalMillionths),
      cltvExpiryDelta: policies.map(({ cltvExpiryDelta }) => cltvExpiryDelta),
      htlcMinimumMsat: policies.map(({ minimumParts }) => parts(minimumParts)),
      htlcMaximumMsat: policies.map(({ maximumParts }) => parts(maximumParts)),
      enabled: policies.map(({ enabled }) => enabled),
    };
    const graph = new CompiledGraph(columns);
    const spendable = channels.flatMap(({ spendableParts }) => spendableParts.map(parts));
    return {
      columns,
      graph,
      request: {
        source: 0,
        target: nodes - 1,
        amountMsat: msat(amountMsat),
        finalCltvExpiryDelta: 9,
        maxFeeMsat: msat(NO_LIMIT),
        maxCltvExpiryDelta: 100_000,
        maxHops: 20,
        maxParts: 1,
      },
      view: {
        graph,
        now: micros(0),
        spendableMsat: (edge: number): number => spendable[edge]!,
        inFlightMsat: () => 0,
        excludedEdges: [],
        excludedNodes: [],
      },
    };
  });

/** Every way from the payer to the payee that passes no node twice, feasible or not. */
export function everyWay(graph: CompiledGraph, source: number, target: number): number[][] {
  const ways: number[][] = [];
  const walk = (node: number, edges: number[], seen: ReadonlySet<number>): void => {
    if (node === target) {
      ways.push(edges);
      return;
    }
    for (let edge = 0; edge < graph.edgeCount; edge++) {
      const next = graph.edgeTo[edge]!;
      if (graph.edgeFrom[edge] === node && !seen.has(next)) walk(next, [...edges, edge], new Set([...seen, next]));
    }
  };
  walk(source, [], new Set([source]));
  return ways;
}

/** A way's amounts and expiries, worked out on its own with big integers; null where it breaks a rule of the request. */
export function price({ columns, request, view }: Case, edges: readonly number[]): Route | null {
  const carried: bigint[] = [BigInt(request.amountMsat)];
  const expiries = [request.finalCltvExpiryDelta];
  for (let hop = edges.length - 1; hop > 0; hop--) {
    const edge = edges[hop]!;
    const millionths = BigInt(columns.feeProportionalMillionths[edge]!);
    carried.unshift(carried[0]! + BigInt(columns.feeBaseMsat[edge]!) + (carried[0]! * millionths) / 1_000_000n);
    expiries.unshift(expiries[0]! + columns.cltvExpiryDelta[edge]!);
  }
  const feasible = edges.every((edge, hop) => {
    const amount = carried[hop]!;
    const mostMsat = [columns.htlcMaximumMsat[edge]!, columns.capacityMsat[edge >> 1]!];
    if (hop === 0) mostMsat.push(view.spendableMsat(edge));
    else if (columns.enabled[edge] !== 1 || view.excludedNodes.includes(view.graph.edgeFrom[edge]!)) return false;
    if (view.excludedEdges.includes(edge)) return false;
    return mostMsat.every((most) => amount <= BigInt(most)) && amount >= BigInt(columns.htlcMinimumMsat[edge]!);
  });
  const feeMsat = msat(Number(carried[0]! - BigInt(request.amountMsat)));
  const within =
    feeMsat <= request.maxFeeMsat && expiries[0]! <= request.maxCltvExpiryDelta && edges.length <= request.maxHops;
  if (!feasible || !within) return null;
  return { edges, amountsMsat: carried.map((amount) => msat(Number(amount))), cltvExpiryDeltas: expiries, feeMsat };
}

/** Every route that keeps to the request. */
export const everyRoute = (one: Case): Route[] =>
  everyWay(one.graph, one.request.source, one.request.target)
    .map((edges) => price(one, edges))
    .filter((route) => route !== null);
