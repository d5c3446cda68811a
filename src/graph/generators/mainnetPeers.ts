/** How many peers each node of a mainnet-like network has: the tabulated law, cut off where a network's size cuts it. */
import { exp, ln } from '../../base/math.ts';
import type { Rng } from '../../base/random.ts';
import {
  LEAF_HOST_CLASS,
  LEAF_HOST_SHARE,
  MAINNET_NODES,
  MAINNET_PEERS_MAX,
  PEER_CLASS_BOUNDS,
  PEERS_AT_LEAST,
} from './calibration/topology2026.ts';
import { classOf } from './distributions.ts';

export interface PeerCounts {
  /** peers that a node of that rank has on mainnet, largest first */
  readonly mainnetPeers: number[];
  /** peers that it gets in a network of this size */
  readonly peers: number[];
}

/**
 * Peers for each node, largest first. Nodes stand at evenly spaced quantiles of the law, jittered by half a step: a
 * network of 1,000 nodes is then no more one-sided than one of 100,000.
 */
export function drawPeerCounts(nodes: number, rng: Rng): PeerCounts {
  const mainnetPeers: number[] = [];
  const peers: number[] = [];
  for (let rank = 0; rank < nodes; rank++) {
    const count = peersAt((rank + 0.5 + (rng.unit() - 0.5) / 2) / nodes);
    mainnetPeers.push(count);
    peers.push(Math.min(nodes - 1, Math.max(1, Math.round(cutOff(count, nodes)))));
  }
  return { mainnetPeers, peers };
}

/**
 * The class of each node: by its peers on mainnet, and of the largest class its smallest part are hosts of leaves. A single
 * hub is none.
 * @param mainnetPeers largest first
 */
export function peerClasses(mainnetPeers: readonly number[]): number[] {
  const classes = mainnetPeers.map((count) => classOf(count, PEER_CLASS_BOUNDS));
  const hubs = classes.filter((each) => each === PEER_CLASS_BOUNDS.length).length;
  const hosts = Math.min(hubs - 1, Math.round(hubs * LEAF_HOST_SHARE));
  for (let rank = hubs - hosts; rank < hubs; rank++) classes[rank] = LEAF_HOST_CLASS;
  return classes;
}

/** The peers that a share `u` of the nodes reaches: between tabulated counts along both logarithms, rounded down. */
function peersAt(u: number): number {
  let below = 0;
  while (below < PEERS_AT_LEAST.length - 2 && PEERS_AT_LEAST[below + 1]![1] >= u) below++;
  const [k0, share0] = PEERS_AT_LEAST[below]!;
  const [k1, share1] = PEERS_AT_LEAST[below + 1]!;
  const part = Math.min(1, Math.max(0, ln(share0 / u) / ln(share0 / share1)));
  return Math.floor(k0 * exp(part * ln(k1 / k0)) + 1e-9);
}

/**
 * In a network smaller than mainnet the largest hub is bounded, and it bends the law below it: 1/k' = 1/k + c. Small
 * counts stay; the largest becomes 1675 · (nodes / 6976)^0.9, about a quarter of mainnet's nodes and a third of 1,000.
 */
function cutOff(count: number, nodes: number): number {
  if (nodes >= MAINNET_NODES) return count;
  const scale = exp(0.9 * ln(nodes / MAINNET_NODES));
  return 1 / (1 / count + (1 / scale - 1) / MAINNET_PEERS_MAX);
}
