/**
 * The public graph as it changes, and as each node knows it (BOLT 7): news takes its time to reach a node, unless a failure
 * that comes back brings it at once (BOLT 4, `channel_update`).
 *
 * There is one graph, as it is now, and a log of what changed lately. A node that looks at it has the log's last entries,
 * those that it has not heard of, undone for as long as it looks. That costs nothing where nothing is new, and no memory per
 * node but for what failures told it.
 */
import { assert } from '../base/assert.ts';
import { micros, type Micros } from '../base/time.ts';
import type { Policy } from './channelGraph.ts';
import type { CompiledGraph, EdgeState } from './compiled.ts';

/** An edge's newest update, as a failure carries it. */
export interface ChannelUpdate {
  readonly edge: number;
  /** the number of the change, from 1; later ones have higher numbers */
  readonly version: number;
  /** when it was made */
  readonly at: Micros;
}

interface Change extends ChannelUpdate {
  readonly before: EdgeState;
  readonly after: EdgeState;
}

/** What a failure told a node. */
interface Heard {
  readonly version: number;
  readonly at: Micros;
}

export class GossipLog {
  readonly graph: CompiledGraph;
  readonly #delayOf: (node: number) => Micros;
  readonly #longestDelay: Micros;
  /** by rising time: those that somebody may not have heard of, and older ones until they are cleared away */
  #changes: Change[] = [];
  #versions = 0;
  /** by edge: its newest change */
  readonly #newest = new Map<number, ChannelUpdate>();
  /** by node, by edge: what it heard before its time */
  readonly #heard = new Map<number, Map<number, Heard>>();
  /** by edge: what its node asked for before its newest change, and when that was */
  readonly #former = new Map<number, { readonly state: EdgeState; readonly until: Micros }>();
  readonly #grace: Micros;
  #isLookedAt = false;

  /**
   * @param graph as it is now; changes go through this log from now on
   * @param delayOf how long news takes to a node @param longestDelay no node's is longer
   * @param grace how long a node still takes what it asked for before
   */
  constructor(graph: CompiledGraph, delayOf: (node: number) => Micros, longestDelay: Micros, grace: Micros) {
    this.#grace = grace;
    this.graph = graph;
    this.#delayOf = delayOf;
    this.#longestDelay = longestDelay;
  }

  /** An edge has a new policy; null where it is not announced any more. */
  setPolicy(edge: number, policy: Policy | null, now: Micros): void {
    if (this.#grace > 0) this.#former.set(edge, { state: this.graph.stateOf(edge), until: micros(now + this.#grace) });
    this.#change([edge], now, () => this.graph.setPolicy(edge, policy));
  }

  /** A splice has changed what a channel holds, msat. */
  setCapacity(channel: number, capacityMsat: number, now: Micros): void {
    this.#change([2 * channel, 2 * channel + 1], now, () => this.graph.setCapacity(channel, capacityMsat));
  }

  /** A channel can't be used any more. */
  closeChannel(channel: number, now: Micros): void {
    this.#change([2 * channel, 2 * channel + 1], now, () => this.graph.closeChannel(channel));
  }

  #change(edges: readonly number[], at: Micros, change: () => void): void {
    assert(!this.#isLookedAt, 'the graph does not change while a node looks at it');
    const before = edges.map((edge) => this.graph.stateOf(edge));
    change();
    const version = ++this.#versions;
    this.#clear(at);
    edges.forEach((edge, i) => {
      this.#newest.set(edge, { edge, version, at });
      if (this.#longestDelay > 0) {
        this.#changes.push({ at, version, edge, before: before[i]!, after: this.graph.stateOf(edge) });
      }
    });
  }

  /** Drops what everybody has heard of, once it is half of the log. */
  #clear(now: Micros): void {
    const young = this.#firstAfter(micros(now - this.#longestDelay));
    if (young > this.#changes.length / 2) this.#changes = this.#changes.slice(young);
  }

  /** The place of the first change later than a time. */
  #firstAfter(time: Micros): number {
    let first = this.#changes.length;
    while (first > 0 && this.#changes[first - 1]!.at > time) first--;
    return first;
  }

  /** What an edge's node asked for before, while it still takes that (BOLT 7, on a new `channel_update`); null after that. */
  formerOf(edge: number, now: Micros): EdgeState | null {
    const former = this.#former.get(edge);
    if (former === undefined || former.until > now) return former?.state ?? null;
    this.#former.delete(edge);
    return null;
  }

  /** What a failure at an edge tells of it; undefined where there is nothing that was not so from the start. */
  updateOf(edge: number): ChannelUpdate | undefined {
    return this.#newest.get(edge);
  }

  /**
   * A node reads an update in a failure.
   * @param since when it found the route that failed
   * @returns whether it could not know of the update then
   */
  hear(node: number, { edge, version, at }: ChannelUpdate, since: Micros, now: Micros): boolean {
    const heard = this.#heard.get(node)?.get(edge);
    const came = at + this.#delayOf(node) <= since;
    const wasTold = heard !== undefined && heard.version >= version && heard.at <= since;
    if (came || wasTold) return false;
    if (heard === undefined || heard.version < version) {
      const told = this.#heard.get(node) ?? new Map<number, Heard>();
      this.#heard.set(node, told.set(edge, { version, at: now }));
      // a channel closes in both directions
      if (this.graph.capacityMsat[edge >> 1] === 0) told.set(edge ^ 1, { version, at: now });
    }
    return true;
  }

  /** Lets a node look at the graph as it knows it. */
  seenBy<T>(node: number, now: Micros, look: () => T): T {
    const first = this.#firstAfter(micros(now - this.#delayOf(node)));
    if (first === this.#changes.length) {
      this.#heard.delete(node); // all that it was told has come to it by now
      return look();
    }
    assert(!this.#isLookedAt, 'one node looks at the graph at a time');
    const heard = this.#heard.get(node);
    const unknown = this.#changes
      .slice(first)
      .filter(({ edge, version }) => (heard?.get(edge)?.version ?? 0) < version);
    for (const { edge, before } of unknown.toReversed()) this.graph.restore(edge, before);
    this.#isLookedAt = true;
    try {
      return look();
    } finally {
      this.#isLookedAt = false;
      for (const { edge, after } of unknown) this.graph.restore(edge, after);
    }
  }
}
