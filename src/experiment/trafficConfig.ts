/** The scenario's `traffic` for the world: names become indices, tables become payments, sat and seconds msat and µs. */
import { describe, UserError } from '../base/errors.ts';
import { seconds, type Micros } from '../base/time.ts';
import { msat, MSAT_PER_SAT, sat, satToMsat } from '../base/units.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import type { TrafficConfig } from '../sim/config.ts';
import type { Law } from '../sim/laws.ts';
import type { ArrivalsPlan, EndpointsPlan, SourcePlan } from '../sim/traffic/plans.ts';
import type { Demand } from '../sim/traffic/traffic.ts';
import { amountLawOf, delayLawOf } from './lawsOf.ts';
import { nodeIndex } from './references.ts';
import type { Scenario } from './scenario.ts';
import { numberIn, rowsOf, type TableRow, type Tables } from './scenarioTables.ts';

type TrafficInput = Scenario['traffic'];
type SourceInput = TrafficInput | TrafficInput['also'][number];

/** Seconds: thirty years. */
const LATEST_SECONDS = 1e9;
/** Sat: in msat it has to stay below 2^53. */
const MOST_SAT = 9e12;
/** What a route from outside may have at most: BOLT 4's onion carries 27 hops of the smallest kind. */
const MOST_HOPS = 27;

/** Regions of a scenario that names neither their number nor a file of them. */
const DEFAULT_REGIONS = 5;

/** Payments of a source that says neither how many nor when it ends. */
const DEFAULT_PAYMENTS = 1000;

/**
 * @param note what the user should know before the run
 * @throws UserError if a node is not there, nodes of a route share no channel, or a table is wrong
 */
export function trafficConfig(
  traffic: TrafficInput,
  stop: Scenario['stop'],
  graph: CompiledGraph,
  file: string,
  tables: Tables,
  note: (text: string) => void,
): TrafficConfig {
  const { also, overlap, maxAttempts, maxFeeMillionths, maxFeeBaseSat, maxHops, maxCltvExpiryDelta } = traffic;
  const context = { graph, file, tables, stop, note };
  return {
    sources: [
      ...sourcesOf(traffic, 'traffic', context),
      ...also.flatMap((each, index) => sourcesOf(each, `traffic.also[${index}]`, context)),
    ],
    overlap,
    stopAfter: stop.after === null ? null : seconds(stop.after),
    stopAfterFailures: stop.failures,
    maxAttempts,
    maxFeeMillionths,
    maxFeeBaseMsat: satToMsat(sat(maxFeeBaseSat)),
    maxHops,
    maxCltvExpiryDelta,
    maxParts: traffic.maxParts === 'client' ? null : traffic.maxParts,
  };
}

interface Context {
  readonly graph: CompiledGraph;
  /** the scenario's name */
  readonly file: string;
  readonly tables: Tables;
  readonly stop: Scenario['stop'];
  readonly note: (text: string) => void;
}

/** Payments that the traffic's first source can be expected to make, without reading any table. */
export const expectedPayments = ({ traffic: { payments, rate }, stop: { after } }: Scenario): number =>
  payments ?? (after === null ? DEFAULT_PAYMENTS : rate * after);

/** Those that a source makes at most: where nothing but `stop.after` sets its end, it goes on until then. */
const mostPayments = ({ payments }: SourceInput, { after }: Scenario['stop']): number =>
  payments ?? (after === null ? DEFAULT_PAYMENTS : Infinity);

function sourcesOf(source: SourceInput, path: string, context: Context): SourcePlan[] {
  if (source.trace !== undefined) return [{ kind: 'replay', demands: recorded(source.trace.file, context) }];
  if (source.activity !== undefined) return activities(source.activity.file, source, context);
  const { hold, failProbability } = source.payee;
  return [
    {
      kind: 'random',
      payments: mostPayments(source, context.stop),
      ratePerSecond: source.rate,
      arrivals: arrivalsOf(source.arrivals),
      amount: amountLawOf(source.amount),
      endpoints: endpointsOf(source.endpoints, `${path}.endpoints`, context),
      payee: { hold: hold && delayLawOf(hold), failProbability },
    },
  ];
}

