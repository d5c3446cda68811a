/** Makes the traffic of a run from its sources: each draws from streams of its own, and they are merged by time. */
import { unreachable } from '../../base/assert.ts';
import type { Rng } from '../../base/random.ts';
import { micros, type Micros } from '../../base/time.ts';
import { msat, MSAT_PER_SAT, type Msat } from '../../base/units.ts';
import { drawerOf, type Law } from '../laws.ts';
import { batchArrivals } from './arrivals/batches.ts';
import { burstyArrivals } from './arrivals/bursty.ts';
import { diurnalArrivals } from './arrivals/diurnal.ts';
import { poissonArrivals } from './arrivals/poisson.ts';
import { capacityEndpoints } from './endpoints/capacity.ts';
import { circulationEndpoints } from './endpoints/circulation.ts';
import { merchantEndpoints } from './endpoints/merchants.ts';
import { pairEndpoints } from './endpoints/pairs.ts';
import { regionEndpoints } from './endpoints/regions.ts';
import { uniformEndpoints } from './endpoints/uniform.ts';
import type { ActivitySource, ArrivalsPlan, EndpointsPlan, PayeePlan, RandomSource, SourcePlan } from './plans.ts';
import {
  settlesAtOnce,
  type Arrivals,
  type Demand,
  type Endpoints,
  type PayeeAnswer,
  type Places,
  type Traffic,
} from './traffic.ts';

/**
 * @param rng the traffic's stream: the first source draws from it, the others from streams below it
 * @param structure the same for what is drawn once (who sells, regions, orders): traffic with the same is the same demand
 */
export function makeTraffic(sources: readonly SourcePlan[], places: Places, rng: Rng, structure = rng): Traffic {
  const made = sources.map((plan, index) => {
    const of = (stream: Rng): Rng => (index === 0 ? stream : stream.stream('source', index));
    return sourceOf(plan, places, of(rng), of(structure));
  });
  return made.length === 1 ? made[0]! : merged(made);
}

function sourceOf(plan: SourcePlan, places: Places, rng: Rng, structure: Rng): Traffic {
  switch (plan.kind) {
    case 'random':
      return randomTraffic(plan, places, rng, structure);
    case 'replay': {
      const demands = plan.demands.values();
      return { next: () => demands.next().value ?? null };
    }
    case 'activity':
      return activityTraffic(plan, rng);
    default:
      return unreachable(plan);
  }
}

function randomTraffic(plan: RandomSource, places: Places, rng: Rng, structure: Rng): Traffic {
  const arrivals = arrivalsOf(plan.arrivals, plan.ratePerSecond, rng.stream('times'));
  const endpoints = endpointsOf(plan.endpoints, places, rng.stream('ends'), structure.stream('ends'));
  const amount = amountOf(plan.amount, rng.stream('amounts'));
  const payee = payeeOf(plan.payee, rng.stream('payees'));
  let at = 0 as Micros;
  let left = plan.payments;
  return {
    next() {
      const pair = left-- > 0 ? endpoints.next() : null;
      if (pair === null) return null;
      at = micros(at + arrivals.interval(at));
      const { source, target, route = null } = pair;
      return { at, source, target, amountMsat: amount(), route, payee: payee() };
    },
  };
}

function activityTraffic(plan: ActivitySource, rng: Rng): Traffic {
  const interval = drawerOf(plan.interval, rng.stream('times'));
  const amount = amountOf(plan.amount, rng.stream('amounts'));
  const { source, target, payments } = plan;
  let at = plan.start ?? micros(interval());
  let made = 0;
  return {
    next() {
      if (made >= payments) return null;
      if (made++ > 0) at = micros(at + interval());
      return { at, source, target, amountMsat: amount(), route: null, payee: settlesAtOnce };
    },
  };
}

/** Several at once: the earliest payment first, among equals that of the earlier source. */
export function merged(sources: readonly Traffic[]): Traffic {
  const heads = sources.map((source) => source.next());
  return {
    next() {
      let first = -1;
      let earliest: Demand | null = null;
      heads.forEach((head, index) => {
        if (head === null || (earliest !== null && head.at >= earliest.at)) return;
        [first, earliest] = [index, head];
      });
      if (earliest !== null) heads[first] = sources[first]!.next();
      return earliest;
    },
  };
}

function arrivalsOf(plan: ArrivalsPlan, ratePerSecond: number, rng: Rng): Arrivals {
  switch (plan.kind) {
    case 'poisson':
      return poissonArrivals(ratePerSecond, rng);
    case 'bursty':
      return burstyArrivals(ratePerSecond, plan, rng);
    case 'diurnal':
      return diurnalArrivals(ratePerSecond, plan, rng);
    case 'batches':
      return batchArrivals(ratePerSecond, plan);
  }
}

function endpointsOf(plan: EndpointsPlan, places: Places, rng: Rng, structure: Rng): Endpoints {
  switch (plan.kind) {
    case 'uniform':
      return uniformEndpoints(places, rng);
    case 'capacity':
      return capacityEndpoints(places, rng);
    case 'pairs':
      return pairEndpoints(plan.pairs, rng);
    case 'merchants':
      return merchantEndpoints(places, plan, rng, structure);
    case 'regions':
      return regionEndpoints(places, plan, rng, structure);
    case 'circulation':
      return circulationEndpoints(places, plan, rng, structure);
  }
}

/** No amount is larger: 21,000 BTC, far above what any channel carries. */
const MOST_MSAT = 21_000 * 1e11;

/** Amounts in whole sat, at least one. */
function amountOf(law: Law, rng: Rng): () => Msat {
  const draw = drawerOf(law, rng);
  return () => msat(Math.max(1, Math.round(Math.min(draw(), MOST_MSAT) / MSAT_PER_SAT)) * MSAT_PER_SAT);
}

function payeeOf({ hold, failProbability }: PayeePlan, rng: Rng): () => PayeeAnswer {
  if (hold === null && failProbability === 0) return () => settlesAtOnce;
  const holds = rng.stream('holds');
  const draw = hold === null ? () => 0 : drawerOf(hold, holds);
  return () => ({ holdMicros: micros(draw()), fails: failProbability > 0 && rng.unit() < failProbability });
}
