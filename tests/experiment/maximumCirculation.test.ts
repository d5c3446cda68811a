/** The maximum circulation of a demand against a linear program, and in cases that can be seen. */
import fc from 'fast-check';
import loadHighs from 'highs';
import { describe, expect, test } from 'vitest';
import { maximumCirculation, type PairDemand } from '../../src/experiment/validate/maximumCirculation.ts';

describe('the maximum circulation', () => {
  // prettier-ignore
  test.each([
    ['nothing of what goes one way',                    2, [[0, 1, 3]],                                       0],
    ['the smaller of two directions, twice',            2, [[0, 1, 3], [1, 0, 2]],                            4],
    ['all of a cycle',                                  3, [[0, 1, 2], [1, 2, 2], [2, 0, 2]],                 6],
    ['the deadlock’s own: two of five go round',        3, [[0, 1, 1], [2, 1, 2], [1, 0, 2]],                 2],
    ['the long cycle, where short ones are in its way', 3, [[0, 1, 1], [1, 2, 1], [2, 0, 1], [1, 0, 1]],      3],
  ] as const)('is %s', (_, nodes, rates, most) => {
    expect(maximumCirculation(nodes, rates.map(([from, to, rate]) => ({ from, to, rate })))).toBe(most);
  });

  test('is what a linear program says (HiGHS)', { timeout: 60_000 }, async () => {
    const highs = await loadHighs();
    const demands = fc.array(
      fc
        .record({ from: fc.nat(5), to: fc.nat(5), rate: fc.integer({ min: 1, max: 9 }) })
        .filter(({ from, to }) => from !== to),
      { minLength: 1, maxLength: 15 },
    );
    fc.assert(
      fc.property(demands, (pairs: PairDemand[]) => {
        const sum = (of: readonly number[], sign: string): string => of.map((pair) => ` ${sign} x${pair}`).join('');
        const numbered = pairs.map((pair, index) => ({ ...pair, index }));
        const balances = [0, 1, 2, 3, 4, 5]
          .map((node) => {
            const out = numbered.filter(({ from }) => from === node).map(({ index }) => index);
            const into = numbered.filter(({ to }) => to === node).map(({ index }) => index);
            return out.length + into.length === 0 ? '' : `c${node}:${sum(out, '+')}${sum(into, '-')} = 0\n`;
          })
          .join('');
        const all = numbered.map(({ index }) => index);
        const limits = numbered.map(({ index, rate }) => `0 <= x${index} <= ${rate}\n`).join('');
        const { ObjectiveValue } = highs.solve(
          `Maximize\nobj:${sum(all, '+')}\nSubject To\n${balances}Bounds\n${limits}End`,
        );
        expect(maximumCirculation(6, pairs)).toBeCloseTo(ObjectiveValue, 6);
      }),
      { numRuns: 200 },
    );
  });
});
