/**
 * Policies of the Lightning Network on 2026-02-03, for the mainnet-like generator: 65,809 enabled directions of 6,605
 * nodes. Source: see `topology2026.ts`.
 *
 * A node has a habit (its most frequent value) for each field and departs from it in some channels. The habitual CLTV
 * delta is a fingerprint of the implementation that set it (lnd 80, before that 40 and 144; eclair 144; Core Lightning
 * 34; LDK 72), so the other habits are told given the fingerprint.
 */

/** Classes of nodes by channels of their own: 1, 2-7, 8-63, 64-255, 256 and more. */
export const CHANNEL_CLASS_BOUNDS = [2, 8, 64, 256] as const;

/** Habitual `cltv_expiry_delta`, blocks, with its share of the nodes of a class, each weighed by its directions. */
// prettier-ignore
export const CLTV_HABITS: readonly (readonly [blocks: number, ...shares: number[]])[] = [
  //        1     2-7    8-63  64-255   256+
  [ 80, 0.7261, 0.4730, 0.3407, 0.3256, 0.4029],
  [ 40, 0.1809, 0.2723, 0.1901, 0.1511, 0.0628],
  [144, 0.0148, 0.0480, 0.1369, 0.2074, 0.3050],
  [100, 0.0127, 0.0979, 0.1694, 0.1379, 0.0324],
  [ 34, 0.0529, 0.0853, 0.0870, 0.0746, 0     ],
  [ 72, 0.0069, 0.0060, 0.0048, 0.0185, 0     ],
  [ 18, 0,      0.0016, 0.0079, 0.0206, 0.0983],
  [ 51, 0,      0,      0,      0,      0.0400],
  [ 60, 0.0014, 0.0016, 0.0073, 0.0077, 0     ],
  [120, 0,      0.0012, 0.0045, 0.0136, 0     ],
  [140, 0,      0,      0.0103, 0.0046, 0     ],
  [ 30, 0,      0.0020, 0.0150, 0.0038, 0     ],
  [ 50, 0.0008, 0.0030, 0.0100, 0.0060, 0     ],
  [ 89, 0.0002, 0.0020, 0.0070, 0.0060, 0.0375],
  [222, 0.0010, 0.0020, 0.0060, 0.0200, 0.0211],
  [288, 0.0024, 0.0037, 0.0030, 0.0059, 0     ],
];

/** `cltv_expiry_delta` where a node departs from its habit, blocks, with its share. */
// prettier-ignore
export const CLTV_DEPARTURES: readonly (readonly [blocks: number, share: number])[] = [
  [80, 0.375], [40, 0.253], [144, 0.162], [100, 0.059], [18, 0.026], [20, 0.013], [78, 0.013], [120, 0.011],
  [112, 0.011], [119, 0.01], [48, 0.009], [50, 0.006], [83, 0.006], [118, 0.006], [85, 0.005], [200, 0.002],
];

/** A row of habits by fingerprint; `other` stands for every delta without a row of its own. */
export type Fingerprint = 80 | 40 | 144 | 100 | 34 | 'other';

/** Habitual `fee_base_msat` of 0 and of 1,000 msat by fingerprint: shares by class, as above; the rest asks another. */
// prettier-ignore
export const BASE_FEE_HABITS: Readonly<Record<Fingerprint, { zero: readonly number[]; thousand: readonly number[] }>> = {
  //                   1    2-7   8-63 64-255  256+                    1    2-7   8-63 64-255  256+
  80:    { zero: [0.032, 0.188, 0.473, 0.407, 0.604], thousand: [0.942, 0.691, 0.408, 0.432, 0.396] },
  40:    { zero: [0.110, 0.292, 0.539, 0.700, 0.563], thousand: [0.805, 0.574, 0.371, 0.173, 0.437] },
  144:   { zero: [0.302, 0.374, 0.414, 0.584, 0.529], thousand: [0.558, 0.399, 0.468, 0.314, 0.471] },
  100:   { zero: [0.351, 0.369, 0.484, 0.470, 0    ], thousand: [0.514, 0.501, 0.403, 0.476, 1    ] },
  34:    { zero: [0.097, 0.329, 0.638, 0.695, 0.695], thousand: [0.877, 0.574, 0.266, 0.165, 0.165] },
  other: { zero: [0.189, 0.516, 0.633, 0.592, 0.191], thousand: [0.622, 0.260, 0.133, 0.161, 0.300] },
};

/** `fee_base_msat` where a node departs from its habit, with its share. */
// prettier-ignore
export const BASE_FEE_DEPARTURES: readonly (readonly [feeBaseMsat: number, share: number])[] = [
  [0, 0.283], [1000, 0.247], [1, 0.074], [500, 0.035], [100, 0.034], [2000, 0.03], [10_000, 0.024], [10, 0.021],
  [5000, 0.014], [69_420, 0.009], [2, 0.03], [1999, 0.02], [3, 0.02], [2500, 0.02], [100_000, 0.005], [5, 0.02],
  [50, 0.02], [3000, 0.014], [25, 0.02], [501, 0.02], [8, 0.02], [300, 0.02],
];

