/** Deflate (RFC 1951), piece by piece: bits in, bytes out, of which the last 32 KiB are kept for matches. */
import { present } from '../base/assert.ts';
import {
  codesOf,
  DISTANCES,
  FIXED_DISTANCE_LENGTHS,
  FIXED_LITERAL_LENGTHS,
  LENGTH_ORDER,
  LENGTHS,
  type Codes,
  type Stretches,
} from './deflateCodes.ts';

/** How far back a match may reach. */
const WINDOW = 1 << 15;
/** The longest match. */
const MATCH_MAX = 258;
/** Bytes given at once. */
const PIECE = 1 << 18;
/** Zero bytes read beyond the end before reading stops. */
const PAST_MAX = 8;

const FIXED_LITERALS = present(codesOf(FIXED_LITERAL_LENGTHS), 'the fixed codes');
const FIXED_DISTANCES = present(codesOf(FIXED_DISTANCE_LENGTHS), 'the fixed codes of distances');

export class Inflater {
  readonly #pieces: Iterator<Uint8Array>;
  #piece: Uint8Array = new Uint8Array(0);
  #at = 0;
  // bits taken from the pieces and not used yet, the next one lowest
  #hold = 0;
  #count = 0;
  /** zero bytes taken for want of others */
  #past = 0;
  #isDamaged = false;

  readonly #out = new Uint8Array(WINDOW + PIECE + MATCH_MAX);
  #end = WINDOW;
  /** bytes that a match may reach back */
  #behind = 0;
  #block: 'none' | 'stored' | 'coded' = 'none';
  #isLast = false;
  #stored = 0;
  #literals: Codes = FIXED_LITERALS;
  #distances: Codes = FIXED_DISTANCES;

