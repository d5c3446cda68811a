/**
 * Tables as Apache Parquet, in row groups: a group of rows is gathered, encoded and given away before the next begins,
 * so that memory stays the same however long the table grows.
 */
import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import { assert } from '../base/assert.ts';
import type { ByteSink, Cell, Column, ColumnKind, TableEncoder } from './table.ts';

/** Rows of a group: some MB of memory, and few enough groups for a reader to skip by their statistics. */
export const ROWS_PER_GROUP = 1 << 16;

/** @param createdBy for the file's footer, `leyden 1.2.3` */
export function parquetEncoder<Row>(
  columns: readonly Column<Row>[],
  sink: ByteSink,
  createdBy: string,
  rowsPerGroup = ROWS_PER_GROUP,
): TableEncoder<Row> {
  const writer = new ParquetWriter({ writer: new SinkWriter(sink), schema: schemaOf(columns), createdBy });
  let groups = columns.map((): Stored[] => []);
  let rows = 0;
  const flush = (): void => {
    if (rows === 0) return;
    const columnData = columns.map(({ name }, index) => ({ name, data: groups[index]! }));
    void writer.write({ columnData, rowGroupSize: rowsPerGroup });
    groups = columns.map((): Stored[] => []);
    rows = 0;
  };
  return {
    add(row) {
      columns.forEach((column, index) => groups[index]!.push(stored(column, column.of(row))));
      if (++rows === rowsPerGroup) flush();
    },
    finish() {
      flush();
      void writer.finish();
    },
  };
}

type Stored = number | bigint | boolean | string | null;

/** The writer takes 64-bit integers as such. */
function stored<Row>({ name, kind, optional }: Column<Row>, cell: Cell): Stored {
  assert(cell !== null || optional === true, `a value in column ${name}`);
  return kind === 'int64' && typeof cell === 'number' ? BigInt(cell) : cell;
}

// prettier-ignore
const TYPES: Readonly<Record<ColumnKind, Omit<SchemaElement, 'name'>>> = {
  int32:   { type: 'INT32' },
  int64:   { type: 'INT64' },
  double:  { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  text:    { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
};

function schemaOf<Row>(columns: readonly Column<Row>[]): SchemaElement[] {
  return [
    { name: 'root', num_children: columns.length },
    ...columns.map(({ name, kind, optional }): SchemaElement => ({
      name,
      ...TYPES[kind],
      repetition_type: optional ? 'OPTIONAL' : 'REQUIRED',
    })),
  ];
}

/** Gives each row group away once it is whole. */
class SinkWriter extends ByteWriter {
  readonly #sink: ByteSink;

  constructor(sink: ByteSink) {
    super(1 << 16);
    this.#sink = sink;
  }

  /** Called after each row group. */
  flush(): void {
    if (this.index > 0) this.#sink(this.getBytes().slice());
    this.index = 0;
  }

  override finish(): void {
    this.flush();
  }
}
