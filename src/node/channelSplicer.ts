/**
 * How a node splices its channels (BOLT 2, "Channel Quiescence" and "Channel Splicing"): it falls silent, proposes, signs,
 * waits for depth, and goes on with the new funding. The rules are those of `channel/spliceNegotiation.ts`; here are the
 * wallet, the chain and the channel.
 */
import { present } from '../base/assert.ts';
import { mark } from '../base/marks.ts';
import { p2wsh } from '../chain/script.ts';
import type { Transaction, Txid } from '../chain/transaction.ts';
import {
  isQuiescenceInitiator,
  isQuiescent,
  maySendStfu,
  receiveStfu,
  sendStfu,
  type Stfu,
} from '../channel/quiescence.ts';
import { fundingScript } from '../channel/scripts.ts';
import type { Part } from '../channel/sharedTransaction.ts';
import { candidateTxid, type SpliceCandidate } from '../channel/spliceCandidate.ts';
import type { SpliceAbort, SpliceMessage, SpliceViolation } from '../channel/spliceMessages.ts';
import {
  completeSplice,
  disconnectSplice,
  offerSplice,
  receiveSplice,
  resumeSplice,
  spliceDepth,
} from '../channel/spliceNegotiation.ts';
import { candidatesOf, type SpliceStep } from '../channel/spliceState.ts';
import type { ChannelCloser } from './channelCloser.ts';
import type { ChannelProtocol } from './channelProtocol.ts';
import type { NodeContext } from './context.ts';
import type { DurableState } from './durableState.ts';
import { channelOf, type NodeChannel } from './nodeChannel.ts';
import { endSilence, materialOf, newSplicing, type NodeSplicing } from './nodeSplicing.ts';
import { sharedFor, spliceContext, wishFor, type SpliceRefusal } from './spliceParts.ts';
import type { Wallet } from './wallet.ts';

/** Why a splice that was proposed came to nothing. */
export type SpliceFailure = SpliceAbort | SpliceViolation;

/** Whom a node tells of its splices. */
export interface SplicePort {
  /** confirmations after which a splice is locked */
  readonly minimumDepth: number;
  /** Both ends locked it, as this end knows: the channel is on the candidate's funding from now on. */
  locked(edge: number, candidate: SpliceCandidate): void;
  /** The other end's splice was first: this end's has to be asked for again. */
  postponed(edge: number): void;
  /** This end's proposal came to nothing, and the channel is as it was. */
  givenUp(edge: number, reason: SpliceFailure): void;
}

/** What a splicer works with. */
export interface SplicerParts {
  readonly wallet: Wallet;
  readonly context: NodeContext;
  readonly durable: DurableState;
  readonly closer: ChannelCloser;
  readonly protocol: ChannelProtocol;
}

export class ChannelSplicer {
  readonly #wallet: Wallet;
  readonly #context: NodeContext;
  readonly #durable: DurableState;
  readonly #closer: ChannelCloser;
  readonly #protocol: ChannelProtocol;
  /** channels with a splice that is not locked */
  readonly #unlocked = new Set<NodeChannel>();

  constructor({ wallet, context, durable, closer, protocol }: SplicerParts) {
    this.#wallet = wallet;
    this.#context = context;
    this.#durable = durable;
    this.#closer = closer;
    this.#protocol = protocol;
  }

