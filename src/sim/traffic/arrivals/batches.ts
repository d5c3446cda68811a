/** Arrivals in batches: so many payments at the same time, then none until the next batch; the first at once. */
import { micros, MICROS_PER_SECOND } from '../../../base/time.ts';
import type { Arrivals } from '../traffic.ts';

export interface BatchesPlan {
  readonly kind: 'batches';
  /** payments of a batch, 1 at least */
  readonly size: number;
}

/** @param ratePerSecond payments, as a mean: a batch comes every size / rate seconds */
export function batchArrivals(ratePerSecond: number, { size }: BatchesPlan): Arrivals {
  const between = micros((size / ratePerSecond) * MICROS_PER_SECOND);
  let made = 0;
  return {
    interval() {
      const isNext = made > 0 && made % size === 0;
      made++;
      return isNext ? between : micros(0);
    },
  };
}
