/** A table of results: named columns over rows of some kind, and what writes such rows in a format. */

/** How a value is kept: whole numbers up to 2^31 and 2^53, floating point, truth, text. */
export type ColumnKind = 'int32' | 'int64' | 'double' | 'boolean' | 'text';
export type Cell = number | boolean | string | null;

export interface Column<Row> {
  /** in the tables' manner: lower case, the unit last */
  readonly name: string;
  readonly kind: ColumnKind;
  /** null only where `optional` */
  readonly of: (row: Row) => Cell;
  readonly optional?: true;
}

/** Takes rows one by one and gives bytes to whoever it was made for. */
export interface TableEncoder<Row> {
  add(row: Row): void;
  /** Writes what is left. No row may follow. */
  finish(): void;
}

/** Where an encoder's bytes go; what is given is not changed afterwards. */
export type ByteSink = (bytes: Uint8Array) => void;
