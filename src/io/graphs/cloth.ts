/**
 * CLoTH's network (github.com/marcono/cloth): three CSV files of nodes, channels and edges, read and written.
 *
 * Its traps: every amount is in msat, the capacity too; nodes and channels are numbers of the file's own, no keys and no
 * short channel ids; nothing is ever disabled and no HTLC maximum is given, so that is the capacity; an edge belongs to
 * the channel's node1 if it leaves it, whatever the order of the lines. The balances in it are generated ones; the graph
 * keeps them as `balance1Msat`, and a scenario uses them only if it says so.
 */
import { present } from '../../base/assert.ts';
import { UserError } from '../../base/errors.ts';
import { msat, MSAT_PER_SAT, satToMsat, type Sat } from '../../base/units.ts';
import type { ChannelAttributes, ChannelGraph, Policy } from '../../graph/channelGraph.ts';
import { readCsvTable } from '../csvTable.ts';
import { JsonFields } from '../jsonFields.ts';
import { GraphImport } from './graphImport.ts';
import type { ImportedGraph } from './graphReport.ts';

/** A file's text, and its name as the user knows it. */
export interface NamedText {
  readonly file: string;
  readonly text: string;
}

export interface ClothTexts {
  readonly nodes: NamedText;
  readonly channels: NamedText;
  readonly edges: NamedText;
}

// prettier-ignore
const EDGE_COLUMNS = [
  'channel_id', 'from_node_id', 'to_node_id', 'balance', 'fee_base', 'fee_proportional', 'min_htlc', 'timelock',
] as const;

interface Channel {
  readonly id: string;
  readonly node1: string;
  readonly node2: string;
  readonly capacitySat: Sat;
  policy1: Policy | null;
  policy2: Policy | null;
  /** msat, of node1 and of node2, as their edges have them */
  readonly balances: [number | null, number | null];
}

/**
 * The graph in CLoTH's three files, nodes and channels named by their numbers and in the files' order.
 * @param directory what the user calls all three, for the report
 * @throws UserError if a file is not of this shape, an edge contradicts its channel, or no channel can be kept
 */
export function readClothGraph(texts: ClothTexts, directory: string): ImportedGraph {
  return new ClothReader(texts, directory).read();
}

class ClothReader {
  readonly #texts: ClothTexts;
  readonly #import: GraphImport;
  /** the channels that are kept, by id */
  readonly #channels = new Map<string, Channel>();
  /** ids of the others */
  readonly #dropped = new Set<string>();

  constructor(texts: ClothTexts, directory: string) {
    this.#texts = texts;
    this.#import = new GraphImport({ file: directory, format: 'cloth', nodesByChannels: false, expectsKeys: false });
  }

  read(): ImportedGraph {
    this.#readNodes(this.#texts.nodes);
    this.#readChannels(this.#texts.channels);
    this.#readEdges(this.#texts.edges);
    for (const { id, node1, node2, capacitySat, policy1, policy2, balances } of this.#channels.values()) {
      const path = (): string => `channel ${id}`;
      const announced = (policy: Policy | null, name: string): Policy | null =>
        policy ?? this.#import.policy(null, capacitySat, () => `${path()}, ${name}`);
      const channel = {
        capacitySat,
        policy1: announced(policy1, 'edge1'),
        policy2: announced(policy2, 'edge2'),
        ...this.#balance(balances, capacitySat, path),
      };
      this.#import.addChannel(id, node1, node2, channel, path);
    }
    return this.#import.finish('', this.#texts.channels.file);
  }

