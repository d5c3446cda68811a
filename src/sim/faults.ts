/** What goes wrong on purpose: the scenario's faults, each at its time. */
import { present } from '../base/assert.ts';
import type { EventQueue } from '../base/eventQueue.ts';
import { micros, type Micros } from '../base/time.ts';
import type { Behaviour } from '../node/behaviour.ts';
import { garblingOnions } from '../node/garblingOnions.ts';
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

export class Faults {
  readonly #plans: readonly FaultPlan[];
  readonly #host: FaultsHost;
  /** when the network was open; the plans' times count from here */
  #openedAt = 0 as Micros;

  /** what garbles, by how many faults, and how it behaves else */
  readonly #garbling = new Map<number, { readonly count: number; readonly before: Behaviour }>();

  constructor(plans: readonly FaultPlan[], host: FaultsHost) {
    this.#plans = plans;
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
        return this.#garble(fault.node, begins ? 1 : -1);
      case 'corrupt-balance': {
        // the drill that proves the auditor awake
        const end = this.#host.network.ends[2 * fault.channel];
        if (end) end.ledger.localOurs += fault.msat;
        return this.#host.touch(2 * fault.channel);
      }
    }
  }

  /** One fault more, or less, has a node garble onions. */
  #garble(index: number, change: 1 | -1): void {
    const node = present(this.#host.network.nodes[index], 'the node that garbles');
    const { count, before } = this.#garbling.get(index) ?? { count: 0, before: node.behaviour };
    const faults = count + change;
    if (faults > 0) this.#garbling.set(index, { count: faults, before });
    else this.#garbling.delete(index);
    node.behaviour = faults > 0 ? garblingOnions(before) : before;
  }

  /** What to tell the user of faults whose time has not come. */
  unbegun(): string[] {
    return this.#plans
      .map((fault, index) => ({ ...fault, index }))
      .filter(({ at }) => this.#openedAt + at > this.#host.queue.now)
      .map(({ index, kind }) => `faults[${index}] (${kind}) never began: the run was over before`);
  }
}
