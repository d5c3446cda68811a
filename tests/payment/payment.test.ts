import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Micros } from '../../src/base/time.ts';
import { msat } from '../../src/base/units.ts';
import { CompiledGraph } from '../../src/graph/compiled.ts';
import type { FailureName } from '../../src/payment/failure.ts';
import { finalHopFailure, forwardingFailure, type ForwardingPolicy } from '../../src/payment/forwarding.ts';
import { Onion } from '../../src/payment/onion.ts';
import {
  OutgoingPayment,
  type PaymentOrder,
  type PaymentPart,
  type Shortage,
} from '../../src/payment/outgoingPayment.ts';
import { cheapestFee } from '../../src/routing/cheapestFee.ts';
import { priceRoute } from '../../src/routing/route.ts';

const POLICY: ForwardingPolicy = {
  feeBaseMsat: 1000,
  feeProportionalMillionths: 100,
  cltvExpiryDelta: 40,
  htlcMinimumMsat: 1000,
  htlcMaximumMsat: 1_000_000_000,
  enabled: true,
};
const HOP = { amountInMsat: 10_002_000, amountOutMsat: 10_000_000, expiryIn: 140, expiryOut: 100 };

describe('forwarding', () => {
  test('takes exactly the fee and the delta that the policy asks', () => {
    expect(forwardingFailure(POLICY, HOP, 50)).toBeNull();
    expect(forwardingFailure(POLICY, { ...HOP, amountInMsat: 10_001_999 }, 50)).toBe('fee_insufficient');
    expect(forwardingFailure(POLICY, { ...HOP, expiryIn: 139 }, 50)).toBe('incorrect_cltv_expiry');
  });

  test('names each failure as BOLT 4 does', () => {
    expect(forwardingFailure({ ...POLICY, enabled: false }, HOP, 50)).toBe('channel_disabled');
    expect(forwardingFailure(POLICY, { ...HOP, amountOutMsat: 999 }, 50)).toBe('amount_below_minimum');
    expect(forwardingFailure({ ...POLICY, htlcMaximumMsat: 9_999_999 }, HOP, 50)).toBe('temporary_channel_failure');
    expect(forwardingFailure(POLICY, HOP, 97)).toBe('expiry_too_soon');
    expect(forwardingFailure(POLICY, { ...HOP, expiryOut: 2067, expiryIn: 2107 }, 50)).toBe('expiry_too_far');
  });

  test('the payee names what it refuses', () => {
    const arrives = { amountInMsat: 5000, expiryIn: 121 };
    expect(finalHopFailure(arrives, 5000, 121, 18, 100)).toBeNull();
    expect(finalHopFailure(arrives, 5001, 121, 18, 100)).toBe('final_incorrect_htlc_amount');
    expect(finalHopFailure(arrives, 5000, 122, 18, 100)).toBe('final_incorrect_cltv_expiry');
    expect(finalHopFailure(arrives, 5000, 121, 18, 104)).toBe('incorrect_or_unknown_payment_details');
  });
});

//  0 ──a── 1 ──b── 2      and a second way  0 ──c── 3 ──d── 2, dearer
const graph = (): CompiledGraph => {
  const edges = 8;
  const all = (value: number): number[] => new Array<number>(edges).fill(value);
  const feeBaseMsat = all(1000);
  feeBaseMsat[6] = 5000;
  return new CompiledGraph({
    nodeKeys: ['0', '1', '2', '3'],
    channelIds: ['a', 'b', 'c', 'd'],
    node1: [0, 1, 0, 3],
    node2: [1, 2, 3, 2],
    capacityMsat: new Array<number>(4).fill(1e9),
    feeBaseMsat,
    feeProportionalMillionths: all(0),
    cltvExpiryDelta: all(40),
    htlcMinimumMsat: all(1),
    htlcMaximumMsat: all(1e9),
    enabled: all(1),
  });
};
const [A, B, C, D] = [0, 2, 4, 6];

const order = (more: Partial<PaymentOrder> = {}): PaymentOrder => ({
  id: 0,
  source: 0,
  target: 2,
  amountMsat: msat(100_000),
  maxFeeMsat: msat(50_000),
  maxAttempts: 5,
  maxHops: 20,
  maxCltvExpiryDelta: 2016,
  maxParts: 1,
  ...more,
});

const REQUEST = { paymentHash: new Uint8Array(32), paymentSecret: new Uint8Array(32) };

function payment(more: Partial<PaymentOrder> = {}): {
  next: () => readonly number[] | null;
  paid: OutgoingPayment;
  fail: (name: FailureName, erringHop: number) => void;
} {
  const strategy = cheapestFee();
  const network = graph();
  const paid = new OutgoingPayment(order(more), REQUEST, 0 as Micros);
  const nothing = { spendableMsat: () => 1e9, inFlightMsat: () => 0 };
  let last: PaymentPart | undefined;
  return {
    paid,
    next: () => {
      last = paid.nextParts({ strategy, graph: network, now: 1 as Micros, ...nothing })[0];
      return last?.route.edges ?? null;
    },
    fail: (name, erringHop) => paid.partFailed(last!, { name, erringHop }, { strategy, now: 2 as Micros, ...nothing }),
  };
}

