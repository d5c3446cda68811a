import { describe, expect, test } from 'vitest';
import { readCsvTable } from '../../src/io/csvTable.ts';

describe('a CSV table', () => {
  test('gives the columns asked for, wherever they stand', () => {
    const text = '\uFEFFb, a ,c\r\n1,2,3\r\n\r\n4, 5 ,6\n';
    expect(readCsvTable(text, 'f', ['a', 'b'])).toEqual([
      { line: 2, cells: ['2', '1'] },
      { line: 4, cells: ['5', '4'] },
    ]);
  });

  test('takes quotes off, and commas between them as they are', () => {
    const text = 'name,n\n"a, ""b""",1\n" x ",2\n"",3\nplain"quote,4\n';
    expect(readCsvTable(text, 'f', ['name', 'n']).map(({ cells }) => cells)).toEqual([
      ['a, "b"', '1'],
      [' x ', '2'],
      ['', '3'],
      ['plain"quote', '4'],
    ]);
  });

  test('passes over columns of other names, and tells a name that was probably meant for an optional one', () => {
    const read = (header: string): unknown =>
      readCsvTable(`${header}\n1,2,3\n`, 'f', ['a'], ['outcome', 'hold'])[0]?.cells;
    expect(read('a,colour,hold')).toEqual(['1', '', '3']);
    expect(() => read('a,hold,outcom')).toThrow(
      'f: line 1: found "outcom", expected outcome, or a name unlike any known',
    );
    expect(() => read('a,hold,Hold')).not.toThrow();
    expect(() => read('a,b,Hold')).toThrow('f: line 1: found "Hold", expected hold');
  });

  test('says which column is missing, and which line is too short or too long', () => {
    expect(() => readCsvTable('a,b\n', 'f', ['a', 'c'])).toThrow(
      'f: line 1: found "a,b", without c, expected the columns a, c',
    );
    expect(() => readCsvTable('a,b\n1\n', 'f', ['a'])).toThrow('f: line 2: found 1 values, expected 2, as line 1 has');
    expect(() => readCsvTable('a,b\n1,2,\n', 'f', ['a'])).toThrow('f: line 2: found 3 values, expected 2');
  });
});
