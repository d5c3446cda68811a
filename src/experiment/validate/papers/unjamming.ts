/**
 * Shikhelman and Tikhomirov, "Unjamming Lightning: A Systematic Approach" (2022), section 6: how large a fee has to be that is
 * paid whatever becomes of a payment, so that forwarding nodes earn as much from an attacker who jams their channel as they
 * would have from honest payments. It is told as a share n of the fee for success.
 *
 * Honest payments and jams are two runs, as in the paper. HTLCs are what the world's own records say; fees that are paid in any
 * case are counted, not moved: a payer pays for all hops that are left with each HTLC, and who gets one passes on what is for
 * the hops after it only if it forwards. The attacker sends its next batch when the one before is over. The authors' runs last
 * minutes, and what is not settled by then earns nothing; here everything is settled, so that n comes out a little higher.
 */
import { assert, present } from '../../../base/assert.ts';
import type { Rng } from '../../../base/random.ts';
import { MSAT_PER_SAT } from '../../../base/units.ts';
import { generatedGraph, runScenario } from '../../run.ts';
import { scenarioSchema, type Scenario } from '../../scenario.ts';
import { amountSat } from '../../scenario/values.ts';
import { batchRatio } from '../batchMeans.ts';
import type { Estimate } from '../check.ts';
import { measurement } from '../measurement.ts';

/** Of the published value, as a share: the paper gives no error of its own. */
const TOLERANCE = 0.05;
const MILLION = 1e6;
/** The channel between B and C, as the fixture calls it. */
const JAMMED = 'B-C';
const FIGURE = 'break-even n, %';
/** Batches of jams that are measured; one differs from the next by what fails for want of balance alone. */
const BATCHES_OF_JAMS = 5;

/** The fixture's scenario has the honest payments, and beside them (`also`) the jams. */
export const unjamming = measurement({
  name: 'unjamming',
  unit: 'payments',
  parameters: { capacitySat: amountSat(1).describe('of the channel between the two forwarding nodes') },
  plan: ({ capacitySat }, { scenario, published }) => ({
    label: `capacity ${capacitySat} sat`,
    figures: [
      {
        name: FIGURE,
        theory: null,
        floor: TOLERANCE * published(FIGURE).value,
        because: '5 % of what was published',
      },
    ],
    run: (size, rng) => [breakEven(scenario(), capacitySat, size, rng)],
  }),
});

/** What forwarding nodes earned from one payment, in msat. */
interface Revenue {
  /** from success */
  successMsat: number;
  /** for n = 1, whatever the outcome */
  anywayMsat: number;
}

/** @returns n in percent */
function breakEven(base: Scenario, capacitySat: number, payments: number, rng: Rng): Estimate {
  const { also, ...honest } = base.traffic;
  const jams = present(also[0], 'jams beside the honest payments');
  const { hold } = jams.payee;
  assert(
    jams.arrivals.kind === 'batches' && hold?.law === 'constant',
    'jams come in batches, and are held equally long',
  );
  const count = BATCHES_OF_JAMS * jams.arrivals.size;
  const jamMsat = revenues(base, { ...base.traffic, ...jams, payments: count, also: [] }, capacitySat, rng).reduce(
    (sum, { anywayMsat }) => sum + anywayMsat,
    0,
  );
  const jamMsatPerSecond = jamMsat / (BATCHES_OF_JAMS * hold.value);
  const earned = revenues(base, { ...honest, payments, also: [] }, capacitySat, rng);
  // jam = success + n × anyway, per time between two honest payments: n (jam − anyway) = success
  return batchRatio(
    earned.map(({ successMsat }) => 100 * successMsat),
    earned.map(({ anywayMsat }) => jamMsatPerSecond / base.traffic.rate - anywayMsat),
  );
}

/** Runs traffic through B and C alone. @returns what they earned, by payment */
function revenues(
  base: Scenario,
  traffic: Scenario['traffic'] & { readonly payments: number },
  capacitySat: number,
  rng: Rng,
): Revenue[] {
  const scenario = scenarioSchema.parse({ ...withCapacity(base, capacitySat), seed: rng.uint32(), traffic });
  const earned = Array.from({ length: traffic.payments }, (): Revenue => ({ successMsat: 0, anywayMsat: 0 }));
  const graph = present(generatedGraph(scenario), 'a graph of its channels');
  runScenario(scenario, graph, {
    listen: ({ nodeKeys, edgeFrom, edgeTo, feeBaseMsat, feeProportionalMillionths }) => ({
      htlc({ edge, payment, amountMsat, outcome }) {
        const [from, to] = [nodeKeys[edgeFrom[edge]!], nodeKeys[edgeTo[edge]!]];
        // what comes to B has three hops to pay for, what leaves C pays for the last
        const hops = to === 'B' ? 3 : from === 'C' ? -1 : 0;
        const of = present(earned[present(payment, 'a payment of the traffic')], 'its revenue');
        // as the paper has it, to fractions of a msat
        of.anywayMsat += hops * (feeBaseMsat[edge]! + (amountMsat * feeProportionalMillionths[edge]!) / MILLION);
        if (outcome === 'fulfilled') of.successMsat += Math.sign(hops) * amountMsat;
      },
    }),
  });
  return earned;
}

/** The scenario with another capacity between B and C: by chance HTLCs fail there as in that, and payers try no more than that. */
function withCapacity(base: Scenario, capacitySat: number): object {
  const htlcMaximumMsat = capacitySat * MSAT_PER_SAT;
  return {
    ...base,
    topology: {
      channels: base.topology.channels?.map((channel) =>
        channel.id === JAMMED ? { ...channel, policy1: { ...channel.policy1, htlcMaximumMsat } } : channel,
      ),
    },
    faults: base.faults.map((fault) =>
      fault.kind === 'low-balance' && fault.channel === JAMMED ? { ...fault, capacitySat } : fault,
    ),
  };
}
