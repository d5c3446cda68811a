/**
 * A network of plain balances, no channels, no messages: HTLCs move at once, the payee holds parts as BOLT 4 says, and when
 * nothing moves any more its time-out fails them. What payers see of it is the graph and their own balances.
 */
import { micros } from '../../src/base/time.ts';
import { msat } from '../../src/base/units.ts';
import { Rng } from '../../src/base/random.ts';
import type { CompiledGraph } from '../../src/graph/compiled.ts';
import { AmountsInFlight } from '../../src/payment/amountsInFlight.ts';
import { IncomingPayment } from '../../src/payment/incomingPayment.ts';
import { OutgoingPayment, type Payer, type PaymentOrder, type PaymentPart } from '../../src/payment/outgoingPayment.ts';
import { prepareStrategy } from '../../src/routing/registry.ts';
import type { RoutingStrategy } from '../../src/routing/strategy.ts';

export const REQUEST = { paymentHash: new Uint8Array(32).fill(1), paymentSecret: new Uint8Array(32).fill(2) };

interface Ask {
  readonly from: string;
  readonly to: string;
  readonly amountMsat: number;
  readonly maxFeeMsat?: number;
  readonly maxAttempts?: number;
  readonly maxParts?: number;
}

export const orderOf = (
  graph: CompiledGraph,
  { from, to, amountMsat, maxFeeMsat = 1e6, maxAttempts = 5, maxParts = 4 }: Ask,
): PaymentOrder => ({
  id: 0,
  source: graph.nodeIndex.get(from)!,
  target: graph.nodeIndex.get(to)!,
  amountMsat: msat(amountMsat),
  maxFeeMsat: msat(maxFeeMsat),
  maxAttempts,
  maxHops: 20,
  maxCltvExpiryDelta: 2016,
  maxParts,
});

/** Options with which every strategy may use the networks of the tests. */
const OPTIONS: Readonly<Record<string, Record<string, unknown>>> = { pickhardt: { baseFeeThresholdMsat: 1e12 } };

export class PlainNetwork {
  readonly graph: CompiledGraph;
  /** by edge: what it can send */
  readonly balancesMsat: number[];

  constructor(graph: CompiledGraph, balanceMsat: (edge: number) => number) {
    this.graph = graph;
    this.balancesMsat = Array.from({ length: graph.edgeCount }, (_, edge) => (edge % 2 === 0 ? balanceMsat(edge) : 0));
  }

  /** What a node has in all its channels. */
  heldMsat(node: string): number {
    const index = this.graph.nodeIndex.get(node);
    return this.balancesMsat.reduce((sum, each, edge) => sum + (this.graph.edgeFrom[edge] === index ? each : 0), 0);
  }

  /** Pays to the end. */
  pay(name: string, ask: Ask): { payment: OutgoingPayment; strategy: RoutingStrategy } {
    const strategy = prepareStrategy(name, OPTIONS[name] ?? {}, { file: 'test', path: '' })(Rng.fromSeed(1));
    const maxParts = ask.maxParts ?? strategy.clientMaxParts ?? 1;
    const payment = new OutgoingPayment(orderOf(this.graph, { ...ask, maxParts }), REQUEST, micros(0));
    const inFlight = new AmountsInFlight();
    let seconds = 0;
    let incoming = new IncomingPayment<PaymentPart>(ask.amountMsat);
    const undo = ({ route }: PaymentPart): void => {
      route.edges.forEach((edge, hop) => (this.balancesMsat[edge]! += route.amountsMsat[hop]!));
      inFlight.remove(route);
    };
    while (payment.status === 'pending') {
      const now = micros(1e6 * ++seconds);
      const payer: Payer = {
        strategy,
        graph: this.graph,
        now,
        spendableMsat: (edge) => this.balancesMsat[edge]!,
        inFlightMsat: (edge) => inFlight.over(edge),
      };
      while (payment.wantsRoutes) {
        for (const part of payment.nextParts(payer)) {
          const failedAt = this.#send(part);
          inFlight.add(part.route);
          if (failedAt === null) {
            incoming.add(part, part.route.amountsMsat.at(-1)!);
            continue;
          }
          inFlight.remove(part.route);
          payment.partFailed(part, { name: 'temporary_channel_failure', erringHop: failedAt }, payer);
        }
      }
      for (const part of incoming.parts) {
        if (incoming.isComplete) {
          part.route.edges.forEach((edge, hop) => (this.balancesMsat[edge ^ 1]! += part.route.amountsMsat[hop]!));
          inFlight.remove(part.route);
          payment.partSucceeded(part, payer);
        } else {
          undo(part);
          payment.partFailed(part, { name: 'mpp_timeout', erringHop: part.route.edges.length }, payer);
        }
      }
      incoming = new IncomingPayment<PaymentPart>(ask.amountMsat);
    }
    return { payment, strategy };
  }

  /** Takes the amounts off the balances on the way. @returns the hop that could not, with nothing taken; null if all could */
  #send({ route }: PaymentPart): number | null {
    const failed = route.edges.findIndex((edge, hop) => this.balancesMsat[edge]! < route.amountsMsat[hop]!);
    if (failed !== -1) return failed;
    route.edges.forEach((edge, hop) => (this.balancesMsat[edge]! -= route.amountsMsat[hop]!));
    return null;
  }
}
