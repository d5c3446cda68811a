/** Ways of breaking the code, each an exact edit, and the property that has to turn red. */

export interface Mutant {
  readonly name: string;
  readonly file: string;
  /** occurs once in the file */
  readonly find: string;
  readonly replace: string;
  /** test file with the property */
  readonly property: string;
}

const [MODEL, FEES, LAZY] = ['channel/model', 'channel/feeUpdates', 'channel/lazyEager'];
const [TWO, THREE, TALK, TOWER] = ['node/twoNodes', 'node/threeNodes.test', 'node/threeNodesTalk', 'node/watchtower'];

// prettier-ignore
export const MUTANTS: readonly Mutant[] = [
  // ── A channel's state machine ──────────────────────────────────────────────────────────────────────────────────────
  { name: 'a lost signature is not sent again', property: MODEL, file: 'src/channel/reestablish.ts',
    find: 'commitLost: nextCommitmentNumber === own.remoteNumber,', replace: 'commitLost: false,' },
  { name: 'a lost revocation is not sent again', property: MODEL, file: 'src/channel/reestablish.ts',
    find: 'revokeLost: nextRevocationNumber === own.localNumber - 1,', replace: 'revokeLost: false,' },
  { name: 'a revocation is always sent again before a signature', property: MODEL, file: 'src/channel/reestablish.ts',
    find: 'due.push({ order: orders.revokeOrder,', replace: 'due.push({ order: 0,' },
  { name: 'a disconnection keeps the removal that the other end proposed', property: MODEL, file: 'src/channel/htlcState.ts',
    find: 'return state === S.RcvdRemoveHtlc ? S.SentAddAckRevocation : state;', replace: 'return state;' },
  { name: 'a disconnection keeps the numbers of forgotten HTLCs', property: MODEL, file: 'src/channel/channelEnd.ts',
    find: 'this.#memory.nextOfferedId -= dropped.length;', replace: '' },
  { name: 'a snapshot forgets when the last signature was sent', property: MODEL, file: 'src/channel/channelSnapshot.ts',
    find: 'memory: { ...memory },', replace: 'memory: { ...memory, commitOrder: 0 },' },
  { name: 'the opener keeps no buffer for a rise of fees', property: FEES, file: 'src/channel/allowance.ts',
    find: 'const FEE_BUFFER_HTLCS = 1;', replace: 'const FEE_BUFFER_HTLCS = 0;' },
  { name: 'history keeps the commitment after the one revoked', property: LAZY, file: 'src/channel/channelEnd.ts',
    find: 'this.history.local[before.number] = before;', replace: "this.history.local[before.number] = ledger.spec('local');" },
  // ── Connections and crashes ────────────────────────────────────────────────────────────────────────────────────────
  { name: 'a signature leaves before it is written', property: TALK, file: 'src/channel/channelSnapshot.ts',
    find: "WRITE_BEFORE = ['commitment_signed', 'revoke_and_ack', 'shutdown']", replace: "WRITE_BEFORE = ['revoke_and_ack', 'shutdown']" },
  { name: 'a revocation leaves before it is written', property: TALK, file: 'src/channel/channelSnapshot.ts',
    find: "WRITE_BEFORE = ['commitment_signed', 'revoke_and_ack', 'shutdown']", replace: "WRITE_BEFORE = ['commitment_signed', 'shutdown']" },
  { name: 'an HTLC forgotten by a disconnection is not failed', property: TALK, file: 'src/node/reconnecting.ts',
    find: '    this.giveUp(dropped);\n', replace: '' },
  { name: 'what was to be decided at a crash never is', property: TALK, file: 'src/node/reconnecting.ts',
    find: 'if (this.#restarted.delete(channel)) this.#decideAgain(channel);', replace: '' },
  // ── Claims and the monitor ─────────────────────────────────────────────────────────────────────────────────────────
  { name: 'a penalty leaves HTLC outputs alone', property: TWO, file: 'src/channel/claims.ts',
    find: "if (output.kind !== 'to_local' && output.kind !== 'htlc') continue;", replace: "if (output.kind !== 'to_local') continue;" },
  { name: 'a cheater’s second-stage transactions are not followed', property: TWO, file: 'src/node/channelMonitor.ts',
    find: "if (!isOwn && (kind !== 'revoked' || !this.#node.behaviour.punishes())) return;", replace: 'if (!isOwn) return;' },
  { name: 'the commitment before the next is not known', property: TWO, file: 'src/node/recogniseSpend.ts',
    find: "    ['remote', other, end.spec('remote-before')],\n", replace: '' },
  { name: 'a preimage on the chain is not looked for', property: THREE, file: 'src/node/channelMonitor.ts',
    find: 'this.#report(htlc, preimage ?? null, height);', replace: 'this.#report(htlc, null, height);' },
  { name: 'an HTLC missing from the commitment is forgotten', property: THREE, file: 'src/node/channelMonitor.ts',
    find: '      this.#report(htlc, null, height);\n', replace: '' },
  { name: 'a reorganisation does not bring claims back', property: TWO, file: 'src/node/channelMonitor.ts',
    find: 'if (task) this.#tasks.set(key, task);', replace: '' },
  { name: 'a restart reads no block', property: TWO, file: 'src/node/rescan.ts',
    find: 'height <= context.height; height++', replace: 'height < fromHeight; height++' },
  { name: 'a restart reads the funding’s spend and nothing after it', property: TWO, file: 'src/node/rescan.ts',
    find: 'if (monitor?.awaits(prevout)) node', replace: 'if (monitor === undefined) node' },
  // ── Deadlines and fees ─────────────────────────────────────────────────────────────────────────────────────────────
  { name: 'an HTLC that is not answered never brings the channel on-chain', property: THREE, file: 'src/node/deadlines.ts',
    find: 'TIMEOUT_GRACE_BLOCKS = 2;', replace: 'TIMEOUT_GRACE_BLOCKS = 2000;' },
  { name: 'the preimage of a received HTLC is kept until it expires', property: THREE, file: 'src/node/deadlines.ts',
    find: 'CLAIM_MARGIN_BLOCKS = 10;', replace: 'CLAIM_MARGIN_BLOCKS = -5;' },
  { name: 'a claim never bids more', property: TWO, file: 'src/node/claimSender.ts',
    find: 'if (!isBidDue(bidAt, deadline, height)) return;', replace: 'if (height >= 0) return;' },
  { name: 'a commitment is never paid for', property: TWO, file: 'src/node/commitmentFee.ts',
    find: 'if (spend === null) return false;', replace: 'if (spend !== undefined) return false;' },
  // ── Watchtowers ────────────────────────────────────────────────────────────────────────────────────────────────────
  { name: 'a tower that is outbid waits', property: TOWER, file: 'src/node/watchtower.ts',
    find: 'if (refused === null || refused === WAITS || isGone(refused)) return refused;', replace: 'return refused;' },
  { name: 'a blob is locked with what everybody knows', property: TOWER, file: 'src/node/justiceBlob.ts',
    find: 'chacha20poly1305(sha256(fromHex(txid)), NONCE)', replace: 'chacha20poly1305(sha256(fromHex(hintOf(txid))), NONCE)' },
  { name: 'a tower stays at its first fee rate', property: TOWER, file: 'src/node/watchtower.ts',
    find: 'Math.min(rungs - 1, Math.floor((blocks * rungs) / Math.max(1, toSelfDelay - 1)));', replace: '0 * (rungs + toSelfDelay + blocks);' },
];
