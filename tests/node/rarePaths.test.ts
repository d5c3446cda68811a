/** Paths that random histories seldom or never take, each told on purpose. */
import { describe, expect, test } from 'vitest';
import { marksDuring } from '../../src/base/marks.ts';
import { sat } from '../../src/base/units.ts';
import { MINER } from './foundation.ts';
import { Lab } from './harness.ts';

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
