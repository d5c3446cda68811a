/**
 * The path-finding benchmark: the same questions to several strategies, what they answer, and the CPU time it takes them.
 *
 * Each round asks every strategy every question, one strategy after the other, so that a busy machine troubles all alike;
 * a strategy's times are those of its quickest round. Every payer has a strategy of its own, made anew each round, that has
 * learnt nothing and draws from a stream of its own: what is answered depends on the inputs alone.
 */
import { assert } from '../base/assert.ts';
import { Rng } from '../base/random.ts';
import type { Msat } from '../base/units.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import { quantile } from '../graph/quantiles.ts';
import { cheapestFee } from '../routing/cheapestFee.ts';
import type { RouteRequest, RoutingStrategy } from '../routing/strategy.ts';
import type { StrategyMaker } from '../routing/strategyKind.ts';
import type { PolicyFault } from './routeCheck.ts';
import { ask, gossipView, readAnswer, requestOf } from './routeQuery.ts';
import type { Query, QueryLimits, RouteAnswer } from './routeQuery.ts';

/** Questions asked of every strategy before the rounds that count: engines compile what they have seen run. */
const WARM_UP = 200;

export interface Contender {
  readonly name: string;
  readonly make: StrategyMaker;
}

/** What a strategy did; means are over the payments it found a way for, and null where there is none. */
export interface BenchRow {
  readonly strategy: string;
  readonly queries: number;
  /** answers with routes that the public graph lets through */
  readonly found: number;
  /** answers with routes that break a rule of the graph or of the question, by rule: they count as not found */
  readonly faults: Readonly<Partial<Record<PolicyFault, number>>>;
  /** answers that were others in a later round: 0 unless a strategy depends on more than its inputs */
  readonly unstable: number;
  readonly cpuMicrosMean: number;
  readonly cpuMicrosP50: number;
  readonly cpuMicrosP99: number;
  readonly feeMsatMean: number | null;
  /** channels in a route; of a split payment the mean of its parts */
  readonly hopsMean: number | null;
  readonly partsMean: number | null;
  /** blocks that the payer's money may be locked for, what the payee asks for included */
  readonly cltvExpiryDeltaMean: number | null;
  /** that all parts get through, under the stated prior */
  readonly priorProbabilityMean: number | null;
  /** the same as the strategy sees it, over the answers of which it says so */
  readonly ownProbabilityMean: number | null;
  /** fee beyond that of the exact cheapest single route, over the payments for which there are both */
  readonly feeRegretMsatMean: number | null;
  /** payments that the exact cheapest route could make, and this strategy found no way for */
  readonly missed: number;
}

export interface BenchResult {
  readonly rows: readonly BenchRow[];
  /** per strategy, per question; the answers of the first round */
  readonly answers: readonly (readonly RouteAnswer[])[];
  /** payments that the exact cheapest single route can make */
  readonly optimumFound: number;
}

export interface BenchOptions {
  readonly limits: QueryLimits;
  readonly rounds: number;
  readonly seed: number;
  /** CPU time that this process has spent so far, µs */
  readonly cpuMicros: () => number;
  /** called after each question that counts: a strategy's, in one of the rounds */
  readonly onAsked?: () => void;
}

/** @param queries at least one; nodes of the graph */
export function benchRoutes(
  contenders: readonly Contender[],
  queries: readonly Query[],
  graph: CompiledGraph,
  options: BenchOptions,
): BenchResult {
  assert(queries.length > 0 && options.rounds > 0, 'something to ask, and a round to ask it in');
  const view = gossipView(graph);
  const requests = queries.map((query) => requestOf(query, options.limits));
  const exact = cheapestFee();
  const optima = requests.map((request) => ask(exact, request, view));
  const runs = contenders.map(({ name, make }) => new ContenderRun(name, make, requests, options));
  for (const run of runs) run.warmUp(graph);
  for (let round = 0; round < options.rounds; round++) for (const run of runs) run.round(graph);
  return {
    rows: runs.map((run) => run.row(optima)),
    answers: runs.map(({ answers }) => answers),
    optimumFound: optima.filter(isFound).length,
  };
}

/** A strategy through the rounds. */
class ContenderRun {
  answers: RouteAnswer[] = [];
  readonly #name: string;
  readonly #make: StrategyMaker;
  readonly #requests: readonly RouteRequest[];
  readonly #rng: Rng;
  readonly #cpuMicros: () => number;
  readonly #onAsked: (() => void) | undefined;
  /** of the quickest round, by question */
  #micros: Float64Array | null = null;
  readonly #unstable = new Set<number>();

  constructor(name: string, make: StrategyMaker, requests: readonly RouteRequest[], options: BenchOptions) {
    this.#name = name;
    this.#make = make;
    this.#requests = requests;
    this.#rng = Rng.fromSeed(options.seed).stream('routing');
    this.#cpuMicros = options.cpuMicros;
    this.#onAsked = options.onAsked;
  }

