/** Tables as CSV (RFC 4180): a line of column names, then a line a row; nothing stands for null. */
import { utf8 } from '../base/bytes.ts';
import type { ByteSink, Cell, Column, TableEncoder } from './table.ts';

/** How much text is gathered before it is given away. */
const CHUNK = 1 << 16;

export function csvEncoder<Row>(columns: readonly Column<Row>[], sink: ByteSink): TableEncoder<Row> {
  let text = csvLine(columns.map(({ name }) => name));
  const flush = (): void => {
    if (text !== '') sink(utf8(text));
    text = '';
  };
  return {
    add(row) {
      text += csvLine(columns.map(({ of }) => of(row)));
      if (text.length >= CHUNK) flush();
    },
    finish: flush,
  };
}

export const csvLine = (cells: readonly Cell[]): string => `${cells.map(csvCell).join(',')}\n`;

/** Names from a foreign file may hold anything: quoted where they need it. */
function csvCell(value: Cell): string {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
