import { describe, expect, test } from 'vitest';
import { msat } from '../../src/base/units.ts';
import { ask, gossipView, priorProbability, readAnswer, requestOf } from '../../src/experiment/routeQuery.ts';
import { cheapestFee } from '../../src/routing/cheapestFee.ts';
import { priceRoute } from '../../src/routing/route.ts';
import { edgeOf, network, routeAlong } from '../routing/network.ts';

//  A ── B ── C, and A ── C which is disabled
const graph = network([
  ['A-B', 0],
  ['B-C', 10, { capacitySat: 4, cltvExpiryDelta: 40 }],
  ['A-C', 0, { disabled: true }],
]);
const view = gossipView(graph);
const limits = { maxFee: null, maxHops: 20, maxCltvExpiryDelta: 2016, maxParts: 2 };
const query = { source: 0, target: 2, amountMsat: msat(1000) };

describe('a question to a strategy', () => {
  test('has the limits that were stated', () => {
    expect(requestOf(query, limits)).toEqual({
      source: 0,
      target: 2,
      amountMsat: 1000,
      finalCltvExpiryDelta: 21,
      maxFeeMsat: Number.MAX_SAFE_INTEGER - 1000,
      maxCltvExpiryDelta: 2016,
      maxHops: 20,
      maxParts: 2,
    });
    const maxFee = { baseMsat: msat(7), millionths: 5000 };
    expect(requestOf(query, { ...limits, maxFee }).maxFeeMsat).toBe(12);
    const most = { ...query, amountMsat: msat(Number.MAX_SAFE_INTEGER - 3) };
    expect(requestOf(most, { ...limits, maxFee }).maxFeeMsat).toBe(3);
  });

  test('comes from a payer whose enabled channels hold all their capacity on its side', () => {
    expect(view.spendableMsat(edgeOf(graph, 'A', 'B'))).toBe(1e9);
    expect(view.spendableMsat(edgeOf(graph, 'A', 'C'))).toBe(0);
    const answer = ask(cheapestFee(), requestOf(query, limits), view);
    expect(answer).toMatchObject({ failure: null, fault: null, feeMsat: 10, hops: 2, cltvExpiryDelta: 61 });
    expect(answer.routes.map(({ edges }) => edges)).toEqual([[0, 2]]);
  });

  test('has an answer whose probability is that of uniform liquidity beyond the first hop', () => {
    const whole = routeAlong(graph, 'A-B-C', 1000);
    expect(priorProbability([whole], graph)).toBe(1 - 1000 / 4001);
    expect(priorProbability([whole, whole], graph)).toBe(1 - 2000 / 4001);
    expect(priorProbability(Array(5).fill(whole), graph)).toBe(0);
    expect(priorProbability([routeAlong(graph, 'A-B', 1000)], graph)).toBe(1);
  });

  test('has an answer in which a broken rule and a missing opinion are named', () => {
    const request = requestOf(query, limits);
    const priced = priceRoute(graph, [0, 2], msat(500), 21);
    const half = { ...priced, probability: 0.5 };
    const cheap = { ...half, amountsMsat: [msat(500), msat(500)], feeMsat: msat(0) };
    expect(readAnswer([half, half], request, view)).toMatchObject({ fault: null, feeMsat: 20, ownProbability: 0.25 });
    expect(readAnswer([half, cheap], request, view)).toMatchObject({ fault: 'fee-insufficient', feeMsat: 10 });
    expect(readAnswer([half, priced], request, view).ownProbability).toBe(null);
    expect(readAnswer({ failure: 'no-route' }, request, view)).toEqual({
      routes: [],
      failure: 'no-route',
      fault: null,
      feeMsat: 0,
      hops: 0,
      cltvExpiryDelta: 0,
      priorProbability: 0,
      ownProbability: null,
    });
  });
});
