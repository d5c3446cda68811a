/**
 * Gossip in a world: policies that change, as planned or at random, and payers that hear of it late. Nodes forward by their
 * policies as they are; routes are found on what has come to the payer.
 */
import { present } from '../base/assert.ts';
import type { RunDigest } from '../base/digest.ts';
import type { EventQueue } from '../base/eventQueue.ts';
import type { Rng } from '../base/random.ts';
import { micros, MICROS_PER_SECOND, type Micros } from '../base/time.ts';
import { msat } from '../base/units.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import { GossipLog } from '../graph/gossipLog.ts';
import type { RoutingStrategy } from '../routing/strategy.ts';
import type { GossipConfig, PolicyPlan } from './config.ts';
import { EventKind, type EventRef } from './events.ts';

/** What gossip depends on. */
export interface GossipHost {
  readonly graph: CompiledGraph;
  readonly queue: EventQueue<EventRef>;
  readonly digest: RunDigest;
  /** Whether payments may still start, so that it matters what policies are. */
  isPaying(): boolean;
}

/** No node asks for more, parts per million. */
const MOST_MILLIONTHS = 1_000_000;
/** No node asks for more, msat. */
const MOST_BASE_MSAT = 1_000_000_000;

export class Gossip {
  readonly log: GossipLog;
  readonly #config: GossipConfig;
  readonly #policies: readonly PolicyPlan[];
  readonly #host: GossipHost;
  readonly #rng: Rng;
  /** by node, µs */
  readonly #delays: Float64Array;
  /** by edge: what fees a random change starts from, so that fees don't drift */
  readonly #startingFees = new Map<number, { base: number; millionths: number }>();

  /** @param rng of delays and random changes */
  constructor(config: GossipConfig, policies: readonly PolicyPlan[], rng: Rng, host: GossipHost) {
    this.#config = config;
    this.#policies = policies;
    this.#host = host;
    this.#rng = rng.stream('updates');
    const { medianMicros, sigma } = config.delay;
    this.#delays = new Float64Array(host.graph.nodeCount).fill(medianMicros);
    if (sigma > 0 && medianMicros > 0) {
      this.#delays.forEach((_, node, all) => {
        all[node] = micros(rng.stream('delay', node).lognormal(medianMicros, sigma));
      });
    }
    const longest = this.#delays.reduce((most, delay) => Math.max(most, delay), 0);
    this.log = new GossipLog(host.graph, (node) => this.#delayOf(node), micros(longest), config.grace);
  }

  #delayOf(node: number): Micros {
    return micros(this.#delays[node]!);
  }

  /** The network is open. */
  begin(): void {
    const { queue } = this.#host;
    this.#policies.forEach(({ at }, index) => queue.push(micros(queue.now + at), EventKind.Policy, index));
    this.#next();
  }

  /** The next random change. */
  #next(): void {
    const { updates } = this.#config;
    const { queue } = this.#host;
    if (updates === null || !this.#host.isPaying()) return;
    const interval = this.#rng.exponential(MICROS_PER_SECOND / updates.ratePerSecond);
    queue.push(micros(queue.now + interval), EventKind.RandomPolicy);
  }

  /** A planned change of policies. */
  changePlanned(index: number): void {
    const { edges, change } = present(this.#policies[index], 'a change of policies');
    const { graph, queue, digest } = this.#host;
    digest.record(queue.now, EventKind.Policy, index, 0, 0);
    for (const edge of edges) this.log.setPolicy(edge, { ...graph.policyOf(edge), ...change }, queue.now);
  }

  /** One direction, drawn from all that are enabled, asks for other fees. */
  changeAtRandom(): void {
    const { graph, queue, digest } = this.#host;
    const { sigma } = present(this.#config.updates, 'the law of random changes');
    const edge = this.#rng.below(graph.edgeCount);
    const factor = this.#rng.lognormal(1, sigma);
    digest.record(queue.now, EventKind.RandomPolicy, edge, 0, factor);
    if (graph.enabled[edge] === 1) {
      const from = this.#startingFees.get(edge) ?? {
        base: graph.feeBaseMsat[edge]!,
        millionths: graph.feeProportionalMillionths[edge]!,
      };
      this.#startingFees.set(edge, from);
      const fees = {
        feeBaseMsat: msat(Math.min(MOST_BASE_MSAT, Math.round(from.base * factor))),
        feeProportionalMillionths: Math.min(MOST_MILLIONTHS, Math.round(from.millionths * factor)),
      };
      this.log.setPolicy(edge, { ...graph.policyOf(edge), ...fees }, queue.now);
    }
    this.#next();
  }

  /** A node's strategy, looking at the graph as it has come to the node. */
  informing(strategy: RoutingStrategy, node: number): RoutingStrategy {
    if (this.#delayOf(node) === 0) return strategy;
    const { log } = this;
    return {
      remembersFailures: strategy.remembersFailures ?? false,
      leavesOutUpdated: strategy.leavesOutUpdated ?? false,
      clientMaxParts: strategy.clientMaxParts ?? 1,
      findRoutes: (request, view) => log.seenBy(node, view.now, () => strategy.findRoutes(request, view)),
      learn: (outcome) => log.seenBy(node, outcome.at, () => strategy.learn(outcome)),
    };
  }
}
