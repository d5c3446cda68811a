/**
 * How a node's channels end by its own doing: by agreement (BOLT 2, "Channel Close"), by failing them (BOLT 2, "Error
 * Messages"; BOLT 5), or by cheating. What happens on-chain after that is the channel monitor's.
 */
import { present } from '../base/assert.ts';
import { mark } from '../base/marks.ts';
import { isForTheory } from '../channel/limits.ts';
import { materialiseCommitment } from '../channel/materialise.ts';
import { shutdownViolation } from '../channel/shutdownScript.ts';
import type { ClosingBroadcasts } from './closingBroadcasts.ts';
import type { NodeContext } from './context.ts';
import type { DurableState } from './durableState.ts';
import type { ClosingMessage } from './messages.ts';
import { MutualClosing, SHUTDOWN_FEATURES } from './mutualClosing.ts';
import { channelOf, sideOf, type NodeChannel } from './nodeChannel.ts';
import type { Outbox } from './outbox.ts';
import { closingFunding, isSplicing } from './nodeSplicing.ts';
import type { Wallet } from './wallet.ts';

/** A channel whose limits are for theory alone was to go on-chain by force. */
export class OffChainOnly extends Error {
  override readonly name = 'OffChainOnly';
  readonly channel: number;
  readonly reason: string;

  constructor(channel: number, reason: string) {
    super(`channel #${channel} can only close by agreement, and was to be closed by force: ${reason}`);
    this.channel = channel;
    this.reason = reason;
  }
}

/** No end here commits to a script when a channel is opened (`option_upfront_shutdown_script`). */
const NO_UPFRONT_SCRIPT = new Uint8Array(0);

export class ChannelCloser {
  readonly #wallet: Wallet;
  readonly #context: NodeContext;
  readonly #broadcasts: ClosingBroadcasts;
  readonly #outbox: Outbox;
  readonly #durable: DurableState;
  readonly #mutual: MutualClosing;

  constructor(
    wallet: Wallet,
    context: NodeContext,
    broadcasts: ClosingBroadcasts,
    outbox: Outbox,
    durable: DurableState,
  ) {
    this.#outbox = outbox;
    this.#durable = durable;
    this.#wallet = wallet;
    this.#context = context;
    this.#broadcasts = broadcasts;
    this.#mutual = new MutualClosing(wallet, context, broadcasts, outbox, (channel, reason) =>
      this.fail(channel, reason),
    );
  }

  // ── By agreement ───────────────────────────────────────────────────────────────────────────────────────────────

  /** A block came. */
  onBlock(): void {
    this.#mutual.onBlock();
  }

  /** Starts a mutual close. */
  closeMutually(channel: NodeChannel): void {
    if (channel.end.phase !== 'normal') return;
    channel.owesShutdown = true;
    channel.isCloser = true;
    this.moveOn(channel);
  }

  receive(channel: NodeChannel, message: ClosingMessage): void {
    switch (message.type) {
      case 'shutdown': {
        const violation =
          channel.end.shutdownViolation() ?? shutdownViolation(message.script, NO_UPFRONT_SCRIPT, SHUTDOWN_FEATURES);
        if (violation !== null) return this.fail(channel, violation);
        channel.remoteScript = message.script;
        channel.owesShutdown = channel.end.receiveShutdown();
        return this.moveOn(channel);
      }
      case 'closing_signed':
      case 'closing_complete':
      case 'closing_sig':
        return this.#mutual.receive(channel, message);
    }
  }

  /** Does what the channel's state allows now: `shutdown` once all its updates are signed, then the closing fee. */
  moveOn(channel: NodeChannel): void {
    // a closing transaction spends one funding output: a splice is awaited
    if (channel.owesShutdown && channel.end.mayShutdown && !isSplicing(channel)) {
      channel.owesShutdown = false;
      channel.end.sendShutdown();
      this.#context.channelClosing(channelOf(channel.edge));
      this.tellShutdown(channel);
    }
    if (channel.end.mayNegotiateClosing && channel.closing === null) this.#mutual.begin(channel);
  }

  /** Tells the other end where this one wants its money, for the first time or again. */
  tellShutdown(channel: NodeChannel): void {
    this.#outbox.send(channel, { type: 'shutdown', script: this.#wallet.script });
  }

  /** The connection is gone: the negotiation begins again when it is back, and so does an answer to `shutdown`. */
  disconnected(channel: NodeChannel): void {
    channel.closing = null;
    // what the other end said it says again
    if (channel.end.phase !== 'normal') channel.owesShutdown = false;
  }

  // ── By force ───────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Fails a channel: broadcasts the latest commitment, and tells the other end why.
   * @throws OffChainOnly if no chain would take it
   */
  fail(channel: NodeChannel, reason: string): void {
    if (channel.end.phase === 'closed') return;
    refuseForTheory(channel, reason);
    const { material, commitments } = closingFunding(channel, this.#context);
    const commitment = materialiseCommitment(material, sideOf(channel.edge), commitments.spec('local'));
    if (commitment.transaction.outputs.length === 0) {
      // all of it is dust: there is nothing to broadcast, and nothing to win by it (BOLT 5: a node may wait)
      mark('a commitment without outputs');
      return;
    }
    this.#endAgreement(channel);
    this.#outbox.send(channel, { type: 'error', reason });
    // a commitment that the other proved revoked is theirs to punish: only theirs may go on-chain (BOLT 2, data loss)
    if (channel.end.fellBehind) this.#broadcasts.await(channel);
    else this.#broadcasts.broadcast(channel, commitment.transaction, 'commitment');
  }

  /** The other end failed the channel: it goes on-chain, and so does this one's view of the channel. */
  receiveError(channel: NodeChannel): void {
    this.#endAgreement(channel);
    this.#broadcasts.await(channel);
  }

  /** From now on only the chain decides: a node that forgot it in a crash would go on in a channel that is gone. */
  #endAgreement(channel: NodeChannel): void {
    channel.end.phase = 'closed';
    this.#durable.changed(channel);
    this.#durable.write();
    this.#context.channelClosing(channelOf(channel.edge));
  }

  /**
   * Cheats: broadcasts a commitment that was revoked.
   * @param number its commitment number
   * @returns whether the channel is on its way to the chain
   * @throws OffChainOnly if no chain would take it
   */
  broadcastRevoked(channel: NodeChannel, number: number): boolean {
    if (channel.end.phase === 'closed') return true;
    refuseForTheory(channel, 'a theft');
    const { material, commitments } = closingFunding(channel, this.#context);
    const spec = present(commitments.history?.local[number], `the commitment ${number} that was kept`);
    const commitment = materialiseCommitment(material, sideOf(channel.edge), spec);
    this.#endAgreement(channel);
    this.#broadcasts.broadcast(channel, commitment.transaction, 'revoked-commitment');
    if (this.#context.spenderInMempool(material.funding) !== null) return true;
    // one that pays no fee and is not worth a child: the channel fails all the same, and the other end closes it
    mark('a theft that is not worth its fee');
    this.#outbox.send(channel, { type: 'error', reason: 'commitment-not-relayed' });
    return false;
  }
}

function refuseForTheory({ end, edge }: NodeChannel, reason: string): void {
  if (isForTheory(end.ledger.localLimits)) throw new OffChainOnly(channelOf(edge), reason);
}
