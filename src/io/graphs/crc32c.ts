/** CRC-32C (Castagnoli), reflected, as RFC 3720 ("iSCSI CRC") uses it; Core Lightning's gossip store guards records with it. */

const POLYNOMIAL = 0x82f63b78;
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1;
  return rest;
});

/** @param seed the checksum of what came before */
export function crc32c(bytes: Uint8Array, seed = 0): number {
  let rest = ~seed;
  for (let i = 0; i < bytes.length; i++) rest = TABLE[(rest ^ bytes[i]!) & 0xff]! ^ (rest >>> 8);
  return ~rest >>> 0;
}
