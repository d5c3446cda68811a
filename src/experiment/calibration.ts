/**
 * Whether strategies know what they are in for: the probability that they gave each attempt, held against what became of it.
 *
 * Reliability tables, the logarithmic score and Brier's (G. W. Brier, Monthly Weather Review 78, 1950). An attempt came true
 * if its HTLC reached the payee, whatever the payee then said.
 */
import { ln } from '../base/math.ts';
import type { RoutingStrategy } from '../routing/strategy.ts';

/** Probabilities are gathered in tenths. */
const BINS = 10;
/** Logarithmic scores take no probability as nearer to 0 or 1 than this: one certainty that fails would outweigh all. */
const LEAST_PROBABILITY = 1e-6;

export interface ReliabilityBin {
  /** predictions from this one on, up to the next bin's */
  readonly from: number;
  readonly attempts: number;
  /** mean of the predictions; null where there are none, as below */
  readonly predicted: number | null;
  /** share that came true */
  readonly observed: number | null;
}

export interface CalibrationRow {
  readonly strategy: string;
  /** attempts with a prediction */
  readonly attempts: number;
  /** attempts without one: the strategy has no model of it */
  readonly unpredicted: number;
  /** mean prediction; null without attempts, as below */
  readonly predicted: number | null;
  readonly observed: number | null;
  /** mean of −ln of the probability given to what happened, nats: 0 is best */
  readonly logLoss: number | null;
  /** mean square of prediction less outcome: 0 is best */
  readonly brier: number | null;
  /** Brier score of always predicting the share that came true: what a strategy has to beat */
  readonly brierOfRate: number | null;
  readonly bins: readonly ReliabilityBin[];
}

/** Predictions and outcomes of one strategy, summed up as they come. */
export class Calibration {
  readonly #strategy: string;
  readonly #count = new Float64Array(BINS);
  readonly #predicted = new Float64Array(BINS);
  readonly #observed = new Float64Array(BINS);
  #unpredicted = 0;
  #logLoss = 0;
  #brier = 0;

  constructor(strategy: string) {
    this.#strategy = strategy;
  }

  /** @param predicted a probability; left out where the strategy gave none */
  add(predicted: number | undefined, cameTrue: boolean): void {
    if (predicted === undefined) {
      this.#unpredicted++;
      return;
    }
    const bin = Math.min(BINS - 1, Math.floor(predicted * BINS));
    const outcome = cameTrue ? 1 : 0;
    this.#count[bin]!++;
    this.#predicted[bin]! += predicted;
    this.#observed[bin]! += outcome;
    const bounded = Math.min(1 - LEAST_PROBABILITY, Math.max(LEAST_PROBABILITY, predicted));
    this.#logLoss -= ln(cameTrue ? bounded : 1 - bounded);
    this.#brier += (predicted - outcome) ** 2;
  }

  /** Forgets all: what comes from now on counts. */
  clear(): void {
    for (const bins of [this.#count, this.#predicted, this.#observed]) bins.fill(0);
    this.#unpredicted = this.#logLoss = this.#brier = 0;
  }

  row(): CalibrationRow {
    const attempts = sum(this.#count);
    const mean = (total: number): number | null => (attempts === 0 ? null : total / attempts);
    const observed = mean(sum(this.#observed));
    return {
      strategy: this.#strategy,
      attempts,
      unpredicted: this.#unpredicted,
      predicted: mean(sum(this.#predicted)),
      observed,
      logLoss: mean(this.#logLoss),
      brier: mean(this.#brier),
      brierOfRate: observed === null ? null : observed * (1 - observed),
      bins: Array.from(this.#count, (count, bin) => ({
        from: bin / BINS,
        attempts: count,
        predicted: count === 0 ? null : this.#predicted[bin]! / count,
        observed: count === 0 ? null : this.#observed[bin]! / count,
      })),
    };
  }
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);

/** A strategy that behaves as the one given, and tells of each attempt what was predicted and whether it came true. */
export function calibrated(strategy: RoutingStrategy, calibration: Calibration): RoutingStrategy {
  const { remembersFailures, clientMaxParts } = strategy;
  return {
    findRoutes: (request, view) => strategy.findRoutes(request, view),
    learn(outcome) {
      calibration.add(outcome.route.probability, outcome.failedHop === null);
      strategy.learn(outcome);
    },
    ...(remembersFailures === undefined ? {} : { remembersFailures }),
    ...(clientMaxParts === undefined ? {} : { clientMaxParts }),
  };
}
