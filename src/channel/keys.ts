/**
 * The keys of a channel (BOLT 3, "Keys"): basepoint secrets of each end, and the keys of one commitment derived from them.
 */
import { concatBytes } from '../base/bytes.ts';
import { derivePublicKey, deriveRevocationPublicKey, namedSecret } from '../crypto/keyDerivation.ts';
import { sha256 } from '../crypto/hashes.ts';
import { perCommitmentSecret, secretIndex } from '../crypto/perCommitmentSecrets.ts';
import { secp256k1 } from '../crypto/secp256k1.ts';

/** What one end keeps to itself. */
export interface ChannelSecrets {
  readonly funding: Uint8Array;
  readonly revocationBasepoint: Uint8Array;
  readonly payment: Uint8Array;
  readonly delayedPayment: Uint8Array;
  readonly htlc: Uint8Array;
  readonly perCommitmentSeed: Uint8Array;
}

/** What it tells the other end (`open_channel`, `accept_channel`). */
export interface ChannelPoints {
  readonly funding: Uint8Array;
  readonly revocationBasepoint: Uint8Array;
  readonly payment: Uint8Array;
  readonly delayedPayment: Uint8Array;
  readonly htlc: Uint8Array;
}

/** The keys in one commitment; `local` is its owner. */
export interface CommitmentKeys {
  readonly localFunding: Uint8Array;
  readonly remoteFunding: Uint8Array;
  readonly localDelayed: Uint8Array;
  readonly localHtlc: Uint8Array;
  readonly remoteHtlc: Uint8Array;
  /** static: the other end's payment basepoint itself (`option_static_remotekey`) */
  readonly remotePayment: Uint8Array;
  readonly revocation: Uint8Array;
  /** masks the commitment number: 48 bits from the *opener's* payment basepoint first */
  readonly obscuringFactor: number;
}

/**
 * The secrets of one end, from the run's master secret; each is derived when it is first asked for.
 * @param end unique in the run, `12.1` say
 */
export function channelSecrets(master: Uint8Array, end: string): ChannelSecrets {
  const known = new Map<string, Uint8Array>();
  const secret = (purpose: string): Uint8Array => {
    let value = known.get(purpose);
    if (!value) known.set(purpose, (value = namedSecret(master, `channel ${end} ${purpose}`)));
    return value;
  };
  return {
    get funding() {
      return secret('funding');
    },
    get revocationBasepoint() {
      return secret('revocation basepoint');
    },
    get payment() {
      return secret('payment');
    },
    get delayedPayment() {
      return secret('delayed payment');
    },
    get htlc() {
      return secret('htlc');
    },
    get perCommitmentSeed() {
      return secret('per-commitment seed');
    },
  };
}

/** The public side of an end's secrets; each point is computed when it is first asked for. */
export function channelPoints(secrets: ChannelSecrets): ChannelPoints {
  const known = new Map<keyof ChannelPoints, Uint8Array>();
  const point = (name: keyof ChannelPoints): Uint8Array => {
    let value = known.get(name);
    if (!value) known.set(name, (value = secp256k1().publicKey(secrets[name])));
    return value;
  };
  return {
    get funding() {
      return point('funding');
    },
    get revocationBasepoint() {
      return point('revocationBasepoint');
    },
    get payment() {
      return point('payment');
    },
    get delayedPayment() {
      return point('delayedPayment');
    },
    get htlc() {
      return point('htlc');
    },
  };
}

/** The secret that revokes commitment `number` of the end that owns `secrets`. */
export const revocationSecretOf = (secrets: ChannelSecrets, number: number): Uint8Array =>
  perCommitmentSecret(secrets.perCommitmentSeed, secretIndex(number));

/** The point of commitment `number`. */
export const perCommitmentPoint = (secrets: ChannelSecrets, number: number): Uint8Array =>
  secp256k1().publicKey(revocationSecretOf(secrets, number));

/**
 * The keys in the commitment of `owner` at a point.
 * @param point the owner's per-commitment point of that commitment
 * @param ownerIsOpener decides whose payment basepoint comes first in the obscuring factor
 */
export function commitmentKeys(
  owner: ChannelPoints,
  other: ChannelPoints,
  point: Uint8Array,
  ownerIsOpener: boolean,
): CommitmentKeys {
  return {
    localFunding: owner.funding,
    remoteFunding: other.funding,
    localDelayed: derivePublicKey(owner.delayedPayment, point),
    localHtlc: derivePublicKey(owner.htlc, point),
    remoteHtlc: derivePublicKey(other.htlc, point),
    remotePayment: other.payment,
    revocation: deriveRevocationPublicKey(other.revocationBasepoint, point),
    obscuringFactor: ownerIsOpener
      ? obscuringFactor(owner.payment, other.payment)
      : obscuringFactor(other.payment, owner.payment),
  };
}

/** The lower 48 bits of SHA256(opener's payment basepoint ‖ accepter's) (BOLT 3, "Commitment Transaction"). */
export function obscuringFactor(openerPayment: Uint8Array, accepterPayment: Uint8Array): number {
  const hash = sha256(concatBytes(openerPayment, accepterPayment));
  let factor = 0;
  for (let i = 26; i < 32; i++) factor = factor * 256 + hash[i]!;
  return factor;
}
