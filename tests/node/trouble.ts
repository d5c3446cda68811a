/** What goes wrong in a history besides its closing: links, nodes, blocks and fees, drawn as its faults allow. */
import { mark } from '../../src/base/marks.ts';
import type { Rng } from '../../src/base/random.ts';
import type { Lab } from './harness.ts';

/** What may go wrong in a history: each draws its own set, so that some have one kind of trouble only. */
export interface Faults {
  /** fees rise above what the estimator says, while HTLCs have deadlines */
  readonly spike: boolean;
  readonly reorganisations: boolean;
  /** links break, and nodes leave, for a few blocks; messages are lost */
  readonly disconnections: boolean;
  /** nodes lose everything since they wrote last, and read the chain again */
  readonly crashes: boolean;
  /** openers change the fee rate of their commitments */
  readonly feeUpdates: boolean;
}

/** Blocks that a node is away or a link is cut at most: well within every deadline. */
const AWAY_BLOCKS = 4;

export class Trouble {
  readonly #lab: Lab;
  readonly #rng: Rng;
  readonly #faults: Faults;
  /** what ends the troubles at hand, with the height for it */
  #open: { readonly untilHeight: number; readonly end: () => void }[] = [];

  constructor(lab: Lab, rng: Rng, faults: Faults) {
    this.#lab = lab;
    this.#rng = rng;
    this.#faults = faults;
    if (faults.crashes) for (const node of lab.nodes) node.expectCrash();
  }

  get isOn(): boolean {
    return this.#open.length > 0;
  }

  /** Once in so many times: a link breaks, a node leaves or crashes, or fees change. */
  maybe(times: number): void {
    if (this.#rng.below(times) > 0) return;
    const { disconnections, crashes, feeUpdates } = this.#faults;
    if (feeUpdates && this.#rng.below(3) === 0) this.#lab.weather.quietPerKw = 300 + this.#rng.below(1500);
    if (crashes && this.#rng.below(3) === 0) this.#crash(this.#rng.below(this.#lab.nodes.length));
    else if (disconnections) this.#disconnect();
  }

  /** A block comes, or a reorganisation; the troubles whose time is up end. */
  block(): void {
    const { height } = this.#lab.chain;
    if (this.#faults.reorganisations && this.#rng.below(8) === 0) this.#lab.reorganise(1 + this.#rng.below(2));
    else this.#lab.mine();
    const over = this.#open.filter(({ untilHeight }) => untilHeight <= height);
    this.#open = this.#open.filter(({ untilHeight }) => untilHeight > height);
    for (const { end } of over) end();
  }

  /** All ends now. */
  end(): void {
    for (const { end } of this.#open.splice(0)) end();
  }

  #until(end: () => void): void {
    this.#open.push({ untilHeight: this.#lab.chain.height + this.#rng.below(AWAY_BLOCKS), end });
    // half of the time at once, with no block in between
    if (this.#rng.below(2) === 0) this.end();
  }

  #disconnect(): void {
    const lab = this.#lab;
    if (this.isOn) return;
    if (lab.busyEdges.length > 0) mark('disconnected with messages on the way');
    if (this.#rng.below(2) === 0) {
      const node = this.#rng.below(lab.nodes.length);
      lab.setOnline(node, false);
      this.#until(() => lab.setOnline(node, true));
    } else {
      const channel = this.#rng.below(lab.materials.length);
      lab.cut(channel);
      this.#until(() => lab.mend(channel));
    }
  }

  #crash(node: number): void {
    const lab = this.#lab;
    if (this.isOn) return;
    if (lab.busyEdges.length > 0) mark('crashed with messages on the way');
    for (const { end, monitor } of lab.nodes[node]!.channels.values()) {
      if (monitor !== null) mark('crashed with a channel on-chain');
      else if (end.phase === 'closed') mark('crashed while closing');
    }
    // whatever it had not read before does not matter: its channels were open at all those heights
    lab.crash(node, 1 + this.#rng.below(100));
    this.#until(() => lab.setOnline(node, true));
  }
}
