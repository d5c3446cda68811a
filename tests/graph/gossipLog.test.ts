/** The public graph with its log: each node sees what has come to it, and the graph is as before when it has looked. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { micros } from '../../src/base/time.ts';
import { msat } from '../../src/base/units.ts';
import type { CompiledGraph } from '../../src/graph/compiled.ts';
import { GossipLog } from '../../src/graph/gossipLog.ts';
import { network } from '../routing/network.ts';

/** Four nodes in a square with a diagonal. */
const square = (): CompiledGraph =>
  network([
    ['A-B', 1000],
    ['B-C', 2000],
    ['C-D', 3000],
    ['D-A', 4000],
    ['A-C', 5000],
  ]);

/** Everything that a search can read of a graph. */
const picture = (graph: CompiledGraph): unknown =>
  structuredClone([
    graph.capacityMsat,
    graph.enabled,
    graph.feeBaseMsat,
    graph.cltvExpiryDelta,
    graph.incoming.cells,
    graph.outgoing.cells,
  ]);

const asking = (graph: CompiledGraph, edge: number, fee: number) => ({
  ...graph.policyOf(edge),
  feeBaseMsat: msat(fee),
});

describe('the log of gossip', () => {
  const DELAY = micros(100);
  const late = () => {
    const graph = square();
    return { graph, log: new GossipLog(graph, (node) => (node === 0 ? DELAY : micros(0)), DELAY, micros(30)) };
  };

  test('a change is there at once for the graph, and late for a node that hears late', () => {
    const { graph, log } = late();
    log.setPolicy(2, asking(graph, 2, 7), micros(10));
    const seen = (node: number, at: number) => log.seenBy(node, micros(at), () => graph.feeBaseMsat[2]);
    expect([graph.feeBaseMsat[2], seen(1, 10), seen(0, 10), seen(0, 109), seen(0, 110)]).toEqual([7, 7, 2000, 2000, 7]);
    expect(graph.feeBaseMsat[2]).toBe(7);
  });

  test('a closed channel is open to who has not heard, in both directions', () => {
    const { graph, log } = late();
    log.closeChannel(4, micros(10));
    const seen = (node: number) => log.seenBy(node, micros(50), () => [graph.usableMsat(8), graph.enabled[9]]);
    expect([seen(0), seen(1)]).toEqual([
      [1e9, 1],
      [0, 0],
    ]);
  });

  test('what a failure tells is known from then on, to that node alone', () => {
    const { graph, log } = late();
    log.setPolicy(2, asking(graph, 2, 7), micros(10));
    const update = log.updateOf(2)!;
    expect(log.updateOf(3)).toBeUndefined();
    expect(log.hear(0, update, micros(20), micros(30))).toBe(true);
    expect(log.seenBy(0, micros(31), () => graph.feeBaseMsat[2])).toBe(7);
    // a second part that was found before is no reason to leave the edge out; one that was found since is
    expect(log.hear(0, update, micros(25), micros(35))).toBe(true);
    expect(log.hear(0, update, micros(31), micros(40))).toBe(false);
    expect(log.hear(1, update, micros(11), micros(40))).toBe(false);
    log.setPolicy(2, asking(graph, 2, 8), micros(50));
    expect(log.seenBy(0, micros(51), () => graph.feeBaseMsat[2])).toBe(7);
  });

  test('what was asked for before is taken for a while', () => {
    const { graph, log } = late();
    expect(log.formerOf(2, micros(9))).toBeNull();
    log.setPolicy(2, asking(graph, 2, 7), micros(10));
    expect([
      log.formerOf(2, micros(39))?.feeBaseMsat,
      log.formerOf(2, micros(40)),
      log.formerOf(3, micros(11)),
    ]).toEqual([2000, null, null]);
  });

  test('who throws while looking leaves the graph as it was', () => {
    const { graph, log } = late();
    log.setPolicy(2, asking(graph, 2, 7), micros(10));
    const look = (): never => {
      throw new Error('gone wrong');
    };
    expect(() => log.seenBy(0, micros(20), look)).toThrow('gone wrong');
    expect(graph.feeBaseMsat[2]).toBe(7);
    expect(() => log.seenBy(0, micros(20), () => log.closeChannel(0, micros(20)))).toThrow(/does not change/);
  });

  test('a node sees the graph of its delay ago with what it was told, whatever the history', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('policy' as const), edge: fc.nat(9), fee: fc.nat(9000) }),
      fc.record({ kind: fc.constant('close' as const), channel: fc.nat(4) }),
      fc.record({ kind: fc.constant('hear' as const), node: fc.nat(3), edge: fc.nat(9) }),
      fc.record({ kind: fc.constant('look' as const), node: fc.nat(3) }),
    );
    let told = 0;
    let rewound = 0;
    const history = fc.array(fc.tuple(fc.nat(12), step), { minLength: 20, maxLength: 80 });
    const delay = fc.integer({ min: 10, max: 100 });
    const delays = fc.tuple(delay, delay, fc.nat(100));
    fc.assert(
      fc.property(history, delays, (steps, some) => {
        const delayOf = (node: number) => micros([0, ...some][node]!);
        const graph = square();
        const log = new GossipLog(graph, delayOf, micros(100), micros(0));
        const made: { at: number; version: number; edges: number[]; apply: (to: CompiledGraph) => void }[] = [];
        const heard = new Map<string, number>();
        let now = 0;
        for (const [pause, each] of steps) {
          now += pause;
          const version = made.length + 1;
          switch (each.kind) {
            case 'policy': {
              if (graph.capacityMsat[each.edge >> 1] === 0) break;
              const policy = asking(graph, each.edge, each.fee);
              log.setPolicy(each.edge, policy, micros(now));
              made.push({ at: now, version, edges: [each.edge], apply: (to) => to.setPolicy(each.edge, policy) });
              break;
            }
            case 'close': {
              if (graph.capacityMsat[each.channel] === 0) break;
              log.closeChannel(each.channel, micros(now));
              const edges = [2 * each.channel, 2 * each.channel + 1];
              made.push({ at: now, version, edges, apply: (to) => to.closeChannel(each.channel) });
              break;
            }
            case 'hear': {
              const update = log.updateOf(each.edge);
              if (!update || !log.hear(each.node, update, micros(now), micros(now))) break;
              told++;
              const closed = graph.capacityMsat[each.edge >> 1] === 0;
              for (const edge of closed ? [each.edge, each.edge ^ 1] : [each.edge]) {
                heard.set(`${each.node} ${edge}`, update.version);
              }
              break;
            }
            case 'look': {
              const expected = square();
              for (const { at, edges, apply, version: number } of made) {
                const isTold = edges.some((edge) => (heard.get(`${each.node} ${edge}`) ?? 0) >= number);
                if (at + delayOf(each.node) <= now || isTold) apply(expected);
                else rewound++;
              }
              const before = picture(graph);
              expect(log.seenBy(each.node, micros(now), () => picture(graph))).toEqual(picture(expected));
              expect(picture(graph)).toEqual(before);
            }
          }
        }
      }),
      { numRuns: 100 },
    );
    expect(told).toBeGreaterThan(100);
    expect(rewound).toBeGreaterThan(500);
  });
});
