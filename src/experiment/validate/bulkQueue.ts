/**
 * Waiting in a queue that is served in bulk: arrivals are Poisson, blocks come at exponential intervals and each takes up
 * to b of those that wait, the higher classes first.
 *
 * Without classes the number waiting is geometric, P(n) = (1 − z) zⁿ, where z in (0, 1) solves μ(z + z² + … + z^b) = λ
 * (Bailey, On Queueing Processes with Bulk Service, 1954; Gross and Harris, Fundamentals of Queueing Theory).
 * Lower classes don't exist for higher ones, so the first k classes together are such a queue for every k, and Little's law
 * gives each class's wait from the difference. It is the model of Huberman, Leshno and Moallemi (Monopoly without a
 * Monopolist, 2021), whose delay of the marginal bid is the derivative of this mean number.
 */
import { assert } from '../../base/assert.ts';

/** The mean number waiting. @param arrivals a mean interval @param batch what a block takes at most */
export function meanWaiting(arrivals: number, batch: number): number {
  assert(arrivals > 0 && arrivals < batch, `a queue that is served: ${arrivals} of ${batch}`);
  let [low, high] = [0, 1];
  for (let i = 0; i < 200; i++) {
    const z = (low + high) / 2;
    let [sum, power] = [0, 1];
    for (let n = 0; n < batch; n++) sum += power *= z;
    if (sum < arrivals) low = z;
    else high = z;
  }
  return low / (1 - low);
}

/** Mean waits in mean intervals, by class, the first served first. @param arrivals a mean interval, by class */
export function meanWaits(arrivals: readonly number[], batch: number): number[] {
  let [before, together] = [0, 0];
  return arrivals.map((rate) => {
    together += rate;
    const waiting = meanWaiting(together, batch);
    const wait = (waiting - before) / rate;
    before = waiting;
    return wait;
  });
}
