import fc from 'fast-check';
import { expect, test } from 'vitest';
import { msat } from '../../src/base/units.ts';
import { priceRoute } from '../../src/routing/route.ts';
import { FEE_THEN_HOPS, proportionalAtLeast, searchRoute } from '../../src/routing/searchKernel.ts';
import { amongHubs } from './hubs.ts';

const exactly = (amount: number, millionths: number): bigint => (BigInt(amount) * BigInt(millionths)) / 1_000_000n;

test('the quick proportional fee is never above the exact one, and equal where the product is below 2^48', () => {
  const amount = fc.oneof(fc.maxSafeNat(), fc.nat(), fc.nat(1_000_000));
  const millionths = fc.oneof(
    fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    fc.nat(10_000),
    fc.constantFrom(0, 1, 1_000_000),
  );
  fc.assert(
    fc.property(amount, millionths, (a, m) => {
      const exact = exactly(a, m);
      const quick = BigInt(proportionalAtLeast(a, m));
      expect(quick <= exact).toBe(true);
      if (BigInt(a) * BigInt(m) < 1n << 48n) expect(quick).toBe(exact);
    }),
    { numRuns: 20_000 },
  );
});

test('so it is beside the products that a rounding could carry over a whole number', () => {
  fc.assert(
    fc.property(
      fc.nat(9_007_199),
      fc.integer({ min: 0, max: 999 }),
      fc.constantFrom(-1, 0, 1),
      (millions, rest, step) => {
        const product = (millions * 1000 + rest) * 1_000_000 + step;
        if (product < 0) return;
        const exact = exactly(product, 1);
        const quick = BigInt(proportionalAtLeast(product, 1));
        expect(quick <= exact).toBe(true);
        if (product < 2 ** 48) expect(quick).toBe(exact);
      },
    ),
    { numRuns: 20_000 },
  );
});

test.each([9_990_000, 10_000_000, 2_000_000_000])(
  'among hubs and equal fees the route is the best, for %d msat',
  (amountMsat) => {
    let found = 0;
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 5, max: 90 }), (seed, nodes) => {
        amongHubs(seed, nodes, amountMsat, (request, view, best) => {
          const route = searchRoute(request, view, FEE_THEN_HOPS);
          if (!Array.isArray(route)) return expect(best[0]).toBe(Infinity);
          found++;
          const { feeMsat, edges } = priceRoute(view.graph, route, msat(amountMsat), 9);
          expect([feeMsat, edges.length]).toEqual(best);
        });
      }),
      { numRuns: 150 },
    );
    expect(found).toBeGreaterThan(3000);
  },
);
