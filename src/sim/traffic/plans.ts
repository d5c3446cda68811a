/** What traffic is made from, in the simulator's own units: a source for each process of payments. */
import type { Micros } from '../../base/time.ts';
import type { Law } from '../laws.ts';
import type { BatchesPlan } from './arrivals/batches.ts';
import type { BurstyPlan } from './arrivals/bursty.ts';
import type { DiurnalPlan } from './arrivals/diurnal.ts';
import type { CirculationPlan } from './endpoints/circulation.ts';
import type { MerchantsPlan } from './endpoints/merchants.ts';
import type { WeightedPair } from './endpoints/pairs.ts';
import type { RegionsPlan } from './endpoints/regions.ts';
import type { Demand } from './traffic.ts';

export type ArrivalsPlan = { readonly kind: 'poisson' } | BurstyPlan | DiurnalPlan | BatchesPlan;

export type EndpointsPlan =
  | { readonly kind: 'uniform' }
  | { readonly kind: 'capacity' }
  | { readonly kind: 'pairs'; readonly pairs: readonly WeightedPair[] }
  | MerchantsPlan
  | RegionsPlan
  | CirculationPlan;

export interface PayeePlan {
  /** µs; null: none holds */
  readonly hold: Law | null;
  /** 0 … 1: of the payments that the payee refuses */
  readonly failProbability: number;
}

/** Payments drawn from laws. */
export interface RandomSource {
  readonly kind: 'random';
  readonly payments: number;
  readonly ratePerSecond: number;
  readonly arrivals: ArrivalsPlan;
  /** msat; rounded to whole sat, at least one */
  readonly amount: Law;
  readonly endpoints: EndpointsPlan;
  readonly payee: PayeePlan;
}

/** Payments that were recorded, in order of time. */
export interface ReplaySource {
  readonly kind: 'replay';
  readonly demands: readonly Demand[];
}

/** One node pays another again and again, as SimLN describes activity. */
export interface ActivitySource {
  readonly kind: 'activity';
  readonly payments: number;
  readonly source: number;
  readonly target: number;
  /** of its first payment; null: it comes after one interval */
  readonly start: Micros | null;
  /** µs between two payments */
  readonly interval: Law;
  /** msat */
  readonly amount: Law;
}

export type SourcePlan = RandomSource | ReplaySource | ActivitySource;

/** Payments that a source has to offer. */
export const paymentsOf = (plan: SourcePlan): number => (plan.kind === 'replay' ? plan.demands.length : plan.payments);