  /**
   * Asks for a splice of its own.
   * @param contributionSat that it puts in; negative: takes out
   * @returns why it can't be, or null: then the port hears of what becomes of it
   */
  begin(channel: NodeChannel, contributionSat: number): SpliceRefusal | null {
    const { end } = channel;
    if (end.phase !== 'normal') return 'channel-not-open';
    const splicing = (channel.splicing ??= newSplicing());
    if (end.isSilent || !end.isConnected || end.candidates.length > 0) return 'splice-pending';
    const wish = wishFor(channel, contributionSat, this.#wallet, this.#context);
    if (typeof wish === 'string') return wish;
    splicing.wish = wish;
    // so that what is on its way comes to an end
    end.isSilent = true;
    this.goOn(channel);
    return null;
  }

  receive(channel: NodeChannel, message: Stfu | SpliceMessage): void {
    const splicing = (channel.splicing ??= newSplicing());
    if (message.type === 'stfu') return this.#receiveStfu(channel, splicing, message);
    // said again, because the other end could not know that it was heard
    const { adopted } = channel.end.ledger;
    if (message.type === 'splice_locked' && adopted.some((each) => candidateTxid(each) === message.txid)) return;
    const context = spliceContext(channel, splicing, this.#wallet, this.#context);
    this.#take(channel, splicing, receiveSplice(splicing.splices, context, message));
    switch (message.type) {
      case 'splice_ack':
      case 'tx_ack_rbf':
        return this.#complete(channel, splicing);
      case 'tx_abort': {
        // the other end fell silent for something that it can't even propose
        const { quiescence, splices } = splicing;
        const isOurs = isQuiescenceInitiator(quiescence, channel.end.isOpener);
        if (!isQuiescent(quiescence) || isOurs || splices.attempt !== null) return;
        this.#postpone(channel, splicing);
        return this.#endSilence(channel);
      }
      default:
        return;
    }
  }

  #receiveStfu(channel: NodeChannel, splicing: NodeSplicing, message: Stfu): void {
    const { end } = channel;
    // a channel that is being closed is not spliced, and the other end hears of that
    if (end.phase !== 'normal') return;
    const quiescence = receiveStfu(splicing.quiescence, end.ledger, message);
    if (typeof quiescence === 'string') return this.#closer.fail(channel, quiescence);
    splicing.quiescence = quiescence;
    end.isSilent = true;
    this.goOn(channel);
  }

  /** After every message: falls silent as soon as nothing of this end is on its way, and proposes what it wanted. */
  goOn(channel: NodeChannel): void {
    const { end, splicing } = channel;
    if (splicing === null || !end.isSilent) return;
    if (end.phase !== 'normal') return this.#loseHeart(channel, splicing);
    if (maySendStfu(splicing.quiescence, end.ledger)) {
      const { quiescence, send } = sendStfu(splicing.quiescence, end.ledger);
      splicing.quiescence = quiescence;
      this.#context.send(channel.edge, send);
    }
    const { wish, quiescence } = splicing;
    if (wish === null || !isQuiescenceInitiator(quiescence, end.isOpener)) return;
    splicing.wish = null;
    splicing.proposed = wish;
    const { part, feeratePerKw } = wish;
    const proposal = { contributionSat: part.contributionSat, feeratePerKw, lockTime: 0 };
    const step = offerSplice(splicing.splices, spliceContext(channel, splicing, this.#wallet, this.#context), proposal);
    if (step.violation === null) return this.#take(channel, splicing, step);
    this.#context.send(channel.edge, { type: 'tx_abort', reason: 'unwanted' });
    this.#giveUp(channel, splicing, step.violation);
  }

  /** The channel is being closed, or gone: what this end wanted is not to be. */
  #loseHeart(channel: NodeChannel, splicing: NodeSplicing): void {
    if (splicing.wish ?? splicing.proposed) this.#giveUp(channel, splicing, 'splice-after-shutdown');
    else this.#endSilence(channel);
  }

  /** The other end's splice was first, or the connection broke. */
  #postpone(channel: NodeChannel, splicing: NodeSplicing): void {
    if (splicing.wish === null) return;
    mark('a splice postponed');
    this.#release(splicing);
    this.#context.splices.postponed(channel.edge);
  }

  #release(splicing: NodeSplicing): void {
    for (const wish of [splicing.wish, splicing.proposed]) {
      if (wish) this.#wallet.releaseCoins(wish.part.inputs.map(({ prevout }) => prevout));
    }
    splicing.wish = splicing.proposed = null;
  }

