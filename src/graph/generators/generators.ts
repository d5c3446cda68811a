/** The generators by name, with the options that each takes and what they may be. */
import { present } from '../../base/assert.ts';
import { describe, UserError } from '../../base/errors.ts';
import type { Rng } from '../../base/random.ts';
import type { ChannelGraph } from '../channelGraph.ts';
import { MAINNET_TERMS, PLAIN_TERMS, type ChannelTerms } from './channelTerms.ts';
import { dressed } from './dressed.ts';
import {
  cavemanTopology,
  clustersTopology,
  completeTopology,
  connectedCavemanTopology,
  florentineFamiliesTopology,
  girvanNewmanTopology,
  karateClubTopology,
  krackhardtKiteTopology,
  ladderTopology,
} from './library.ts';
import { mainnetTopology } from './mainnetTopology.ts';
import { barabasiAlbert, erdosRenyi, wattsStrogatz } from './randomTopologies.ts';
import { grid, hubAndSpoke, line, ring, star, tree, treeNodes, wheel } from './shapes.ts';
import type { Topology } from './topology.ts';

/** What a numeric option may be. */
export interface NumberOption {
  readonly means: string;
  readonly least: number;
  readonly most: number;
  readonly isInteger: boolean;
}

export interface Generator {
  readonly summary: string;
  readonly options: Readonly<Record<string, NumberOption>>;
  /** the channels' terms unless a scenario gives others */
  readonly terms: ChannelTerms;
  /** `of` gives the value of an option, which is in its range */
  readonly draw: (of: (option: string) => number, rng: Rng) => Topology;
  /** what options ask of each other: the option at fault and what it should be, or null */
  readonly conflict?: (of: (option: string) => number) => { readonly option: string; readonly expected: string } | null;
}

const NODES_MAX = 100_000;

const count = (means: string, least: number, most: number): NumberOption => ({ means, least, most, isInteger: true });
const amount = (means: string, least: number, most: number): NumberOption => ({ means, least, most, isInteger: false });
const nodes = (least: number, most = NODES_MAX): NumberOption => count('nodes', least, most);

const GENERATORS = {
  'mainnet-like': {
    summary: 'the Lightning Network of February 2026 at any size',
    options: { nodes: nodes(2) },
    terms: MAINNET_TERMS,
    draw: (of, rng) => mainnetTopology(of('nodes'), rng),
  },
  line: {
    summary: 'nodes in a row',
    options: { nodes: nodes(2) },
    terms: PLAIN_TERMS,
    draw: (of) => line(of('nodes')),
  },
  ring: {
    summary: 'a row whose ends meet',
    options: { nodes: nodes(3) },
    terms: PLAIN_TERMS,
    draw: (of) => ring(of('nodes')),
  },
  star: {
    summary: 'one hub',
    options: { nodes: nodes(2) },
    terms: PLAIN_TERMS,
    draw: (of) => star(of('nodes')),
  },
  wheel: {
    summary: 'one hub, and a ring of the others',
    options: { nodes: nodes(4) },
    terms: PLAIN_TERMS,
    draw: (of) => wheel(of('nodes')),
  },
  'hub-and-spoke': {
    summary: 'hubs that are all peers, each with nodes of its own',
    options: { hubs: count('hubs', 1, 300), spokesPerHub: count('nodes at each hub', 1, 300) },
    terms: PLAIN_TERMS,
    draw: (of) => hubAndSpoke(of('hubs'), of('spokesPerHub')),
  },
  complete: {
    summary: 'a channel between every two nodes',
    options: { nodes: nodes(2, 1000) },
    terms: PLAIN_TERMS,
    draw: (of) => completeTopology(of('nodes')),
  },
  grid: {
    summary: 'rows and columns',
    options: { rows: count('rows', 1, 316), columns: count('columns', 2, 316) },
    terms: PLAIN_TERMS,
    draw: (of) => grid(of('rows'), of('columns')),
  },
  tree: {
    summary: 'a root and levels below it',
    options: { branches: count('nodes below each node', 1, 1000), levels: count('levels below the root', 1, 16) },
    terms: PLAIN_TERMS,
    draw: (of) => tree(of('branches'), of('levels')),
    conflict: (of) =>
      treeNodes(of('branches'), of('levels')) > NODES_MAX
        ? { option: 'levels', expected: `so few that the tree has at most ${NODES_MAX} nodes` }
        : null,
  },
  ladder: {
    summary: 'two rows with rungs',
    options: { length: count('nodes of a row', 2, NODES_MAX / 2) },
    terms: PLAIN_TERMS,
    draw: (of) => ladderTopology(of('length')),
  },
  caveman: {
    summary: 'complete groups apart from each other',
    options: { caves: count('groups', 2, 1000), nodesPerCave: count('nodes of a group', 2, 100) },
    terms: PLAIN_TERMS,
    draw: (of) => cavemanTopology(of('caves'), of('nodesPerCave')),
  },
  'connected-caveman': {
    summary: 'complete groups in a ring',
    options: { caves: count('groups', 2, 1000), nodesPerCave: count('nodes of a group', 3, 100) },
    terms: PLAIN_TERMS,
    draw: (of) => connectedCavemanTopology(of('caves'), of('nodesPerCave')),
  },
  'erdos-renyi': {
    summary: 'every pair with the same probability',
    options: { nodes: nodes(2), channelsPerNode: amount('mean channels of a node', 0, 1000) },
    terms: PLAIN_TERMS,
    draw: (of, rng) => erdosRenyi(of('nodes'), of('channelsPerNode') / (of('nodes') - 1), rng),
    conflict: (of) =>
      of('channelsPerNode') > of('nodes') - 1
        ? { option: 'channelsPerNode', expected: `at most one with every other node, ${of('nodes') - 1}` }
        : null,
  },
  'barabasi-albert': {
    summary: 'new nodes open channels to well-connected ones',
    options: { nodes: nodes(2), channelsOpened: count('channels that a new node opens', 1, 100) },
    terms: PLAIN_TERMS,
    draw: (of, rng) => barabasiAlbert(of('nodes'), of('channelsOpened'), rng),
    conflict: (of) =>
      of('channelsOpened') >= of('nodes')
        ? { option: 'channelsOpened', expected: `less than the number of nodes, ${of('nodes')}` }
        : null,
  },
  'watts-strogatz': {
    summary: 'a small world: a ring with some channels moved',
    options: {
      nodes: nodes(3),
      neighbours: count('peers of a node before any moves, even', 2, 100),
      rewiring: amount('probability that a channel moves', 0, 1),
    },
    terms: PLAIN_TERMS,
    draw: (of, rng) => wattsStrogatz(of('nodes'), of('neighbours'), of('rewiring'), rng),
    conflict: (of) =>
      of('neighbours') % 2 !== 0 || of('neighbours') >= of('nodes')
        ? { option: 'neighbours', expected: `an even number below the number of nodes, ${of('nodes')}` }
        : null,
  },
  clusters: {
    summary: 'random channels, many of them inside clusters',
    options: {
      nodes: nodes(2),
      channelsDrawn: count('channels drawn', 1, 1_000_000),
      clusters: count('clusters', 1, 10_000),
      insideShare: amount('share drawn inside a cluster', 0, 1),
    },
    terms: PLAIN_TERMS,
    draw: (of, rng) => clustersTopology(of('nodes'), of('channelsDrawn'), of('clusters'), of('insideShare'), rng),
  },
  'girvan-newman': {
    summary: '128 nodes in four groups',
    options: { channelsOut: amount('mean channels of a node out of its group', 0, 16) },
    terms: PLAIN_TERMS,
    draw: (of, rng) => girvanNewmanTopology(of('channelsOut'), rng),
  },
  'karate-club': {
    summary: "Zachary's karate club: 34 nodes",
    options: {},
    terms: PLAIN_TERMS,
    draw: () => karateClubTopology(),
  },
  'florentine-families': {
    summary: 'marriages of Florentine families: 15 nodes',
    options: {},
    terms: PLAIN_TERMS,
    draw: () => florentineFamiliesTopology(),
  },
  'krackhardt-kite': {
    summary: '10 nodes whose most connected, most central and most between differ',
    options: {},
    terms: PLAIN_TERMS,
    draw: () => krackhardtKiteTopology(),
  },
} as const satisfies Readonly<Record<string, Generator>>;

