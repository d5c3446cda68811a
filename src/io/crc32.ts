/** Cyclic redundancy checks of 32 bits, reflected, a byte at a time. */

/** The remainders of all bytes. @param polynomial its bits from the lowest power on */
const tableOf = (polynomial: number): Uint32Array =>
  Uint32Array.from({ length: 256 }, (_, byte) => {
    let rest = byte;
    for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ polynomial : rest >>> 1;
    return rest;
  });

function checksum(table: Uint32Array, bytes: Uint8Array, seed: number): number {
  let rest = ~seed;
  for (let i = 0; i < bytes.length; i++) rest = table[(rest ^ bytes[i]!) & 0xff]! ^ (rest >>> 8);
  return ~rest >>> 0;
}

const IEEE = tableOf(0xedb88320);
const CASTAGNOLI = tableOf(0x82f63b78);

/** CRC-32 as gzip has it (RFC 1952). @param seed the checksum of what came before */
export const crc32 = (bytes: Uint8Array, seed = 0): number => checksum(IEEE, bytes, seed);

/** CRC-32C as RFC 3720 ("iSCSI CRC") has it; Core Lightning's gossip store guards records with it. @param seed as above */
export const crc32c = (bytes: Uint8Array, seed = 0): number => checksum(CASTAGNOLI, bytes, seed);
