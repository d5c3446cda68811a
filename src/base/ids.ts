/** Short channel ids (BOLT 7, "Definition of short_channel_id"): block, transaction and output, 24 + 24 + 16 bits. */

declare const kind: unique symbol;
/** `block x tx x output` in decimal, as in `539268x845x1`. Text, for the number does not fit 53 bits. */
export type ShortChannelId = string & { readonly [kind]: 'scid' };

/** @returns the id of an output on the chain */
export const shortChannelId = (block: number, transaction: number, output: number): ShortChannelId =>
  `${block}x${transaction}x${output}` as ShortChannelId;

/** Reads `BxTxO` or lnd's 64-bit decimal form; null if it is neither or a part is out of range. */
export function parseShortChannelId(text: string): ShortChannelId | null {
  const parts = /^(\d{1,8})x(\d{1,8})x(\d{1,5})$/.exec(text);
  if (parts) {
    const [block, transaction, output] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
    return block < 2 ** 24 && transaction < 2 ** 24 && output < 2 ** 16
      ? shortChannelId(block, transaction, output)
      : null;
  }
  if (!/^\d{1,20}$/.test(text)) return null;
  const value = BigInt(text);
  if (value >= 1n << 64n) return null;
  return shortChannelId(Number(value >> 40n), Number((value >> 16n) & 0xffffffn), Number(value & 0xffffn));
}

/** lnd's form: the three parts packed in 64 bits, in decimal. */
export function packedShortChannelId(id: ShortChannelId): string {
  const [block = '0', transaction = '0', output = '0'] = id.split('x');
  return String((BigInt(block) << 40n) | (BigInt(transaction) << 16n) | BigInt(output));
}
