import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { msat } from '../../src/base/units.ts';
import type { CommitmentSpec } from '../../src/channel/commitmentSpec.ts';
import { LIMITS, Pair } from './pair.ts';

type Step =
  | { kind: 'offer'; side: 0 | 1; amountMsat: number }
  | { kind: 'deliver' | 'commit' | 'settle'; side: 0 | 1 }
  | { kind: 'remove'; side: 0 | 1; which: number; fulfil: boolean };

/** How often random histories fulfilled an HTLC: a property that never does proves little. */
let fulfilled = 0;

const side = fc.constantFrom(0 as const, 1 as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('offer' as const),
      side,
      amountMsat: fc.integer({ min: 1, max: 200_000_000 }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('deliver' as const), side }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('commit' as const), side }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('settle' as const), side }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('remove' as const), side, which: fc.nat(40), fulfil: fc.boolean() }),
  },
);

function take(pair: Pair, { kind, side, ...rest }: Step): void {
  if (kind === 'offer' && 'amountMsat' in rest) pair.offer(side, rest.amountMsat);
  else if (kind === 'deliver') expect(pair.deliver(side)).toBeNull();
  else if (kind === 'commit') pair.commit(side);
  else if (kind === 'settle') pair.settle();
  else if (kind === 'remove' && 'which' in rest) {
    const candidates = pair.removable(side);
    const htlc = candidates[rest.which % Math.max(1, candidates.length)];
    if (!htlc) return;
    pair.remove(side, htlc, rest.fulfil);
    if (rest.fulfil) fulfilled++;
  }
}

/** A commitment's owner and the other end must mean the same: order of HTLCs aside. */
const canonical = ({ htlcs, ...rest }: CommitmentSpec): unknown => ({
  ...rest,
  htlcs: htlcs.toSorted((a, b) => Number(a.offered) - Number(b.offered) || a.id - b.id),
});

function checkAtAnyTime(pair: Pair): void {
  for (const mine of [0, 1] as const) {
    const end = pair.ends[mine];
    const other = pair.ends[1 - mine]!;
    const { local, remote } = end.ledger.countedMsat();
    expect(local).toBe(1e9);
    expect(remote).toBe(1e9);
    // what this end could broadcast now is one of the two commitments that the other has signed and not seen revoked
    const held = JSON.stringify(canonical(end.spec('local')));
    const known = [other.spec('remote'), other.spec('remote-before')].map((spec) => JSON.stringify(canonical(spec)));
    expect(known.includes(held)).toBe(true);
  }
}

describe('a channel under random histories', () => {
  test('conserves every msat, and both ends agree on every commitment that could be broadcast', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
        const pair = new Pair();
        for (const each of steps) {
          take(pair, each);
          checkAtAnyTime(pair);
        }
        // quiet: both ends hold the same, and no more than the model's few integers
        pair.settle();
        for (const end of [0, 1] as const)
          for (const htlc of pair.removable(end)) pair.remove(end, htlc, htlc.id % 2 === 0);
        pair.settle();
        expect(pair.ends.map((end) => end.htlcs.length)).toEqual([0, 0]);
        expect(pair.ends[0].toLocalMsat).toBe(pair.modelMsat);
        expect(pair.ends[1].toLocalMsat).toBe(1e9 - pair.modelMsat);
        expect(canonical(pair.ends[0].spec('local'))).toEqual(canonical(pair.ends[1].spec('remote')));
        expect(canonical(pair.ends[1].spec('local'))).toEqual(canonical(pair.ends[0].spec('remote')));
      }),
      { numRuns: 500 },
    );
    expect(fulfilled).toBeGreaterThan(1000);
  });

  test('remembers the same revoked commitments on both ends', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 80, size: 'max' }), (steps) => {
        const pair = new Pair();
        for (const each of steps) take(pair, each);
        pair.settle();
        for (const mine of [0, 1] as const) {
          const own = pair.ends[mine].history!.local;
          const seen = pair.ends[1 - mine]!.history!.remote;
          expect(own.length).toBe(pair.ends[mine].localNumber);
          expect(own.map(canonical)).toEqual(seen.map(canonical));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('accepts whatever the other end found acceptable: the sender is never less strict than the receiver', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 120, size: 'max' }),
        fc.integer({ min: 15_000_000, max: 60_000_000 }),
        fc.integer({ min: 2, max: 30 }),
        (steps, toOpenerMsat, maxAcceptedHtlcs) => {
          // an opener close to its reserve, so that fees decide
          const pair = new Pair({ toOpenerMsat, limits: { maxAcceptedHtlcs } });
          for (const each of steps) take(pair, each);
          pair.settle();
        },
      ),
      { numRuns: 800 },
    );
  });
});

