/** How far a run has come: it opens the network, may warm it up, lets payments be made, settles what is left, and is over. */
import { present } from '../base/assert.ts';
import type { ClosingLedger } from './closingLedger.ts';
import type { WorldConfig } from './config.ts';
import type { L1 } from './l1.ts';
import type { Network } from './network.ts';
import type { Progress } from './worldResult.ts';

export type Phase = 'opening' | 'warming-up' | 'paying' | 'settling' | 'over';

/** The phases as a progress bar shows them. */
export function shownPhase(phase: Phase): Progress['phase'] {
  if (phase === 'over') return 'settling';
  return phase === 'warming-up' ? 'paying' : phase;
}

/** What the course of a run depends on. */
export interface CourseHost {
  readonly network: Network;
  readonly l1: L1;
  readonly closings: ClosingLedger;
  /** How many channels were opened. */
  opened(): number;
  /** Whether all payments and planned closures are over. */
  isTrafficOver(): boolean;
  isOnline(node: number): boolean;
  note(text: string): void;
}

export class Course {
  readonly #config: Pick<WorldConfig, 'settle' | 'chain'>;
  readonly #host: CourseHost;
  #phase: Phase = 'opening';
  #settleUntil = Infinity;
  #isUnsettled = false;

  constructor(config: Pick<WorldConfig, 'settle' | 'chain'>, host: CourseHost) {
    this.#config = config;
    this.#host = host;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Whether everything was settled in the end; null if that was not asked for. */
  get isSettled(): boolean | null {
    return this.#config.settle === 'none' ? null : !this.#isUnsettled;
  }

  /** The network is open; payments don't count yet. */
  warmUp(): void {
    this.#phase = 'warming-up';
  }

  /** The network is open, and warm. */
  begin(): void {
    this.#phase = 'paying';
  }

  /** Once the last payment has ended and the last closure is made, the rest is settled. */
  maybeSettle(): void {
    if (this.#phase !== 'paying' || !this.#host.isTrafficOver()) return;
    if (this.#config.settle === 'none') {
      this.#phase = 'over';
      return;
    }
    this.#phase = 'settling';
    this.boundTheRest();
    if (this.#config.settle === 'all') this.#closeEverything();
  }

  /** From now on the run has so many blocks to come to its end. */
  boundTheRest(): void {
    this.#settleUntil = this.#host.l1.chain.height + this.#config.chain.maxSettlementBlocks;
  }

  /** Blocks came, and all nodes have acted on them. */
  onBlocks(): void {
    const isLate = this.#host.l1.chain.height >= this.#settleUntil;
    if (this.#phase === 'settling') {
      if (this.#isAllSettled()) this.#phase = 'over';
      else if (isLate) this.#giveUp();
    } else if (isLate) {
      this.#host.note('stopped: payments or closures were still waiting when maxSettlementBlocks had passed');
      this.#giveUp();
    }
  }

  #closeEverything(): void {
    const { ends, nodes, graph } = this.#host.network;
    for (let edge = 0; edge < graph.edgeCount; edge++) {
      const end = ends[edge];
      if (!end?.isOpener || end.phase !== 'normal') continue;
      const closer = this.#host.isOnline(graph.edgeFrom[edge]!) ? edge : edge ^ 1;
      present(nodes[graph.edgeFrom[closer]!], 'a node').closeMutually(closer);
    }
  }

  #isAllSettled(): boolean {
    const { l1, network, closings } = this.#host;
    return (
      l1.mempool.size === 0 &&
      !this.#isClosing() &&
      !network.nodes.some((node) => node.isSettling) &&
      (this.#config.settle !== 'all' || closings.size === this.#host.opened())
    );
  }

  /** Whether a channel is on its way to the chain and not there yet. */
  #isClosing(): boolean {
    const { network, closings } = this.#host;
    return network.ends.some(
      (end, edge) => end !== null && end.phase !== 'normal' && end.phase !== 'opening' && !closings.has(edge >> 1),
    );
  }

  #giveUp(): void {
    this.#isUnsettled = true;
    this.#phase = 'over';
  }
}
