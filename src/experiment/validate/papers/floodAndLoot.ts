/**
 * Harris and Zohar, "Flood & Loot: A Systemic Attack on the Lightning Network" (2020, arXiv 2006.08513). An attacker pays
 * itself through all HTLC slots of many channels. Its targets take the money, its sources answer no more, and the victims have
 * to go on-chain all at once, ten blocks before the HTLCs expire, with more transactions than the blocks until then hold; what
 * is not confirmed by then the sources take back.
 *
 * The paper counts weight: nine full blocks, of which each attacked channel takes a commitment and an HTLC-success
 * transaction a slot. Here the same attack is lived by nodes, and what is stolen is held against that count.
 */
import { assert, present } from '../../../base/assert.ts';
import type { Rng } from '../../../base/random.ts';
import { FORMAT, HTLC_OUTPUT_WEIGHT } from '../../../channel/commitmentFormat.ts';
import { MAX_BLOCK_WEIGHT } from '../../../chain/validate.ts';
import type { HtlcRecord } from '../../../sim/records.ts';
import { generatedGraph, runScenario } from '../../run.ts';
import { scenarioSchema, type Scenario } from '../../scenario.ts';
import { count } from '../../scenario/values.ts';
import { exactly } from '../check.ts';
import { measurement, type Figure } from '../measurement.ts';

export interface Flood {
  /** attacked ones, each between a source and a victim */
  readonly channels: number;
  /** HTLCs in each of them */
  readonly slots: number;
  /** weight units */
  readonly blockMaxWeight: number;
}

/** Blocks that the paper gives the victims. */
const FULL_BLOCKS = 9;
/** BOLT 3 counts 73 bytes for a signature, which has 70 or 71 and a byte of the hash's type: so much less it may weigh. */
const SIGNATURE_SLACK_WEIGHT = 4;
/** The paper's network has ten victims, each with a channel to every source and every target. */
const VICTIMS = 10;

type Format = Scenario['channels']['format'];

/** What the victim of one channel has to get confirmed, in weight units by BOLT 3's count. */
export const channelWeight = (format: Format, slots: number): number =>
  FORMAT[format].paidWeight + (HTLC_OUTPUT_WEIGHT + FORMAT[format].successWeight) * slots;

/** HTLCs whose transactions find no place in so many full blocks. */
export function lateHtlcs(format: Format, { channels, slots, blockMaxWeight }: Flood, blocks = FULL_BLOCKS): number {
  const excess = channels * channelWeight(format, slots) - blocks * blockMaxWeight;
  return Math.min(channels * slots, Math.max(0, Math.ceil(excess / FORMAT[format].successWeight)));
}

const parameters = {
  channels: count(1, 100).describe('attacked ones, each between a source and a victim'),
  slots: count(1, 483).describe('HTLCs in each of them'),
  blockMaxWeight: count(100_000, MAX_BLOCK_WEIGHT).describe('weight units'),
};

const labelOf = ({ channels, slots, blockMaxWeight }: Flood): string =>
  `${channels} channels of ${slots} HTLCs, blocks of ${blockMaxWeight} WU`;

/** The paper's count, from the weights that this code signs by. */
export const floodWeights = measurement({
  name: 'flood-weights',
  unit: null,
  parameters,
  plan: (flood, { scenario }) => {
    const { format } = scenario().channels;
    const of = channelWeight(format, flood.slots);
    const figures = {
      'HTLCs stolen': lateHtlcs(format, flood),
      'weight of a channel': of,
      'channels served': Math.floor((FULL_BLOCKS * flood.blockMaxWeight) / of),
    };
    return {
      label: labelOf(flood),
      figures: Object.keys(figures).map((name) => ({ name, theory: null, isExact: true })),
      run: () => Object.values(figures).map(exactly),
    };
  },
});

