/** Payments in several parts: at their payer, at their payee, and both together over a network of plain balances. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { micros, type Micros } from '../../src/base/time.ts';
import { msat } from '../../src/base/units.ts';
import type { FailureName } from '../../src/payment/failure.ts';
import { IncomingPayment, paymentDataFailure } from '../../src/payment/incomingPayment.ts';
import { OutgoingPayment, type PaymentPart } from '../../src/payment/outgoingPayment.ts';
import type { RouteRequest, RoutingStrategy } from '../../src/routing/strategy.ts';
import { network, routeAlong } from '../routing/network.ts';
import { PlainNetwork, REQUEST, orderOf } from './plainNetwork.ts';

const SECRET = REQUEST.paymentSecret;
const NOW = micros(1);

describe('a payee', () => {
  const asked = { amountMsat: 1000, paymentSecret: SECRET };
  const shown = (totalMsat: number, paymentSecret = SECRET) => ({ totalMsat: msat(totalMsat), paymentSecret });

  test('takes from the amount of its invoice to twice that, and asks for the secret', () => {
    expect(paymentDataFailure(asked, shown(1000))).toBeNull();
    expect(paymentDataFailure(asked, shown(2000))).toBeNull();
    expect(paymentDataFailure(asked, shown(999))).toBe('incorrect_or_unknown_payment_details');
    expect(paymentDataFailure(asked, shown(2001))).toBe('incorrect_or_unknown_payment_details');
    expect(paymentDataFailure(asked, shown(1000, new Uint8Array(32)))).toBe('incorrect_or_unknown_payment_details');
    expect(paymentDataFailure(asked, null)).toBe('incorrect_or_unknown_payment_details');
  });

  test('has the whole with the part that brings the sum to the total, in any order, and takes no more', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 1, maxLength: 16 }), (amounts) => {
        const total = amounts.reduce((sum, each) => sum + each, 0);
        const incoming = new IncomingPayment<number>(total);
        amounts.forEach((amount, i) => {
          expect(incoming.isComplete).toBe(false);
          incoming.add(i, amount);
        });
        expect([incoming.isComplete, incoming.parts.length]).toEqual([true, amounts.length]);
        expect(() => incoming.add(99, 1)).toThrow(/complete/);
      }),
    );
  });
});

//  A ─── B ─── D      two ways, 1 sat each
//   └─── C ───┘
const diamond = network([
  ['A-B', 1000],
  ['B-D', 1000],
  ['A-C', 1000],
  ['C-D', 1000],
]);

/** A strategy that answers with the amounts it is told, over the ways in turn, and keeps what it was asked. */
function scripted(answers: readonly (readonly number[])[]): RoutingStrategy & { asked: RouteRequest[] } {
  const asked: RouteRequest[] = [];
  return {
    asked,
    findRoutes(request) {
      const amounts = answers[asked.length];
      asked.push(request);
      if (amounts === undefined) return { failure: 'no-route' };
      return amounts.map((amount, i) => routeAlong(diamond, i % 2 === 0 ? 'A-B-D' : 'A-C-D', amount));
    },
    learn: () => undefined,
  };
}

function begun(answers: readonly (readonly number[])[], more: Partial<Parameters<typeof orderOf>[1]> = {}) {
  const strategy = scripted(answers);
  const paid = new OutgoingPayment(
    orderOf(diamond, { from: 'A', to: 'D', amountMsat: 100_000, ...more }),
    REQUEST,
    NOW,
  );
  const free = { spendableMsat: () => 1e12, inFlightMsat: () => 0 };
  return {
    strategy,
    paid,
    next: () => paid.nextParts({ strategy, graph: diamond, now: NOW, ...free }),
    fail: (part: PaymentPart, name: FailureName, erringHop: number, at: Micros = NOW) =>
      paid.partFailed(part, { name, erringHop }, { strategy, now: at, ...free }),
    succeed: (part: PaymentPart) => paid.partSucceeded(part, { strategy, now: NOW, ...free }),
  };
}

describe('a payer', () => {
  test('asks again for what is missing, with what is left of the fee and of the parts', () => {
    const { strategy, paid, next, fail, succeed } = begun([[60_000, 40_000], [60_000]], { maxFeeMsat: 5000 });
    const [first, second] = next();
    expect([paid.missingMsat, paid.wantsRoutes]).toEqual([0, false]);
    fail(first!, 'temporary_channel_failure', 1);
    expect([paid.missingMsat, paid.wantsRoutes]).toEqual([60_000, true]);
    const [third] = next();
    expect(strategy.asked.map(({ amountMsat, maxFeeMsat, maxParts }) => [amountMsat, maxFeeMsat, maxParts])).toEqual([
      [100_000, 5000, 4],
      [60_000, 4000, 3],
    ]);
    succeed(second!);
    expect(paid.status).toBe('pending');
    succeed(third!);
    expect([paid.status, paid.attempts, paid.settled.length]).toEqual(['succeeded', 3, 2]);
  });

  test('that gives up waits for the parts that are on their way', () => {
    const { paid, next, fail } = begun([[60_000, 40_000]]);
    const [first, second] = next();
    fail(first!, 'temporary_channel_failure', 1);
    expect(next()).toEqual([]);
    expect([paid.status, paid.failure, paid.wantsRoutes]).toEqual(['pending', 'no-route', false]);
    fail(second!, 'mpp_timeout', 2, micros(61e6));
    expect([paid.status, paid.failure, paid.endedAt]).toEqual(['failed', 'no-route', 61e6]);
  });

  test('leaves nothing out for a part that timed out at its payee, and tries again', () => {
    const { strategy, next, fail } = begun([[100_000], [100_000]]);
    const [part] = next();
    fail(part!, 'mpp_timeout', 2);
    next();
    expect(strategy.asked).toHaveLength(2);
  });

  test('gives up when each of its parts has failed so many times', () => {
    const { paid, next, fail } = begun(
      Array.from({ length: 20 }, () => [50_000, 50_000]),
      { maxAttempts: 3 },
    );
    let failures = 0;
    while (paid.status === 'pending') {
      const parts = next();
      for (const part of parts) fail(part, 'temporary_channel_failure', 1);
      failures += parts.length;
    }
    expect([failures, paid.failure]).toEqual([6, 'temporary_channel_failure']);
  });

  test('has paid with the first preimage, whatever becomes of the other parts', () => {
    const { paid, next, fail, succeed } = begun([[60_000, 40_000]]);
    const [first, second] = next();
    succeed(first!);
    fail(second!, 'permanent_channel_failure', 1);
    expect([paid.status, paid.failure, paid.settled.length]).toEqual(['succeeded', null, 1]);
  });
});

