/**
 * CLoTH's network (github.com/marcono/cloth): three CSV files of nodes, channels and edges, read.
 *
 * Its traps: every amount is in msat, the capacity too; nodes and channels are numbers of the file's own, no keys and no
 * short channel ids; nothing is ever disabled and no HTLC maximum is given, so that is the capacity; an edge belongs to
 * the channel's node1 if it leaves it, whatever the order of the lines. The balances in it are generated ones and left
 * out: a scenario draws its own.
 */
import { UserError } from '../base/errors.ts';
import { sat, MSAT_PER_SAT, type Sat } from '../base/units.ts';
import { newChannelGraph, type Policy } from '../graph/channelGraph.ts';
import { readCsvTable } from './csvTable.ts';
import { type ImportedGraph, RemedyCounter } from './graphReport.ts';
import { JsonFields } from './jsonFields.ts';
import { CAPACITY_MAX_SAT, repairPolicy } from './policyRepair.ts';

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

interface Channel {
  readonly id: string;
  readonly node1: string;
  readonly node2: string;
  readonly capacitySat: Sat;
  policy1: Policy | null;
  policy2: Policy | null;
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
  readonly #directory: string;
  readonly #remedies = new RemedyCounter();
  readonly #graph = newChannelGraph();
  /** the channels that are kept, by id */
  readonly #channels = new Map<string, Channel>();
  /** ids of the others */
  readonly #dropped = new Set<string>();

  constructor(texts: ClothTexts, directory: string) {
    this.#texts = texts;
    this.#directory = directory;
  }

  read(): ImportedGraph {
    const nodesListed = this.#readNodes(this.#texts.nodes);
    const channelsListed = this.#readChannels(this.#texts.channels);
    this.#readEdges(this.#texts.edges);
    for (const { id, node1, node2, ...attributes } of this.#channels.values()) {
      for (const [name, policy] of [
        ['edge1', attributes.policy1],
        ['edge2', attributes.policy2],
      ] as const) {
        if (policy === null) this.#remedies.add('policyNull', () => `channel ${id}, ${name}`);
      }
      this.#graph.addUndirectedEdgeWithKey(id, node1, node2, attributes);
    }
    const report = {
      file: this.#directory,
      format: 'cloth',
      nodesListed,
      channelsListed,
      nodesKept: this.#graph.order,
      channelsKept: this.#graph.size,
      remedies: this.#remedies.list(),
    } as const;
    if (report.channelsKept === 0) {
      const why = report.remedies.map(({ kind, count }) => `${kind} ${count}`).join(', ');
      throw new UserError({
        file: this.#texts.channels.file,
        found: channelsListed === 0 ? 'no channel' : `${channelsListed} channels, none of which can be kept (${why})`,
        expected: 'at least one channel between two listed nodes',
      });
    }
    return { graph: this.#graph, report };
  }

  #readNodes({ file, text }: NamedText): number {
    const rows = readCsvTable(text, file, ['id']);
    for (const { line, cells } of rows) {
      const id = idOf(cells[0]!, file, line, 'id');
      if (this.#graph.hasNode(id)) this.#remedies.add('nodeRepeated', () => `${file}, line ${line}`);
      else this.#graph.addNode(id, { alias: '' });
    }
    return rows.length;
  }

  #readChannels({ file, text }: NamedText): number {
    const numbers = new JsonFields(file);
    const rows = readCsvTable(text, file, ['id', 'node1_id', 'node2_id', 'capacity']);
    for (const { line, cells } of rows) {
      const id = idOf(cells[0]!, file, line, 'id');
      const node1 = idOf(cells[1]!, file, line, 'node1_id');
      const node2 = idOf(cells[2]!, file, line, 'node2_id');
      const capacityMsat = numbers.natural(cells[3], () => `line ${line}, capacity`);
      const path = (): string => `${file}, line ${line}`;
      const drop = (
        kind: 'selfLoop' | 'unknownNode' | 'capacityZero' | 'capacityTooLarge' | 'channelRepeated',
      ): void => {
        this.#remedies.add(kind, path);
        if (kind !== 'channelRepeated') this.#dropped.add(id);
      };
      if (this.#channels.has(id) || this.#dropped.has(id)) drop('channelRepeated');
      else if (node1 === node2) drop('selfLoop');
      else if (!this.#graph.hasNode(node1) || !this.#graph.hasNode(node2)) drop('unknownNode');
      else if (capacityMsat < MSAT_PER_SAT) drop('capacityZero');
      else if (capacityMsat > CAPACITY_MAX_SAT * MSAT_PER_SAT) drop('capacityTooLarge');
      else {
        if (capacityMsat % MSAT_PER_SAT !== 0) this.#remedies.add('capacityFraction', path);
        const capacitySat = sat(Math.floor(capacityMsat / MSAT_PER_SAT));
        this.#channels.set(id, { id, node1, node2, capacitySat, policy1: null, policy2: null });
      }
    }
    return rows.length;
  }

  #readEdges({ file, text }: NamedText): void {
    const numbers = new JsonFields(file);
    const columns = [
      'channel_id',
      'from_node_id',
      'to_node_id',
      'fee_base',
      'fee_proportional',
      'min_htlc',
      'timelock',
    ];
    for (const { line, cells } of readCsvTable(text, file, columns)) {
      const id = idOf(cells[0]!, file, line, 'channel_id');
      const from = idOf(cells[1]!, file, line, 'from_node_id');
      const to = idOf(cells[2]!, file, line, 'to_node_id');
      const number = (column: number): number =>
        numbers.natural(cells[column], () => `line ${line}, ${columns[column]!}`);
      const raw = { feeBase: number(3), feeRate: number(4), minimum: number(5), cltv: number(6) };
      const path = (): string => `${file}, line ${line}`;
      if (this.#dropped.has(id)) continue;
      const channel = this.#channels.get(id);
      if (channel === undefined) {
        this.#remedies.add('edgeUnknownChannel', path);
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
        this.#remedies.add('edgeRepeated', path);
        continue;
      }
      const given = { ...raw, maximum: channel.capacitySat * MSAT_PER_SAT, disabled: false };
      channel[side] = repairPolicy(given, channel.capacitySat, this.#remedies, path);
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
