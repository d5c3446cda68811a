/** By what a channel's funding output was spent (BOLT 5, "Commitment Transaction"), as one of its ends sees it. */
import { assert } from '../base/assert.ts';
import { mark } from '../base/marks.ts';
import { txidOf, type Transaction } from '../chain/transaction.ts';
import type { Commitments } from '../channel/spliceCandidate.ts';
import { SEQUENCE_RBF } from '../channel/claims.ts';
import type { CommitmentSpec } from '../channel/commitmentSpec.ts';
import { commitmentNumberOf } from '../channel/commitmentTransaction.ts';
import { obscuringFactor } from '../channel/keys.ts';
import {
  materialiseCommitment,
  otherSide,
  type ChannelMaterial,
  type Side,
  type SignedCommitment,
} from '../channel/materialise.ts';

export type SpendKind =
  /** a closing transaction that both agreed on */
  | 'mutual'
  /** this end's latest commitment */
  | 'local'
  /** one of the other end's: the latest that was signed for it, or the one before that it has not revoked yet */
  | 'remote'
  /** one of the other end's that this end, having lost its memory, knows nothing of */
  | 'remote-unknown'
  /** one that the other end had revoked */
  | 'revoked'
  /** one that this end itself had revoked */
  | 'own-revoked';

export interface RecognisedSpend {
  readonly kind: SpendKind;
  /** null for a mutual close, and for one that is not known */
  readonly commitment: SignedCommitment | null;
}

/**
 * Which transaction it is: found by its commitment number, proved by its id.
 * @param side of the end that looks
 */
export function recogniseSpend(
  material: ChannelMaterial,
  side: Side,
  end: Commitments,
  transaction: Transaction,
): RecognisedSpend {
  const opener = material.points[material.opener];
  const factor = obscuringFactor(opener.payment, material.points[otherSide(material.opener)].payment);
  const number = commitmentNumberOf(transaction, factor);
  const other = otherSide(side);
  const candidates: readonly [SpendKind, Side, CommitmentSpec | undefined][] = [
    ['local', side, end.spec('local')],
    ['remote', other, end.spec('remote')],
    ['remote', other, end.spec('remote-before')],
    ['revoked', other, end.history?.remote[number]],
    ['own-revoked', side, end.history?.local[number]],
  ];
  const txid = txidOf(transaction);
  for (const [kind, owner, spec] of candidates) {
    if (spec?.number !== number) continue;
    const commitment = materialiseCommitment(material, owner, spec);
    if (txidOf(commitment.transaction) !== txid) continue;
    if (kind === 'remote' && number > end.spec('remote-before').number)
      mark('the other end’s next commitment on-chain');
    if (kind === 'remote' && number < end.spec('remote').number)
      mark('the other end’s commitment before the next on-chain');
    return { kind, commitment };
  }
  // final by `closing_signed`, replaceable by `closing_complete`; a commitment's sequence begins with 0x80
  const sequence = transaction.inputs[0]?.sequence;
  const isClosing = sequence === 0xffffffff || sequence === SEQUENCE_RBF;
  if (end.fellBehind && !isClosing) {
    mark('a commitment that was forgotten on-chain');
    return { kind: 'remote-unknown', commitment: null };
  }
  assert(isClosing, 'a spend of the funding is a known commitment or a mutual close');
  return { kind: 'mutual', commitment: null };
}
