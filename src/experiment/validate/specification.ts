/** The specification's constants, and what clients' estimators are published to say: each by itself, without chance. */
import { z } from 'zod';
import { present } from '../../base/assert.ts';
import { msat, MSAT_PER_SAT, sat } from '../../base/units.ts';
import { FORMAT, HTLC_OUTPUT_WEIGHT } from '../../channel/commitmentFormat.ts';
import { commitmentAmounts, commitmentFeeSat, type CommitmentAmounts } from '../../channel/commitmentSpec.ts';
import { compileGraph } from '../../graph/compiled.ts';
import { capacityFactor } from '../../routing/lnd/apriori.ts';
import { bimodalProbability } from '../../routing/lnd/bimodal.ts';
import { priceRoute } from '../../routing/route.ts';
import { generatedGraph } from '../run.ts';
import { amountSat, count } from '../scenario/values.ts';
import { routeThrough } from '../trafficConfig.ts';
import { exactly } from './check.ts';
import { measurement, type Figure, type Plan } from './measurement.ts';

/** BOLT 3, Appendix A. */
const WEIGHTS = {
  'commitment, static_remotekey': FORMAT.static_remotekey.paidWeight,
  'commitment, anchors': FORMAT.anchors.paidWeight,
  'an HTLC output': HTLC_OUTPUT_WEIGHT,
  'HTLC-timeout': FORMAT.static_remotekey.timeoutWeight,
  'HTLC-timeout, anchors': FORMAT.anchors.timeoutWeight,
  'HTLC-success': FORMAT.static_remotekey.successWeight,
  'HTLC-success, anchors': FORMAT.anchors.successWeight,
};

export const weights = measurement({
  name: 'weights',
  unit: null,
  parameters: {},
  plan: () => constants('', WEIGHTS),
});

/** Commitments of BOLT 3's examples: what is the opener's but for HTLCs, and those, as the opener offered them or not, in msat. */
const COMMITMENTS = {
  // "Fee Calculation": two HTLCs each way, the smaller of each trimmed
  'fee example': [7_000_000_000, [true, 5_000_000], [true, 1_000_000], [false, 7_000_000], [false, 800_000]],
  'no HTLCs': [7_000_000_000],
  'five HTLCs': [
    6_988_000_000,
    [false, 1_000_000],
    [false, 2_000_000],
    [true, 2_000_000],
    [true, 3_000_000],
    [false, 4_000_000],
  ],
} as const;

export const commitmentFees = measurement({
  name: 'commitment-fees',
  unit: null,
  parameters: {
    commitment: z.enum(['fee example', 'no HTLCs', 'five HTLCs']),
    feeratePerKw: count(0, 100_000_000).describe('sat per 1000 weight units'),
  },
  plan: ({ commitment, feeratePerKw }) => {
    const [toLocalMsat, ...pending] = COMMITMENTS[commitment];
    const { feeSat, htlcs } = amounts(feeratePerKw, toLocalMsat, pending);
    return constants(`${commitment} at ${feeratePerKw} sat/kw`, {
      weight: FORMAT.static_remotekey.paidWeight + HTLC_OUTPUT_WEIGHT * htlcs.length,
      'base fee': commitmentFeeSat('static_remotekey', feeratePerKw, htlcs.length),
      'actual fee': feeSat,
      'untrimmed HTLCs': htlcs.length,
    });
  },
});

/** The outputs of an opener's commitment at a dust limit of 546 sat; the other end has 3,000,000 sat. */
function amounts(
  feeratePerKw: number,
  toLocalMsat: number,
  htlcs: readonly (readonly [boolean, number])[],
): CommitmentAmounts {
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

/** BOLT 7, "Recommendations for Routing": A pays C 4,999,999 msat over B, or over D, on the graph of the fixture. */
export const routingExample = measurement({
  name: 'routing-example',
  unit: null,
  parameters: { over: z.enum(['B', 'D']) },
  plan: ({ over }, { scenario }) => {
    const graph = compileGraph(present(generatedGraph(scenario()), 'a graph of listed channels'));
    const nodes = ['A', over, 'C'].map((name) => graph.nodeKeys.indexOf(name));
    // the payee's 9 blocks, and the 42 and 9 of shadow route and padding that the example adds, are 60
    const route = priceRoute(graph, routeThrough(graph, nodes, 'the example', 'over'), msat(4_999_999), 60);
    return constants(`over ${over}`, {
      'fee, msat': route.feeMsat,
      'the first hop carries, msat': route.amountsMsat[0]!,
      'the first hop expires in, blocks': route.cltvExpiryDeltas[0]!,
    });
  },
});

/** lnd's `probability_bimodal_test.go`. */
export const bimodal = measurement({
  name: 'lnd-bimodal',
  unit: null,
  parameters: {
    capacitySat: amountSat(1),
    scaleSat: amountSat(1),
    successSat: amountSat(0).describe('has come through'),
    failSat: amountSat(0).describe('has failed'),
    amountSat: amountSat(0),
  },
  plan: ({ capacitySat, scaleSat, successSat, failSat, amountSat }) => {
    const [capacity, success, fail, amount, scale] = [capacitySat, successSat, failSat, amountSat, scaleSat].map(
      (value) => value * MSAT_PER_SAT,
    ) as [number, number, number, number, number];
    const probability = bimodalProbability(capacity, success, fail, amount, scale);
    return constants(`${amountSat} sat, known ${successSat} … ${failSat}`, { probability }, LND_ALLOWS);
  },
});

/** lnd's `probability_apriori_test.go`. */
export const apriori = measurement({
  name: 'lnd-apriori',
  unit: null,
  parameters: {
    fraction: z.number().min(0.75).max(1).describe('of the capacity, above which lnd doubts'),
    share: z.number().min(0).max(1).describe('of the capacity, that is paid'),
  },
  plan: ({ fraction, share }) => {
    const factor = capacityFactor(share * 1e9, 1e9, fraction);
    return constants(`${share} of the capacity, fraction ${fraction}`, { 'capacity factor': factor }, LND_ALLOWS);
  },
});

/** lnd's own tests allow 0.001, half of which is the rounding of three digits. */
const LND_ALLOWS = { floor: 0.0005, because: 'lnd’s tests allow 0.001' };

/** What is measured once, and compared with print alone. */
const constants = (
  label: string,
  measured: Readonly<Record<string, number>>,
  allowed: Pick<Figure, 'floor' | 'because'> = {},
): Plan => ({
  label,
  figures: Object.keys(measured).map((name) => ({ name, theory: null, isExact: true, ...allowed })),
  run: () => Object.values(measured).map(exactly),
});
