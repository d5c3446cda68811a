/** Bitcoin's variable-length count ("CompactSize" in Bitcoin Core): 1, 3, 5 or 9 bytes, little-endian. */

/** How many bytes the count takes. @param value 0 … 2^53 − 1 */
export const compactSizeLength = (value: number): number =>
  value < 0xfd ? 1 : value <= 0xffff ? 3 : value <= 0xffffffff ? 5 : 9;

/** No count in a message may pass this (Bitcoin Core `MAX_SIZE`, 32 MiB), so a lie about a length costs nothing. */
export const MAX_COMPACT_SIZE = 0x02000000;