export type GeneratorName = keyof typeof GENERATORS;

export const generators: Readonly<Record<GeneratorName, Generator>> = GENERATORS;

/** A generator's name and its options, as in `{ kind: 'ring', nodes: 10 }`; `generators` says which there are. */
export type TopologyOptions = Readonly<Record<string, number | string>> & { readonly kind: GeneratorName };

/** Where the options stand, for the error. */
export interface OptionsPlace {
  readonly file: string;
  readonly path: string;
}

const NOWHERE: OptionsPlace = { file: 'graph generator', path: '' };

/**
 * The channel graph of a generator; the same options and stream give the same graph on every engine.
 * @param terms the generator's own where absent
 * @throws UserError if an option is missing, unknown or out of its range
 */
export function generateGraph(
  options: TopologyOptions,
  rng: Rng,
  terms: Partial<ChannelTerms> = {},
  at: OptionsPlace = NOWHERE,
): ChannelGraph {
  const topology = drawTopology(options, rng.stream('topology'), at);
  return dressed(topology, { ...generators[options.kind].terms, ...terms }, rng);
}

/** @throws UserError as `generateGraph` does */
export function drawTopology(options: TopologyOptions, rng: Rng, at: OptionsPlace = NOWHERE): Topology {
  const { kind, ...given } = options;
  const generator = generators[kind];
  const refuse = (option: string, expected: string): never => {
    const path = at.path === '' ? option : `${at.path}.${option}`;
    throw new UserError({ file: at.file, path, found: describe(given[option]), expected });
  };
  for (const option of Object.keys(given)) {
    if (Object.hasOwn(generator.options, option)) continue;
    refuse(option, `an option of ${kind}: ${Object.keys(generator.options).join(', ') || 'it takes none'}`);
  }
  const values = new Map<string, number>();
  for (const [option, { least, most, isInteger, means }] of Object.entries(generator.options)) {
    const value = given[option];
    const fits =
      typeof value === 'number' && value >= least && value <= most && (!isInteger || Number.isInteger(value));
    if (fits) values.set(option, value);
    else refuse(option, `${isInteger ? 'an integer' : 'a number'} from ${least} to ${most}: ${means}`);
  }
  const of = (option: string): number => present(values.get(option), `option ${option}`);
  const conflict = generator.conflict?.(of) ?? null;
  if (conflict !== null) refuse(conflict.option, conflict.expected);
  return generator.draw(of, rng);
}
