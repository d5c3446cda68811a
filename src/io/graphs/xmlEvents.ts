/**
 * XML 1.0 as far as GEXF and GraphML use it: elements, attributes, text, comments, CDATA; of any length, read as the text comes.
 * A document type is refused, for entities that expand without end are declared there; only the five predefined ones and
 * character numbers are known.
 */
import { UserError } from '../../base/errors.ts';
import { groupDigits } from '../../base/units.ts';
import { TextWindow } from '../textPieces.ts';

/** Elements inside each other; graph files nest 7 deep. */
const DEPTH_MAX = 100;
/** UTF-16 units of a tag, or of a text between tags: what is at hand at once. Tags of graph files have hundreds. */
export const XML_LENGTH_MAX = 1_000_000;

/** `line` is where it begins, from 1. */
export type XmlEvent =
  | {
      readonly kind: 'open';
      readonly name: string;
      readonly attributes: ReadonlyMap<string, string>;
      readonly line: number;
    }
  | { readonly kind: 'close'; readonly name: string; readonly line: number }
  | { readonly kind: 'text'; readonly text: string; readonly line: number };

/**
 * The events of a document; an empty element opens and closes. Prefixes of names (`viz:`) stay.
 * @throws UserError with the line, at the first thing that is not well-formed
 */
export const xmlEvents = (pieces: Iterable<string>, file: string): Generator<XmlEvent> =>
  new XmlScanner(pieces, file).events();