function arrivalsOf(arrivals: SourceInput['arrivals']): ArrivalsPlan {
  switch (arrivals.kind) {
    case 'poisson':
    case 'batches':
      return arrivals;
    case 'bursty':
      return { kind: 'bursty', onMicros: seconds(arrivals.on), offMicros: seconds(arrivals.off) };
    case 'diurnal':
      return { ...arrivals, peakAt: seconds(arrivals.peakAt), period: seconds(arrivals.period) };
  }
}

function endpointsOf(endpoints: SourceInput['endpoints'], path: string, context: Context): EndpointsPlan {
  const { graph, file, tables } = context;
  switch (endpoints.kind) {
    case 'uniform':
    case 'capacity':
    case 'merchants':
    case 'circulation':
      return endpoints;
    case 'pairs':
      return {
        kind: 'pairs',
        pairs: endpoints.pairs.map(({ from, to, weight, via }, index) => {
          const at = `${path}.pairs[${index}]`;
          const [source, target] = [nodeIndex(graph, from, file, `${at}.from`), nodeIndex(graph, to, file, `${at}.to`)];
          if (via === undefined) {
            if (source === target) throw ownPayee(file, `${at}.to`, to);
            return { source, target, weight };
          }
          const between = via.map((node, hop) => nodeIndex(graph, node, file, `${at}.via[${hop}]`));
          return {
            source,
            target,
            weight,
            route: routeThrough(graph, [source, ...between, target], file, `${at}.via`),
          };
        }),
      };
    case 'matrix': {
      const pairs = rowsOf(tables, endpoints.file).map((row) => {
        const weight = numberIn(row, endpoints.file, 'weight', 0, 1e12);
        const ends = endsIn(row, endpoints.file, ['source', 'target'], graph, weight > 0);
        return { ...ends, weight };
      });
      if (pairs.some(({ weight }) => weight > 0)) return { kind: 'pairs', pairs };
      throw new UserError({ file: endpoints.file, found: 'no weight above 0', expected: 'a demand' });
    }
    case 'regions': {
      const { count = DEFAULT_REGIONS, within, file: named } = endpoints;
      const regionOf = named === undefined ? null : regions(named, context);
      if (named !== undefined && regionOf && within > 0) noteAlone(regionOf, named, context);
      return { kind: 'regions', count, within, regionOf };
    }
  }
}

/** Regions by node; a node that the table lacks is in one of its own. */
function regions(named: string, { graph, tables }: Context): Int32Array {
  const regionOf = Int32Array.from({ length: graph.nodeCount }, (_, node) => -1 - node);
  const known = new Map<string, number>();
  for (const row of rowsOf(tables, named)) {
    const name = row.cells['region'] ?? '';
    const region = known.get(name) ?? known.size;
    known.set(name, region);
    regionOf[nodeIn(row, named, 'node', graph)] = region;
  }
  return regionOf;
}

/** Nodes that nobody shares a region with pay across regions, whatever share of payments is to stay within. */
function noteAlone(regionOf: Int32Array, named: string, { note, graph }: Context): void {
  const members = new Map<number, number>();
  for (const region of regionOf) members.set(region, (members.get(region) ?? 0) + 1);
  const isAlone = (_: string, node: number): boolean => members.get(regionOf[node]!) === 1;
  const alone = graph.nodeKeys.filter(isAlone).length;
  if (alone > 0)
    note(`regions: ${alone} of ${graph.nodeCount} nodes are alone in their region (${named}) and pay others`);
}

function recorded(named: string, { graph, tables }: Context): Demand[] {
  let last = 0;
  return rowsOf(tables, named).map((row): Demand => {
    const { route = '', hold = '', outcome = '' } = row.cells;
    const nodes = route.split(/\s+/).filter((name) => name !== '');
    const { source, target } = endsIn(row, named, ['source', 'target'], graph, nodes.length === 0);
    const time = numberIn(row, named, 'time', 0, LATEST_SECONDS);
    const wrong = (column: string, expected: string): UserError =>
      new UserError({ file: named, path: `${row.place}, ${column}`, found: describe(row.cells[column]), expected });
    if (time < last) throw wrong('time', `not before the row above, ${last}`);
    last = time;
    if (!['', 'settle', 'fail'].includes(outcome)) throw wrong('outcome', 'settle, fail or nothing');
    const path = `${row.place}, route`;
    const along = nodes.map((name) => nodeIndex(graph, name, named, path));
    if (along.length > 0 && (along[0] !== source || along.at(-1) !== target))
      throw wrong('route', 'a route from source to target');
    return {
      at: seconds(time),
      source,
      target,
      amountMsat: msat(Math.round(numberIn(row, named, 'amount', 0.001, MOST_SAT) * MSAT_PER_SAT)),
      route: along.length === 0 ? null : routeThrough(graph, along, named, path),
      payee: {
        holdMicros: seconds(hold === '' ? 0 : numberIn(row, named, 'hold', 0, LATEST_SECONDS)),
        fails: outcome === 'fail',
      },
    };
  });
}

