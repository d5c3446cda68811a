/** The network of a world: its nodes, the two ends of every channel, and the keys of both when they are needed. */
import { present } from '../base/assert.ts';
import type { Rng } from '../base/random.ts';
import type { Sat } from '../base/units.ts';
import type { OutPoint } from '../chain/transaction.ts';
import type { ChannelEnd } from '../channel/channelEnd.ts';
import { channelPoints, channelSecrets, type ChannelSecrets } from '../channel/keys.ts';
import type { ChannelMaterial, Side } from '../channel/materialise.ts';
import { namedSecret } from '../crypto/keyDerivation.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import type { NodeContext } from '../node/context.ts';
import type { ChannelSlots } from '../node/channelTable.ts';
import { LightningNode } from '../node/lightningNode.ts';
import type { HtlcTag } from '../node/nodeChannel.ts';
import { Wallet } from '../node/wallet.ts';
import type { ChannelConfig, OpeningPlan } from './config.ts';
import { liquidityModel } from './liquidity/liquidity.ts';
import { planChannel, type ChannelPlan } from './openingPlan.ts';

/** A funding output on the chain. */
export interface ConfirmedFunding {
  readonly outPoint: OutPoint;
  readonly valueSat: Sat;
}

export class Network {
  readonly graph: CompiledGraph;
  readonly nodes: readonly LightningNode[];
  /** by edge; null until both have signed */
  readonly ends: (ChannelEnd<HtlcTag> | null)[];
  /** by channel; null where the capacity can't carry a commitment */
  readonly plans: readonly (ChannelPlan | null)[];
  /** by channel, as it was opened; null until both have signed */
  readonly fundings: (OutPoint | null)[];
  /** of channels that a confirmed splice moved: where their money is */
  readonly spliced = new Map<number, ConfirmedFunding>();
  readonly #master: Uint8Array;
  readonly #materials = new Map<number, ChannelMaterial>();

  /** @param openings channels that are not there when traffic starts */
  constructor(
    graph: CompiledGraph,
    config: ChannelConfig,
    openings: readonly OpeningPlan[],
    master: Uint8Array,
    rng: Rng,
    context: NodeContext,
  ) {
    this.graph = graph;
    this.#master = master;
    const slots: ChannelSlots = new Array<undefined>(graph.edgeCount).fill(undefined);
    this.nodes = graph.nodeKeys.map(
      (key, index) => new LightningNode(index, new Wallet(namedSecret(master, `wallet ${key}`)), context, slots),
    );
    this.ends = new Array<ChannelEnd<HtlcTag> | null>(graph.edgeCount).fill(null);
    this.fundings = new Array<OutPoint | null>(graph.channelCount).fill(null);
    const liquidity = liquidityModel(config.liquidity);
    const wanted = new Map(openings.map((opening) => [opening.channel, opening]));
    this.plans = Array.from({ length: graph.channelCount }, (_, channel) =>
      planChannel(graph, channel, config, liquidity, rng, wanted.get(channel)),
    );
  }

  plan(channel: number): ChannelPlan {
    return present(this.plans[channel], `the plan of channel #${channel}`);
  }

  /** The node at one side of a channel. */
  nodeAt(channel: number, side: Side): LightningNode {
    return present(this.nodes[this.graph.edgeFrom[2 * channel + side]!], 'the node of an edge');
  }

  /** Keys and terms of a channel as it was opened; derived once, until `forget`. */
  material(channel: number): ChannelMaterial {
    const known = this.#materials.get(channel);
    if (known) return known;
    const { terms, opener, limits } = this.plan(channel);
    const secrets = this.secretsOf(channel);
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

  /** What both ends keep to themselves, node1's first. */
  secretsOf(channel: number): [ChannelSecrets, ChannelSecrets] {
    const id = present(this.graph.channelIds[channel], 'a channel’s id');
    return [channelSecrets(this.#master, `${id}/1`), channelSecrets(this.#master, `${id}/2`)];
  }

  /** Both have signed: an end comes to be, not yet in use. */
  addEnd(edge: number, end: ChannelEnd<HtlcTag>, funding: OutPoint): void {
    this.ends[edge] = end;
    this.fundings[edge >> 1] = funding;
  }

  /** The funding output that stands for a channel on the chain. */
  fundingOnChain(channel: number): ConfirmedFunding {
    const spliced = this.spliced.get(channel);
    if (spliced) return spliced;
    const outPoint = present(this.fundings[channel], `the funding output of channel #${channel}`);
    return { outPoint, valueSat: this.plan(channel).terms.capacitySat };
  }

  /** A channel that was being opened will not be. */
  dropEnds(channel: number): void {
    this.ends[2 * channel] = this.ends[2 * channel + 1] = null;
    this.fundings[channel] = null;
    this.forget(channel);
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
