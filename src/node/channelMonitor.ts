/**
 * The channel monitor of one end (BOLT 5): once the funding output is spent it finds out by which commitment, claims
 * what is this end's, punishes what was revoked, and learns preimages from what the other end does.
 */
import { assert, present } from '../base/assert.ts';
import { equalBytes } from '../base/bytes.ts';
import { mark } from '../base/marks.ts';
import { outPointKey, txidOf, weightOf, type OutPoint, type Transaction } from '../chain/transaction.ts';
import {
  htlcClaim,
  htlcOutputClaim,
  penaltyClaims,
  secondStagePenaltyClaim,
  sweepTransaction,
  toLocalClaim,
  toRemoteClaim,
  type Claim,
} from '../channel/claims.ts';
import type { CommitmentSpec, HtlcSpec } from '../channel/commitmentSpec.ts';
import { commitmentNumberOf } from '../channel/commitmentTransaction.ts';
import { isIrrevocable } from '../channel/htlcState.ts';
import { obscuringFactor } from '../channel/keys.ts';
import {
  completeHtlcTransactions,
  materialiseCommitment,
  otherSide,
  type ChannelMaterial,
  type Side,
  type SignedCommitment,
  type SignedHtlcTransaction,
} from '../channel/materialise.ts';
import { sha256 } from '../crypto/hashes.ts';
import type { NodeContext, TransactionKind } from './context.ts';
import type { LightningNode } from './lightningNode.ts';
import { channelOf, sideOf, type NodeChannel, type NodeHtlc } from './nodeChannel.ts';

/** By what the funding output was spent, as this end sees it. */
export type SpendKind = 'mutual' | 'local' | 'remote' | 'revoked' | 'own-revoked';

/** Blocks after which what happened on-chain counts as final for an HTLC upstream (BOLT 5: "reasonable depth"). */
const RESOLVED_DEPTH = 3;

/** HTLC transactions in one transaction at most: 50 × 706 weight units stay far below what is relayed. */
const MOST_HTLCS_TOGETHER = 50;
/** BOLT 3's HTLC-success with anchors, weight units. */
const HTLC_TRANSACTION_WEIGHT = 706;

/** Something to take once its time has come. */
interface Task {
  readonly kind: TransactionKind;
  readonly outPoint: OutPoint;
  /** height of the tip from which the transaction can be in the next block */
  readonly fromHeight: number;
  /** the direct claim, or the HTLC transaction to complete */
  readonly claim: Claim | null;
  readonly htlcTransaction: SignedHtlcTransaction | null;
  readonly preimage: Uint8Array | null;
}

/** An HTLC output of the commitment that is still unspent. */
interface OpenHtlcOutput {
  readonly vout: number;
  readonly htlc: HtlcSpec;
  /** offered by this end */
  readonly ours: boolean;
}

export class ChannelMonitor {
  readonly #channel: NodeChannel;
  readonly #node: LightningNode;
  readonly #context: NodeContext;
  readonly #side: Side;
  #spend: { kind: SpendKind; height: number; commitment: SignedCommitment | null } | null = null;
  readonly #tasks = new Map<string, Task>();
  readonly #openHtlcs = new Map<string, OpenHtlcOutput>();
  /** our transaction that takes an output, once broadcast; it outlives the task, should a reorganisation bring that back */
  readonly #made = new Map<string, Transaction>();
  /** HTLCs to be reported upstream, with the height at which the news is deep enough */
  readonly #reports: { htlc: NodeHtlc; preimage: Uint8Array | null; atHeight: number }[] = [];

  constructor(channel: NodeChannel, node: LightningNode, context: NodeContext) {
    this.#channel = channel;
    this.#node = node;
    this.#context = context;
    this.#side = sideOf(channel.edge);
  }

  /** By what the funding was spent; null before. */
  get spendKind(): SpendKind | null {
    return this.#spend?.kind ?? null;
  }

