/** The links of a lab: which are up, and who hears when one goes or comes back. */
import type { CompiledGraph } from '../../src/graph/compiled.ts';
import type { LightningNode } from '../../src/node/lightningNode.ts';

interface LinksHost {
  /** What is on its way over an edge is lost. */
  lose(edge: number): void;
  node(index: number): LightningNode;
}

export class Links {
  readonly #graph: CompiledGraph;
  readonly #host: LinksHost;
  readonly #offline = new Set<number>();
  readonly #cut = new Set<number>();

  constructor(graph: CompiledGraph, host: LinksHost) {
    this.#graph = graph;
    this.#host = host;
  }

  /** Whether messages travel over a channel. */
  isUp(channel: number): boolean {
    const ends = [this.#graph.edgeFrom[2 * channel]!, this.#graph.edgeTo[2 * channel]!];
    return !this.#cut.has(channel) && ends.every((node) => this.isOnline(node));
  }

  isOnline(node: number): boolean {
    return !this.#offline.has(node);
  }

  setOnline(node: number, online: boolean): void {
    this.#change(() => (online ? this.#offline.delete(node) : this.#offline.add(node)));
  }

  setCut(channel: number, cut: boolean): void {
    this.#change(() => (cut ? this.#cut.add(channel) : this.#cut.delete(channel)));
  }

  /** Each node hears of all that it lost at once. */
  #change(what: () => unknown): void {
    const channels = Array.from({ length: this.#graph.channelCount }, (_, channel) => channel);
    const before = channels.map((channel) => this.isUp(channel));
    what();
    const edgesOf = (wasUp: boolean): number[] =>
      channels
        .filter((channel) => before[channel] === wasUp && this.isUp(channel) !== wasUp)
        .flatMap((channel) => [2 * channel, 2 * channel + 1]);
    const lost = edgesOf(true);
    for (const edge of lost) this.#host.lose(edge);
    const losers = new Set(lost.map((edge) => this.#graph.edgeFrom[edge]!));
    for (const node of losers) {
      this.#host.node(node).disconnected(lost.filter((edge) => this.#graph.edgeFrom[edge] === node));
    }
    for (const edge of edgesOf(false)) this.#host.node(this.#graph.edgeFrom[edge]!).connected(edge);
  }
}
