/** A user's mistake: one line that says which file, which path in it, what was found and what was expected. */

export interface Mistake {
  /** the file as the user named it, or the option (`--seed`) */
  readonly file: string;
  /** where in it: `traffic.rate`, `edges[12].node1_pub`, `line 3, column 7`; empty for the file as a whole */
  readonly path?: string;
  readonly found: string;
  readonly expected: string;
}

/** Thrown by everything that reads what a user wrote; the command line prints its message and exits with 2. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly mistake: Mistake;

  constructor(mistake: Mistake) {
    const path = mistake.path ? `: ${printable(mistake.path, 200)}` : '';
    super(
      `${printable(mistake.file, 200)}${path}: found ${printable(mistake.found, 160)}, expected ${printable(mistake.expected, 400)}`,
    );
    this.mistake = mistake;
  }
}

/** Untrusted text made fit for one line of a terminal: control characters escaped, length bounded. */
export function printable(text: string, longest = 80): string {
  const bounded = text.length > longest ? `${text.slice(0, longest)}…` : text;
  let out = '';
  for (const char of bounded) {
    const code = char.codePointAt(0) ?? 0;
    out += isUnprintable(code) ? `\\u{${code.toString(16)}}` : char;
  }
  return out;
}

/** C0 and C1 controls, line separators, bidirectional overrides, byte order mark. */
function isUnprintable(code: number): boolean {
  return (
    code < 0x20 ||
    (code >= 0x7f && code < 0xa0) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069) ||
    code === 0x200e ||
    code === 0x200f ||
    code === 0xfeff
  );
}

/** A found value in a few words, for `Mistake.found`: `"abc"`, `-5`, `a list of 3`, `nothing`. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'an object';
  return `a ${typeof value}`;
}
