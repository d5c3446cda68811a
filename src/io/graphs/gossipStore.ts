/**
 * Core Lightning's `gossip_store` (its `common/gossip_store.h`), read and written.
 *
 * A version byte, then records: flags, length, checksum, timestamp (16, 16, 32 and 32 bits) and a BOLT 7 message or one of
 * the store's own; the amount of a channel follows its announcement. The store only grows: a record that counts no more
 * is marked as deleted, a closed channel as dying, and a later `delete_chan` takes a channel away. A store may go on in
 * a second file, which begins with a record and no version. Signatures are not checked, and written as zeros.
 */
import { UserError } from '../../base/errors.ts';
import type { ShortChannelId } from '../../base/ids.ts';
import { MSAT_PER_SAT } from '../../base/units.ts';
import type { ChannelGraph } from '../../graph/channelGraph.ts';
import { BytePieces } from '../bytePieces.ts';
import { BytePen, ByteCursor, BytesEnded } from './byteCursor.ts';
import { crc32c } from './crc32c.ts';
import {
  CHANNEL_ANNOUNCEMENT,
  CHANNEL_UPDATE,
  channelAnnouncement,
  channelUpdate,
  NODE_ANNOUNCEMENT,
  nodeAnnouncement,
  readChannelAnnouncement,
  readChannelUpdate,
  readNodeAnnouncement,
  type ChannelAnnouncement,
  type ChannelUpdate,
  type NodeAnnouncement,
} from './gossipMessages.ts';
import { GraphImport } from './graphImport.ts';
import type { ImportedGraph } from './graphReport.ts';

/** Major version 0 in the top three bits, minor 16 in the others: what Core Lightning wrote in 2026. */
const VERSION = 0x10;
const HEADER = 12; // 2 + 2 + 4 + 4
/** Bytes of a message: what its 16 bits of length can say. */
const LENGTH_MAX = 0xffff;
const DELETED = 0x8000;
const COMPLETED = 0x2000;
const DYING = 0x0800;
/** Flags have no completed bit in stores before minor version 13. */
const COMPLETED_SINCE = 13;

const CHANNEL_AMOUNT = 4101;
const DELETE_CHANNEL = 4103;
/** The store's own messages that say nothing of the graph: ended, chan_dying, uuid. */
const SILENT_TYPES = new Set([4105, 4106, 4107]);

/** Whether bytes begin as a store does: a version and a record, or a record alone, either with its checksum right. */
export const looksLikeGossipStore = (head: Uint8Array): boolean =>
  ((head[0] ?? 0xff) >> 5 === 0 && recordIsSound(head, 1)) || recordIsSound(head, 0);

function recordIsSound(bytes: Uint8Array, at: number): boolean {
  if (bytes.length < at + HEADER + 2) return false;
  const cursor = new ByteCursor(bytes, at);
  cursor.uint16();
  const length = cursor.uint16();
  const checksum = cursor.uint32();
  const timestamp = cursor.uint32();
  return length >= 2 && length <= cursor.remaining && crc32c(cursor.bytes(length), timestamp) === checksum;
}

/**
 * The graph in a store of any length, read record by record. A file that breaks off in a record, as one that is being
 * written may, is read up to there.
 * @throws UserError if the bytes are of another version, or no channel can be kept
 */
export const readGossipStore = (pieces: Iterable<Uint8Array>, file: string): ImportedGraph =>
  new StoreReader(file).read(new BytePieces(pieces));

interface StoredChannel {
  readonly announcement: ChannelAnnouncement;
  amountSat: number | null;
  readonly updates: [ChannelUpdate | null, ChannelUpdate | null];
  readonly path: () => string;
}

class StoreReader {
  readonly #file: string;
  readonly #import: GraphImport;
  readonly #channels = new Map<ShortChannelId, StoredChannel>();
  /** by key: the first alias that is one, and how often the node was announced */
  readonly #nodes = new Map<string, { alias: string; count: number }>();
  /** the channel whose amount is next, if that is so */
  #latest: StoredChannel | null = null;

  constructor(file: string) {
    this.#file = file;
    this.#import = new GraphImport({ file, format: 'gossip_store', nodesByChannels: true, expectsKeys: true });
  }

