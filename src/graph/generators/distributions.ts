/** Drawing from tabulated distributions: weighted lists, quantile rows, and evenly spread uniforms. */
import { assert, present } from '../../base/assert.ts';
import { exp, ln } from '../../base/math.ts';

/**
 * The entry at a point of a weighted list.
 * @param unit in [0, 1)
 */
export function pickWeighted<T>(entries: readonly (readonly [T, number])[], unit: number): T {
  let total = 0;
  for (const [, weight] of entries) total += weight;
  let rest = unit * total;
  for (const [value, weight] of entries) {
    if (rest < weight) return value;
    rest -= weight;
  }
  return present(entries[entries.length - 1], 'an entry to pick')[0]; // rounding may leave a last bit over
}

/**
 * The quantile at a point of a row, between its entries along the logarithm (along the value next to a zero).
 * @param shares ascending from 0 to 1, one for each value
 * @param unit in [0, 1]
 */
export function quantileAt(shares: readonly number[], values: readonly number[], unit: number): number {
  assert(shares.length === values.length, 'a share for each value');
  let above = 1;
  while (above < shares.length - 1 && shares[above]! <= unit) above++;
  const [from, to] = [values[above - 1]!, values[above]!];
  if (from === to) return from;
  const [start, end] = [shares[above - 1]!, shares[above]!];
  const part = Math.min(1, (unit - start) / (end - start));
  return from > 0 && to > 0 ? from * exp(part * ln(to / from)) : from + part * (to - from);
}

/** A value rounded to that many significant decimal digits, an integer of at least 1 staying one. */
export function roundToDigits(value: number, digits: number): number {
  let scale = 1;
  while (value >= scale * 10) scale *= 10;
  let step = scale;
  for (let i = 1; i < digits && step > 1; i++) step /= 10;
  return Math.round(value / step) * step;
}

/** Which class a count falls in. @param bounds ascending: a count below the first is in class 0 */
export function classOf(count: number, bounds: readonly number[]): number {
  let index = 0;
  while (index < bounds.length && count >= bounds[index]!) index++;
  return index;
}

/**
 * Uniforms spread evenly: the n-th is the fraction of offset + n√p (Richtmyer's sequence, 1951). Any run of neighbours
 * covers [0, 1) almost evenly, so the few hubs of one generated network carry the whole law and not one accident of it;
 * sequences of different primes are independent enough to be paired.
 */
export function spreadUniform(offset: number, prime: number, n: number): number {
  const value = offset + n * Math.sqrt(prime);
  return value - Math.floor(value);
}
