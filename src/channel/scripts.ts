/**
 * The witness scripts of BOLT 3, "Commitment Transaction Outputs" and "Funding Transaction Output", each laid out as it
 * executes. Keys are 33 bytes; `local` is the owner of the commitment.
 */
import { compareBytes } from '../base/bytes.ts';
import { ripemd160, hash160 } from '../crypto/hashes.ts';
import { compileScript, OP } from '../chain/script.ts';

/** 2-of-2 over both funding keys in lexicographic order. */
export function fundingScript(a: Uint8Array, b: Uint8Array): Uint8Array {
  const [first, second] = compareBytes(a, b) < 0 ? [a, b] : [b, a];
  return compileScript({ num: 2 }, first, second, { num: 2 }, OP.OP_CHECKMULTISIG);
}

/** `to_local`, and the output of HTLC transactions: the owner after `toSelfDelay` blocks, or whoever revoked it. */
export function toLocalScript(revocationKey: Uint8Array, toSelfDelay: number, localDelayedKey: Uint8Array): Uint8Array {
  // prettier-ignore
  return compileScript(
    OP.OP_IF,
      revocationKey,
    OP.OP_ELSE,
      { num: toSelfDelay }, OP.OP_CHECKSEQUENCEVERIFY, OP.OP_DROP,
      localDelayedKey,
    OP.OP_ENDIF,
    OP.OP_CHECKSIG,
  );
}

/** `to_remote` with anchors: the other end, one block later. */
export const toRemoteAnchoredScript = (remotePaymentKey: Uint8Array): Uint8Array =>
  compileScript(remotePaymentKey, OP.OP_CHECKSIGVERIFY, { num: 1 }, OP.OP_CHECKSEQUENCEVERIFY);

/** An anchor: its owner at once, anyone after 16 blocks. */
export function anchorScript(fundingKey: Uint8Array): Uint8Array {
  // prettier-ignore
  return compileScript(
    fundingKey, OP.OP_CHECKSIG, OP.OP_IFDUP,
    OP.OP_NOTIF,
      { num: 16 }, OP.OP_CHECKSEQUENCEVERIFY,
    OP.OP_ENDIF,
  );
}

interface HtlcScriptKeys {
  readonly revocation: Uint8Array;
  readonly localHtlc: Uint8Array;
  readonly remoteHtlc: Uint8Array;
}

const csvTail = (anchors: boolean): (number | { num: number })[] =>
  anchors ? [{ num: 1 }, OP.OP_CHECKSEQUENCEVERIFY, OP.OP_DROP] : [];

/** "Offered HTLC Outputs": back to the owner by HTLC-timeout, or to the other end with the preimage. */
export function offeredHtlcScript(keys: HtlcScriptKeys, paymentHash: Uint8Array, anchors: boolean): Uint8Array {
  // prettier-ignore
  return compileScript(
    OP.OP_DUP, OP.OP_HASH160, hash160(keys.revocation), OP.OP_EQUAL,
    OP.OP_IF,
      OP.OP_CHECKSIG,
    OP.OP_ELSE,
      keys.remoteHtlc, OP.OP_SWAP, OP.OP_SIZE, { num: 32 }, OP.OP_EQUAL,
      OP.OP_NOTIF,
        OP.OP_DROP, { num: 2 }, OP.OP_SWAP, keys.localHtlc, { num: 2 }, OP.OP_CHECKMULTISIG,
      OP.OP_ELSE,
        OP.OP_HASH160, ripemd160(paymentHash), OP.OP_EQUALVERIFY,
        OP.OP_CHECKSIG,
      OP.OP_ENDIF,
      ...csvTail(anchors),
    OP.OP_ENDIF,
  );
}

/** "Received HTLC Outputs": to the owner with the preimage by HTLC-success, or back to the other end after expiry. */
export function receivedHtlcScript(
  keys: HtlcScriptKeys,
  paymentHash: Uint8Array,
  cltvExpiry: number,
  anchors: boolean,
): Uint8Array {
  // prettier-ignore
  return compileScript(
    OP.OP_DUP, OP.OP_HASH160, hash160(keys.revocation), OP.OP_EQUAL,
    OP.OP_IF,
      OP.OP_CHECKSIG,
    OP.OP_ELSE,
      keys.remoteHtlc, OP.OP_SWAP, OP.OP_SIZE, { num: 32 }, OP.OP_EQUAL,
      OP.OP_IF,
        OP.OP_HASH160, ripemd160(paymentHash), OP.OP_EQUALVERIFY,
        { num: 2 }, OP.OP_SWAP, keys.localHtlc, { num: 2 }, OP.OP_CHECKMULTISIG,
      OP.OP_ELSE,
        OP.OP_DROP, { num: cltvExpiry }, OP.OP_CHECKLOCKTIMEVERIFY, OP.OP_DROP,
        OP.OP_CHECKSIG,
      OP.OP_ENDIF,
      ...csvTail(anchors),
    OP.OP_ENDIF,
  );
}