const NAME = /[^\s<>/="'&]+/y;
const ATTRIBUTE = /\s+([^\s<>/="'&]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const TAG_END = /\s*(\/?)>/y;
const CLOSE_END = /\s*>/y;
/** What tells apart all that begins with `<`. */
const LONGEST_START = '<![CDATA['.length;

/** A tag, and where it ends in the text at hand. */
interface Tag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly isEmpty: boolean;
  readonly end: number;
}

class XmlScanner {
  readonly #window: TextWindow;
  readonly #file: string;
  /** the text at hand, where the next thing in it begins, its line, and the first line feed after it */
  #text = '';
  #at = 0;
  #line = 1;
  #lineEnd = -1;
  readonly #open: string[] = [];
  #hasRoot = false;

  constructor(pieces: Iterable<string>, file: string) {
    this.#window = new TextWindow(pieces);
    this.#file = file;
  }

  *events(): Generator<XmlEvent> {
    const open = this.#open;
    while (this.#at < this.#text.length || this.#more()) {
      while (this.#text.length - this.#at < LONGEST_START && this.#more());
      const line = this.#line;
      if (!this.#begins('<')) {
        const text = this.#outerText();
        if (open.length > 0) yield { kind: 'text', text, line };
      } else if (this.#begins('<!--')) this.#skip('<!--', '-->', 'a comment');
      else if (this.#begins('<?')) this.#skip('<?', '?>', 'an instruction');
      else if (this.#begins('<![CDATA[') && open.length > 0) yield { kind: 'text', text: this.#cdata(), line };
      else if (this.#begins('<!')) this.#fail(this.#at, 'a document type', 'an element');
      else if (this.#begins('</')) {
        const { name, end } = this.#tag(this.#closeTag);
        open.pop();
        yield { kind: 'close', name, line };
        this.#move(end);
      } else {
        const { name, attributes, isEmpty, end } = this.#tag(this.#openTag);
        this.#hasRoot = true;
        yield { kind: 'open', name, attributes, line };
        if (isEmpty) yield { kind: 'close', name, line };
        else {
          open.push(name);
          if (open.length > DEPTH_MAX) {
            this.#fail(this.#at, `more than ${DEPTH_MAX} elements inside each other`, 'a graph');
          }
        }
        this.#move(end);
      }
    }
    if (open.length > 0) this.#fail(this.#at, 'the end of the text', `</${open.at(-1)}>`);
    if (!this.#hasRoot) throw this.#mistake(1, 'no element', 'an XML document');
  }

  /** What stands before the next tag; outside of the root element that is white space. */
  #outerText(): string {
    let end = -1;
    for (let from = this.#at; end === -1;) {
      end = this.#text.indexOf('<', from);
      if ((end === -1 ? this.#text.length : end) - this.#at > XML_LENGTH_MAX) this.#refuseLong('a text');
      from = this.#text.length - this.#at;
      if (end === -1 && !this.#more()) end = this.#text.length;
    }
    const raw = this.#text.slice(this.#at, end);
    if (this.#open.length === 0 && raw.trim() !== '') {
      this.#fail(this.#at, JSON.stringify(raw.trim().slice(0, 20)), 'an element');
    }
    const text = this.#unescaped(normalised(raw), this.#at);
    this.#move(end);
    return text;
  }

  #cdata(): string {
    for (;;) {
      const from = this.#at + LONGEST_START;
      const end = this.#text.indexOf(']]>', from);
      // what is at hand may end in a part of its end
      if ((end === -1 ? this.#text.length - 2 : end) - from > XML_LENGTH_MAX) this.#refuseLong('a text');
      if (end !== -1) {
        const text = normalised(this.#text.slice(from, end));
        this.#move(end + 3);
        return text;
      }
      if (!this.#more()) this.#fail(this.#at, 'CDATA without end', ']]>');
    }
  }

  /** Past a comment or the like, however long. */
  #skip(start: string, end: string, what: string): void {
    const line = this.#line;
    this.#move(this.#at + start.length);
    for (;;) {
      const found = this.#text.indexOf(end, this.#at);
      if (found !== -1) return this.#move(found + end.length);
      this.#move(Math.max(this.#at, this.#text.length - end.length + 1));
      if (!this.#more()) throw this.#mistake(line, `${what} without end`, end);
    }
  }

  /**
   * The tag that begins here. What is wrong with it may be that it goes on in the next piece; only the next tag, the end or
   * the limit tells that it does not.
   */
  #tag(parse: () => Tag | UserError): Tag {
    for (;;) {
      const tag = parse();
      if (!(tag instanceof UserError)) {
        if (tag.end - this.#at > XML_LENGTH_MAX) this.#refuseLong('a tag');
        return tag;
      }
      const next = this.#text.indexOf('<', this.#at + 1);
      if (next !== -1 && next - this.#at <= XML_LENGTH_MAX) throw tag;
      if (this.#text.length - this.#at > XML_LENGTH_MAX) this.#refuseLong('a tag');
      if (!this.#more()) throw tag;
    }
  }

  readonly #closeTag = (): Tag | UserError => {
    const name = this.#open.at(-1);
    const from = this.#at + 2;
    const isIt = name !== undefined && this.#text.startsWith(name, from);
    const end = isIt ? this.#match(CLOSE_END, from + name.length) : null;
    if (name === undefined || end === null) return this.#mistake(this.#line, 'an end tag', `</${name ?? 'nothing'}>`);
    return { name, attributes: new Map(), isEmpty: false, end: from + name.length + end[0].length };
  };

  readonly #openTag = (): Tag | UserError => {
    const name = this.#match(NAME, this.#at + 1)?.[0];
    if (name === undefined) return this.#mistake(this.#line, '"<"', 'the name of an element');
    if (this.#open.length === 0 && this.#hasRoot) {
      this.#fail(this.#at, 'a second root element', 'the end of the text');
    }
    let at = this.#at + 1 + name.length;
    const attributes = new Map<string, string>();
    for (let found = this.#match(ATTRIBUTE, at); found; found = this.#match(ATTRIBUTE, at)) {
      if (at + found[0].length - this.#at > XML_LENGTH_MAX) this.#refuseLong('a tag');
      const raw = found[2] ?? found[3] ?? '';
      if (attributes.has(found[1]!)) this.#fail(at, `${found[1]} again`, 'each attribute once');
      attributes.set(found[1]!, this.#unescaped(raw.replaceAll(/[\t\n\r]/g, ' '), at));
      at += found[0].length;
    }
    const end = this.#match(TAG_END, at);
    if (end === null) return this.#mistake(this.#lineOf(at), `what is no attribute of ${name}`, '">"');
    return { name, attributes, isEmpty: end[1] === '/', end: at + end[0].length };
  };

  #match(pattern: RegExp, at: number): RegExpExecArray | null {
    pattern.lastIndex = at;
    return pattern.exec(this.#text);
  }

  #unescaped(raw: string, at: number): string {
    if (!raw.includes('&')) return raw;
    return raw.replace(
      /&([^;&\s]{0,12};?)/g,
      (whole, name: string) => entity(name) ?? this.#fail(at, whole, 'an entity of XML itself'),
    );
  }

  #begins(start: string): boolean {
    return this.#text.startsWith(start, this.#at);
  }

  /** Goes on to a later place in the text at hand. */
  #move(to: number): void {
    for (; this.#lineEnd !== -1 && this.#lineEnd < to; this.#line++) {
      this.#lineEnd = this.#text.indexOf('\n', this.#lineEnd + 1);
    }
    this.#at = to;
  }

  /** Has more at hand, if there is more; the next thing then begins at 0. */
  #more(): boolean {
    const isMore = this.#window.more(this.#at);
    this.#text = this.#window.text;
    this.#at = 0;
    this.#lineEnd = this.#text.indexOf('\n');
    return isMore;
  }

  /** The line of a place that is yet to come. */
  #lineOf(at: number): number {
    let line = this.#line;
    for (let end = this.#lineEnd; end !== -1 && end < at; end = this.#text.indexOf('\n', end + 1)) line++;
    return line;
  }

  #refuseLong(what: string): never {
    return this.#fail(this.#at, `${what} of more than ${groupDigits(XML_LENGTH_MAX)} characters`, 'a shorter one');
  }

  #fail(at: number, found: string, expected: string): never {
    throw this.#mistake(this.#lineOf(at), found, expected);
  }

  #mistake(line: number, found: string, expected: string): UserError {
    return new UserError({ file: this.#file, path: `line ${line}`, found, expected });
  }
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
