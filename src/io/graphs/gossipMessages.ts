/** BOLT 7's three gossip messages, as far as a graph needs them; signatures are neither checked nor made. */
import { utf8 } from '../../base/bytes.ts';
import { packedShortChannelId, parseShortChannelId, type ShortChannelId } from '../../base/ids.ts';
import { present } from '../../base/assert.ts';
import type { Policy } from '../../graph/channelGraph.ts';
import { BytePen, type ByteCursor } from './byteCursor.ts';
import type { RawPolicy } from './policyRepair.ts';

export const CHANNEL_ANNOUNCEMENT = 256;
export const NODE_ANNOUNCEMENT = 257;
export const CHANNEL_UPDATE = 258;

/** Bitcoin's chain hash (BOLT 7, "The channel_announcement Message"). */
export const BITCOIN_CHAIN_HASH = '6fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000';
const SIGNATURE = 64;
const ALIAS = 32;
/** `message_flags`: the field `htlc_maximum_msat` is there; required today. */
const HAS_MAXIMUM = 1;
const DISABLED = 2;

export interface ChannelAnnouncement {
  readonly id: ShortChannelId;
  readonly node1: string;
  readonly node2: string;
}

/** @param cursor after the message's type  @throws BytesEnded */
export function readChannelAnnouncement(cursor: ByteCursor): ChannelAnnouncement {
  cursor.bytes(4 * SIGNATURE);
  cursor.bytes(cursor.uint16()); // features
  cursor.bytes(32); // chain hash
  const id = cursor.shortChannelId();
  return { id, node1: cursor.point(), node2: cursor.point() };
}

export const channelAnnouncement = ({ id, node1, node2 }: ChannelAnnouncement): Uint8Array =>
  new BytePen()
    .uint16(CHANNEL_ANNOUNCEMENT)
    .bytes(new Uint8Array(4 * SIGNATURE))
    .uint16(0)
    .hex(BITCOIN_CHAIN_HASH)
    .uint64(packed(id))
    .hex(node1)
    .hex(node2)
    .hex(node1) // nobody knows the keys of the funding output
    .hex(node2)
    .finish();

export interface NodeAnnouncement {
  readonly key: string;
  readonly alias: string;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** @param cursor after the message's type  @throws BytesEnded */
export function readNodeAnnouncement(cursor: ByteCursor): NodeAnnouncement {
  cursor.bytes(SIGNATURE);
  cursor.bytes(cursor.uint16()); // features
  cursor.uint32(); // timestamp
  const key = cursor.point();
  cursor.bytes(3); // colour
  const padded = cursor.bytes(ALIAS);
  let length = ALIAS;
  while (length > 0 && padded[length - 1] === 0) length--;
  return { key, alias: decoder.decode(padded.subarray(0, length)) };
}

export function nodeAnnouncement({ key, alias }: NodeAnnouncement): Uint8Array {
  const padded = new Uint8Array(ALIAS);
  padded.set(utf8(alias));
  const pen = new BytePen().uint16(NODE_ANNOUNCEMENT).bytes(new Uint8Array(SIGNATURE)).uint16(0).uint32(0);
  return pen.hex(key).bytes(new Uint8Array(3)).bytes(padded).uint16(0).finish();
}

export interface ChannelUpdate {
  readonly id: ShortChannelId;
  readonly timestamp: number;
  /** 0 from node1, 1 from node2 */
  readonly direction: 0 | 1;
  readonly terms: RawPolicy;
}

/** @param cursor after the message's type  @throws BytesEnded */
export function readChannelUpdate(cursor: ByteCursor): ChannelUpdate {
  cursor.bytes(SIGNATURE + 32); // and chain hash
  const id = cursor.shortChannelId();
  const timestamp = cursor.uint32();
  const messageFlags = cursor.uint8();
  const channelFlags = cursor.uint8();
  const cltv = cursor.uint16();
  const minimum = cursor.amount();
  const feeBase = cursor.uint32();
  const feeRate = cursor.uint32();
  const maximum = (messageFlags & HAS_MAXIMUM) === 0 ? 0 : cursor.amount();
  const terms = { feeBase, feeRate, cltv, minimum, maximum, disabled: (channelFlags & DISABLED) !== 0 };
  return { id, timestamp, direction: (channelFlags & 1) === 0 ? 0 : 1, terms };
}

export const channelUpdate = (id: ShortChannelId, direction: 0 | 1, policy: Policy): Uint8Array =>
  new BytePen()
    .uint16(CHANNEL_UPDATE)
    .bytes(new Uint8Array(SIGNATURE))
    .hex(BITCOIN_CHAIN_HASH)
    .uint64(packed(id))
    .uint32(0)
    .uint8(HAS_MAXIMUM)
    .uint8(direction + (policy.disabled ? DISABLED : 0))
    .uint16(policy.cltvExpiryDelta)
    .amount(policy.htlcMinimumMsat)
    .uint32(policy.feeBaseMsat)
    .uint32(policy.feeProportionalMillionths)
    .amount(policy.htlcMaximumMsat)
    .finish();

const packed = (id: ShortChannelId): bigint =>
  BigInt(packedShortChannelId(present(parseShortChannelId(id), `a short channel id, not ${id}`)));
