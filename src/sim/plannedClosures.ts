/** The closures of a scenario: each begins at its time, and takes its steps. */
import { present } from '../base/assert.ts';
import type { EventQueue } from '../base/eventQueue.ts';
import { micros } from '../base/time.ts';
import { ClosureScript, type ClosureHost } from './closureScript.ts';
import type { ClosureKind, ClosurePlan } from './config.ts';
import { EventKind, type EventRef } from './events.ts';

/** What they ask of the world. */
export interface PlannedClosuresHost extends ClosureHost {
  readonly queue: EventQueue<EventRef>;
  /** A closure is over. */
  ended(): void;
}

export class PlannedClosures {
  readonly #scripts: readonly ClosureScript[];
  readonly #byChannel: ReadonlyMap<number, ClosurePlan>;
  readonly #host: PlannedClosuresHost;

  constructor(plans: readonly ClosurePlan[], host: PlannedClosuresHost) {
    this.#scripts = plans.map((plan) => new ClosureScript(plan, host));
    this.#byChannel = new Map(plans.map((plan) => [plan.channel, plan]));
    this.#host = host;
  }

  get areOver(): boolean {
    return this.#scripts.every((script) => script.isDone);
  }

  /** Channels that somebody cheats in: old commitments of theirs are to be kept. */
  get cheated(): ReadonlySet<number> {
    return new Set(
      [...this.#byChannel.values()].filter(({ kind }) => kind.startsWith('revoked')).map((it) => it.channel),
    );
  }

  /** As what the closing of a channel was planned; null if it was not. */
  kindOf(channel: number): ClosureKind | null {
    return this.#byChannel.get(channel)?.kind ?? null;
  }

  /** The network is open: the plans' times count from here. */
  begin(): void {
    const { queue } = this.#host;
    this.#scripts.forEach(({ plan }, index) => queue.push(micros(queue.now + plan.at), EventKind.Closure, index));
  }

  /** A closure takes its next step. @param stage how many it took before */
  step(index: number, stage: number): void {
    const { queue } = this.#host;
    const again = present(this.#scripts[index], 'a closure').step();
    if (again !== null) queue.push(micros(queue.now + again), EventKind.Closure, index, stage + 1);
    else this.#host.ended();
  }
}
