/** What a scenario asks to measure: hears of a run while it goes, and says what it found when it is over. */
import { Rng } from '../base/random.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import type { RunListener } from '../sim/records.ts';
import type { PaymentRecord } from '../sim/tally.ts';
import { Calibration, calibrated, type CalibrationRow } from './calibration.ts';
import { RegretLedger, type RegretSummary } from './regret.ts';
import type { RoutingPlan } from './routingPlan.ts';
import type { Scenario } from './scenario.ts';

/** What was measured; null where the scenario does not ask for it. */
export interface Measured {
  readonly oracle: OracleSummary | null;
  /** a row a strategy, in the order in which the scenario names them */
  readonly calibration: readonly CalibrationRow[] | null;
}

/** Of all payments, and of those of the nodes that use a strategy. */
export interface OracleSummary extends RegretSummary {
  readonly byStrategy: Readonly<Record<string, RegretSummary>>;
}

export class Measures {
  readonly #routing: RoutingPlan;
  readonly #regret: RegretLedger | null;
  readonly #calibrations: Map<string, Calibration> | null;

  constructor({ measure, seed }: Scenario, graph: CompiledGraph, routing: RoutingPlan) {
    this.#routing = routing;
    this.#regret = measure.oracle ? new RegretLedger(graph, measure.sample, Rng.fromSeed(seed).stream('oracle')) : null;
    this.#calibrations = measure.calibration
      ? new Map(routing.names.map((name) => [name, new Calibration(name)]))
      : null;
  }

  /** What the run is to tell. */
  get listener(): RunListener {
    const regret = this.#regret;
    return {
      measuring: () => this.#calibrations?.forEach((calibration) => calibration.clear()),
      ...(regret ? { paymentStarts: (order, sendableMsat) => regret.starts(order, sendableMsat) } : {}),
    };
  }

  /** A node's strategy by the plan, which reports its predictions where they are wanted. */
  readonly strategyOf: RoutingPlan['strategyOf'] = (rng, node) => {
    const strategy = this.#routing.strategyOf(rng, node);
    const calibration = this.#calibrations?.get(this.#routing.nameOf(node));
    return calibration === undefined ? strategy : calibrated(strategy, calibration);
  };

  /** The run is over. */
  result(payments: readonly PaymentRecord[]): Measured {
    return {
      oracle: this.#regret && this.#oracle(this.#regret, payments),
      calibration: this.#calibrations && [...this.#calibrations.values()].map((each) => each.row()),
    };
  }

  #oracle(regret: RegretLedger, payments: readonly PaymentRecord[]): OracleSummary {
    const { names, nameOf } = this.#routing;
    const of = (name: string): readonly PaymentRecord[] => payments.filter(({ source }) => nameOf(source) === name);
    const byStrategy = Object.fromEntries(names.map((name) => [name, regret.summary(of(name))]));
    return { ...regret.summary(payments), byStrategy };
  }
}
