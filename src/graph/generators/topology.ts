/** Who has channels with whom: what a generator draws before channels get ids, capacities and policies. */

export interface Topology {
  /** nodes are 0 … nodes − 1 */
  readonly nodes: number;
  /** one entry a channel; parallel channels are repeated pairs; no node is paired with itself */
  readonly pairs: readonly (readonly [number, number])[];
  /**
   * Peers that each node would have in a network of mainnet's size; by default those it has. Mainnet-like capacities and
   * policies go by it, so that the hubs of a small network behave like hubs.
   */
  readonly mainnetPeers?: readonly number[];
  /** one entry a channel, for mainnet-like capacities: the larger, the larger the channel beside others of its class */
  readonly scores?: readonly number[];
}

/** How many channels each node has. */
export function degreesOf({ nodes, pairs }: Topology): number[] {
  const degrees = Array.from({ length: nodes }, () => 0);
  for (const [a, b] of pairs) {
    degrees[a]!++;
    degrees[b]!++;
  }
  return degrees;
}
