/** The specification's constants, and what clients' estimators are published to say: each by itself, without chance. */
import { msat, sat } from '../../base/units.ts';
import { FORMAT, HTLC_OUTPUT_WEIGHT } from '../../channel/commitmentFormat.ts';
import { commitmentAmounts, commitmentFeeSat, type CommitmentAmounts } from '../../channel/commitmentSpec.ts';
import { newChannelGraph } from '../../graph/channelGraph.ts';
import { compileGraph } from '../../graph/compiled.ts';
import { capacityFactor } from '../../routing/lnd/apriori.ts';
import { bimodalProbability } from '../../routing/lnd/bimodal.ts';
import { priceRoute } from '../../routing/route.ts';
import { exactly, type Experiment } from './check.ts';

interface Constant {
  readonly name: string;
  readonly expected: number;
  readonly measured: number;
  /** published digits; 0: every digit */
  readonly rounding?: number;
}

function experiment(title: string, source: string, constants: readonly Constant[]): Experiment {
  return {
    id: 'spec',
    title,
    source,
    unit: '',
    sizes: [1, 1],
    checks: constants.map(({ name, expected, rounding = 0 }) => ({ name, expected, floor: rounding, isExact: true })),
    run: () => constants.map(({ measured }) => exactly(measured)),
  };
}

const weights: Constant[] = [
  { name: 'commitment, static_remotekey', expected: 724, measured: FORMAT.static_remotekey.paidWeight },
  { name: 'commitment, anchors', expected: 1124, measured: FORMAT.anchors.paidWeight },
  { name: 'an HTLC output', expected: 172, measured: HTLC_OUTPUT_WEIGHT },
  { name: 'HTLC-timeout', expected: 663, measured: FORMAT.static_remotekey.timeoutWeight },
  { name: 'HTLC-timeout, anchors', expected: 666, measured: FORMAT.anchors.timeoutWeight },
  { name: 'HTLC-success', expected: 703, measured: FORMAT.static_remotekey.successWeight },
  { name: 'HTLC-success, anchors', expected: 706, measured: FORMAT.anchors.successWeight },
];

/** BOLT 3, "Fee Calculation": two HTLCs each way at 5000 sat per 1000 weight units, the smaller of each trimmed. */
function feeExample(): Constant[] {
  const { feeSat, htlcs } = amounts(5000, 7_000_000_000, [
    [true, 5_000_000],
    [true, 1_000_000],
    [false, 7_000_000],
    [false, 800_000],
  ]);
  return [
    { name: 'fee example: weight', expected: 1068, measured: 724 + HTLC_OUTPUT_WEIGHT * htlcs.length },
    {
      name: 'fee example: base fee',
      expected: 5340,
      measured: commitmentFeeSat('static_remotekey', 5000, htlcs.length),
    },
    { name: 'fee example: actual fee', expected: 7140, measured: feeSat },
  ];
}

/** BOLT 3, Appendix C: fee rate, base fee, actual fee, untrimmed HTLCs. */
// prettier-ignore
const APPENDIX_C = [
  [      0,       0,       0, 5], [    647,    1024,    1024, 5], [    648,     914,    1914, 4],
  [   2069,    2921,    3921, 4], [   2070,    2566,    5566, 3], [   2194,    2720,    5720, 3],
  [   2195,    2344,    7344, 2], [   3702,    3953,    8953, 2], [   3703,    3317,   11317, 1],
  [   4914,    4402,   12402, 1], [   4915,    3558,   15558, 0], [9651180, 6987454, 6999454, 0],
  [9651181, 6987455, 7000000, 0], [9651936, 6988001, 7000000, 0],
] as const;

function appendixC(): Constant[] {
  const simple = amounts(15_000, 7_000_000_000, []);
  return [
    { name: 'simple commitment: fee', expected: 10_860, measured: simple.feeSat },
    ...APPENDIX_C.flatMap(([feerate, base, actual, untrimmed]) => {
      const { feeSat, htlcs } = amounts(feerate, 6_988_000_000, [
        [false, 1_000_000],
        [false, 2_000_000],
        [true, 2_000_000],
        [true, 3_000_000],
        [false, 4_000_000],
      ]);
      const measured = commitmentFeeSat('static_remotekey', feerate, htlcs.length);
      return [
        { name: `at ${feerate} sat/kw: untrimmed HTLCs`, expected: untrimmed, measured: htlcs.length },
        { name: `at ${feerate} sat/kw: base fee`, expected: base, measured },
        { name: `at ${feerate} sat/kw: actual fee`, expected: actual, measured: feeSat },
      ];
    }),
  ];
}

