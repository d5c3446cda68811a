/**
 * XML 1.0 as far as GEXF and GraphML use it: elements, attributes, text, comments, CDATA. A document type is refused, for
 * entities that expand without end are declared there; only the five predefined ones and character numbers are known.
 */
import { UserError } from '../../base/errors.ts';

/** Elements inside each other; graph files nest 7 deep. */
const DEPTH_MAX = 100;

export type XmlEvent =
  | {
      readonly kind: 'open';
      readonly name: string;
      readonly attributes: ReadonlyMap<string, string>;
      readonly offset: number;
    }
  | { readonly kind: 'close'; readonly name: string; readonly offset: number }
  | { readonly kind: 'text'; readonly text: string; readonly offset: number };

const NAME = /[^\s<>/="'&]+/y;
const ATTRIBUTE = /\s+([^\s<>/="'&]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const TAG_END = /\s*(\/?)>/y;
const CLOSE_END = /\s*>/y;

/**
 * The events of a document; an empty element opens and closes. Prefixes of names (`viz:`) stay.
 * @throws UserError with the line, at the first thing that is not well-formed
 */
export function* xmlEvents(text: string, file: string): Generator<XmlEvent> {
  const fail = (at: number, found: string, expected: string): never => {
    throw new UserError({ file, path: `line ${xmlLine(text, at)}`, found, expected });
  };
  const match = (pattern: RegExp, at: number): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  /** Past what ends a comment or the like. */
  const past = (end: string, at: number, what: string): number => {
    const found = text.indexOf(end, at);
    return found === -1 ? fail(at, `${what} without end`, end) : found + end.length;
  };
  const unescape = (raw: string, at: number): string =>
    raw.includes('&')
      ? raw.replace(
          /&([^;&\s]{0,12};?)/g,
          (whole, name: string) => entity(name) ?? fail(at, whole, 'an entity of XML itself'),
        )
      : raw;

  const open: string[] = [];
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let hasRoot = false;
  while (at < text.length) {
    if (text[at] !== '<') {
      const end = text.indexOf('<', at);
      const raw = text.slice(at, end === -1 ? text.length : end);
      if (open.length > 0) yield { kind: 'text', text: unescape(normalised(raw), at), offset: at };
      else if (raw.trim() !== '') fail(at, JSON.stringify(raw.trim().slice(0, 20)), 'an element');
      at += raw.length;
    } else if (text.startsWith('<!--', at)) at = past('-->', at + 4, 'a comment');
    else if (text.startsWith('<?', at)) at = past('?>', at + 2, 'an instruction');
    else if (text.startsWith('<![CDATA[', at) && open.length > 0) {
      const end = past(']]>', at + 9, 'CDATA');
      yield { kind: 'text', text: normalised(text.slice(at + 9, end - 3)), offset: at };
      at = end;
    } else if (text.startsWith('<!', at)) fail(at, 'a document type', 'an element');
    else if (text.startsWith('</', at)) {
      const name = open.pop();
      if (name === undefined || !text.startsWith(name, at + 2)) fail(at, 'an end tag', `</${name ?? 'nothing'}>`);
      const end = match(CLOSE_END, at + 2 + name!.length) ?? fail(at, 'an end tag', `</${name}>`);
      yield { kind: 'close', name: name!, offset: at };
      at += 2 + name!.length + end[0].length;
    } else {
      const name = match(NAME, at + 1)?.[0] ?? fail(at, '"<"', 'the name of an element');
      const offset = at;
      if (open.length === 0 && hasRoot) fail(at, 'a second root element', 'the end of the text');
      hasRoot = true;
      at += 1 + name.length;
      const attributes = new Map<string, string>();
      for (let found = match(ATTRIBUTE, at); found; found = match(ATTRIBUTE, at)) {
        const raw = found[2] ?? found[3] ?? '';
        if (attributes.has(found[1]!)) fail(at, `${found[1]} again`, 'each attribute once');
        attributes.set(found[1]!, unescape(raw.replaceAll(/[\t\n\r]/g, ' '), at));
        at += found[0].length;
      }
      const end = match(TAG_END, at) ?? fail(at, `what is no attribute of ${name}`, '">"');
      at += end[0].length;
      yield { kind: 'open', name, attributes, offset };
      if (end[1] === '/') yield { kind: 'close', name, offset };
      else {
        open.push(name);
        if (open.length > DEPTH_MAX) fail(offset, `more than ${DEPTH_MAX} elements inside each other`, 'a graph');
      }
    }
  }
  if (open.length > 0) fail(at, 'the end of the text', `</${open.at(-1)}>`);
  if (!hasRoot) fail(0, 'no element', 'an XML document');
}

/** The line of an offset, from 1. */
export function xmlLine(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

/** XML 1.0, 2.11: every line ends with a line feed. */
const normalised = (raw: string): string => (raw.includes('\r') ? raw.replaceAll(/\r\n?/g, '\n') : raw);

const PREDEFINED: Readonly<Record<string, string>> = {
  'lt;': '<',
  'gt;': '>',
  'amp;': '&',
  'quot;': '"',
  'apos;': "'",
};

/** What stands for `&name`, or null. */
function entity(name: string): string | null {
  if (Object.hasOwn(PREDEFINED, name)) return PREDEFINED[name]!;
  const digits = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}));$/.exec(name);
  if (digits === null) return null;
  const code = digits[1] === undefined ? Number(digits[2]) : Number.parseInt(digits[1], 16);
  return code <= 0x10ffff && isXmlText(String.fromCodePoint(code)) ? String.fromCodePoint(code) : null;
}

/** Whether XML 1.0 can say these characters at all (2.2, `Char`): no controls, no half surrogates. */
export const isXmlText = (text: string): boolean =>
  !/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u.test(text);

/** Text fit for an attribute or an element, which comes back as it is. */
export const xmlEscaped = (text: string): string =>
  text.replaceAll(/[&<>"\t\n\r]/g, (char) => ESCAPES[char] ?? `&#${char.charCodeAt(0)};`);

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
