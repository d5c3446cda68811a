/** What `leyden validate network` runs: seeds and sizes are fixed here, and not after the fact. */
import { constantExperiments } from './constants.ts';
import type { Experiment } from './check.ts';
import { deadlockExperiment } from './deadlock.ts';
import { depletionExperiment } from './depletion.ts';
import { lifetimeExperiment } from './lifetime.ts';
import { priorExperiment } from './priorArithmetic.ts';
import { slotsExperiment } from './slots.ts';

// prettier-ignore
export const networkExperiments: readonly Experiment[] = [
  depletionExperiment({ units: 10,  chance: 0.5,  sizes: [50_000, 200_000] }),
  depletionExperiment({ units: 10,  chance: 0.51, sizes: [50_000, 200_000] }),
  depletionExperiment({ units: 10,  chance: 0.7,  sizes: [25_000, 100_000] }),
  depletionExperiment({ units: 20,  chance: 0.5,  sizes: [100_000, 400_000] }),
  depletionExperiment({ units: 20,  chance: 0.55, sizes: [50_000, 200_000] }),
  depletionExperiment({ units: 60,  chance: 0.6,  sizes: [25_000, 100_000] }),
  depletionExperiment({ units: 100, chance: 0.51, sizes: [250_000, 1_000_000] }),
  lifetimeExperiment({ a: 5,  n: 10,  up: 0.5,  sizes: [320, 1280] }),
  lifetimeExperiment({ a: 20, n: 40,  up: 0.5,  sizes: [160, 640] }),
  lifetimeExperiment({ a: 10, n: 100, up: 0.5,  sizes: [160, 640] }),
  lifetimeExperiment({ a: 50, n: 100, up: 0.55, sizes: [64, 256] }),
  slotsExperiment({ slots: 5,   load: 4,   hold: 'exponential', sizes: [50_000, 200_000] }),
  slotsExperiment({ slots: 5,   load: 4,   hold: 'constant',    sizes: [50_000, 200_000] }),
  slotsExperiment({ slots: 10,  load: 8,   hold: '1 + Exp(3)',  sizes: [50_000, 200_000] }),
  slotsExperiment({ slots: 10,  load: 8,   hold: 'lognormal',   sizes: [50_000, 200_000] }),
  slotsExperiment({ slots: 30,  load: 25,  hold: 'exponential', sizes: [50_000, 200_000] }),
  slotsExperiment({ slots: 30,  load: 30,  hold: 'lognormal',   sizes: [50_000, 200_000] }),
  slotsExperiment({ slots: 100, load: 90,  hold: '1 + Exp(3)',  sizes: [25_000, 100_000] }),
  slotsExperiment({ slots: 483, load: 600, hold: 'exponential', sizes: [25_000, 100_000] }),
  deadlockExperiment([256, 1024]),
  priorExperiment(),
  ...constantExperiments,
];

/** The same, small enough for every change of the code. */
// prettier-ignore
export const quickNetworkExperiments: readonly Experiment[] = [
  depletionExperiment({ units: 10, chance: 0.5,  sizes: [1600, 6400] }),
  depletionExperiment({ units: 10, chance: 0.55, sizes: [1600, 6400] }),
  lifetimeExperiment({ a: 5, n: 10, up: 0.5, sizes: [32, 128] }),
  slotsExperiment({ slots: 5,  load: 4,  hold: 'constant',   sizes: [1600, 6400] }),
  slotsExperiment({ slots: 10, load: 8,  hold: '1 + Exp(3)', sizes: [1600, 6400] }),
  deadlockExperiment([32, 128]),
  priorExperiment(),
  ...constantExperiments,
];
