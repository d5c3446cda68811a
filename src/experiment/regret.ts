/**
 * What payments could have done, beside what they did: the oracle is asked when each starts, and its answer held against how it
 * ended. The network goes on meanwhile, so that what nobody could do may succeed after all; those are counted.
 */
import { Rng } from '../base/random.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import { quantiles, type Quantiles } from '../graph/quantiles.ts';
import { DEFAULT_FINAL_CLTV_EXPIRY_DELTA, FINAL_CLTV_PADDING_BLOCKS } from '../payment/forwarding.ts';
import type { PaymentOrder } from '../payment/outgoingPayment.ts';
import type { PaymentRecord } from '../sim/tally.ts';
import { askOracle, type Verdict } from './oracle.ts';

export interface RegretSummary {
  /** payments that the oracle was asked about */
  readonly payments: number;
  /** how they could have been made when they started */
  readonly verdicts: Readonly<Record<Verdict, number>>;
  readonly succeeded: number;
  /** of these, payments that nobody could make within their limits when they started */
  readonly succeededLater: number;
  readonly failures: {
    /** no number of parts could deliver the amount */
    readonly nobodyCould: number;
    /** only beyond the payer's limits on fees, hops and blocks */
    readonly beyondLimits: number;
    /** only in more parts than the payer may send */
    readonly onlySplit: number;
    /** a way within the payer's limits was there: this router did not find it, or gave up before */
    readonly routerDidNot: number;
  };
  /** of payments that succeeded and that the oracle had a way for: fees paid beyond the oracle's, msat */
  readonly feeRegretMsat: Quantiles | null;
  readonly feesPaidMsat: number;
  /** what the oracle would have paid for the same payments */
  readonly feesOfOracleMsat: number;
  /** of the same payments: HTLCs sent beyond those that are needed, one where a single route carries the amount */
  readonly attemptRegret: Quantiles | null;
  /** what could be delivered at most when the payment started, as a multiple of its amount */
  readonly deliverable: Quantiles | null;
}

/** What the oracle said of one payment. */
interface Foreseen {
  readonly verdict: Verdict;
  readonly deliverableMsat: number;
  /** what the oracle's way that the payer was allowed costs, and how many parts are needed at least; null for none */
  readonly best: { readonly feeMsat: number; readonly parts: number } | null;
}

export class RegretLedger {
  readonly #foreseen = new Map<number, Foreseen>();
  readonly #graph: CompiledGraph;
  readonly #sample: number;
  readonly #rng: Rng;

  /** @param sample the share of payments to ask about, chosen by a stream of its own */
  constructor(graph: CompiledGraph, sample: number, rng: Rng) {
    this.#graph = graph;
    this.#sample = sample;
    this.#rng = rng;
  }

  /** A payment is about to start. @param sendableMsat what the node that an edge leaves can send over it now */
  starts(order: PaymentOrder, sendableMsat: (edge: number) => number): void {
    if (this.#sample < 1 && this.#rng.stream('payment', order.id).unit() >= this.#sample) return;
    const finalCltvExpiryDelta = DEFAULT_FINAL_CLTV_EXPIRY_DELTA + FINAL_CLTV_PADDING_BLOCKS;
    const answer = askOracle({ ...order, finalCltvExpiryDelta }, { graph: this.#graph, sendableMsat });
    const { verdict, deliverableMsat, route, cheapest } = answer;
    const isAllowed = cheapest !== null && cheapest.length <= order.maxParts;
    const routes = isAllowed ? cheapest : route && [route];
    const feeMsat = routes?.reduce((sum, each) => sum + each.feeMsat, 0) ?? 0;
    this.#foreseen.set(order.id, {
      verdict,
      deliverableMsat,
      best: routes && { feeMsat, parts: route ? 1 : routes.length },
    });
  }

  /** @param payments those that are over, asked about or not */
  summary(payments: readonly PaymentRecord[]): RegretSummary {
    const verdicts: Record<Verdict, number> = { 'one-route': 0, split: 0, 'beyond-limits': 0, impossible: 0 };
    const failures = { nobodyCould: 0, beyondLimits: 0, onlySplit: 0, routerDidNot: 0 };
    const [feeRegrets, attemptRegrets, deliverable]: [number[], number[], number[]] = [[], [], []];
    let [asked, succeeded, succeededLater, feesPaidMsat, feesOfOracleMsat] = [0, 0, 0, 0, 0];
    for (const payment of payments) {
      const foreseen = this.#foreseen.get(payment.id);
      if (foreseen === undefined) continue;
      const { verdict, best, deliverableMsat } = foreseen;
      asked++;
      verdicts[verdict]++;
      deliverable.push(deliverableMsat / payment.amountMsat);
      if (!payment.succeeded) failures[blame(foreseen)]++;
      else {
        succeeded++;
        if (best === null) succeededLater++;
        else {
          feesPaidMsat += payment.feeMsat;
          feesOfOracleMsat += best.feeMsat;
          feeRegrets.push(payment.feeMsat - best.feeMsat);
          attemptRegrets.push(payment.attempts - best.parts);
        }
      }
    }
    return {
      payments: asked,
      verdicts,
      succeeded,
      succeededLater,
      failures,
      feeRegretMsat: quantiles(Float64Array.from(feeRegrets)),
      feesPaidMsat,
      feesOfOracleMsat,
      attemptRegret: quantiles(Float64Array.from(attemptRegrets)),
      deliverable: quantiles(Float64Array.from(deliverable)),
    };
  }
}

/** Why a payment failed, as the oracle sees it. */
function blame({ verdict, best }: Foreseen): keyof RegretSummary['failures'] {
  if (best !== null) return 'routerDidNot';
  switch (verdict) {
    case 'impossible':
      return 'nobodyCould';
    case 'beyond-limits':
      return 'beyondLimits';
    case 'split':
    case 'one-route':
      return 'onlySplit';
  }
}
