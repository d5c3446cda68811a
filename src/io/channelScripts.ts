/**
 * The scripts of BOLT 3 as a stranger to the channel sees them: when an output is spent, its witness shows the script and
 * the way that was taken through it. Nothing is known of an output before.
 */
import { equalBytes } from '../base/bytes.ts';
import { type Instruction, OP, parseScript } from '../chain/script.ts';
import { hash160 } from '../crypto/hashes.ts';

/** Which way a spend of a channel's output took. */
export type ChannelSpend =
  /** the funding output, by both signatures */
  | 'funding'
  /** `to_local` or an HTLC transaction's output, by its owner after the delay */
  | 'delayed'
  /** `to_remote` of a channel with anchors */
  | 'to-remote'
  /** an anchor, by its owner or, later, by anyone */
  | 'anchor'
  /** an HTLC by the commitment's owner, with both signatures */
  | 'htlc-timeout'
  | 'htlc-success'
  /** an HTLC by the other end: with the preimage, or back after its expiry */
  | 'htlc-preimage'
  | 'htlc-expiry'
  /** any output of a revoked commitment, by the revocation key */
  | 'revocation';

/** What a part of a script must be: an opcode, or a push of that kind. */
type Part = number | 'key' | 'hash' | 'number' | 'thirty-two';

const { OP_IF, OP_NOTIF, OP_ELSE, OP_ENDIF, OP_DUP, OP_DROP, OP_SWAP, OP_SIZE, OP_IFDUP, OP_EQUAL, OP_EQUALVERIFY } =
  OP;
const { OP_1, OP_2, OP_16, OP_HASH160, OP_CHECKSIG, OP_CHECKSIGVERIFY, OP_CHECKMULTISIG } = OP;
const { OP_CHECKLOCKTIMEVERIFY, OP_CHECKSEQUENCEVERIFY } = OP;

// BOLT 3, "Funding Transaction Output" and "Commitment Transaction Outputs"
// prettier-ignore
const FUNDING: readonly Part[] = [
  OP_2, 'key', 'key', OP_2, OP_CHECKMULTISIG,
];
// prettier-ignore
const TO_LOCAL: readonly Part[] = [
  OP_IF,
    'key',
  OP_ELSE,
    'number', OP_CHECKSEQUENCEVERIFY, OP_DROP,
    'key',
  OP_ENDIF,
  OP_CHECKSIG,
];
// prettier-ignore
const TO_REMOTE: readonly Part[] = [
  'key', OP_CHECKSIGVERIFY, OP_1, OP_CHECKSEQUENCEVERIFY,
];
// prettier-ignore
const ANCHOR: readonly Part[] = [
  'key', OP_CHECKSIG, OP_IFDUP,
  OP_NOTIF,
    OP_16, OP_CHECKSEQUENCEVERIFY,
  OP_ENDIF,
];
// prettier-ignore
const offeredHtlc = (tail: readonly Part[]): readonly Part[] => [
  OP_DUP, OP_HASH160, 'hash', OP_EQUAL,
  OP_IF,
    OP_CHECKSIG,
  OP_ELSE,
    'key', OP_SWAP, OP_SIZE, 'thirty-two', OP_EQUAL,
    OP_NOTIF,
      OP_DROP, OP_2, OP_SWAP, 'key', OP_2, OP_CHECKMULTISIG,
    OP_ELSE,
      OP_HASH160, 'hash', OP_EQUALVERIFY,
      OP_CHECKSIG,
    OP_ENDIF,
    ...tail,
  OP_ENDIF,
];
// prettier-ignore
const receivedHtlc = (tail: readonly Part[]): readonly Part[] => [
  OP_DUP, OP_HASH160, 'hash', OP_EQUAL,
  OP_IF,
    OP_CHECKSIG,
  OP_ELSE,
    'key', OP_SWAP, OP_SIZE, 'thirty-two', OP_EQUAL,
    OP_IF,
      OP_HASH160, 'hash', OP_EQUALVERIFY,
      OP_2, OP_SWAP, 'key', OP_2, OP_CHECKMULTISIG,
    OP_ELSE,
      OP_DROP, 'number', OP_CHECKLOCKTIMEVERIFY, OP_DROP,
      OP_CHECKSIG,
    OP_ENDIF,
    ...tail,
  OP_ENDIF,
];
const ANCHORED_TAIL = [OP_1, OP_CHECKSEQUENCEVERIFY, OP_DROP];
const OFFERED_HTLC = [offeredHtlc([]), offeredHtlc(ANCHORED_TAIL)];
const RECEIVED_HTLC = [receivedHtlc([]), receivedHtlc(ANCHORED_TAIL)];

/**
 * The way a witness took through a channel's script; null if the script is no channel's.
 * @param witness of an input that consensus accepted, its script last
 */
export function channelSpend(witness: readonly Uint8Array[]): ChannelSpend | null {
  const script = witness.at(-1);
  // the shortest is to_remote's 37 bytes, the longest a received HTLC's: 143, and one for an expiry of 4 bytes
  if (script === undefined || script.length < 37 || script.length > 160) return null;
  const parts = parseScript(script);
  if (parts === null) return null;
  if (matches(parts, FUNDING)) return 'funding';
  if (matches(parts, TO_LOCAL)) return isEmpty(witness[1]) ? 'delayed' : 'revocation';
  if (matches(parts, TO_REMOTE)) return 'to-remote';
  if (matches(parts, ANCHOR)) return 'anchor';
  const isOffered = OFFERED_HTLC.some((template) => matches(parts, template));
  if (!isOffered && !RECEIVED_HTLC.some((template) => matches(parts, template))) return null;
  // a signature and a key, a preimage or nothing; or an empty item, two signatures and a preimage or nothing
  if (witness.length === 5) return isOffered ? 'htlc-timeout' : 'htlc-success';
  const shown = witness[1];
  if (shown !== undefined && shown.length === 33 && equalBytes(hash160(shown), parts[2]!.data!)) return 'revocation';
  return isOffered ? 'htlc-preimage' : 'htlc-expiry';
}

const isEmpty = (item: Uint8Array | undefined): boolean => item === undefined || item.length === 0;

const matches = (parts: readonly Instruction[], template: readonly Part[]): boolean =>
  parts.length === template.length && parts.every((part, index) => fits(part, template[index]!));

function fits({ opcode, data }: Instruction, part: Part): boolean {
  switch (part) {
    case 'key':
      return data?.length === 33;
    case 'hash':
      return data?.length === 20;
    case 'number': // a lock: 1 … 16 by opcode, else up to 4 bytes
      return (opcode >= OP_1 && opcode <= OP_16) || (data !== null && data.length >= 1 && data.length <= 4);
    case 'thirty-two':
      return data?.length === 1 && data[0] === 32;
    default:
      return opcode === part;
  }
}
