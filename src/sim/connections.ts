/**
 * Who is connected with whom: nodes leave, crash and come back, links are cut and mended. Both ends of a channel hear at
 * once that their connection is gone, and begin with `channel_reestablish` when it is back.
 */
import { present } from '../base/assert.ts';
import type { LightningNode } from '../node/lightningNode.ts';
import type { Links } from './links.ts';
import type { Network } from './network.ts';

/** What connections ask of the world. */
export interface ConnectionsHost {
  readonly network: Network;
  readonly links: Links;
  /** The auditor is to look at that end. */
  touch(edge: number): void;
  /** The height from which on a node that restarts reads the chain: no channel was closed before. */
  openedAtHeight(): number;
}

export class Connections {
  readonly #host: ConnectionsHost;
  /** filled when it is first asked for: most runs never do */
  readonly #channelsByNode = new Map<number, number[]>();

  constructor(host: ConnectionsHost) {
    this.#host = host;
  }

  /** A node goes offline, with all that it knows. */
  leave(node: number): void {
    const { links } = this.#host;
    this.#whileLosing(this.#channelsOf(node), () => links.leave(node));
  }

  /** A reason for a node to be away is over: if it was the last, it is back. */
  comeBack(node: number): void {
    const { links } = this.#host;
    if (links.isOnline(node)) return;
    this.#whileGaining(this.#channelsOf(node), () => links.comeBack(node));
    if (links.isOnline(node)) this.#node(node).onBlock();
  }

  /** A node loses all that it has not written, and its connections; `comeBack` starts it again. */
  crash(node: number): void {
    this.leave(node);
    const crashed = this.#node(node);
    crashed.crash(this.#host.openedAtHeight());
    for (const { edge, end } of crashed.channels.values()) {
      this.#host.network.ends[edge] = end;
      this.#host.touch(edge);
    }
  }

  /** A node stops talking to all its peers; it stays where it is, and follows the chain. */
  isolate(node: number): void {
    const { links } = this.#host;
    const channels = this.#channelsOf(node);
    this.#whileLosing(channels, () => channels.forEach((channel) => links.cut(channel)));
  }

  /** A reason for a node to be silent is over. */
  rejoin(node: number): void {
    const { links } = this.#host;
    const channels = this.#channelsOf(node);
    this.#whileGaining(channels, () => channels.forEach((channel) => links.mend(channel)));
  }

  /** The link of a channel breaks. */
  cut(channel: number): void {
    const { links } = this.#host;
    this.#whileLosing([channel], () => links.cut(channel));
  }

  /** A reason for a link to be cut is over. */
  mend(channel: number): void {
    const { links } = this.#host;
    this.#whileGaining([channel], () => links.mend(channel));
  }

  #whileLosing(channels: readonly number[], change: () => void): void {
    const { links } = this.#host;
    const wereUp = channels.filter((channel) => links.isUp(channel));
    change();
    const lost = wereUp.filter((channel) => !links.isUp(channel));
    const edgesByNode = new Map<number, number[]>();
    for (const edge of lost.flatMap((channel) => [2 * channel, 2 * channel + 1])) {
      const node = this.#host.network.graph.edgeFrom[edge]!;
      edgesByNode.set(node, [...(edgesByNode.get(node) ?? []), edge]);
      this.#host.touch(edge);
    }
    for (const channel of lost) links.break(channel);
    for (const [node, edges] of edgesByNode) this.#node(node).disconnected(edges);
  }

  #whileGaining(channels: readonly number[], change: () => void): void {
    const { links, network } = this.#host;
    const wereDown = channels.filter((channel) => !links.isUp(channel));
    change();
    for (const channel of wereDown) {
      if (!links.isUp(channel)) continue;
      for (const side of [0, 1] as const) network.nodeAt(channel, side).connected(2 * channel + side);
    }
  }

  /** The channels of a node, also those that are being opened. */
  #channelsOf(node: number): readonly number[] {
    const { edgeFrom, edgeCount } = this.#host.network.graph;
    if (this.#channelsByNode.size === 0) {
      for (let edge = 0; edge < edgeCount; edge++) {
        const list = this.#channelsByNode.get(edgeFrom[edge]!);
        if (list) list.push(edge >> 1);
        else this.#channelsByNode.set(edgeFrom[edge]!, [edge >> 1]);
      }
    }
    return this.#channelsByNode.get(node) ?? [];
  }

  #node(index: number): LightningNode {
    return present(this.#host.network.nodes[index], 'a node');
  }
}
