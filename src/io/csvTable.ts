/** CSV that others wrote (RFC 4180, without line breaks inside quotes): columns by the names in its first line. */
import { describe, UserError } from '../base/errors.ts';

export interface CsvRow {
  /** counted from 1, the header being line 1 */
  readonly line: number;
  /** in the order of the columns asked for, the optional ones last and empty where the table lacks them */
  readonly cells: readonly string[];
}

/**
 * The rows of a table; further columns and empty lines are passed over.
 * @param file the text's name as the user knows it
 * @param columns names that the first line must have, in any order
 * @param optional names that it may have
 * @throws UserError if a column is missing, or a line has more or fewer values than the first
 */
export function readCsvTable(
  text: string,
  file: string,
  columns: readonly string[],
  optional: readonly string[] = [],
): CsvRow[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const header = splitLine(lines[0] ?? '');
  const positions = [...columns, ...optional].map((column) => header.indexOf(column));
  const missing = columns.find((_, i) => positions[i] === -1);
  if (missing !== undefined) {
    const found = lines[0] === '' ? 'no line of column names' : `${describe(lines[0])}, without ${missing}`;
    throw new UserError({ file, path: 'line 1', found, expected: `the columns ${columns.join(', ')}` });
  }
  const rows: CsvRow[] = [];
  for (let at = 1; at < lines.length; at++) {
    if (lines[at]!.trim() === '') continue;
    const values = splitLine(lines[at]!);
    if (values.length !== header.length) {
      const found = `${values.length} values`;
      throw new UserError({ file, path: `line ${at + 1}`, found, expected: `${header.length}, as line 1 has` });
    }
    rows.push({ line: at + 1, cells: positions.map((position) => values[position] ?? '') });
  }
  return rows;
}

/** The names in a text's first line. */
export const csvColumns = (text: string): string[] =>
  splitLine(text.slice(0, firstLineEnd(text)).replace(/^\uFEFF/, ''));

function firstLineEnd(text: string): number {
  const end = text.search(/[\r\n]/);
  return end === -1 ? text.length : end;
}

function splitLine(line: string): string[] {
  if (!line.includes('"')) return line.split(',').map((cell) => cell.trim());
  // a quoted cell, in which "" is a quote, or whatever stands before the next comma
  return [...line.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"\s*(?=,|$)|([^,]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? plain!.trim() : quoted.replaceAll('""', '"'),
  );
}
