/** Closings told one by one: who ends with what, in which transactions. */
import { describe, expect, test } from 'vitest';
import { marksDuring } from '../../src/base/marks.ts';
import { feesSat, isSettled, walletSat } from './books.ts';
import { CAPACITY_SAT, COIN_SAT, COINS, CLTV_EXPIRY_DELTA, FINAL_DELTA } from './foundation.ts';
import { Lab } from './harness.ts';

const FORMATS = ['static_remotekey', 'anchors', 'anchors_zero_fee_htlc_tx', 'zero_fee_commitments'] as const;
const START_SAT = COINS * COIN_SAT;

/** Blocks until nothing is left to do. @returns how many */
function settle(lab: Lab, most = 300): number {
  for (let blocks = 0; blocks <= most; blocks++) {
    lab.deliverSome();
    if (isSettled(lab)) return blocks;
    lab.mine();
  }
  throw new Error(`not settled after ${most} blocks`);
}

const gainSat = (lab: Lab, node: number): number => walletSat(lab, node) + feesSat(lab)[node]! - START_SAT;

describe.each(FORMATS)('a channel of format %s', (format) => {
  //   node 0 ──── 500,000 | 500,000 ──── node 1
  //          ──── 100,000, claimed ────▶
  //          ◀──── 60,000, timed out ───
  test('that is closed by one end with HTLCs in flight pays everyone what is theirs', () => {
    const lab = new Lab({ seed: 1, format });
    lab.pay([0], 100_000_000, 'hold-and-claim');
    lab.pay([1], 60_000_000, 'hold');
    lab.deliverSome();
    lab.nodes[0]!.failChannel(lab.channel(0), 'planned');
    settle(lab);
    const anchors = format === 'static_remotekey' ? 0 : 660;
    expect(gainSat(lab, 0)).toBeGreaterThanOrEqual(400_000 - anchors);
    expect(gainSat(lab, 0)).toBeLessThanOrEqual(400_000);
    expect(gainSat(lab, 1)).toBe(600_000);
  });

  test('that one end closes with a revoked commitment is the other’s, HTLCs and all', () => {
    const lab = new Lab({ seed: 2, format });
    lab.pay([0], 100_000_000, 'hold-and-claim');
    lab.pay([1], 60_000_000, 'hold');
    lab.deliverSome();
    const { localNumber } = lab.channel(0).end;
    lab.pay([0], 50_000_000, 'settle');
    lab.deliverSome();
    lab.nodes[0]!.broadcastRevoked(0, localNumber);
    settle(lab);
    const anchors = format === 'static_remotekey' ? 0 : 660;
    // what the cheater paid in fees came out of what the victim takes
    const [cheaterFees, victim] = [feesSat(lab)[0]!, gainSat(lab, 1)];
    expect(victim).toBeGreaterThanOrEqual(CAPACITY_SAT - cheaterFees - anchors);
    expect(walletSat(lab, 0)).toBeLessThanOrEqual(START_SAT);
  });
});

