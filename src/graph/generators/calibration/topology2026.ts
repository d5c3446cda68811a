/**
 * Topology of the Lightning Network on 2026-02-03, for the mainnet-like generator: 6,976 nodes and 33,892 channels, those
 * with at least one enabled direction. Source: Core Lightning's gossip snapshot of that day (repository
 * ElementsProject/lightning, `tests/data/gossip-store-2026-02-03.compressed`), counted by the project.
 */

/** Nodes with an enabled channel: the size at which the facts below were counted. */
export const MAINNET_NODES = 6976;

/** Peers of the best connected node. */
export const MAINNET_PEERS_MAX = 1675;

/** Mean over nodes of the share of a node's pairs of peers that are peers (Watts and Strogatz), 0 for a single peer. */
export const MAINNET_CLUSTERING = 0.1568;

/**
 * Peers of a node: share of the nodes that have at least that many. The rarest ones stand at their ranks' middles
 * (0.5 / 6976, 1.5 / 6976, …); the last row goes on past the largest known node as k^-2, a little steeper than the tail
 * from 50 peers on (k^-1.5), and matters only to networks larger than mainnet.
 */
// prettier-ignore
export const PEERS_AT_LEAST: readonly (readonly [peers: number, share: number])[] = [
  [1, 1],          [2, 0.52781],    [3, 0.39435],    [4, 0.31881],    [5, 0.26763],    [6, 0.23552],
  [7, 0.21015],    [8, 0.1875],     [10, 0.15711],   [12, 0.13675],   [15, 0.11368],   [20, 0.08744],
  [25, 0.07124],   [30, 0.06207],   [40, 0.04573],   [50, 0.03584],   [60, 0.02609],   [75, 0.01892],
  [100, 0.0139],   [125, 0.00932],  [150, 0.00731],  [200, 0.00502],  [250, 0.00315],  [300, 0.00258],
  [400, 0.00158],  [471, 0.00093],  [511, 0.000789], [543, 0.000645], [836, 0.000502], [887, 0.000358],
  [932, 0.000215], [1675, 0.0000717], [16750, 0.000000717],
];

/** Classes of nodes by peers: 1, 2-3, 4-7, 8-15, 16-31, 32-63, 64-127, 128-255, 256-511, 512 and more. */
export const PEER_CLASS_BOUNDS = [2, 4, 8, 16, 32, 64, 128, 256, 512] as const;

/**
 * The class beside those by peers: hosts of leaves, hubs of 512 peers and more of which 97 in 100 have no other peer (the
 * 836 and the 543 peers of two services that open channels to newcomers). Of the 5 such hubs the 2 smallest are hosts.
 */
export const LEAF_HOST_CLASS = PEER_CLASS_BOUNDS.length + 1;
export const LEAF_HOST_SHARE = 2 / 5;

/**
 * How often nodes of two classes are peers, as a multiple of what chance would give nodes of those degrees. Leaves hang
 * on their hosts and on the few largest hubs, hubs avoid each other, the middle keeps to itself.
 */
// prettier-ignore
export const CLASS_AFFINITY: readonly (readonly number[])[] = [
  //   1   2-3   4-7  8-15 16-31 32-63  -127  -255  -511  512+  hosts
  [ 0.45, 0.76, 0.57, 0.48, 0.39, 0.40, 0.47, 0.54, 0.77, 2.18, 18.58],
  [ 0.76, 0.98, 0.91, 0.76, 0.73, 0.56, 0.72, 0.86, 1.83, 3.57,  0.13],
  [ 0.57, 0.91, 0.97, 0.91, 0.87, 0.66, 0.72, 1.07, 1.67, 2.75,  0.13],
  [ 0.48, 0.76, 0.91, 1.07, 0.95, 0.84, 0.94, 1.16, 1.44, 1.75,  0.02],
  [ 0.39, 0.73, 0.87, 0.95, 1.04, 1.08, 1.05, 1.16, 1.38, 1.04,  0.01],
  [ 0.40, 0.56, 0.66, 0.84, 1.08, 1.23, 1.22, 1.34, 1.19, 0.63,  0.03],
  [ 0.47, 0.72, 0.72, 0.94, 1.05, 1.22, 1.37, 1.31, 0.93, 0.39,  0.01],
  [ 0.54, 0.86, 1.07, 1.16, 1.16, 1.34, 1.31, 0.98, 0.56, 0.21,  0.01],
  [ 0.77, 1.83, 1.67, 1.44, 1.38, 1.19, 0.93, 0.56, 0.30, 0.11,  0.04],
  [ 2.18, 3.57, 2.75, 1.75, 1.04, 0.63, 0.39, 0.21, 0.11, 0.03,  0.00],
  [18.58, 0.13, 0.13, 0.02, 0.01, 0.03, 0.01, 0.01, 0.04, 0.00,  0.07],
];

/** Classes of nodes by peers for disabled directions: 1, 2-7, 8-63, 64 and more. */
export const DISABLED_CLASS_BOUNDS = [2, 8, 64] as const;

/** Share of nodes all of whose own directions are disabled, by class; a node with one peer is in the table below. */
export const SILENT_SHARE: readonly number[] = [0, 0.02, 0.006, 0];

/** Share of the other nodes' directions that are disabled: a row for the node's class, a column for its peer's. */
// prettier-ignore
export const DISABLED_SHARE: readonly (readonly number[])[] = [
  [0.1957, 0.1503, 0.2289, 0.0529],
  [0.0500, 0.0450, 0.0610, 0.0090],
  [0.0720, 0.0500, 0.0150, 0.0050],
  [0.0723, 0.0503, 0.0199, 0.0066],
];
