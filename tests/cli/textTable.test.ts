import { describe, expect, test } from 'vitest';
import { alignColumns, displayWidth } from '../../src/cli/textTable.ts';

describe('a table of text', () => {
  test('aligns columns, the first ones as told and the rest to the right, without spaces at the end', () => {
    const rows = [
      ['a', 'bb', 'c'],
      ['aaa', 'b', 'ccc'],
      ['a', '', ''],
    ];
    expect(alignColumns(rows, ['left'], ' ')).toBe(' a    bb    c\n aaa   b  ccc\n a');
  });

  test('counts columns of a terminal, not characters: aliases have emoji and wide scripts', () => {
    expect(displayWidth('Kraken 🐙⚡')).toBe(11);
    expect(displayWidth('節点')).toBe(4);
    expect(displayWidth('é')).toBe(1);
    expect(displayWidth('e\u0301')).toBe(1); // with a combining accent
    expect(displayWidth('µ 3/4 → ×')).toBe(9);
    const rows = [
      ['🐙', 'x'],
      ['abcd', 'x'],
    ];
    expect(alignColumns(rows, ['left'])).toBe('🐙    x\nabcd  x');
  });
});
