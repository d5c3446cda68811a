/**
 * The commitment transaction and its HTLC transactions, without signatures (BOLT 3, "Transaction Structure").
 */
import { assert } from '../base/assert.ts';
import { compareBytes } from '../base/bytes.ts';
import { msatToSat, type Sat } from '../base/units.ts';
import { p2wpkh, p2wsh } from '../chain/script.ts';
import { txidOf, type OutPoint, type Transaction, type TxOutput } from '../chain/transaction.ts';
import { FORMAT, hasAnchors, SHARED_ANCHOR_SCRIPT } from './commitmentFormat.ts';
import { commitmentAmounts, htlcTransactionFeeSat, type CommitmentSpec, type HtlcSpec } from './commitmentSpec.ts';
import type { CommitmentKeys } from './keys.ts';
import type { CommitmentFormat } from './limits.ts';
import {
  anchorScript,
  offeredHtlcScript,
  receivedHtlcScript,
  toLocalScript,
  toRemoteAnchoredScript,
} from './scripts.ts';

/** What besides the specification decides a commitment transaction. */
export interface CommitmentContext {
  readonly funding: OutPoint;
  readonly capacitySat: Sat;
  readonly format: CommitmentFormat;
  /** the owner's dust limit */
  readonly dustLimitSat: Sat;
  /** blocks that the owner has to wait: asked for by the other end */
  readonly toSelfDelay: number;
  readonly keys: CommitmentKeys;
}

/** An output of a commitment and what it is for. */
export type CommitmentOutput = { readonly vout: number; readonly valueSat: Sat } & (
  | { readonly kind: 'to_local' | 'to_local_anchor' | 'to_remote_anchor'; readonly witnessScript: Uint8Array }
  /** without anchors it pays the key itself, and there is no witness script */
  | { readonly kind: 'to_remote'; readonly witnessScript: Uint8Array | null }
  /** it has no key, and is spent without a witness */
  | { readonly kind: 'shared_anchor' }
  | { readonly kind: 'htlc'; readonly htlc: HtlcSpec; readonly witnessScript: Uint8Array }
);

export interface UnsignedCommitment {
  readonly transaction: Transaction;
  readonly outputs: readonly CommitmentOutput[];
  readonly spec: CommitmentSpec;
  readonly feeSat: Sat;
}

type OutputDraft = { script: Uint8Array; cltvExpiry: number; make: (vout: number) => CommitmentOutput; valueSat: Sat };

/** What the `to_remote` output pays: with anchors a script that waits a block, else the key itself. */
export function toRemoteScripts(
  format: CommitmentFormat,
  key: Uint8Array,
): { readonly script: Uint8Array; readonly witnessScript: Uint8Array | null } {
  const witnessScript = hasAnchors(format) ? toRemoteAnchoredScript(key) : null;
  return { script: witnessScript ? p2wsh(witnessScript) : p2wpkh(key), witnessScript };
}

