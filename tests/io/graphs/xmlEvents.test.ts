import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/base/errors.ts';
import { XML_LENGTH_MAX, xmlEvents, type XmlEvent } from '../../../src/io/graphs/xmlEvents.ts';

/** All that comes of a text: the events, and the error that ended them. */
function outcome(pieces: Iterable<string>): { events: XmlEvent[]; error: string | null } {
  const events: XmlEvent[] = [];
  try {
    for (const event of xmlEvents(pieces, 'f')) events.push(event);
    return { events, error: null };
  } catch (error) {
    if (error instanceof UserError) return { events, error: error.message };
    throw error;
  }
}

const cut = (text: string, length: number): string[] =>
  Array.from({ length: Math.ceil(text.length / length) }, (_, i) => text.slice(i * length, (i + 1) * length));

describe('the events of XML', () => {
  test('say their names, attributes, texts and lines', () => {
    const text = '<?xml?>\n<a:b x="1&#10;2"\n y=\'"\'>\r\nt&amp;<!-- <c>\n-->\n<![CDATA[<]]>\n<d/></a:b>\n';
    const expected = [
      ['open', 'a:b', 2, [['x', '1\n2'], ['y', '"']]],
      ['text', '\nt&', 3],
      ['text', '\n', 5],
      ['text', '<', 6],
      ['text', '\n', 6],
      ['open', 'd', 7, []],
      ['close', 'd', 7],
      ['close', 'a:b', 7],
    ]; // prettier-ignore
    const rows = outcome([text]).events.map((event) => {
      const row = [event.kind, event.kind === 'text' ? event.text : event.name, event.line];
      return event.kind === 'open' ? [...row, [...event.attributes]] : row;
    });
    expect(rows).toEqual(expected);
  });

  test('are the same wherever the text is cut, sound or not', () => {
    // prettier-ignore
    const parts = [
      '<a>', '</a>', '<a x="1">', '<b/>', '<', '>', '/', '"', "'", ' y = "2"', ' y', '=', '&amp;', '&#65;', '&lol;', '&', '<!--', '-->', '--',
      '<![CDATA[', ']]>', ']]', '<?', '?>', '<!D', '\r\n', '\r', '\n', ' ', 'text', '🐙',
    ];
    const outcomes = { sound: 0, unsound: 0 };
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...parts), { maxLength: 12 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 9 }),
        (parts, isInside, length) => {
          const text = isInside ? `<a>${parts.join('')}</a>` : parts.join('');
          const whole = outcome([text]);
          expect(outcome(cut(text, length))).toEqual(whole);
          outcomes[whole.error === null ? 'sound' : 'unsound']++;
        },
      ),
      { numRuns: 20_000 },
    );
    expect(Math.min(outcomes.sound, outcomes.unsound)).toBeGreaterThan(500);
  });

  test('pass over comments and instructions of any length', () => {
    const long = '-\n?'.repeat(XML_LENGTH_MAX);
    const text = `<!--${long}--><?${long}?><a/>`;
    const { events, error } = outcome(cut(text, 65_536));
    expect(error).toBeNull();
    expect(events.map(({ kind, line }) => [kind, line])).toEqual([
      ['open', 2 * XML_LENGTH_MAX + 1],
      ['close', 2 * XML_LENGTH_MAX + 1],
    ]);
    expect(outcome(cut(`\n<!--${long}`, 65_536)).error).toBe('f: line 2: found a comment without end, expected -->');
  });

  // prettier-ignore
  test.each<[what: string, start: string, filling: string, end: string, isLong: string]>([
    ['a tag',       '<a',              ' ', '/>',         'a tag'],
    ['a tag’s name', '<',              'a', '/>',         'a tag'],
    ['an attribute', '<a x="',         '>', '"/>',        'a tag'],
    ['an end tag',  '<a></a',          ' ', '>',          'a tag'],
    ['a text',      '<a>',             'x', '</a>',       'a text'],
    ['white space', '',                ' ', '<a/>',       'a text'],
    ['CDATA',       '<a><![CDATA[',    ']', ']]></a>',    'a text'],
  ])('%s has a limit, wherever the text is cut, and is not waited for beyond', (_, start, filling, end, isLong) => {
    // what is counted: a tag with its brackets, a text without
    const counted = isLong === 'a tag' ? start.slice(start.lastIndexOf('<')).length + end.length : 0;
    const fits = XML_LENGTH_MAX - counted;
    const message = `f: line 2: found ${isLong} of more than 1,000,000 characters, expected a shorter one`;
    for (const length of [1e9, 99_991, 131_072]) {
      expect(outcome(cut(`<?x\n?>${start}${filling.repeat(fits)}${end}`, length)).error).toBeNull();
      expect(outcome(cut(`<?x\n?>${start}${filling.repeat(fits + 1)}${end}`, length)).error).toBe(message);
    }
    const endless = (function* () {
      yield `<?x\n?>${start}`;
      for (;;) yield filling.repeat(10_000);
    })();
    expect(outcome(endless).error).toBe(message);
  });
});
