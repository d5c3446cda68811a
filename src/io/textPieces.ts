/** UTF-8 text that comes as bytes in pieces, cut anywhere, and a window that goes over it: a long text need not stand in memory whole. */
import { concatBytes } from '../base/bytes.ts';
import { UserError } from '../base/errors.ts';

/**
 * The text of the bytes, cut between characters. What is before bytes that are no UTF-8 is given before they are told, so that
 * it does not depend on the pieces which mistake of a file is its first.
 * @param file its name as the user knows it
 * @throws UserError at bytes that are no UTF-8
 */
export function* utf8Text(pieces: Iterable<Uint8Array>, file: string): Generator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const refuse = (): never => {
    throw new UserError({ file, found: 'bytes that are not UTF-8 text', expected: 'UTF-8 text, plain or gzip' });
  };
  let cut: Uint8Array = new Uint8Array(0);
  for (const piece of pieces) {
    const bytes = cut.length === 0 ? piece : concatBytes(cut, piece);
    const end = endOfCharacters(bytes);
    let text = '';
    try {
      text = decoder.decode(bytes.subarray(0, end));
    } catch {
      const sound = bytes.subarray(0, soundLength(bytes));
      yield decoder.decode(sound.subarray(0, endOfCharacters(sound)));
      refuse();
    }
    yield text;
    cut = bytes.subarray(end);
  }
  if (cut.length > 0) refuse();
}

/** Where the last character that is whole ends; bytes that are none are left for the decoder to tell. */
function endOfCharacters(bytes: Uint8Array): number {
  for (let at = bytes.length - 1; at >= Math.max(0, bytes.length - 3); at--) {
    const byte = bytes[at]!;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue; // inside a character
    const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return at + length > bytes.length ? at : bytes.length;
  }
  return bytes.length;
}

/** How many of the bytes can begin a text, by halving: a beginning is sound if a longer one is. */
function soundLength(bytes: Uint8Array): number {
  let [sound, unsound] = [0, bytes.length + 1];
  while (unsound - sound > 1) {
    const length = (sound + unsound) >>> 1;
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length), { stream: true });
      sound = length;
    } catch {
      unsound = length;
    }
  }
  return sound;
}

/** A part of a text that comes in pieces, without a byte order mark, which moves on as it is used up. */
export class TextWindow {
  /** what is at hand; nothing before the first `more` */
  text = '';
  readonly #pieces: Iterator<string>;
  #isFirst = true;
  /** why there is no more after what is at hand */
  #fault: { readonly error: unknown } | null = null;

  constructor(pieces: Iterable<string>) {
    this.#pieces = pieces[Symbol.iterator]();
  }

  /**
   * Forgets what is before `from` and adds to the rest, at least as much as it is: a part that is long costs its length, however
   * small the pieces are.
   * @returns false if there is no more
   * @throws what the pieces throw, once all before it was at hand
   */
  more(from: number): boolean {
    const rest = this.text.slice(from);
    const added = this.#take(rest.length);
    this.text = rest + added;
    return added !== '';
  }

  /** So much, less at the end alone, and always something if there is something. */
  #take(least: number): string {
    const parts: string[] = [];
    for (let length = 0; length === 0 || length < least;) {
      const part = this.#next(length > 0);
      if (part === null) break;
      parts.push(part);
      length += part.length;
    }
    return parts.join('');
  }

  /** @param isLater whether there is something to be used up before a fault is told */
  #next(isLater: boolean): string | null {
    if (this.#fault === null) {
      try {
        const next = this.#pieces.next();
        if (next.done === true) return null;
        if (!this.#isFirst || next.value === '') return next.value;
        this.#isFirst = false;
        return next.value.startsWith('\uFEFF') ? next.value.slice(1) : next.value;
      } catch (error) {
        this.#fault = { error };
      }
    }
    if (isLater) return null;
    throw this.#fault.error;
  }
}

/** UTF-16 units of the shortest part that V8 keeps as a place in what it was cut out of (`SlicedString::kMinLength`). */
const SLICED_LENGTH_MIN = 13;

/**
 * The same text in memory of its own: what was cut out of a longer one (`slice`, a match) keeps all of that. For names and the
 * like that outlive what they were read from.
 */
export const detached = (text: string): string =>
  text.length < SLICED_LENGTH_MIN ? text : String(JSON.parse(JSON.stringify(text)));
