/**
 * Mission control: what a payer remembers of each pair of nodes that its HTLCs went through or failed between
 * (lnd 90ea05d5a, `routing/missioncontrol_state.go`).
 *
 * A pair is a direction between two nodes, whatever their channels; it is named by the lowest of its edges.
 */
import type { Micros } from '../../base/time.ts';
import { seconds } from '../../base/time.ts';
import type { CompiledGraph } from '../../graph/compiled.ts';
import { LearntTable } from '../learntTable.ts';
import { parallelEdgesOf } from '../parallelEdges.ts';
import type { RouteOutcome } from '../strategy.ts';
import { interpretResult, type PairResult } from './resultInterpretation.ts';

/** A failure of a higher amount that follows within this time is not believed (lnd, `DefaultMinFailureRelaxInterval`). */
const MIN_FAILURE_RELAX_INTERVAL = seconds(60);
/** A pair gets one second chance in this time (lnd, `minSecondChanceInterval`). */
const MIN_SECOND_CHANCE_INTERVAL = seconds(60);
/** No such time: nothing of the kind has happened yet. */
export const NEVER = -1;

/** The numbers of a pair's row. */
export const PAIR = {
  /** the most that went through, msat; 0 for none */
  successMsat: 0,
  successAt: 1,
  /** the least that failed, msat; 0 for any amount */
  failMsat: 2,
  failAt: 3,
  /** the row of the same node's next pair + 1, or 0 */
  nextOfNode: 4,
} as const;
const WIDTH = 5;

export class MissionControl {
  readonly #pairs = new LearntTable(WIDTH);
  /** the last row of each node that a pair leaves */
  #lastRow: Map<number, number> | null = null;
  /** per pair: when it last got a second chance */
  #secondChances: Map<number, Micros> | null = null;

  /** The nodes that leave a known pair, in the order in which they were met. */
  get knownNodes(): Iterable<number> {
    return this.#lastRow?.keys() ?? [];
  }

  /** Pairs known. */
  get size(): number {
    return this.#pairs.size;
  }

  /** The pair's row, or −1. */
  rowOf(pair: number): number {
    return this.#pairs.rowOf(pair);
  }

  /** The row of the pair last added that leaves the node, or −1; `next` leads to the others. */
  rowsOf(node: number): number {
    return this.#lastRow?.get(node) ?? -1;
  }

  next(row: number): number {
    return this.#pairs.values[WIDTH * row + PAIR.nextOfNode]! - 1;
  }

  /** One of the numbers of a row, as `PAIR` names them. */
  value(row: number, number: 0 | 1 | 2 | 3): number {
    return this.#pairs.values[WIDTH * row + number]!;
  }

  /** Takes in what a route taught. */
  learn(outcome: RouteOutcome): void {
    const { graph, at } = outcome;
    const learnt = interpretResult(outcome);
    const pairOf = parallelEdgesOf(graph).first;
    if (learnt.policyFailure !== null && this.#secondChance(pairOf[learnt.policyFailure]!, at)) return;
    if (learnt.failedNode !== null) this.#failAll(graph, learnt.failedNode, at);
    for (const [edge, result] of learnt.pairs) this.#record(pairOf[edge]!, graph.edgeFrom[edge]!, result, at);
  }

  /** Whether an outdated policy may be the reason of a failure: then it is forgiven, once in a while. */
  #secondChance(pair: number, at: Micros): boolean {
    this.#secondChances ??= new Map();
    const last = this.#secondChances.get(pair);
    if (last !== undefined && at - last <= MIN_SECOND_CHANCE_INTERVAL) return false;
    this.#secondChances.set(pair, at);
    return true;
  }

  #record(pair: number, from: number, result: PairResult, at: Micros): void {
    const start = WIDTH * this.#rowFor(pair, from);
    const { values } = this.#pairs;
    const { amountMsat } = result;
    const failAt = values[start + PAIR.failAt]!;
    if (result.success) {
      values[start + PAIR.successAt] = at;
      values[start + PAIR.successMsat] = Math.max(values[start + PAIR.successMsat]!, amountMsat);
      if (failAt !== NEVER && amountMsat >= values[start + PAIR.failMsat]!) {
        values[start + PAIR.failMsat] = amountMsat + 1;
      }
      return;
    }
    const isHigher = amountMsat > values[start + PAIR.failMsat]!;
    if (failAt !== NEVER && isHigher && at - failAt < MIN_FAILURE_RELAX_INTERVAL) return;
    values[start + PAIR.failAt] = at;
    values[start + PAIR.failMsat] = amountMsat;
    values[start + PAIR.successMsat] = Math.min(values[start + PAIR.successMsat]!, Math.max(0, amountMsat - 1));
  }

  /** A node's failure is one of all its pairs that were tried, in both directions. */
  #failAll(graph: CompiledGraph, node: number, at: Micros): void {
    const { keys, values, size } = this.#pairs;
    for (let row = 0; row < size; row++) {
      const pair = keys[row]!;
      if (graph.edgeFrom[pair] !== node && graph.edgeTo[pair] !== node) continue;
      values[WIDTH * row + PAIR.successMsat] = 0;
      values[WIDTH * row + PAIR.successAt] = NEVER;
      values[WIDTH * row + PAIR.failMsat] = 0;
      values[WIDTH * row + PAIR.failAt] = at;
    }
  }

  #rowFor(pair: number, from: number): number {
    const known = this.#pairs.rowOf(pair);
    if (known !== -1) return known;
    const row = this.#pairs.add(pair);
    const { values } = this.#pairs;
    values[WIDTH * row + PAIR.successAt] = NEVER;
    values[WIDTH * row + PAIR.failAt] = NEVER;
    this.#lastRow ??= new Map();
    values[WIDTH * row + PAIR.nextOfNode] = (this.#lastRow.get(from) ?? -1) + 1;
    this.#lastRow.set(from, row);
    return row;
  }
}
