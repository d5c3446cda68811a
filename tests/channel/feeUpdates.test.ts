import { describe, expect, test } from 'vitest';
import { msat } from '../../src/base/units.ts';
import { FEE_POLICY, Pair, type Side } from './pair.ts';

/** The fee rates of [opener's commitment, accepter's], each as its owner holds it. */
const held = (pair: Pair): number[] => pair.ends.map((end) => end.spec('local').feeratePerKw);
/** And as the other end signed it last. */
const signed = (pair: Pair): number[] => pair.ends.toReversed().map((end) => end.spec('remote').feeratePerKw);

function deliver(pair: Pair, from: Side, count = 1): void {
  for (let i = 0; i < count; i++) expect(pair.deliver(from)).toBeNull();
}

describe('a change of the fee rate', () => {
  test('is first in the accepter’s commitment, then in the opener’s', () => {
    //  opener                     accepter
    //    ── update_fee 4000 ─────────▶
    //    ── commitment_signed ───────▶   in the accepter's
    //    ◀──────── revoke_and_ack ────
    //    ◀───── commitment_signed ────   in the opener's
    //    ── revoke_and_ack ──────────▶   for good
    const pair = new Pair();
    expect(pair.fee(4000)).toBe(true);
    expect([held(pair), signed(pair)]).toEqual([
      [2500, 2500],
      [2500, 2500],
    ]);
    pair.commit(0);
    expect([held(pair), signed(pair)]).toEqual([
      [2500, 2500],
      [2500, 4000],
    ]);
    expect(pair.ends[0].spec('remote-before').feeratePerKw).toBe(2500);
    deliver(pair, 0, 2);
    expect(held(pair)).toEqual([2500, 4000]);
    deliver(pair, 1);
    pair.commit(1);
    expect([held(pair), signed(pair)]).toEqual([
      [2500, 4000],
      [4000, 4000],
    ]);
    deliver(pair, 1);
    deliver(pair, 0);
    expect([held(pair), signed(pair)]).toEqual([
      [4000, 4000],
      [4000, 4000],
    ]);
    // the old rates are what the revoked commitments said
    expect(pair.ends[0].history!.local.map((spec) => spec.feeratePerKw)).toEqual([2500]);
    expect(pair.ends[0].history!.remote.map((spec) => spec.feeratePerKw)).toEqual([2500]);
    expect(pair.ends.map((end) => end.mayCommit)).toEqual([false, false]);
  });

  test('may be on its way while the next one sets out: every commitment has the latest that it holds', () => {
    const pair = new Pair();
    pair.fee(4000);
    pair.commit(0);
    deliver(pair, 0, 2);
    deliver(pair, 1);
    pair.fee(6000);
    pair.commit(0);
    deliver(pair, 0, 2);
    expect([held(pair), signed(pair)]).toEqual([
      [2500, 6000],
      [2500, 6000],
    ]);
    pair.commit(1);
    // the accepter's signature covers the change that the opener had acknowledged: it revoked for the first only
    expect(signed(pair)).toEqual([6000, 6000]);
    pair.settle();
    expect(held(pair)).toEqual([6000, 6000]);
  });

  test('is replaced by the next while no signature covers it', () => {
    const pair = new Pair();
    pair.fee(4000);
    pair.fee(3000);
    pair.commit(0);
    expect(signed(pair)).toEqual([2500, 3000]);
    pair.settle();
    expect(held(pair)).toEqual([3000, 3000]);
    expect(pair.ends[0].localNumber).toBe(1);
  });

  test('alone is enough to sign', () => {
    const pair = new Pair();
    expect(pair.ends[0].mayCommit).toBe(false);
    pair.fee(3000);
    expect(pair.ends[0].mayCommit).toBe(true);
    pair.settle();
    expect(pair.ends.map((end) => [end.localNumber, end.remoteNumber])).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });

  test('leaves the opener less to spend at once, and twice the fee at the higher rate in its buffer', () => {
    const pair = new Pair();
    const before = pair.ends[0].spendableMsat();
    pair.fee(5000);
    // weight 1124 + 2 × 172, at twice 5000 instead of twice 2500
    expect(before - pair.ends[0].spendableMsat()).toBe(1000 * (14680 - 7340));
    pair.settle();
    expect(before - pair.ends[0].spendableMsat()).toBe(1000 * (14680 - 7340));
    // the other end pays nothing
    expect(pair.ends[1].spendableMsat()).toBe(490_000_000);
    // a fall frees it only when the last commitment at the old rate is revoked
    pair.fee(2500);
    expect(before - pair.ends[0].spendableMsat()).toBe(1000 * (14680 - 7340));
    pair.settle();
    expect(pair.ends[0].spendableMsat()).toBe(before);
  });
});

