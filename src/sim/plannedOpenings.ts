/** Channels that are opened while others pay, each at its time: its nodes speak over their link, and graphs learn of it. */
import { present } from '../base/assert.ts';
import type { EventQueue } from '../base/eventQueue.ts';
import { micros, seconds, type Micros } from '../base/time.ts';
import type { GossipLog } from '../graph/gossipLog.ts';
import type { OpeningPlan } from './config.ts';
import { EventKind, type EventRef } from './events.ts';
import type { Network } from './network.ts';

/** What they ask of the world. */
export interface PlannedOpeningsHost {
  readonly network: Network;
  readonly gossip: GossipLog;
  readonly queue: EventQueue<EventRef>;
  /** Whether both its nodes are there. */
  isLinkUp(channel: number): boolean;
  /** An opening is over, one way or the other. */
  ended(): void;
  note(text: string): void;
}

/** Between two looks at an opener or an accepter that is away. */
const AWAY_POLL: Micros = seconds(60);

export class PlannedOpenings {
  readonly #plans: readonly OpeningPlan[];
  readonly #host: PlannedOpeningsHost;
  /** the channels of openings that are not over */
  readonly #waiting: Set<number>;

  constructor(plans: readonly OpeningPlan[], host: PlannedOpeningsHost) {
    this.#plans = plans;
    this.#host = host;
    this.#waiting = new Set(plans.map(({ channel }) => channel));
  }

  get areOver(): boolean {
    return this.#waiting.size === 0;
  }

  /** The network is open: the plans' times count from here. */
  begin(): void {
    const { queue } = this.#host;
    this.#plans.forEach(({ at }, index) => queue.push(micros(queue.now + at), EventKind.Opening, index));
  }

  /** An opening's time has come. */
  start(index: number): void {
    const { network, queue } = this.#host;
    const { channel } = present(this.#plans[index], 'an opening');
    const plan = network.plans[channel];
    if (!plan) {
      this.#host.note(`openings[${index}] came to nothing: the capacity can't carry a commitment`);
      return this.ended(channel);
    }
    const opener = network.nodeAt(channel, plan.opener);
    if (this.#host.isLinkUp(channel)) opener.opener.begin(2 * channel + plan.opener);
    else queue.push(micros(queue.now + AWAY_POLL), EventKind.Opening, index);
  }

  /** Both ends of a channel are ready: if it was planned, it is announced in both directions. */
  ready(channel: number): void {
    if (!this.#waiting.has(channel)) return;
    const { graph } = this.#host.network;
    for (const edge of [2 * channel, 2 * channel + 1]) {
      this.#host.gossip.setPolicy(edge, { ...graph.policyOf(edge), disabled: false }, this.#host.queue.now);
    }
    this.ended(channel);
  }

  /** A channel is ready, or will never be: if it was planned, nobody waits for it any more. */
  ended(channel: number): void {
    if (this.#waiting.delete(channel)) this.#host.ended();
  }
}
