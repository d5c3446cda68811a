/**
 * Unzips as it reads: gzip (RFC 1952), piece by piece, so that a long file need not stand in memory whole. The platform's own
 * way of doing so gives its pieces later, to a callback; who reads a graph takes them at once.
 */
import {
  Z_BUF_ERROR,
  Z_NO_FLUSH,
  Z_OK,
  Z_STREAM_END,
  ZStream,
  zlibInflate,
  zlibInflateInit2,
  zlibInflateReset,
} from 'pako';
import { concatBytes } from '../base/bytes.ts';
import { UserError } from '../base/errors.ts';

/** A window of 32 KiB, and gzip's frame around what is deflated (zlib.h, `inflateInit2`). */
const WINDOW_BITS = 15 + 16;
/** Bytes given at once. */
const PIECE = 1 << 18;

export const looksLikeGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * The bytes that are in a gzip file, of all its members; what follows them and is none is left alone, as gzip does.
 * @param pieces the file, cut anywhere
 * @param file its name as the user knows it
 * @throws UserError where it is damaged or ends too early
 */
export function* gunzip(pieces: Iterable<Uint8Array>, file: string): Generator<Uint8Array> {
  const stream = new ZStream();
  zlibInflateInit2(stream, WINDOW_BITS);
  let isBetween = false;
  let kept: Uint8Array = new Uint8Array(0);
  for (const piece of pieces) {
    let input = kept.length === 0 ? piece : concatBytes(kept, piece);
    kept = input.subarray(input.length);
    while (input.length > 0) {
      if (isBetween) {
        if (input.length === 1) {
          kept = input; // a byte doesn't say whether a member begins
          break;
        }
        if (!looksLikeGzip(input)) return;
        zlibInflateReset(stream);
      }
      isBetween = yield* inflate(stream, input, file);
      input = input.subarray(input.length - stream.avail_in);
    }
  }
  if (!isBetween) throw broken(file, 'gzip data that ends too early');
}

/** What comes of some bytes of a member. @returns whether it ends with them, or before the last of them */
function* inflate(stream: ZStream, input: Uint8Array, file: string): Generator<Uint8Array, boolean> {
  stream.input = input;
  stream.next_in = 0;
  stream.avail_in = input.length;
  let status: number;
  do {
    if (stream.avail_out === 0) {
      stream.output = new Uint8Array(PIECE);
      stream.next_out = 0;
      stream.avail_out = PIECE;
    }
    const from = stream.next_out;
    status = zlibInflate(stream, Z_NO_FLUSH);
    if (status !== Z_OK && status !== Z_STREAM_END && status !== Z_BUF_ERROR) throw broken(file, 'damaged gzip data');
    if (stream.next_out > from) yield stream.output.subarray(from, stream.next_out);
  } while (status !== Z_STREAM_END && stream.avail_out === 0);
  return status === Z_STREAM_END;
}

const broken = (file: string, found: string): UserError =>
  new UserError({ file, found, expected: 'a whole gzip file' });