  warmUp(graph: CompiledGraph): void {
    this.#askAll(graph, this.#requests.slice(0, WARM_UP), new Float64Array(WARM_UP), undefined);
  }

  round(graph: CompiledGraph): void {
    const micros = new Float64Array(this.#requests.length);
    const answers = this.#askAll(graph, this.#requests, micros, this.#onAsked);
    if (this.#micros === null || sum(micros) < sum(this.#micros)) this.#micros = micros;
    if (this.answers.length === 0) this.answers = answers;
    answers.forEach((answer, i) => {
      if (!isSame(answer, this.answers[i]!)) this.#unstable.add(i);
    });
  }

  /** @param micros takes the CPU time of each question */
  #askAll(
    graph: CompiledGraph,
    requests: readonly RouteRequest[],
    micros: Float64Array,
    onAsked: (() => void) | undefined,
  ): RouteAnswer[] {
    const view = gossipView(graph);
    const payers = new Map<number, RoutingStrategy>();
    return requests.map((request, i) => {
      const { source } = request;
      const strategy = payers.get(source) ?? this.#make(this.#rng.stream('node', source));
      payers.set(source, strategy);
      const before = this.#cpuMicros();
      const found = strategy.findRoutes(request, view);
      micros[i] = this.#cpuMicros() - before;
      onAsked?.();
      return readAnswer(found, request, view);
    });
  }

  row(optima: readonly RouteAnswer[]): BenchRow {
    const { answers } = this;
    const found = answers.filter(isFound);
    const micros = (this.#micros ?? new Float64Array()).toSorted();
    const own = found.map(({ ownProbability }) => ownProbability).filter((each) => each !== null);
    const both = answers.flatMap((answer, i) =>
      isFound(answer) && isFound(optima[i]!) ? [answer.feeMsat - optima[i]!.feeMsat] : [],
    );
    return {
      strategy: this.#name,
      queries: answers.length,
      found: found.length,
      faults: faultsOf(answers),
      unstable: this.#unstable.size,
      cpuMicrosMean: sum(micros) / micros.length,
      cpuMicrosP50: quantile(micros, 0.5),
      cpuMicrosP99: quantile(micros, 0.99),
      feeMsatMean: mean(found.map(({ feeMsat }) => feeMsat)),
      hopsMean: mean(found.map(({ routes }) => mean(routes.map(({ edges }) => edges.length))!)),
      partsMean: mean(found.map(({ routes }) => routes.length)),
      cltvExpiryDeltaMean: mean(found.map(({ cltvExpiryDelta }) => cltvExpiryDelta)),
      priorProbabilityMean: mean(found.map(({ priorProbability }) => priorProbability)),
      ownProbabilityMean: mean(own),
      feeRegretMsatMean: mean(both),
      missed: answers.filter((answer, i) => !isFound(answer) && isFound(optima[i]!)).length,
    };
  }
}

function faultsOf(answers: readonly RouteAnswer[]): BenchRow['faults'] {
  const faults: Partial<Record<PolicyFault, number>> = {};
  for (const { fault } of answers) if (fault !== null) faults[fault] = (faults[fault] ?? 0) + 1;
  return faults;
}

/** Whether an answer has routes, and the public graph lets them through. */
export const isFound = ({ failure, fault }: RouteAnswer): boolean => failure === null && fault === null;

const isSame = (a: RouteAnswer, b: RouteAnswer): boolean =>
  a.failure === b.failure &&
  a.routes.length === b.routes.length &&
  a.routes.every(({ edges, amountsMsat }, part) => {
    const other = b.routes[part]!;
    return (
      edges.length === other.edges.length &&
      edges.every((edge, hop) => edge === other.edges[hop] && amountsMsat[hop] === other.amountsMsat[hop])
    );
  });

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number | null => (values.length === 0 ? null : sum(values) / values.length);

/**
 * Questions between nodes drawn evenly from those that can pay and those that can be paid: that have an enabled channel of
 * that direction. Payer and payee differ.
 * @returns none where no node can pay another
 */
export function drawQueries(graph: CompiledGraph, count: number, amountMsat: Msat, rng: Rng): Query[] {
  const able = (ends: Int32Array): number[] => {
    const nodes = new Set<number>();
    for (let edge = 0; edge < graph.edgeCount; edge++) if (graph.enabled[edge] === 1) nodes.add(ends[edge]!);
    return [...nodes].sort((a, b) => a - b);
  };
  const [payers, payees] = [able(graph.edgeFrom), able(graph.edgeTo)];
  if (new Set([...payers, ...payees]).size < 2 || payers.length === 0) return [];
  const queries: Query[] = [];
  while (queries.length < count) {
    const source = payers[rng.below(payers.length)]!;
    const target = payees[rng.below(payees.length)]!;
    if (source !== target) queries.push({ source, target, amountMsat });
  }
  return queries;
}
