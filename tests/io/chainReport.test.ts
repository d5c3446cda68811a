import { describe, expect, test } from 'vitest';
import { chainPicture } from '../../src/io/chainPicture/picture.ts';
import { readChainListing, chainListing } from '../../src/io/chainListing.ts';
import { chainReport, feeRates } from '../../src/io/chainReport.ts';
import { escapeText, logTicks, ticksBySteps } from '../../src/io/svg.ts';
import { seconds } from '../../src/base/time.ts';
import { GENESIS_TIME_SECONDS } from '../../src/chain/regtest.ts';
import { Blockchain } from '../../src/chain/blockchain.ts';
import { weightOf } from '../../src/chain/transaction.ts';
import { channelLives } from './channelLives.ts';

/** Rates with weights. */
const paid = (...pairs: readonly (readonly [number, number])[]): { satPerVbyte: number; weight: number }[] =>
  pairs.map(([satPerVbyte, weight]) => ({ satPerVbyte, weight }));

describe('fee rates by share of weight', () => {
  test("are Bitcoin Core's for the cases of its own test of getblockstats", () => {
    const hundred = (rate: number): [number, number][] => Array.from({ length: 100 }, () => [rate, 1]);
    expect(feeRates(paid(...hundred(1), ...hundred(2)))).toMatchObject({ p10: 1, p25: 1, p50: 1, p75: 2, p90: 2 });
    const uneven = paid([1, 9], [2, 16], [4, 50], [5, 10], [9, 15]);
    expect(feeRates(uneven)).toEqual({ least: 1, p10: 2, p25: 2, p50: 4, p75: 4, p90: 9, most: 9 });
    expect(feeRates(uneven.toReversed())).toEqual(feeRates(uneven));
    expect(feeRates(paid([1, 9], [2, 16], [2, 50], [2, 10], [2, 15]))).toMatchObject({ p10: 2, p90: 2 });
    expect(feeRates(paid([1, 100], [2, 1], [3, 1], [3, 1], [999_999, 1]))).toMatchObject({ p10: 1, p90: 1 });
  });

  test('of nothing are nothing', () => expect(feeRates([])).toBeNull());
});

describe('the report', () => {
  const { world, graph } = channelLives('anchors_zero_fee_htlc_tx');
  const { report, transactions } = chainReport(world.chain);

  test('counts what the run counted', () => {
    const paying = world.transactions.filter(({ kind }) => kind !== 'coinbase');
    expect(report.blocks).toBe(world.blocks);
    expect(report.transactions).toBe(paying.length);
    expect(report.weight).toBe(paying.reduce((sum, { weight }) => sum + weight, 0));
    expect(report.feesSat).toBe(paying.reduce((sum, { feeSat }) => sum + feeSat, 0));
    expect(report.kinds.reduce((sum, { feesSat }) => sum + feesSat, 0)).toBe(report.feesSat);
    expect(report.emptyBlocks).toBe(report.blocks - new Set(paying.map(({ height }) => height)).size);
    for (const { height, weight, transactions: count } of report.perBlock) {
      const { block } = world.chain.blockAt(height);
      expect(count).toBe(block.transactions.length - 1);
      expect(weight).toBe(4 * 81 + block.transactions.reduce((sum, tx) => sum + weightOf(tx), 0));
    }
  });

  test('knows waits from locks: a sweep after its delay, a timeout after its expiry, a penalty in the next block', () => {
    const waitsOf = (kind: string) => transactions.filter((each) => each.kind === kind).map(({ wait }) => wait);
    for (const wait of waitsOf('htlc-timeout')) expect(wait).toMatchObject({ blocks: 1, source: 'lock time' });
    for (const wait of waitsOf('penalty')) expect(wait).toMatchObject({ blocks: 1, source: 'claimed output' });
    const sources = new Set(waitsOf('sweep').map((wait) => wait?.source));
    expect(sources).toEqual(new Set(['relative lock', 'claimed output']));
    expect(waitsOf('mutual-close').every((wait) => wait === null)).toBe(true);
    const sweeps = report.kinds.find(({ kind }) => kind === 'sweep');
    expect(sweeps?.waits?.blocks.least).toBe(1);
    expect(Object.values(sweeps?.waits?.known ?? {}).reduce((sum, n) => sum + n, 0)).toBe(sweeps?.count);
  });

  test('takes kinds and waits from a listing that has them', () => {
    const waiting = world.transactions.map((each) => {
      const { timeSeconds } = world.chain.blockAt(each.height).block.header;
      return {
        ...each,
        broadcastAt: each.kind === 'funding' ? seconds(timeSeconds - GENESIS_TIME_SECONDS - 3000) : null,
      };
    });
    const run = { chain: world.chain, transactions: waiting };
    const text = [...chainListing(run, graph)].join('');
    const listed = chainReport(world.chain, readChainListing(text, world.chain, 'listing')).report;
    expect(listed.kindsFrom).toBe('listing');
    const count = (kind: string): number | undefined => listed.kinds.find((each) => each.kind === kind)?.count;
    expect(count('revoked-commitment')).toBe(2);
    expect(count('coinbase')).toBeUndefined();
    const fundings = listed.kinds.find(({ kind }) => kind === 'funding');
    expect(fundings?.waits?.seconds).toMatchObject({ count: 6, least: 3000, most: 3000 });
    expect(fundings?.waits?.known).toEqual({ listing: 6 });
  });

  test('of a chain of one block says that there is nothing', () => {
    const { report: bare } = chainReport(new Blockchain());
    expect(bare).toMatchObject({ blocks: 0, transactions: 0, fill: null, feeRates: { all: null }, kinds: [] });
  });
});

