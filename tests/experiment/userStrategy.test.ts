import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/base/errors.ts';
import { Rng } from '../../src/base/random.ts';
import { msat } from '../../src/base/units.ts';
import { userStrategy } from '../../src/experiment/userStrategy.ts';
import type { RoutingStrategy } from '../../src/routing/strategy.ts';
import { edgeOf, network, outcomeOf, requestOf, routeAlong, viewOf, written } from '../routing/network.ts';

//  A ── B ── C, and A ── C
const graph = network([
  ['A-B', 0],
  ['B-C', 1000],
  ['A-C', 0],
]);
const view = viewOf(graph);
const request = requestOf(graph, 'A', 'C', { amountMsat: msat(7), maxParts: 2 });
const way = [edgeOf(graph, 'A', 'B'), edgeOf(graph, 'B', 'C')];
const direct = [edgeOf(graph, 'A', 'C')];

const learn = (): void => undefined;
const made = (exported: unknown, options: Record<string, unknown> = {}): RoutingStrategy =>
  userStrategy(exported, 'my/router.ts', options)(Rng.fromSeed(1));
const giving = (found: unknown): RoutingStrategy => made({ findRoutes: () => found, learn });
const answerOf = (found: unknown): unknown => {
  const routes = giving(found).findRoutes(request, view);
  return 'failure' in routes
    ? routes.failure
    : routes.map((route) => `${route.amountsMsat.at(-1)} ${written(graph, route)}`);
};

