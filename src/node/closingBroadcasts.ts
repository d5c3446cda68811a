/**
 * Channels on their way to the chain: what a node broadcast to close them, until a confirmed transaction spends the
 * funding output. What fell out of the mempool, or was refused for its fee, is offered again with every block; what waits
 * while something has a deadline is paid for through its anchor (`commitmentFee.ts`).
 */
import { assert } from '../base/assert.ts';
import { mark } from '../base/marks.ts';
import { outPointKey, txidOf, type OutPoint, type Transaction, type Txid } from '../chain/transaction.ts';
import { materialiseCommitment } from '../channel/materialise.ts';
import { payForCommitment, type CommitmentPayer } from './commitmentFee.ts';
import type { NodeContext } from './context.ts';
import { channelOf, sideOf, type NodeChannel } from './nodeChannel.ts';
import { closingFunding } from './nodeSplicing.ts';
import { recogniseSpend, type RecognisedSpend } from './recogniseSpend.ts';

export type ClosingKind = 'mutual-close' | 'commitment' | 'revoked-commitment';

/** The mempool's reasons to refuse a spend of a funding output that another transaction spends already. */
const CONFLICTS = ['txn-mempool-conflict', 'insufficient fee', 'bad-txns-inputs-missingorspent', 'txn-already'];
/** Its reasons to refuse a transaction for now: it pays too little, or too many wait. */
const REFUSED_FOR_NOW = ['mempool min fee not met', 'mempool full', 'min relay fee not met', 'too-long-mempool-chain'];

interface Closing {
  /** what this node has to broadcast; null while the other end is expected to */
  own: { readonly transaction: Transaction; readonly kind: ClosingKind } | null;
  /** heights of the first and of the last bid to have it confirmed */
  bid: { readonly since: number; readonly at: number };
  /** what was last seen in the mempool, or offered */
  seen: (RecognisedSpend & { readonly txid: Txid }) | null;
}

export class ClosingBroadcasts {
  readonly #node: CommitmentPayer;
  readonly #context: NodeContext;
  readonly #closings = new Map<NodeChannel, Closing>();

  constructor(node: CommitmentPayer, context: NodeContext) {
    this.#node = node;
    this.#context = context;
  }

  /** Sends a spend of the funding output, now and until one is confirmed. */
  broadcast(channel: NodeChannel, transaction: Transaction, kind: ClosingKind): void {
    this.#offer(channel, this.#put(channel, { transaction, kind }));
  }

  /** The other end is to broadcast; should it not, this one will. @param transaction by default its latest commitment */
  await(channel: NodeChannel, transaction: Transaction | null = null, kind: ClosingKind = 'commitment'): void {
    this.#put(channel, transaction && { transaction, kind });
  }

  #put(channel: NodeChannel, own: Closing['own']): Closing {
    const { height } = this.#context;
    const closing: Closing = { own, bid: { since: height, at: height }, seen: null };
    this.#closings.set(channel, closing);
    return closing;
  }

  /** A confirmed transaction spends the funding output. */
  confirmed(channel: NodeChannel, height: number): void {
    const closing = this.#closings.get(channel);
    this.#closings.delete(channel);
    this.#context.onUndo(() => {
      if (closing) this.#closings.set(channel, closing);
      else this.await(channel);
    }, height);
  }

  onBlock(): void {
    for (const [channel, closing] of this.#closings) {
      const there = this.#context.spenderInMempool(closingFunding(channel, this.#context).material.funding);
      if (there === null) this.#offerAgain(channel, closing);
      else this.#payFor(channel, closing, there.transaction);
    }
  }

  #offerAgain(channel: NodeChannel, closing: Closing): void {
    const { material, commitments } = closingFunding(channel, this.#context);
    if (closing.own === null || !spends(closing.own.transaction, material.funding)) {
      // only the other end's commitment is good
      if (channel.end.fellBehind) return;
      mark('a commitment broadcast because the other end did not');
      const { transaction } = materialiseCommitment(material, sideOf(channel.edge), commitments.spec('local'));
      if (transaction.outputs.length === 0) return;
      closing.own = { transaction, kind: 'commitment' };
    }
    this.#offer(channel, closing);
  }

  #offer(channel: NodeChannel, closing: Closing): void {
    const { own } = closing;
    assert(own !== null, 'something to offer');
    const { transaction, kind } = own;
    const refused = this.#context.broadcast(transaction, { kind, channel: channelOf(channel.edge) });
    if (refused === null) return;
    const isPoor = REFUSED_FOR_NOW.some((reason) => refused.startsWith(reason));
    // the other end may have been first: whatever confirms is dealt with by the monitor
    const expected = isPoor || CONFLICTS.some((reason) => refused.startsWith(reason));
    assert(expected, `${kind} ${txidOf(transaction)} is accepted, not refused: ${refused}`);
    if (isPoor) this.#payFor(channel, closing, transaction);
  }

  /** A commitment waits, or was refused for its fee. */
  #payFor(channel: NodeChannel, closing: Closing, transaction: Transaction): void {
    const txid = txidOf(transaction);
    const { material, commitments } = closingFunding(channel, this.#context);
    if (!spends(transaction, material.funding)) return;
    if (closing.seen?.txid !== txid) {
      closing.seen = { txid, ...recogniseSpend(material, sideOf(channel.edge), commitments, transaction) };
    }
    const { commitment } = closing.seen;
    if (commitment === null) return;
    const isOwn = closing.own !== null && txidOf(closing.own.transaction) === txid;
    const kind = isOwn && closing.own ? closing.own.kind : 'commitment';
    const paid = payForCommitment(this.#node, this.#context, {
      channel,
      material,
      commitment,
      kind,
      isOwn,
      bid: closing.bid,
    });
    if (paid) closing.bid = { since: closing.bid.since, at: this.#context.height };
  }
}

const spends = ({ inputs }: Transaction, funding: OutPoint): boolean =>
  inputs.some(({ prevout }) => outPointKey(prevout) === outPointKey(funding));
