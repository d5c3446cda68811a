/** How a channel's opening balance is split between its ends: the port, and the models by name. */
import type { Msat } from '../../base/units.ts';
import { balanced } from './balanced.ts';
import { bimodal } from './bimodal.ts';
import { openerFunded } from './openerFunded.ts';
import { recorded } from './recorded.ts';
import { uniform } from './uniform.ts';

/** A channel that is to be opened. */
export interface NewChannel {
  readonly channel: number;
  readonly capacityMsat: Msat;
  /** what its opener has to keep: anchors, twice the fee, the reserve */
  readonly leastMsat: Msat;
  readonly isOpenedByNode1: boolean;
  /** drawn uniformly from [0, 1): all the chance that a model has */
  readonly chance: number;
}

/** What the opener's balance should be, msat; the world raises it to `leastMsat` and cuts it at the capacity. */
export type LiquidityModel = (channel: NewChannel) => number;

export type LiquidityPlan =
  | { readonly kind: 'uniform' | 'balanced' | 'opener' }
  | { readonly kind: 'bimodal'; readonly scale: number }
  | { readonly kind: 'recorded'; readonly node1Msat: Float64Array }
  | WarmUpPlan;

/** Channels are opened by a simple model; then payments that nobody counts move the balances until they stand still. */
export interface WarmUpPlan {
  readonly kind: 'steady-state';
  readonly from: 'uniform' | 'balanced' | 'opener';
  /** payments */
  readonly window: number;
  /** below which balances stand still: of distance, drift and change of the success rate (`steadiness.ts`) */
  readonly threshold: number;
  readonly mostPayments: number;
}

export function liquidityModel(plan: LiquidityPlan): LiquidityModel {
  switch (plan.kind) {
    case 'uniform':
      return uniform;
    case 'balanced':
      return balanced;
    case 'opener':
      return openerFunded;
    case 'bimodal':
      return bimodal(plan.scale);
    case 'recorded':
      return recorded(plan.node1Msat);
    case 'steady-state':
      return liquidityModel({ kind: plan.from });
  }
}
