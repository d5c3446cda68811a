/** The tables that a scenario names: which files, with which columns; the host reads them. */
import { UserError } from '../base/errors.ts';
import type { Arrival } from '../chain/feeMarketDemand.ts';
import type { ChannelGraph } from '../graph/channelGraph.ts';
import type { Scenario } from './scenario.ts';

/** A file that a scenario names, and what is expected in it. */
export interface NamedTable {
  readonly file: string;
  /** `simln`: SimLN's JSON, whose activity becomes rows of {@link ACTIVITY_COLUMNS} */
  readonly format: 'csv' | 'simln';
  readonly columns: readonly string[];
  /** columns that may be missing: their cells are then empty */
  readonly optional: readonly string[];
}

export interface TableRow {
  /** for errors: `line 7` or `activity[3]` */
  readonly place: string;
  readonly cells: Readonly<Record<string, string>>;
}

export type Tables = ReadonlyMap<string, readonly TableRow[]>;

/** What stands in the files that a scenario names, its graph aside. */
export interface ScenarioFiles {
  /** the recorded demand for block space */
  readonly demand?: readonly Arrival[] | null;
  readonly tables?: Tables;
  /** the graph as its file has it, with balances where it says them */
  readonly graph?: ChannelGraph;
}

/** SimLN's activity as a table; amounts in msat, times in seconds. */
// prettier-ignore
export const ACTIVITY_COLUMNS = [
  'source', 'destination', 'start_secs', 'count',
  'interval_from', 'interval_to', 'amount_from', 'amount_to',
] as const;

/** Every table that the scenario names, each file once. */
export function tablesNamed({ traffic, channels: { liquidity }, latency }: Scenario): NamedTable[] {
  const tables = new Map<string, NamedTable>();
  const csv = (file: string, columns: readonly string[], optional: readonly string[] = []): void => {
    tables.set(file, { file, format: 'csv', columns, optional });
  };
  for (const { trace, activity, endpoints } of [traffic, ...traffic.also]) {
    if (trace !== undefined) csv(trace.file, ['time', 'source', 'target', 'amount'], ['route', 'hold', 'outcome']);
    else if (activity !== undefined)
      tables.set(activity.file, { file: activity.file, format: 'simln', columns: ACTIVITY_COLUMNS, optional: [] });
    else if (endpoints.kind === 'matrix') csv(endpoints.file, ['source', 'target', 'weight']);
    else if (endpoints.kind === 'regions' && endpoints.file !== undefined) csv(endpoints.file, ['node', 'region']);
  }
  if (typeof liquidity === 'object' && liquidity.kind === 'file') csv(liquidity.file, ['channel', 'node1_msat']);
  if (latency.law === 'links') csv(latency.file, ['channel', 'latency']);
  if (latency.law === 'coordinates') csv(latency.file, ['node', 'latitude', 'longitude']);
  return [...tables.values()];
}

/** The rows of a table that the scenario names. @throws UserError if nobody read it, or it is empty */
export function rowsOf(tables: Tables, file: string): readonly TableRow[] {
  const rows = tables.get(file);
  if (rows !== undefined && rows.length > 0) return rows;
  throw new UserError({ file, found: rows === undefined ? 'a file that was not read' : 'no row', expected: 'a row' });
}

/** A number in a cell. @throws UserError if it is none, or out of bounds */
export function numberIn(row: TableRow, file: string, column: string, least: number, most: number): number {
  const text = row.cells[column] ?? '';
  const value = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d{1,3})?$/i.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  const expected = `a number from ${least} to ${most}`;
  throw new UserError({ file, path: `${row.place}, ${column}`, found: JSON.stringify(text), expected });
}
