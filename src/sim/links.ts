/**
 * The links between peers: latency, order of arrival, and what waits for a node that is offline. A link is reliable:
 * a message to a node that is away arrives, in order, when it is back.
 */
import type { EventQueue } from '../base/eventQueue.ts';
import type { Rng } from '../base/random.ts';
import { micros, type Micros } from '../base/time.ts';
import type { Message } from '../node/messages.ts';
import { EventKind, type EventRef } from './events.ts';

export class Links {
  readonly #queue: EventQueue<EventRef>;
  readonly #rng: Rng;
  readonly #medianMicros: number;
  readonly #sigma: number;
  /** µs, by receiving edge: no message overtakes another */
  readonly #lastArrival: Float64Array;
  /** what waits for nodes that are offline, by node */
  readonly #waiting = new Map<number, { edge: number; message: Message }[]>();
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
    waiting?.push({ edge, message });
    return waiting !== undefined;
  }

  goOffline(node: number): void {
    if (!this.#waiting.has(node)) this.#waiting.set(node, []);
  }

  /** What waited arrives now, in order, before anything else sent to that node. */
  comeOnline(node: number, now: Micros): void {
    const waiting = this.#waiting.get(node) ?? [];
    this.#waiting.delete(node);
    for (const { edge, message } of waiting) this.#queue.push(now, EventKind.Message, edge, 0, 0, message);
  }
}
