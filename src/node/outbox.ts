/** What leaves a node: what it must not forget once the other end knows is written first, and all of it needs a connection. */
import type { NodeContext } from './context.ts';
import type { DurableState } from './durableState.ts';
import type { Message } from './messages.ts';
import type { NodeChannel } from './nodeChannel.ts';

export class Outbox {
  readonly #context: NodeContext;
  readonly #durable: DurableState;

  constructor(context: NodeContext, durable: DurableState) {
    this.#context = context;
    this.#durable = durable;
  }

  /** Sends a message over a channel; without a connection it is lost, and `channel_reestablish` makes up for it. */
  send(channel: NodeChannel, message: Message): void {
    this.#durable.changed(channel);
    this.#durable.writeBefore(message);
    this.#context.send(channel.edge, message);
  }
}
