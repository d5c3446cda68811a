/**
 * The mutual close of `option_simple_close` (BOLT 2, "Closing Negotiation: `closing_complete` and `closing_sig`") as one end
 * sees it. Each end, as closer, offers a transaction for which it pays itself; the other, the closee, picks a variant and
 * signs it. Either may do so again with a higher fee or another script, and the new transaction replaces the old one.
 */
import { assert } from '../base/assert.ts';
import { equalBytes } from '../base/bytes.ts';
import { msatToSat, type Msat, type Sat } from '../base/units.ts';
import { dustLimitSat } from '../chain/script.ts';
import type { OutPoint, Transaction, TxOutput } from '../chain/transaction.ts';
import { balanceOutput, simpleClosingTransaction } from './closingTransaction.ts';
import type { ClosingSigner } from './closingSigner.ts';
import { isDataScript, isShutdownScript, type ShutdownFeatures } from './shutdownScript.ts';

/** Which outputs a closing transaction has. */
export const CLOSING_VARIANTS = ['closer_output_only', 'closee_output_only', 'closer_and_closee_outputs'] as const;
export type ClosingVariant = (typeof CLOSING_VARIANTS)[number];

/** Signatures by variant: DER with their hash type. */
export type ClosingSignatures = Readonly<Partial<Record<ClosingVariant, Uint8Array>>>;

interface ClosingDetails {
  readonly closerScript: Uint8Array;
  readonly closeeScript: Uint8Array;
  /** paid by the closer */
  readonly feeSat: Sat;
  readonly lockTime: number;
  readonly signatures: ClosingSignatures;
}

/** `closing_complete`. */
export interface ClosingComplete extends ClosingDetails {
  readonly type: 'closing_complete';
}

/** `closing_sig`: with one signature. */
export interface ClosingSig extends ClosingDetails {
  readonly type: 'closing_sig';
}

/** One end of a simple close. */
export interface SimpleClose {
  readonly funding: OutPoint;
  /** final balances, no HTLC being left */
  readonly localMsat: Msat;
  readonly remoteMsat: Msat;
  /** what each end last asked for, in `shutdown` or in a `closing_complete` of its own */
  readonly localScript: Uint8Array;
  readonly remoteScript: Uint8Array;
  /** whether the other end committed to its script when the channel was opened */
  readonly remoteScriptIsFixed: boolean;
  /** an output of this end's that is worth less is not worth having, in sat; it is dust below its script's own limit */
  readonly uneconomicalSat: Sat;
  readonly features: ShutdownFeatures;
  readonly signer: ClosingSigner;
  /** the offer that waits for its `closing_sig` */
  readonly offered: ClosingComplete | null;
}

/** Why this end may not offer such a closing now. */
export type ClosingOfferRefusal = 'offer-outstanding' | 'fee-over-balance' | 'outputs-below-dust' | 'invalid-script';

/** A message that breaks the negotiation: the receiver warns and closes the connection, or fails the channel. */
export type SimpleCloseViolation =
  | 'fee-over-balance'
  | 'closee-script-outdated'
  | 'invalid-closer-script'
  | 'closer-script-fixed'
  | 'signature-missing'
  | 'invalid-signature'
  | 'nothing-offered'
  | 'not-what-was-offered'
  | 'not-one-signature'
  | 'variant-not-offered';

/** What this end offers as closer. */
export interface ClosingOffer {
  readonly feeSat: Sat;
  readonly lockTime: number;
  /** a new script of its own; the one it last asked for by default */
  readonly script?: Uint8Array;
}

/** This end offers a closing for which it pays. */
export function offerClosing(
  close: SimpleClose,
  offer: ClosingOffer,
): { readonly close: SimpleClose; readonly send: ClosingComplete } | ClosingOfferRefusal {
  const { localMsat, remoteMsat, remoteScript } = close;
  if (close.offered !== null) return 'offer-outstanding';
  const closerScript = offer.script ?? close.localScript;
  if (!isShutdownScript(closerScript, close.features)) return 'invalid-script';
  const { feeSat, lockTime } = offer;
  if (feeSat > msatToSat(localMsat)) return 'fee-over-balance';
  const details = { closerScript, closeeScript: remoteScript, feeSat, lockTime };
  const [own, others] = outputsOf(details, localMsat, remoteMsat);
  const variants = offeredVariants(own, others, localMsat < remoteMsat, close.uneconomicalSat);
  if (variants === null) return 'outputs-below-dust';
  const signatures: Partial<Record<ClosingVariant, Uint8Array>> = {};
  for (const variant of variants) {
    signatures[variant] = close.signer.sign(transactionOf(close, details, variant, 'closer'));
  }
  const send: ClosingComplete = { type: 'closing_complete', ...details, signatures };
  return { close: { ...close, localScript: closerScript, offered: send }, send };
}

/** What a message made of a simple close. */
export type SimpleCloseStep =
  /** `transaction` is signed by both, to be broadcast */
  | { readonly close: SimpleClose; readonly transaction: Transaction; readonly send: ClosingSig | null }
  | { readonly close: SimpleClose; readonly violation: SimpleCloseViolation };

