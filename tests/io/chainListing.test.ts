import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/base/errors.ts';
import { Rng } from '../../src/base/random.ts';
import { chainListing, readChainListing } from '../../src/io/chainListing.ts';
import { channelLives } from './channelLives.ts';

const { world, graph } = channelLives('anchors_zero_fee_htlc_tx');
const text = [...chainListing(world, graph)].join('');
const lines = text.split('\n');

describe('a listing', () => {
  test('has a line for every transaction of the chain, in columns', () => {
    expect(lines).toHaveLength(1 + world.transactions.length + 1);
    expect(lines.at(-1)).toBe('');
    expect(lines[0]).toMatch(/^ height {2}txid {62}kind +weight +fee_sat +wait_s {2}channel$/);
    const funding = world.transactions.find(({ kind }) => kind === 'funding')!;
    const line = lines.find((each) => each.includes(funding.txid));
    expect(line?.trim().split(/ +/).slice(0, 5)).toEqual([
      String(funding.height),
      funding.txid,
      'funding',
      String(funding.weight),
      String(funding.feeSat),
    ]);
    expect(line?.endsWith(`  ${graph.channelIds[funding.channel!]}`)).toBe(true);
    const starts = new Set(lines.slice(1, -1).map((each) => each.indexOf(each.trim().split(/ +/)[1]!)));
    expect([...starts]).toEqual([9]);
  });

  test('reads back what it wrote', () => {
    const read = readChainListing(text, world.chain, 'listing');
    expect(read.size).toBe(world.transactions.length);
    for (const { txid, height, kind, weight, feeSat, channel } of world.transactions) {
      const name = channel === null ? null : graph.channelIds[channel];
      expect(read.get(txid)).toMatchObject({ height, kind, weight, feeSat, channel: name });
    }
  });

  test('keeps a channel’s name one word, whatever a foreign graph calls it', () => {
    const named = { channelIds: graph.channelIds.map(() => 'a b\n7  x\u202e') };
    const written = [...chainListing(world, named)].join('');
    expect(written.split('\n')).toHaveLength(lines.length);
    expect(readChainListing(written, world.chain, 'listing').size).toBe(world.transactions.length);
  });
});

describe('what is no listing of this chain', () => {
  const changed = (from: string | RegExp, to: string): string => text.replace(from, to);
  const [first] = world.transactions;
  const other = channelLives('anchors_zero_fee_htlc_tx', 2);

  // prettier-ignore
  const MISTAKES: readonly (readonly [string, string, RegExp])[] = [
    ['nothing',            '',                                              /^x: line 1: found "", expected a chain listing, with the heading height txid/],
    ['a table of others',  'height,txid,kind\n',                            /line 1: found "height,txid,kind"/],
    ['another chain',      [...chainListing(other.world, other.graph)].join(''), /line 2: found transaction [0-9a-f]{64} at height 1, expected a transaction of this chain/],
    ['a column missing',   changed(/  -\n/, '\n'),                          /line 2: found 6 columns, expected 7 columns/],
    ['a wrong height',     changed(/\n +1 /, '\n 2 '),                      /line 2: found transaction .* at height 2, expected it at height 1/],
    ['a txid cut short',   changed(first!.txid, first!.txid.slice(1)),      /line 2, txid: found "[0-9a-f]{60}…", expected 64 hexadecimal digits/],
    ['a negative fee',     changed(/ 0( +)-/, '-1$1-'),                     /line 2, fee_sat: found "-1", expected an integer from 0 to/],
    ['markup for a kind',  changed('coinbase', '<b>'),                      /line 2, kind: found "<b>", expected a word of small letters/],
    ['a kind a line',      text.split('\n').map((each, i) => each.replace('coinbase', `k${i}`)).join('\n'), /found one more kind, k65, expected at most 64 kinds/],
    ['a line twice',       `${text}${lines[5]}\n`,                          /found transaction [0-9a-f]{64} again, expected each transaction once/],
  ];
  for (const [name, wrong, message] of MISTAKES) {
    test(`${name}: one error that names the line`, () => {
      expect(() => readChainListing(wrong, world.chain, 'x')).toThrow(UserError);
      expect(() => readChainListing(wrong, world.chain, 'x')).toThrow(message);
    });
  }

  test('1,000 damaged listings end in a listing or in one error', () => {
    const rng = Rng.fromSeed('damaged listings');
    let refused = 0;
    for (let i = 0; i < 1000; i++) {
      const at = rng.below(text.length);
      const broken = text.slice(0, at) + String.fromCharCode(rng.below(300)) + text.slice(at + rng.below(80));
      try {
        readChainListing(broken, world.chain, 'fuzz');
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(500);
  });
});
