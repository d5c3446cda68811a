import { describe, expect, test } from 'vitest';
import { hashIndex, nodeOf } from '../../src/experiment/nodeReference.ts';

const nodeKeys = ['02aa11', '02aa22', '03bb', '#1', 'alice'];
const names = {
  nodeKeys,
  nodeIndex: new Map(nodeKeys.map((key, index) => [key, index])),
  aliases: ['ACINQ', 'twin', 'twin', 'Zap 🐙', '03bb'],
};
const of = (reference: string): number => nodeOf(names, reference, 'SOURCE');

describe('a node', () => {
  test('is found by key, index, alias or the beginning of its key, in this order', () => {
    expect(of('02aa22')).toBe(1);
    expect(of('03bb')).toBe(2); // a key before another node's alias
    expect(of('#1')).toBe(3); // a key before an index
    expect(of('#2')).toBe(2);
    expect(of('ACINQ')).toBe(0);
    expect(of('acinq')).toBe(0);
    expect(of('02aa1')).toBe(0);
    expect(of('ali')).toBe(4);
  });

  test('that several could be is refused with their keys', () => {
    expect(() => of('twin')).toThrow('SOURCE: found "twin", the alias of 2 nodes (02aa22, 03bb), expected a node');
    expect(() => of('02')).toThrow('found "02", the beginning of the keys of 2 nodes (02aa11, 02aa22)');
  });

  test('that none is is refused with what comes close', () => {
    expect(() => of('zap')).toThrow('found "zap", which is part of "Zap 🐙", expected');
    expect(() => of('nobody')).toThrow('found "nobody", expected');
    expect(() => of('')).toThrow('found "", expected');
    expect(() => of('#5')).toThrow('#0 … #4');
    expect(hashIndex('#99999999999', 5)).toBe(null);
  });
});
