/**
 * Edge lists: a table (CSV) with columns `node1` and `node2` and any of `channel` and the attributes of `flatGraph.ts`, as
 * `writeEdgeList` writes it; or, as networkx writes it, a line an edge: two names and, maybe, a capacity in sat, as a
 * number or as `{'capacity': 50000}`. Nodes without a channel and aliases have no place in it.
 */
import { describe, UserError } from '../../base/errors.ts';
import type { ChannelGraph } from '../../graph/channelGraph.ts';
import { csvCells, csvRows } from '../csvTable.ts';
import { TextLines } from '../textLines.ts';
import { CHANNEL_FIELDS, channelFields, FlatEdges } from './flatGraph.ts';
import { GraphImport } from './graphImport.ts';
import type { ImportedGraph } from './graphReport.ts';

/**
 * A list of any length is read as its text comes, line by line.
 * @throws UserError if a line is no edge, or no channel can be kept
 */
export function readEdgeList(pieces: Iterable<string>, file: string): ImportedGraph {
  const graph = new GraphImport({ file, format: 'edges', nodesByChannels: true, expectsKeys: false });
  const lines = new TextLines(pieces, file);
  const columns = csvCells(lines.peek() ?? '');
  if (columns.includes('node1') && columns.includes('node2')) readTable(lines, file, columns, graph);
  else readLines(lines, file, graph);
  return graph.finish();
}

function readTable(lines: TextLines, file: string, columns: readonly string[], graph: GraphImport): void {
  const known = CHANNEL_FIELDS.filter((name) => columns.includes(name));
  const capacity = known.includes('capacitySat')
    ? []
    : ['capacity_sat', 'capacity'].filter((name) => columns.includes(name));
  const channel = columns.includes('channel') ? ['channel'] : [];
  const taken = ['node1', 'node2', ...channel, ...known, ...capacity];
  const edges = new FlatEdges(graph, file);
  for (const name of known) edges.declare(name, () => 'line 1');
  for (const { line, cells } of csvRows(lines, file, taken)) {
    const fields = new Map(taken.map((name, i) => [name, cells[i]!]));
    const [node1, node2] = [cells[0]!, cells[1]!];
    edges.add({ id: fields.get('channel') ?? null, node1, node2, fields, path: () => `line ${line}` });
  }
}

const SEPARATOR = /[\s,;]+/;
const CAPACITY = /['"]capacity['"]\s*:\s*u?['"]?(\d{1,20})(?!\d)/;

function readLines(lines: TextLines, file: string, graph: GraphImport): void {
  const edges = new FlatEdges(graph, file);
  for (let whole = lines.next(); whole !== null; whole = lines.next()) {
    const line = whole.trim();
    if (line === '' || line.startsWith('#') || line.startsWith('%')) continue;
    const path = (): string => `line ${lines.number}`;
    const brace = line.indexOf('{');
    const data = brace === -1 ? '' : line.slice(brace);
    const [node1, node2, third, ...more] = (brace === -1 ? line : line.slice(0, brace).trim()).split(SEPARATOR);
    if (
      node1 === undefined ||
      node2 === undefined ||
      node2 === '' ||
      more.length > 0 ||
      (data !== '' && third !== undefined)
    ) {
      const expected = 'two node names and, maybe, a capacity in sat';
      throw new UserError({ file, path: path(), found: describe(line), expected });
    }
    const capacity = third ?? CAPACITY.exec(data)?.[1];
    const fields = new Map(capacity === undefined ? [] : [['capacity', capacity]]);
    edges.add({ id: null, node1, node2, fields, path });
  }
}

/** The graph as a table, a channel a line. */
export function writeEdgeList(graph: ChannelGraph): string {
  const lines = graph.mapEdges((id, channel, node1, node2) =>
    [id, node1, node2, ...channelFields(channel)].map(quoted).join(','),
  );
  return `${[['channel', 'node1', 'node2', ...CHANNEL_FIELDS].join(','), ...lines].join('\n')}\n`;
}

/** In quotes where the table's reader needs them. */
const quoted = (cell: string): string => (/[",]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
