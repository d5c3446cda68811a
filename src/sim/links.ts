/**
 * The links between peers: latency, order of arrival, and what waits for a node that is offline. A link is reliable:
 * a message to a node that is away arrives, in order, when it is back.
 */
import type { EventQueue } from '../base/eventQueue.ts';
import type { Rng } from '../base/random.ts';
import { micros, type Micros } from '../base/time.ts';
import type { Message } from '../node/messages.ts';
import { EventKind, type EventRef } from './events.ts';

/** A message that waits for its receiver; `edge` is the receiver's own. */
export interface HeldMessage {
  readonly edge: number;
  readonly message: Message;
}

interface Absence {
  /** how many faults and closures keep the node away */
  reasons: number;
  readonly messages: HeldMessage[];
}

export class Links {
  readonly #queue: EventQueue<EventRef>;
  readonly #rng: Rng;
  readonly #medianMicros: number;
  readonly #sigma: number;
  /** µs, by receiving edge: no message overtakes another */
  readonly #lastArrival: Float64Array;
  /** what waits for nodes that are offline, by node */
  readonly #waiting = new Map<number, Absence>();
  #sent = 0;

  constructor(queue: EventQueue<EventRef>, rng: Rng, latency: { medianMicros: number; sigma: number }, edges: number) {
    this.#queue = queue;
    this.#rng = rng;
    this.#medianMicros = latency.medianMicros;
    this.#sigma = latency.sigma;
    this.#lastArrival = new Float64Array(edges);
  }

  /** Messages sent so far. */
  get sent(): number {
    return this.#sent;
  }

  isOnline(node: number): boolean {
    return !this.#waiting.has(node);
  }

  /** Sends over the channel of `edge`, the sender's own; it arrives at `edge ^ 1`. */
  send(edge: number, message: Message, now: Micros): void {
    const to = edge ^ 1;
    const delay = this.#sigma === 0 ? this.#medianMicros : this.#rng.lognormal(this.#medianMicros, this.#sigma);
    const arrival = micros(Math.max(now + delay, this.#lastArrival[to]!));
    this.#lastArrival[to] = arrival;
    this.#sent++;
    this.#queue.push(arrival, EventKind.Message, to, 0, 0, message);
  }

  /** Whether a message is kept because its receiver is offline. */
  holds(node: number, edge: number, message: Message): boolean {
    const waiting = this.#waiting.get(node);
    waiting?.messages.push({ edge, message });
    return waiting !== undefined;
  }

  goOffline(node: number): void {
    const absence = this.#waiting.get(node);
    if (absence) absence.reasons++;
    else this.#waiting.set(node, { reasons: 1, messages: [] });
  }

  /**
   * One reason to be away is over.
   * @returns what waited, in order, if it was the last: to be delivered before anything else; null if the node stays away
   */
  comeOnline(node: number): readonly HeldMessage[] | null {
    const absence = this.#waiting.get(node);
    if (!absence) return null;
    if (--absence.reasons > 0) return null;
    this.#waiting.delete(node);
    return absence.messages;
  }
}
