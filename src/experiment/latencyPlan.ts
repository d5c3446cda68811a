/** The scenario's `latency` for the world: a law in µs, or the delay of each channel. */
import { MICROS_PER_SECOND } from '../base/time.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import { greatCircleKm, type Place } from '../sim/latency/greatCircle.ts';
import type { LatencyPlan } from '../sim/latency/latency.ts';
import { delayLawOf } from './lawsOf.ts';
import { channelIndex, nodeIndex } from './references.ts';
import type { Scenario } from './scenario.ts';
import { numberIn, rowsOf, type Tables } from './scenarioTables.ts';

/** Seconds: no link is slower. */
const SLOWEST_SECONDS = 1e6;

/** @throws UserError if a channel or node is not there, or a table is wrong */
export function latencyPlan(latency: Scenario['latency'], graph: CompiledGraph, tables: Tables): LatencyPlan {
  switch (latency.law) {
    case undefined:
    case 'lognormal':
      return delayLawOf({ ...latency, law: 'lognormal' });
    case 'links': {
      const micros = new Float64Array(graph.channelCount).fill(latency.otherwise * MICROS_PER_SECOND);
      for (const row of rowsOf(tables, latency.file)) {
        const channel = channelIndex(graph, row.cells['channel'] ?? '', latency.file, `${row.place}, channel`);
        micros[channel] = numberIn(row, latency.file, 'latency', 0, SLOWEST_SECONDS) * MICROS_PER_SECOND;
      }
      return { law: 'links', micros };
    }
    case 'coordinates': {
      const { base, kmPerSecond, detour, otherwise } = latency;
      const places = new Map<number, Place>();
      for (const row of rowsOf(tables, latency.file)) {
        const node = nodeIndex(graph, row.cells['node'] ?? '', latency.file, `${row.place}, node`);
        const latitude = numberIn(row, latency.file, 'latitude', -90, 90);
        places.set(node, { latitude, longitude: numberIn(row, latency.file, 'longitude', -180, 180) });
      }
      const micros = Float64Array.from({ length: graph.channelCount }, (_, channel) => {
        const [a, b] = [places.get(graph.edgeFrom[2 * channel]!), places.get(graph.edgeTo[2 * channel]!)];
        const seconds = a && b ? base + (greatCircleKm(a, b) * detour) / kmPerSecond : otherwise;
        return seconds * MICROS_PER_SECOND;
      });
      return { law: 'links', micros };
    }
    default:
      return delayLawOf(latency);
  }
}
