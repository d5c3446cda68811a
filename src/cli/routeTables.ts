/** The tables of `leyden route`, or the same as one JSON object. */
import { printable, UserError } from '../base/errors.ts';
import { Rng } from '../base/random.ts';
import { formatMsat, groupDigits, msat, MSAT_PER_SAT } from '../base/units.ts';
import {
  ask,
  gossipView,
  hopProbability,
  requestOf,
  type Query,
  type QueryLimits,
  type RouteAnswer,
} from '../experiment/routeQuery.ts';
import { nodeOf, type NodeNames } from '../experiment/nodeReference.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import { openGraph } from '../host/namedGraph.ts';
import { type NamedStrategy, strategyFrom } from '../host/strategyFile.ts';
import { strategyKinds } from '../routing/registry.ts';
import type { Route } from '../routing/route.ts';
import { amountFlag, integerFlag } from './flags.ts';
import { type LimitFlags, limitsFrom } from './limitFlags.ts';
import { alignColumns } from './textTable.ts';

export interface RouteFlags extends LimitFlags {
  readonly strategy?: string;
  readonly option?: readonly string[];
  readonly all?: boolean;
  readonly seed?: string;
  readonly json?: boolean;
}

/** What payers use where they say nothing: the scenario's limits, and the parts of lnd and eclair. */
const USUAL_LIMITS: QueryLimits = {
  maxFee: { baseMsat: msat(50 * MSAT_PER_SAT), millionths: 50_000 },
  maxHops: 20,
  maxCltvExpiryDelta: 2016,
  maxParts: 16,
};

interface Answered {
  readonly strategy: string;
  readonly answer: RouteAnswer;
}

/** @throws UserError for a graph, a node, an amount, a strategy or an option that isn't one */
export async function runRouteCommand(
  file: string,
  source: string,
  target: string,
  amount: string,
  flags: RouteFlags = {},
): Promise<string> {
  const strategies = await wanted(flags);
  const seed = integerFlag(flags.seed ?? '1', '--seed');
  const limits = limitsFrom(flags, USUAL_LIMITS);
  const amountMsat = amountFlag(amount, 'AMOUNT');
  const { graph, names } = openGraph(file);
  const query = { source: nodeOf(names, source, 'SOURCE'), target: nodeOf(names, target, 'TARGET'), amountMsat };
  const request = requestOf(query, limits);
  const view = gossipView(graph);
  const answers = strategies.map(({ name, make }, index): Answered => {
    const strategy = make(Rng.fromSeed(seed).stream('routing', index));
    return { strategy: name, answer: ask(strategy, request, view) };
  });
  if (flags.json) return JSON.stringify(jsonOf(query, answers, graph, flags.all === true), null, 2);
  const title = `${nameOf(names, query.source)} → ${nameOf(names, query.target)}, ${formatMsat(amountMsat)}`;
  const body =
    flags.all === true ? comparison(answers) : answers.map((each) => hopTables(each, graph, names)).join('\n');
  return `${title}\n\n${body}`;
}

async function wanted({ strategy, option = [], all }: RouteFlags): Promise<NamedStrategy[]> {
  if (all !== true) return [await strategyFrom(strategy ?? 'cheapest-fee', '--strategy', option)];
  if (option.length > 0) {
    throw new UserError({ file: '--option', found: 'it with --all', expected: 'the defaults of all strategies' });
  }
  const names = Object.keys(strategyKinds);
  if (strategy !== undefined && !names.includes(strategy)) names.push(strategy); // a user's own beside them
  return Promise.all(names.map((name) => strategyFrom(name, '--strategy')));
}

// ── Tables ───────────────────────────────────────────────────────────────────────────────────────────────────────

function hopTables({ strategy, answer }: Answered, graph: CompiledGraph, names: NodeNames): string {
  if (answer.failure !== null) return `${strategy}: ${answer.failure}`;
  const { routes } = answer;
  const tables = routes.map((route, part) => {
    const brought = formatMsat(route.amountsMsat.at(-1)!);
    const title = routes.length === 1 ? [] : [`part ${part + 1} of ${routes.length}: ${brought}`];
    return [...title, alignColumns(hopRows(route, graph, names), ['right', 'left', 'left', 'left'])].join('\n');
  });
  const fault = answer.fault === null ? [] : [`the graph does not let this through: ${answer.fault}`];
  return [...tables, [`${strategy}: ${summary(answer)}`, ...fault].join('\n')].join('\n\n');
}

