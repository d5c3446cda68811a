/** From a checked scenario and its graph to what the world is made from: names become indices, units become the core's. */
import { present } from '../base/assert.ts';
import { describe, UserError } from '../base/errors.ts';
import { micros, seconds, type Micros } from '../base/time.ts';
import { msat, sat, satToMsat } from '../base/units.ts';
import type { Arrival } from '../chain/feeMarketDemand.ts';
import { FORMAT } from '../channel/commitmentFormat.ts';
import { MOST_ACCEPTED_HTLCS } from '../channel/limits.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import type { ClosurePlan, DemandPlan, FaultPlan, MinerPlan, WatchtowerPlan, WorldConfig } from '../sim/config.ts';
import { plannedChannelId } from './plannedChannels.ts';
import { latencyPlan } from './latencyPlan.ts';
import { liquidityPlan } from './liquidityPlan.ts';
import { channelIndex, nodeIndex } from './references.ts';
import { gossipConfig, policyPlans } from './policyPlans.ts';
import type { Scenario } from './scenario.ts';
import type { ScenarioFiles } from './scenarioTables.ts';
import { trafficConfig } from './trafficConfig.ts';

/**
 * @param file the scenario's name, for errors
 * @param files what stands in the files that the scenario names
 * @throws UserError if a channel, node or strategy is not there
 */
export function worldConfig(
  scenario: Scenario,
  graph: CompiledGraph,
  file: string,
  files: ScenarioFiles = {},
): WorldConfig {
  const { channels, chain, latency, traffic } = scenario;
  const tables = files.tables ?? new Map<string, never>();
  const closures = scenario.closures.map((closure, index): ClosurePlan => ({
    channel: channelIndex(graph, closure.channel, file, `closures[${index}].channel`),
    at: seconds(closure.at),
    kind: closure.kind,
    by: closure.by === 'node1' ? 0 : 1,
    pending: closure.pending.map(({ amountSat, ...rest }) => ({ ...rest, amountMsat: satToMsat(sat(amountSat)) })),
  }));
  refuseTwice(closures, file);
  refuseEndlessTrace(scenario, file);
  const notes = [...slotNotes(channels)];
  return {
    seed: scenario.seed,
    notes,
    channels: {
      format: channels.format,
      feeratePerKw: channels.feeratePerKw,
      toSelfDelay: channels.toSelfDelay,
      reserveMillionths: channels.reserveMillionths,
      dustLimitSat: sat(channels.dustTrimming ? channels.dustLimitSat : 0),
      maxAcceptedHtlcs: channels.maxAcceptedHtlcs,
      maxHtlcValueInFlightMillionths: channels.maxHtlcValueInFlightMillionths,
      htlcMinimumMsat: msat(channels.htlcMinimumMsat),
      maxDustHtlcExposureMsat: satToMsat(sat(channels.maxDustHtlcExposureSat)),
      liquidity: liquidityPlan(channels.liquidity, graph, file, files),
      opener: channels.opener,
      opening: channels.opening,
      accepts: {
        leastCapacitySat: sat(channels.accepts.leastCapacitySat),
        mostReserveMillionths: channels.accepts.mostReserveMillionths,
        mostToSelfDelay: channels.accepts.mostToSelfDelay,
        leastInFlightMsat: satToMsat(sat(channels.accepts.leastInFlightSat)),
        mostHtlcMinimumMsat: msat(channels.accepts.mostHtlcMinimumMsat),
      },
      feeUpdates: channels.feeUpdates,
      closing: channels.closing,
      commitInterval: seconds(channels.commitInterval),
    },
    chain: {
      blockIntervalSeconds: chain.blockInterval,
      blockMaxWeight: chain.blockMaxWeight,
      feeratePerKw: perKw(chain.feerateSatPerVbyte),
      minimumDepth: chain.minimumDepth,
      walletReserveSat: sat(chain.walletReserveSat),
      maxSettlementBlocks: chain.maxSettlementBlocks,
      verify: chain.verify,
      miners: minerPlans(chain.miners, file),
      propagation: chain.propagation && {
        medianMicros: seconds(chain.propagation.median),
        sigma: chain.propagation.sigma,
      },
      demand: demandPlan(chain.demand, files.demand ?? null),
      feeTarget: chain.feeTarget,
      filler: chain.filler,
    },
    latency: latencyPlan(latency, graph, tables),
    traffic: trafficConfig(traffic, scenario.stop, graph, file, tables, (text) => notes.push(text)),
    openings: scenario.openings.map(({ at, opener, pushSat }, index) => ({
      channel: present(graph.channelIndex.get(plannedChannelId(index)), 'the channel of an opening'),
      at: seconds(at),
      opener: opener === 'node1' ? 0 : 1,
      pushMsat: satToMsat(sat(pushSat)),
    })),
    gossip: gossipConfig(scenario.gossip),
    policies: policyPlans(scenario.policies, graph, file),
    splices: scenario.splices.map(({ channel, at, by, addSat, removeSat }, index) => ({
      channel: channelIndex(graph, channel, file, `splices[${index}].channel`),
      at: seconds(at),
      by: by === 'node1' ? 0 : 1,
      contributionSat: addSat ?? -(removeSat ?? 0),
    })),
    closures,
    faults: scenario.faults.map((fault, index): FaultPlan => {
      const at = seconds(fault.at);
      switch (fault.kind) {
        case 'offline':
        case 'crash':
        case 'corrupt-onion':
        case 'unresponsive': {
          const until: Micros = micros(at + seconds(fault.for));
          return { kind: fault.kind, node: nodeIndex(graph, fault.node, file, `faults[${index}].node`), at, until };
        }
        case 'disconnect': {
          const until: Micros = micros(at + seconds(fault.for));
          const channel = channelIndex(graph, fault.channel, file, `faults[${index}].channel`);
          return { kind: 'disconnect', channel, at, until };
        }
        case 'low-balance': {
          const until: Micros = micros(at + seconds(fault.for));
          const channel = channelIndex(graph, fault.channel, file, `faults[${index}].channel`);
          const { capacitySat } = fault;
          const capacityMsat =
            capacitySat === undefined ? msat(graph.capacityMsat[channel]!) : satToMsat(sat(capacitySat));
          return { kind: 'low-balance', channel, capacityMsat, at, until };
        }
        case 'corrupt-balance': {
          const channel = channelIndex(graph, fault.channel, file, `faults[${index}].channel`);
          return { kind: 'corrupt-balance', channel, at, msat: fault.msat };
        }
      }
    }),
    watchtowers: scenario.watchtowers.map(({ client, blobs, feeratesSatPerVbyte }, index): WatchtowerPlan => ({
      client: nodeIndex(graph, client, file, `watchtowers[${index}].client`),
      blobShare: blobs,
      feeratesPerKw: feeratesSatPerVbyte.map(perKw),
    })),
    settle: scenario.settle,
    auditEvery: scenario.auditEvery,
  };
}