describe('over plain balances', () => {
  /** n ways from A to Z by way of one node each, with what A and that node can send. */
  const ways = (sats: readonly number[]): PlainNetwork => {
    const lines = sats.flatMap((_, i) => [[`A-N${i}`, 1000] as const, [`N${i}-Z`, 1000] as const]);
    return new PlainNetwork(network(lines), (edge) => 1000 * sats[edge >> 2]!);
  };

  // lnd halves what does not go whole; LDK takes the largest shares; eclair sends random shares of at least 15,000 sat;
  // askrene and Pickhardt payments take a flow
  test.each(['lnd', 'ldk', 'eclair', 'cln-pay', 'cln-xpay', 'pickhardt', 'spider'])(
    '%s splits what no channel carries whole',
    (name) => {
      const { payment } = ways([60_000, 60_000, 60_000]).pay(name, { from: 'A', to: 'Z', amountMsat: 100_000_000 });
      expect([payment.status, payment.settled.length > 1]).toEqual(['succeeded', true]);
      const sent = payment.settled.map(({ route }) => route.amountsMsat.at(-1)!);
      expect(sent.reduce((sum, each) => sum + each, 0)).toBe(100_000_000);
      if (name === 'lnd') expect(sent.toSorted((a, b) => a - b)).toEqual([50_000_000, 50_000_000]);
    },
  );

  test('lnd halves what is left, but never below 10,000 sat: 20,000 go over ways of 10,500, 30,000 do not', () => {
    const over = (sat: number) => {
      const ask = { from: 'A', to: 'Z', amountMsat: 1000 * sat };
      const { payment } = ways(Array.from({ length: 12 }, () => 10_500)).pay('lnd', ask);
      return payment.failure ?? payment.settled.length;
    };
    expect([over(20_000), over(30_000)]).toEqual([2, 'no-route']);
  });

  test('a payment that can’t be completed leaves every balance as it was', () => {
    // what is public says that all three ways carry 60,000; the truth is that only one does
    const blind = new PlainNetwork(ways([60_000, 60_000, 60_000]).graph, (edge) =>
      (edge >> 1) % 2 === 0 ? 60_000_000 : edge >> 2 === 0 ? 60_000_000 : 1000,
    );
    for (const name of ['lnd', 'ldk', 'eclair', 'cln-pay', 'cln-xpay', 'pickhardt']) {
      const before = blind.balancesMsat.slice();
      const { payment } = blind.pay(name, { from: 'A', to: 'Z', amountMsat: 100_000_000 });
      expect([name, payment.status, payment.settled.length]).toEqual([name, 'failed', 0]);
      expect(blind.balancesMsat).toEqual(before);
    }
  });

  test('the payee gets all or nothing, and what the payer sends is that and the fees', () => {
    const names = ['lnd', 'ldk', 'eclair', 'cln-pay', 'cln-xpay', 'pickhardt', 'spider', 'flash', 'cheapest-fee'];
    let split = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 90 })), {
          minLength: 2,
          maxLength: 6,
        }),
        fc.integer({ min: 1, max: 150_000 }),
        (name, sats, amountSat) => {
          const lines = sats.flatMap((_, i) => [[`A-N${i}`, 1000] as const, [`N${i}-Z`, 1000] as const]);
          const net = new PlainNetwork(network(lines), (edge) => 1e6 * sats[edge >> 2]![(edge >> 1) & 1]!);
          const [a, z] = [net.heldMsat('A'), net.heldMsat('Z')];
          const { payment } = net.pay(name, { from: 'A', to: 'Z', amountMsat: 1000 * amountSat });
          const fees = payment.settled.reduce((sum, { route }) => sum + route.feeMsat, 0);
          const paid = payment.status === 'succeeded' ? 1000 * amountSat : 0;
          expect(net.heldMsat('Z') - z).toBe(paid);
          expect(a - net.heldMsat('A')).toBe(paid + fees);
          if (payment.settled.length > 1) split++;
        },
      ),
      { numRuns: 300 },
    );
    expect(split).toBeGreaterThan(20);
  });
});
