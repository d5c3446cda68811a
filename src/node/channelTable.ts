/** A node's channels, by its own edges. */
import { assert } from '../base/assert.ts';
import type { NodeChannel } from './nodeChannel.ts';

/** Where all nodes of a world may keep their channels, by edge: each edge is one node's own. */
export type ChannelSlots = (NodeChannel | undefined)[];

/**
 * A node's channels by its own edges, in the order in which they came to be. Every message asks for one: so they stand in
 * an array, which may be that of the whole world, and not in a map of each node's.
 */
export class ChannelTable {
  readonly #owner: number;
  readonly #slots: ChannelSlots;
  readonly #edges = new Set<number>();

  /** @param owner the node */
  constructor(owner: number, slots: ChannelSlots) {
    this.#owner = owner;
    this.#slots = slots;
  }

  /** The channel of an edge; undefined if it is none of the node's own. */
  get(edge: number): NodeChannel | undefined {
    const channel = this.#slots[edge];
    return channel !== undefined && channel.owner === this.#owner ? channel : undefined;
  }

  has(edge: number): boolean {
    return this.get(edge) !== undefined;
  }

  add(channel: NodeChannel): void {
    assert(channel.owner === this.#owner, 'a node adds its own channels');
    this.#slots[channel.edge] = channel;
    this.#edges.add(channel.edge);
  }

  delete(edge: number): void {
    if (!this.#edges.delete(edge)) return;
    this.#slots[edge] = undefined;
  }

  *values(): Generator<NodeChannel> {
    for (const edge of this.#edges) yield this.#slots[edge]!;
  }
}
