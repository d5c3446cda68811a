/** Graphs as the bytes of each format, and random changes to them. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { UserError } from '../../../src/base/errors.ts';
import type { ChannelGraph } from '../../../src/graph/channelGraph.ts';
import { fitGraph } from '../../../src/io/graphs/fitGraph.ts';
import { graphFormats, isFileFormat, type FileFormatName } from '../../../src/io/graphs/formats.ts';

/** The formats that are written. */
export const WRITTEN = Object.keys(graphFormats)
  .filter(isFileFormat)
  .filter((name) => graphFormats[name].write !== null);

/** A graph that a format can hold, and its bytes. */
export function written(graph: ChannelGraph, name: FileFormatName): { fitted: ChannelGraph; bytes: Uint8Array } {
  const { holds, write } = graphFormats[name];
  if (holds === null || write === null) throw new Error(`${name} is not written`);
  const fitted = fitGraph(graph, holds).graph;
  const output = write(fitted);
  return { fitted, bytes: typeof output === 'string' ? utf8(output) : output };
}

/** What hostile or careless hands put into a text. */
const JUNK = [
  '',
  '0',
  '-1',
  '1e309',
  '9'.repeat(40),
  '18446744073709551615',
  'null',
  '{}',
  '[]',
  '['.repeat(5000),
  '{"a":'.repeat(3000),
  '<a>'.repeat(3000),
  '"__proto__"',
  '"constructor"',
  '\u0000\u001b[2J\u202e',
  '&lol;',
  '<!DOCTYPE x [<!ENTITY a "aaaa">]>',
  '\ud800',
  ',',
  '"',
  '\n',
  "{'capacity': 1}",
] as const;

export type Change =
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'flip'; readonly at: number; readonly byte: number }
  | { readonly kind: 'drop'; readonly at: number; readonly length: number }
  | { readonly kind: 'repeat'; readonly at: number; readonly length: number }
  | { readonly kind: 'insert'; readonly at: number; readonly junk: string }
  | { readonly kind: 'number'; readonly at: number; readonly junk: string };

const place = fc.nat();
const junk = fc.constantFrom(...JUNK);

export const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('cut' as const), at: place }),
  fc.record({ kind: fc.constant('flip' as const), at: place, byte: fc.nat(255) }),
  fc.record({ kind: fc.constant('drop' as const), at: place, length: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant('repeat' as const), at: place, length: fc.integer({ min: 1, max: 200 }) }),
  fc.record({ kind: fc.constant('insert' as const), at: place, junk }),
  fc.record({ kind: fc.constant('number' as const), at: place, junk }),
);

const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

export function changed(bytes: Uint8Array, { at, ...change }: Change): Uint8Array {
  const from = bytes.length === 0 ? 0 : at % bytes.length;
  switch (change.kind) {
    case 'cut':
      return bytes.slice(0, from);
    case 'flip': {
      const copy = bytes.slice();
      if (from < copy.length) copy[from] = change.byte;
      return copy;
    }
    case 'drop':
      return join(bytes.subarray(0, from), bytes.subarray(from + change.length));
    case 'repeat':
      return join(bytes.subarray(0, from + change.length), bytes.subarray(from));
    case 'insert':
      return join(bytes.subarray(0, from), utf8(change.junk), bytes.subarray(from));
    case 'number': {
      // a number, or a quoted text, in the place of another
      const text = Buffer.from(bytes).toString('latin1');
      const values = [...text.matchAll(/(?<=[:,="])\d+|"[^"]*"/g)];
      const found = values[values.length === 0 ? 0 : at % values.length];
      if (found === undefined) return bytes;
      return join(bytes.subarray(0, found.index), utf8(change.junk), bytes.subarray(found.index + found[0].length));
    }
  }
}

/** Reads what may be damaged: it is read, or told in one UserError without a control character. @returns whether it was read */
export function readsOrTells(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // oxlint-disable-next-line no-control-regex -- none may be left
    expect(error.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    return false;
  }
}