/** The attack itself. The fixture's scenario is one route of it, source – victim – target; rows say how many there are. */
export const floodAndLoot = measurement({
  name: 'flood-and-loot',
  unit: null,
  parameters,
  plan: (flood, { scenario }) => {
    const { format } = scenario().channels;
    const { slots } = flood;
    const late = lateHtlcs(format, flood);
    const signatures = 2 * (slots + 1);
    const oneBlock = lateHtlcs(format, flood, FULL_BLOCKS - 1) - late;
    const figures: Figure[] = [
      {
        name: 'HTLCs stolen',
        theory: late,
        isExact: true,
        // where no block less makes a theft of none, there is to be none
        ...(oneBlock > 0 && { floor: oneBlock, because: 'a block more or less' }),
      },
      {
        name: 'blocks for the victims',
        theory: FULL_BLOCKS,
        floor: 1,
        because: 'a block more or less',
        isExact: true,
      },
      {
        name: 'weight of a channel',
        theory: channelWeight(format, slots),
        floor: signatures * SIGNATURE_SLACK_WEIGHT,
        because: 'signatures shorter than BOLT 3 counts',
        isExact: true,
      },
    ];
    return { label: labelOf(flood), figures, run: (_, rng) => attack(scenario(), flood, rng).map(exactly) };
  },
});

/** @returns HTLCs stolen, blocks in which victims could claim, mean weight of what they had to get confirmed for a channel */
function attack(base: Scenario, flood: Flood, rng: Rng): number[] {
  const scenario = attackScenario(base, flood, rng.uint32());
  const attacked: HtlcRecord[] = [];
  const toTargets: HtlcRecord[] = [];
  const { world } = runScenario(scenario, present(generatedGraph(scenario), 'a graph of its channels'), {
    // attacked channels come first
    listen: () => ({ htlc: (record) => void (record.edge >> 1 < flood.channels ? attacked : toTargets).push(record) }),
  });
  assert(attacked.length === flood.channels * flood.slots, 'every slot was flooded');
  assert(toTargets.length === attacked.length, 'all of it reached the targets');
  assert(
    toTargets.every(({ outcome }) => outcome === 'fulfilled'),
    'who took it',
  );
  const stolen = attacked.filter(({ outcome }) => outcome === 'failed').length;
  const expiry = Math.min(...attacked.map(({ cltvExpiry }) => cltvExpiry));
  const commitments = world.transactions.filter(({ kind }) => kind === 'commitment');
  const successes = world.transactions.filter(({ kind }) => kind === 'htlc-success');
  assert(commitments.length === flood.channels, 'every victim went on-chain');
  const mean = (list: readonly { readonly weight: number }[]): number =>
    list.reduce((sum, { weight }) => sum + weight, 0) / list.length;
  // a transaction with that lock time is valid from the block after the expiry on
  const blocks = expiry - Math.min(...commitments.map(({ height }) => height)) + 1;
  return [stolen, blocks, mean(commitments) + flood.slots * mean(successes)];
}

/** All routes of the attack: sources and targets with a channel to each victim, and every slot of them filled at once. */
function attackScenario(base: Scenario, { channels, slots, blockMaxWeight }: Flood, seed: number): Scenario {
  const [attacked, toTarget] = base.topology.channels ?? [];
  assert(attacked !== undefined && toTarget !== undefined, 'a route of two channels');
  const routes = Array.from({ length: channels }, (_, index) => {
    const place = Math.floor(index / VICTIMS);
    return { source: `source ${place}`, victim: `victim ${index % VICTIMS}`, target: `target ${place}` };
  });
  const { amount, payee } = base.traffic;
  const [first, ...also] = routes.map(({ source, victim, target }) => ({
    amount,
    payee,
    payments: slots,
    arrivals: { kind: 'batches', size: slots },
    endpoints: { kind: 'pairs', pairs: [{ from: source, via: [victim], to: target }] },
  }));
  return scenarioSchema.parse({
    ...base,
    seed,
    topology: {
      channels: [
        ...routes.map(({ source, victim }) => ({ ...attacked, node1: source, node2: victim })),
        ...routes.map(({ victim, target }) => ({ ...toTarget, node1: victim, node2: target })),
      ],
    },
    channels: { ...base.channels, maxAcceptedHtlcs: slots },
    chain: { ...base.chain, blockMaxWeight },
    traffic: { ...base.traffic, ...first, also },
    // each source does what the one does
    faults: [...new Set(routes.map(({ source }) => source))].flatMap((node) =>
      base.faults.map((fault) => ({ ...fault, node })),
    ),
  });
}
