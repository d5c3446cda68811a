/**
 * Claim (5), watched from the wire: commitment numbers and revocations step by one, and what was signed once under a number
 * is never signed otherwise, whatever was lost or forgotten in between.
 */
import type { ChannelEnd } from '../../src/channel/channelEnd.ts';
import type { CommitmentSpec } from '../../src/channel/commitmentSpec.ts';
import type { Message } from '../../src/node/messages.ts';

export class SignedStates {
  /** by edge: what its node signed for the other end, by commitment number; number 0 was signed when the channel opened */
  readonly #signed = new Map<number, string[]>();
  /** by edge: the last own commitment that its node revoked; -1 for none */
  readonly #revoked = new Map<number, number>();

  /** A message leaves over an edge. @param end of its sender, which has made the step already */
  sent<T>(edge: number, { type }: Message, end: ChannelEnd<T>): void {
    if (type === 'commitment_signed') this.#sign(edge, end.spec('remote'));
    if (type === 'revoke_and_ack') this.#revoke(edge, end.localNumber - 1);
  }

  #sign(edge: number, spec: CommitmentSpec): void {
    const signed = this.#signed.get(edge) ?? ['opening'];
    this.#signed.set(edge, signed);
    const content = contentOf(spec);
    const known = signed[spec.number];
    if (known === undefined && spec.number !== signed.length)
      throw new Error(`edge ${edge} signs commitment ${spec.number} after ${signed.length - 1}`);
    if (known !== undefined && known !== content)
      throw new Error(`edge ${edge} signs commitment ${spec.number} again as ${content}, which was ${known}`);
    signed[spec.number] = content;
  }

  #revoke(edge: number, number: number): void {
    const last = this.#revoked.get(edge) ?? -1;
    if (number !== last && number !== last + 1) throw new Error(`edge ${edge} revokes ${number} after ${last}`);
    this.#revoked.set(edge, number);
  }
}

/** All that a commitment says, as a text: two are the same if their texts are. */
export function contentOf({ number, toLocalMsat, toRemoteMsat, feeratePerKw, htlcs }: CommitmentSpec): string {
  const each = htlcs.map(({ offered, id, amountMsat, cltvExpiry }) => `${offered}.${id}:${amountMsat}@${cltvExpiry}`);
  return [number, toLocalMsat, toRemoteMsat, feeratePerKw, ...each.sort()].join(' ');
}