  /** What node1 holds, where both edges are there and hold the capacity together. */
  #balance(
    [balance1, balance2]: Channel['balances'],
    capacitySat: Sat,
    path: () => string,
  ): Pick<ChannelAttributes, 'balance1Msat'> {
    if (balance1 === null || balance2 === null) return {};
    // a fraction of a satoshi, which the capacity lost, is node2's loss
    const rest = balance1 + balance2 - satToMsat(capacitySat);
    if (rest >= 0 && rest < MSAT_PER_SAT && balance1 <= satToMsat(capacitySat)) return { balance1Msat: msat(balance1) };
    this.#import.remedies.add('balanceContradiction', path);
    return {};
  }

  #readNodes({ file, text }: NamedText): void {
    for (const { line, cells } of readCsvTable(text, file, ['id'])) {
      this.#import.addNode(idOf(cells[0]!, file, line, 'id'), '', () => `${file}, line ${line}`);
    }
  }

  #readChannels({ file, text }: NamedText): void {
    const numbers = new JsonFields(file);
    for (const { line, cells } of readCsvTable(text, file, ['id', 'node1_id', 'node2_id', 'capacity'])) {
      const id = idOf(cells[0]!, file, line, 'id');
      const node1 = idOf(cells[1]!, file, line, 'node1_id');
      const node2 = idOf(cells[2]!, file, line, 'node2_id');
      const capacityMsat = numbers.natural(cells[3], () => `line ${line}, capacity`);
      const path = (): string => `${file}, line ${line}`;
      if (this.#channels.has(id) || this.#dropped.has(id)) {
        this.#import.refuse('channelRepeated', path);
        continue;
      }
      const capacitySat = this.#import.admit(id, node1, node2, capacityMsat, path);
      if (capacitySat === null) this.#dropped.add(id);
      else {
        const channel = { id, node1, node2, capacitySat, policy1: null, policy2: null };
        this.#channels.set(id, { ...channel, balances: [null, null] });
      }
    }
  }

  #readEdges({ file, text }: NamedText): void {
    const numbers = new JsonFields(file);
    const { remedies } = this.#import;
    for (const { line, cells } of readCsvTable(text, file, EDGE_COLUMNS)) {
      const id = idOf(cells[0]!, file, line, 'channel_id');
      const from = idOf(cells[1]!, file, line, 'from_node_id');
      const to = idOf(cells[2]!, file, line, 'to_node_id');
      const number = (column: number): number =>
        numbers.natural(cells[column], () => `line ${line}, ${EDGE_COLUMNS[column]!}`);
      const raw = { feeBase: number(4), feeRate: number(5), minimum: number(6), cltv: number(7) };
      const balance = number(3);
      const path = (): string => `${file}, line ${line}`;
      if (this.#dropped.has(id)) continue;
      const channel = this.#channels.get(id);
      if (channel === undefined) {
        remedies.add('edgeUnknownChannel', path);
        continue;
      }
      const side = sideFrom(channel, from, to);
      if (side === null) {
        throw new UserError({
          file,
          path: `line ${line}`,
          found: `an edge from ${from} to ${to}`,
          expected: `an edge between ${channel.node1} and ${channel.node2}, the nodes of channel ${id}`,
        });
      }
      if (channel[side] !== null) {
        remedies.add('edgeRepeated', path);
        continue;
      }
      const given = { ...raw, maximum: channel.capacitySat * MSAT_PER_SAT, disabled: false };
      channel[side] = this.#import.policy(given, channel.capacitySat, path);
      channel.balances[side === 'policy1' ? 0 : 1] = balance;
    }
  }
}

/** Whose policy an edge is; null if it joins other nodes than the channel. */
function sideFrom({ node1, node2 }: Channel, from: string, to: string): 'policy1' | 'policy2' | null {
  if (from === node1 && to === node2) return 'policy1';
  return from === node2 && to === node1 ? 'policy2' : null;
}

/** A number of the file's own, as the text that names it: without zeros in front, so that 7 and 07 are the same. */
function idOf(cell: string, file: string, line: number, column: string): string {
  if (/^\d{1,15}$/.test(cell)) return String(Number(cell));
  const found = JSON.stringify(cell);
  throw new UserError({ file, path: `line ${line}, ${column}`, found, expected: 'a number of at most 15 digits' });
}

/** The texts of the three files by their names; nodes and channels are numbered, and every direction has a policy. */
export function writeClothGraph(graph: ChannelGraph): Record<'nodes.csv' | 'channels.csv' | 'edges.csv', string> {
  const channels: string[] = [];
  const edges: string[] = [];
  graph.forEachEdge((id, { capacitySat, balance1Msat, policy1, policy2 }, node1, node2) => {
    const [edge1, edge2] = [edges.length, edges.length + 1];
    const capacityMsat = satToMsat(capacitySat);
    const balance1 = present(balance1Msat, 'a balance');
    channels.push([id, edge1, edge2, node1, node2, capacityMsat].join(','));
    const add = (edge: number, ends: string[], balance: number, policy: Policy | null): void => {
      const terms = present(policy, 'a policy for each direction');
      const { feeBaseMsat, feeProportionalMillionths, htlcMinimumMsat, cltvExpiryDelta } = terms;
      const numbers = [balance, feeBaseMsat, feeProportionalMillionths, htlcMinimumMsat, cltvExpiryDelta];
      edges.push([edge, id, edge1 + edge2 - edge, ...ends, ...numbers].join(','));
    };
    add(edge1, [node1, node2], balance1, policy1);
    add(edge2, [node2, node1], capacityMsat - balance1, policy2);
  });
  const table = (columns: readonly string[], lines: readonly string[]): string =>
    `${[columns.join(','), ...lines].join('\n')}\n`;
  return {
    'nodes.csv': table(['id'], graph.nodes()),
    'channels.csv': table(['id', 'edge1_id', 'edge2_id', 'node1_id', 'node2_id', 'capacity'], channels),
    'edges.csv': table(['id', 'channel_id', 'counter_edge_id', ...EDGE_COLUMNS.slice(1)], edges),
  };
}