describe('the picture', () => {
  const { world } = channelLives('anchors_zero_fee_htlc_tx');
  const { report, transactions } = chainReport(world.chain);
  const svg = chainPicture(report, transactions, 'a <script>alert("x")</script>\u0000\u202e & b');

  test('is the same each time, with a lane for every kind and no number that is none', () => {
    expect(chainPicture(report, transactions, 'a <script>alert("x")</script>\u0000\u202e & b')).toBe(svg);
    for (const { kind, count } of report.kinds)
      expect(svg).toMatch(new RegExp(`>${kind}</text>\\n<text[^>]*>${count}<`));
    expect(svg).not.toMatch(/NaN|Infinity|undefined|null/);
    expect(svg).toContain('prefers-color-scheme: dark');
    expect(svg).toContain('fee rate (sat/vB, logarithmic)');
    expect(svg).toContain('simulated time since the first block (hours)');
  });

  test('lets no text become markup', () => {
    expect(svg).not.toContain('<script');
    expect(svg).toContain('a &#60;script&#62;alert(&#34;x&#34;)&#60;/script&#62;\\u{0}\\u{202e} &#38; b');
    expect(escapeText('\ud800 \uffff')).toBe('\ufffd \ufffd');
    // every element that opens closes: what is left after well-formed tags holds no angle bracket
    const open: string[] = [];
    const rest = svg.replace(
      /<(\/?)([a-z]+)(?: [a-zA-Z:-]+="[^"<>]*")*(\/?)>/g,
      (_, close: string, name: string, self: string) => {
        if (close !== '') expect(open.pop()).toBe(name);
        else if (self === '') open.push(name);
        return '';
      },
    );
    expect(open).toEqual([]);
    expect(rest).not.toMatch(/[<>]/);
  });

  test('of an empty chain says so', () => {
    const bare = chainReport(new Blockchain());
    const drawn = chainPicture(bare.report, bare.transactions, 'empty');
    expect(drawn).toContain('no channel transactions');
    expect(drawn).not.toMatch(/NaN|Infinity/);
  });

  test('stays small however many transactions there are', () => {
    const many = Array.from({ length: 200_000 }, (_, i) => ({
      ...transactions[i % transactions.length]!,
      sinceStartSeconds: (report.endSeconds - report.startSeconds) * ((i % 977) / 977),
      satPerVbyte: 1 + (i % 1009),
    }));
    const drawn = chainPicture(report, many, 'many');
    console.log(`${many.length} transactions: ${(drawn.length / 1e6).toFixed(1)} MB of SVG`);
    expect(drawn.length).toBeLessThan(2e6);
  });
});

describe('ticks', () => {
  test('stand at round places', () => {
    expect(logTicks([0.15, 30])).toEqual([0.2, 0.5, 1, 2, 5, 10, 20]);
    expect(logTicks([1, 1e6])).toEqual([1, 10, 100, 1000, 1e4, 1e5, 1e6]);
    expect(ticksBySteps([3, 47], [1, 2, 5, 10], 10)).toEqual([5, 10, 15, 20, 25, 30, 35, 40, 45]);
    expect(ticksBySteps([0, 1000], [10], 5)).toEqual([0, 320, 640, 960]);
  });
});
