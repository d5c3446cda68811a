/** What goes wrong on purpose: the scenario's faults, each at its time. */
import { present } from '../base/assert.ts';
import type { Rng } from '../base/random.ts';
import type { EventQueue } from '../base/eventQueue.ts';
import { micros, type Micros } from '../base/time.ts';
import type { Behaviour } from '../node/behaviour.ts';
import { garblingOnions } from '../node/garblingOnions.ts';
import { shortOfBalance } from '../node/shortOfBalance.ts';
import type { FaultPlan } from './config.ts';
import type { Connections } from './connections.ts';
import { EventKind, type EventRef } from './events.ts';
import type { Network } from './network.ts';

/** What faults may do to the world. */
export interface FaultsHost {
  readonly network: Network;
  readonly queue: EventQueue<EventRef>;
  readonly connections: Connections;
  /** The auditor is to look at that end. */
  touch(edge: number): void;
}

/** What a fault makes of a node's behaviour. */
type Change = (before: Behaviour) => Behaviour;

export class Faults {
  readonly #plans: readonly FaultPlan[];
  readonly #host: FaultsHost;
  /** when the network was open; the plans' times count from here */
  #openedAt = 0 as Micros;

  /** how a node behaves that faults have changed: what it was before, and what each of them makes of that */
  readonly #changed = new Map<number, { readonly before: Behaviour; readonly changes: Map<number, Change> }>();
  readonly #rng: Rng;

  /** @param rng streams below it draw what the faults leave to chance */
  constructor(plans: readonly FaultPlan[], rng: Rng, host: FaultsHost) {
    this.#plans = plans;
    this.#rng = rng;
    this.#host = host;
  }

  /** The network is open. */
  begin(): void {
    const { queue, network } = this.#host;
    this.#openedAt = queue.now;
    this.#plans.forEach((plan, index) => {
      queue.push(micros(queue.now + plan.at), EventKind.Fault, index, 0);
      if (plan.kind === 'crash') present(network.nodes[plan.node], 'the node that crashes').expectCrash();
      if ('until' in plan) queue.push(micros(queue.now + plan.until), EventKind.Fault, index, 1);
    });
  }

  /** A fault begins, or ends. */
  act(index: number, begins: boolean): void {
    const fault = present(this.#plans[index], 'a fault');
    const { connections } = this.#host;
    switch (fault.kind) {
      case 'offline':
        return begins ? connections.leave(fault.node) : connections.comeBack(fault.node);
      case 'crash':
        return begins ? connections.crash(fault.node) : connections.comeBack(fault.node);
      case 'disconnect':
        return begins ? connections.cut(fault.channel) : connections.mend(fault.channel);
      case 'corrupt-onion':
        return this.#change(fault.node, index, begins ? garblingOnions : null);
      case 'unresponsive':
        return begins ? connections.isolate(fault.node) : connections.rejoin(fault.node);
      case 'low-balance': {
        const { channel, capacityMsat } = fault;
        for (const edge of [2 * channel, 2 * channel + 1]) {
          const rng = this.#rng.stream('balances', index).stream('side', edge & 1);
          const change: Change = (before) => shortOfBalance(before, edge, capacityMsat, rng);
          this.#change(this.#host.network.graph.edgeFrom[edge]!, index, begins ? change : null);
        }
        return;
      }
      case 'corrupt-balance': {
        // the drill that proves the auditor awake
        const end = this.#host.network.ends[2 * fault.channel];
        if (end) end.ledger.localOurs += fault.msat;
        return this.#host.touch(2 * fault.channel);
      }
    }
  }

  /** A fault changes how a node behaves, or does no longer (null). */
  #change(index: number, fault: number, change: Change | null): void {
    const node = present(this.#host.network.nodes[index], 'the node that behaves otherwise');
    const { before, changes } = this.#changed.get(index) ?? { before: node.behaviour, changes: new Map() };
    if (change) changes.set(fault, change);
    else changes.delete(fault);
    if (changes.size > 0) this.#changed.set(index, { before, changes });
    else this.#changed.delete(index);
    node.behaviour = [...changes.values()].reduce((behaviour, each) => each(behaviour), before);
  }

  /** What to tell the user of faults whose time has not come. */
  unbegun(): string[] {
    return this.#plans
      .map((fault, index) => ({ ...fault, index }))
      .filter(({ at }) => this.#openedAt + at > this.#host.queue.now)
      .map(({ index, kind }) => `faults[${index}] (${kind}) never began: the run was over before`);
  }
}