/** The outputs of an opener's commitment at a dust limit of 546 sat; the other end has 3,000,000 sat. */
function amounts(feeratePerKw: number, toLocalMsat: number, htlcs: readonly [boolean, number][]): CommitmentAmounts {
  const toRemoteMsat = 3_000_000_000;
  const capacityMsat = htlcs.reduce((sum, [, amountMsat]) => sum + amountMsat, toLocalMsat + toRemoteMsat);
  return commitmentAmounts(
    {
      number: 0,
      toLocalMsat: msat(toLocalMsat),
      toRemoteMsat: msat(toRemoteMsat),
      htlcs: htlcs.map(([offered, amountMsat], id) => ({
        offered,
        id,
        amountMsat: msat(amountMsat),
        cltvExpiry: 500,
        paymentHash: new Uint8Array(32),
      })),
      feeratePerKw,
      ownerIsOpener: true,
    },
    'static_remotekey',
    sat(546),
    sat(Math.floor(capacityMsat / 1000)),
  );
}

/** BOLT 7, "Recommendations for Routing": A pays C 4,999,999 msat over B, or over D. */
function routingExample(): Constant[] {
  const graph = newChannelGraph();
  const terms = { A: [100, 1000, 10], B: [200, 2000, 20], C: [300, 3000, 30], D: [400, 4000, 40] } as const;
  const policyOf = (node: keyof typeof terms) => {
    const [feeBaseMsat, feeProportionalMillionths, cltvExpiryDelta] = terms[node];
    const limits = { htlcMinimumMsat: msat(0), htlcMaximumMsat: msat(1e10), disabled: false };
    return { feeBaseMsat: msat(feeBaseMsat), feeProportionalMillionths, cltvExpiryDelta, ...limits };
  };
  for (const node of Object.keys(terms)) graph.addNode(node, { alias: node });
  for (const [a, b] of [
    ['A', 'B'],
    ['B', 'C'],
    ['A', 'D'],
    ['D', 'C'],
  ] as const) {
    graph.addEdgeWithKey(a + b, a, b, { capacitySat: sat(1e7), policy1: policyOf(a), policy2: policyOf(b) });
  }
  // the payee's 9 blocks, and the 42 and 9 of shadow route and padding that the example adds, are 60
  const [overB, overD] = [
    [0, 2],
    [4, 6],
  ].map((edges) => priceRoute(compileGraph(graph), edges, msat(4_999_999), 60));
  return [
    { name: 'fee over B', expected: 10_199, measured: overB!.feeMsat },
    { name: 'A → B carries', expected: 5_010_198, measured: overB!.amountsMsat[0]! },
    { name: 'A → B expires in', expected: 80, measured: overB!.cltvExpiryDeltas[0]! },
    { name: 'A → D carries', expected: 5_020_398, measured: overD!.amountsMsat[0]! },
    { name: 'A → D expires in', expected: 100, measured: overD!.cltvExpiryDeltas[0]! },
  ];
}

/** lnd's `probability_bimodal_test.go` at 10 M sat and a scale of 400,000: success, failure, amount, probability. */
// prettier-ignore
const BIMODAL = [
  [0, 1e10, 4e8, 0.684], [0, 1e10, 5e9, 0.5], [2e8, 1e10, 4e8, 0.851],
  [2.5e9, 1e10, 5e9, 0.998], [0, 5e9, 4e8, 0.368], [4e8, 5e9, 9e8, 0.287],
] as const;
/** lnd's `probability_apriori_test.go`: fraction, share of the capacity, factor. */
// prettier-ignore
const APRIORI = [
  [0.75, 0.75, 0.75], [0.75, 0.8, 0.56], [0.75, 1, 0.5], [0.9999, 0.9, 0.99], [0.9999, 1, 0.75],
] as const;

const estimators: Constant[] = [
  ...BIMODAL.map(([success, fail, amount, expected]) => ({
    name: `bimodal: ${amount / 1000} sat, known ${success / 1000} … ${fail / 1000}`,
    expected,
    measured: bimodalProbability(1e10, success, fail, amount, 4e8),
    rounding: 0.001,
  })),
  ...APRIORI.map(([fraction, share, expected]) => ({
    name: `a priori: factor at ${share} of the capacity, fraction ${fraction}`,
    expected,
    measured: capacityFactor(share * 1e9, 1e9, fraction),
    rounding: 0.001,
  })),
];

export const constantExperiments: readonly Experiment[] = [
  experiment('weights', 'BOLT 3, Appendix A', weights),
  experiment('fees', 'BOLT 3, "Fee Calculation" and Appendix C', [...feeExample(), ...appendixC()]),
  experiment('routing', 'BOLT 7, "Recommendations for Routing"', routingExample()),
  experiment('estimators', 'lnd, routing/probability_bimodal_test.go and probability_apriori_test.go', estimators),
];