  get #material(): ChannelMaterial {
    return this.#context.material(channelOf(this.#channel.edge));
  }

  /** A confirmed transaction spends the funding output. */
  fundingSpent(transaction: Transaction, height: number): void {
    const found = this.#recognise(transaction);
    this.#spend = { ...found, height };
    this.#context.onUndo(() => {
      mark('the spend of a funding output undone');
      this.#spend = null;
      this.#tasks.clear();
      this.#openHtlcs.clear();
      this.#reports.length = 0;
    });
    const { commitment, kind } = found;
    if (!commitment) return;
    this.#watchHtlcOutputs(commitment);
    const onCommitment = new Set<number>();
    for (const each of this.#openHtlcs.values()) if (each.ours) onCommitment.add(each.htlc.id);
    for (const htlc of this.#channel.end.htlcs) {
      // trimmed, or never in this commitment: nothing will come of it on-chain
      if (htlc.offered && !onCommitment.has(htlc.id)) this.#report(htlc, null, height);
    }
    if (kind === 'revoked') return this.#planPenalty(commitment);
    const owned = commitment.owner === this.#side;
    const balance = owned ? toLocalClaim(this.#material, commitment) : toRemoteClaim(this.#material, commitment);
    if (balance) this.#plan('sweep', balance, height);
    for (const output of this.#openHtlcs.values()) {
      const known = output.ours ? null : this.#knownPreimage(output.htlc.paymentHash);
      this.#planHtlc(output, known);
    }
  }

  /** Which commitment a transaction is: found by its number, proved by its id. */
  #recognise(transaction: Transaction): { kind: SpendKind; commitment: SignedCommitment | null } {
    const material = this.#material;
    const opener = material.points[material.opener];
    const factor = obscuringFactor(opener.payment, material.points[otherSide(material.opener)].payment);
    const number = commitmentNumberOf(transaction, factor);
    const { end } = this.#channel;
    const other = otherSide(this.#side);
    const candidates: [SpendKind, Side, CommitmentSpec | undefined][] = [
      ['local', this.#side, end.spec('local')],
      ['remote', other, end.spec('remote')],
      ['remote', other, end.spec('remote-before')],
      ['revoked', other, end.history?.remote[number]],
      ['own-revoked', this.#side, end.history?.local[number]],
    ];
    const txid = txidOf(transaction);
    for (const [kind, owner, spec] of candidates) {
      if (spec?.number !== number) continue;
      const commitment = materialiseCommitment(material, owner, spec);
      if (txidOf(commitment.transaction) === txid) return { kind, commitment };
    }
    assert(
      transaction.inputs[0]?.sequence === 0xffffffff,
      'a spend of the funding is a known commitment or a mutual close',
    );
    return { kind: 'mutual', commitment: null };
  }

  #watchHtlcOutputs(commitment: SignedCommitment): void {
    const txid = txidOf(commitment.transaction);
    for (const output of commitment.outputs) {
      if (output.kind === 'to_local_anchor' || output.kind === 'to_remote_anchor') continue;
      const outPoint = { txid, vout: output.vout };
      this.#context.watch(outPoint, this.#channel.edge);
      if (output.kind !== 'htlc') continue;
      const ours = output.htlc.offered === (commitment.owner === this.#side);
      this.#openHtlcs.set(outPointKey(outPoint), { vout: output.vout, htlc: output.htlc, ours });
    }
  }

  // ── Planning ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** A direct claim of an output that confirmed at `confirmedAt`. */
  #plan(kind: TransactionKind, claim: Claim, confirmedAt: number): void {
    // BIP 68: a relative lock of n blocks is met in the block at confirmedAt + n, so by a tip one below that
    const relative = claim.sequence < 0x80000000 ? confirmedAt + claim.sequence - 1 : confirmedAt;
    // nLockTime: the next block's height must be past it
    const fromHeight = Math.max(relative, claim.lockTime);
    const key = outPointKey(claim.outPoint);
    this.#context.onUndo(() => this.#tasks.delete(key));
    this.#tasks.set(key, {
      kind,
      outPoint: claim.outPoint,
      fromHeight,
      claim,
      htlcTransaction: null,
      preimage: null,
    });
  }

  /** An HTLC output: claimed with the preimage if it is known, taken back after expiry if it is ours. */
  #planHtlc(output: OpenHtlcOutput, preimage: Uint8Array | null): void {
    if (!output.ours && !preimage) return;
    const { commitment, height } = present(this.#spend, 'the spend');
    if (!commitment) return;
    if (commitment.owner !== this.#side) {
      const onCommitment = commitment.outputs[output.vout];
      assert(onCommitment?.kind === 'htlc', 'an HTLC output is one');
      return this.#plan('htlc-claim', htlcClaim(this.#material, commitment, onCommitment, preimage), height);
    }
    const htlcTransaction = commitment.htlcTransactions.find((each) => each.spends.outPoint.vout === output.vout);
    const transaction = present(htlcTransaction, 'the HTLC transaction of an HTLC output');
    this.#tasks.set(outPointKey(transaction.spends.outPoint), {
      kind: transaction.kind,
      outPoint: transaction.spends.outPoint,
      fromHeight: output.ours ? Math.max(height, output.htlc.cltvExpiry) : height,
      claim: null,
      htlcTransaction: transaction,
      preimage,
    });
  }

  #planPenalty(commitment: SignedCommitment): void {
    const { height } = present(this.#spend, 'the spend');
    if (this.#node.behaviour.punishes()) {
      mark('penalty planned');
      for (const claim of penaltyClaims(this.#material, commitment)) this.#plan('penalty', claim, height);
    }
    const own = toRemoteClaim(this.#material, commitment);
    if (own) this.#plan('penalty', own, height);
  }

  /** What the node knows that would claim an HTLC: as payee, or from the channel that it forwarded to. */
  #knownPreimage(paymentHash: Uint8Array): Uint8Array | null {
    const htlc = this.#channel.end.htlcs.find((each) => !each.offered && equalBytes(each.paymentHash, paymentHash));
    if (htlc?.preimage) return htlc.preimage;
    // BOLT 5: an HTLC that was not locked in yet is no reason to reveal a preimage
    return htlc && isIrrevocable(htlc.state) ? this.#node.preimageToClaim(paymentHash) : null;
  }

  /** A preimage came from downstream while this channel is on-chain. */
  preimageLearned(paymentHash: Uint8Array, preimage: Uint8Array): void {
    for (const output of this.#openHtlcs.values()) {
      if (output.ours || !equalBytes(output.htlc.paymentHash, paymentHash)) continue;
      mark('preimage learned after the channel went on-chain');
      if (this.#spend?.kind !== 'revoked') this.#planHtlc(output, preimage);
    }
  }

  // ── Acting ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Makes the claims that are due, and reports what is final; called at every block while the node is online.
   * @returns whether nothing can concern this monitor any more
   */
  act(): boolean {
    const { height } = this.#context;
    for (const key of this.#tasks.keys()) {
      const made = this.#made.get(key);
      if (made === undefined || this.#context.isInMempool(txidOf(made))) continue;
      // evicted, replaced, or one of its inputs was taken by another: what is left of it is claimed again
      mark('a claim fell out of the mempool');
      this.#node.wallet.release(made);
      this.#made.delete(key);
    }
    const due = [...this.#tasks.entries()]
      .filter(([key, task]) => !this.#made.has(key) && task.fromHeight <= height)
      .map(([, task]) => task);
    for (const kind of ['penalty', 'sweep'] as const) this.#broadcastTogether(due, kind);
    for (const task of due) if (task.kind === 'htlc-claim') this.#broadcastSweep([task], task.kind);
    for (const batch of this.#htlcBatches(due)) this.#broadcastHtlcBatch(batch);
    for (let i = this.#reports.length - 1; i >= 0; i--) {
      const report = this.#reports[i]!;
      if (report.atHeight > height) continue;
      this.#reports.splice(i, 1);
      this.#node.resolvedOnChain(this.#channel.edge, report.htlc, report.preimage);
    }
    return !this.isBusy && this.#openHtlcs.size === 0;
  }

  /** Whether there is something still to claim or to report. */
  get isBusy(): boolean {
    if (this.#spend === null || this.#tasks.size > 0 || this.#reports.length > 0) return true;
    for (const output of this.#openHtlcs.values()) if (output.ours) return true;
    return false;
  }

  /** A claim costs more than it brings: the output stays where it is, and an HTLC of ours counts as failed. */
  #giveUp(task: Task): void {
    mark('claim not worth its fee');
    const key = outPointKey(task.outPoint);
    this.#tasks.delete(key);
    const output = this.#openHtlcs.get(key);
    if (!output?.ours) return;
    this.#openHtlcs.delete(key);
    const htlc = this.#channel.end.find(true, output.htlc.id);
    if (htlc) this.#report(htlc, null, this.#context.height);
  }

  /** One transaction for all outputs of a kind; where the other end already spends one of them, one for each. */
  #broadcastTogether(due: readonly Task[], kind: 'penalty' | 'sweep'): void {
    const tasks = due.filter((task) => task.kind === kind);
    if (tasks.length === 0 || this.#broadcastSweep(tasks, kind)) return;
    mark('claims output by output');
    for (const task of tasks) this.#broadcastSweep([task], kind);
  }

  /** One transaction for all those tasks; those not worth their fee are given up. @returns false if it was refused */
  #broadcastSweep(tasks: readonly Task[], kind: TransactionKind): boolean {
    const { feeratePerKw } = this.#context;
    const claims = tasks.map((task) => present(task.claim, 'the claim of a sweep'));
    // the victim's own balance may be all that is left of a revoked commitment
    const label = kind === 'penalty' && claims.every((claim) => claim.kind !== 'penalty') ? 'sweep' : kind;
    const transaction = sweepTransaction(claims, this.#node.wallet.script, feeratePerKw);
    if (!transaction) {
      for (const task of tasks) this.#giveUp(task);
      return true;
    }
    const refused = this.#context.broadcast(transaction, { kind: label, channel: channelOf(this.#channel.edge) });
    if (refused !== null) return false;
    for (const { outPoint } of tasks) this.#made.set(outPointKey(outPoint), transaction);
    return true;
  }

  /** HTLC transactions that may go together: of one lock time, if the format lets the wallet pay for them. */
  #htlcBatches(due: readonly Task[]): Task[][] {
    const together = this.#material.format === 'anchors_zero_fee_htlc_tx';
    const batches = new Map<string, Task[]>();
    for (const task of due) {
      const htlc = task.htlcTransaction;
      if (!htlc || task.kind === 'penalty') continue;
      const key = together ? `${htlc.kind} ${htlc.transaction.lockTime}` : outPointKey(task.outPoint);
      const batch = batches.get(key);
      if (batch && batch.length < MOST_HTLCS_TOGETHER) batch.push(task);
      else batches.set(batch ? `${key} ${outPointKey(task.outPoint)}` : key, [task]);
    }
    return [...batches.values()];
  }

  /** A batch, or where it is refused or the wallet can't pay for it whole, each by itself. */
  #broadcastHtlcBatch(batch: readonly Task[]): void {
    const worth = batch.filter((task) => this.#isWorthItsFee(task));
    if (worth.length === 0 || this.#broadcastHtlcTransactions(worth) || worth.length === 1) return;
    for (const task of worth) this.#broadcastHtlcTransactions([task]);
  }

  #isWorthItsFee(task: Task): boolean {
    if (this.#material.format !== 'anchors_zero_fee_htlc_tx') return true;
    const feeSat = this.#node.wallet.attachmentFeeSat(HTLC_TRANSACTION_WEIGHT, this.#context.feeratePerKw);
    if (feeSat < present(task.htlcTransaction, 'an HTLC transaction').spends.valueSat) return true;
    this.#giveUp(task);
    return false;
  }

  /** Completes HTLC transactions; in the zero-fee format the wallet adds what pays for them. @returns if it was taken */
  #broadcastHtlcTransactions(tasks: readonly Task[]): boolean {
    const { feeratePerKw } = this.#context;
    const material = this.#material;
    const { commitment } = present(this.#spend, 'the spend');
    const signedBy = present(commitment, 'the commitment of an HTLC transaction');
    const { wallet } = this.#node;
    const completions = tasks.map((task) => ({
      htlc: present(task.htlcTransaction, 'an HTLC transaction'),
      preimage: task.preimage,
    }));
    let transaction = completeHtlcTransactions(material, signedBy, completions);
    if (material.format === 'anchors_zero_fee_htlc_tx') {
      const attachment = wallet.attachFee(weightOf(transaction), feeratePerKw);
      if (!attachment) {
        // its coins are on their way: the next block may bring change back
        mark('an HTLC transaction waits for a coin');
        return false;
      }
      transaction = wallet.sign(completeHtlcTransactions(material, signedBy, completions, attachment));
    }
    const { kind } = present(completions[0], 'an HTLC transaction').htlc;
    const refused = this.#context.broadcast(transaction, { kind, channel: channelOf(this.#channel.edge) });
    if (refused !== null) {
      wallet.release(transaction);
      return false;
    }
    for (const { outPoint } of tasks) this.#made.set(outPointKey(outPoint), transaction);
    return true;
  }

  // ── Hearing ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A confirmed transaction spends an output that this monitor watches: ours, or the other end's. */
  outputSpent(outPoint: OutPoint, transaction: Transaction, height: number): void {
    const key = outPointKey(outPoint);
    const task = this.#tasks.get(key);
    this.#tasks.delete(key);
    const htlcOutput = this.#openHtlcs.get(key);
    this.#openHtlcs.delete(key);
    this.#context.onUndo(() => {
      mark('the spend of a watched output undone');
      if (task) this.#tasks.set(key, task);
      if (htlcOutput) this.#openHtlcs.set(key, htlcOutput);
    });
    if (!htlcOutput) return;
    const input = transaction.inputs.findIndex((each) => outPointKey(each.prevout) === key);
    const witness = transaction.inputs[input]?.witness ?? [];
    const preimage = witness.find(
      (item) => item.length === 32 && equalBytes(sha256(item), htlcOutput.htlc.paymentHash),
    );
    if (htlcOutput.ours) {
      const htlc = this.#channel.end.find(true, htlcOutput.htlc.id);
      if (htlc) this.#report(htlc, preimage ?? null, preimage ? height - RESOLVED_DEPTH : height);
    }
    // an HTLC transaction shows a dummy, two signatures, preimage or none, and script; every other spend is shorter
    if (witness.length === 5) this.#followSecondStage(htlcOutput, transaction, input, height);
  }

  /** The output of an HTLC transaction: delayed if it is ours, revoked if it is a cheater's. */
  #followSecondStage(htlcOutput: OpenHtlcOutput, transaction: Transaction, input: number, height: number): void {
    const { commitment, kind } = present(this.#spend, 'the spend');
    const htlcTransaction = commitment?.htlcTransactions.find((each) => each.spends.outPoint.vout === htlcOutput.vout);
    if (!commitment || !htlcTransaction) return;
    const { outputScript } = htlcTransaction;
    // SIGHASH_SINGLE binds the HTLC's input to the output of the same index
    if (commitment.owner === this.#side) {
      const claim = htlcOutputClaim(this.#material, commitment, transaction, input, htlcOutput.htlc, outputScript);
      this.#context.watch(claim.outPoint, this.#channel.edge);
      this.#plan('sweep', claim, height);
    } else if (kind === 'revoked' && this.#node.behaviour.punishes()) {
      mark('second-stage transaction of a revoked commitment');
      const claim = secondStagePenaltyClaim(
        this.#material,
        commitment,
        transaction,
        input,
        htlcOutput.htlc,
        outputScript,
      );
      this.#context.watch(claim.outPoint, this.#channel.edge);
      this.#plan('penalty', claim, height);
    }
  }

  #report(htlc: NodeHtlc, preimage: Uint8Array | null, height: number): void {
    const report = { htlc, preimage, atHeight: height + RESOLVED_DEPTH };
    this.#reports.push(report);
    this.#context.onUndo(() => {
      const at = this.#reports.indexOf(report);
      if (at >= 0) this.#reports.splice(at, 1);
    });
  }
}
