/**
 * Unzips as it reads: gzip (RFC 1952), piece by piece, so that a long file need not stand in memory whole. The platform's own
 * way of doing so gives its pieces later, to a callback; who reads a graph takes them at once.
 */
import { UserError } from '../base/errors.ts';
import { crc32 } from './crc32.ts';
import { Inflater } from './inflate.ts';

const MAGIC = [0x1f, 0x8b] as const;
const DEFLATE = 8;
// flags of the header (2.3.1); the other three bits are reserved
const HEADER_CRC = 2;
const EXTRA = 4;
const NAME = 8;
const COMMENT = 16;
const RESERVED = 0xe0;

export const looksLikeGzip = (bytes: Uint8Array): boolean => bytes[0] === MAGIC[0] && bytes[1] === MAGIC[1];

/**
 * The bytes that are in a gzip file, of all its members; what follows them and is none is left alone, as gzip does.
 * @param pieces the file, cut anywhere
 * @param file its name as the user knows it
 * @throws UserError where it is damaged or ends too early
 */
export function* gunzip(pieces: Iterable<Uint8Array>, file: string): Generator<Uint8Array> {
  const input = new Inflater(pieces);
  const check = (isSound: boolean): void => {
    const found = input.isPast ? 'gzip data that ends too early' : isSound ? null : 'damaged gzip data';
    if (found !== null) throw new UserError({ file, found, expected: 'a whole gzip file' });
  };
  check(hasMagic(input));
  do {
    check(skipHeader(input));
    input.start();
    let [checksum, length] = [0, 0];
    for (let piece = input.next(); piece !== null; piece = input.next()) {
      checksum = crc32(piece, checksum);
      length = (length + piece.length) % 2 ** 32;
      yield piece;
    }
    check(!input.isDamaged);
    input.align();
    const [saidChecksum, saidLength] = [word(input), word(input)];
    check(saidChecksum === checksum && saidLength === length);
  } while (!input.atEnd() && hasMagic(input));
}

const hasMagic = (input: Inflater): boolean => input.bits(8) === MAGIC[0] && input.bits(8) === MAGIC[1];

const word = (input: Inflater): number => input.bits(16) + input.bits(16) * 2 ** 16;

/** What follows the magic number. @returns whether it is a header as it should be */
function skipHeader(input: Inflater): boolean {
  const method = input.bits(8);
  const flags = input.bits(8);
  skip(input, 6); // time, how hard it was tried, system
  if (flags & EXTRA) skip(input, input.bits(16));
  for (const text of [NAME, COMMENT]) while (flags & text && input.bits(8) !== 0 && !input.isPast);
  if (flags & HEADER_CRC) skip(input, 2);
  return method === DEFLATE && (flags & RESERVED) === 0;
}

function skip(input: Inflater, bytes: number): void {
  for (let i = 0; i < bytes && !input.isPast; i++) input.bits(8);
}
