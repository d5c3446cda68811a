/** Reads the tables that a scenario names: CSV, or the activity in SimLN's JSON. */
import { describe, UserError } from '../base/errors.ts';
import { ACTIVITY_COLUMNS, type NamedTable, type TableRow } from '../experiment/scenarioTables.ts';
import { readCsvTable } from './csvTable.ts';

/** @throws UserError if the text is no such table */
export function readScenarioTable(text: string, { file, format, columns, optional }: NamedTable): TableRow[] {
  if (format === 'simln') return simlnActivity(text, file);
  const all = [...columns, ...optional];
  return readCsvTable(text, file, columns, optional).map(({ line, cells }) => ({
    place: `line ${line}`,
    cells: Object.fromEntries(all.map((column, index) => [column, cells[index]!])),
  }));
}

/**
 * SimLN's `activity`: who pays whom how often, amounts in msat; intervals and amounts are numbers or ranges of two
 * (sim-ln, "Activity Configuration").
 */
function simlnActivity(text: string, file: string): TableRow[] {
  const wrong = (path: string, found: unknown, expected: string): UserError =>
    new UserError({ file, path, found: describe(found), expected });
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    throw new UserError({ file, found: 'no valid JSON', expected: 'SimLN’s JSON' });
  }
  const list = fieldOf(root, 'activity');
  if (!Array.isArray(list)) throw wrong('activity', list, 'a list');
  return list.map((entry: unknown, index) => {
    const path = `activity[${index}]`;
    const one = (key: string, isOptional = false): string => {
      const value = fieldOf(entry, key);
      if (typeof value === 'string' || typeof value === 'number') return String(value);
      if (isOptional && (value === undefined || value === null)) return '';
      throw wrong(`${path}.${key}`, value, 'a number or a text');
    };
    const range = (key: string): [string, string] => {
      const value = fieldOf(entry, key);
      const [from, to]: readonly unknown[] = Array.isArray(value) ? value : [value, value];
      if (typeof from === 'number' && typeof to === 'number') return [String(from), String(to)];
      throw wrong(`${path}.${key}`, value, 'a number, or a list of two');
    };
    const values = [one('source'), one('destination'), one('start_secs', true), one('count', true)];
    values.push(...range('interval_secs'), ...range('amount_msat'));
    return {
      place: path,
      cells: Object.fromEntries(ACTIVITY_COLUMNS.map((column, at) => [column, values[at]!])),
    };
  });
}

const fieldOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