describe('a forwarding node', () => {
  test('takes the preimage from the chain downstream and claims upstream with it', () => {
    const lab = new Lab({ seed: 3, format: 'anchors_zero_fee_htlc_tx', nodes: 3 });
    lab.pay([0, 2], 100_000_000, 'hold-and-claim');
    lab.deliverSome();
    const { marks } = marksDuring(() => {
      lab.nodes[2]!.failChannel(lab.channel(3), 'planned');
      settle(lab);
    });
    expect(marks.get('a preimage learned from the chain')).toBe(1);
    expect(lab.payments[0]!.status).toBe('succeeded');
    expect(lab.channel(0).end.toLocalMsat).toBe(500_000_000 - 100_000_000 - 11_000);
  });

  test('fails an HTLC upstream only when its missing from the commitment downstream is deep enough', () => {
    const lab = new Lab({ seed: 4, format: 'anchors_zero_fee_htlc_tx', nodes: 3 });
    // 300 sat are trimmed
    lab.pay([0, 2], 300_000, 'hold');
    lab.deliverSome();
    lab.nodes[2]!.failChannel(lab.channel(3), 'planned');
    lab.deliverSome();
    lab.mine(3);
    lab.deliverSome();
    expect(lab.payments[0]!.status).toBe('pending');
    lab.mine(1);
    lab.deliverSome();
    expect(lab.payments[0]!.status).toBe('failed');
    expect(lab.channel(0).end.toLocalMsat).toBe(500_000_000);
  });

  test('goes on-chain when the one downstream holds an HTLC too long, and has it back before the one upstream acts', () => {
    const lab = new Lab({ seed: 5, format: 'anchors_zero_fee_htlc_tx', nodes: 3 });
    lab.pay([0, 2], 100_000_000, 'hold');
    lab.deliverSome();
    const opened = lab.chain.height;
    for (let i = 0; i < FINAL_DELTA + CLTV_EXPIRY_DELTA; i++) {
      lab.mine();
      lab.deliverSome();
    }
    expect(lab.confirmed.map(({ kind, height }) => [kind, height - opened])).toEqual([
      ['commitment', FINAL_DELTA + 3],
      ['htlc-timeout', FINAL_DELTA + 4],
      ['sweep', FINAL_DELTA + 4],
      ['sweep', FINAL_DELTA + 3 + 12],
      ['sweep', FINAL_DELTA + 4 + 12],
    ]);
    expect(lab.payments[0]!.status).toBe('failed');
    expect(lab.channel(0).end.phase).toBe('normal');
  });

  test('keeps the channel upstream when what happens downstream does not confirm in time', () => {
    const lab = new Lab({ seed: 6, format: 'anchors_zero_fee_htlc_tx', nodes: 3 });
    lab.pay([0, 2], 100_000_000, 'hold');
    lab.deliverSome();
    lab.weather.floorSatPerKvb = Infinity;
    for (let i = 0; i < FINAL_DELTA + CLTV_EXPIRY_DELTA + 5; i++) {
      lab.mine();
      lab.deliverSome();
    }
    expect(lab.payments[0]!.status).toBe('failed');
    expect(lab.channel(0).end.phase).toBe('normal');
  });
});

describe('under a fee spike that the estimator does not see', () => {
  test('an HTLC with a deadline is claimed in time, at a price that rises and stays below its worth', () => {
    const lab = new Lab({ seed: 7, format: 'anchors_zero_fee_htlc_tx', nodes: 3, toSelfDelay: 40 });
    lab.pay([0, 2], 100_000_000, 'hold-and-claim');
    lab.deliverSome();
    Object.assign(lab.weather, { floorSatPerKvb: 20_000, known: false });
    const { marks } = marksDuring(() => {
      lab.nodes[2]!.failChannel(lab.channel(3), 'planned');
      for (let i = 0; i < FINAL_DELTA - 1; i++) lab.mine();
      lab.weather.floorSatPerKvb = 0;
      settle(lab);
    });
    expect(marks.get('a child pays for a commitment')).toBeGreaterThan(0);
    expect(marks.get('a child of a commitment replaced')).toBeGreaterThan(0);
    expect(marks.get('an HTLC transaction replaced')).toBeGreaterThan(0);
    const claimed = lab.confirmed.find(({ kind }) => kind === 'htlc-success')!;
    expect(claimed.feeSat).toBeLessThan(100_000);
    expect(lab.payments[0]!.status).toBe('succeeded');
  });

  test('a penalty comes before the cheater’s delay is over', () => {
    const lab = new Lab({ seed: 8, format: 'anchors_zero_fee_htlc_tx', toSelfDelay: 20 });
    const { localNumber } = lab.channel(0).end;
    lab.pay([0], 50_000_000, 'settle');
    lab.deliverSome();
    lab.nodes[0]!.broadcastRevoked(0, localNumber);
    lab.mine();
    Object.assign(lab.weather, { floorSatPerKvb: 20_000, known: false });
    settle(lab);
    expect(lab.confirmed.filter(({ kind }) => kind === 'penalty')).toHaveLength(1);
    expect(gainSat(lab, 1)).toBeGreaterThan(CAPACITY_SAT - 5000);
  });
});
