/**
 * Makes the transactions that take what is due, several outputs in one where that is possible (BOLT 5, "General Notes"),
 * and bids more for those that wait (`feeSchedule.ts`).
 */
import { assert, present } from '../base/assert.ts';
import { equalBytes } from '../base/bytes.ts';
import { mark } from '../base/marks.ts';
import { dustLimitSat } from '../chain/script.ts';
import { outPointKey, txidOf, weightOf, type Transaction, type Txid } from '../chain/transaction.ts';
import { sweepTransaction, sweepWeight } from '../channel/claims.ts';
import { canAttachToHtlcTransactions, walletPaysHtlcTransactions } from '../channel/commitmentFormat.ts';
import { completeHtlcTransactions, type ChannelMaterial, type SignedCommitment } from '../channel/materialise.ts';
import { nearestDeadline, type ClaimTask } from './claimTask.ts';
import type { NodeContext, TransactionKind } from './context.ts';
import { channelOf, type NodeChannel } from './nodeChannel.ts';
import { materialOf } from './nodeSplicing.ts';
import { bidFeeratePerKw, isBidDue, leastReplacementPerKw, leastReplacementSat, type Waiting } from './feeSchedule.ts';
import { ATTACHMENT_WEIGHT, type Wallet } from './wallet.ts';

/** HTLC transactions in one transaction at most: 50 × 706 weight units stay within what is relayed, in version 3 too. */
const MOST_HTLCS_TOGETHER = 50;
/** BOLT 3's HTLC-success with anchors, weight units. */
const HTLC_TRANSACTION_WEIGHT = 706;

export class ClaimSender {
  readonly #channel: NodeChannel;
  readonly #wallet: Wallet;
  readonly #context: NodeContext;
  readonly #giveUp: (task: ClaimTask) => void;

  /** @param giveUp told of what is not worth its fee, now or later */
  constructor(channel: NodeChannel, wallet: Wallet, context: NodeContext, giveUp: (task: ClaimTask) => void) {
    this.#channel = channel;
    this.#wallet = wallet;
    this.#context = context;
    this.#giveUp = giveUp;
  }

  /** Broadcasts what is not on its way yet, and raises what waits. @param commitment with the HTLC transactions, if any */
  send(due: readonly ClaimTask[], commitment: SignedCommitment | null): void {
    const fresh: ClaimTask[] = [];
    const waiting = new Map<Txid, { readonly there: Waiting; readonly tasks: ClaimTask[] }>();
    const { height } = this.#context;
    for (const task of due) {
      const there = this.#context.spenderInMempool(task.outPoint);
      if (there === null && task.bid !== null) mark('a claim made again');
      // its schedule begins now, whatever a run before a restart had bid, or whether it is refused
      task.bid ??= { since: height, at: height };
      if (there === null || !this.#isOwn(task, there.transaction)) {
        fresh.push(task);
        continue;
      }
      const txid = txidOf(there.transaction);
      const together = waiting.get(txid);
      if (together) together.tasks.push(task);
      else waiting.set(txid, { there, tasks: [task] });
    }
    for (const { there, tasks } of waiting.values()) this.#raise(tasks, there, commitment);
    for (const kind of ['penalty', 'sweep'] as const) this.#sweepTogether(fresh, kind);
    for (const task of fresh) if (task.kind === 'htlc-claim') this.#sweep([task], task.kind);
    for (const batch of this.#htlcBatches(fresh)) this.#completeTogether(batch, withHtlcs(commitment));
  }

  get #material(): ChannelMaterial {
    return materialOf(this.#channel, this.#context);
  }

  /** Whether a transaction that takes the output of a task is this node's. */
  #isOwn(task: ClaimTask, transaction: Transaction): boolean {
    const script =
      'claim' in task.how ? this.#wallet.script : present(task.how.htlcTransaction.transaction.outputs[0], 'it').script;
    return transaction.outputs.some((output) => equalBytes(output.script, script));
  }