  read(store: BytePieces): ImportedGraph {
    const { remedies } = this.#import;
    // a continuation's first record begins where a version would stand
    const hasVersion = !recordIsSound(store.peek(HEADER + LENGTH_MAX), 0);
    const version = (hasVersion ? store.take(1)[0] : undefined) ?? VERSION;
    if (version >> 5 !== 0) {
      const found = `version byte ${version}`;
      throw new UserError({ file: this.#file, path: 'byte 0', found, expected: 'a gossip_store of major version 0' });
    }
    for (;;) {
      const { offset } = store;
      const path = (): string => `record at byte ${offset}`;
      const header = store.take(HEADER);
      if (header.length === 0) break;
      if (header.length < HEADER) {
        remedies.add('recordCut', path);
        break;
      }
      const cursor = new ByteCursor(header);
      const flags = cursor.uint16();
      const length = cursor.uint16();
      const checksum = cursor.uint32();
      const timestamp = cursor.uint32();
      const message = store.take(length);
      if (message.length < length) {
        remedies.add('recordCut', path);
        break;
      }
      if ((flags & COMPLETED) === 0 && version >= COMPLETED_SINCE) remedies.add('recordCut', path);
      else if ((flags & DELETED) !== 0) remedies.add('recordDeleted', path);
      else if (crc32c(message, timestamp) !== checksum) remedies.add('recordDamaged', path);
      else this.#readMessage(message, (flags & DYING) !== 0, path);
    }
    this.#build();
    return this.#import.finish();
  }

  #readMessage(message: Uint8Array, isDying: boolean, path: () => string): void {
    const { remedies } = this.#import;
    try {
      const cursor = new ByteCursor(message);
      const type = cursor.uint16();
      if (type === CHANNEL_ANNOUNCEMENT) this.#readChannel(readChannelAnnouncement(cursor), isDying, path);
      else if (type === CHANNEL_AMOUNT) {
        if (this.#latest !== null) this.#latest.amountSat = cursor.amount();
        this.#latest = null;
      } else if (type === NODE_ANNOUNCEMENT) this.#readNode(readNodeAnnouncement(cursor));
      else if (type === CHANNEL_UPDATE) this.#readUpdate(readChannelUpdate(cursor), path);
      else if (type === DELETE_CHANNEL) {
        if (this.#channels.delete(cursor.shortChannelId())) this.#import.refuse('channelDeleted', path);
      } else if (!SILENT_TYPES.has(type)) remedies.add('recordUnknown', path);
    } catch (error) {
      if (!(error instanceof BytesEnded)) throw error;
      remedies.add('recordCut', path);
    }
  }

  #readChannel(announcement: ChannelAnnouncement, isDying: boolean, path: () => string): void {
    this.#latest = null;
    if (isDying) return this.#import.refuse('channelDying', path);
    if (this.#channels.has(announcement.id)) return this.#import.refuse('channelRepeated', path);
    this.#latest = { announcement, amountSat: null, updates: [null, null], path };
    this.#channels.set(announcement.id, this.#latest);
  }

  #readNode({ key, alias }: NodeAnnouncement): void {
    const known = this.#nodes.get(key);
    if (known === undefined) this.#nodes.set(key, { alias, count: 1 });
    else {
      known.count++;
      if (known.alias === '') known.alias = alias;
    }
  }

  #readUpdate(update: ChannelUpdate, path: () => string): void {
    const channel = this.#channels.get(update.id);
    if (channel === undefined) return this.#import.remedies.add('updateUnknown', path);
    const known = channel.updates[update.direction];
    if (known !== null) this.#import.remedies.add('updateOutdated', path);
    // of two the newer counts, and of two as new the later in the file
    if (known === null || update.timestamp >= known.timestamp) channel.updates[update.direction] = update;
  }

  #build(): void {
    for (const { announcement, amountSat, updates, path } of this.#channels.values()) {
      const { id, node1, node2 } = announcement;
      if (amountSat === null) {
        this.#import.refuse('capacityUnknown', path);
        continue;
      }
      const capacitySat = this.#import.admit(id, node1, node2, amountSat * MSAT_PER_SAT, path);
      if (capacitySat === null) continue;
      const [policy1, policy2] = [updates[0], updates[1]].map((update) => {
        if (update?.terms.maximum === 0) this.#import.remedies.add('maximumAbsent', path);
        return this.#import.policy(update?.terms ?? null, capacitySat, path);
      });
      const attributes = { capacitySat, policy1: policy1 ?? null, policy2: policy2 ?? null };
      this.#import.addChannel(id, node1, node2, attributes, path);
    }
    for (const [key, { alias, count }] of this.#nodes) {
      const path = (): string => `node ${key}`;
      if (this.#import.hasNode(key)) this.#import.setAlias(key, alias, path);
      else for (let i = 0; i < count; i++) this.#import.remedies.add('nodeAlone', path);
    }
  }
}

/**
 * The graph as a store: each channel with its amount and updates, then the nodes that have an alias. Nodes are named by
 * public keys, the smaller first, and channels by short channel ids.
 */
export function writeGossipStore(graph: ChannelGraph): Uint8Array {
  const pen = new BytePen().uint8(VERSION);
  const add = (message: Uint8Array): void => {
    pen.uint16(COMPLETED).uint16(message.length).uint32(crc32c(message, 0)).uint32(0).bytes(message);
  };
  graph.forEachEdge((key, { capacitySat, policy1, policy2 }, node1, node2) => {
    const id = key as ShortChannelId;
    add(channelAnnouncement({ id, node1, node2 }));
    add(new BytePen().uint16(CHANNEL_AMOUNT).amount(capacitySat).finish());
    if (policy1 !== null) add(channelUpdate(id, 0, policy1));
    if (policy2 !== null) add(channelUpdate(id, 1, policy2));
  });
  graph.forEachNode((key, { alias }) => {
    if (alias !== '') add(nodeAnnouncement({ key, alias }));
  });
  return pen.finish();
}