/** One virtual byte is four weight units: sat per vbyte × 250 = sat per 1000 weight units. */
const perKw = (satPerVbyte: number): number => Math.round(satPerVbyte * 250);

function minerPlans(miners: Scenario['chain']['miners'], file: string): MinerPlan[] {
  const names = new Set<string>();
  miners.forEach(({ name }, index) => {
    if (names.has(name)) {
      throw new UserError({
        file,
        path: `chain.miners[${index}].name`,
        found: `${describe(name)} again`,
        expected: 'a name of its own for each miner',
      });
    }
    names.add(name);
  });
  return miners.map(({ behaviour, ...miner }): MinerPlan => {
    switch (behaviour.kind) {
      case 'double-spend':
        return { ...miner, behaviour: { ...behaviour, amountSat: sat(behaviour.amountSat) } };
      default:
        return { ...miner, behaviour };
    }
  });
}

function demandPlan(demand: Scenario['chain']['demand'], arrivals: readonly Arrival[] | null): DemandPlan | null {
  if (!demand) return null;
  if ('file' in demand) return { kind: 'replay', arrivals: present(arrivals, 'the recorded demand') };
  const { load, bid, weight, diurnal, spikes } = demand;
  return {
    kind: 'poisson',
    load,
    bids: { medianSatPerKvb: bid.medianSatPerVbyte * 1000, sigma: bid.sigma },
    weights: { medianWeight: weight.median, sigma: weight.sigma },
    diurnal: diurnal
      ? { amplitude: diurnal.amplitude, peakAt: seconds(diurnal.peakAt), period: seconds(diurnal.period) }
      : null,
    spikes: spikes.map(({ at, for: duration, times }) => ({ at: seconds(at), duration: seconds(duration), times })),
  };
}

/** A trace has an end: what is to become steady has to go on. */
function refuseEndlessTrace({ channels: { liquidity }, traffic }: Scenario, file: string): void {
  if (typeof liquidity === 'string' || liquidity.kind !== 'steady-state') return;
  if ([traffic, ...traffic.also].every(({ trace }) => trace === undefined)) return;
  throw new UserError({
    file,
    path: 'channels.liquidity',
    found: '"steady-state" with a trace',
    expected: 'traffic that is drawn, or another model',
  });
}

/** Fewer slots than were asked for; 483 is the default and means as many as there are, more are for theory. */
function slotNotes({ format, maxAcceptedHtlcs }: Scenario['channels']): string[] {
  const { mostAcceptedHtlcs } = FORMAT[format];
  if (maxAcceptedHtlcs <= mostAcceptedHtlcs || maxAcceptedHtlcs >= MOST_ACCEPTED_HTLCS) return [];
  return [`maxAcceptedHtlcs: ${mostAcceptedHtlcs} in place of ${maxAcceptedHtlcs}, for ${format} allows no more`];
}

function refuseTwice(closures: readonly ClosurePlan[], file: string): void {
  const seen = new Map<number, number>();
  closures.forEach(({ channel }, index) => {
    const first = seen.get(channel);
    seen.set(channel, index);
    if (first === undefined) return;
    const found = `the channel of closures[${first}] again`;
    throw new UserError({ file, path: `closures[${index}].channel`, found, expected: 'each channel closed once' });
  });
}