/** `closing_complete` arrives: this end is the closee, and signs the variant that suits it. */
export function receiveClosingComplete(close: SimpleClose, message: ClosingComplete): SimpleCloseStep {
  const fail = (violation: SimpleCloseViolation): SimpleCloseStep => ({ close, violation });
  const { localMsat, remoteMsat, signer, features } = close;
  const { closerScript, closeeScript, feeSat, signatures } = message;
  if (feeSat > msatToSat(remoteMsat)) return fail('fee-over-balance');
  if (!equalBytes(closeeScript, close.localScript)) return fail('closee-script-outdated');
  if (!isShutdownScript(closerScript, features)) return fail('invalid-closer-script');
  if (close.remoteScriptIsFixed && !equalBytes(closerScript, close.remoteScript)) return fail('closer-script-fixed');
  const [, own] = outputsOf(message, remoteMsat, localMsat);
  const unwanted = isDust(own) || (own.valueSat < close.uneconomicalSat && !isDataScript(closeeScript));
  const both = signatures.closer_and_closee_outputs;
  const variant = unwanted
    ? 'closer_output_only'
    : both === undefined
      ? 'closee_output_only'
      : 'closer_and_closee_outputs';
  const theirs = signatures[variant];
  if (theirs === undefined) return fail('signature-missing');
  const unsigned = transactionOf(close, message, variant, 'closee');
  if (!signer.verify(unsigned, theirs)) return fail('invalid-signature');
  return {
    close: { ...close, remoteScript: closerScript },
    transaction: signer.complete(unsigned, theirs),
    send: { ...message, type: 'closing_sig', signatures: { [variant]: signer.sign(unsigned) } },
  };
}

/** `closing_sig` answers this end's offer. */
export function receiveClosingSig(close: SimpleClose, message: ClosingSig): SimpleCloseStep {
  const fail = (violation: SimpleCloseViolation): SimpleCloseStep => ({ close, violation });
  const { offered, signer } = close;
  if (offered === null) return fail('nothing-offered');
  const isSame =
    equalBytes(message.closerScript, offered.closerScript) &&
    equalBytes(message.closeeScript, offered.closeeScript) &&
    message.feeSat === offered.feeSat &&
    message.lockTime === offered.lockTime;
  if (!isSame) return fail('not-what-was-offered');
  const given = CLOSING_VARIANTS.filter((each) => message.signatures[each] !== undefined);
  const [variant] = given;
  if (variant === undefined || given.length > 1) return fail('not-one-signature');
  if (offered.signatures[variant] === undefined) return fail('variant-not-offered');
  const theirs = message.signatures[variant];
  assert(theirs !== undefined, 'the one variant that was given has a signature');
  const unsigned = transactionOf(close, offered, variant, 'closer');
  if (!signer.verify(unsigned, theirs)) return fail('invalid-signature');
  return { close: { ...close, offered: null }, transaction: signer.complete(unsigned, theirs), send: null };
}

/** After a reconnection offers are forgotten, and both ends repeat their latest script in `shutdown`. */
export const reconnectClosing = (close: SimpleClose, remoteScript: Uint8Array): SimpleClose => ({
  ...close,
  offered: null,
  remoteScript,
});

/** The closer's output and the closee's. */
const outputsOf = (
  { closerScript, closeeScript, feeSat }: Pick<ClosingDetails, 'closerScript' | 'closeeScript' | 'feeSat'>,
  closerMsat: Msat,
  closeeMsat: Msat,
): [TxOutput, TxOutput] => [
  balanceOutput(closerMsat, feeSat, closerScript),
  balanceOutput(closeeMsat, 0, closeeScript),
];

/** What a closer signs; null where nothing of it could be relayed. @param isLesser it has less than the closee */
function offeredVariants(
  own: TxOutput,
  others: TxOutput,
  isLesser: boolean,
  uneconomicalSat: Sat,
): readonly ClosingVariant[] | null {
  if (isLesser) {
    if (isDust(own)) return isDust(others) ? null : ['closee_output_only'];
    const isUnwanted = own.valueSat < uneconomicalSat && !isDataScript(own.script);
    return isUnwanted ? ['closee_output_only', 'closer_and_closee_outputs'] : ['closer_and_closee_outputs'];
  }
  // the one with more cannot leave its own output out: it pays less, or asks for data instead of money
  if (isDust(own)) return null;
  return isDust(others) ? ['closer_output_only'] : ['closer_output_only', 'closer_and_closee_outputs'];
}

const isDust = ({ valueSat, script }: TxOutput): boolean => valueSat < dustLimitSat(script);

function transactionOf(
  { funding, localMsat, remoteMsat }: SimpleClose,
  details: Pick<ClosingDetails, 'closerScript' | 'closeeScript' | 'feeSat' | 'lockTime'>,
  variant: ClosingVariant,
  role: 'closer' | 'closee',
): Transaction {
  const [closerMsat, closeeMsat] = role === 'closer' ? [localMsat, remoteMsat] : [remoteMsat, localMsat];
  const [closer, closee] = outputsOf(details, closerMsat, closeeMsat);
  const outputs: Record<ClosingVariant, readonly TxOutput[]> = {
    closer_output_only: [closer],
    closee_output_only: [closee],
    closer_and_closee_outputs: [closer, closee],
  };
  return simpleClosingTransaction(funding, outputs[variant], details.lockTime);
}
