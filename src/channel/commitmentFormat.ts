/**
 * What sets the formats of commitment transactions apart (BOLT 3 with `option_anchors` or without;
 * `option_zero_fee_commitments`, lightning/bolts pull request 1228), as one table.
 */
import type { Sat } from '../base/units.ts';
import { compileScript, OP } from '../chain/script.ts';
import { SIGHASH_ALL, SIGHASH_ANYONECANPAY, SIGHASH_SINGLE } from '../chain/sighash.ts';
import { TRUC_VERSION } from '../chain/truc.ts';
import { MOST_ACCEPTED_HTLCS, type CommitmentFormat } from './limits.ts';

/** One row of the table. */
export interface FormatRules {
  /** of the commitment and of its HTLC transactions; 3 brings the rules of BIP 431 */
  readonly version: 2 | 3;
  /** expected weight of a commitment without HTLCs (BOLT 3, Appendix A) whose fee the opener pays; 0: it pays none */
  readonly paidWeight: number;
  /** expected weights of HTLC transactions (BOLT 3, Appendix A); 0: they pay nothing, and the wallet attaches the fee */
  readonly timeoutWeight: number;
  readonly successWeight: number;
  /** `keyed`: one of 330 sat for each end; `shared`: one that anybody can spend, worth what was trimmed */
  readonly anchors: 'none' | 'keyed' | 'shared';
  /** how the other end signs HTLC transactions: with SINGLE and ANYONECANPAY others' inputs can be attached */
  readonly htlcHashType: number;
  readonly mostAcceptedHtlcs: number;
}

const ATTACHABLE = SIGHASH_SINGLE | SIGHASH_ANYONECANPAY;

/** The most HTLCs each way in a zero-fee commitment: with 2 × 114 it stays below BIP 431's 10,000 virtual bytes. */
export const MOST_ACCEPTED_HTLCS_TRUC = 114;

// prettier-ignore
export const FORMAT: Readonly<Record<CommitmentFormat, FormatRules>> = {
  static_remotekey: {
    version: 2, paidWeight: 724, timeoutWeight: 663, successWeight: 703,
    anchors: 'none', htlcHashType: SIGHASH_ALL, mostAcceptedHtlcs: MOST_ACCEPTED_HTLCS,
  },
  anchors: {
    version: 2, paidWeight: 1124, timeoutWeight: 666, successWeight: 706,
    anchors: 'keyed', htlcHashType: ATTACHABLE, mostAcceptedHtlcs: MOST_ACCEPTED_HTLCS,
  },
  anchors_zero_fee_htlc_tx: {
    version: 2, paidWeight: 1124, timeoutWeight: 0, successWeight: 0,
    anchors: 'keyed', htlcHashType: ATTACHABLE, mostAcceptedHtlcs: MOST_ACCEPTED_HTLCS,
  },
  zero_fee_commitments: {
    version: TRUC_VERSION, paidWeight: 0, timeoutWeight: 0, successWeight: 0,
    anchors: 'shared', htlcHashType: ATTACHABLE, mostAcceptedHtlcs: MOST_ACCEPTED_HTLCS_TRUC,
  },
};

/** Weight units that an HTLC output adds: 43 bytes of P2WSH output × 4. */
export const HTLC_OUTPUT_WEIGHT = 172;

/** BOLT 3, "Anchor output": 330 sat, the dust limit of P2WSH. */
export const ANCHOR_SAT = 330 as Sat;
/** The most a shared anchor is worth, in sat: the dust limit of its script; what is trimmed beyond it is fee. */
export const MAX_SHARED_ANCHOR_SAT = 240 as Sat;
/** Pay to anchor: OP_1 and two bytes; spent with nothing at all. */
export const SHARED_ANCHOR_SCRIPT: Uint8Array = compileScript(OP.OP_1, Uint8Array.of(0x4e, 0x73));

/**
 * Whether each end has an anchor of its own, which the opener pays for; such commitments keep whoever did not broadcast
 * them waiting for a block, so that no output but an anchor can be spent while they are unconfirmed.
 */
export const hasAnchors = (format: CommitmentFormat): boolean => FORMAT[format].anchors === 'keyed';

/** Whether HTLC transactions pay no fee themselves, so that their owner's wallet attaches it. */
export const walletPaysHtlcTransactions = (format: CommitmentFormat): boolean => FORMAT[format].timeoutWeight === 0;

/** Whether several HTLC transactions of one lock time can be one, and a wallet's inputs be attached. */
export const canAttachToHtlcTransactions = (format: CommitmentFormat): boolean =>
  FORMAT[format].htlcHashType !== SIGHASH_ALL;
