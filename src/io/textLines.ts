/** The lines of a text that comes in pieces, one after another, however they end. */
import { UserError } from '../base/errors.ts';
import { groupDigits } from '../base/units.ts';
import { TextWindow } from './textPieces.ts';

/** UTF-16 units of a line: of tables that are known, none has a thousandth of it. */
export const LINE_LENGTH_MAX = 1_000_000;

export class TextLines {
  readonly #window: TextWindow;
  readonly #file: string;
  readonly #break = /\r\n|\n|\r/g;
  #at = 0;
  #ended = false;
  #number = 0;
  #ahead: string | null | undefined;

  /** @param file the text's name as the user knows it */
  constructor(pieces: Iterable<string>, file: string) {
    this.#window = new TextWindow(pieces);
    this.#file = file;
  }

  /** The number of the line that was taken last, from 1. */
  get number(): number {
    return this.#number;
  }

  /** The next line without its end, or null after the last. @throws UserError if it is too long */
  next(): string | null {
    const line = this.peek();
    this.#ahead = undefined;
    if (line !== null) this.#number++;
    return line;
  }

  /** The same line that `next` gives. */
  peek(): string | null {
    if (this.#ahead === undefined) this.#ahead = this.#read();
    return this.#ahead;
  }

  #read(): string | null {
    if (this.#ended) return null;
    for (;;) {
      const { text } = this.#window;
      this.#break.lastIndex = this.#at;
      const end = this.#break.exec(text);
      const at = end?.index ?? text.length;
      if (at - this.#at > LINE_LENGTH_MAX) this.#refuse();
      // a carriage return at the end of what is at hand may have its line feed in the next piece
      if (end !== null && (end[0] !== '\r' || at + 1 < text.length)) return this.#cut(at, at + end[0].length);
      const from = this.#at;
      this.#at = 0;
      if (!this.#window.more(from)) {
        this.#ended = end === null;
        return this.#cut(at - from, at - from + (end === null ? 0 : 1));
      }
    }
  }

  #cut(end: number, next: number): string {
    const line = this.#window.text.slice(this.#at, end);
    this.#at = next;
    return line;
  }

  #refuse(): never {
    const found = `a line of more than ${groupDigits(LINE_LENGTH_MAX)} characters`;
    throw new UserError({ file: this.#file, path: `line ${this.#number + 1}`, found, expected: 'shorter lines' });
  }
}
