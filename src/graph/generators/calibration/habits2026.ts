/**
 * Habits of nodes of the Lightning Network on 2026-02-03, for the mainnet-like generator: whom they choose, how large their
 * channels are, how often they open another with the same peer. Source: see `topology2026.ts`. Habits are standard normal
 * scores; what is said of them was chosen so that generated networks have the correlations that stand beside it.
 */

/**
 * How the habits of two peers correlate when they are joined: who opens large channels has peers who do. What can be seen of
 * it (each node's mean place among the channels of their classes, peers with 8 peers and more) correlates with 0.31.
 */
export const HABIT_ASSORTATIVITY = 0.6;

/**
 * What part of the variance of whom a node chooses is its taste for larger or smaller peers: the number of a node's peers with
 * 256 to 511 peers has 1.4 times the variance that chance gives, among nodes with 8 to 127 peers.
 */
export const PEER_SIZE_TASTE = 0.05;

/**
 * What decides a channel's place in its class, as weights of normal scores: the habit of the end with fewer peers, that of
 * the other, and chance. Among hubs, both ends with 64 peers and more, both say as much. Places of the channels of one smaller
 * end correlate with 0.6 (hubs: 0.3), those of one larger end with 0.4 (0.3).
 */
export const SIZE_WEIGHTS = {
  others: { fewerPeers: 0.7, morePeers: 0.45, chance: 0.5 },
  hubs: { fewerPeers: 0.5, morePeers: 0.5, chance: 0.6 },
} as const;
export const SIZE_HUB_PEERS = 64;

/** What the size of the larger end adds, by its class (`PEER_CLASS_BOUNDS`): the mean over the channels of such ends. */
export const SIZE_OF_LARGER: readonly number[] = [-0.2, -0.2, -0.2, -0.2, -0.2, -0.1, 0.1, 0.1, 0.5, 0.5];

/** The habit of a host of leaves: nine in ten of the channels of both are of 20,000 sat, the least usual. */
export const LEAF_HOST_HABIT = -6;

/** Share of pairs of peers with more than one channel, by the class of the peer with fewer peers. */
// prettier-ignore
export const PARALLEL_SHARE: readonly number[] =
  [0.0304, 0.0442, 0.0417, 0.0276, 0.0312, 0.0351, 0.0698, 0.0729, 0.2014, 0.5, 0.5];

/** Share of these pairs that have them by chance, and how many channels then; the numbers weigh them. */
export const PARALLEL_BY_CHANCE = 0.5;
// prettier-ignore
export const PARALLEL_CHANNELS_BY_CHANCE: readonly (readonly [channels: number, pairs: number])[] = [[2, 550], [3, 84]];

/**
 * What decides about the others, as weights of normal scores: the size of the pair's channel beside others of its class (a
 * third of the largest hundredth have company, one in forty of the smaller half), the habit of the end with fewer peers and
 * that of the other (whether two pairs of one smaller end have parallel channels correlates with 0.15), and chance.
 */
export const PARALLEL_WEIGHTS = { size: 0.9, fewerPeers: 0.5, morePeers: 0.4, chance: 0.1 } as const;

/** Channels of such a pair, and how many of the 1,268 pairs have so many without chance; fewest first. */
// prettier-ignore
export const PARALLEL_CHANNELS: readonly (readonly [channels: number, pairs: number])[] = [
  [2, 368], [3, 82], [4, 85], [5, 36], [6, 14], [7, 13], [8, 6], [9, 2], [10, 5], [11, 8],
  [12, 1], [13, 1], [15, 2], [17, 2], [18, 1], [19, 1], [21, 2], [24, 1], [25, 1], [29, 1], [34, 1], [40, 1],
];

/** Share of a pair's further channels that are as large as its first; a third to a half of them are within a tenth. */
export const SAME_SIZE_SHARE = 0.45;
