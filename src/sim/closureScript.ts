/**
 * A planned closure, step by step: put HTLCs in flight, wait until they are locked in, close the way that was asked for.
 *
 *     begin ─▶ locking ─▶ (mutual, unilateral) done
 *                 └─▶ (revoked) revoking ─▶ cheats ─▶ (punished) done
 *                                              └─▶ (unpunished) escaping ─▶ done
 */
import { assert, present } from '../base/assert.ts';
import { equalBytes } from '../base/bytes.ts';
import { seconds, type Micros } from '../base/time.ts';
import type { Msat } from '../base/units.ts';
import { isIrrevocable } from '../channel/htlcState.ts';
import type { InvoicePolicy } from '../node/invoice.ts';
import type { NodeChannel } from '../node/nodeChannel.ts';
import type { ClosurePlan } from './config.ts';
import type { Connections } from './connections.ts';
import type { Network } from './network.ts';

/** What a closure may do to the world. */
export interface ClosureHost {
  readonly network: Network;
  /** A payment over one channel from `edge`'s node to its peer. @returns its hash, or null if the channel refused it */
  payDirectly(edge: number, amountMsat: Msat, policy: InvoicePolicy): Uint8Array | null;
  readonly connections: Connections;
  isOnline(node: number): boolean;
  note(text: string): void;
}

type Stage = 'begin' | 'locking' | 'revoking' | 'escaping' | 'done';

const POLL: Micros = seconds(1);
const AWAY_POLL: Micros = seconds(60);
/** Polls of a minute, three weeks: past the longest HTLC and the delay of what it leaves. */
const PATIENCE_AWAY = 30_000;
/** Polls until HTLCs that don't lock in, or don't go away, are taken as they are. */
const PATIENCE = 600;

export class ClosureScript {
  readonly plan: ClosurePlan;
  readonly #host: ClosureHost;
  readonly #edge: number;
  #stage: Stage = 'begin';
  #polls = 0;
  #held: { hash: Uint8Array; payee: number; claim: boolean }[] = [];
  #revokedNumber = 0;

  constructor(plan: ClosurePlan, host: ClosureHost) {
    this.plan = plan;
    this.#host = host;
    this.#edge = 2 * plan.channel + plan.by;
  }

  get isDone(): boolean {
    return this.#stage === 'done';
  }

  /** Takes the next step. @returns when to call again, or null when it is over */
  step(): Micros | null {
    switch (this.#stage) {
      case 'begin':
        return this.#begin();
      case 'locking':
        return this.#lock();
      case 'revoking':
        return this.#revoke();
      case 'escaping':
        return this.#escape();
      case 'done':
        return null;
    }
  }

