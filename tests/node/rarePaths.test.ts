/** Paths that random histories seldom or never take, each told on purpose. */
import { describe, expect, test } from 'vitest';
import { marksDuring } from '../../src/base/marks.ts';
import { sat } from '../../src/base/units.ts';
import { ChannelEnd } from '../../src/channel/channelEnd.ts';
import { gotSat, isSettled } from './books.ts';
import { MINER } from './foundation.ts';
import { Lab } from './harness.ts';
import { FORMATS } from './histories.ts';

/** What a node's disk held, tags apart. */
const tagOf = <T>(tag: T): T => tag;

describe.each(FORMATS)('with format %s a node that was restored from an old backup', (format) => {
  //   node 0 ── 500,000 | 500,000 ── node 1 ── pays 50,000, then forgets that it did
  test('never broadcasts, asks the other end to close, and finds its balance in what it does not know', () => {
    const lab = new Lab({ seed: 5, format });
    const channel = lab.channel(1);
    const backup = channel.end.snapshot(tagOf);
    lab.pay([1], 50_000_000, 'settle');
    lab.deliverSome();
    lab.setOnline(1, false);
    channel.end = ChannelEnd.restore(channel.init, backup, tagOf);
    const { marks } = marksDuring(() => {
      lab.setOnline(1, true);
      lab.deliverSome();
      lab.mine(20);
    });
    expect(marks.get('a node that fell behind asks the other end to close')).toBe(1);
    expect(marks.get('the other end fell behind')).toBe(1);
    expect(marks.has('a commitment that was forgotten on-chain')).toBe(true);
    expect([lab.channel(0).monitor!.spendKind, channel.monitor!.spendKind]).toEqual(['local', 'remote-unknown']);
    expect(gotSat(lab, 0, 1)).toBe(450_000);
    expect(isSettled(lab)).toBe(true);
  });
});

describe('a node', () => {
  test('that was told of a failed channel closes it itself, should the other end not', () => {
    const lab = new Lab({ seed: 1, format: 'anchors_zero_fee_htlc_tx' });
    lab.nodes[1]!.receive(1, { type: 'error', reason: 'says so and does nothing' });
    const { marks } = marksDuring(() => lab.mine(2));
    expect(marks.get('a commitment broadcast because the other end did not')).toBe(1);
    expect(lab.channel(1).monitor!.spendKind).toBe('local');
  });

  test('without a coin waits for one, and then pays for its commitment', () => {
    const lab = new Lab({ seed: 2, format: 'zero_fee_commitments' });
    lab.pay([0], 100_000_000, 'hold');
    lab.deliverSome();
    const { marks } = marksDuring(() => {
      // all its coins are on their way, in a transaction that never arrives
      expect(lab.nodes[0]!.wallet.pay({ valueSat: sat(1_150_000), script: MINER }, 500)).not.toBeNull();
      lab.nodes[0]!.failChannel(lab.channel(0), 'planned');
      expect(lab.pool.size).toBe(0);
      lab.mine(2);
    });
    expect(marks.get('a commitment waits for a coin')).toBe(1);
    expect(lab.channel(0).monitor!.spendKind).toBe('local');
  });

  test('whose child is refused has its coins back, and tries again with the next block', () => {
    const lab = new Lab({ seed: 3, format: 'zero_fee_commitments' });
    lab.censored.add('anchor');
    const { wallet } = lab.nodes[0]!;
    const { marks } = marksDuring(() => lab.nodes[0]!.failChannel(lab.channel(0), 'planned'));
    expect(marks.get('a child of a commitment refused')).toBe(1);
    expect([lab.pool.size, wallet.balanceSat]).toEqual([0, wallet.confirmedSat]);
    lab.censored.clear();
    lab.mine(2);
    expect(lab.channel(0).monitor!.spendKind).toBe('local');
  });

  test('fails a dust HTLC that took it over its exposure, though each end alone stayed below', () => {
    const lab = new Lab({ seed: 4, format: 'anchors_zero_fee_htlc_tx' });
    const { marks } = marksDuring(() => {
      for (let i = 0; i < 9; i++) for (const edge of [0, 1]) lab.pay([edge], 300_000, 'hold');
      lab.deliverSome();
    });
    expect(marks.get('a dust HTLC failed for exposure')).toBeGreaterThan(0);
    expect(lab.payments.some(({ status }) => status === 'failed')).toBe(true);
  });
});