/** The shares at which the fee rows below stand. */
// prettier-ignore
export const FEE_SHARES: readonly number[] = [
  0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.99, 1,
];

/** Msat: quantiles of habitual base fees that are neither 0 nor 1,000, one row a class. */
// prettier-ignore
export const BASE_FEE_OTHER: readonly (readonly number[])[] = [
  [1, 1, 1, 1, 1, 1, 10, 99, 100, 100, 275, 500, 679, 1395, 2000, 3083, 5000, 10_000, 19_000, 100_000, 1_000_000, 5_000_000],
  [1, 1, 1, 1, 1, 20, 100, 100, 200, 500, 500, 600, 992, 2000, 3000, 5000, 10_000, 10_000, 48_800, 100_000, 1_000_000, 10_000_000],
  [1, 1, 1, 1, 2, 10, 59, 100, 100, 197, 360, 500, 500, 599, 999, 2000, 2000, 3399, 10_000, 18_799, 50_000, 100_000],
  [1, 1, 1, 9, 46, 100, 129, 217, 350, 500, 500, 720, 959, 999, 1699, 2075, 4420, 5000, 5000, 9748, 9999, 9999],
  [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 50, 100, 150, 200, 250, 300, 350, 400, 450, 500, 500],
];

/** Whether a node's habitual base fee is 0, 1,000 msat or another. */
export type BaseFeeHabit = 'zero' | 'thousand' | 'other';

/** Parts per million: quantiles of the habitual fee rate, one row a class; the last class by directions. */
// prettier-ignore
export const FEE_RATE_HABITS: Readonly<Record<BaseFeeHabit, readonly (readonly number[])[]>> = {
  zero: [
    [0, 0, 0, 0, 0, 0, 1, 1, 4, 10, 35, 69, 100, 150, 300, 400, 500, 719, 1000, 2000, 10_000, 50_000],
    [0, 0, 0, 0, 1, 1, 5, 15, 39, 83, 100, 200, 250, 350, 481, 518, 1000, 1000, 1620, 3000, 10_000, 100_000],
    [0, 0, 0, 0, 1, 1, 1, 5, 10, 16, 30, 66, 100, 200, 300, 499, 750, 1000, 2222, 3613, 9630, 50_000],
    [0, 0, 0, 0, 0, 1, 1, 1, 2, 5, 11, 25, 93, 118, 210, 300, 481, 859, 2000, 3000, 7699, 15_000],
    [0, 1, 1, 1, 1, 1, 1, 1, 10, 10, 10, 100, 100, 100, 100, 500, 500, 500, 999, 1968, 2000, 2000],
  ],
  thousand: [
    [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 10, 10, 1000, 10_000],
    [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 10, 10, 50, 150, 499, 1000, 5000, 17_900],
    [0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 2, 10, 20, 73, 119, 200, 300, 500, 1000, 2500, 10_000, 10_000],
    [0, 0, 0, 0, 1, 1, 1, 1, 1, 10, 50, 200, 250, 387, 511, 1000, 1298, 2000, 2500, 5000, 7250, 10_000],
    [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 499, 499, 499, 499, 499, 499, 499, 500, 500, 500, 2500, 2500],
  ],
  other: [
    [0, 0, 1, 1, 1, 1, 1, 1, 2, 7, 10, 10, 50, 100, 150, 239, 309, 500, 1000, 1854, 5000, 20_000],
    [0, 0, 1, 1, 1, 1, 1, 10, 10, 50, 80, 100, 124, 208, 339, 500, 806, 1000, 2500, 5000, 19_679, 100_000],
    [0, 0, 0, 1, 1, 1, 3, 10, 10, 20, 33, 72, 119, 224, 405, 500, 1000, 1088, 2009, 2739, 9560, 21_000],
    [0, 0, 1, 3, 9, 11, 17, 20, 33, 73, 112, 152, 175, 191, 409, 575, 895, 1845, 3980, 4205, 4833, 5000],
    [100, 100, 100, 100, 100, 100, 100, 100, 100, 500, 500, 500, 500, 500, 500, 500, 500, 2000, 2000, 2000, 2000, 2000],
  ],
};

