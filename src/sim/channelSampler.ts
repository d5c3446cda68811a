/** Looks at channels while payments are made: at even times, or each time that so many payments have ended. */
import { assert } from '../base/assert.ts';
import { micros, type Micros } from '../base/time.ts';
import { msat } from '../base/units.ts';
import type { ChannelEnd } from '../channel/channelEnd.ts';
import { inLocalCommitment } from '../channel/htlcState.ts';
import type { Blocking } from './blocking.ts';
import type { SampleRequest } from './records.ts';

export class ChannelSampler {
  readonly #request: SampleRequest;
  /** by edge; null where there is no such channel */
  readonly #ends: readonly (ChannelEnd<unknown> | null)[];
  readonly #blocking: Blocking;
  #nextAt = Infinity;
  /** payments so far */
  #ended = 0;

  constructor(request: SampleRequest, ends: readonly (ChannelEnd<unknown> | null)[], blocking: Blocking) {
    this.#request = request;
    this.#ends = ends;
    this.#blocking = blocking;
  }

  /** Traffic starts; the first sample is taken before anything has moved. */
  begin(now: Micros): void {
    if (this.#request.every === null) this.#sample(now);
    else this.#nextAt = now;
  }

  /** Nothing happens before `next`: takes the samples that are due until then. */
  until(next: Micros): void {
    const { every } = this.#request;
    assert(next < Infinity, 'a next event: there is always a next block');
    for (; every !== null && this.#nextAt < next; this.#nextAt += every) this.#sample(micros(this.#nextAt));
  }

  /** @param ended payments so far */
  paymentEnded(now: Micros, ended: number): void {
    const { everyPayments } = this.#request;
    this.#ended = ended;
    if (everyPayments !== null && ended % everyPayments === 0) this.#sample(now);
  }

  #sample(at: Micros): void {
    this.#sampleChannels(at);
    this.#sampleBlocking(at);
  }

  #sampleBlocking(at: Micros): void {
    const { channels, tellBlocking } = this.#request;
    if (tellBlocking === null) return;
    const payments = this.#ended;
    this.#blocking.byHop.forEach((counts, index) => {
      tellBlocking.ofHop({ at, payments, hop: index + 1, ...counts });
    });
    for (const channel of channels) {
      for (const edge of [2 * channel, 2 * channel + 1])
        tellBlocking.ofEdge({ at, payments, edge, ...this.#blocking.ofEdge(edge) });
    }
  }

  /** Channels that are on their way to the chain, or there, have no balance any more. */
  #sampleChannels(at: Micros): void {
    for (const channel of this.#request.channels) {
      const end = this.#ends[2 * channel];
      if (!end || end.phase === 'closed' || end.phase === 'opening') continue;
      let [htlcs, htlcsMsat] = [0, 0];
      for (const { state, amountMsat } of end.htlcs) {
        if (!inLocalCommitment(state)) continue;
        htlcs++;
        htlcsMsat += amountMsat;
      }
      const { toLocalMsat: toNode1Msat, toRemoteMsat: toNode2Msat } = end;
      this.#request.tell({ at, channel, toNode1Msat, toNode2Msat, htlcs, htlcsMsat: msat(htlcsMsat) });
    }
  }
}
