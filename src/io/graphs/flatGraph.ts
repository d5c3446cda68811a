/**
 * Graphs as attributes of nodes and edges: what an edge list, GEXF and GraphML have in common. The attributes have the
 * names of the graph's own fields; those of a direction end in the number of the node whose policy it is.
 */
import { MSAT_PER_SAT, msat, type Sat } from '../../base/units.ts';
import type { ChannelAttributes, Policy } from '../../graph/channelGraph.ts';
import { PLAIN_CAPACITY_SAT, PLAIN_POLICY } from '../../graph/generators/channelTerms.ts';
import { JsonFields } from '../jsonFields.ts';
import { canonicalChannelId, NAME_LENGTH_MAX, type GraphImport } from './graphImport.ts';
import type { RawPolicy } from './policyRepair.ts';

const SIDES = ['1', '2'] as const;
type Side = (typeof SIDES)[number];

/** A direction's attributes without their side. `disabled` is `true` or `false`. */
const POLICY_FIELDS = [
  'feeBaseMsat',
  'feeProportionalMillionths',
  'cltvExpiryDelta',
  'htlcMinimumMsat',
  'htlcMaximumMsat',
] as const satisfies readonly (keyof Policy)[];

/** Attributes of an edge, in the order in which they are written. */
export const CHANNEL_FIELDS: readonly string[] = [
  'capacitySat',
  'balance1Msat',
  ...SIDES.flatMap((side) => [...POLICY_FIELDS, 'disabled'].map((name) => name + side)),
];

/** Other names under which files have a capacity in sat. */
const CAPACITY_NAMES = ['capacitySat', 'capacity_sat', 'capacity'] as const;

export interface FlatEdge {
  /** null where the file names none */
  readonly id: string | null;
  readonly node1: string;
  readonly node2: string;
  /** attributes by name, as text; an empty one is as good as none */
  readonly fields: ReadonlyMap<string, string>;
  readonly path: () => string;
}

/** Takes the edges of such a file, one by one, into a graph. */
export class FlatEdges {
  readonly #import: GraphImport;
  readonly #numbers: JsonFields;
  readonly #hasTerms: boolean;
  #index = 0;

  /** @param declared the attributes that the file has for edges: where none is of a policy, every direction gets plain terms */
  constructor(graph: GraphImport, file: string, declared: Iterable<string>) {
    this.#import = graph;
    this.#numbers = new JsonFields(file);
    const names = new Set(declared);
    this.#hasTerms = SIDES.some((side) => names.has(`feeBaseMsat${side}`));
  }

  add(edge: FlatEdge): void {
    const { path, fields } = edge;
    const id = this.#idOf(edge);
    const node1 = this.#numbers.text(edge.node1, NAME_LENGTH_MAX, path);
    const node2 = this.#numbers.text(edge.node2, NAME_LENGTH_MAX, path);
    const capacityMsat = this.#capacityMsat(fields, path);
    const raw = this.#hasTerms ? SIDES.map((side) => this.#terms(fields, side, path)) : null;
    const balance1 = this.#number(fields, 'balance1Msat', path);
    const capacitySat = this.#import.admit(id, node1, node2, capacityMsat, path);
    if (capacitySat === null) return;
    const [policy1 = null, policy2 = null] = SIDES.map((_, i) =>
      raw === null ? this.#plainPolicy(capacitySat, path) : this.#import.policy(raw[i] ?? null, capacitySat, path),
    );
    const channel: ChannelAttributes = { capacitySat, policy1, policy2 };
    if (balance1 !== null && balance1 <= capacitySat * MSAT_PER_SAT) channel.balance1Msat = msat(balance1);
    else if (balance1 !== null) this.#import.remedies.add('balanceContradiction', path);
    this.#import.addChannel(id, node1, node2, channel, path);
  }

  /** Its own, or its place where it has none, a long one, or one that several edges of a multigraph share. */
  #idOf({ id }: FlatEdge): string {
    const place = this.#index++;
    if (id === null || id === '' || id.length > NAME_LENGTH_MAX) return `edge-${place}`;
    const given = canonicalChannelId(id);
    return this.#import.graph.hasEdge(given) && !id.includes('x') ? `edge-${place}` : given;
  }

  #capacityMsat(fields: ReadonlyMap<string, string>, path: () => string): number {
    for (const name of CAPACITY_NAMES) {
      const capacitySat = this.#number(fields, name, path);
      if (capacitySat !== null) return capacitySat * MSAT_PER_SAT;
    }
    this.#import.remedies.add('capacityPlain', path);
    return PLAIN_CAPACITY_SAT * MSAT_PER_SAT;
  }

  /** Null where every field of the direction is empty: never announced. */
  #terms(fields: ReadonlyMap<string, string>, side: Side, path: () => string): RawPolicy | null {
    const names = [...POLICY_FIELDS, 'disabled'].map((name) => name + side);
    if (names.every((name) => (fields.get(name) ?? '') === '')) return null;
    const number = (name: (typeof POLICY_FIELDS)[number]): number => this.#number(fields, name + side, path) ?? 0;
    const disabled = fields.get(`disabled${side}`) ?? '';
    if (!['', 'true', 'false'].includes(disabled)) {
      this.#numbers.fail(disabled, () => `${path()}, disabled${side}`, 'true or false');
    }
    return {
      feeBase: number('feeBaseMsat'),
      feeRate: number('feeProportionalMillionths'),
      cltv: number('cltvExpiryDelta'),
      minimum: number('htlcMinimumMsat'),
      maximum: number('htlcMaximumMsat'),
      disabled: disabled === 'true',
    };
  }

  /** The terms of a direction whose file has none for any. */
  #plainPolicy(capacitySat: Sat, path: () => string): Policy | null {
    this.#import.remedies.add('termsAbsent', path);
    const { feeBaseMsat, feeProportionalMillionths, cltvExpiryDelta, htlcMinimumMsat } = PLAIN_POLICY;
    const plain = { feeBase: feeBaseMsat, feeRate: feeProportionalMillionths, cltv: cltvExpiryDelta };
    return this.#import.policy({ ...plain, minimum: htlcMinimumMsat, maximum: 0, disabled: false }, capacitySat, path);
  }

  #number(fields: ReadonlyMap<string, string>, name: string, path: () => string): number | null {
    const text = fields.get(name) ?? '';
    return text === '' ? null : this.#numbers.natural(text, () => `${path()}, ${name}`);
  }
}

/** A channel's attributes by `CHANNEL_FIELDS`, empty where it has none. */
export function channelFields(channel: ChannelAttributes): string[] {
  const of = (policy: Policy | null): string[] =>
    policy === null
      ? [...POLICY_FIELDS, ''].map(() => '')
      : [...POLICY_FIELDS.map((name) => String(policy[name])), String(policy.disabled)];
  const { capacitySat, balance1Msat, policy1, policy2 } = channel;
  return [String(capacitySat), balance1Msat === undefined ? '' : String(balance1Msat), ...of(policy1), ...of(policy2)];
}

/** The attributes that a channel has, with their names. */
export function namedFields(channel: ChannelAttributes): (readonly [name: string, value: string])[] {
  const values = channelFields(channel);
  return CHANNEL_FIELDS.map((name, i) => [name, values[i]!] as const).filter(([, value]) => value !== '');
}
