/** JSON in one form only: keys in the order of their code units, no spaces. Equal values give equal text, hence one hash. */
import { toHex, utf8 } from '../base/bytes.ts';
import { sha256 } from '../crypto/hashes.ts';

/** @param value what JSON can hold; keys without a value are left out */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((each) => canonicalJson(each)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonicalJson(each)}`).join(',')}}`;
}

/** SHA-256 of that text, in hexadecimal. */
export const hashOf = (value: unknown): string => toHex(sha256(utf8(canonicalJson(value))));
