import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../../src/base/errors.ts';
import { readInput, readTextInput } from '../../src/host/readInput.ts';

describe('an input file', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'leyden-input-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const file = (name: string, bytes: Uint8Array | string): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };
  const mistake = (read: () => unknown): string => {
    try {
      read();
    } catch (error) {
      if (error instanceof UserError) return error.message.replace(folder, '…');
      throw error;
    }
    return 'no mistake';
  };
  const text = 'Zürich 🐙 '.repeat(1000);

  test('is the same plain and gzip, whatever its name', () => {
    expect(readTextInput(file('plain.gz', text))).toBe(text);
    expect(readTextInput(file('zipped.json', gzipSync(text)))).toBe(text);
    expect(readTextInput(file('two.gz', Buffer.concat([gzipSync('one '), gzipSync('two')])))).toBe('one two');
    expect(readInput(file('empty', ''))).toHaveLength(0);
  });

  test('that is not there, is a folder or has an impossible name is told so', () => {
    mkdirSync(join(folder, 'folder'));
    expect(mistake(() => readInput(join(folder, 'none')))).toBe('…/none: found no such file, expected a file');
    expect(mistake(() => readInput(join(folder, 'folder')))).toBe('…/folder: found a directory, expected a file');
    expect(mistake(() => readInput(join(folder, 'folder', 'x'.repeat(5000))))).toContain(
      'found a name that is too long',
    );
    expect(mistake(() => readInput(`${folder}/a\0b`))).toBe(
      '…/a\\u{0}b: found a name that no file can have, expected a file',
    );
    expect(mistake(() => readInput('/dev/null'))).toBe('/dev/null: found a device or pipe, expected a file');
  });

  test('whose gzip data ends early or is damaged is told so, at every length', () => {
    const zipped = gzipSync(text);
    for (let length = 2; length < zipped.length; length++) {
      const path = file('cut.gz', zipped.subarray(0, length));
      expect(mistake(() => readInput(path))).toMatch(
        /^…\/cut.gz: found (gzip data that ends too early|damaged gzip data), expected a whole gzip file$/,
      );
    }
    const damaged = Uint8Array.from(zipped);
    damaged[zipped.length - 6]! ^= 1; // the checksum
    expect(mistake(() => readInput(file('damaged.gz', damaged)))).toContain('found damaged gzip data');
  });

  test('that is larger than allowed, before or after unzipping, is refused before it fills the memory', () => {
    const bomb = file('bomb.gz', gzipSync(Buffer.alloc(50_000_000)));
    expect(mistake(() => readInput(bomb, 1_000_000))).toBe(
      '…/bomb.gz: found more than 1,000,000 bytes after unzipping, expected at most 1,000,000 bytes',
    );
    expect(mistake(() => readInput(file('large', Buffer.alloc(1001)), 1000))).toBe(
      '…/large: found 1,001 bytes, expected at most 1,000 bytes',
    );
    expect(readInput(file('fits', Buffer.alloc(1000)), 1000)).toHaveLength(1000);
  });

  test('that is not UTF-8 is no text', () => {
    expect(mistake(() => readTextInput(file('latin1', Buffer.from('Zürich', 'latin1'))))).toContain(
      'found bytes that are not UTF-8 text',
    );
  });
});
