/**
 * A strategy that a user wrote, in a file of its own: from what the file exports to what a payer uses.
 *
 * The export is an object with the verbs `findRoutes(request, view)` and `learn(outcome)`, which all payers share, or a
 * function `(rng, options) => object`, which each payer calls once for one of its own. A way may be given by its edges
 * alone: it is then priced by the policies of the graph. Whatever the file gets wrong is one `UserError` that names it.
 */
import { describe, UserError } from '../base/errors.ts';
import { Rng } from '../base/random.ts';
import { msat, type Msat } from '../base/units.ts';
import { priceRoute, type Route } from '../routing/route.ts';
import {
  type PayerView,
  requestFailure,
  type RouteFailure,
  type RouteFailureReason,
  type RouteOutcome,
  type RouteRequest,
  type RoutingStrategy,
} from '../routing/strategy.ts';
import type { StrategyMaker } from '../routing/strategyKind.ts';
import { structureFault } from './routeCheck.ts';

/** A way by its edges, from the payer to the payee. */
export interface UserWay {
  readonly edges: readonly number[];
  /** what it brings to the payee, msat; left out: what the request asks for, or of several ways an equal share */
  readonly amountMsat?: number;
  /** how likely the strategy thinks it */
  readonly probability?: number;
}

/** What a user's strategy does. */
export interface UserStrategy {
  /**
   * Ways or whole routes; nothing or a failure where there are none. It is not asked for what no graph can answer: a node
   * that isn't there, a payment to oneself or of nothing.
   */
  findRoutes(request: RouteRequest, view: PayerView): readonly (UserWay | Route)[] | RouteFailure | null;
  learn(outcome: RouteOutcome): void;
  /** as in `RoutingStrategy` */
  readonly remembersFailures?: boolean;
  readonly clientMaxParts?: number;
}

/** What a file exports by default. @param rng the payer's own stream @param options as the user gave them */
export type UserStrategyExport =
  UserStrategy | ((rng: Rng, options: Readonly<Record<string, unknown>>) => UserStrategy);

const VERBS = ['findRoutes', 'learn'] as const;
const FAILURES: readonly RouteFailureReason[] = [
  'no-route',
  'insufficient-balance',
  'self-payment',
  'zero-amount',
  'unknown-node',
];

type Thing = Readonly<Record<string, unknown>>;

/**
 * What makes payers' strategies from a file's default export; one is made at once, so that what is wrong shows before a run.
 * @param file its name as the user knows it
 * @throws UserError that names the file and the verb that is missing
 */
export function userStrategy(exported: unknown, file: string, options: Thing): StrategyMaker {
  const make = (rng: Rng): RoutingStrategy => {
    if (typeof exported !== 'function') return new Guard(exported, 'export default', file);
    const maker = (): unknown => Reflect.apply(exported, undefined, [rng, options]);
    return new Guard(guarded(file, 'export default', maker), 'what its function gives', file);
  };
  make(Rng.fromSeed(file));
  return make;
}

/** A user's object behind the port: calls its verbs, checks what they give, names the file where they throw. */
class Guard implements RoutingStrategy {
  readonly remembersFailures: boolean;
  readonly clientMaxParts: number;
  readonly #verbs: Thing;
  readonly #file: string;

  constructor(value: unknown, called: string, file: string) {
    if (!isThing(value)) {
      const expected = 'an object with the functions findRoutes and learn, or a function that gives one';
      throw new UserError({ file, path: called, found: describe(value), expected });
    }
    for (const verb of VERBS) {
      if (typeof value[verb] === 'function') continue;
      const found = value[verb] === undefined ? `no ${verb}` : `${describe(value[verb])} for ${verb}`;
      throw new UserError({ file, path: called, found, expected: `a function ${verb}` });
    }
    this.#verbs = value;
    this.#file = file;
    this.remembersFailures = value['remembersFailures'] === true;
    const parts = value['clientMaxParts'] ?? 1;
    if (typeof parts !== 'number' || !Number.isInteger(parts) || parts < 1) {
      const path = `${called}: clientMaxParts`;
      throw new UserError({ file, path, found: describe(parts), expected: 'a whole number of parts from 1' });
    }
    this.clientMaxParts = parts;
  }

