/**
 * The channel graph as people hold it: a graphology graph with named nodes, one undirected edge a channel.
 *
 * A node's key is its public key (hexadecimal) or, in generated graphs, whatever names it; an edge's key is the short
 * channel id. `node1` and `node2` are the edge's source and target as graphology keeps them, and each owns a policy:
 * `policy1` is node1's own and prices node1 → node2 (BOLT 7, `channel_update`).
 */
import { MultiUndirectedGraph } from 'graphology';
import type { Msat, Sat } from '../base/units.ts';

/** What a node asks for forwarding through a channel, in its own direction (BOLT 7, `channel_update`). */
export interface Policy {
  feeBaseMsat: Msat;
  /** parts per million of the amount forwarded; up to 2^32 − 1 */
  feeProportionalMillionths: number;
  /** blocks */
  cltvExpiryDelta: number;
  htlcMinimumMsat: Msat;
  /** at most the capacity; importers fill in the capacity where a file has none */
  htlcMaximumMsat: Msat;
  disabled: boolean;
}

export interface NodeAttributes {
  /** untrusted text; escape it before showing it */
  alias: string;
}

export interface ChannelAttributes {
  capacitySat: Sat;
  /** null: never announced, unusable in that direction */
  policy1: Policy | null;
  policy2: Policy | null;
  /** what node1 holds of the capacity, where a file says so (CLoTH); node2 holds the rest */
  balance1Msat?: Msat;
}

export type ChannelGraph = MultiUndirectedGraph<NodeAttributes, ChannelAttributes>;

export const newChannelGraph = (): ChannelGraph =>
  new MultiUndirectedGraph<NodeAttributes, ChannelAttributes>({ allowSelfLoops: false });

/**
 * Whether a name is no name for a node: graphology keeps a node's channels in a plain object by the other node's name, so
 * that a channel with a node `__proto__` would write into what all objects inherit.
 */
export const isReservedName = (name: string): boolean => name in Object.prototype;