/** Parts per million: quantiles of the fee rate where a node departs from its habit; rows as above, by habitual base fee. */
// prettier-ignore
export const FEE_RATE_DEPARTURES: Readonly<Record<BaseFeeHabit, readonly (readonly number[])[]>> = {
  zero: [
    [0, 0, 1, 3, 10, 25, 50, 71, 100, 110, 167, 200, 288, 400, 500, 610, 850, 1033, 1850, 3100, 9939, 100_000],
    [0, 0, 1, 3, 10, 25, 50, 71, 100, 110, 167, 200, 288, 400, 500, 610, 850, 1033, 1850, 3100, 9939, 100_000],
    [0, 2, 10, 25, 40, 60, 92, 122, 175, 230, 300, 399, 500, 600, 799, 1000, 1277, 1757, 2400, 3588, 10_442, 76_775],
    [0, 2, 10, 25, 40, 60, 92, 122, 175, 230, 300, 399, 500, 600, 799, 1000, 1277, 1757, 2400, 3588, 10_442, 76_775],
    [0, 5, 160, 220, 416, 500, 500, 500, 500, 800, 925, 998, 1000, 1000, 1500, 1879, 2500, 2999, 4000, 4000, 10_000, 100_000],
  ],
  thousand: [
    [0, 0, 1, 1, 1, 10, 14, 44, 75, 100, 110, 200, 235, 300, 499, 500, 800, 1000, 1500, 2500, 10_000, 100_000],
    [0, 0, 1, 1, 1, 10, 14, 44, 75, 100, 110, 200, 235, 300, 499, 500, 800, 1000, 1500, 2500, 10_000, 100_000],
    [0, 1, 4, 10, 30, 59, 100, 119, 175, 211, 275, 353, 475, 560, 750, 968, 1100, 1500, 2126, 3452, 10_000, 99_999],
    [0, 1, 4, 10, 30, 59, 100, 119, 175, 211, 275, 353, 475, 560, 750, 968, 1100, 1500, 2126, 3452, 10_000, 99_999],
    [0, 0, 1, 1, 1, 3, 73, 100, 157, 269, 512, 999, 999, 1000, 1000, 1000, 1166, 1875, 1999, 2499, 3472, 6000],
  ],
  other: [
    [0, 1, 1, 1, 2, 10, 10, 35, 93, 106, 200, 271, 313, 461, 500, 800, 1000, 1086, 1958, 3252, 22_599, 100_000],
    [0, 1, 1, 1, 2, 10, 10, 35, 93, 106, 200, 271, 313, 461, 500, 800, 1000, 1086, 1958, 3252, 22_599, 100_000],
    [0, 0, 5, 16, 42, 60, 89, 125, 186, 220, 280, 350, 426, 509, 650, 857, 1024, 1433, 2000, 3979, 8000, 21_000],
    [0, 0, 5, 16, 42, 60, 89, 125, 186, 220, 280, 350, 426, 509, 650, 857, 1024, 1433, 2000, 3979, 8000, 21_000],
    [1, 1, 1, 1, 1, 1, 1, 250, 250, 499, 800, 1000, 1099, 1700, 4000, 4000, 4000, 4000, 4000, 4000, 4000, 4000],
  ],
};

/** Habitual `htlc_minimum_msat` by fingerprint, with its share. */
// prettier-ignore
export const HTLC_MINIMUM_HABITS: Readonly<Record<Fingerprint, readonly (readonly [htlcMinimumMsat: number, share: number])[]>> = {
  80:    [[1000, 0.986], [1, 0.004], [1_000_000, 0.002], [100_000, 0.002], [10_000, 0.002], [9000, 0.002], [10_000_000, 0.001]],
  40:    [[1000, 0.788], [1, 0.172], [0, 0.018], [100, 0.006], [10_000, 0.004], [1_000_000, 0.004], [100_000, 0.003]],
  144:   [[1000, 0.838], [1, 0.073], [100_000, 0.032], [3000, 0.016], [10_000, 0.01], [1_000_000, 0.006], [5000, 0.006]],
  100:   [[1000, 0.969], [100_000, 0.009], [1_000_000, 0.009], [10_000, 0.002], [100, 0.002], [3000, 0.002]],
  34:    [[1, 0.798], [0, 0.091], [1000, 0.088], [100_000, 0.006], [50_000, 0.004], [10_000, 0.004], [5, 0.002]],
  other: [[1000, 0.607], [1, 0.239], [10_000, 0.034], [100, 0.034], [100_000, 0.023], [1_000_000, 0.017], [5000, 0.017]],
};

/** `htlc_minimum_msat` where a node departs from its habit, with its share. */
// prettier-ignore
export const HTLC_MINIMUM_DEPARTURES: readonly (readonly [htlcMinimumMsat: number, share: number])[] = [
  [0, 0.236], [1000, 0.203], [1_000_000, 0.175], [100_000, 0.143], [1, 0.044], [10_000, 0.035], [300_000, 0.019],
  [10_000_000, 0.017], [3000, 0.015], [100, 0.014], [50_000, 0.013], [2000, 0.012], [5000, 0.011], [75_000, 0.008],
];

