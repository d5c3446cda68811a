/**
 * What lnd reads out of an attempt's outcome: which pairs of nodes carried it, which are to blame
 * (lnd 90ea05d5a, `routing/result_interpretation.go`).
 */
import { assert } from '../../base/assert.ts';
import type { RouteOutcome } from '../strategy.ts';

/** A pair carried an amount, or did not. A failure at 0 msat is one at any amount. */
export interface PairResult {
  readonly success: boolean;
  readonly amountMsat: number;
}

export interface Interpretation {
  /** by an edge of the pair */
  readonly pairs: ReadonlyMap<number, PairResult>;
  /** all of whose tried pairs failed */
  readonly failedNode: number | null;
  /** an edge of the pair whose policy the payer may have known wrongly */
  readonly policyFailure: number | null;
}

/** Collects the verdicts on a route's pairs; a later verdict replaces an earlier one. */
class Verdicts {
  readonly pairs = new Map<number, PairResult>();
  failedNode: number | null = null;
  policyFailure: number | null = null;
  readonly #outcome: RouteOutcome;

  constructor(outcome: RouteOutcome) {
    this.#outcome = outcome;
  }

  /** The pairs from one hop to another carried what was sent over them. */
  succeeded(fromHop: number, toHop: number): void {
    const { edges, amountsMsat } = this.#outcome.route;
    for (let hop = fromHop; hop <= toHop; hop++) {
      this.pairs.set(edges[hop]!, { success: true, amountMsat: amountsMsat[hop]! });
    }
  }

  /** The pair can't carry that amount. */
  lacksBalance(hop: number): void {
    const { edges, amountsMsat } = this.#outcome.route;
    this.pairs.set(edges[hop]!, { success: false, amountMsat: amountsMsat[hop]! });
  }

  /** The pairs carry nothing, in neither direction. */
  failed(fromHop: number, toHop = fromHop): void {
    const { edges } = this.#outcome.route;
    for (let hop = fromHop; hop <= toHop; hop++) {
      this.pairs.set(edges[hop]!, { success: false, amountMsat: 0 });
      this.pairs.set(edges[hop]! ^ 1, { success: false, amountMsat: 0 });
    }
  }

  /** The node that many hops from the payer is to blame, with the pairs on both its sides. */
  nodeFailed(node: number): void {
    const { route, graph } = this.#outcome;
    this.failedNode = graph.edgeTo[route.edges[node - 1]!]!;
    this.failed(node - 1);
    if (node < route.edges.length) this.failed(node);
  }
}

/** Interprets an outcome, success or failure. */
export function interpretResult(outcome: RouteOutcome): Interpretation {
  const { route, failure, erringHop } = outcome;
  const verdicts = new Verdicts(outcome);
  const hops = route.edges.length;
  if (failure === null) {
    verdicts.succeeded(0, hops - 1);
    return verdicts;
  }
  assert(erringHop !== null && erringHop <= hops, 'a failure comes from a node of the route');
  // what fails at the payer's own node is not held against anybody
  if (erringHop === hops) interpretFinal(verdicts, hops, failure);
  else if (erringHop > 0) interpretIntermediate(verdicts, outcome, erringHop, failure);
  return verdicts;
}

function interpretFinal(verdicts: Verdicts, hops: number, failure: string): void {
  switch (failure) {
    case 'incorrect_or_unknown_payment_details':
    case 'mpp_timeout':
      verdicts.succeeded(0, hops - 1);
      return;
    case 'final_incorrect_cltv_expiry':
    case 'final_incorrect_htlc_amount':
      if (hops === 1) return verdicts.nodeFailed(1);
      verdicts.failed(hops - 1);
      verdicts.succeeded(0, hops - 2);
      return;
    default:
      verdicts.nodeFailed(hops);
      verdicts.succeeded(0, hops - 2);
  }
}

function interpretIntermediate(verdicts: Verdicts, outcome: RouteOutcome, erringHop: number, failure: string): void {
  switch (failure) {
    case 'temporary_channel_failure':
      verdicts.lacksBalance(erringHop);
      verdicts.succeeded(0, erringHop - 1);
      return;
    case 'unknown_next_peer':
    case 'permanent_channel_failure':
      verdicts.failed(erringHop);
      return;
    case 'channel_disabled':
      verdicts.policyFailure = outcome.route.edges[erringHop]!;
      verdicts.failed(erringHop);
      verdicts.succeeded(0, erringHop - 1);
      return;
    // the node before may have changed what the onion asked for: the pair into the erring node is to blame
    case 'amount_below_minimum':
    case 'fee_insufficient':
    case 'incorrect_cltv_expiry':
      verdicts.policyFailure = outcome.route.edges[erringHop]!;
      if (erringHop === 1) return verdicts.nodeFailed(1);
      verdicts.failed(erringHop - 1);
      verdicts.succeeded(0, erringHop - 2);
      return;
    // somebody on the way delayed it, nobody knows who
    case 'expiry_too_soon':
      if (erringHop === 1) return verdicts.nodeFailed(1);
      verdicts.failed(0, erringHop - 1);
      return;
    default:
      verdicts.nodeFailed(erringHop);
  }
}
