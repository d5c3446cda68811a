/** How long a block travels from its miner to each who listens. */
import type { Rng } from '../base/random.ts';
import { micros, type Micros } from '../base/time.ts';

/** The listener that does not mine. */
export const OBSERVER = -1;

/** The delay of one block from a miner to another, or to `OBSERVER`. Asked once for each listener of each block. */
export type Propagation = (from: number, to: number) => Micros;

/** Everybody hears of a block when it is found. */
export const instant: Propagation = () => micros(0);

/** The same delay for every pair. */
export const constantPropagation =
  (delay: Micros): Propagation =>
  () =>
    delay;

/**
 * A lognormal delay for each block and listener. Decker and Wattenhofer (Information Propagation in the Bitcoin Network,
 * 2013) measured a median of 6.5 s; compact blocks (BIP 152) made it a fraction of a second since.
 * @param sigma standard deviation of the delay's logarithm
 */
export const lognormalPropagation =
  (rng: Rng, median: Micros, sigma: number): Propagation =>
  () =>
    micros(rng.lognormal(median, sigma));