  /** Silence is over: what waited is done. */
  #endSilence(channel: NodeChannel): void {
    endSilence(channel);
    if (channel.end.phase !== 'closed') this.#protocol.moveOn(channel);
  }

  #giveUp(channel: NodeChannel, splicing: NodeSplicing, reason: SpliceFailure): void {
    mark('a splice given up');
    this.#release(splicing);
    this.#endSilence(channel);
    this.#context.splices.givenUp(channel.edge, reason);
  }

  #complete(channel: NodeChannel, splicing: NodeSplicing): void {
    const { proposed, splices } = splicing;
    if (channel.end.phase === 'closed' || proposed === null || splices.attempt === null) return;
    const { keyIndex, remoteSat } = splices.attempt;
    const other: Part = { inputs: [], outputs: [], contributionSat: present(remoteSat, 'the other end’s answer') };
    const context = spliceContext(channel, splicing, this.#wallet, this.#context);
    const script = p2wsh(fundingScript(...context.fundingKeys(keyIndex)));
    const shared = sharedFor(materialOf(channel, this.#context), proposed, other, script);
    this.#take(channel, splicing, completeSplice(splices, context, shared));
  }

  /** Takes note of what an event made of the splices, and does what follows. */
  #take(channel: NodeChannel, splicing: NodeSplicing, step: SpliceStep): void {
    const { end, edge } = channel;
    splicing.splices = step.splices;
    if (step.locked !== null) this.#lock(channel, step.locked);
    end.candidates = candidatesOf(step.splices);
    if (end.candidates.length > 0) this.#unlocked.add(channel);
    // what this end signs, and what it stands on, it must not forget
    this.#durable.changed(channel);
    this.#durable.write();
    if (step.violation !== null) {
      this.#closer.fail(channel, step.violation);
      return this.goOn(channel);
    }
    for (const message of step.send) this.#context.send(edge, message);
    if (step.broadcast !== null) {
      splicing.proposed = null;
      this.#broadcast(channel, step.broadcast);
      this.#postpone(channel, splicing);
      this.#endSilence(channel);
    }
    if (step.aborted !== null) {
      if (splicing.proposed !== null) this.#giveUp(channel, splicing, step.aborted);
      else {
        this.#postpone(channel, splicing);
        this.#endSilence(channel);
      }
    }
    // what waited for the splice to be over
    if (step.locked !== null) this.#endSilence(channel);
  }

  #lock(channel: NodeChannel, candidate: SpliceCandidate): void {
    mark('a splice locked');
    channel.end.adopt(candidate);
    this.#context.splices.locked(channel.edge, candidate);
  }

  #broadcast(channel: NodeChannel, transaction: Transaction): void {
    this.#wallet.reserve(transaction);
    this.#context.broadcast(transaction, { kind: 'splice', channel: channelOf(channel.edge) });
  }

  // ── Connections ────────────────────────────────────────────────────────────────────────────────────────────────

  /** The connection is gone, and silence with it; a splice that this end has signed for stays. */
  disconnected(channel: NodeChannel): void {
    const { splicing, end } = channel;
    if (splicing === null) return;
    splicing.splices = disconnectSplice(splicing.splices);
    end.candidates = candidatesOf(splicing.splices);
    if (splicing.splices.attempt === null) {
      splicing.wish ??= splicing.proposed;
      splicing.proposed = null;
    }
    this.#postpone(channel, splicing);
    endSilence(channel);
  }

  /** The connection is back. @param wanted the splice for which the other end lacks this one's signatures */
  resumed(channel: NodeChannel, wanted: Txid | null): void {
    const { splicing, end } = channel;
    if (splicing === null) return;
    this.#take(
      channel,
      splicing,
      resumeSplice(splicing.splices, spliceContext(channel, splicing, this.#wallet, this.#context), wanted),
    );
    const locked = splicing.splices.sentLocked ?? end.ledger.adopted.at(-1)?.funding.txid;
    if (locked !== undefined) this.#context.send(channel.edge, { type: 'splice_locked', txid: locked });
  }

  // ── The chain ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** A block holds a splice transaction of this channel. */
  confirmed(channel: NodeChannel, candidate: SpliceCandidate, height: number): void {
    const { confirmedAt } = present(channel.splicing, 'the splices');
    const txid = candidateTxid(candidate);
    confirmedAt.set(txid, height);
    this.#context.watch(candidate.funding, channel.edge);
    this.#unlocked.add(channel);
    this.#context.onUndo(() => {
      mark('the confirmation of a splice undone');
      confirmedAt.delete(txid);
    }, height);
  }

  /** A block came, or the node is back online: says `splice_locked` where the depth suffices. */
  onBlock(): void {
    for (const channel of this.#unlocked) {
      const { end, splicing } = channel;
      if (splicing === null || end.phase === 'closed' || end.candidates.length === 0) {
        this.#unlocked.delete(channel);
        continue;
      }
      for (const { candidate, transaction } of splicing.splices.pending) {
        const height = splicing.confirmedAt.get(candidateTxid(candidate));
        if (height === undefined) this.#broadcastAgain(channel, transaction);
        else {
          const confirmations = this.#context.height - height + 1;
          const { minimumDepth } = this.#context.splices;
          const txid = candidateTxid(candidate);
          this.#take(channel, splicing, spliceDepth(splicing.splices, txid, confirmations, minimumDepth));
        }
      }
    }
  }

  #broadcastAgain(channel: NodeChannel, transaction: Transaction): void {
    if (this.#context.spenderInMempool(materialOf(channel, this.#context).funding) !== null) return;
    mark('a splice transaction broadcast again');
    this.#broadcast(channel, transaction);
  }
}