  constructor(pieces: Iterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.iterator]();
  }

  /** Whether more was taken than there is. */
  get isPast(): boolean {
    return 8 * this.#past > this.#count;
  }

  get isDamaged(): boolean {
    return this.#isDamaged;
  }

  /** The next bits as a number, the first lowest; zeros beyond the end. @param count up to 16 */
  bits(count: number): number {
    while (this.#count < count) {
      this.#hold |= this.#byte() << this.#count;
      this.#count += 8;
    }
    const value = this.#hold & ((1 << count) - 1);
    this.#hold >>>= count;
    this.#count -= count;
    return value;
  }

  /** Leaves out what is left of a byte. */
  align(): void {
    this.bits(this.#count % 8);
  }

  /** Whether all is taken. */
  atEnd(): boolean {
    return this.#count < 8 + 8 * this.#past && !this.#fill();
  }

  /** Begins a stream: nothing stands behind it. */
  start(): void {
    this.#end = WINDOW;
    this.#behind = 0;
    this.#block = 'none';
    this.#isLast = false;
  }

  /** The next bytes of the stream, an array of their own; null where it has ended, is damaged or cut off. */
  next(): Uint8Array | null {
    this.#out.copyWithin(0, this.#end - WINDOW, this.#end);
    this.#end = WINDOW;
    while (this.#end < WINDOW + PIECE && !this.#isDamaged && !this.isPast) {
      if (this.#block === 'none') {
        if (this.#isLast) break;
        this.#beginBlock();
      } else if (this.#block === 'stored') this.#copyStored();
      else this.#decode(this.#literals, this.#distances);
    }
    if (this.#end === WINDOW || this.#isDamaged || this.isPast) return null;
    this.#behind = Math.min(WINDOW, this.#behind + this.#end - WINDOW);
    return this.#out.slice(WINDOW, this.#end);
  }

  #beginBlock(): void {
    this.#isLast = this.bits(1) === 1;
    const kind = this.bits(2);
    if (kind === 0) {
      this.align();
      this.#stored = this.bits(16);
      this.#isDamaged = this.bits(16) !== (this.#stored ^ 0xffff);
      this.#block = 'stored';
      return;
    }
    this.#block = 'coded';
    if (kind === 1) [this.#literals, this.#distances] = [FIXED_LITERALS, FIXED_DISTANCES];
    else if (kind === 2) this.#readCodes();
    else this.#isDamaged = true;
  }

  #copyStored(): void {
    while (this.#stored > 0 && this.#end < WINDOW + PIECE && !this.isPast) {
      this.#out[this.#end++] = this.bits(8);
      this.#stored--;
    }
    if (this.#stored === 0) this.#block = 'none';
  }

  /** The codes of a block that brings its own (3.2.7). */
  #readCodes(): void {
    const literals = 257 + this.bits(5);
    const distances = 1 + this.bits(5);
    const given = 4 + this.bits(4);
    const lengths = new Uint8Array(literals + distances);
    const ofLengths = new Uint8Array(LENGTH_ORDER.length);
    for (let i = 0; i < given; i++) ofLengths[LENGTH_ORDER[i]!] = this.bits(3);
    const codes = codesOf(ofLengths);
    for (let at = 0; at < lengths.length && codes !== null && !this.#isDamaged && !this.isPast;) {
      const symbol = this.#symbol(codes);
      if (symbol < 16) {
        lengths[at++] = symbol;
        continue;
      }
      const [value, times] =
        symbol === 16 ? [lengths[at - 1], 3 + this.bits(2)] : [0, symbol === 17 ? 3 + this.bits(3) : 11 + this.bits(7)];
      if (value === undefined || at + times > lengths.length) this.#isDamaged = true;
      else lengths.fill(value, at, at + times);
      at += times;
    }
    const own = [codesOf(lengths.subarray(0, literals)), codesOf(lengths.subarray(literals))] as const;
    if (codes === null || own[0] === null || own[1] === null || lengths[256] === 0) this.#isDamaged = true;
    else [this.#literals, this.#distances] = [own[0], own[1]];
  }

  #symbol({ bits, table }: Codes): number {
    while (this.#count < bits) {
      this.#hold |= this.#byte() << this.#count;
      this.#count += 8;
    }
    const entry = table[this.#hold & ((1 << bits) - 1)]!;
    if (entry === 0) this.#isDamaged = true;
    this.#hold >>>= entry & 15;
    this.#count -= entry & 15;
    return entry >>> 4;
  }

  /** NaN for a symbol that stands for nothing. */
  #stretch({ base, extraBits }: Stretches, symbol: number): number {
    return symbol < base.length ? base[symbol]! + this.bits(extraBits[symbol]!) : NaN;
  }

  /** Literals and matches until the block ends or a piece is full. All that is used often stands in locals. */
  #decode(literals: Codes, distances: Codes): void {
    const out = this.#out;
    const literalTable = literals.table;
    const literalMask = literalTable.length - 1;
    const behind = this.#behind - WINDOW;
    let end = this.#end;
    while (end < WINDOW + PIECE) {
      this.#refill();
      let hold = this.#hold;
      const entry = literalTable[hold & literalMask]!;
      const symbol = entry >>> 4;
      hold >>>= entry & 15;
      this.#count -= entry & 15;
      this.#hold = hold;
      if (symbol < 256) {
        if (entry === 0) this.#isDamaged = true;
        else out[end++] = symbol;
      } else if (symbol === 256) {
        this.#block = 'none';
        break;
      } else {
        const length = this.#stretch(LENGTHS, symbol - 257);
        this.#refill();
        const distance = this.#stretch(DISTANCES, this.#symbol(distances));
        if (!(distance <= behind + end) || Number.isNaN(length)) this.#isDamaged = true;
        else {
          for (let from = end - distance, to = end + length; end < to;) out[end++] = out[from++]!;
        }
      }
      if (this.#isDamaged || this.#past > PAST_MAX) break;
    }
    this.#end = end;
  }

  /** Takes bytes until there are 25 bits at least. */
  #refill(): void {
    while (this.#count <= 24) {
      this.#hold |= (this.#at < this.#piece.length ? this.#piece[this.#at++]! : this.#byte()) << this.#count;
      this.#count += 8;
    }
  }

  #byte(): number {
    if (this.#fill()) return this.#piece[this.#at++]!;
    this.#past++;
    return 0;
  }

  /** Whether there is a byte to take. */
  #fill(): boolean {
    while (this.#at >= this.#piece.length) {
      const next = this.#pieces.next();
      if (next.done === true) return false;
      this.#piece = next.value;
      this.#at = 0;
    }
    return true;
  }
}
