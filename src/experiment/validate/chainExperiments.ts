/** What `leyden validate chain` runs: seeds and sizes are fixed here, and not after the fact. */
import type { Experiment } from './check.ts';
import { raceExperiment } from './doubleSpendRace.ts';
import { demandQueueExperiment, mempoolQueueExperiment } from './feeQueue.ts';
import { miningExperiment } from './mining.ts';
import { forkExperiment, selfishExperiment } from './selfishMining.ts';

// prettier-ignore
export const chainExperiments: readonly Experiment[] = [
  miningExperiment([25_000, 100_000], [1, 6, 10, 144]),
  raceExperiment({ share: 0.1, confirmations: 2,  giveUpBehind: 5,  sizes: [2000, 8000] }),
  raceExperiment({ share: 0.1, confirmations: 6,  giveUpBehind: 7,  sizes: [6000, 24_000] }),
  raceExperiment({ share: 0.3, confirmations: 5,  giveUpBehind: 9,  sizes: [600, 2400] }),
  raceExperiment({ share: 0.3, confirmations: 10, giveUpBehind: 12, sizes: [600, 2400] }),
  selfishExperiment(0.4,  0,   [10_000, 40_000]),
  selfishExperiment(0.25, 0,   [10_000, 40_000]),
  selfishExperiment(0.3,  0.5, [5000, 20_000]),
  forkExperiment(0.5, 120, [4000, 16_000]),
  forkExperiment(0.7, 600, [4000, 16_000]),
  demandQueueExperiment({ load: 0.8, batch: 10, sizes: [10_000, 40_000] }),
  demandQueueExperiment({ load: 0.5, batch: 100, sizes: [5000, 20_000] }),
  mempoolQueueExperiment({ load: 0.8, batch: 5, sizes: [5000, 20_000] }),
];

/** The same, small enough for every change of the code. */
// prettier-ignore
export const quickChainExperiments: readonly Experiment[] = [
  miningExperiment([2000, 8000], [1, 6, 10]),
  raceExperiment({ share: 0.1, confirmations: 2, giveUpBehind: 4, sizes: [160, 640] }),
  raceExperiment({ share: 0.3, confirmations: 5, giveUpBehind: 7, sizes: [80, 320] }),
  selfishExperiment(0.4, 0, [800, 3200]),
  forkExperiment(0.5, 120, [500, 2000]),
  demandQueueExperiment({ load: 0.6, batch: 10, sizes: [2000, 8000] }),
  mempoolQueueExperiment({ load: 0.6, batch: 4, sizes: [1000, 4000] }),
];