describe('update_fee is refused', () => {
  test('to the accepter, in a format without fees, without a connection and after the end', () => {
    const pair = new Pair();
    expect(pair.ends[1].feeRefusal(3000)).toBe('not-the-opener');
    const zeroFee = new Pair({ terms: { format: 'zero_fee_commitments', feeratePerKw: 0 } });
    expect(zeroFee.ends[0].feeRefusal(253)).toBe('zero-fee-format');
    pair.disconnect();
    expect(pair.ends[0].feeRefusal(3000)).toBe('peer-disconnected');
    pair.ends[0].phase = 'closed';
    expect(pair.ends[0].feeRefusal(3000)).toBe('channel-not-open');
  });

  test('where the opener’s reserve would not stay whole with one more HTLC; a fall never is', () => {
    // 15,000 sat − 10,000 reserve − 660 anchors = 4340; ⌊(1124 + 172) × 3349 / 1000⌋ = 4340
    const { ends } = new Pair({ toOpenerMsat: 15_000_000 });
    expect(ends[0].feeRefusal(3349)).toBeNull();
    expect(ends[0].feeRefusal(3350)).toBe('opener-cannot-pay-fee');
    const poor = new Pair({ toOpenerMsat: 4_000_000 });
    expect(poor.ends[0].feeRefusal(2501)).toBe('opener-cannot-pay-fee');
    expect(poor.ends[0].feeRefusal(2499)).toBeNull();
  });

  test('where the HTLCs that it would trim are too much', () => {
    // HTLC-success at 2500: 1757 sat, at 5000: 3515 sat; both with 354 sat of dust limit
    const options = {
      terms: { format: 'static_remotekey' as const },
      limits: { maxDustHtlcExposureMsat: msat(5_000_000) },
    };
    const pair = new Pair(options);
    pair.offer(0, 3_000_000);
    pair.offer(1, 3_000_000);
    pair.settle();
    expect(pair.ends[0].feeRefusal(2600)).toBeNull();
    expect(pair.ends[0].feeRefusal(5000)).toBe('dust-exposure');
    const { ends } = pair;
    expect(ends[1].receiveFee(5000, { ...FEE_POLICY, failsOverDustExposure: true })).toBe('fee-dust-exposure');
    // a receiver that does not fail the channel over it fails dust from then on
    const received = ends[1].htlcs.find((htlc) => !htlc.offered)!;
    expect(ends[1].isOverDustExposure(received)).toBe(false);
    expect(ends[1].receiveFee(5000, FEE_POLICY)).toBeNull();
    expect(ends[1].isOverDustExposure(received)).toBe(true);
    // zero-fee HTLC transactions are trimmed alike at any rate
    const anchors = new Pair({ limits: options.limits });
    anchors.offer(0, 3_000_000);
    anchors.offer(1, 3_000_000);
    anchors.settle();
    expect(anchors.ends[0].feeRefusal(5000)).toBeNull();
  });

  test('while the last HTLC of a channel that is shutting down is being removed', () => {
    // or the other end could have nothing left, and be negotiating the closing fee, when the change arrives
    const pair = new Pair();
    pair.offer(1, 5_000_000);
    pair.settle();
    pair.shutdown(0);
    pair.settle();
    expect(pair.ends[0].feeRefusal(3000)).toBeNull();
    pair.remove(0, pair.removable(0)[0]!, true);
    expect(pair.ends[0].feeRefusal(3000)).toBe('channel-not-open');
    pair.settle();
    expect(pair.ends.map((end) => end.mayNegotiateClosing)).toEqual([true, true]);
    expect(pair.ends[1].receiveFee(3000, FEE_POLICY)).toBe('fee-after-shutdown');
  });
});

test('a receiver of update_fee names what breaks BOLT 2', () => {
  const [opener, accepter] = new Pair({ toOpenerMsat: 15_000_000 }).ends;
  expect(opener.receiveFee(3000, FEE_POLICY)).toBe('fee-from-accepter');
  expect(accepter.receiveFee(252, FEE_POLICY)).toBe('fee-too-low');
  expect(accepter.receiveFee(50_001, FEE_POLICY)).toBe('fee-too-high');
  // ⌊1124 × 3862 / 1000⌋ = 4340
  expect(accepter.receiveFee(3863, FEE_POLICY)).toBe('fee-over-balance');
  expect(accepter.receiveFee(3862, FEE_POLICY)).toBeNull();
  const zeroFee = new Pair({ terms: { format: 'zero_fee_commitments', feeratePerKw: 0 } });
  expect(zeroFee.ends[1].receiveFee(253, FEE_POLICY)).toBe('fee-in-zero-fee-format');
});