describe('limits', () => {
  test('an opener keeps reserve, anchors and twice the fee with a further HTLC', () => {
    const pair = new Pair();
    // 500,000,000 − 10,000,000 reserve − 1000 × (⌊(1124 + 2 × 172) × 5000 / 1000⌋ + 2 × 330)
    const spendable = 500_000_000 - 10_000_000 - 1000 * (7340 + 660);
    expect(pair.ends[0].spendableMsat()).toBe(spendable);
    expect(pair.ends[0].refusal(msat(spendable))).toBeNull();
    expect(pair.ends[0].refusal(msat(spendable + 1))).toBe('insufficient-balance');
    // the other end pays no fee
    expect(pair.ends[1].spendableMsat()).toBe(490_000_000);
  });

  test('spendable is exactly what an offer accepts', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const pair = new Pair();
        for (const each of steps) take(pair, each);
        for (const end of pair.ends) {
          const most = end.spendableMsat();
          const dust = most > 0 && end.refusal(most) === 'dust-exposure';
          if (most > 0 && !dust) expect(end.refusal(most)).toBeNull();
          expect(end.refusal(msat(most + 1))).not.toBeNull();
        }
      }),
    );
  });

  test('each refusal has its name', () => {
    const limits = { maxAcceptedHtlcs: 2, htlcMinimumMsat: msat(1000), maxHtlcValueInFlightMsat: msat(50_000_000) };
    const pair = new Pair({ limits });
    const [opener] = pair.ends;
    expect(opener.refusal(msat(0))).toBe('amount-below-minimum');
    expect(opener.refusal(msat(999))).toBe('amount-below-minimum');
    expect(opener.refusal(msat(50_000_001))).toBe('in-flight-limit');
    pair.offer(0, 1000);
    pair.offer(0, 1000);
    expect(opener.refusal(msat(1000))).toBe('too-many-htlcs');
    opener.sendShutdown();
    expect(opener.refusal(msat(1000))).toBe('channel-not-open');
    const dusty = new Pair({ limits: { maxDustHtlcExposureMsat: msat(300_000) } });
    expect(dusty.ends[0].refusal(msat(300_000))).toBeNull();
    expect(dusty.ends[0].refusal(msat(300_001))).toBe('dust-exposure');
    expect(dusty.ends[0].refusal(msat(354_000))).toBeNull(); // not dust
    // the two together pass the limit, though each sender was within it: the receiver has to fail one
    dusty.offer(0, 200_000);
    dusty.offer(1, 200_000);
    dusty.settle();
    expect(dusty.ends.map((end) => end.isOverDustExposure(end.htlcs.find((htlc) => !htlc.offered)!))).toEqual([
      true,
      true,
    ]);
  });

  test('dust counts in the commitment where it rides', () => {
    // at 2500 an HTLC has an output from 354 + 1657 sat in its offerer's commitment, from 354 + 1757 in the other's
    const terms = { format: 'static_remotekey' as const };
    const pair = new Pair({ terms, limits: { maxDustHtlcExposureMsat: msat(5_000_000) } });
    pair.offer(1, 2_050_000);
    pair.offer(1, 2_050_000);
    pair.settle();
    const [opener, accepter] = pair.ends;
    // dust in the opener's commitment alone
    expect(opener.refusal(msat(900_000))).toBeNull();
    expect(opener.refusal(msat(1_000_000))).toBe('dust-exposure');
    expect(opener.refusal(msat(2_050_000))).toBeNull();
    expect(accepter.refusal(msat(1_000_000))).toBe('dust-exposure');
  });

  test('a receiver names what breaks BOLT 2', () => {
    const hash = new Uint8Array(32);
    const fresh = (): Pair['ends'][1] => new Pair().ends[1];
    expect(fresh().receiveAdd(1, msat(1000), hash, 500, null)).toBe('add-out-of-order');
    expect(fresh().receiveAdd(0, msat(0), hash, 500, null)).toBe('add-below-minimum');
    expect(fresh().receiveAdd(0, msat(1000), hash, 500_000_000, null)).toBe('add-expiry-not-a-height');
    expect(fresh().receiveAdd(0, msat(499_000_000), hash, 500, null)).toBe('add-over-balance');
    const limited = new Pair({ limits: { maxHtlcValueInFlightMsat: msat(5) } }).ends[1];
    expect(limited.receiveAdd(0, msat(6), hash, 500, null)).toBe('add-over-in-flight-limit');
    const closing = fresh();
    closing.receiveShutdown();
    expect(closing.receiveAdd(0, msat(1000), hash, 500, null)).toBe('add-after-shutdown');
    const crowded = fresh();
    for (let id = 0; id < LIMITS.maxAcceptedHtlcs; id++)
      expect(crowded.receiveAdd(id, msat(1), hash, 500, null)).toBeNull();
    expect(crowded.receiveAdd(LIMITS.maxAcceptedHtlcs, msat(1), hash, 500, null)).toBe('add-too-many');
    expect(fresh().receiveCommit()).toBe('empty-commitment');
    expect(fresh().receiveRevoke()).toBe('unexpected-revocation');
    expect(fresh().receiveRemove(0, null)).toBe('unknown-htlc');
  });

  test('a wrong preimage is refused', () => {
    const pair = new Pair();
    pair.offer(0, 5_000_000);
    pair.settle();
    expect(pair.ends[0].receiveRemove(0, new Uint8Array(32))).toBe('wrong-preimage');
  });

  test('a malformed onion is a failure whose code says so', () => {
    const pair = new Pair();
    pair.offer(0, 5_000_000);
    pair.settle();
    // invalid_onion_hmac is BADONION | PERM | 5, temporary_node_failure NODE | 2
    expect(pair.ends[0].receiveFailMalformed(0, 0x2002)).toBe('malformed-without-badonion');
    expect(pair.ends[0].receiveFailMalformed(0, 0xc005)).toMatchObject({ id: 0, preimage: null });
  });

  test('an empty commitment changes nothing, so that the last one can still be broadcast', () => {
    const [, accepter] = new Pair().ends;
    const before = accepter.spec('local');
    expect(accepter.receiveCommit()).toBe('empty-commitment');
    expect(accepter.spec('local')).toEqual(before);
  });
});
