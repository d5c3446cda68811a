/** Who routes by what: the strategies that a scenario names, dealt out to nodes. */
import { describe, UserError } from '../base/errors.ts';
import { Rng } from '../base/random.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import type { RoutingStrategy } from '../routing/strategy.ts';
import type { StrategyMaker } from '../routing/strategyKind.ts';
import { nodeIndex } from './references.ts';
import type { Scenario } from './scenario.ts';
import { strategyMaker, type StrategyFiles } from './strategyNames.ts';

/** Which strategy each node uses. */
export interface RoutingPlan {
  /** the strategies that nodes use, in the order in which the scenario names them */
  readonly names: readonly string[];
  /** What a node uses. */
  readonly nameOf: (node: number) => string;
  /** A node's strategy, with a memory of its own. @param rng the node's own stream */
  readonly strategyOf: (rng: Rng, node: number) => RoutingStrategy;
}

/**
 * Deals the strategies out: nodes that the scenario names get theirs, for each other one a strategy is drawn by the shares
 * from a stream of its own, so that what one node uses does not depend on how many others there are.
 * @param file the scenario's name, for errors
 * @throws UserError for a strategy, an option or a node that there isn't
 */
export function routingPlan(
  { routing, seed }: Pick<Scenario, 'routing' | 'seed'>,
  graph: CompiledGraph,
  file: string,
  files: StrategyFiles = new Map(),
): RoutingPlan {
  const { shares, nodes } = routing;
  const { names, makers } = strategyMakers(routing, file, files);
  const chosen = drawn(names, shares, graph.nodeCount, Rng.fromSeed(seed).stream('routing'));
  for (const [reference, name] of Object.entries(nodes)) {
    chosen[nodeIndex(graph, reference, file, `routing.nodes.${reference}`)] = names.indexOf(name);
  }
  const used = new Set(chosen);
  return {
    names: names.filter((_, index) => used.has(index)),
    nameOf: (node) => names[chosen[node]!]!,
    strategyOf: (rng, node) => makers[chosen[node]!]!(rng),
  };
}

/**
 * The strategies that a scenario names, whoever uses them, and what makes each.
 * @param file the scenario's name, for errors
 * @throws UserError for a strategy or an option that there isn't
 */
export function strategyMakers(
  routing: Scenario['routing'],
  file: string,
  files: StrategyFiles,
): { readonly names: readonly string[]; readonly makers: readonly StrategyMaker[] } {
  const { strategy, shares, nodes, options, ...beside } = routing;
  const names = [...new Set([strategy, ...Object.keys(shares), ...Object.values(nodes)])];
  const stray = Object.keys(options).find((name) => !names.includes(name));
  if (stray !== undefined) {
    const expected = `options of ${names.join(', ')}`;
    throw new UserError({ file, path: 'routing.options', found: `options of ${describe(stray)}`, expected });
  }
  const makers = names.map((name): StrategyMaker => {
    const given = options[name] ?? {};
    if (name !== strategy) return strategyMaker(name, given, { file, path: `routing.options.${name}` }, files);
    const source = { file, path: 'routing', beside: Object.keys({ strategy, shares, nodes, options }) };
    return strategyMaker(name, { ...given, ...beside }, source, files);
  });
  return { names, makers };
}

/** Per node: the position of its strategy among the names; the first takes what no share does. */
function drawn(
  names: readonly string[],
  shares: Readonly<Record<string, number>>,
  nodeCount: number,
  rng: Rng,
): Uint16Array {
  const chosen = new Uint16Array(nodeCount);
  const entries = Object.entries(shares);
  if (entries.length === 0) return chosen;
  for (let node = 0; node < nodeCount; node++) {
    let left = rng.stream('share', node).unit();
    const taken = entries.find(([, share]) => (left -= share) < 0);
    // shares that come to 1 but for rounding leave nothing over
    chosen[node] = names.indexOf(taken?.[0] ?? (left < 1e-9 ? entries.at(-1)![0] : names[0]!));
  }
  return chosen;
}
