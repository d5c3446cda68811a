/**
 * What a client leaves with a watchtower for one revoked commitment: penalty transactions signed beforehand, locked with
 * the id of the very transaction that they answer, so that the tower learns nothing unless the other end cheats (the
 * unfinished BOLT 13, "Watchtower protocol", and The Eye of Satoshi: locator and key from the transaction's id,
 * ChaCha20-Poly1305 with nonce 0, for a key is used once).
 */
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { concatBytes, fromHex } from '../base/bytes.ts';
import { ByteReader, MalformedBytes } from '../chain/byteReader.ts';
import { parseTransaction, serialize, txidOf, type Transaction, type Txid } from '../chain/transaction.ts';
import { penaltyClaims, sweepTransaction, toRemoteClaim, type Claim } from '../channel/claims.ts';
import type { CommitmentSpec } from '../channel/commitmentSpec.ts';
import { materialiseCommitment, otherSide, type ChannelMaterial, type Side } from '../channel/materialise.ts';
import { sha256 } from '../crypto/hashes.ts';

export interface JusticeBlob {
  /** the first 16 bytes of the revoked commitment's txid as it is printed, in hexadecimal */
  readonly hint: string;
  readonly ciphertext: Uint8Array;
}

/** One job, at rising fee rates: signed beforehand, for the tower has no key. */
export type Rungs = readonly Transaction[];

/** What is inside. */
export interface JusticeKit {
  /** what the books call the channel */
  readonly channel: number;
  /** blocks from the commitment's confirmation on in which the cheater must wait */
  readonly toSelfDelay: number;
  /** takes every output */
  readonly together: Rungs;
  /** each takes one output, should another be gone */
  readonly single: readonly Rungs[];
}

const HINT_DIGITS = 32;
const NONCE = new Uint8Array(12);

/** Where a tower looks a transaction up. */
export const hintOf = (txid: Txid): string => txid.slice(0, HINT_DIGITS);

/**
 * The kit against a commitment that the other end has revoked.
 * @param victim the side that it is made for
 * @param destination where the money goes
 * @param feeratesPerKw rising, sat per 1000 weight units; what they leave nothing of is left out
 */
export function justiceKit(
  material: ChannelMaterial,
  channel: number,
  victim: Side,
  revoked: CommitmentSpec,
  destination: Uint8Array,
  feeratesPerKw: readonly number[],
): { readonly txid: Txid; readonly kit: JusticeKit } {
  const commitment = materialiseCommitment(material, otherSide(victim), revoked);
  const own = toRemoteClaim(material, commitment);
  const claims = [...penaltyClaims(material, commitment), ...(own ? [own] : [])];
  const rungs = (part: readonly Claim[]): Transaction[] =>
    feeratesPerKw
      .map((feeratePerKw) => (part.length === 0 ? null : sweepTransaction(part, destination, feeratePerKw)))
      .filter((transaction) => transaction !== null);
  const { toSelfDelay } = material.limits[victim];
  const single = claims.length < 2 ? [] : claims.map((claim) => rungs([claim])).filter((each) => each.length > 0);
  return { txid: txidOf(commitment.transaction), kit: { channel, toSelfDelay, together: rungs(claims), single } };
}

export const sealKit = (txid: Txid, kit: JusticeKit): JusticeBlob => ({
  hint: hintOf(txid),
  ciphertext: cipherOf(txid).encrypt(writeKit(kit)),
});

/** What a blob holds, to who knows the transaction it is locked with; null if that is another. */
export function openBlob(txid: Txid, { ciphertext }: JusticeBlob): JusticeKit | null {
  try {
    return readKit(cipherOf(txid).decrypt(ciphertext));
  } catch (error) {
    // the cipher throws a plain Error for a tag that does not fit; bytes that fit were written by a client
    if (error instanceof MalformedBytes) throw error;
    return null;
  }
}

const cipherOf = (txid: Txid): ReturnType<typeof chacha20poly1305> => chacha20poly1305(sha256(fromHex(txid)), NONCE);

// ── Bytes: four bytes of channel, of delay and of each count; each transaction behind its length ────────────────────

const uint32 = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
};

const writeRungs = (rungs: Rungs): Uint8Array =>
  concatBytes(uint32(rungs.length), ...rungs.map(serialize).flatMap((bytes) => [uint32(bytes.length), bytes]));

const writeKit = ({ channel, toSelfDelay, together, single }: JusticeKit): Uint8Array =>
  concatBytes(
    uint32(channel),
    uint32(toSelfDelay),
    writeRungs(together),
    uint32(single.length),
    ...single.map(writeRungs),
  );

function readKit(bytes: Uint8Array): JusticeKit {
  const reader = new ByteReader(bytes);
  const list = <T>(read: () => T): T[] => Array.from({ length: reader.uint32() }, read);
  const rungs = (): Transaction[] => list(() => parseTransaction(reader.bytes(reader.uint32())));
  const kit = { channel: reader.uint32(), toSelfDelay: reader.uint32(), together: rungs(), single: list(rungs) };
  reader.end();
  return kit;
}
