/** The table of `leyden bench routes`, or the same as one JSON object. */
import { UserError } from '../base/errors.ts';
import { Rng } from '../base/random.ts';
import { groupDigits, MSAT_PER_SAT } from '../base/units.ts';
import { benchRoutes, drawQueries, type BenchResult, type BenchRow } from '../experiment/routeBench.ts';
import type { Query, QueryLimits } from '../experiment/routeQuery.ts';
import { cpuMicros } from '../host/clock.ts';
import { openGraph, type OpenedGraph } from '../host/namedGraph.ts';
import { checkOutFile, writeOutFile } from '../host/outFile.ts';
import { countBar } from '../host/progressBar.ts';
import { readTextInput } from '../host/readInput.ts';
import { strategyFrom } from '../host/strategyFile.ts';
import { readQueries, routeLines } from '../io/routeQueries.ts';
import { strategyKinds } from '../routing/registry.ts';
import { amountFlag, integerFlag } from './flags.ts';
import { type LimitFlags, limitsFrom } from './limitFlags.ts';
import { alignColumns } from './textTable.ts';

export interface BenchFlags extends LimitFlags {
  readonly pairs?: string;
  readonly draw?: string;
  readonly amount?: string;
  readonly seed?: string;
  readonly strategies?: string;
  readonly rounds?: string;
  readonly routes?: string;
  readonly json?: boolean;
}

/** None but what keeps sums exact and every search finite: strategies are compared by the routes they would take. */
const BENCH_LIMITS: QueryLimits = { maxFee: null, maxHops: 63, maxCltvExpiryDelta: 2 ** 31 - 1, maxParts: 16 };

/** @throws UserError for a graph, pairs, a strategy or a flag that isn't one */
export async function runBenchRoutes(file: string, flags: BenchFlags = {}): Promise<string> {
  const { routes: out, strategies = Object.keys(strategyKinds).join() } = flags;
  const seed = integerFlag(flags.seed ?? '1', '--seed');
  const rounds = integerFlag(flags.rounds ?? '3', '--rounds', 1, 1000);
  const limits = limitsFrom(flags, BENCH_LIMITS);
  const contenders = await Promise.all(strategies.split(',').map((name) => strategyFrom(name.trim(), '--strategies')));
  if (out !== undefined) checkOutFile('--routes', out, [file, ...(flags.pairs === undefined ? [] : [flags.pairs])]);
  const opened = openGraph(file);
  const { graph } = opened;
  const queries = wanted(flags, opened, seed, file);
  const bar = countBar(process.stderr, contenders.length * queries.length * rounds, 'questions');
  let asked = 0;
  const onAsked = (): void => bar?.show(++asked);
  const result = benchRoutes(contenders, queries, graph, { limits, rounds, seed, cpuMicros, onAsked });
  bar?.clear();
  if (out !== undefined) writeOutFile('--routes', out, routeLines(result, queries, graph));
  const { nodeCount: nodes, channelCount: channels } = graph;
  const { rows, optimumFound } = result;
  const summary = { nodes, channels, queries: queries.length, rounds, optimumFound };
  if (flags.json) return JSON.stringify({ ...summary, strategies: rows }, null, 2);
  return [
    `${groupDigits(nodes)} nodes, ${groupDigits(channels)} channels; ${groupDigits(queries.length)} payments, of which the ` +
      `exact cheapest route can make ${groupDigits(optimumFound)}; the quickest of ${rounds} rounds`,
    table(rows),
    ...remarks(result),
  ].join('\n\n');
}

function wanted(flags: BenchFlags, { graph, names }: OpenedGraph, seed: number, file: string): Query[] {
  const { pairs, draw } = flags;
  if (pairs !== undefined) {
    if (draw !== undefined) throw new UserError({ file: '--draw', found: 'it with --pairs', expected: 'one of both' });
    return readQueries(readTextInput(pairs), pairs, names);
  }
  const amountMsat = amountFlag(flags.amount ?? '50000', '--amount');
  const count = integerFlag(draw ?? '100', '--draw', 1, 10_000_000);
  const drawn = drawQueries(graph, count, amountMsat, Rng.fromSeed(seed).stream('pairs'));
  if (drawn.length > 0) return drawn;
  throw new UserError({ file, found: 'no node that can pay another', expected: 'an enabled channel' });
}

function table(rows: readonly BenchRow[]): string {
  const time = (value: number): string => groupDigits(Number(value.toFixed(value < 100 ? 1 : 0)));
  const orNone = (value: number | null, say: (value: number) => string): string => (value === null ? '-' : say(value));
  const places = (digits: number) => (value: number) => groupDigits(Number(value.toFixed(digits)));
  const satText = (valueMsat: number): string => places(3)(valueMsat / MSAT_PER_SAT);
  const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
  const cells = rows.map((row) => [
    row.strategy,
    time(row.cpuMicrosMean),
    time(row.cpuMicrosP50),
    time(row.cpuMicrosP99),
    groupDigits(row.found),
    groupDigits(row.missed),
    orNone(row.feeMsatMean, satText),
    orNone(row.feeRegretMsatMean, satText),
    orNone(row.hopsMean, places(2)),
    orNone(row.partsMean, places(2)),
    orNone(row.cltvExpiryDeltaMean, places(0)),
    orNone(row.priorProbabilityMean, percent),
    orNone(row.ownProbabilityMean, percent),
  ]);
  return alignColumns(
    [
      ['', 'CPU µs', '', '', '', '', 'fee (sat)', 'regret', '', '', 'blocks', '', ''],
      ['', 'mean', 'p50', 'p99', 'found', 'missed', 'mean', 'mean', 'hops', 'parts', 'mean', 'prior', 'own'],
      ...cells,
    ],
    ['left'],
  );
}

/** What should not be, said where it is. */
function remarks({ rows }: BenchResult): string[] {
  const lines = rows.flatMap(({ strategy, faults, unstable }) => [
    ...Object.entries(faults).map(
      ([fault, count]) =>
        `${strategy}: ${groupDigits(count)} answers not counted, which the public graph refuses: ${fault}`,
    ),
    ...(unstable > 0 ? [`${strategy}: ${groupDigits(unstable)} answers that were others in a later round`] : []),
  ]);
  return lines.length === 0 ? [] : [lines.join('\n')];
}