  /** Bids more for what waits, if the schedule says so and the mempool would take it. */
  #raise(tasks: readonly ClaimTask[], there: Waiting, commitment: SignedCommitment | null): void {
    const { height } = this.#context;
    const deadline = nearestDeadline(tasks.map((task) => task.deadline));
    const bidAt = Math.max(...tasks.map((task) => bidOf(task).at));
    if (!isBidDue(bidAt, deadline, height)) return;
    const { kind, how } = present(tasks[0], 'a task');
    const attaches = 'htlcTransaction' in how && canAttachToHtlcTransactions(this.#material.format);
    const least =
      'claim' in how
        ? sweepWeight(tasks.map(claimOf), this.#wallet.script)
        : // the wallet may have to attach what is not there yet
          tasks.length * HTLC_TRANSACTION_WEIGHT + ATTACHMENT_WEIGHT;
    const feeratePerKw = this.#bid(tasks, Math.max(least, weightOf(there.transaction)));
    if (feeratePerKw === null || feeratePerKw < leastReplacementPerKw(there)) return;
    if ('claim' in how) {
      if (this.#broadcastSweep(tasks, kind, feeratePerKw)) mark('a claim replaced by one that pays more');
    } else if (attaches) {
      this.#wallet.release(there.transaction);
      if (this.#broadcastHtlcs(tasks, withHtlcs(commitment), feeratePerKw, there)) mark('an HTLC transaction replaced');
      else this.#wallet.reserve(there.transaction);
    }
  }

  /** What to bid for all those together; null if it is never worth that. */
  #bid(tasks: readonly ClaimTask[], weight: number): number | null {
    const { height } = this.#context;
    const valueSat = tasks.reduce((sum, task) => sum + task.valueSat, 0);
    const since = Math.min(...tasks.map((task) => bidOf(task).since));
    const deadline = nearestDeadline(tasks.map((task) => task.deadline));
    const budgetSat = valueSat - dustLimitSat(this.#wallet.script);
    return bidFeeratePerKw({ budgetSat, weight, deadline, since }, this.#context, height);
  }

  #noteBid(tasks: readonly ClaimTask[]): void {
    const { height } = this.#context;
    for (const task of tasks) task.bid = { since: bidOf(task).since, at: height };
  }

  // ── Direct claims ──────────────────────────────────────────────────────────────────────────────────────────────

  /** One transaction for all outputs of a kind; where the other end already spends one of them, one for each. */
  #sweepTogether(fresh: readonly ClaimTask[], kind: 'penalty' | 'sweep'): void {
    const tasks = fresh.filter((task) => task.kind === kind);
    if (tasks.length === 0 || this.#sweep(tasks, kind)) return;
    mark('claims output by output');
    for (const task of tasks) this.#sweep([task], kind);
  }

  /** One transaction for all those tasks; those not worth their fee are given up. @returns false if it was refused */
  #sweep(tasks: readonly ClaimTask[], kind: TransactionKind): boolean {
    const feeratePerKw = this.#bid(tasks, sweepWeight(tasks.map(claimOf), this.#wallet.script));
    if (feeratePerKw !== null) return this.#broadcastSweep(tasks, kind, feeratePerKw);
    for (const task of tasks) this.#giveUp(task);
    return true;
  }

  #broadcastSweep(tasks: readonly ClaimTask[], kind: TransactionKind, feeratePerKw: number): boolean {
    const claims = tasks.map(claimOf);
    // the victim's own balance may be all that is left of a revoked commitment
    const label = kind === 'penalty' && claims.every((claim) => claim.kind !== 'penalty') ? 'sweep' : kind;
    const transaction = present(sweepTransaction(claims, this.#wallet.script, feeratePerKw), 'a sweep within budget');
    if (this.#context.broadcast(transaction, { kind: label, channel: channelOf(this.#channel.edge) }) !== null)
      return false;
    this.#noteBid(tasks);
    return true;
  }

  // ── HTLC transactions ──────────────────────────────────────────────────────────────────────────────────────────

  /** HTLC transactions that may go together: of one lock time, if the format lets the wallet pay for them. */
  #htlcBatches(fresh: readonly ClaimTask[]): ClaimTask[][] {
    const together = walletPaysHtlcTransactions(this.#material.format);
    const batches = new Map<string, ClaimTask[]>();
    for (const task of fresh) {
      if ('claim' in task.how) continue;
      const { lockTime } = task.how.htlcTransaction.transaction;
      const key = together ? `${task.kind} ${lockTime}` : outPointKey(task.outPoint);
      const batch = batches.get(key);
      if (batch && batch.length < MOST_HTLCS_TOGETHER) batch.push(task);
      else batches.set(batch ? `${key} ${outPointKey(task.outPoint)}` : key, [task]);
    }
    return [...batches.values()];
  }

  /** A batch, or where it is refused or the wallet can't pay for it whole, each by itself. */
  #completeTogether(batch: readonly ClaimTask[], commitment: SignedCommitment): void {
    if (!walletPaysHtlcTransactions(this.#material.format)) return this.#completeWithOwnFee(batch, commitment);
    const worth = batch.filter((task) => this.#bid([task], HTLC_TRANSACTION_WEIGHT + ATTACHMENT_WEIGHT) !== null);
    for (const task of batch) if (!worth.includes(task)) this.#giveUp(task);
    if (worth.length === 0 || this.#complete(worth, commitment) || worth.length === 1) return;
    for (const task of worth) this.#complete([task], commitment);
  }

  /** Those that pay a fee agreed on long ago: as they are, or where that is too little by now, with what the wallet adds. */
  #completeWithOwnFee(tasks: readonly ClaimTask[], commitment: SignedCommitment): void {
    const bid = canAttachToHtlcTransactions(this.#material.format)
      ? this.#bid(tasks, tasks.length * HTLC_TRANSACTION_WEIGHT + ATTACHMENT_WEIGHT)
      : null;
    const ownPerKw =
      (tasks.reduce((sum, task) => sum + ownFeeSat(task), 0) * 1000) / (tasks.length * HTLC_TRANSACTION_WEIGHT);
    if (bid !== null && bid > ownPerKw && this.#broadcastHtlcs(tasks, commitment, bid, null)) {
      mark('an HTLC transaction helped from the start');
      return;
    }
    this.#broadcastHtlcs(tasks, commitment, null, null);
  }

  #complete(tasks: readonly ClaimTask[], commitment: SignedCommitment): boolean {
    const weight = tasks.length * HTLC_TRANSACTION_WEIGHT + ATTACHMENT_WEIGHT;
    const feeratePerKw = present(this.#bid(tasks, weight), 'a bid for what is worth one each');
    return this.#broadcastHtlcs(tasks, commitment, feeratePerKw, null);
  }

  /**
   * Completes HTLC transactions.
   * @param feeratePerKw that the wallet adds the fee for; null: as they are
   * @param replaced that must be outbid; its coins are free
   * @returns whether the network took it
   */
  #broadcastHtlcs(
    tasks: readonly ClaimTask[],
    commitment: SignedCommitment,
    feeratePerKw: number | null,
    replaced: Waiting | null,
  ): boolean {
    const material = this.#material;
    const completions = tasks.map(({ how }) => {
      assert('htlcTransaction' in how, 'an HTLC transaction');
      return { htlc: how.htlcTransaction, preimage: how.preimage };
    });
    let transaction = completeHtlcTransactions(material, commitment, completions);
    if (feeratePerKw !== null) {
      const ownSat = tasks.reduce((sum, task) => sum + ownFeeSat(task), 0);
      const weight = Math.max(0, weightOf(transaction) - Math.floor((ownSat * 1000) / feeratePerKw));
      const leastSat = replaced === null ? 0 : leastReplacementSat(replaced) - ownSat;
      const attachment = this.#wallet.attachFee(weight, feeratePerKw, leastSat);
      if (!attachment) {
        // its coins are on their way: the next block may bring change back
        mark('an HTLC transaction waits for a coin');
        return false;
      }
      transaction = this.#wallet.sign(completeHtlcTransactions(material, commitment, completions, attachment));
    }
    const { kind } = present(tasks[0], 'a task');
    if (this.#context.broadcast(transaction, { kind, channel: channelOf(this.#channel.edge) }) !== null) {
      this.#wallet.release(transaction);
      return false;
    }
    this.#noteBid(tasks);
    return true;
  }
}

const withHtlcs = (commitment: SignedCommitment | null): SignedCommitment =>
  present(commitment, 'the commitment of an HTLC transaction');

const bidOf = (task: ClaimTask): NonNullable<ClaimTask['bid']> => present(task.bid, 'the bid for a task that is due');

/** What an HTLC transaction pays by itself, in sat. */
function ownFeeSat({ how }: ClaimTask): number {
  assert('htlcTransaction' in how, 'an HTLC transaction');
  const { spends, transaction } = how.htlcTransaction;
  return spends.valueSat - transaction.outputs.reduce((sum, output) => sum + output.valueSat, 0);
}

function claimOf({ how }: ClaimTask): Extract<ClaimTask['how'], { claim: unknown }>['claim'] {
  assert('claim' in how, 'a direct claim');
  return how.claim;
}
