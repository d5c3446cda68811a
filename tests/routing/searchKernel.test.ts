import fc from 'fast-check';
import { expect, test } from 'vitest';
import { proportionalAtLeast } from '../../src/routing/searchKernel.ts';

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