function hopRows({ edges, amountsMsat, cltvExpiryDeltas }: Route, graph: CompiledGraph, names: NodeNames): string[][] {
  const rows = edges.map((edge, hop) => [
    String(hop + 1),
    graph.channelIds[edge >> 1]!,
    nameOf(names, graph.edgeFrom[edge]!),
    nameOf(names, graph.edgeTo[edge]!),
    satText(amountsMsat[hop]!),
    hop === 0 ? '-' : satText(amountsMsat[hop - 1]! - amountsMsat[hop]!),
    hop === 0 ? '-' : String(cltvExpiryDeltas[hop - 1]! - cltvExpiryDeltas[hop]!),
    String(cltvExpiryDeltas[hop]!),
    hop === 0 ? '-' : percent(hopProbability(graph, edge, amountsMsat[hop]!)),
  ]);
  return [['hop', 'channel', 'from', 'to', 'carries (sat)', 'fee (sat)', 'CLTV delta', 'expires in', 'prior'], ...rows];
}

function comparison(answers: readonly Answered[]): string {
  const rows = answers.map(({ strategy, answer }) => {
    const { routes, failure, fault } = answer;
    if (failure !== null) return [strategy, failure];
    const hops = routes.map(({ edges }) => edges.length);
    const cells = [
      String(routes.length),
      span(hops),
      satText(answer.feeMsat),
      ppm(answer),
      String(answer.cltvExpiryDelta),
    ];
    const own = answer.ownProbability === null ? '-' : percent(answer.ownProbability);
    return [strategy, fault ?? 'found', ...cells, percent(answer.priorProbability), own];
  });
  return alignColumns(
    [['', '', 'parts', 'hops', 'fee (sat)', 'ppm', 'expires in', 'prior', 'own'], ...rows],
    ['left', 'left'],
  );
}

function summary(answer: RouteAnswer): string {
  const { routes, priorProbability, ownProbability } = answer;
  return [
    `fee ${formatMsat(answer.feeMsat)} (${ppm(answer)} ppm)`,
    `${span(routes.map(({ edges }) => edges.length))} hops`,
    `expires in ${answer.cltvExpiryDelta} blocks`,
    `probability ${percent(priorProbability)} under the uniform prior`,
    ...(ownProbability === null ? [] : [`${percent(ownProbability)} as the strategy sees it`]),
  ].join(', ');
}

function ppm({ routes, feeMsat }: RouteAnswer): string {
  const amountMsat = routes.reduce((sum, { amountsMsat }) => sum + amountsMsat.at(-1)!, 0);
  return groupDigits(Math.round((1e6 * feeMsat) / amountMsat));
}

function span(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least === most ? String(least) : `${least}-${most}`;
}

const satText = (amountMsat: number): string => groupDigits(amountMsat / MSAT_PER_SAT);
const percent = (share: number): string => `${(100 * share).toFixed(share > 0.1 ? 1 : 3)}%`;

/** A node's alias or, where it has none, the beginning of its key. */
function nameOf({ nodeKeys, aliases }: NodeNames, node: number): string {
  const alias = printable(aliases[node]!.trim(), 24);
  return alias === '' ? printable(nodeKeys[node]!, 16) : alias;
}

// ── JSON ─────────────────────────────────────────────────────────────────────────────────────────────────────────

function jsonOf(query: Query, answers: readonly Answered[], graph: CompiledGraph, all: boolean): object {
  const { source, target, amountMsat } = query;
  const asked = { source: graph.nodeKeys[source], target: graph.nodeKeys[target], amountMsat };
  const each = answers.map(({ strategy, answer }) => ({ strategy, ...answerJson(answer, graph) }));
  return all ? { ...asked, strategies: each } : { ...asked, ...each[0] };
}

function answerJson(answer: RouteAnswer, graph: CompiledGraph): object {
  const { failure, fault, feeMsat, hops, cltvExpiryDelta, priorProbability, ownProbability } = answer;
  const found = failure === null;
  const figures = { feeMsat, hops, cltvExpiryDelta, priorProbability, ownProbability };
  return {
    found,
    failure,
    fault,
    ...(found ? figures : {}),
    routes: answer.routes.map((route) => routeJson(route, graph)),
  };
}

function routeJson(route: Route, graph: CompiledGraph): object {
  const { edges, amountsMsat, cltvExpiryDeltas, feeMsat, probability } = route;
  return {
    amountMsat: amountsMsat.at(-1),
    feeMsat,
    cltvExpiryDelta: cltvExpiryDeltas[0],
    ownProbability: probability ?? null,
    hops: edges.map((edge, hop) => ({
      channel: graph.channelIds[edge >> 1],
      from: graph.nodeKeys[graph.edgeFrom[edge]!],
      to: graph.nodeKeys[graph.edgeTo[edge]!],
      amountMsat: amountsMsat[hop],
      feeMsat: hop === 0 ? 0 : amountsMsat[hop - 1]! - amountsMsat[hop]!,
      cltvDelta: hop === 0 ? 0 : cltvExpiryDeltas[hop - 1]! - cltvExpiryDeltas[hop]!,
      expiresIn: cltvExpiryDeltas[hop],
      priorProbability: hop === 0 ? 1 : hopProbability(graph, edge, amountsMsat[hop]!),
    })),
  };
}