  get #closer(): NodeChannel {
    return this.#channelAt(this.#edge);
  }

  #channelAt(edge: number): NodeChannel {
    const node = this.#host.network.nodes[this.#host.network.graph.edgeFrom[edge]!];
    return present(node?.channels.get(edge), 'the channel to close');
  }

  #begin(): Micros | null {
    if (this.#host.network.ends[this.#edge]?.phase !== 'normal') {
      return this.#finish(`channel #${this.plan.channel} was not open when it was to be closed (${this.plan.kind})`);
    }
    if (!this.#host.isOnline(this.#nodeOf(this.#edge).index)) return this.#waitForReturn();
    this.#polls = 0;
    for (const { from, count, amountMsat, outcome } of this.plan.pending) {
      const edge = from === 'closer' ? this.#edge : this.#edge ^ 1;
      for (let i = 0; i < count; i++) {
        const hash = this.#host.payDirectly(edge, amountMsat, outcome === 'claim' ? 'hold-and-claim' : 'hold');
        if (hash) this.#held.push({ hash, payee: this.#host.network.graph.edgeTo[edge]!, claim: outcome === 'claim' });
        else this.#host.note(`channel #${this.plan.channel} could not carry an HTLC that its closing wanted in flight`);
      }
    }
    this.#stage = 'locking';
    return POLL;
  }

  /** Waits until the HTLCs are irrevocable on both sides. */
  #lock(): Micros | null {
    if (this.#closer.end.phase !== 'normal')
      return this.#finish(`channel #${this.plan.channel} closed before its time`);
    const locked = this.#held.filter(({ hash }) => this.#isLocked(hash)).length;
    if (locked < this.#held.length && ++this.#polls < PATIENCE) return POLL;
    if (!this.#host.isOnline(this.#nodeOf(this.#edge).index)) return this.#waitForReturn();
    if (locked < this.#held.length) {
      this.#host.note(`channel #${this.plan.channel} closed with ${locked} of ${this.#held.length} HTLCs locked in`);
    }
    this.#polls = 0;
    const node = this.#nodeOf(this.#edge);
    switch (this.plan.kind) {
      case 'mutual':
        node.closeMutually(this.#edge);
        this.#release();
        return this.#finish();
      case 'unilateral':
        node.failChannel(this.#closer, 'planned');
        return this.#finish();
      case 'revoked':
      case 'revoked-unpunished': {
        this.#revokedNumber = this.#closer.end.localNumber;
        this.#release();
        // what was the cheater's becomes the victim's: the old commitment is now worth more to the cheater
        const gift = Math.floor(this.#closer.end.spendableMsat() / 2);
        if (gift > 0) this.#host.payDirectly(this.#edge, gift as Msat, 'settle');
        this.#stage = 'revoking';
        return POLL;
      }
    }
  }

  /** Waits until the remembered commitment is revoked and what was held is gone, then broadcasts it. */
  #revoke(): Micros | null {
    const { end } = this.#closer;
    if (end.phase !== 'normal') return this.#finish(`channel #${this.plan.channel} closed before it was cheated in`);
    const isHeld = (hash: Uint8Array): boolean => end.htlcs.some((htlc) => equalBytes(htlc.paymentHash, hash));
    const waits = end.localNumber === this.#revokedNumber || this.#held.some(({ hash }) => isHeld(hash));
    if (waits && ++this.#polls < PATIENCE) return POLL;
    if (end.localNumber === this.#revokedNumber) {
      return this.#finish(`channel #${this.plan.channel} has no revoked commitment to cheat with`);
    }
    if (this.plan.kind === 'revoked-unpunished') this.#host.connections.leave(this.#closer.peer);
    const isOnItsWay = this.#nodeOf(this.#edge).broadcastRevoked(this.#edge, this.#revokedNumber);
    if (!isOnItsWay) {
      if (this.plan.kind === 'revoked-unpunished') this.#host.connections.comeBack(this.#closer.peer);
      return this.#finish(`the theft in channel #${this.plan.channel} was not worth the fee of its commitment`);
    }
    if (this.plan.kind === 'revoked') return this.#finish();
    this.#stage = 'escaping';
    this.#polls = 0;
    return POLL;
  }

  /** The victim stays away until the cheater has swept all it can. */
  #escape(): Micros | null {
    const { monitor } = this.#closer;
    if ((!monitor || monitor.isBusy) && ++this.#polls < PATIENCE_AWAY) return AWAY_POLL;
    if (monitor?.isBusy !== false) this.#host.note(`the cheater in channel #${this.plan.channel} could not sweep all`);
    this.#host.connections.comeBack(this.#closer.peer);
    return this.#finish();
  }

  /** The closer is offline: it acts when it is back. */
  #waitForReturn(): Micros | null {
    if (++this.#polls < PATIENCE_AWAY) return AWAY_POLL;
    return this.#finish(`channel #${this.plan.channel} was not closed: its closer stayed offline`);
  }

  /** Whether a held HTLC is irrevocable on both sides. */
  #isLocked(hash: Uint8Array): boolean {
    return [this.#edge, this.#edge ^ 1].every((edge) =>
      this.#channelAt(edge).end.htlcs.some((htlc) => isIrrevocable(htlc.state) && equalBytes(htlc.paymentHash, hash)),
    );
  }

  #nodeOf(edge: number): Network['nodes'][number] {
    return present(this.#host.network.nodes[this.#host.network.graph.edgeFrom[edge]!], 'a node');
  }

  /** Lets go of what was held: off-chain it settles or fails now. */
  #release(): void {
    for (const { hash, payee, claim } of this.#held) {
      present(this.#host.network.nodes[payee], 'the payee').receiving.release(hash, claim);
    }
  }

  #finish(note?: string): null {
    assert(this.#stage !== 'done', 'a closure ends once');
    if (note) this.#host.note(note);
    this.#stage = 'done';
    return null;
  }
}
