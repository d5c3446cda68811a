/** The network of a world: its nodes, the two ends of every channel, and the keys of both when they are needed. */
import { present } from '../base/assert.ts';
import type { Rng } from '../base/random.ts';
import { p2wsh } from '../chain/script.ts';
import type { OutPoint } from '../chain/transaction.ts';
import { ChannelEnd } from '../channel/channelEnd.ts';
import { channelPoints, channelSecrets } from '../channel/keys.ts';
import type { ChannelMaterial, Side } from '../channel/materialise.ts';
import { fundingScript } from '../channel/scripts.ts';
import { namedSecret } from '../crypto/keyDerivation.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import type { NodeContext } from '../node/context.ts';
import { LightningNode } from '../node/lightningNode.ts';
import type { HtlcTag } from '../node/nodeChannel.ts';
import { Wallet } from '../node/wallet.ts';
import type { ChannelConfig } from './config.ts';
import { planChannel, type ChannelPlan } from './openingPlan.ts';

export class Network {
  readonly graph: CompiledGraph;
  readonly nodes: readonly LightningNode[];
  /** by edge; null until the funding is confirmed */
  readonly ends: (ChannelEnd<HtlcTag> | null)[];
  /** by channel; null where the capacity can't carry a commitment */
  readonly plans: readonly (ChannelPlan | null)[];
  /** by channel; null until the funding is confirmed */
  readonly fundings: (OutPoint | null)[];
  readonly #master: Uint8Array;
  readonly #materials = new Map<number, ChannelMaterial>();

  constructor(graph: CompiledGraph, config: ChannelConfig, master: Uint8Array, rng: Rng, context: NodeContext) {
    this.graph = graph;
    this.#master = master;
    this.nodes = graph.nodeKeys.map(
      (key, index) => new LightningNode(index, new Wallet(namedSecret(master, `wallet ${key}`)), context),
    );
    this.ends = new Array<ChannelEnd<HtlcTag> | null>(graph.edgeCount).fill(null);
    this.fundings = new Array<OutPoint | null>(graph.channelCount).fill(null);
    this.plans = Array.from({ length: graph.channelCount }, (_, channel) => planChannel(graph, channel, config, rng));
  }

  plan(channel: number): ChannelPlan {
    return present(this.plans[channel], `the plan of channel #${channel}`);
  }

  /** The node at one side of a channel. */
  nodeAt(channel: number, side: Side): LightningNode {
    return present(this.nodes[this.graph.edgeFrom[2 * channel + side]!], 'the node of an edge');
  }

  /** The script that the channel's funding output pays. */
  fundingScript(channel: number): Uint8Array {
    const [a, b] = this.#secrets(channel).map((secrets) => channelPoints(secrets).funding);
    return p2wsh(fundingScript(present(a, 'a funding key'), present(b, 'a funding key')));
  }

  /** Keys and terms of a channel whose funding is confirmed; derived once, until `forget`. */
  material(channel: number): ChannelMaterial {
    const known = this.#materials.get(channel);
    if (known) return known;
    const { terms, opener, limits } = this.plan(channel);
    const secrets = this.#secrets(channel);
    const material: ChannelMaterial = {
      funding: present(this.fundings[channel], `the funding output of channel #${channel}`),
      capacitySat: terms.capacitySat,
      format: terms.format,
      opener,
      limits: [limits, limits],
      secrets,
      points: [channelPoints(secrets[0]), channelPoints(secrets[1])],
    };
    this.#materials.set(channel, material);
    return material;
  }

  /** Drops what `material` derived: the channel's last output was claimed. */
  forget(channel: number): void {
    this.#materials.delete(channel);
  }

  #secrets(channel: number): [ReturnType<typeof channelSecrets>, ReturnType<typeof channelSecrets>] {
    const id = present(this.graph.channelIds[channel], 'a channel’s id');
    return [channelSecrets(this.#master, `${id}/1`), channelSecrets(this.#master, `${id}/2`)];
  }

  /** The funding is confirmed: both ends come to be, not yet in use. @param keepHistory of old commitments */
  createEnds(channel: number, funding: OutPoint, keepHistory: boolean): void {
    const { terms, limits, opener, balancesMsat } = this.plan(channel);
    this.fundings[channel] = funding;
    for (const side of [0, 1] as const) {
      const end = new ChannelEnd<HtlcTag>({
        terms,
        localLimits: limits,
        remoteLimits: limits,
        isOpener: side === opener,
        toLocalMsat: balancesMsat[side],
        toRemoteMsat: balancesMsat[1 - side]!,
      });
      if (keepHistory) end.keepHistory();
      const edge = 2 * channel + side;
      this.ends[edge] = end;
      this.nodeAt(channel, side).channels.set(edge, {
        edge,
        peer: this.graph.edgeTo[edge]!,
        end,
        monitor: null,
        remoteScript: null,
        closingFeeSat: null,
      });
    }
  }

  /** Enough confirmations: `channel_ready` on both sides. */
  ready(channel: number): void {
    for (const edge of [2 * channel, 2 * channel + 1]) {
      const end = this.ends[edge];
      if (end?.phase === 'opening') end.phase = 'normal';
    }
  }

  /** Nodes that can pay, or be paid: with an announced and enabled channel that was opened, in that direction. */
  endpoints(direction: 'out' | 'in'): number[] {
    const able = new Uint8Array(this.graph.nodeCount);
    const { edgeFrom, edgeTo, enabled } = this.graph;
    for (let edge = 0; edge < this.graph.edgeCount; edge++) {
      if (enabled[edge] === 1 && this.ends[edge]) able[direction === 'out' ? edgeFrom[edge]! : edgeTo[edge]!] = 1;
    }
    return [...able.keys()].filter((node) => able[node] === 1);
  }
}
