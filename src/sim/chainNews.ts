/** What a confirmed transaction means for the nodes, for the books of closed channels and for the auditor. */
import { present } from '../base/assert.ts';
import type { RunDigest } from '../base/digest.ts';
import type { EventQueue } from '../base/eventQueue.ts';
import type { Sat } from '../base/units.ts';
import { outPointKey, type OutPoint, type Transaction } from '../chain/transaction.ts';
import { inLocalCommitment, isBeingRemoved } from '../channel/htlcState.ts';
import { otherSide } from '../channel/materialise.ts';
import type { TransactionLabel } from '../node/context.ts';
import type { SpliceCandidate } from '../channel/spliceCandidate.ts';
import { sideOf, type NodeChannel, type NodeHtlc } from '../node/nodeChannel.ts';
import { spliceOf } from '../node/nodeSplicing.ts';
import type { Auditor } from './auditor.ts';
import type { ClosingLedger } from './closingLedger.ts';
import type { ClosureKind } from './config.ts';
import { EventKind, type EventRef } from './events.ts';
import type { ConfirmedFunding, Network } from './network.ts';

/** Whom it concerns. */
export interface ChainNewsHost {
  readonly network: Network;
  readonly closings: ClosingLedger;
  readonly auditor: Auditor;
  readonly digest: RunDigest;
  readonly queue: EventQueue<EventRef>;
  /** As what a channel's closing was planned; null if it was not. */
  plannedClosing(channel: number): ClosureKind | null;
  fundingConfirmed(channel: number, transaction: Transaction, height: number): void;
  /** How to undo what the block at hand brings, should it leave the chain. */
  onUndo(undo: () => void): void;
}

export class ChainNews {
  readonly #host: ChainNewsHost;

  constructor(host: ChainNewsHost) {
    this.#host = host;
  }

  /** @param flows what it pays to (or takes from) wallets, in sat by node */
  confirmed(
    transaction: Transaction,
    label: TransactionLabel | null,
    height: number,
    feeSat: number,
    flows: ReadonlyMap<number, number>,
  ): void {
    if (label === null) return;
    const { channel, kind } = label;
    if (kind === 'funding') this.#host.fundingConfirmed(channel, transaction, height);
    else this.#host.onUndo(this.#host.closings.transaction(channel, kind, feeSat, flows));
  }

  walletCredited(node: number, outPoint: OutPoint, valueSat: Sat): void {
    const { wallet } = present(this.#host.network.nodes[node], 'a node');
    wallet.credit(outPoint, valueSat);
    this.#host.onUndo(() => wallet.uncredit(outPoint));
  }

  walletSpent(node: number, outPoint: OutPoint, valueSat: Sat): void {
    const { wallet } = present(this.#host.network.nodes[node], 'a node');
    wallet.spent(outPoint);
    this.#host.onUndo(() => wallet.unspent(outPoint, valueSat));
  }

  /** An output that the end of `edge` watches was spent. */
  outputSpent(edge: number, outPoint: OutPoint, transaction: Transaction, height: number): void {
    const { network, closings } = this.#host;
    const channel = edge >> 1;
    const node = network.nodeAt(channel, sideOf(edge));
    const held = present(node.channels.get(edge), 'the channel of a watcher');
    const splice = spliceOf(held, transaction);
    if (splice) return this.#spliced(edge, held, splice, height);
    if (outPointKey(outPoint) !== outPointKey(network.fundingOnChain(channel).outPoint))
      return node.outputSpent(edge, outPoint, transaction, height);
    // both ends watch the funding output; the ledger hears of it once, before either acts
    if (!closings.has(channel)) this.#closeInLedgers(channel, outPoint, height);
    node.fundingSpent(edge, transaction, height);
    const kind = held.monitor?.spendKind;
    if (kind) closings.classify(channel, sideOf(edge), kind);
  }

  /** A confirmed splice transaction spends the funding output: the channel goes on, on another. */
  #spliced(edge: number, held: NodeChannel, splice: SpliceCandidate, height: number): void {
    const { network, auditor } = this.#host;
    const channel = edge >> 1;
    network.nodeAt(channel, sideOf(edge)).splicer.confirmed(held, splice, height);
    const before = network.fundingOnChain(channel);
    // both ends watch: the books hear of it once
    if (outPointKey(before.outPoint) === outPointKey(splice.funding)) return;
    const after = { outPoint: splice.funding, valueSat: splice.capacitySat };
    const move = (from: ConfirmedFunding, to: ConfirmedFunding): void => {
      auditor.channelSpent(channel, outPointKey(from.outPoint), from.valueSat);
      auditor.channelOpened(channel, outPointKey(to.outPoint), to.valueSat);
      network.spliced.set(channel, to);
    };
    move(before, after);
    this.#host.onUndo(() => move(after, before));
  }

  #closeInLedgers(channel: number, outPoint: OutPoint, height: number): void {
    const { network, auditor, closings, digest, queue } = this.#host;
    const { valueSat } = network.fundingOnChain(channel);
    const end = present(network.ends[2 * channel], 'an end');
    auditor.channelSpent(channel, outPointKey(outPoint), valueSat);
    const splice = end.candidates.find(({ funding }) => outPointKey(funding) === outPointKey(outPoint));
    const [toNode1, toNode2] = [splice?.localSat ?? 0, splice?.remoteSat ?? 0];
    closings.open(channel, this.#host.plannedClosing(channel), height, [
      end.toLocalMsat + 1000 * toNode1,
      end.toRemoteMsat + 1000 * toNode2,
    ]);
    this.#host.onUndo(() => {
      auditor.channelOpened(channel, outPointKey(outPoint), valueSat);
      closings.reopen(channel);
    });
    digest.record(queue.now, EventKind.ChannelClosed, channel, height, 0);
  }

  /** An HTLC that the end of `edge` had offered has ended on-chain. */
  htlcResolved(edge: number, htlc: NodeHtlc, fulfilled: boolean): void {
    const { network, closings } = this.#host;
    const channel = edge >> 1;
    const offerer = sideOf(edge);
    const asNode1 = present(network.ends[2 * channel], 'an end').find(offerer === 0, htlc.id);
    if (!asNode1) return;
    const winner = fulfilled ? otherSide(offerer) : offerer;
    if (!closings.isNews(edge, htlc.id)) return;
    if (inLocalCommitment(asNode1.state)) closings.htlcResolved(channel, winner, htlc.amountMsat);
    else if (fulfilled && !isBeingRemoved(asNode1.state)) {
      // still in its offerer's balance as node1 has it, but the other's commitment held it already
      closings.htlcResolved(channel, offerer, -htlc.amountMsat);
      closings.htlcResolved(channel, winner, htlc.amountMsat);
    }
  }
}
