/** Every message that breaks BOLT 2 fails the channel, and the other end hears why, by name. */
import { describe, expect, test } from 'vitest';
import { msat } from '../../src/base/units.ts';
import type { ProtocolViolation } from '../../src/channel/protocolViolation.ts';
import type { CommitmentFormat } from '../../src/channel/limits.ts';
import type { ChannelReestablishMessage, Message } from '../../src/node/messages.ts';
import { Onion } from '../../src/payment/onion.ts';
import { priceRoute } from '../../src/routing/route.ts';
import { CAPACITY_SAT, FINAL_DELTA } from './foundation.ts';
import { Lab } from './harness.ts';

/** A receiver of messages that break the protocol, over a channel whose other end is honest so far. */
class Victim {
  readonly lab: Lab;
  readonly edge: number;

  /** @param node 0, the opener, or 1 */
  constructor(node: 0 | 1, format: CommitmentFormat = 'anchors') {
    this.lab = new Lab({ seed: 1, format });
    this.edge = node;
  }

  receive(...messages: readonly Message[]): this {
    for (const message of messages) this.lab.nodes[this.edge]!.receive(this.edge, message);
    return this;
  }

  /** An HTLC that the other end adds, with the next id. */
  add(amountMsat = 1_000_000, changes: { id?: number; cltvExpiry?: number } = {}): this {
    const id = this.#added++;
    const paymentHash = new Uint8Array(32).fill(id);
    const route = priceRoute(this.lab.graph, [this.edge ^ 1], msat(1_000_000), FINAL_DELTA);
    const onion = Onion.forRoute(route, this.lab.chain.height, { paymentSecret: paymentHash, totalMsat: msat(1) });
    const all = {
      type: 'update_add_htlc',
      id,
      amountMsat: msat(amountMsat),
      paymentHash,
      cltvExpiry: 200,
      onion,
    } as const;
    return this.receive({ ...all, ...changes });
  }
  #added = 0;

  /** An HTLC of the victim's own that is locked in. */
  offered(): this {
    this.lab.pay([this.edge], 5_000_000, 'hold');
    this.lab.deliverSome();
    return this;
  }

  disconnected(): this {
    this.lab.nodes[this.edge]!.disconnected([this.edge]);
    return this;
  }

  /** Why it failed the channel; null if it didn't. */
  get reason(): string | null {
    const error = this.lab.errors.findLast(({ edge }) => edge === this.edge);
    expect(this.lab.channel(this.edge).end.phase === 'closed').toBe(error !== undefined);
    return error?.reason ?? null;
  }
}

const COMMIT: Message = { type: 'commitment_signed' };
const REVOKE: Message = { type: 'revoke_and_ack' };
const SHUTDOWN: Message = { type: 'shutdown', script: Uint8Array.of(0, 20, ...new Uint8Array(20)) };
const fee = (feeratePerKw: number): Message => ({ type: 'update_fee', feeratePerKw });
const reestablish = (changes: Partial<ChannelReestablishMessage>): Message => ({
  type: 'channel_reestablish',
  nextCommitmentNumber: 1,
  nextRevocationNumber: 0,
  yourLastPerCommitmentSecret: 'held',
  nextFunding: null,
  ...changes,
});

/** By its name, what breaks the protocol so. */
// prettier-ignore
const BREAKING: Readonly<Record<ProtocolViolation, () => Victim>> = {
  'add-out-of-order':              () => new Victim(1).add(1000, { id: 5 }),
  'add-after-shutdown':            () => new Victim(1).receive(SHUTDOWN).add(),
  'add-below-minimum':             () => new Victim(1).add(0),
  'add-expiry-not-a-height':       () => new Victim(1).add(1_000_000, { cltvExpiry: 500_000_000 }),
  'add-too-many':                  () => Array.from({ length: 31 }).reduce((victim: Victim) => victim.add(), new Victim(1)),
  'add-over-in-flight-limit':      () => new Victim(1).add(CAPACITY_SAT * 1000 + 1),
  'add-over-balance':              () => new Victim(1).add((CAPACITY_SAT / 2) * 1000),
  'unknown-htlc':                  () => new Victim(1).receive({ type: 'update_fulfill_htlc', id: 7, preimage: new Uint8Array(32) }),
  'wrong-preimage':                () => new Victim(0).offered().receive({ type: 'update_fulfill_htlc', id: 0, preimage: new Uint8Array(32) }),
  'malformed-without-badonion':    () => new Victim(0).offered().receive({ type: 'update_fail_malformed_htlc', id: 0, failureCode: 0x4005 }),
  'fee-from-accepter':             () => new Victim(0).receive(fee(600)),
  'fee-in-zero-fee-format':        () => new Victim(1, 'zero_fee_commitments').receive(fee(600)),
  'fee-after-shutdown':            () => new Victim(1).receive(SHUTDOWN, fee(600)),
  'fee-too-low':                   () => new Victim(1).receive(fee(252)),
  'fee-too-high':                  () => new Victim(1).receive(fee(10 * 500 + 1)),
  'fee-over-balance':              () => drained().receive(fee(5000)),
  'fee-dust-exposure':             () => nearlyDust().receive(fee(5000)),
  'empty-commitment':              () => new Victim(1).receive(COMMIT),
  'unexpected-revocation':         () => new Victim(1).receive(REVOKE),
  'shutdown-twice':                () => new Victim(1).add().receive(COMMIT, SHUTDOWN, SHUTDOWN),
  'shutdown-with-pending-updates': () => new Victim(1).add().receive(SHUTDOWN),
  'message-before-reestablish':    () => new Victim(1).disconnected().add(),
  'unexpected-reestablish':        () => new Victim(1).receive(reestablish({})),
  'reestablish-at-commitment-zero': () => new Victim(1).disconnected().receive(reestablish({ nextCommitmentNumber: 0 })),
  'reestablish-commitment-number': () => new Victim(1).disconnected().receive(reestablish({ nextCommitmentNumber: 9 })),
  'reestablish-secret':            () => new Victim(1).disconnected().receive(reestablish({ yourLastPerCommitmentSecret: new Uint8Array(32).fill(1) })),
};

/** The opener has hardly more than its reserve: it pays for its commitment at 500, and not at ten times that. */
function drained(): Victim {
  const victim = new Victim(1);
  victim.lab.pay([0], (CAPACITY_SAT / 2 - 8000) * 1000, 'settle');
  victim.lab.deliverSome();
  return victim;
}

/** HTLCs that the commitment holds at 500 and not at ten times that: together more than either end may lose as dust. */
function nearlyDust(): Victim {
  const victim = new Victim(1);
  for (let i = 0; i < 3; i++) victim.lab.pay([1], 2_500_000, 'hold');
  victim.lab.deliverSome();
  return victim;
}

describe('a message that breaks the protocol', () => {
  for (const [violation, breaks] of Object.entries(BREAKING)) {
    test(`fails the channel: ${violation}`, () => {
      expect(breaks().reason).toBe(violation);
    });
  }

  test('does not fail it if it keeps to the protocol', () => {
    expect(new Victim(1).add().receive(COMMIT).reason).toBe(null);
    expect(new Victim(1).receive(fee(600), COMMIT).reason).toBe(null);
    expect(new Victim(1).disconnected().receive(reestablish({})).reason).toBe(null);
  });
});
