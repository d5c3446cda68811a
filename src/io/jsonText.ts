/**
 * JSON text that nobody vouches for (RFC 8259): nesting is bounded before anything recursive sees the text, and a
 * mistake is one `UserError` with line and column, in the same words on every engine.
 */
import { UserError } from '../base/errors.ts';

/** Levels of lists and objects. A graph dump nests 6 deep, a scenario about as much; 100 leaves room for both. */
export const JSON_DEPTH_MAX = 100;

/** Where in a file a text begins, both counted from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

const START: TextPlace = { line: 1, column: 1 };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const COMMA = 0x2c;
const COLON = 0x3a;
const BYTE_ORDER_MARK = 0xfeff;

/**
 * The value of a JSON text. A key `__proto__` becomes an ordinary own property, as `JSON.parse` makes it.
 * @param file the text's name as the user knows it
 * @param origin where the text begins in that file
 * @throws UserError unless `text` is one JSON value, at most `depthMax` levels deep
 */
export function parseJsonText(text: string, file: string, depthMax = JSON_DEPTH_MAX, origin = START): unknown {
  const json = text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
  const tooDeep = firstTooDeep(json, depthMax);
  if (tooDeep >= 0) {
    throw new UserError({
      file,
      path: place(json, tooDeep, origin),
      found: `more than ${depthMax} lists and objects inside each other`,
      expected: `at most ${depthMax} levels`,
    });
  }
  try {
    return JSON.parse(json) as unknown;
  } catch (error) {
    const fault = findFault(json);
    if (fault === null) throw error;
    const path = place(json, fault.at, origin);
    throw new UserError({ file, path, found: found(json, fault.at), expected: fault.expected });
  }
}

/** Where the nesting passes the bound, or -1. Brackets inside texts do not count. */
function firstTooDeep(text: string, depthMax: number): number {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inText) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) inText = false;
    } else if (code === QUOTE) inText = true;
    else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      if (++depth > depthMax) return at;
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth--;
  }
  return -1;
}

/** Line and column, both from 1, as editors count them. */
function place(text: string, at: number, origin: TextPlace): string {
  let line = origin.line;
  let start = 1 - origin.column;
  for (let next = text.indexOf('\n'); next >= 0 && next < at; next = text.indexOf('\n', start)) {
    line++;
    start = next + 1;
  }
  return `line ${line}, column ${at - start + 1}`;
}

/** The character at fault, or that the text ends there. */
function found(text: string, at: number): string {
  if (text.trim() === '') return 'an empty file';
  const code = text.codePointAt(at);
  return code === undefined ? 'the end of the text' : JSON.stringify(String.fromCodePoint(code));
}

interface Fault {
  readonly at: number;
  readonly expected: string;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const WORDS = ['true', 'false', 'null'] as const;

/**
 * The first place where a text leaves RFC 8259's grammar, or null if it never does. Run only on a text that
 * `JSON.parse` refused and whose nesting is bounded, so it may recurse.
 */
function findFault(text: string): Fault | null {
  let at = 0;

  const skipSpace = (): void => {
    for (;;) {
      const code = text.charCodeAt(at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      at++;
    }
  };
  const match = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const length = pattern.exec(text)?.[0].length ?? 0;
    at += length;
    return length > 0;
  };
  const fault = (expected: string): Fault => ({ at, expected });

  const readText = (): Fault | null => {
    at++;
    for (;;) {
      let code = text.charCodeAt(at);
      while (code >= 0x20 && code !== QUOTE && code !== BACKSLASH) code = text.charCodeAt(++at);
      if (code === QUOTE) {
        at++;
        return null;
      }
      if (code !== BACKSLASH) return fault(at >= text.length ? 'a closing "' : 'a control character escaped');
      if (!match(ESCAPE)) return fault('an escape such as \\n or \\u00e9');
    }
  };

  const readMembers = (close: number, isObject: boolean): Fault | null => {
    at++;
    skipSpace();
    if (text.charCodeAt(at) === close) {
      at++;
      return null;
    }
    for (;;) {
      if (isObject) {
        skipSpace();
        if (text.charCodeAt(at) !== QUOTE) return fault('a name in double quotes');
        const inName = readText();
        if (inName) return inName;
        skipSpace();
        if (text.charCodeAt(at) !== COLON) return fault('":" after the name');
        at++;
      }
      const inValue = readValue();
      if (inValue) return inValue;
      skipSpace();
      const code = text.charCodeAt(at);
      if (code !== COMMA && code !== close) return fault(isObject ? '"," or "}"' : '"," or "]"');
      at++;
      if (code === close) return null;
    }
  };

  const readValue = (): Fault | null => {
    skipSpace();
    const code = text.charCodeAt(at);
    if (code === OPEN_OBJECT) return readMembers(CLOSE_OBJECT, true);
    if (code === OPEN_LIST) return readMembers(CLOSE_LIST, false);
    if (code === QUOTE) return readText();
    const word = WORDS.find((candidate) => text.startsWith(candidate, at));
    if (word) {
      at += word.length;
      return null;
    }
    return match(NUMBER) ? null : fault('a JSON value');
  };

  const inValue = readValue();
  if (inValue) return inValue;
  skipSpace();
  return at < text.length ? fault('nothing after the JSON value') : null;
}
