/**
 * What a way weighs in eclair (eclair 5b765e026, `router/Graph.scala`, `HeuristicsConstants`):
 * fees + hop costs + amount × blocks × risk + failure cost ÷ probability, of the way as a whole, so it does not add up edge by
 * edge. With `useLogProbability` it does: each edge adds its fee, its hop cost, its own risk and −failure cost × ln p.
 */
import { ln } from '../../base/math.ts';
import { forwardingFeeMsat } from '../../base/units.ts';
import type { WayCost } from '../waySearch.ts';

/** A virtual fee, never paid. */
export interface VirtualFee {
  readonly baseMsat: number;
  readonly millionths: number;
}

export interface EclairWeights {
  /** of an amount locked for a block, as a share of it */
  readonly lockedFundsRisk: number;
  /** of an attempt that fails */
  readonly failure: VirtualFee;
  /** of every hop */
  readonly hop: VirtualFee;
  readonly useLogProbability: boolean;
}

const virtual = (amountMsat: number, { baseMsat, millionths }: VirtualFee): number =>
  forwardingFeeMsat(amountMsat, baseMsat, millionths);

/**
 * @param probability of an edge that is not the payer's own, for the amount over it
 * @param finalCltvExpiryDelta blocks of the payee, which cost nothing
 */
export function eclairWeight(
  weights: EclairWeights,
  probability: (edge: number, amountMsat: number) => number,
  finalCltvExpiryDelta: number,
): WayCost {
  const { lockedFundsRisk, failure, hop } = weights;
  return (way, rest, edge, isOwn) => {
    // the payer's own channels weigh nothing: which of them is taken does not matter
    if (isOwn) {
      way.cost = rest.cost;
      return true;
    }
    const likely = probability(edge, rest.amountMsat);
    if (likely <= 0) return false;
    const hopCost = virtual(rest.amountMsat, hop);
    const failureCost = virtual(way.amountMsat, failure);
    way.probability = rest.probability * likely;
    way.extra = rest.extra + hopCost;
    if (weights.useLogProbability) {
      const risk = way.amountMsat * (way.blocks - rest.blocks) * lockedFundsRisk;
      way.cost = rest.cost + way.feeMsat - rest.feeMsat + hopCost + risk - failureCost * ln(likely);
    } else {
      const risk = way.amountMsat * (way.blocks - finalCltvExpiryDelta) * lockedFundsRisk;
      way.cost = way.feeMsat + way.extra + risk + failureCost / way.probability;
    }
    return true;
  };
}