/** A source for each line of SimLN's activity, with the file's count, or else the scenario's payments, until its end. */
function activities(named: string, source: SourceInput, { graph, tables, stop, note }: Context): SourcePlan[] {
  const rows = rowsOf(tables, named);
  const countless = rows.filter(({ cells }) => cells['count'] === '').length;
  if (countless > 0 && source.payments === null && stop.after === null)
    note(
      `activity without a count: ${DEFAULT_PAYMENTS} payments each of ${countless} in ${named} (neither payments nor stop.after is set)`,
    );
  return rows.map((row) => {
    const law = (what: string, most: number, factor: number): Law => {
      const from = numberIn(row, named, `${what}_from`, 0, most);
      const to = numberIn(row, named, `${what}_to`, from, most);
      return { law: 'uniform', from: from * factor, to: to * factor };
    };
    const optional = (column: string, most: number): number | null =>
      row.cells[column] === '' ? null : numberIn(row, named, column, 0, most);
    const start = optional('start_secs', LATEST_SECONDS);
    const at: Micros | null = start === null ? null : seconds(start);
    return {
      kind: 'activity',
      payments: optional('count', 1e8) ?? mostPayments(source, stop),
      ...endsIn(row, named, ['source', 'destination'], graph, true),
      start: at,
      interval: law('interval', LATEST_SECONDS, 1e6),
      amount: law('amount', MOST_SAT * MSAT_PER_SAT, 1),
    };
  });
}

/** Payer and payee of a row. @param differ whether one node can't be both */
function endsIn(
  row: TableRow,
  file: string,
  [from, to]: readonly [string, string],
  graph: CompiledGraph,
  differ: boolean,
): { source: number; target: number } {
  const [source, target] = [nodeIn(row, file, from, graph), nodeIn(row, file, to, graph)];
  if (differ && source === target) throw ownPayee(file, `${row.place}, ${to}`, row.cells[to]);
  return { source, target };
}

/** No search finds a way from a node to itself. */
const ownPayee = (file: string, path: string, found: unknown): UserError =>
  new UserError({ file, path, found: describe(found), expected: 'another node than the payer, or a fixed route' });

const nodeIn = (row: TableRow, file: string, column: string, graph: CompiledGraph): number =>
  nodeIndex(graph, row.cells[column] ?? '', file, `${row.place}, ${column}`);

/**
 * The edges of a way through these nodes, which may meet a node again; of several channels the one of the largest capacity.
 * @throws UserError if two that follow each other share no channel
 */
export function routeThrough(graph: CompiledGraph, nodes: readonly number[], file: string, path: string): number[] {
  const wrong = (found: string, expected: string): UserError => new UserError({ file, path, found, expected });
  if (nodes.length < 2 || nodes.length > MOST_HOPS + 1)
    throw wrong(`${nodes.length} nodes`, `2 to ${MOST_HOPS + 1} nodes`);
  return nodes.slice(1).map((to, hop) => {
    const from = nodes[hop]!;
    let best = -1;
    for (let row = graph.rowStart[to]!; row < graph.rowStart[to + 1]!; row++) {
      const edge = graph.rowEdge[row]!;
      if (graph.edgeFrom[edge] !== from) continue;
      if (best === -1 || graph.capacityMsat[edge >> 1]! > graph.capacityMsat[best >> 1]!) best = edge;
    }
    if (best !== -1) return best;
    throw wrong(`no channel from ${describe(graph.nodeKeys[from])} to ${describe(graph.nodeKeys[to])}`, 'a channel');
  });
}
