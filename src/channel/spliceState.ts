/** What one end knows of its channel's splices, and what an event makes of it: the values of `spliceNegotiation.ts`. */
import type { OutPoint, Transaction, Txid } from '../chain/transaction.ts';
import type { ChannelLedger } from './channelLedger.ts';
import type { Quiescence } from './quiescence.ts';
import type { SharedInput, SharedTransaction } from './sharedTransaction.ts';
import type { SpliceCandidate } from './spliceCandidate.ts';
import type {
  SpliceAbort,
  SpliceInit,
  SpliceMessage,
  SpliceViolation,
  TxInitRbf,
  TxSignatures,
} from './spliceMessages.ts';
import type { SpliceSigner } from './spliceSigner.ts';

/** One end of all the splices of a channel. */
export interface Splices {
  /** the try that is being negotiated */
  readonly attempt: SpliceAttempt | null;
  /** signed by both ends, and not locked: the first try and its replacements */
  readonly pending: readonly PendingSplice[];
  /** fundings that the channel had so far, as far as this end knows: each has keys of its own */
  readonly keyCount: number;
  readonly sentLocked: Txid | null;
  readonly receivedLocked: Txid | null;
  /** this end's last ones: the other may have missed them */
  readonly sentSignatures: TxSignatures | null;
}

/** Of a channel that was never spliced. */
export const NO_SPLICES: Splices = {
  attempt: null,
  pending: [],
  keyCount: 1,
  sentLocked: null,
  receivedLocked: null,
  sentSignatures: null,
};

export interface SpliceAttempt {
  readonly role: 'initiator' | 'other';
  readonly isRbf: boolean;
  readonly feeratePerKw: number;
  readonly lockTime: number;
  /** of both ends' funding keys on the new output */
  readonly keyIndex: number;
  readonly localSat: number;
  /** null until the other end answered */
  readonly remoteSat: number | null;
  /** set once the transaction is complete, and this end's `commitment_signed` for it is out */
  readonly built: BuiltSplice | null;
  readonly receivedCommitment: boolean;
}

export interface BuiltSplice {
  readonly shared: SharedTransaction;
  readonly unsigned: Transaction;
  /** which input spends the funding output that is in force */
  readonly input: number;
  readonly candidate: SpliceCandidate;
}

export interface PendingSplice {
  readonly candidate: SpliceCandidate;
  /** signed by both */
  readonly transaction: Transaction;
  readonly feeSat: number;
}

/** The splices that may yet be mined: signed by both, or by this end, which can't know whether the other has finished. */
export function candidatesOf({ attempt, pending, sentSignatures }: Splices): readonly SpliceCandidate[] {
  const finished = pending.map(({ candidate }) => candidate);
  const open = attempt?.built?.candidate;
  return open && sentSignatures?.txid === open.funding.txid ? [...finished, open] : finished;
}

/** What of the channel and its node a splice depends on at the moment of an event. */
export interface SpliceContext {
  readonly ledger: ChannelLedger<unknown>;
  readonly quiescence: Quiescence;
  /** `channel_ready` was sent and received */
  readonly isReady: boolean;
  /** either end said `shutdown` */
  readonly isShuttingDown: boolean;
  /** `option_zeroconf`: a splice is locked as soon as it is signed, and never replaced */
  readonly zeroConf: boolean;
  readonly hasLowerNodeId: boolean;
  /** the funding output that is in force */
  readonly funding: OutPoint;
  readonly signer: SpliceSigner;
  /** both ends' funding keys of an index */
  readonly fundingKeys: (keyIndex: number) => readonly [Uint8Array, Uint8Array];
  /** the witness of one of this end's own inputs */
  readonly witness: (unsigned: Transaction, input: SharedInput) => readonly Uint8Array[];
  /** what this end puts in when it is asked; null if it wants no splice */
  readonly answer: (init: SpliceInit | TxInitRbf) => { readonly contributionSat: number } | null;
  /** sat per 1000 weight units */
  readonly leastFeeratePerKw: number;
}

/** What an event made of the splices. */
export interface SpliceStep {
  readonly splices: Splices;
  readonly send: readonly SpliceMessage[];
  /** a splice transaction signed by both, to be broadcast; the channel is no longer quiescent */
  readonly broadcast: Transaction | null;
  /** both ends said `splice_locked` for it: it is the channel from now on */
  readonly locked: SpliceCandidate | null;
  /** the try was given up; the channel is no longer quiescent */
  readonly aborted: SpliceAbort | null;
  readonly violation: SpliceViolation | null;
}