/** Builds a commitment transaction. @throws InvariantError if the balances can't pay for the anchors */
export function commitmentTransaction(spec: CommitmentSpec, context: CommitmentContext): UnsignedCommitment {
  const { keys, format } = context;
  const anchored = hasAnchors(format);
  const amounts = commitmentAmounts(spec, format, context.dustLimitSat, context.capacitySat);
  assert(amounts.feeSat >= 0, 'a commitment spends no more than its channel holds');

  const drafts: OutputDraft[] = [];
  const draft = (valueSat: Sat, script: Uint8Array, make: (vout: number) => CommitmentOutput, cltvExpiry = 0): void => {
    if (valueSat > 0) drafts.push({ valueSat, script, make, cltvExpiry });
  };
  const toLocal = toLocalScript(keys.revocation, context.toSelfDelay, keys.localDelayed);
  draft(amounts.toLocalSat, p2wsh(toLocal), (vout) => ({
    kind: 'to_local',
    vout,
    valueSat: amounts.toLocalSat,
    witnessScript: toLocal,
  }));
  const toRemote = toRemoteScripts(context.format, keys.remotePayment);
  draft(amounts.toRemoteSat, toRemote.script, (vout) => ({
    kind: 'to_remote',
    vout,
    valueSat: amounts.toRemoteSat,
    witnessScript: toRemote.witnessScript,
  }));
  for (const [kind, key, valueSat] of [
    ['to_local_anchor', keys.localFunding, amounts.localAnchorSat],
    ['to_remote_anchor', keys.remoteFunding, amounts.remoteAnchorSat],
  ] as const) {
    const witnessScript = anchorScript(key);
    draft(valueSat, p2wsh(witnessScript), (vout) => ({ kind, vout, valueSat, witnessScript }));
  }
  for (const htlc of amounts.htlcs) {
    const witnessScript = htlc.offered
      ? offeredHtlcScript(keys, htlc.paymentHash, anchored)
      : receivedHtlcScript(keys, htlc.paymentHash, htlc.cltvExpiry, anchored);
    const valueSat = msatToSat(htlc.amountMsat);
    draft(
      valueSat,
      p2wsh(witnessScript),
      (vout) => ({ kind: 'htlc', vout, valueSat, htlc, witnessScript }),
      htlc.cltvExpiry,
    );
  }

  const { sharedAnchorSat } = amounts;
  if (sharedAnchorSat !== null) {
    const make = (vout: number): CommitmentOutput => ({ kind: 'shared_anchor', vout, valueSat: sharedAnchorSat });
    drafts.push({ valueSat: sharedAnchorSat, script: SHARED_ANCHOR_SCRIPT, make, cltvExpiry: 0 });
  }

  // BOLT 3, "Transaction Output Ordering": BIP 69, and HTLCs that are still alike by expiry
  drafts.sort((a, b) => a.valueSat - b.valueSat || compareBytes(a.script, b.script) || a.cltvExpiry - b.cltvExpiry);
  const obscured = xor48(spec.number, keys.obscuringFactor);
  const transaction: Transaction = {
    version: FORMAT[format].version,
    inputs: [
      {
        prevout: context.funding,
        scriptSig: new Uint8Array(0),
        sequence: 0x80000000 + Math.floor(obscured / 2 ** 24),
        witness: [],
      },
    ],
    outputs: drafts.map(({ valueSat, script }): TxOutput => ({ valueSat, script })),
    lockTime: 0x20000000 + (obscured % 2 ** 24),
  };
  return { transaction, outputs: drafts.map((d, vout) => d.make(vout)), spec, feeSat: amounts.feeSat };
}

/** The commitment number that a commitment transaction's sequence and lock time hide. */
export function commitmentNumberOf(transaction: Transaction, obscuringFactor: number): number {
  const upper = (transaction.inputs[0]?.sequence ?? 0) % 2 ** 24;
  const lower = transaction.lockTime % 2 ** 24;
  return xor48(upper * 2 ** 24 + lower, obscuringFactor);
}

/** XOR of two 48-bit integers. */
function xor48(a: number, b: number): number {
  const upper = (Math.floor(a / 2 ** 24) ^ Math.floor(b / 2 ** 24)) >>> 0;
  const lower = ((a % 2 ** 24) ^ (b % 2 ** 24)) >>> 0;
  return upper * 2 ** 24 + lower;
}

/** An HTLC transaction without signatures: HTLC-timeout for an offered HTLC, HTLC-success for a received one. */
export interface UnsignedHtlcTransaction {
  readonly kind: 'htlc-timeout' | 'htlc-success';
  readonly transaction: Transaction;
  readonly htlc: HtlcSpec;
  /** the commitment's output that it spends */
  readonly spends: { readonly outPoint: OutPoint; readonly valueSat: Sat; readonly witnessScript: Uint8Array };
  /** of its one output, which is like `to_local` */
  readonly outputScript: Uint8Array;
}

/** BOLT 3, "HTLC-Timeout and HTLC-Success Transactions", in the order of the commitment's outputs. */
export function htlcTransactions(
  commitment: UnsignedCommitment,
  context: CommitmentContext,
): readonly UnsignedHtlcTransaction[] {
  const { format, keys } = context;
  const outputScript = toLocalScript(keys.revocation, context.toSelfDelay, keys.localDelayed);
  const txid = txidOf(commitment.transaction);
  const made: UnsignedHtlcTransaction[] = [];
  for (const output of commitment.outputs) {
    if (output.kind !== 'htlc') continue;
    const { htlc, vout, valueSat, witnessScript } = output;
    const fee = htlcTransactionFeeSat(format, commitment.spec.feeratePerKw, htlc.offered ? 'timeout' : 'success');
    const outPoint = { txid, vout };
    made.push({
      kind: htlc.offered ? 'htlc-timeout' : 'htlc-success',
      htlc,
      spends: { outPoint, valueSat, witnessScript },
      outputScript,
      transaction: {
        version: FORMAT[format].version,
        inputs: [
          { prevout: outPoint, scriptSig: new Uint8Array(0), sequence: hasAnchors(format) ? 1 : 0, witness: [] },
        ],
        outputs: [{ valueSat: (valueSat - fee) as Sat, script: p2wsh(outputScript) }],
        lockTime: htlc.offered ? htlc.cltvExpiry : 0,
      },
    });
  }
  return made;
}
