/**
 * The links between peers: latency, order of arrival, and what is lost. Each channel has a link of its own. It carries
 * messages in order while both nodes are online and it is not cut; when it breaks, what is on its way is lost, both ways.
 */
import type { EventQueue } from '../base/eventQueue.ts';
import { micros, type Micros } from '../base/time.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import type { Message } from '../node/messages.ts';
import { EventKind, type EventRef } from './events.ts';
import type { Latency } from './latency/latency.ts';

export class Links {
  readonly #queue: EventQueue<EventRef>;
  readonly #latency: Latency;
  readonly #graph: Pick<CompiledGraph, 'edgeFrom' | 'edgeTo' | 'edgeCount'>;
  /** µs, by receiving edge: no message overtakes another */
  readonly #lastArrival: Float64Array;
  /** how often each channel's link broke: a message of an earlier connection is lost */
  readonly #breaks: Uint32Array;
  /** how many faults and closures keep a node away, where any does */
  readonly #absences = new Map<number, number>();
  /** how many faults cut a channel's link, where any does */
  readonly #cuts = new Map<number, number>();
  #sent = 0;

  constructor(
    queue: EventQueue<EventRef>,
    latency: Latency,
    graph: Pick<CompiledGraph, 'edgeFrom' | 'edgeTo' | 'edgeCount'>,
  ) {
    this.#queue = queue;
    this.#latency = latency;
    this.#graph = graph;
    this.#lastArrival = new Float64Array(graph.edgeCount);
    this.#breaks = new Uint32Array(graph.edgeCount >> 1);
  }

  /** Messages sent so far. */
  get sent(): number {
    return this.#sent;
  }

  isOnline(node: number): boolean {
    return !this.#absences.has(node);
  }

  /** Whether the link of a channel carries messages. */
  isUp(channel: number): boolean {
    if (this.#absences.size === 0 && this.#cuts.size === 0) return true;
    const { edgeFrom, edgeTo } = this.#graph;
    const [one, other] = [edgeFrom[2 * channel]!, edgeTo[2 * channel]!];
    return !this.#cuts.has(channel) && this.isOnline(one) && this.isOnline(other);
  }

  /** Sends over the channel of `edge`, the sender's own; it arrives at `edge ^ 1`, or is lost with the connection. */
  send(edge: number, message: Message, now: Micros): void {
    const channel = edge >> 1;
    if (!this.isUp(channel)) return;
    const to = edge ^ 1;
    const arrival = micros(Math.max(now + this.#latency(to), this.#lastArrival[to]!));
    this.#lastArrival[to] = arrival;
    this.#sent++;
    this.#queue.push(arrival, EventKind.Message, to, this.#breaks[channel], 0, message);
  }

  /** Whether a message arrives. @param connection the number of breaks before it was sent */
  arrives(edge: number, connection: number): boolean {
    return this.#breaks[edge >> 1] === connection;
  }

  /** The connection over a channel is gone, with all that is on its way. */
  break(channel: number): void {
    this.#breaks[channel]!++;
    this.#lastArrival[2 * channel] = this.#lastArrival[2 * channel + 1] = 0;
  }

  /** A reason for a node to be away begins. */
  leave(node: number): void {
    this.#absences.set(node, (this.#absences.get(node) ?? 0) + 1);
  }

  /** A reason for a node to be away is over; it may not have been the only one. */
  comeBack(node: number): void {
    countDown(this.#absences, node);
  }

  /** A reason for a channel's link to be cut begins. */
  cut(channel: number): void {
    this.#cuts.set(channel, (this.#cuts.get(channel) ?? 0) + 1);
  }

  /** A reason for a channel's link to be cut is over. */
  mend(channel: number): void {
    countDown(this.#cuts, channel);
  }
}

function countDown(counts: Map<number, number>, key: number): void {
  const left = (counts.get(key) ?? 0) - 1;
  if (left > 0) counts.set(key, left);
  else counts.delete(key);
}
