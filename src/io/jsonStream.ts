/**
 * JSON of any length that nobody vouches for: one object, whose lists are taken item by item as the bytes come, so that
 * no more than an item stands in memory. Each item is cut out by its brackets and quotes and given to `JSON.parse`.
 */
import { concatBytes } from '../base/bytes.ts';
import { describe, UserError } from '../base/errors.ts';
import { JSON_DEPTH_MAX, parseJsonText, type TextPlace } from './jsonText.ts';

/** Bytes of one item, or of one field that is no list to take: the longest of any known dump are under 100 KB. */
const ITEM_BYTES_MAX = 16_000_000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** What to do with the items of a list; `text` gives an item as it is written, before it is parsed. */
export interface ListTaker {
  readonly take: (item: unknown, index: number) => void;
  readonly prepare?: (text: string) => string;
}

/**
 * Reads one object whose fields named in `lists` are lists; other fields are checked and passed over.
 * @param file the text's name as the user knows it
 * @returns the names of the lists that were there, in their order
 * @throws UserError unless the text is one JSON object of this shape
 */
export function readJsonLists(
  pieces: Iterable<Uint8Array>,
  file: string,
  lists: Readonly<Record<string, ListTaker>>,
): string[] {
  return new JsonLists(pieces, file).read(lists);
}

class JsonLists {
  readonly #pieces: Iterator<Uint8Array>;
  readonly #file: string;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #ended = false;
  // for errors: the line, where it starts in `#bytes`, and how many of its bytes make no column of their own
  #line = 1;
  #lineStart = 0;
  #wide = 0;

  constructor(pieces: Iterable<Uint8Array>, file: string) {
    this.#pieces = pieces[Symbol.iterator]();
    this.#file = file;
  }

