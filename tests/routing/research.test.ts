import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Rng } from '../../src/base/random.ts';
import { msat } from '../../src/base/units.ts';
import { prepareStrategy } from '../../src/routing/registry.ts';
import { shortestWay, widestWay, withoutCircles } from '../../src/routing/research/forwardWays.ts';
import { landmarksOf, treeDistance, treeFrom } from '../../src/routing/research/landmarks.ts';
import { type Sharing, firstThatFits, inOrder, waterfilling } from '../../src/routing/research/sharedOut.ts';
import { type RouteRequest, type RoutingStrategy, isRouteFailure } from '../../src/routing/strategy.ts';
import { answer, network, outcomeOf, requestOf, viewOf } from './network.ts';
import { everyWay, smallCase } from './smallGraphs.ts';

const make = (name: string, options: Record<string, unknown> = {}): RoutingStrategy =>
  prepareStrategy(name, options, { file: 'test', path: '' })(Rng.fromSeed(1));

describe('sharing out', () => {
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  const drawn = fc.tuple(fc.array(fc.nat(1000), { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 4000 }));

  test.each<[string, Sharing]>([
    ['waterfilling', waterfilling],
    ['in order', inOrder],
  ])('%s uses all that is asked for and no more than there is', (_, sharing) => {
    fc.assert(
      fc.property(drawn, ([rooms, amount]) => {
        const shares = sharing(rooms, amount);
        shares.forEach((share, i) => {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(rooms[i]!);
        });
        expect(sum(shares)).toBe(Math.min(amount, sum(rooms)));
      }),
      { numRuns: 1000 },
    );
  });

  test('waterfilling leaves the same room in all that it uses, and no less in the others', () => {
    expect(waterfilling([100, 60, 20], 80)).toEqual([60, 20, 0]);
    expect(waterfilling([100, 60, 20], 30)).toEqual([30, 0, 0]);
    fc.assert(
      fc.property(drawn, ([rooms, amount]) => {
        const shares = waterfilling(rooms, amount);
        const used = rooms.map((room, i) => room - shares[i]!).filter((_, i) => shares[i]! > 0);
        const unused = rooms.filter((_, i) => shares[i] === 0);
        if (sum(rooms) <= amount) return;
        expect(Math.max(...used) - Math.min(...used)).toBeLessThanOrEqual(rooms.length);
        for (const room of unused) expect(room).toBeLessThanOrEqual(Math.max(...used) + 1);
      }),
      { numRuns: 1000 },
    );
  });

  test('the first that fits takes all, or none does', () => {
    expect(firstThatFits([5, 10, 20], 10)).toEqual([0, 10, 0]);
    expect(firstThatFits([5, 9], 10)).toEqual([0, 0]);
  });
});

describe('ways forwards', () => {
  test('are the shortest and the widest of all there are', () => {
    let compared = 0;
    fc.assert(
      fc.property(smallCase, ({ graph, request }) => {
        const { source, target } = request;
        const widthOf = (edge: number): number => graph.usableMsat(edge);
        const width = (edges: readonly number[]): number => Math.min(...edges.map(widthOf));
        const ways = everyWay(graph, source, target);
        const shortest = shortestWay(graph, source, target, () => true);
        const widest = widestWay(graph, source, target, widthOf);
        if (ways.length === 0) {
          expect([shortest, widest]).toEqual([null, null]);
          return;
        }
        expect(shortest!.length).toBe(Math.min(...ways.map((edges) => edges.length)));
        expect(width(widest!)).toBe(Math.max(...ways.map(width)));
        compared++;
      }),
      { numRuns: 500 },
    );
    expect(compared).toBeGreaterThan(200);
  });

  test('lose the circles that they go', () => {
    const graph = network([
      ['A-B', 0],
      ['B-C', 0],
      ['C-B', 0],
      ['B-D', 0],
    ]);
    expect(withoutCircles(graph, [0, 2, 4, 6])).toEqual([0, 6]);
    expect(withoutCircles(graph, [0, 1])).toEqual([]);
  });
});

describe('trees', () => {
  //  A - B - C - D, E at B
  const graph = network([
    ['A-B', 0],
    ['B-C', 0],
    ['C-D', 0],
    ['B-E', 0],
  ]);
  const node = (key: string): number => graph.nodeIndex.get(key)!;

  test('are rooted in the nodes with the most channels', () => {
    expect(landmarksOf(graph, 2).map((index) => graph.nodeKeys[index])).toEqual(['B', 'C']);
    graph.closeChannel(3);
    expect(landmarksOf(graph, 1).map((index) => graph.nodeKeys[index])).toEqual(['B']);
  });

  test('measure the hops between nodes', () => {
    const whole = network([
      ['A-B', 0],
      ['B-C', 0],
      ['C-D', 0],
      ['B-E', 0],
      ['X-Y', 0],
    ]);
    const tree = treeFrom(whole, node('B'));
    const distance = (a: string, b: string): number =>
      treeDistance(tree, whole.nodeIndex.get(a)!, whole.nodeIndex.get(b)!);
    expect([distance('A', 'D'), distance('A', 'E'), distance('D', 'B'), distance('C', 'C')]).toEqual([3, 2, 2, 0]);
    expect(distance('A', 'X')).toBe(Infinity);
  });
});

