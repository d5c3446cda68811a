/** Splices that a scenario asks for, each at its time; and what the graph learns of a channel whose funding has changed. */
import { present } from '../base/assert.ts';
import type { EventQueue } from '../base/eventQueue.ts';
import { micros, seconds, type Micros } from '../base/time.ts';
import { satToMsat } from '../base/units.ts';
import type { SpliceCandidate } from '../channel/spliceCandidate.ts';
import type { GossipLog } from '../graph/gossipLog.ts';
import type { SpliceFailure, SplicePort } from '../node/channelSplicer.ts';
import type { SplicePlan } from './config.ts';
import { EventKind, type EventRef } from './events.ts';
import type { Network } from './network.ts';

/** What they ask of the world. */
export interface PlannedSplicesHost {
  readonly network: Network;
  readonly queue: EventQueue<EventRef>;
  readonly gossip: GossipLog;
  readonly minimumDepth: number;
  isOnline(node: number): boolean;
  /** A splice is over, one way or the other. */
  ended(): void;
  note(text: string): void;
}

/** Between two looks at a channel whose nodes are away, or that is being spliced already. */
const POLL: Micros = seconds(60);

/** How many splices there were. */
export interface SpliceTally {
  readonly locked: number;
  /** those that came to nothing, by reason */
  readonly failed: Readonly<Record<string, number>>;
}

export class PlannedSplices implements SplicePort {
  readonly #plans: readonly SplicePlan[];
  readonly #host: PlannedSplicesHost;
  /** indices of splices that are not over, by channel: the first is the one under way */
  readonly #waiting = new Map<number, number[]>();
  /** those that were asked for, by the edge of who proposes */
  readonly #underWay = new Map<number, number>();
  readonly #failed = new Map<string, number>();
  #locked = 0;

  constructor(plans: readonly SplicePlan[], host: PlannedSplicesHost) {
    this.#plans = plans;
    this.#host = host;
    plans.forEach(({ channel }, index) => this.#waiting.set(channel, [...(this.#waiting.get(channel) ?? []), index]));
  }

  get minimumDepth(): number {
    return this.#host.minimumDepth;
  }

  get areOver(): boolean {
    return this.#waiting.size === 0;
  }

  get tally(): SpliceTally {
    return { locked: this.#locked, failed: Object.fromEntries(this.#failed) };
  }

  /** The network is open: the plans' times count from here. */
  begin(): void {
    const { queue } = this.#host;
    this.#plans.forEach(({ at }, index) => queue.push(micros(queue.now + at), EventKind.Splice, index));
  }

  /** A splice's time has come, or is to be tried again. */
  start(index: number): void {
    const { network } = this.#host;
    const { channel, by, contributionSat } = present(this.#plans[index], 'a splice');
    if (!this.#waiting.get(channel)?.includes(index)) return;
    const [node, peer] = [network.nodeAt(channel, by), network.nodeAt(channel, by === 0 ? 1 : 0)];
    if (!this.#host.isOnline(node.index) || !this.#host.isOnline(peer.index)) return this.#again(index);
    const held = node.channels.get(2 * channel + by);
    const refused = held ? node.splicer.begin(held, contributionSat) : 'channel-not-open';
    if (refused === 'splice-pending') return this.#again(index);
    if (refused === null) this.#underWay.set(2 * channel + by, index);
    else this.#fail(index, refused);
  }

  #fail(index: number, reason: string): void {
    this.#failed.set(reason, (this.#failed.get(reason) ?? 0) + 1);
    this.#host.note(`splices[${index}] came to nothing: ${reason}`);
    this.#end(index);
  }

  #end(index: number): void {
    const { channel, by } = present(this.#plans[index], 'a splice');
    const left = (this.#waiting.get(channel) ?? []).filter((each) => each !== index);
    if (left.length > 0) this.#waiting.set(channel, left);
    else this.#waiting.delete(channel);
    this.#underWay.delete(2 * channel + by);
    this.#host.ended();
  }

  /** A channel is being closed: it is not spliced any more. */
  closing(channel: number): void {
    for (const index of this.#waiting.get(channel) ?? []) this.#fail(index, 'channel-closed');
  }

  // ── What nodes tell ────────────────────────────────────────────────────────────────────────────────────────────

  givenUp(edge: number, reason: SpliceFailure): void {
    const index = this.#underWay.get(edge);
    if (index !== undefined) this.#fail(index, reason);
  }

  postponed(edge: number): void {
    const index = this.#underWay.get(edge);
    if (index === undefined) return;
    this.#underWay.delete(edge);
    this.#again(index);
  }

  #again(index: number): void {
    const { queue } = this.#host;
    queue.push(micros(queue.now + POLL), EventKind.Splice, index);
  }

  locked(edge: number, candidate: SpliceCandidate): void {
    const channel = edge >> 1;
    // whose splice it was is done with it; the graph hears of it once both ends have locked it
    const index = this.#underWay.get(edge);
    const other = this.#host.network.ends[edge ^ 1];
    const isLast = !other?.candidates.some(({ funding }) => funding.txid === candidate.funding.txid);
    if (isLast) {
      this.#locked++;
      const { graph } = this.#host.network;
      const isOpen = graph.capacityMsat[channel] !== 0;
      if (isOpen) this.#host.gossip.setCapacity(channel, satToMsat(candidate.capacitySat), this.#host.queue.now);
    }
    if (index !== undefined) this.#end(index);
  }
}
