/**
 * LDK's Rapid Gossip Sync snapshots, versions 1 and 2 (the format that its `lightning-rapid-gossip-sync` reads), read and
 * written.
 *
 * Its traps: channels are named by differences, which start again at 0 for the updates; version 1 has no capacities, and
 * the larger HTLC maximum stands for one; an update names only what differs from the snapshot's defaults, or, where it is
 * incremental, from an earlier snapshot, which is not here; in version 2 a repeated direction is additional data, and
 * counts as an update.
 */
import { UserError } from '../../base/errors.ts';
import { packedShortChannelId, type ShortChannelId } from '../../base/ids.ts';
import { MSAT_PER_SAT } from '../../base/units.ts';
import type { ChannelGraph, Policy } from '../../graph/channelGraph.ts';
import { BytePen, ByteCursor, BytesEnded, shortChannelIdOf } from './byteCursor.ts';
import { BITCOIN_CHAIN_HASH } from './gossipMessages.ts';
import { GraphImport, isPublicKey } from './graphImport.ts';
import type { ImportedGraph } from './graphReport.ts';
import type { RawPolicy } from './policyRepair.ts';

/** "LDK" */
const PREFIX = [0x4c, 0x44, 0x4b] as const;
/** In node_id_2's index: the channel carries additional data, whose first BigSize is its capacity in sat. */
const HAS_DATA = 1n << 63n;
// an update's flags
const DIRECTION = 0x01;
const DISABLED = 0x02;
const MAXIMUM = 0x04;
const FEE_RATE = 0x08;
const FEE_BASE = 0x10;
const MINIMUM = 0x20;
const CLTV = 0x40;
const INCREMENTAL = 0x80;
// a node's flags, in the byte of its key's parity
const PARITY = 0x03;
const HAS_ADDRESSES = 0x04;
const FEATURES_SHIFT = 3;
const HAS_NODE_DATA = 0x80;
/** An index of features that is not one of the defaults: they follow. */
const OWN_FEATURES = 7;

/** Whether bytes begin as a snapshot does. */
export const looksLikeRapidGossipSync = (head: Uint8Array): boolean => PREFIX.every((byte, i) => head[i] === byte);

/** @throws UserError if the bytes are no snapshot, end too early, or no channel of them can be kept */
export function readRapidGossipSync(bytes: Uint8Array, file: string): ImportedGraph {
  const reader = new SnapshotReader(bytes, file);
  try {
    return reader.read();
  } catch (error) {
    if (!(error instanceof BytesEnded)) throw error;
    throw new UserError({ file, path: error.message, found: 'the end of the file', expected: 'a whole snapshot' });
  }
}

interface Announced {
  readonly id: ShortChannelId;
  readonly node1: string;
  readonly node2: string;
  readonly fundingSat: number | null;
  readonly terms: [RawPolicy | null, RawPolicy | null];
  readonly path: () => string;
}

class SnapshotReader {
  readonly #file: string;
  readonly #cursor: ByteCursor;
  readonly #import: GraphImport;
  readonly #channels = new Map<ShortChannelId, Announced>();

  constructor(bytes: Uint8Array, file: string) {
    this.#file = file;
    this.#cursor = new ByteCursor(bytes);
    this.#import = new GraphImport({ file, format: 'rgs', nodesByChannels: false, expectsKeys: true });
  }

  read(): ImportedGraph {
    const cursor = this.#cursor;
    cursor.bytes(PREFIX.length);
    const version = cursor.uint8();
    if (version !== 1 && version !== 2) this.#refuse(`version ${version}`, 'version 1 or 2');
    cursor.bytes(32); // chain hash: any chain will do
    cursor.uint32(); // the time of the newest update
    const keys = this.#readNodes(version);
    this.#readAnnouncements(version, keys);
    this.#readUpdates(version);
    for (const channel of this.#channels.values()) this.#build(channel);
    return this.#import.finish();
  }

  #readNodes(version: number): string[] {
    const cursor = this.#cursor;
    if (version === 2) for (let left = cursor.uint8(); left > 0; left--) cursor.bytes(cursor.uint16()); // default features
    const keys: string[] = [];
    for (let left = this.#count(33); left > 0; left--) {
      const offset = cursor.offset;
      const path = (): string => `node at byte ${offset}`;
      const key = version === 2 ? this.#readNode() : cursor.point();
      if (!isPublicKey(key)) this.#refuse(`node id ${key.slice(0, 8)}…`, 'a compressed public key');
      keys.push(key);
      this.#import.addNode(key, '', path);
    }
    return keys;
  }

