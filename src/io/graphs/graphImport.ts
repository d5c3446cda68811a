/** The graph that an importer builds: what every format needs checked, dropped, repaired and counted is done here once. */
import { UserError } from '../../base/errors.ts';
import { parseShortChannelId } from '../../base/ids.ts';
import { MSAT_PER_SAT, sat, type Sat } from '../../base/units.ts';
import {
  isReservedName,
  newChannelGraph,
  type ChannelAttributes,
  type ChannelGraph,
  type Policy,
} from '../../graph/channelGraph.ts';
import { detached } from '../textPieces.ts';
import { RemedyCounter, type GraphFormatName, type ImportedGraph } from './graphReport.ts';
import { CAPACITY_MAX_SAT, repairPolicy, type RawPolicy } from './policyRepair.ts';

/** UTF-16 units of a name: the hexadecimal digits of a compressed public key, and the longest that may stand for one. */
export const NAME_LENGTH_MAX = 66;
/** Bytes of UTF-8 (BOLT 7, `node_announcement`). */
const ALIAS_BYTES_MAX = 32;
const COMPRESSED_KEY = /^0[23][0-9a-f]{64}$/;

/** Whether a node's name has the form of a compressed public key, in lower case. */
export const isPublicKey = (name: string): boolean => COMPRESSED_KEY.test(name);

/** A channel's id in the one form that graphs use: `BxTxO` where it is a short channel id, else as it stands. */
export const canonicalChannelId = (id: string): string => parseShortChannelId(id) ?? id;

/** What a node goes by in the graph. */
const keyOf = (name: string): string => (isReservedName(name) ? `${name}~` : name);

/** Why a channel is dropped. */
export type DropKind =
  | 'selfLoop'
  | 'unknownNode'
  | 'capacityZero'
  | 'capacityTooLarge'
  | 'capacityUnknown'
  | 'channelDying'
  | 'channelDeleted'
  | 'channelRepeated';

export interface ImportKind {
  readonly file: string;
  readonly format: GraphFormatName;
  /** the format has no list of nodes: channels bring theirs */
  readonly nodesByChannels: boolean;
  /** nodes go by public keys here, and other names are worth a remark */
  readonly expectsKeys: boolean;
}

export class GraphImport {
  readonly graph: ChannelGraph = newChannelGraph();
  readonly remedies = new RemedyCounter();
  readonly #kind: ImportKind;
  #nodesListed = 0;
  #channelsListed = 0;

  constructor(kind: ImportKind) {
    this.#kind = kind;
  }

  /** A node that the file lists. */
  addNode(name: string, alias: string, path: () => string): void {
    const key = keyOf(name);
    this.#nodesListed++;
    if (this.graph.hasNode(key)) return this.remedies.add('nodeRepeated', path);
    this.#addNewNode(name, this.#boundAlias(alias, path), path);
  }

  hasNode(name: string): boolean {
    return this.graph.hasNode(keyOf(name));
  }

  /** Whether both nodes are there, or come with their channel. */
  mayJoin(node1: string, node2: string): boolean {
    return this.#kind.nodesByChannels || (this.hasNode(node1) && this.hasNode(node2));
  }

  /** Gives a node that is there its alias, unless it has one or this is none. */
  setAlias(name: string, alias: string, path: () => string): void {
    const key = keyOf(name);
    if (alias === '' || this.graph.getNodeAttribute(key, 'alias') !== '') return;
    this.graph.setNodeAttribute(key, 'alias', this.#boundAlias(alias, path));
  }

  /**
   * Whether a channel can be kept, counting it if not.
   * @param capacityMsat as the file has it
   * @returns its capacity, or null
   */
  admit(id: string, node1: string, node2: string, capacityMsat: number, path: () => string): Sat | null {
    const { remedies } = this;
    const drop = (kind: DropKind): null => {
      this.refuse(kind, path);
      return null;
    };
    if (node1 === node2) return drop('selfLoop');
    if (!this.mayJoin(node1, node2)) return drop('unknownNode');
    if (capacityMsat < MSAT_PER_SAT) return drop('capacityZero');
    if (capacityMsat > CAPACITY_MAX_SAT * MSAT_PER_SAT) return drop('capacityTooLarge');
    if (this.graph.hasEdge(id)) return drop('channelRepeated');
    this.#channelsListed++;
    if (capacityMsat % MSAT_PER_SAT !== 0) remedies.add('capacityFraction', path);
    return sat(Math.floor(capacityMsat / MSAT_PER_SAT));
  }

  /** Counts a channel that is listed and can't be kept. */
  refuse(kind: DropKind, path: () => string): void {
    this.#channelsListed++;
    this.remedies.add(kind, path);
  }

  /** A direction's terms fit for use; null for one that was never announced. */
  policy(raw: RawPolicy | null, capacitySat: Sat, path: () => string): Policy | null {
    if (raw !== null) return repairPolicy(raw, capacitySat, this.remedies, path);
    this.remedies.add('policyNull', path);
    return null;
  }

  /** Adds a channel that was admitted. */
  addChannel(id: string, node1: string, node2: string, channel: ChannelAttributes, path: () => string): void {
    for (const name of [node1, node2]) if (!this.hasNode(name)) this.#addNewNode(name, '', path);
    this.graph.addUndirectedEdgeWithKey(detached(id), keyOf(node1), keyOf(node2), channel);
  }

  /**
   * The graph with its report.
   * @param place where the channels stand in the file, for the error
   * @throws UserError if no channel is left
   */
  finish(place = '', file = this.#kind.file): ImportedGraph {
    const { graph } = this;
    const remedies = this.remedies.list();
    if (graph.size === 0) {
      const why = remedies.map(({ kind, count }) => `${kind} ${count}`).join(', ');
      throw new UserError({
        file,
        path: place,
        found:
          this.#channelsListed === 0
            ? 'no channel'
            : `${this.#channelsListed} channels, none of which can be kept (${why})`,
        expected: 'at least one channel between two listed nodes',
      });
    }
    const report = {
      file: this.#kind.file,
      format: this.#kind.format,
      nodesListed: this.#kind.nodesByChannels ? graph.order : this.#nodesListed,
      channelsListed: this.#channelsListed,
      nodesKept: graph.order,
      channelsKept: graph.size,
      remedies,
    };
    return { graph, report };
  }

  #addNewNode(name: string, alias: string, path: () => string): void {
    if (this.#kind.expectsKeys && !isPublicKey(name)) this.remedies.add('nodeNotKey', path);
    if (isReservedName(name)) this.remedies.add('nodeReserved', path);
    this.graph.addNode(detached(keyOf(name)), { alias });
  }

  #boundAlias(alias: string, path: () => string): string {
    const bounded = boundAlias(alias);
    if (bounded.wasCut) this.remedies.add('aliasTooLong', path);
    return bounded.alias;
  }
}

const utf8Encoder = new TextEncoder();
const utf8Decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** At most 32 bytes of well-formed UTF-8, cut between characters. */
function boundAlias(alias: string): { alias: string; wasCut: boolean } {
  const bytes = utf8Encoder.encode(alias.slice(0, ALIAS_BYTES_MAX + 1)); // a lone surrogate becomes U+FFFD
  if (bytes.length <= ALIAS_BYTES_MAX) return { alias: utf8Decoder.decode(bytes), wasCut: false };
  let end = ALIAS_BYTES_MAX;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--; // back from inside a character to its first byte
  return { alias: utf8Decoder.decode(bytes.subarray(0, end)), wasCut: true };
}
