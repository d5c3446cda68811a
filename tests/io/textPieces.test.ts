import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { LINE_LENGTH_MAX, TextLines } from '../../src/io/textLines.ts';
import { detached, TextWindow, utf8Text } from '../../src/io/textPieces.ts';
import { inPieces, pieceLengths } from './pieces.ts';

describe('UTF-8 in pieces', () => {
  /** The text that came, and the error that ended it. */
  const decoded = (pieces: Iterable<Uint8Array>): { text: string; error: string | null } => {
    let text = '';
    try {
      for (const part of utf8Text(pieces, 'f')) text += part;
      return { text, error: null };
    } catch (error) {
      return { text, error: error instanceof Error ? error.message : 'unknown' };
    }
  };

  test('is the text that it is, wherever it is cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), pieceLengths, (drawn, lengths) => {
        const text = Buffer.from(drawn).toString();
        expect(decoded(inPieces(utf8(text), lengths))).toEqual({ text, error: null });
      }),
    );
  });

  test('gives what is before bytes that are none, the same wherever it is cut', () => {
    const refused = 'f: found bytes that are not UTF-8 text, expected UTF-8 text, plain or gzip';
    const whole = new TextDecoder('utf-8', { ignoreBOM: true });
    const outcomes = { text: 0, error: 0 };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), fc.boolean(), pieceLengths, (noise, isAfterText, lengths) => {
        const bytes = isAfterText ? Uint8Array.from([...utf8('ab🐙é'), ...noise]) : noise;
        const { text, error } = decoded(inPieces(bytes, lengths));
        // the platform puts U+FFFD in the place of what is none; the noise has no such character of its own
        const [before = '', ...more] = whole.decode(bytes).split('\uFFFD');
        expect(text).toBe(before);
        expect(error).toBe(more.length === 0 ? null : refused);
        outcomes[error === null ? 'text' : 'error']++;
      }),
      { numRuns: 2000 },
    );
    expect(Math.min(outcomes.text, outcomes.error)).toBeGreaterThan(100);
  });

  // prettier-ignore
  test.each<[string, number[], string]>([
    ['a character cut off by the end', [0x61, 0xf0, 0x9f, 0x90],       'a'],
    ['a longer form than is needed',   [0x61, 0xe0, 0x80, 0x80],       'a'],
    ['half of a surrogate pair',       [0x61, 0x62, 0xed, 0xa0, 0x80], 'ab'],
    ['UTF-16',                         [0xff, 0xfe, 0x61, 0x00],       ''],
  ])('refuses %s', (_, bytes, text) => {
    for (const length of [1, 2, 3, 9]) {
      const { text: before, error } = decoded(inPieces(Uint8Array.from(bytes), [length]));
      expect([before, error === null]).toEqual([text, false]);
    }
  });
});

describe('a window over text', () => {
  test('forgets what was used up, and adds at least what is left', () => {
    const window = new TextWindow('\uFEFFabcdefghi');
    expect([window.more(0), window.text]).toEqual([true, 'a']);
    expect([window.more(0), window.text]).toEqual([true, 'ab']);
    expect([window.more(0), window.text]).toEqual([true, 'abcd']);
    expect([window.more(3), window.text]).toEqual([true, 'de']);
    expect([window.more(0), window.more(0), window.text]).toEqual([true, true, 'defghi']);
    expect([window.more(4), window.text]).toEqual([false, 'hi']);
  });

  test('tells a fault once all before it was at hand', () => {
    const window = new TextWindow(
      (function* () {
        yield* 'abc';
        throw new Error('fault');
      })(),
    );
    window.more(0);
    window.more(0);
    expect([window.more(0), window.text]).toEqual([true, 'abc']);
    expect(() => window.more(0)).toThrow('fault');
    expect(() => window.more(3)).toThrow('fault');
  });
});

test('a detached text is the same text', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => detached(text) === text));
  expect(detached('\ud800"\\')).toBe('\ud800"\\');
});

describe('lines in pieces', () => {
  const linesOf = (pieces: Iterable<string>): string[] => {
    const lines = new TextLines(pieces, 'f');
    const all: string[] = [];
    for (let line = lines.next(); line !== null; line = lines.next()) {
      all.push(line);
      expect(lines.number).toBe(all.length);
    }
    return all;
  };

  test('end with a line feed, a carriage return or both, wherever the text is cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'bc', '\n', '\r', '\r\n', '🐙') });
    fc.assert(
      fc.property(text, pieceLengths, (text, lengths) => {
        const pieces = [...utf8Text(inPieces(utf8(text), lengths), 'f')];
        expect(linesOf(pieces)).toEqual(text.split(/\r\n|\n|\r/));
      }),
      { numRuns: 1000 },
    );
  });

  test('are given one by one, and no more than one ahead is asked for', () => {
    let asked = 0;
    const endless = (function* () {
      for (;;) yield `line ${++asked}\n`;
    })();
    const lines = new TextLines(endless, 'f');
    for (let i = 1; i <= 1000; i++) {
      expect(lines.peek()).toBe(`line ${i}`);
      expect(lines.next()).toBe(`line ${i}`);
      expect(asked).toBeLessThanOrEqual(i + 1);
    }
  });

  test('are refused if one is too long, before it is read whole', () => {
    const message = 'f: line 2: found a line of more than 1,000,000 characters, expected shorter lines';
    const longest = 'x'.repeat(LINE_LENGTH_MAX);
    expect(linesOf([`a\n${longest}\nb`])).toEqual(['a', longest, 'b']);
    expect(() => linesOf([`a\n${longest}x\nb`])).toThrow(message);
    const endless = (function* () {
      yield 'a\n';
      for (;;) yield 'x'.repeat(10_000);
    })();
    expect(() => linesOf(endless)).toThrow(message);
  });
});