  /** A node of version 2, its details passed over. */
  #readNode(): string {
    const cursor = this.#cursor;
    const point = cursor.bytes(33).slice();
    const flags = point[0]!;
    point[0] = flags & PARITY;
    if ((flags & HAS_ADDRESSES) !== 0) for (let left = cursor.uint8(); left > 0; left--) cursor.bytes(cursor.uint8());
    if (((flags >> FEATURES_SHIFT) & OWN_FEATURES) === OWN_FEATURES) cursor.bytes(cursor.uint16());
    if ((flags & HAS_NODE_DATA) !== 0) this.#data();
    return new ByteCursor(point).point();
  }

  #readAnnouncements(version: number, keys: readonly string[]): void {
    const cursor = this.#cursor;
    let packed = 0n;
    for (let left = this.#count(5); left > 0; left--) {
      const offset = cursor.offset;
      const path = (): string => `channel at byte ${offset}`;
      cursor.bytes(cursor.uint16()); // features
      packed = this.#advance(packed);
      const index1 = cursor.bigSize();
      const index2 = cursor.bigSize();
      const hasData = version === 2 && (index2 & HAS_DATA) !== 0n;
      const node1 = this.#keyAt(keys, index1);
      const node2 = this.#keyAt(keys, hasData ? index2 & ~HAS_DATA : index2);
      const fundingSat = hasData ? Number(new ByteCursor(this.#data()).bigSize()) : null;
      const id = shortChannelIdOf(packed);
      if (this.#channels.has(id)) this.#import.refuse('channelRepeated', path);
      else this.#channels.set(id, { id, node1, node2, fundingSat, terms: [null, null], path });
    }
  }

  #readUpdates(version: number): void {
    const cursor = this.#cursor;
    const { remedies } = this.#import;
    let left = this.#count(2);
    if (left === 0) return;
    const cltv = cursor.uint16();
    const minimum = cursor.amount();
    const feeBase = cursor.uint32();
    const feeRate = cursor.uint32();
    const maximum = cursor.amount();
    let packed = 0n;
    let latest = -1;
    for (; left > 0; left--) {
      const offset = cursor.offset;
      const path = (): string => `update at byte ${offset}`;
      const before = packed;
      packed = this.#advance(packed);
      const flags = cursor.uint8();
      const direction = (flags & DIRECTION) === 0 ? 0 : 1;
      const isData = version === 2 && packed === before && direction === latest;
      latest = direction;
      if (isData) {
        this.#data();
        continue;
      }
      const terms = {
        cltv: (flags & CLTV) === 0 ? cltv : cursor.uint16(),
        minimum: (flags & MINIMUM) === 0 ? minimum : cursor.amount(),
        feeBase: (flags & FEE_BASE) === 0 ? feeBase : cursor.uint32(),
        feeRate: (flags & FEE_RATE) === 0 ? feeRate : cursor.uint32(),
        maximum: (flags & MAXIMUM) === 0 ? maximum : cursor.amount(),
        disabled: (flags & DISABLED) !== 0,
      };
      const channel = this.#channels.get(shortChannelIdOf(packed));
      if ((flags & INCREMENTAL) !== 0) remedies.add('updateIncremental', path);
      else if (channel === undefined) remedies.add('updateUnknown', path);
      else if (channel.terms[direction] !== null) remedies.add('edgeRepeated', path);
      else channel.terms[direction] = terms;
    }
  }

  #build({ id, node1, node2, fundingSat, terms, path }: Announced): void {
    const maximumMsat = Math.max(terms[0]?.maximum ?? 0, terms[1]?.maximum ?? 0);
    // a maximum that no channel can hold says nothing of this one
    const guessMsat = Math.ceil(Math.min(maximumMsat, GUESS_MAX_MSAT) / MSAT_PER_SAT) * MSAT_PER_SAT;
    if (fundingSat === null && (maximumMsat === 0 || maximumMsat > GUESS_MAX_MSAT)) {
      return this.#import.refuse('capacityUnknown', path);
    }
    const capacityMsat = fundingSat === null ? guessMsat : fundingSat * MSAT_PER_SAT;
    const capacitySat = this.#import.admit(id, node1, node2, capacityMsat, path);
    if (capacitySat === null) return;
    if (fundingSat === null) this.#import.remedies.add('capacityAbsent', path);
    const policy1 = this.#import.policy(terms[0], capacitySat, path);
    const policy2 = this.#import.policy(terms[1], capacitySat, path);
    this.#import.addChannel(id, node1, node2, { capacitySat, policy1, policy2 }, path);
  }

  /** A count of things that take at least so many bytes each, which must be there. */
  #count(bytesLeast: number): number {
    const count = this.#cursor.uint32();
    const { remaining } = this.#cursor;
    if (count * bytesLeast > remaining) this.#refuse(`a count of ${count}`, `at most what ${remaining} bytes hold`);
    return count;
  }

  #advance(packed: bigint): bigint {
    const next = packed + this.#cursor.bigSize();
    if (next >= 1n << 64n) this.#refuse('a short channel id past 64 bits', 'one of 64 bits');
    return next;
  }

  #keyAt(keys: readonly string[], index: bigint): string {
    const key = index < BigInt(keys.length) ? keys[Number(index)] : undefined;
    return key ?? this.#refuse(`node ${index}`, `one of ${keys.length} nodes`);
  }

  /** Bytes behind their length: 16 bits, and where those are all ones 64 more. */
  #data(): Uint8Array {
    const short = this.#cursor.uint16();
    return this.#cursor.bytes(short === 0xffff ? this.#cursor.amount() + 0xffff : short);
  }

  #refuse(found: string, expected: string): never {
    throw new UserError({ file: this.#file, path: `before byte ${this.#cursor.offset}`, found, expected });
  }
}

