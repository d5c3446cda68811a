/**
 * Whether a network's balances have come to rest: the test that ends a warm-up.
 *
 * Of the payments so far the first half is forgotten, and the third quarter held against the fourth: what moves slowly has
 * the more time to show, the longer it lasts (as in Geweke's diagnostic of simulations, 1992). Three numbers, 0 … 1:
 *
 * - distance: Kolmogorov and Smirnov's, between the quarters' distributions of balances, as shares of capacity. Pooled are
 *   the channels that payments have gone over, so that idle ones dilute nothing.
 * - drift: how far those channels' balances have moved in the second half, over all that payments moved through channels
 *   in it or, failing, were to move. It is 1 where all flow is one way, however little that is; where flow goes back as it
 *   came it falls with the root of the payments; and it is 0 where channels are drained and nothing goes through.
 * - success: by how much the quarters' success rates differ.
 *
 * Balances are at rest once all three are below a threshold.
 */
import { present } from '../base/assert.ts';
import type { ChannelEnd } from '../channel/channelEnd.ts';
import type { OutgoingPayment } from '../payment/outgoingPayment.ts';

/** Looks at channels in one window. */
const LOOKS = 16;

/** Steps in which the distribution of shares is kept: no distance is seen within one. */
const STEPS = 1024;

/** Spans that are kept: when there are so many, two and two become one. Divisible by eight. */
const MOST_SPANS = 16;

/** What is known of so many windows in a row. */
interface Span {
  /** looks at a channel, by its share */
  readonly shares: Float64Array;
  readonly ended: number;
  readonly succeeded: number;
  readonly volumeMsat: number;
  /** of node1, by channel, when the span ended */
  readonly balancesMsat: Float64Array;
}

/** What was found the last time. */
export interface Steadiness {
  readonly distance: number;
  readonly drift: number;
  readonly success: number;
}

export class SteadinessTest {
  readonly #window: number;
  /** by edge; null where there is no such channel */
  readonly #ends: readonly (ChannelEnd<unknown> | null)[];
  /** by channel: 1 where a payment has gone over it */
  readonly #isUsed: Uint8Array;
  #spans: Span[] = [];
  /** what is known of the span that is not over */
  #shares = new Float64Array(STEPS);
  #ended = 0;
  #succeeded = 0;
  #volumeMsat = 0;
  #looks = 0;
  /** windows that a span lasts */
  #length = 1;
  /** windows that are over */
  windows = 0;
  /** of the last comparison; null before four windows */
  found: Steadiness | null = null;

  /** @param window payments @param ends by edge; null where there is no such channel */
  constructor(window: number, ends: readonly (ChannelEnd<unknown> | null)[]) {
    this.#window = window;
    this.#ends = ends;
    this.#isUsed = new Uint8Array(ends.length / 2);
  }

  paymentEnded({ status, settled, order }: OutgoingPayment): void {
    this.#ended++;
    if (status === 'succeeded') this.#succeeded++;
    else this.#volumeMsat += order.amountMsat;
    for (const { route } of settled) {
      route.edges.forEach((edge, hop) => {
        this.#isUsed[edge >> 1] = 1;
        this.#volumeMsat += route.amountsMsat[hop]!;
      });
    }
    if (this.#ended * LOOKS < (this.#looks + 1) * this.#window) return;
    this.#look();
    if (++this.#looks % LOOKS !== 0) return;
    this.windows++;
    if (this.#looks === LOOKS * this.#length) this.#endSpan();
  }

  #look(): void {
    this.#isUsed.forEach((isUsed, channel) => {
      const end = this.#ends[2 * channel];
      if (isUsed === 0 || !end || end.phase === 'closed' || end.phase === 'opening') return;
      const { toLocalMsat, toRemoteMsat } = end;
      // what is in flight is on neither side
      const betweenMsat = toLocalMsat + toRemoteMsat;
      if (betweenMsat > 0) this.#shares[Math.min(STEPS - 1, Math.floor((STEPS * toLocalMsat) / betweenMsat))]!++;
    });
  }

  #endSpan(): void {
    this.#spans.push({
      shares: this.#shares,
      ended: this.#ended,
      succeeded: this.#succeeded,
      volumeMsat: this.#volumeMsat,
      balancesMsat: Float64Array.from(this.#isUsed, (_, channel) => this.#ends[2 * channel]?.toLocalMsat ?? 0),
    });
    this.#shares = new Float64Array(STEPS);
    this.#ended = this.#succeeded = this.#volumeMsat = this.#looks = 0;
    if (this.#spans.length % 4 === 0) this.#compare();
    if (this.#spans.length < MOST_SPANS) return;
    this.#spans = this.#spans.flatMap((span, index) =>
      index % 2 === 0 ? [together([span, this.#spans[index + 1]!])] : [],
    );
    this.#length *= 2;
  }

  #compare(): void {
    const quarter = this.#spans.length / 4;
    const third = together(this.#spans.slice(2 * quarter, 3 * quarter));
    const fourth = together(this.#spans.slice(3 * quarter));
    const middle = this.#spans[2 * quarter - 1]!.balancesMsat;
    const movedMsat = fourth.balancesMsat.reduce((sum, msat, channel) => sum + Math.abs(msat - middle[channel]!), 0);
    this.found = {
      distance: distanceOf(third.shares, fourth.shares),
      drift: movedMsat / (third.volumeMsat + fourth.volumeMsat),
      success: Math.abs(third.succeeded / third.ended - fourth.succeeded / fourth.ended),
    };
  }
}

/** Spans in a row as one. */
function together(spans: readonly Span[]): Span {
  const sum = (of: (span: Span) => number): number => spans.reduce((total, span) => total + of(span), 0);
  return {
    shares: Float64Array.from({ length: STEPS }, (_, step) => sum(({ shares }) => shares[step]!)),
    ended: sum(({ ended }) => ended),
    succeeded: sum(({ succeeded }) => succeeded),
    volumeMsat: sum(({ volumeMsat }) => volumeMsat),
    balancesMsat: present(spans.at(-1), 'a span').balancesMsat,
  };
}

/** Kolmogorov and Smirnov's distance of two histograms; 0 where one is empty: nothing has moved. */
function distanceOf(a: Float64Array, b: Float64Array): number {
  const total = (counts: Float64Array): number => counts.reduce((sum, count) => sum + count, 0);
  const [ofA, ofB] = [total(a), total(b)];
  if (ofA === 0 || ofB === 0) return 0;
  let [upToA, upToB, most] = [0, 0, 0];
  a.forEach((count, step) => {
    upToA += count;
    upToB += b[step]!;
    most = Math.max(most, Math.abs(upToA / ofA - upToB / ofB));
  });
  return most;
}
