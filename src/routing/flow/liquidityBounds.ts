/**
 * What a payer has learnt of channels' liquidity as plain bounds (Pickhardt and Richter, arXiv 2107.05322): what went through
 * is a lower bound, what did not an upper one, and one direction's bounds are the mirror image of the other's.
 */
import { MICROS_PER_SECOND, type Micros } from '../../base/time.ts';
import { LearntTable } from '../learntTable.ts';
import type { RouteOutcome } from '../strategy.ts';

/** The numbers of a channel's row: node1's liquidity at least and at most, and since when each is known. */
const LEAST = 0;
const LEAST_AT = 1;
const MOST = 2;
const MOST_AT = 3;
const WIDTH = 4;

export interface Bounds {
  leastMsat: number;
  mostMsat: number;
}

export class LiquidityBounds {
  readonly #rows = new LearntTable(WIDTH);
  readonly #keepMicros: number;
  readonly #view: Bounds = { leastMsat: 0, mostMsat: 0 };

  /** @param keepSeconds after which a bound is forgotten */
  constructor(keepSeconds: number) {
    this.#keepMicros = keepSeconds * MICROS_PER_SECOND;
  }

  /** What is known of an edge; the answer is reused by the next look. */
  look(edge: number, capacityMsat: number, now: Micros): Bounds {
    const view = this.#view;
    view.leastMsat = 0;
    view.mostMsat = capacityMsat;
    const row = this.#rows.rowOf(edge >> 1);
    if (row === -1) return view;
    const { values } = this.#rows;
    const at = WIDTH * row;
    const least = now - values[at + LEAST_AT]! < this.#keepMicros ? Math.min(values[at + LEAST]!, capacityMsat) : 0;
    const most =
      now - values[at + MOST_AT]! < this.#keepMicros ? Math.min(values[at + MOST]!, capacityMsat) : capacityMsat;
    const isMirrored = (edge & 1) === 1;
    view.leastMsat = isMirrored ? capacityMsat - most : least;
    view.mostMsat = isMirrored ? capacityMsat - least : most;
    return view;
  }

  /** Takes in an attempt: bounds for what passed and for where it failed; after a success the liquidity has moved. */
  learn(outcome: RouteOutcome): void {
    const { route, graph, at, failedHop, failure } = outcome;
    const last = failedHop ?? route.edges.length - 1;
    // the payer's own channels are known anyway
    for (let hop = 1; hop <= last; hop++) {
      const edge = route.edges[hop]!;
      const amountMsat = route.amountsMsat[hop]!;
      const capacityMsat = graph.capacityMsat[edge >> 1]!;
      const { leastMsat, mostMsat } = this.look(edge, capacityMsat, at);
      if (hop === failedHop) {
        if (failure !== 'temporary_channel_failure') return;
        // it lacked a msat beside what other HTLCs took of it, all of which may be there already (askrene, `inform_constrained`)
        const takenMsat = outcome.inFlightMsat?.(edge) ?? 0;
        const most = Math.max(0, Math.min(mostMsat, takenMsat + amountMsat - 1));
        this.#write(edge, Math.min(leastMsat, most), most, capacityMsat, at);
      } else {
        const least = Math.min(capacityMsat, Math.max(leastMsat, amountMsat));
        const most = Math.max(mostMsat, least);
        const moved = failure === null ? Math.min(amountMsat, least) : 0;
        this.#write(edge, least - moved, most - moved, capacityMsat, at);
      }
    }
  }

  #write(edge: number, leastMsat: number, mostMsat: number, capacityMsat: number, at: Micros): void {
    const channel = edge >> 1;
    const known = this.#rows.rowOf(channel);
    const row = known === -1 ? this.#rows.add(channel) : known;
    const isMirrored = (edge & 1) === 1;
    const least = isMirrored ? capacityMsat - mostMsat : leastMsat;
    const most = isMirrored ? capacityMsat - leastMsat : mostMsat;
    const { values } = this.#rows;
    const start = WIDTH * row;
    // a bound that says nothing new keeps its age
    if (known === -1 || values[start + LEAST] !== least) values[start + LEAST_AT] = at;
    if (known === -1 || values[start + MOST] !== most) values[start + MOST_AT] = at;
    values[start + LEAST] = least;
    values[start + MOST] = most;
  }
}
