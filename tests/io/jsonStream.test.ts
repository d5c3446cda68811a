import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { UserError } from '../../src/base/errors.ts';
import { readJsonLists } from '../../src/io/jsonStream.ts';

interface Taken {
  readonly seen: string[];
  readonly items: unknown[];
}

/** The items of `a` and `b` in the order they come. */
function take(pieces: Iterable<Uint8Array>): Taken {
  const items: unknown[] = [];
  const taker = (name: string) => ({ take: (item: unknown, index: number) => void items.push([name, index, item]) });
  const seen = readJsonLists(pieces, 'x.json', { a: taker('a'), b: taker('b') });
  return { seen, items };
}

const takeText = (text: string): Taken => take([utf8(text)]);

/** Bytes cut at these places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).toSorted((x, y) => x - y), bytes.length];
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

describe('JSON lists in pieces', () => {
  test('give the items that JSON.parse gives, wherever the bytes are cut and however they are spaced', () => {
    const list = fc.array(fc.jsonValue(), { maxLength: 5 });
    fc.assert(
      fc.property(
        fc.record({ a: list, b: list, c: fc.jsonValue(), __proto__: fc.constant(null) }, { requiredKeys: [] }),
        fc.constantFrom(undefined, 1, '\t\r\n '),
        fc.array(fc.nat(), { maxLength: 8 }),
        fc.boolean(),
        (document, space, places, marked) => {
          const text = JSON.stringify(document, null, space === '\t\r\n ' ? '\t' : space);
          const { seen, items } = take(cut(utf8((marked ? '\ufeff' : '') + text), places));
          const parsed = JSON.parse(text) as Record<string, unknown[]>;
          expect(seen).toEqual(Object.keys(parsed).filter((name) => name === 'a' || name === 'b'));
          expect(items).toEqual(seen.flatMap((name) => parsed[name]!.map((item, index) => [name, index, item])));
        },
      ),
      { numRuns: 1000, examples: [[{ b: ['  \\'] }, 1, [19], true]] },
    );
  });

  // prettier-ignore
  test.each<[string, string]>([
    ['',                          'x.json: found an empty file, expected a JSON object'],
    ['[1]',                       'x.json: found a list of 1, expected an object'],
    ['hello',                     'x.json: line 1, column 1: found "h", expected a JSON value'],
    ['{"a":[1,2',                 'x.json: line 1, column 10: found the end of the text, expected "," or "]"'],
    ['{"a":[1,]}',                'x.json: line 1, column 9: found "]", expected a JSON value'],
    ['{"a":[1}',                  'x.json: line 1, column 8: found "}", expected "," or "]"'],
    ['{"a":{}}',                  'x.json: a: found an object, expected a list'],
    ['{"a":[],"a":[]}',           'x.json: line 1, column 13: found "[", expected a only once'],
    ['{"é🐙":[{"x":\n1,"y":tru}]}', 'x.json: line 2, column 7: found "t", expected a JSON value'],
    ['{"é🐙":1 "a":[]}',          'x.json: line 1, column 10: found "\\"", expected "," or "}"'],
    ['{"a":[]} {',                'x.json: line 1, column 10: found "{", expected nothing after the JSON value'],
    [`{"a":[${'['.repeat(101)}]}`, 'x.json: line 1, column 107: found more than 100 lists and objects inside each other, expected at most 100 levels'],
  ])('%s is one error that says where', (text, message) => {
    expect(() => takeText(text)).toThrow(UserError);
    expect(() => takeText(text)).toThrow(message);
    // and wherever it is cut
    expect(() => take(cut(utf8(text), [1, 3, 8, 9, 10]))).toThrow(message);
  });

  test('bytes that are not UTF-8 and values without end are refused', () => {
    expect(() => take([Uint8Array.of(...utf8('{"a":["'), 0xff, ...utf8('"]}'))])).toThrow(
      /line 1: found bytes that are/,
    );
    const endless = function* (): Generator<Uint8Array> {
      yield utf8('{"a":["');
      for (;;) yield new Uint8Array(1 << 20).fill(0x78);
    };
    expect(() => take(endless())).toThrow('a value of more than 16000000 bytes');
  });
});
