import { describe, expect, test } from 'vitest';
import { nearest, oneOf } from '../../src/base/oneOf.ts';

const KNOWN = ['payments', 'rate', 'amount', 'mainnet-like', 'cln-pay', 'cln-xpay'];

describe('the name that was meant', () => {
  // prettier-ignore
  test.each([
    ['rte',            'rate'],         // left out
    ['ratte',          'rate'],         // added
    ['rade',           'rate'],         // changed
    ['raet',           'rate'],         // swapped: one slip, where two would be too many
    ['RATE',           'rate'],
    ['paymnets',       'payments'],
    ['mainnet',        'mainnet-like'], // its beginning
    ['xpay',           'cln-xpay'],     // its end
    ['cln',            null],           // the beginning of two
    ['dowsing',        null],
    ['pp',             null],
    ['',               null],
    ['r'.repeat(1000), null],
  ])('after %j is %j', (given, meant) => {
    expect(nearest(KNOWN, given)).toBe(meant);
  });

  test('stands before all others in an error, and alone they stand where nothing is near', () => {
    expect(oneOf(['lnd', 'ldk'], 'lnt')).toBe('"lnd" perhaps, one of lnd, ldk');
    expect(oneOf(['lnd', 'ldk'], 'dowsing')).toBe('one of lnd, ldk');
    expect(oneOf(['lnd', 'ldk'], 7)).toBe('one of lnd, ldk');
  });
});
