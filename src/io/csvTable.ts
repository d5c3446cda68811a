/** CSV that others wrote (RFC 4180, without line breaks inside quotes): columns by the names in its first line. */
import { describe, UserError } from '../base/errors.ts';
import { nearest } from '../base/oneOf.ts';
import { TextLines } from './textLines.ts';

export interface CsvRow {
  /** counted from 1, the header being line 1 */
  readonly line: number;
  /** in the order of the columns asked for, the optional ones last and empty where the table lacks them */
  readonly cells: readonly string[];
}

/**
 * The rows of a table; further columns, unless they look like an optional one misspelt, and empty lines are passed over.
 * @param file the text's name as the user knows it
 * @param columns names that the first line must have, in any order
 * @param optional names that it may have
 * @throws UserError if a column is missing or misspelt, or a line has more or fewer values than the first
 */
export const readCsvTable = (
  text: string,
  file: string,
  columns: readonly string[],
  optional: readonly string[] = [],
): CsvRow[] => [...csvRows(new TextLines([text], file), file, columns, optional)];

/** The same, row by row, of lines of which none was taken. */
export function* csvRows(
  lines: TextLines,
  file: string,
  columns: readonly string[],
  optional: readonly string[] = [],
): Generator<CsvRow> {
  const first = lines.next() ?? '';
  const header = csvCells(first);
  const positions = [...columns, ...optional].map((column) => header.indexOf(column));
  const missing = columns.find((_, i) => positions[i] === -1);
  if (missing !== undefined) {
    const found = first === '' ? 'no line of column names' : `${describe(first)}, without ${missing}`;
    throw new UserError({ file, path: 'line 1', found, expected: `the columns ${columns.join(', ')}` });
  }
  const absent = optional.filter((column) => !header.includes(column));
  for (const name of header) {
    const meant = columns.includes(name) || optional.includes(name) ? null : nearest(absent, name);
    if (meant === null) continue;
    throw new UserError({
      file,
      path: 'line 1',
      found: describe(name),
      expected: `${meant}, or a name unlike any known`,
    });
  }
  for (let line = lines.next(); line !== null; line = lines.next()) {
    if (line.trim() === '') continue;
    const values = csvCells(line);
    if (values.length !== header.length) {
      const found = `${values.length} values`;
      throw new UserError({ file, path: `line ${lines.number}`, found, expected: `${header.length}, as line 1 has` });
    }
    yield { line: lines.number, cells: positions.map((position) => values[position] ?? '') };
  }
}

/** What a line says. */
export function csvCells(line: string): string[] {
  if (!line.includes('"')) return line.split(',').map((cell) => cell.trim());
  // a quoted cell, in which "" is a quote, or whatever stands before the next comma
  return [...line.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"\s*(?=,|$)|([^,]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? plain!.trim() : quoted.replaceAll('""', '"'),
  );
}
