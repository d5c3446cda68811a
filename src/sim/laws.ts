/**
 * Laws that amounts, delays and holding times are drawn from: numbers that are never negative, in the unit of their
 * parameters. All of it from exact operations (`base/math`), so that every engine draws the same.
 *
 * | law         | density or distribution                                    | mean                       |
 * | ----------- | ---------------------------------------------------------- | -------------------------- |
 * | constant    | always `value`                                             | value                      |
 * | uniform     | 1 / (to − from) between the two                            | (from + to) / 2            |
 * | exponential | e^(−x/mean) / mean, then shifted by `plus`                 | plus + mean                |
 * | lognormal   | ln x is normal around ln median with deviation sigma       | median · e^(sigma²/2)      |
 * | normal      | normal, what is below 0 drawn again                        | mean, if far from 0        |
 * | gamma       | ∝ x^(shape−1) e^(−x/scale), with scale = mean / shape      | mean                       |
 * | pareto      | P(X > x) = (least / x)^alpha from `least` on, up to `most` | alpha · least / (alpha−1)  |
 * | list        | one of `values`, each as likely as its weight              | their weighted mean        |
 */
import { assert, present } from '../base/assert.ts';
import { exp, ln } from '../base/math.ts';
import type { Rng } from '../base/random.ts';
import { weightedChoice } from './weightedChoice.ts';

export type Law =
  | { readonly law: 'constant'; readonly value: number }
  | { readonly law: 'uniform'; readonly from: number; readonly to: number }
  | { readonly law: 'exponential'; readonly mean: number; readonly plus: number }
  | { readonly law: 'lognormal'; readonly median: number; readonly sigma: number }
  | { readonly law: 'normal'; readonly mean: number; readonly deviation: number }
  | { readonly law: 'gamma'; readonly mean: number; readonly shape: number }
  | { readonly law: 'pareto'; readonly least: number; readonly alpha: number; readonly most: number }
  | { readonly law: 'list'; readonly values: readonly number[]; readonly weights: readonly number[] | null };

export type LawName = Law['law'];

/** Draws from a law, again and again. @returns a number ≥ 0 each time */
export function drawerOf(law: Law, rng: Rng): () => number {
  switch (law.law) {
    case 'constant':
      return () => law.value;
    case 'uniform':
      return () => law.from + rng.unit() * (law.to - law.from);
    case 'exponential':
      return () => law.plus + rng.exponential(law.mean);
    case 'lognormal':
      return law.sigma === 0 ? () => law.median : () => rng.lognormal(law.median, law.sigma);
    case 'normal':
      return () => truncatedNormal(law.mean, law.deviation, rng);
    case 'gamma':
      return () => (law.mean / law.shape) * standardGamma(law.shape, rng);
    case 'pareto':
      // the inverse of the distribution function, cut off where `most` is
      return () => Math.min(law.most, law.least * exp(-ln(1 - rng.unit()) / law.alpha));
    case 'list': {
      const { values, weights } = law;
      const choose = weights === null ? () => rng.below(values.length) : weightedChoice(weights, rng);
      return () => present(values[choose()], 'a value of the list');
    }
  }
}

/** The same law with every amount in another unit. @param factor units of the new in one of the old */
export function scaled(law: Law, factor: number): Law {
  switch (law.law) {
    case 'constant':
      return { ...law, value: law.value * factor };
    case 'uniform':
      return { ...law, from: law.from * factor, to: law.to * factor };
    case 'exponential':
      return { ...law, mean: law.mean * factor, plus: law.plus * factor };
    case 'lognormal':
      return { ...law, median: law.median * factor };
    case 'normal':
      return { ...law, mean: law.mean * factor, deviation: law.deviation * factor };
    case 'gamma':
      return { ...law, mean: law.mean * factor };
    case 'pareto':
      return { ...law, least: law.least * factor, most: law.most * factor };
    case 'list':
      return { ...law, values: law.values.map((value) => value * factor) };
  }
}

function truncatedNormal(mean: number, deviation: number, rng: Rng): number {
  assert(mean >= 0, 'a mean that is not negative: half of all draws at least are kept');
  for (;;) {
    const drawn = mean + deviation * rng.normal();
    if (drawn >= 0) return drawn;
  }
}

/** Marsaglia and Tsang, A Simple Method for Generating Gamma Variables, 2000; below shape 1 by their note's power of a unit. */
function standardGamma(shape: number, rng: Rng): number {
  if (shape < 1) return standardGamma(shape + 1, rng) * exp(ln(1 - rng.unit()) / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = rng.normal();
    const t = 1 + c * x;
    if (t <= 0) continue;
    const v = t * t * t;
    const u = 1 - rng.unit();
    if (ln(u) < 0.5 * x * x + d - d * v + d * ln(v)) return d * v;
  }
}
