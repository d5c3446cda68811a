/**
 * The channel monitor of one end (BOLT 5): once the funding output is spent it finds out by which commitment, plans to
 * claim what is this end's and to punish what was revoked, and learns preimages from what the other end does.
 *
 * All that it knows comes from the channel's end and from confirmed transactions in their order, so after a restart it is
 * made anew by reading the chain again (`LightningNode.rescan`).
 */
import { assert, present } from '../base/assert.ts';
import { equalBytes } from '../base/bytes.ts';
import { mark } from '../base/marks.ts';
import { outPointKey, txidOf, type OutPoint, type Transaction } from '../chain/transaction.ts';
import {
  htlcClaim,
  htlcOutputClaim,
  penaltyClaims,
  secondStagePenaltyClaim,
  toLocalClaim,
  toRemoteClaim,
  unknownToRemoteClaim,
} from '../channel/claims.ts';
import type { HtlcSpec } from '../channel/commitmentSpec.ts';
import type { ChannelMaterial, Side, SignedCommitment } from '../channel/materialise.ts';
import { sha256 } from '../crypto/hashes.ts';
import { ClaimSender } from './claimSender.ts';
import { directTask, htlcTask, type ClaimTask } from './claimTask.ts';
import type { NodeContext } from './context.ts';
import { claimDeadline, knownPreimage, RESOLVED_DEPTH } from './deadlines.ts';
import type { LightningNode } from './lightningNode.ts';
import { sideOf, type NodeChannel, type NodeHtlc } from './nodeChannel.ts';
import { materialOf } from './nodeSplicing.ts';
import { recogniseSpend, type RecognisedSpend, type SpendKind } from './recogniseSpend.ts';

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
  readonly #sender: ClaimSender;
  #spend: (RecognisedSpend & { readonly height: number }) | null = null;
  readonly #tasks = new Map<string, ClaimTask>();
  readonly #openHtlcs = new Map<string, OpenHtlcOutput>();
  /** HTLCs to be reported upstream, with the height at which the news is deep enough */
  readonly #reports: { htlc: NodeHtlc; preimage: Uint8Array | null; atHeight: number }[] = [];

  constructor(channel: NodeChannel, node: LightningNode, context: NodeContext) {
    this.#channel = channel;
    this.#node = node;
    this.#context = context;
    this.#side = sideOf(channel.edge);
    this.#sender = new ClaimSender(channel, node.wallet, context, (task) => this.#giveUp(task));
  }

  /** By what the funding was spent; null before. */
  get spendKind(): SpendKind | null {
    return this.#spend?.kind ?? null;
  }

  /** Whether there is something still to claim or to report. */
  get isBusy(): boolean {
    if (this.#spend === null || this.#tasks.size > 0 || this.#reports.length > 0) return true;
    for (const output of this.#openHtlcs.values()) if (output.ours) return true;
    return false;
  }

  /** Whether it matters to this monitor who spends an output. */
  awaits(outPoint: OutPoint): boolean {
    const key = outPointKey(outPoint);
    return this.#tasks.has(key) || this.#openHtlcs.has(key);
  }

  /**
   * Makes the claims that are due, and reports what is final; called at every block while the node is online.
   * @returns whether nothing can concern this monitor any more
   */
  act(): boolean {
    const { height } = this.#context;
    const due = [...this.#tasks.values()].filter((task) => task.fromHeight <= height);
    if (due.length > 0) this.#sender.send(due, this.#spend?.commitment ?? null);
    for (let i = this.#reports.length - 1; i >= 0; i--) {
      const report = this.#reports[i]!;
      if (report.atHeight > height) continue;
      this.#reports.splice(i, 1);
      this.#node.resolvedOnChain(this.#channel.edge, report.htlc, report.preimage);
    }
    return !this.isBusy && this.#openHtlcs.size === 0;
  }

  get #material(): ChannelMaterial {
    return materialOf(this.#channel, this.#context);
  }

  // ── Planning ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** A confirmed transaction spends the funding output. */
  fundingSpent(transaction: Transaction, height: number): void {
    const found = recogniseSpend(this.#material, this.#side, this.#channel.end, transaction);
    this.#spend = { ...found, height };
    this.#context.onUndo(() => {
      mark('the spend of a funding output undone');
      this.#spend = null;
      this.#tasks.clear();
      this.#openHtlcs.clear();
      this.#reports.length = 0;
    }, height);
    const { commitment, kind } = found;
    if (kind === 'remote-unknown') return this.#planUnknown(transaction, height);
    if (!commitment) return;
    this.#watchHtlcOutputs(commitment);
    this.#reportMissing(height, () => true);
    if (kind === 'revoked') return this.#planPenalty(commitment, height);
    const owned = commitment.owner === this.#side;
    const balance = owned ? toLocalClaim(this.#material, commitment) : toRemoteClaim(this.#material, commitment);
    if (balance) this.#plan(directTask('sweep', balance, height, null), height);
    for (const output of this.#openHtlcs.values()) {
      this.#planHtlc(output, output.ours ? null : this.#knownPreimage(output.htlc.paymentHash));
    }
  }

  #watchHtlcOutputs(commitment: SignedCommitment): void {
    const txid = txidOf(commitment.transaction);
    for (const output of commitment.outputs) {
      if (output.kind !== 'htlc' && output.kind !== 'to_local' && output.kind !== 'to_remote') continue;
      const outPoint = { txid, vout: output.vout };
      this.#context.watch(outPoint, this.#channel.edge);
      if (output.kind !== 'htlc') continue;
      const ours = output.htlc.offered === (commitment.owner === this.#side);
      this.#openHtlcs.set(outPointKey(outPoint), { vout: output.vout, htlc: output.htlc, ours });
    }
  }

  /** HTLCs of ours that were trimmed, or never in this commitment: nothing will come of them on-chain. */
  #reportMissing(height: number, isDue: (htlc: NodeHtlc) => boolean): void {
    const onCommitment = new Set<number>();
    for (const each of this.#openHtlcs.values()) if (each.ours) onCommitment.add(each.htlc.id);
    for (const htlc of this.#channel.end.htlcs) {
      if (!htlc.offered || onCommitment.has(htlc.id) || !isDue(htlc)) continue;
      mark('an HTLC missing from the commitment that confirmed');
      this.#report(htlc, null, height);
    }
  }

  /**
   * This end lost its memory: its balance is all that it finds. What it had forwarded is failed back when that is due, for
   * the other end may yet take it (`mustFailBack`).
   */
  #planUnknown(transaction: Transaction, height: number): void {
    const balance = unknownToRemoteClaim(this.#material, this.#side, transaction);
    if (balance) {
      this.#context.watch(balance.outPoint, this.#channel.edge);
      this.#plan(directTask('sweep', balance, height, null), height);
    }
    this.#reportMissing(height, ({ tag }) => tag.upstream === null);
  }

  #plan(task: ClaimTask, height: number): void {
    const key = outPointKey(task.outPoint);
    this.#context.onUndo(() => this.#tasks.delete(key), height);
    this.#tasks.set(key, task);
  }

  /** An HTLC output: claimed with the preimage if it is known, taken back after expiry if it is ours. */
  #planHtlc({ vout, htlc, ours }: OpenHtlcOutput, preimage: Uint8Array | null): void {
    if (!ours && !preimage) return;
    const { commitment, height } = present(this.#spend, 'the spend');
    if (!commitment) return;
    const offered = ours ? this.#channel.end.find(true, htlc.id) : undefined;
    const deadline = ours ? (offered ? claimDeadline(offered) : null) : htlc.cltvExpiry;
    if (commitment.owner !== this.#side) {
      const output = commitment.outputs[vout];
      assert(output?.kind === 'htlc', 'an HTLC output is one');
      const claim = htlcClaim(this.#material, commitment, output, preimage);
      return this.#plan(directTask('htlc-claim', claim, height, deadline), height);
    }
    const made = commitment.htlcTransactions.find((each) => each.spends.outPoint.vout === vout);
    this.#plan(htlcTask(present(made, 'the HTLC transaction of an output'), preimage, height, deadline), height);
  }

  #planPenalty(commitment: SignedCommitment, height: number): void {
    if (this.#node.behaviour.punishes()) {
      mark('penalty planned');
      const deadline = this.#escapeHeight(height);
      for (const claim of penaltyClaims(this.#material, commitment)) {
        this.#plan(directTask('penalty', claim, height, deadline), height);
      }
    }
    const own = toRemoteClaim(this.#material, commitment);
    if (own) this.#plan(directTask('penalty', own, height, null), height);
  }

  /** The last block in which a cheater can't take yet what confirmed at a height. */
  #escapeHeight(height: number): number {
    return height + this.#material.limits[this.#side].toSelfDelay - 1;
  }

  #knownPreimage(paymentHash: Uint8Array): Uint8Array | null {
    const htlc = this.#channel.end.htlcs.find((each) => !each.offered && equalBytes(each.paymentHash, paymentHash));
    return htlc ? knownPreimage(htlc, this.#node) : null;
  }

  /** A preimage came from downstream while this channel is on-chain. */
  preimageLearned(paymentHash: Uint8Array, preimage: Uint8Array): void {
    for (const output of this.#openHtlcs.values()) {
      if (output.ours || !equalBytes(output.htlc.paymentHash, paymentHash)) continue;
      mark('preimage learned after the channel went on-chain');
      if (this.#spend?.kind !== 'revoked') this.#planHtlc(output, preimage);
    }
  }

  /** A claim costs more than it brings: the output stays where it is, and an HTLC of ours counts as failed. */
  #giveUp(task: ClaimTask): void {
    mark('claim not worth its fee');
    const key = outPointKey(task.outPoint);
    this.#tasks.delete(key);
    const output = this.#openHtlcs.get(key);
    if (!output?.ours) return;
    this.#openHtlcs.delete(key);
    const htlc = this.#channel.end.find(true, output.htlc.id);
    if (htlc) this.#reports.push({ htlc, preimage: null, atHeight: this.#context.height + RESOLVED_DEPTH });
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
    }, height);
    if (!htlcOutput) return;
    const input = transaction.inputs.findIndex((each) => outPointKey(each.prevout) === key);
    const witness = transaction.inputs[input]?.witness ?? [];
    const preimage = witness.find(
      (item) => item.length === 32 && equalBytes(sha256(item), htlcOutput.htlc.paymentHash),
    );
    if (htlcOutput.ours) {
      if (preimage) mark('a preimage learned from the chain');
      const htlc = this.#channel.end.find(true, htlcOutput.htlc.id);
      if (htlc) this.#report(htlc, preimage ?? null, height);
    }
    // an HTLC transaction shows a dummy, two signatures, preimage or none, and script; every other spend is shorter
    if (witness.length === 5) this.#followSecondStage(htlcOutput, transaction, input, height);
  }

  /** The output of an HTLC transaction: delayed if it is ours, revoked if it is a cheater's. */
  #followSecondStage(htlcOutput: OpenHtlcOutput, transaction: Transaction, input: number, height: number): void {
    const { commitment, kind } = present(this.#spend, 'the spend');
    const made = commitment?.htlcTransactions.find((each) => each.spends.outPoint.vout === htlcOutput.vout);
    if (!commitment || !made) return;
    const isOwn = commitment.owner === this.#side;
    if (!isOwn && (kind !== 'revoked' || !this.#node.behaviour.punishes())) return;
    // SIGHASH_SINGLE binds the HTLC's input to the output of the same index
    const stage = [this.#material, commitment, transaction, input, htlcOutput.htlc, made.outputScript] as const;
    if (!isOwn) mark('second-stage transaction of a revoked commitment');
    const task = isOwn
      ? directTask('sweep', htlcOutputClaim(...stage), height, null)
      : directTask('penalty', secondStagePenaltyClaim(...stage), height, this.#escapeHeight(height));
    this.#context.watch(task.outPoint, this.#channel.edge);
    this.#plan(task, height);
  }

  /** What became of an HTLC of ours is passed on: a preimage at once, a failure once the block is deep enough. */
  #report(htlc: NodeHtlc, preimage: Uint8Array | null, height: number): void {
    const report = { htlc, preimage, atHeight: preimage ? height : height + RESOLVED_DEPTH };
    this.#reports.push(report);
    this.#context.onUndo(() => {
      const at = this.#reports.indexOf(report);
      if (at >= 0) this.#reports.splice(at, 1);
    }, height);
  }
}
