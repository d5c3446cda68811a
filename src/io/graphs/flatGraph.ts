/**
 * Graphs as attributes of nodes and edges: what an edge list, GEXF and GraphML have in common. The attributes have the
 * names of the graph's own fields; those of a direction end in the number of the node whose policy it is.
 */
import { UserError } from '../../base/errors.ts';
import { groupDigits, MSAT_PER_SAT, msat, type Sat } from '../../base/units.ts';
import type { ChannelAttributes, Policy } from '../../graph/channelGraph.ts';
import { PLAIN_CAPACITY_SAT, PLAIN_POLICY } from '../../graph/generators/channelTerms.ts';
import { JsonFields } from '../jsonFields.ts';
import { detached } from '../textPieces.ts';
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

/** Edges that may wait for their nodes, some hundred bytes each: mainnet has 50,000. */
const EARLY_MAX = 1_000_000;

/** An edge whose numbers are read; `raw` is null where the file has no terms for any. */
interface ReadEdge extends Omit<FlatEdge, 'fields'> {
  /** among the edges of the file */
  readonly place: number;
  readonly capacityMsat: number;
  readonly raw: readonly (RawPolicy | null)[] | null;
  readonly balance1Msat: number | null;
}

/** Takes the edges of such a file, one by one, into a graph. */
export class FlatEdges {
  readonly #import: GraphImport;
  readonly #file: string;
  readonly #numbers: JsonFields;
  /** edges that name nodes which the file may list later; the graph has them after the others, which don't wait for them */
  readonly #early: ReadEdge[] = [];
  #count = 0;
  #hasTerms = false;

  constructor(graph: GraphImport, file: string) {
    this.#import = graph;
    this.#file = file;
    this.#numbers = new JsonFields(file);
  }

  /**
   * The file has such an attribute for edges: where none is of a policy, every direction gets plain terms.
   * @throws UserError if it changes what earlier edges mean
   */
  declare(name: string, path: () => string): void {
    if (this.#hasTerms || !SIDES.some((side) => name === `feeBaseMsat${side}`)) return;
    if (this.#count > 0) this.#numbers.fail(name, path, 'the attributes of edges to be declared before the first edge');
    this.#hasTerms = true;
  }

  add({ id, node1, node2, fields, path }: FlatEdge): void {
    const edge = {
      id,
      node1: this.#numbers.text(node1, NAME_LENGTH_MAX, path),
      node2: this.#numbers.text(node2, NAME_LENGTH_MAX, path),
      path,
      place: this.#count++,
      capacityMsat: this.#capacityMsat(fields, path),
      raw: this.#hasTerms ? SIDES.map((side) => this.#terms(fields, side, path)) : null,
      balance1Msat: this.#number(fields, 'balance1Msat', path),
    };
    if (this.#import.mayJoin(node1, node2)) this.#take(edge);
    else this.#wait(edge);
  }

  #wait(edge: ReadEdge): void {
    if (this.#early.length === EARLY_MAX) {
      const found = `more than ${groupDigits(EARLY_MAX)} edges of nodes not listed so far`;
      throw new UserError({
        file: this.#file,
        path: edge.path(),
        found,
        expected: 'nodes before the edges that join them',
      });
    }
    const id = edge.id === null || edge.id.length > NAME_LENGTH_MAX ? null : detached(edge.id);
    this.#early.push({ ...edge, id, node1: detached(edge.node1), node2: detached(edge.node2) });
  }

  /** When all nodes are known. */
  finish(): void {
    for (const edge of this.#early) this.#take(edge);
  }

  #take(edge: ReadEdge): void {
    const { node1, node2, capacityMsat, raw, balance1Msat, path } = edge;
    const id = this.#idOf(edge);
    const capacitySat = this.#import.admit(id, node1, node2, capacityMsat, path);
    if (capacitySat === null) return;
    const [policy1 = null, policy2 = null] = SIDES.map((_, i) =>
      raw === null ? this.#plainPolicy(capacitySat, path) : this.#import.policy(raw[i] ?? null, capacitySat, path),
    );
    const channel: ChannelAttributes = { capacitySat, policy1, policy2 };
    if (balance1Msat !== null && balance1Msat <= capacitySat * MSAT_PER_SAT) channel.balance1Msat = msat(balance1Msat);
    else if (balance1Msat !== null) this.#import.remedies.add('balanceContradiction', path);
    this.#import.addChannel(id, node1, node2, channel, path);
  }

  /** Its own, or its place where it has none, a long one, or one that several edges of a multigraph share. */
  #idOf({ id, place }: ReadEdge): string {
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