/** Four ways from A to Z: of 400,000, 300,000, 200,000 and 100,000 sat, the smaller the cheaper. */
const FOUR = network(
  [4, 3, 2, 1].flatMap((size, i) => [
    [`A-${i}`, 0, { capacitySat: 100_000 * size }] as const,
    [`${i}-Z`, 100 * size, { capacitySat: 100_000 * size }] as const,
  ]),
);
const view = viewOf(FOUR, { spendableMsat: (edge) => FOUR.capacityMsat[edge >> 1]! });
/** What each of the four ways brings, in sat. */
function shares(strategy: RoutingStrategy, amountSat: number, asked: Partial<RouteRequest> = {}): number[] | string {
  const request = requestOf(FOUR, 'A', 'Z', { amountMsat: msat(1000 * amountSat), maxParts: 10, ...asked });
  const found = strategy.findRoutes(request, view);
  if (isRouteFailure(found)) return found.failure;
  const byWay = [0, 0, 0, 0];
  for (const { edges, amountsMsat } of found) byWay[edges[0]! >> 2] = amountsMsat.at(-1)! / 1000;
  return byWay;
}

describe('spider', () => {
  test('levels what its ways have left', () => {
    const found = shares(make('spider'), 300_000);
    // half-way between the bounds of each channel lies half of its capacity, but its own channels show all they have
    expect(found).toEqual([200_000, 100_000, 0, 0].map((share) => expect.closeTo(share, 0)));
  });

  test('uses as many ways as it may', () => {
    expect(shares(make('spider', { paths: 1 }), 300_000)).toEqual([300_000, 0, 0, 0]);
    expect(shares(make('spider'), 300_000, { maxParts: 1 })).toEqual([300_000, 0, 0, 0]);
    expect(shares(make('spider', { kind: 'shortest' }), 900_000)).toHaveLength(4);
    expect(shares(make('spider'), 1_000_001)).toBe('insufficient-balance');
  });
});

describe('flash', () => {
  test('sends an elephant over the cheapest ways of a flow', () => {
    const payer = make('flash', { elephantSat: 100_000 });
    // the flow's shortest ways carry it: of those that it takes, the cheapest are filled first
    const found = shares(payer, 600_000);
    expect(found).toEqual([expect.any(Number), expect.any(Number), 0, 0]);
    const all = shares(payer, 990_000);
    expect(all).toEqual([expect.any(Number), 299_999.7, 199_999.8, 99_999.9]);
  });

  test('sends mice over the ways of its table, in any order', () => {
    const payer = make('flash');
    const ways = new Set(Array.from({ length: 60 }, () => JSON.stringify(shares(payer, 10_000))));
    expect(ways.size).toBe(4);
    // one that is too large for most of them takes what fits
    expect(shares(payer, 350_000)).toEqual([350_000, 0, 0, 0]);
  });

  test('avoids what it learnt to be empty', () => {
    const payer = make('flash');
    for (const way of ['A-1-Z', 'A-2-Z', 'A-3-Z']) {
      payer.learn(outcomeOf(FOUR, way, 5_000_000, 0, { name: 'temporary_channel_failure', at: way[2]! }));
    }
    for (let i = 0; i < 20; i++) expect(shares(payer, 10_000)).toEqual([10_000, 0, 0, 0]);
  });
});

describe('speedymurmurs', () => {
  test('takes a channel that is no tree edge where it leads nearer', () => {
    //  a tree from R: R - A, R - B, A - C, B - D; and C - D
    const graph = network([
      ['R-A', 0],
      ['R-B', 0],
      ['R-X', 0],
      ['R-Y', 0],
      ['A-C', 0],
      ['B-D', 0],
      ['C-D', 0],
    ]);
    const payer = make('speedymurmurs', { landmarks: 1 });
    expect(answer(payer, requestOf(graph, 'C', 'D'), viewOf(graph))).toBe('C-D 0');
    expect(answer(payer, requestOf(graph, 'A', 'D'), viewOf(graph))).toBe('A-R-B-D 0');
    expect(answer(payer, requestOf(graph, 'A', 'B'), viewOf(graph))).toBe('A-R-B 0');
  });

  test('splits at random over its trees', () => {
    const payer = make('speedymurmurs', { landmarks: 6 });
    const splits = new Set(Array.from({ length: 20 }, () => JSON.stringify(shares(payer, 300_000))));
    expect(splits.size).toBeGreaterThan(5);
  });
});

describe('landmark', () => {
  test('goes by the best connected nodes, without circles', () => {
    //  A - B - H - C, H with channels to all; A - D - C without H
    const graph = network([
      ['A-B', 0],
      ['B-H', 5],
      ['H-C', 5],
      ['H-X', 0],
      ['H-Y', 0],
      ['H-D', 0],
      ['A-D', 0],
      ['D-C', 0],
    ]);
    const payer = make('landmark', { landmarks: 1 });
    expect(answer(payer, requestOf(graph, 'A', 'C'), viewOf(graph))).toBe('A-B-H-C 10');
    expect(answer(payer, requestOf(graph, 'X', 'Y'), viewOf(graph))).toBe('X-H-Y 0');
    expect(answer(payer, requestOf(graph, 'B', 'A'), viewOf(graph))).toBe('B-A 0');
  });
});
