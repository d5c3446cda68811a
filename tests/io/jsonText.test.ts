import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/base/errors.ts';
import { parseJsonText } from '../../src/io/jsonText.ts';

/** The message of the mistake, or the value where there is none. */
function outcome(text: string): unknown {
  try {
    return parseJsonText(text, 'x.json');
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

describe('JSON text', () => {
  // prettier-ignore
  test.each([
    ['',                 'x.json: line 1, column 1: found an empty file, expected a JSON value'],
    [' \n',              'x.json: line 2, column 1: found an empty file, expected a JSON value'],
    ['{"a":1,\n "b":}',  'x.json: line 2, column 6: found "}", expected a JSON value'],
    ['{"a":1,}',         'x.json: line 1, column 8: found "}", expected a name in double quotes'],
    ['{"a" 1}',          'x.json: line 1, column 6: found "1", expected ":" after the name'],
    ['[1 2]',            'x.json: line 1, column 4: found "2", expected "," or "]"'],
    ['[1,2',             'x.json: line 1, column 5: found the end of the text, expected "," or "]"'],
    ['{"a":"b',          'x.json: line 1, column 8: found the end of the text, expected a closing "'],
    ['"\\q"',            'x.json: line 1, column 2: found "\\\\", expected an escape such as \\n or \\u00e9'],
    ['"a\tb"',           'x.json: line 1, column 3: found "\\t", expected a control character escaped'],
    ['01',               'x.json: line 1, column 2: found "1", expected nothing after the JSON value'],
    ['nulll',            'x.json: line 1, column 5: found "l", expected nothing after the JSON value'],
    ['[🐙]',             'x.json: line 1, column 2: found "🐙", expected a JSON value'],
  ])('%j is refused with its place', (text, message) => {
    expect(outcome(text)).toBe(message);
  });

  test('ten megabytes of open brackets give one error at once', () => {
    expect(outcome('['.repeat(10_000_000))).toBe(
      'x.json: line 1, column 101: found more than 100 lists and objects inside each other, expected at most 100 levels',
    );
    expect(outcome('{"a":'.repeat(2_000_000))).toMatch(/^x.json: line 1, column 501: found more than 100/);
  });

  test('a hundred levels are read, and brackets in texts do not count', () => {
    expect(outcome('['.repeat(100) + ']'.repeat(100))).toBeInstanceOf(Array);
    expect(outcome(JSON.stringify(['['.repeat(500), '"{\\'.repeat(500)]))).toHaveLength(2);
  });

  test('a key __proto__ changes no prototype', () => {
    const value = parseJsonText(
      '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
      'x.json',
    );
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor']);
    expect('polluted' in {}).toBe(false);
  });

  test('a byte order mark before the value is skipped', () => {
    expect(outcome('\ufeff{"a":1}')).toEqual({ a: 1 });
  });

  test('every value comes back', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const text = JSON.stringify(value, null, space);
        expect(parseJsonText(text, 'x.json')).toEqual(JSON.parse(text));
      }),
    );
  });

  test('a damaged text is refused with a place exactly when JSON.parse refuses it', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      'a',
      '1',
      '-',
      '.',
      'e5',
      'true',
      'null',
      ' ',
      '\n',
      '\t',
      '\\u00e9',
    );
    const cuts = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 3 }), piece), { minLength: 1, maxLength: 3 });
    let refused = 0;
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), cuts, (value, damage) => {
        let text = JSON.stringify(value, null, 1);
        for (const [at, drop, insert] of damage) {
          const place = at % (text.length + 1);
          text = text.slice(0, place) + insert + text.slice(place + drop);
        }
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        if (isJson) expect(parseJsonText(text, 'x.json')).toEqual(JSON.parse(text));
        else {
          refused++;
          expect(() => parseJsonText(text, 'x.json')).toThrow(/^x\.json: line \d+, column \d+: found /);
        }
      }),
      { numRuns: 2000 },
    );
    expect(refused).toBeGreaterThan(1000);
  });
});
