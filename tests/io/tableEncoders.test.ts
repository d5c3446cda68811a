import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { InvariantError } from '../../src/base/assert.ts';
import { concatBytes } from '../../src/base/bytes.ts';
import { csvEncoder } from '../../src/io/csvEncoder.ts';
import { parquetEncoder } from '../../src/io/parquetEncoder.ts';
import type { Column, TableEncoder } from '../../src/io/table.ts';
import { duckdb } from './duckdb.ts';

interface Row {
  readonly small: number;
  readonly large: number;
  readonly share: number;
  readonly truth: boolean;
  readonly text: string;
  readonly maybe: string | null;
  readonly maybeLarge: number | null;
}

// prettier-ignore
const COLUMNS: readonly Column<Row>[] = [
  { name: 'small',       kind: 'int32',   of: (row) => row.small },
  { name: 'large',       kind: 'int64',   of: (row) => row.large },
  { name: 'share',       kind: 'double',  of: (row) => row.share },
  { name: 'truth',       kind: 'boolean', of: (row) => row.truth },
  { name: 'text',        kind: 'text',    of: (row) => row.text },
  { name: 'maybe',       kind: 'text',    of: (row) => row.maybe, optional: true },
  { name: 'maybe_large', kind: 'int64',   of: (row) => row.maybeLarge, optional: true },
];

const text = fc.oneof(fc.constantFrom('', 'a,b', 'say "so"', 'two\nlines', 'Zürich 🐙'), fc.string({ maxLength: 20 }));
const row: fc.Arbitrary<Row> = fc.record({
  small: fc.integer(),
  large: fc.maxSafeInteger(),
  share: fc.double({ noNaN: true, noDefaultInfinity: true }),
  truth: fc.boolean(),
  // a zero byte ends a text in DuckDB's own readers
  text: text.map((each) => each.replaceAll('\0', '0')),
  maybe: fc.option(text.map((each) => each.replaceAll('\0', '0'))),
  maybeLarge: fc.option(fc.maxSafeInteger()),
});

const folder = mkdtempSync(join(tmpdir(), 'leyden-tables-'));
afterAll(() => rmSync(folder, { recursive: true }));

function encode<T>(make: (sink: (bytes: Uint8Array) => void) => TableEncoder<T>, rows: readonly T[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  const encoder = make((bytes) => pieces.push(bytes));
  for (const each of rows) encoder.add(each);
  encoder.finish();
  return pieces;
}

const asRead = (each: Row): object => ({
  small: each.small,
  large: BigInt(each.large),
  share: each.share,
  truth: each.truth,
  text: each.text,
  maybe: each.maybe,
  maybe_large: each.maybeLarge === null ? null : BigInt(each.maybeLarge),
});

describe('Parquet', () => {
  test('DuckDB reads back every value of every row, in order, over several row groups', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 30 }), async (rows) => {
        const file = join(folder, 'rows.parquet');
        const pieces = encode((sink) => parquetEncoder(COLUMNS, sink, 'leyden test', 7), rows);
        writeFileSync(file, concatBytes(...pieces));
        expect(await duckdb(`select * from '${file}'`)).toEqual(rows.map(asRead));
      }),
      { numRuns: 60 },
    );
  });

  test('a row group is given away as soon as it is whole, so that memory stays the same', () => {
    let given = 0;
    const columns: readonly Column<number>[] = [{ name: 'n', kind: 'int32', of: (n) => n }];
    const encoder = parquetEncoder(columns, () => given++, 'leyden test', 100);
    for (let n = 0; n < 1000; n++) {
      encoder.add(n);
      expect(given).toBe(Math.floor((n + 1) / 100));
    }
    encoder.finish();
    expect(given).toBe(11); // and the footer
  });

  test('the same rows give the same bytes', () => {
    const rows = fc.sample(row, { numRuns: 50, seed: 1 });
    const once = (): Uint8Array[] => encode((sink) => parquetEncoder(COLUMNS, sink, 'leyden test'), rows);
    expect(concatBytes(...once())).toEqual(concatBytes(...once()));
  });

  test('a column that promised a value may not lack it', () => {
    const columns: readonly Column<null>[] = [{ name: 'n', kind: 'int32', of: () => null }];
    expect(() => encode((sink) => parquetEncoder(columns, sink, 'leyden test'), [null])).toThrow(InvariantError);
  });
});

describe('CSV', () => {
  test('DuckDB reads back every value of every row, whatever its text holds', async () => {
    const types = `{small: 'INTEGER', large: 'BIGINT', share: 'DOUBLE', truth: 'BOOLEAN', text: 'VARCHAR', maybe: 'VARCHAR', maybe_large: 'BIGINT'}`;
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (rows) => {
        const file = join(folder, 'rows.csv');
        writeFileSync(file, concatBytes(...encode((sink) => csvEncoder(COLUMNS, sink), rows)));
        const read = await duckdb(
          `select * from read_csv('${file}', header = true, quote = '"', escape = '"', delim = ',', columns = ${types})`,
        );
        // CSV can't tell an empty text from none
        // nor minus zero from zero
        const empty = (each: Row): object => ({
          ...asRead(each),
          share: each.share + 0,
          text: each.text || null,
          maybe: each.maybe || null,
        });
        expect(read).toEqual(rows.map(empty));
      }),
      { numRuns: 60 },
    );
  });

  test('a line of names, then a line a row', () => {
    const columns: readonly Column<number>[] = [
      { name: 'n', kind: 'int32', of: (n) => n },
      { name: 'none', kind: 'text', of: () => null, optional: true },
    ];
    const pieces = encode((sink) => csvEncoder(columns, sink), [1, 2]);
    expect(new TextDecoder().decode(concatBytes(...pieces))).toBe('n,none\n1,\n2,\n');
  });
});
