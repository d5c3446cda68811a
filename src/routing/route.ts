/**
 * A route, and what each of its hops carries (BOLT 7, "HTLC Fees" and "Recommendations for Routing").
 *
 * Amounts and expiries add up from the payee back to the payer: the node that forwards over an edge keeps the fee that the
 * edge's policy asks of the amount over that edge, and takes the edge's `cltv_expiry_delta` for itself. The first edge is
 * the payer's own: it asks no fee and adds no delta.
 */
import { assert } from '../base/assert.ts';
import { type Msat, forwardingFeeMsat, msat } from '../base/units.ts';
import type { CompiledGraph } from '../graph/compiled.ts';

export interface Route {
  /** from the payer to the payee */
  readonly edges: readonly number[];
  /** what the HTLC over each edge carries: the payee's amount and all fees downstream of that edge */
  readonly amountsMsat: readonly Msat[];
  /** blocks above the tip at which the HTLC over each edge expires */
  readonly cltvExpiryDeltas: readonly number[];
  /** what the payer sends beyond what the payee gets */
  readonly feeMsat: Msat;
  /** how likely the strategy thought it, before sending, that the HTLC reaches the payee; where it has a model of that */
  readonly probability?: number;
}

/**
 * Prices a way through the graph by its present policies.
 * @param edges from the payer to the payee, at least one
 * @param grantedDeltas per hop, where a payer grants a node more blocks than the edge's own policy asks
 */
export function priceRoute(
  graph: CompiledGraph,
  edges: readonly number[],
  amountMsat: Msat,
  finalCltvExpiryDelta: number,
  grantedDeltas: readonly number[] | null = null,
): Route {
  const last = edges.length - 1;
  assert(last >= 0, 'a route has an edge');
  const amountsMsat: Msat[] = Array<Msat>(edges.length).fill(amountMsat);
  const cltvExpiryDeltas: number[] = Array<number>(edges.length).fill(finalCltvExpiryDelta);
  for (let hop = last; hop > 0; hop--) {
    const edge = edges[hop]!;
    assert(
      graph.edgeFrom[edge] === graph.edgeTo[edges[hop - 1]!],
      'a hop leaves the node that the one before it enters',
    );
    const carried = amountsMsat[hop]!;
    const feeMsat = forwardingFeeMsat(carried, graph.feeBaseMsat[edge]!, graph.feeProportionalMillionths[edge]!);
    amountsMsat[hop - 1] = msat(carried + feeMsat);
    cltvExpiryDeltas[hop - 1] = cltvExpiryDeltas[hop]! + (grantedDeltas?.[hop] ?? graph.cltvExpiryDelta[edge]!);
  }
  return { edges, amountsMsat, cltvExpiryDeltas, feeMsat: msat(amountsMsat[0]! - amountMsat) };
}