/** 1,000 BTC: twice the largest channel of mainnet's history. */
const GUESS_MAX_MSAT = 1000 * 1e8 * MSAT_PER_SAT;

/** Of a direction's fields the flag, where it differs from the defaults, and how it is written. */
const UPDATE_FIELDS: readonly (readonly [flag: number, write: (pen: BytePen, policy: Policy) => BytePen])[] = [
  [CLTV, (pen, policy) => pen.uint16(policy.cltvExpiryDelta)],
  [MINIMUM, (pen, policy) => pen.amount(policy.htlcMinimumMsat)],
  [FEE_BASE, (pen, policy) => pen.uint32(policy.feeBaseMsat)],
  [FEE_RATE, (pen, policy) => pen.uint32(policy.feeProportionalMillionths)],
  [MAXIMUM, (pen, policy) => pen.amount(policy.htlcMaximumMsat)],
];

/**
 * The graph as a whole snapshot of version 2, with capacities; its defaults are zeros, so that every update is in full.
 * Nodes are named by public keys and channels by short channel ids, by which they must be sorted.
 */
export function writeRapidGossipSync(graph: ChannelGraph): Uint8Array {
  const pen = new BytePen().bytes(Uint8Array.from(PREFIX)).uint8(2).hex(BITCOIN_CHAIN_HASH).uint32(0).uint8(0);
  const indices = new Map<string, bigint>();
  pen.uint32(graph.order);
  graph.forEachNode((key) => {
    indices.set(key, BigInt(indices.size));
    pen.hex(key);
  });
  pen.uint32(graph.size);
  let before = 0n;
  let updates = 0;
  graph.forEachEdge((id, { capacitySat, policy1, policy2 }, node1, node2) => {
    const packed = BigInt(packedShortChannelId(id as ShortChannelId));
    pen.uint16(0).bigSize(packed - before);
    pen.bigSize(indices.get(node1) ?? 0n).bigSize((indices.get(node2) ?? 0n) | HAS_DATA);
    const funding = new BytePen().bigSize(BigInt(capacitySat)).finish();
    pen.uint16(funding.length).bytes(funding);
    before = packed;
    updates += (policy1 === null ? 0 : 1) + (policy2 === null ? 0 : 1);
  });
  pen.uint32(updates);
  if (updates === 0) return pen.finish();
  pen.bytes(new Uint8Array(2 + 8 + 4 + 4 + 8)); // the defaults
  before = 0n;
  graph.forEachEdge((id, { policy1, policy2 }) => {
    const packed = BigInt(packedShortChannelId(id as ShortChannelId));
    for (const [direction, policy] of [policy1, policy2].entries()) {
      if (policy === null) continue;
      const inFull = UPDATE_FIELDS.reduce((flags, [flag]) => flags | flag, 0);
      pen.bigSize(packed - before).uint8(inFull | direction | (policy.disabled ? DISABLED : 0));
      for (const [, write] of UPDATE_FIELDS) write(pen, policy);
      before = packed;
    }
  });
  return pen.finish();
}