describe('an outgoing payment', () => {
  test('tries the cheapest route, then the next without the channel that failed, then gives up by name', () => {
    const { next, fail, paid } = payment();
    expect(next()).toEqual([A, B]);
    fail('temporary_channel_failure', 1);
    expect(next()).toEqual([C, D]);
    fail('fee_insufficient', 1);
    expect(next()).toBeNull();
    expect([paid.status, paid.failure, paid.attempts, paid.endedAt]).toEqual(['failed', 'no-route', 2, 1]);
  });

  test('without a channel that sends the amount says what these are short of, or what became of those left out', () => {
    const reason = (shortage: Shortage | null, fails: boolean): unknown => {
      const paid = new OutgoingPayment(order(), REQUEST, 0 as Micros);
      const spendable = { msat: fails ? 1e9 : 0 };
      const payer = {
        strategy: cheapestFee(),
        graph: graph(),
        now: 1 as Micros,
        spendableMsat: () => spendable.msat,
        inFlightMsat: () => 0,
        shortage: () => shortage,
      };
      if (fails) {
        const [part] = paid.nextParts(payer);
        paid.partFailed(part!, { name: 'permanent_channel_failure', erringHop: 0 }, payer);
        spendable.msat = 0;
      }
      expect(paid.nextParts(payer)).toEqual([]);
      return paid.failure;
    };
    expect([reason('too-many-htlcs', false), reason('too-many-htlcs', true)]).toEqual([
      'too-many-htlcs',
      'too-many-htlcs',
    ]);
    expect([reason(null, false), reason(null, true)]).toEqual(['insufficient-balance', 'permanent_channel_failure']);
  });

  test('tries an edge again whose policy was news, unless its client never does', () => {
    const after = (leavesOutUpdated: boolean): readonly number[] | undefined => {
      const paid = new OutgoingPayment(order(), REQUEST, 0 as Micros);
      const strategy = { ...cheapestFee(), leavesOutUpdated };
      const payer = { strategy, graph: graph(), now: 1 as Micros, spendableMsat: () => 1e9, inFlightMsat: () => 0 };
      const [part] = paid.nextParts(payer);
      paid.partFailed(part!, { name: 'fee_insufficient', erringHop: 1 }, { ...payer, isNews: true });
      return paid.nextParts(payer)[0]?.route.edges;
    };
    expect([after(false), after(true)]).toEqual([
      [A, B],
      [C, D],
    ]);
  });

  test('leaves out a node that failed, whichever channel leads there', () => {
    const { next, fail } = payment();
    expect(next()).toEqual([A, B]);
    fail('temporary_node_failure', 1);
    expect(next()).toEqual([C, D]);
  });

  test('stops at the limit of attempts with the last failure, and at once when the payee refuses', () => {
    const limited = payment({ maxAttempts: 1 });
    limited.next();
    limited.fail('temporary_channel_failure', 1);
    expect(limited.next()).toBeNull();
    expect(limited.paid.failure).toBe('temporary_channel_failure');
    const refused = payment();
    refused.next();
    refused.fail('incorrect_or_unknown_payment_details', 2);
    expect([refused.paid.status, refused.paid.failure]).toEqual(['failed', 'incorrect_or_unknown_payment_details']);
  });
});

describe('the onion', () => {
  test('tells each node its own hop and nothing else', () => {
    const route = priceRoute(graph(), [A, B], msat(100_000), 21);
    const paymentData = { paymentSecret: new Uint8Array(32).fill(7), totalMsat: msat(300_000) };
    const first = Onion.forRoute(route, 700, paymentData).peel();
    expect(first.payload).toEqual({ nextEdge: B, amountMsat: 100_000, expiry: 721, paymentData: null });
    const last = first.next.peel();
    expect(last.payload).toEqual({ nextEdge: null, amountMsat: 100_000, expiry: 721, paymentData });
    expect(() => last.next.peel()).toThrow(/peeled by the nodes of its route/);
    expect(Object.keys(first.next)).toEqual(['isReadable']);
  });

  test('what a payer prices, every node on the way accepts', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 900_000_000 }), fc.integer({ min: 1, max: 1000 }), (amount, height) => {
        const network = graph();
        const route = priceRoute(network, [A, B], msat(amount), 21);
        const { payload } = Onion.forRoute(route, height, { ...REQUEST, totalMsat: msat(amount) }).peel();
        const hop = {
          amountInMsat: route.amountsMsat[0]!,
          amountOutMsat: payload.amountMsat,
          expiryIn: height + route.cltvExpiryDeltas[0]!,
          expiryOut: payload.expiry,
        };
        const policy = { ...POLICY, feeProportionalMillionths: 0, htlcMinimumMsat: 1 };
        expect(forwardingFailure(policy, hop, height)).toBeNull();
      }),
    );
  });
});
