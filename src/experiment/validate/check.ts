/**
 * A validation: what the simulator measures beside what theory says, at two sizes fixed beforehand.
 *
 * An exact check holds if both values are the expected one, to the digits that are published. Any other holds if at both sizes
 * the difference is within three standard errors (by batch means) and the stated floor, and if the standard error shrinks with
 * the size as it should, like 1/√n: an error bar that doesn't shrink proves nothing.
 *
 * Of some hundred figures one is off by three standard errors by chance alone. So what is off is measured once more, with new
 * chance and at four times the size, where a true difference is twice as many standard errors; that run decides, by the same rule.
 */
import { assert, present } from '../../base/assert.ts';
import { Rng } from '../../base/random.ts';

/** What a run measured. */
export interface Estimate {
  readonly value: number;
  /** by batch means */
  readonly standardError: number;
}

/** What has no chance in it. */
export const exactly = (value: number): Estimate => ({ value, standardError: 0 });

/** One figure with its theory. */
export interface Check {
  readonly name: string;
  readonly expected: number;
  /** allowed beside three standard errors, for what theory leaves out; 0 where it leaves out nothing */
  readonly floor: number;
  /** what that is; only with a floor */
  readonly because?: string;
  /** no chance in it: what is measured has to be that very number */
  readonly isExact?: boolean;
  /** what is expected is the most that may be measured */
  readonly isBound?: boolean;
}

/** A run that measures some figures at once. */
export interface Experiment {
  /** short: `V5` */
  readonly id: string;
  readonly title: string;
  /** its parameters, after which its random streams are named; no other experiment has the same */
  readonly key: string;
  /** whose theory it is */
  readonly source: string;
  /** what `n` counts */
  readonly unit: string;
  readonly sizes: readonly [number, number];
  readonly checks: readonly Check[];
  /** @returns an estimate for each check, in their order */
  run(size: number, rng: Rng): readonly Estimate[];
}

export type Verdict = 'holds' | 'misses' | 'does not shrink';

export interface CheckResult extends Check {
  readonly experiment: string;
  readonly unit: string;
  /** the smaller and the larger size, and that at which it was measured again if it was */
  readonly sizes: readonly number[];
  /** at those sizes */
  readonly estimates: readonly Estimate[];
  readonly verdict: Verdict;
}

/** Standard errors by which a check may be off. */
export const ALLOWED_STANDARD_ERRORS = 3;
/** How far the standard errors' ratio may be from √(n₂/n₁), as a factor: with 32 batches each is known to 13 %. */
const ALLOWED_SHRINKING = 2;
/** Every validation draws from this seed; the sizes use different streams of it. */
const SEED = 'leyden validate';

/** A run of an experiment: the smaller, the larger, and one that is made where those two miss. */
export type Which = 0 | 1 | 2;
/** Its size, in larger runs: theory that is wrong is off by twice as many standard errors then. */
const AGAIN = 4;

export const measure = (experiment: Experiment, which: Which): readonly Estimate[] =>
  experiment.run(sizeOf(experiment, which), Rng.fromSeed(SEED).stream(experiment.key, which));

const sizeOf = ({ sizes }: Experiment, which: Which): number => (which === 2 ? AGAIN * sizes[1] : sizes[which]);

/** What came of an experiment. @param runs estimates of its checks at the smaller and the larger size */
export function judged(
  { id, unit, sizes, checks }: Experiment,
  runs: readonly [readonly Estimate[], readonly Estimate[]],
): CheckResult[] {
  assert(
    runs.every((estimates) => estimates.length === checks.length),
    'an estimate for each check',
  );
  return checks.map((check, at) => {
    const estimates: [Estimate, Estimate] = [runs[0][at]!, runs[1][at]!];
    const isExact = check.isExact === true;
    const verdict = isExact ? judgeExact(check, estimates) : judge(check, sizes, estimates);
    return { ...check, experiment: id, unit, sizes, estimates, verdict };
  });
}

/** Whether chance may have been what was off. */
export const isDoubtful = ({ verdict, isExact }: CheckResult): boolean => verdict !== 'holds' && isExact !== true;

/** What came of an experiment whose doubtful checks were measured again: that run decides, by the same rule. */
export function judgedAgain(
  experiment: Experiment,
  results: readonly CheckResult[],
  again: readonly Estimate[],
): CheckResult[] {
  const size = sizeOf(experiment, 2);
  return results.map((result, at) => {
    if (!isDoubtful(result)) return result;
    const [, large] = result.estimates;
    const last = present(again[at], 'an estimate for each check');
    const shrinks = isShrinking([experiment.sizes[1], size], [present(large, 'the larger run'), last]);
    const verdict = !isWithin(result, last) ? 'misses' : shrinks ? 'holds' : 'does not shrink';
    return { ...result, sizes: [...result.sizes, size], estimates: [...result.estimates, last], verdict };
  });
}

/** Whether both runs are the same: no chance is in them. */
export const isRunOnce = ({ sizes }: Experiment): boolean => sizes[0] === sizes[1];

/** Runs an experiment at both sizes, and again where it has to be. */
export function validate(experiment: Experiment): CheckResult[] {
  const small = measure(experiment, 0);
  const results = judged(experiment, [small, isRunOnce(experiment) ? small : measure(experiment, 1)]);
  return results.some(isDoubtful) ? judgedAgain(experiment, results, measure(experiment, 2)) : results;
}

/** What has no chance in it may be off by its floor, which is 0 but where digits are rounded. */
const judgeExact = (check: Check, estimates: readonly Estimate[]): Verdict =>
  estimates.every(({ value }) => offBy(check, value) <= check.floor) ? 'holds' : 'misses';

/** How far a value is off; one below what is a bound is not. */
const offBy = ({ expected, isBound = false }: Pick<Check, 'expected' | 'isBound'>, value: number): number =>
  isBound ? Math.max(0, value - expected) : Math.abs(value - expected);

type Allowed = Pick<Check, 'expected' | 'floor' | 'isBound'>;
type Two<T> = readonly [T, T];

export function judge(check: Allowed, sizes: Two<number>, estimates: Two<Estimate>): Verdict {
  if (!estimates.every((estimate) => isWithin(check, estimate))) return 'misses';
  return isShrinking(sizes, estimates) ? 'holds' : 'does not shrink';
}

const isWithin = (check: Allowed, { value, standardError }: Estimate): boolean =>
  offBy(check, value) <= ALLOWED_STANDARD_ERRORS * standardError + check.floor;

function isShrinking(sizes: Two<number>, estimates: Two<Estimate>): boolean {
  const shrinking = estimates[0].standardError / estimates[1].standardError / Math.sqrt(sizes[1] / sizes[0]);
  return shrinking >= 1 / ALLOWED_SHRINKING && shrinking <= ALLOWED_SHRINKING;
}