  read(lists: Readonly<Record<string, ListTaker>>): string[] {
    const seen: string[] = [];
    for (const byte of BYTE_ORDER_MARK) if (this.#peek() === byte) this.#at++;
    this.#lineStart = this.#at;
    if (this.#next() !== OPEN_OBJECT) this.#refuseWhole();
    this.#at++;
    if (this.#next() === CLOSE_OBJECT) this.#at++;
    else {
      for (;;) {
        if (this.#next() !== QUOTE) this.#refuse('a name in double quotes');
        const name = String(this.#value());
        if (this.#next() !== COLON) this.#refuse('":" after the name');
        this.#at++;
        this.#next();
        const taker = Object.hasOwn(lists, name) ? lists[name] : undefined;
        if (taker === undefined) this.#value();
        else if (seen.includes(name)) this.#refuse(`${name} only once`);
        else {
          this.#list(name, taker);
          seen.push(name);
        }
        const end = this.#next();
        if (end !== COMMA && end !== CLOSE_OBJECT) this.#refuse('"," or "}"');
        this.#at++;
        if (end === CLOSE_OBJECT) break;
      }
    }
    if (this.#next() !== -1) this.#refuse('nothing after the JSON value');
    this.#pieces.return?.();
    return seen;
  }

  /** A list, its items one by one. */
  #list(name: string, { take, prepare }: ListTaker): void {
    if (this.#next() !== OPEN_LIST) {
      const found = describe(this.#value());
      throw new UserError({ file: this.#file, path: name, found, expected: 'a list' });
    }
    this.#at++;
    if (this.#next() === CLOSE_LIST) {
      this.#at++;
      return;
    }
    for (let index = 0; ; index++) {
      this.#next();
      take(this.#value(prepare), index);
      const end = this.#next();
      if (end !== COMMA && end !== CLOSE_LIST) this.#refuse('"," or "]"');
      this.#at++;
      if (end === CLOSE_LIST) return;
    }
  }

  /** The value that begins here, parsed. */
  #value(prepare: (text: string) => string = (text) => text): unknown {
    const place = this.#place();
    const bytes = this.#scan();
    if (bytes.length === 0) this.#refuse('a JSON value');
    const text = this.#decode(bytes, place);
    return parseJsonText(prepare(text), this.#file, JSON_DEPTH_MAX, place);
  }

  #decode(bytes: Uint8Array, place: TextPlace): string {
    try {
      return this.#decoder.decode(bytes);
    } catch {
      throw new UserError({
        file: this.#file,
        path: `line ${place.line}`,
        found: 'bytes that are not UTF-8 text',
        expected: 'UTF-8 text, plain or gzip',
      });
    }
  }

  /** The bytes of the value that begins here, ended by its brackets or quotes; or, for a scalar, by what can't be in one. */
  #scan(): Uint8Array {
    // what is before the value is not needed any more; the line keeps its distance
    this.#bytes = this.#bytes.subarray(this.#at);
    this.#lineStart -= this.#at;
    this.#at = 0;
    let depth = 0;
    for (;;) {
      const byte = this.#peek();
      if (byte === -1) break; // the parser says what is missing
      if (byte === QUOTE) {
        this.#skipText();
        if (depth === 0) break;
        continue;
      }
      if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth++;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        if (depth === 0) break; // of what is around a scalar
        depth--;
        if (depth === 0) {
          this.#at++;
          break;
        }
      } else if (depth === 0 && (byte === COMMA || byte === COLON || byte <= 0x20)) break;
      else if (byte === NEWLINE) this.#newLine();
      this.#at++;
    }
    if (this.#at > ITEM_BYTES_MAX) this.#refuseLong();
    return this.#bytes.subarray(0, this.#at);
  }

  /** From a quote past the one that closes it. */
  #skipText(): void {
    this.#at++;
    for (;;) {
      const bytes = this.#bytes;
      let at = this.#at;
      let isEscape = false;
      while (at < bytes.length) {
        const byte = bytes[at++]!;
        if (byte === QUOTE) {
          this.#at = at;
          return;
        }
        isEscape = byte === BACKSLASH;
        if (isEscape) break;
        // UTF-8: continuation bytes make no column, a character of four bytes makes two
        if (byte >= 0x80 && byte < 0xc0) this.#wide++;
        else if (byte >= 0xf0) this.#wide--;
      }
      this.#at = at;
      if (this.#peek() === -1) return;
      if (isEscape) this.#at++;
    }
  }

  /** The byte at hand, or -1 at the end. */
  #peek(): number {
    const byte = this.#bytes[this.#at];
    if (byte !== undefined) return byte;
    return this.#fill() ? this.#bytes[this.#at]! : -1;
  }

  /** The byte after any white space, or -1 at the end. */
  #next(): number {
    for (;;) {
      const byte = this.#peek();
      if (byte === NEWLINE) this.#newLine();
      else if (byte !== 0x20 && byte !== 0x0d && byte !== 0x09) return byte;
      this.#at++;
    }
  }

  #newLine(): void {
    this.#line++;
    this.#lineStart = this.#at + 1;
    this.#wide = 0;
  }

  #fill(): boolean {
    while (!this.#ended) {
      const next = this.#pieces.next();
      if (next.done === true) this.#ended = true;
      else if (next.value.length > 0) {
        // all of it is the value at hand, but for white space
        if (this.#bytes.length > ITEM_BYTES_MAX) this.#refuseLong();
        this.#bytes = concatBytes(this.#bytes, next.value);
        return true;
      }
    }
    return false;
  }

  #refuseLong(): never {
    const found = `a value of more than ${ITEM_BYTES_MAX} bytes`;
    throw new UserError({ file: this.#file, path: `line ${this.#line}`, found, expected: 'a shorter one' });
  }

  #place(): TextPlace {
    return { line: this.#line, column: this.#at - this.#lineStart - this.#wide + 1 };
  }

  #refuse(expected: string): never {
    const { line, column } = this.#place();
    throw new UserError({ file: this.#file, path: `line ${line}, column ${column}`, found: this.#found(), expected });
  }

  /** Not an object: said with what it is, if that can be told. */
  #refuseWhole(): never {
    const byte = this.#peek();
    if (byte === -1) {
      throw new UserError({ file: this.#file, found: 'an empty file', expected: 'a JSON object' });
    }
    const value = this.#value();
    throw new UserError({ file: this.#file, found: describe(value), expected: 'an object' });
  }

  /** The character at hand. */
  #found(): string {
    if (this.#peek() === -1) return 'the end of the text';
    const rest = new TextDecoder().decode(this.#bytes.subarray(this.#at, this.#at + 4));
    return JSON.stringify(String.fromCodePoint(rest.codePointAt(0) ?? 0));
  }
}