describe("a user's strategy", () => {
  test('gives ways by their edges, which are priced; of several each brings its share', () => {
    expect(answerOf([{ edges: way }])).toEqual(['7 A-B-C 1000']);
    expect(answerOf([{ edges: way }, { edges: direct }])).toEqual(['4 A-B-C 1000', '3 A-C 0']);
    expect(
      answerOf([
        { edges: way, amountMsat: 2 },
        { edges: direct, amountMsat: 5 },
      ]),
    ).toEqual(['2 A-B-C 1000', '5 A-C 0']);
    expect(giving([{ edges: way, probability: 0.5 }]).findRoutes(request, view)).toMatchObject([{ probability: 0.5 }]);
  });

  test('may give whole routes, and then pays what it says', () => {
    const route = routeAlong(graph, 'A-B-C', 7);
    const generous = { ...route, amountsMsat: [2007, 7], cltvExpiryDeltas: [99, 18] };
    expect(giving([route]).findRoutes(request, view)).toEqual([route]);
    expect(giving([generous]).findRoutes(request, view)).toEqual([{ ...generous, feeMsat: 2000 }]);
  });

  test('may find nothing', () => {
    for (const nothing of [null, undefined, [], { failure: 'no-route' }]) expect(answerOf(nothing)).toBe('no-route');
    expect(answerOf({ failure: 'insufficient-balance' })).toBe('insufficient-balance');
  });

  test('is not asked what no graph can answer', () => {
    const strategy = made({ findRoutes: () => expect.fail('asked'), learn });
    expect(strategy.findRoutes({ ...request, target: 0 }, view)).toEqual({ failure: 'self-payment' });
    expect(strategy.findRoutes({ ...request, target: 9 }, view)).toEqual({ failure: 'unknown-node' });
    expect(strategy.findRoutes({ ...request, amountMsat: msat(0) }, view)).toEqual({ failure: 'zero-amount' });
  });

  test('is one for all payers as an object, and one for each as a function, with a stream and the options', () => {
    class Counting {
      asked = 0;
      findRoutes(): unknown {
        return ++this.asked % 2 === 0 ? [{ edges: way }] : [];
      }
      learn(): void {}
    }
    const shared = userStrategy(new Counting(), 'f.ts', {});
    shared(Rng.fromSeed(1)).findRoutes(request, view);
    expect(shared(Rng.fromSeed(1)).findRoutes(request, view)).toHaveLength(1);
    const each = userStrategy(() => new Counting(), 'f.ts', {});
    each(Rng.fromSeed(1)).findRoutes(request, view);
    expect(each(Rng.fromSeed(1)).findRoutes(request, view)).toEqual({ failure: 'no-route' });
    const drawn: unknown[] = [];
    const maker = (rng: Rng, options: unknown): unknown => {
      drawn.push([rng.below(1000), options]);
      return { findRoutes: () => null, learn, remembersFailures: true };
    };
    expect(made(maker, { k: 3 }).remembersFailures).toBe(true);
    expect(drawn.at(-1)).toEqual([Rng.fromSeed(1).below(1000), { k: 3 }]);
  });

  test('hears what became of its routes', () => {
    const heard: unknown[] = [];
    const outcome = outcomeOf(graph, 'A-B-C', 7, 1);
    made({ findRoutes: () => null, learn: (told: unknown) => heard.push(told) }).learn(outcome);
    expect(heard).toEqual([outcome]);
  });

  test.each<[unknown, string]>([
    [undefined, 'export default: found nothing, expected an object with the functions findRoutes and learn'],
    [[], 'export default: found a list of 0, expected an object'],
    [{ learn }, 'export default: found no findRoutes, expected a function findRoutes'],
    [{ findRoutes: learn }, 'export default: found no learn, expected a function learn'],
    [{ findRoutes: 'x', learn }, 'export default: found "x" for findRoutes, expected a function findRoutes'],
    [() => ({ findRoutes: learn }), 'what its function gives: found no learn, expected a function learn'],
    [() => undefined, 'what its function gives: found nothing'],
    [
      () => {
        throw new RangeError('no luck');
      },
      'export default: found RangeError: no luck, expected no exception',
    ],
  ])('that lacks a verb is refused before anything runs: %o', (exported, message) => {
    expect(() => userStrategy(exported, 'my/router.ts', {})).toThrow(UserError);
    expect(() => userStrategy(exported, 'my/router.ts', {})).toThrow(`my/router.ts: ${message}`);
  });

  test.each<[unknown, string]>([
    [7, 'found 7, expected a list of ways, or { failure }'],
    [{ failure: 'tired' }, 'found "tired", expected one of no-route, insufficient-balance,'],
    [[way], 'found a list of 2, expected ways with a list of edges each'],
    [[{ edges: 'x' }], 'found an object, expected ways with a list of edges each'],
    [[{ edges: [2, 2] }], 'found a route whose edge 0 (2) does not leave node 0, expected a way from node 0 to node 2'],
    [[{ edges: [NaN] }], 'found a route over edge NaN'],
    [[{ edges: way, amountMsat: 1.5 }], 'found 1.5 for amountMsat, expected whole msat'],
    [[{ edges: way, amountMsat: 6 }], 'found routes that bring 6 msat, expected at most 2 ways from node 0 to node 2'],
    [[{ edges: way }, { edges: way }, { edges: way }], 'found 3 routes, expected at most 2 ways'],
    [[{ ...routeAlong(graph, 'A-B-C', 7), amountsMsat: [6, 7] }], 'found a route with -1 for an amount'],
  ])('that answers %j is stopped by one error with the file and the verb', (found, message) => {
    expect(() => giving(found).findRoutes(request, view)).toThrow(UserError);
    expect(() => giving(found).findRoutes(request, view)).toThrow(`my/router.ts: findRoutes: ${message}`);
  });

  test('that throws is stopped by one error with the file, the verb and what was thrown', () => {
    const broken = made({
      findRoutes: () => {
        throw new TypeError('what graph?');
      },
      learn: () => {
        throw 'nothing to learn';
      },
    });
    expect(() => broken.findRoutes(request, view)).toThrow(
      'my/router.ts: findRoutes: found TypeError: what graph?, expected no exception',
    );
    const outcome = outcomeOf(graph, 'A-B-C', 7, 1);
    expect(() => broken.learn(outcome)).toThrow('my/router.ts: learn: found "nothing to learn", thrown, expected');
  });
});
