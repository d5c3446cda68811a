/** What stands on Script's stack: byte strings that opcodes read as truth values or as numbers. */

/** Numbers that opcodes compute with are at most this long; results may be longer. */
export const MAX_NUMBER_BYTES = 4;

export const TRUE = Uint8Array.of(1);
export const FALSE = new Uint8Array(0);

/** False are zero and negative zero of any length. */
export function isTrue(item: Uint8Array): boolean {
  const last = item.length - 1;
  for (let i = 0; i <= last; i++) if (item[i] !== 0) return !(i === last && item[i] === 0x80);
  return false;
}

/**
 * The number that the bytes mean, or null if they are too long or, where `minimal` is asked, not its shortest form.
 * @param longest bytes; 4 for arithmetic, 5 for the time-lock opcodes
 */
export function readScriptNumber(item: Uint8Array, minimal: boolean, longest = MAX_NUMBER_BYTES): number | null {
  const length = item.length;
  if (length > longest) return null;
  if (length === 0) return 0;
  const top = item[length - 1]!;
  // a top byte that holds at most the sign is needed only if the byte below uses its own top bit
  if (minimal && (top & 0x7f) === 0 && (length === 1 || (item[length - 2]! & 0x80) === 0)) return null;
  let magnitude = top & 0x7f;
  for (let i = length - 2; i >= 0; i--) magnitude = magnitude * 256 + item[i]!;
  return (top & 0x80) === 0 || magnitude === 0 ? magnitude : -magnitude;
}