/** How `htlc_maximum_msat` is set: 99% of the capacity (all but the reserve), all of it, or a smaller part. */
export type HtlcMaximumHabit = 'allButReserve' | 'capacity' | 'part';

/** Habitual setting by fingerprint, with its share of the nodes, each weighed by its directions. */
// prettier-ignore
export const HTLC_MAXIMUM_HABITS: Readonly<Record<Fingerprint, readonly (readonly [HtlcMaximumHabit, share: number])[]>> = {
  80:    [['allButReserve', 0.862], ['part', 0.132], ['capacity', 0.006]],
  40:    [['allButReserve', 0.870], ['part', 0.117], ['capacity', 0.013]],
  144:   [['allButReserve', 0.598], ['part', 0.401], ['capacity', 0.001]],
  100:   [['allButReserve', 0.936], ['part', 0.061], ['capacity', 0.003]],
  34:    [['allButReserve', 0.856], ['part', 0.144]],
  other: [['allButReserve', 0.775], ['part', 0.224], ['capacity', 0.001]],
};

/** The setting where a node departs from its habit, by the habit, with its share. */
// prettier-ignore
export const HTLC_MAXIMUM_DEPARTURES: Readonly<Record<HtlcMaximumHabit, readonly (readonly [HtlcMaximumHabit, share: number])[]>> = {
  allButReserve: [['capacity', 0.653], ['part', 0.347]],
  part:          [['allButReserve', 0.902], ['capacity', 0.098]],
  capacity:      [['allButReserve', 0.887], ['part', 0.113]],
};

/** The shares at which the row below stands. */
// prettier-ignore
export const HTLC_MAXIMUM_PART_SHARES: readonly number[] =
  [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1];

/** Quantiles of the part, as a share of the capacity. */
// prettier-ignore
export const HTLC_MAXIMUM_PART: readonly number[] = [
  0.0001, 0.001, 0.01, 0.0495, 0.1, 0.175, 0.238, 0.327, 0.417, 0.45, 0.45, 0.45, 0.454, 0.505, 0.613, 0.693,
  0.871, 0.9, 0.9, 0.96, 0.989,
];

/** The shares at which the rows below stand. */
export const LOYALTY_SHARES: readonly number[] = [0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 1];

/** Quantiles over nodes with at least 2 channels of the share of a node's directions that keep to its habit. */
// prettier-ignore
export const LOYALTY = {
  //                  least   p5   p10   p25   p50   p75   p90  most
  cltvExpiryDelta:   [0.40, 0.57, 0.67, 0.89, 1.00, 1.00, 1.00, 1.00],
  feeBaseMsat:       [0.30, 0.50, 0.57, 0.80, 1.00, 1.00, 1.00, 1.00],
  htlcMinimumMsat:   [0.40, 0.64, 0.78, 0.92, 1.00, 1.00, 1.00, 1.00],
  htlcMaximumMsat:   [0.33, 0.57, 0.67, 0.78, 0.92, 1.00, 1.00, 1.00],
} as const;

/**
 * The same for the fee rate, one row a class: of nodes that have kept lnd's default fee (1,000 msat and 1 ppm), and of
 * those that set their own.
 */
// prettier-ignore
export const FEE_RATE_LOYALTY: Readonly<Record<'defaults' | 'own', readonly (readonly number[])[]>> = {
  defaults: [
    // least p5   p10   p25   p50   p75   p90  most
    [1.00, 1.00, 1.00, 1.00, 1.00, 1.00, 1.00, 1.00], // 1
    [0.20, 0.50, 0.67, 1.00, 1.00, 1.00, 1.00, 1.00], // 2-7
    [0.13, 0.37, 0.44, 0.67, 0.95, 1.00, 1.00, 1.00], // 8-63
    [0.12, 0.25, 0.36, 0.55, 0.91, 1.00, 1.00, 1.00], // 64-255
    [0.13, 0.31, 0.49, 0.85, 0.93, 1.00, 1.00, 1.00], // 256+
  ],
  own: [
    [1.00, 1.00, 1.00, 1.00, 1.00, 1.00, 1.00, 1.00], // 1
    [0.00, 0.00, 0.05, 0.30, 0.60, 1.00, 1.00, 1.00], // 2-7
    [0.03, 0.08, 0.11, 0.22, 0.41, 0.67, 0.97, 1.00], // 8-63
    [0.02, 0.06, 0.08, 0.13, 0.30, 0.55, 0.84, 1.00], // 64-255
    [0.16, 0.18, 0.20, 0.26, 0.50, 0.88, 0.94, 1.00], // 256+
  ],
};

/** How often a node's place among the fee rates of its class is its place by mean capacity, so that nodes with larger
 * channels ask more: the ranks of both means correlate with 0.55 over nodes, fee rate and capacity with 0.24 over directions. */
export const FEE_RATE_FOLLOWS_CAPACITY = 0.28;