  findRoutes(request: RouteRequest, view: PayerView): readonly Route[] | RouteFailure {
    const fault = requestFailure(request, view.graph);
    if (fault !== null) return fault;
    const found = this.#call('findRoutes', [request, view]);
    if (found === null || found === undefined) return { failure: 'no-route' };
    if (isThing(found) && 'failure' in found) {
      const failure = FAILURES.find((name) => name === found['failure']);
      return { failure: failure ?? this.#refuse(describe(found['failure']), `one of ${FAILURES.join(', ')}`) };
    }
    if (!Array.isArray(found)) return this.#refuse(describe(found), 'a list of ways, or { failure }');
    const ways: readonly unknown[] = found;
    if (ways.length === 0) return { failure: 'no-route' };
    const routes = ways.map((way, part) => this.#route(way, part, ways.length, request, view));
    const wrong = structureFault(request, view, routes);
    if (wrong !== null) {
      const { source, target, amountMsat, maxParts } = request;
      const many = maxParts === 1 ? 'one way' : `at most ${maxParts} ways`;
      this.#refuse(wrong, `${many} from node ${source} to node ${target} that bring ${amountMsat} msat`);
    }
    return routes;
  }

  learn(outcome: RouteOutcome): void {
    this.#call('learn', [outcome]);
  }

  #call(verb: (typeof VERBS)[number], args: readonly unknown[]): unknown {
    const call = this.#verbs[verb];
    return guarded(this.#file, verb, (): unknown =>
      typeof call === 'function' ? Reflect.apply(call, this.#verbs, args) : undefined,
    );
  }

  #route(way: unknown, part: number, parts: number, request: RouteRequest, view: PayerView): Route {
    const edges = isThing(way) && isNumbers(way['edges']) ? way['edges'] : null;
    if (!isThing(way) || edges === null) return this.#refuse(describe(way), 'ways with a list of edges each');
    const chance = way['probability'];
    const probability = typeof chance === 'number' && chance >= 0 && chance <= 1 ? { probability: chance } : {};
    const { amountsMsat, cltvExpiryDeltas } = way;
    if (isNumbers(amountsMsat) && isNumbers(cltvExpiryDeltas)) {
      const feeMsat = (amountsMsat[0] ?? 0) - (amountsMsat.at(-1) ?? 0);
      // a fee below zero, as any other number that is no amount, is found by the check that follows
      return {
        edges,
        amountsMsat: amountsMsat as readonly Msat[],
        cltvExpiryDeltas,
        feeMsat: feeMsat as Msat,
        ...probability,
      };
    }
    const amountMsat = way['amountMsat'] ?? shareOf(request.amountMsat, part, parts);
    if (typeof amountMsat !== 'number' || !Number.isSafeInteger(amountMsat) || amountMsat <= 0) {
      return this.#refuse(`${describe(amountMsat)} for amountMsat`, 'whole msat');
    }
    const blank = {
      amountsMsat: edges.map(() => msat(amountMsat)),
      cltvExpiryDeltas: edges.map(() => 0),
      feeMsat: msat(0),
    };
    const fault = structureFault({ ...request, amountMsat: msat(amountMsat) }, view, [{ edges, ...blank }]);
    if (fault !== null) this.#refuse(fault, `a way from node ${request.source} to node ${request.target}`);
    const { graph } = view;
    return { ...priceRoute(graph, edges, msat(amountMsat), request.finalCltvExpiryDelta), ...probability };
  }

  /** @throws UserError always */
  #refuse(found: string, expected: string): never {
    throw new UserError({ file: this.#file, path: 'findRoutes', found, expected });
  }
}

/** An equal share of an amount; the first ones get what is left over. */
const shareOf = (amountMsat: number, part: number, parts: number): number =>
  Math.floor(amountMsat / parts) + (part < amountMsat % parts ? 1 : 0);

const isThing = (value: unknown): value is Thing =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'number');

/** Runs what a user wrote. @throws UserError that names the file and the verb */
function guarded<T>(file: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new UserError({
      file,
      path,
      found: thrown(error),
      expected: 'no exception',
    });
  }
}

const thrown = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : `${describe(error)}, thrown`;
