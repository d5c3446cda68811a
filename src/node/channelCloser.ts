/**
 * How a node's channels end by its own doing: by agreement (BOLT 2, "Channel Close"), by failing them (BOLT 2, "Error
 * Messages"; BOLT 5), or by cheating. What happens on-chain after that is the channel monitor's.
 */
import { assert, present } from '../base/assert.ts';
import { mark } from '../base/marks.ts';
import { msatToSat, sat } from '../base/units.ts';
import {
  closingFeeSat,
  closingTransaction,
  signedClosingTransaction,
  type ClosingTerms,
} from '../channel/closingTransaction.ts';
import { materialiseCommitment } from '../channel/materialise.ts';
import { MIN_FEERATE_PER_KW } from './channelFees.ts';
import type { ClosingBroadcasts } from './closingBroadcasts.ts';
import type { NodeContext } from './context.ts';
import type { DurableState } from './durableState.ts';
import type { ClosingMessage, ClosingSigned } from './messages.ts';
import { channelOf, sideOf, type NodeChannel } from './nodeChannel.ts';
import type { Outbox } from './outbox.ts';
import { closingFunding, isSplicing, materialOf } from './nodeSplicing.ts';
import type { Wallet } from './wallet.ts';

export class ChannelCloser {
  readonly #wallet: Wallet;
  readonly #context: NodeContext;
  readonly #broadcasts: ClosingBroadcasts;
  readonly #outbox: Outbox;
  readonly #durable: DurableState;

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
  }

  // ── By agreement ───────────────────────────────────────────────────────────────────────────────────────────────

  /** Starts a mutual close. */
  closeMutually(channel: NodeChannel): void {
    if (channel.end.phase !== 'normal') return;
    channel.owesShutdown = true;
    this.moveOn(channel);
  }

  receive(channel: NodeChannel, message: ClosingMessage): void {
    switch (message.type) {
      case 'shutdown': {
        const violation = channel.end.shutdownViolation();
        if (violation) return this.fail(channel, violation);
        channel.remoteScript = message.script;
        channel.owesShutdown = channel.end.receiveShutdown();
        return this.moveOn(channel);
      }
      case 'closing_signed':
        return this.#receiveClosingSigned(channel, message);
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
    if (channel.end.mayNegotiateClosing && channel.end.isOpener && channel.closingFeeSat === null) {
      this.#proposeFee(channel);
    }
  }

  /** Tells the other end where this one wants its money, for the first time or again. */
  tellShutdown(channel: NodeChannel): void {
    this.#outbox.send(channel, { type: 'shutdown', script: this.#wallet.script });
  }

  /** The connection is gone: the negotiation begins again when it is back, and so does an answer to `shutdown`. */
  disconnected(channel: NodeChannel): void {
    channel.closingFeeSat = null;
    // what the other end said it says again
    if (channel.end.phase !== 'normal') channel.owesShutdown = false;
  }

  /** The opener proposes the fee once no HTLC is left. */
  #proposeFee(channel: NodeChannel): void {
    const material = materialOf(channel, this.#context);
    const asked = closingFeeSat(material, this.#closingTerms(channel), this.#context.feeratePerKw);
    const feeSat = sat(Math.min(asked, msatToSat(channel.end.toLocalMsat)));
    const closing = closingTransaction(material, this.#closingTerms(channel), feeSat);
    // a channel of dust: nothing would be left to pay out, or the opener can't pay what relays ask
    if (closing.outputs.length === 0 || feeSat < asked * Math.min(1, MIN_FEERATE_PER_KW / this.#context.feeratePerKw)) {
      mark('a mutual close that the opener cannot pay for');
      return this.fail(channel, 'closing-fee');
    }
    channel.closingFeeSat = feeSat;
    this.#outbox.send(channel, { type: 'closing_signed', feeSat });
  }

  /** The accepter agrees with what the opener pays, and answers; both then hold the closing transaction. */
  #receiveClosingSigned(channel: NodeChannel, message: ClosingSigned): void {
    if (!channel.end.mayNegotiateClosing) return this.fail(channel, 'unknown-htlc');
    if (!channel.end.isOpener) {
      channel.closingFeeSat = message.feeSat;
      this.#outbox.send(channel, message);
    } else {
      assert(message.feeSat === channel.closingFeeSat, 'the accepter agrees to the opener’s closing fee');
    }
    const material = materialOf(channel, this.#context);
    const closing = signedClosingTransaction(material, this.#closingTerms(channel), message.feeSat);
    this.#endAgreement(channel);
    if (channel.end.isOpener) this.#broadcasts.await(channel, closing, 'mutual-close');
    else this.#broadcasts.broadcast(channel, closing, 'mutual-close');
  }

  #closingTerms(channel: NodeChannel): ClosingTerms {
    const { toLocalMsat, toRemoteMsat } = channel.end;
    const remoteScript = present(channel.remoteScript, 'the other’s shutdown script');
    return sideOf(channel.edge) === 0
      ? { balancesMsat: [toLocalMsat, toRemoteMsat], scripts: [this.#wallet.script, remoteScript] }
      : { balancesMsat: [toRemoteMsat, toLocalMsat], scripts: [remoteScript, this.#wallet.script] };
  }

  // ── By force ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** Fails a channel: broadcasts the latest commitment, and tells the other end why. */
  fail(channel: NodeChannel, reason: string): void {
    if (channel.end.phase === 'closed') return;
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
   */
  broadcastRevoked(channel: NodeChannel, number: number): boolean {
    if (channel.end.phase === 'closed') return true;
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
