/**
 * The fee of a mutual close, once both ends said `shutdown` and no HTLC is left: negotiated with `closing_signed` and fee
 * ranges, or offered with `closing_complete` by who closes, and raised by it while it waits (BOLT 2, "Legacy Closing
 * Negotiation" and "Closing Negotiation"). The rules are those of `channel/closingNegotiation.ts` and
 * `channel/simpleClose.ts`; here are the wallet, what the fee is to be, and the chain.
 */
import { present } from '../base/assert.ts';
import { mark } from '../base/marks.ts';
import { sat, type Sat } from '../base/units.ts';
import { vsizeOf, type Transaction } from '../chain/transaction.ts';
import { INCREMENTAL_RELAY_FEE_SAT_PER_KVB } from '../chain/policy.ts';
import {
  beginClosing,
  receiveClosingSigned,
  type ClosingChannel,
  type ClosingStep,
  type ClosingWish,
} from '../channel/closingNegotiation.ts';
import { ledgerClosingSigner } from '../channel/closingSigner.ts';
import { closingTransaction, feeOfClosing } from '../channel/closingTransaction.ts';
import type { ChannelMaterial } from '../channel/materialise.ts';
import { LEAST_DUST_LIMIT_SAT } from '../channel/openingRules.ts';
import type { ShutdownFeatures } from '../channel/shutdownScript.ts';
import {
  offerClosing,
  receiveClosingComplete,
  receiveClosingSig,
  type SimpleClose,
  type SimpleCloseStep,
} from '../channel/simpleClose.ts';
import { MIN_FEERATE_PER_KW } from './channelFees.ts';
import type { ClosingBroadcasts } from './closingBroadcasts.ts';
import type { NodeContext } from './context.ts';
import type { ClosingFeeMessage } from './messages.ts';
import { sideOf, type NodeChannel } from './nodeChannel.ts';
import { materialOf } from './nodeSplicing.ts';
import type { Outbox } from './outbox.ts';
import type { Wallet } from './wallet.ts';

/** What the two forms of a mutual close are called in scenarios. */
export type ClosingForm = 'legacy' | 'simple';

/** An opener pays up to that many times the fee that it proposes (lnd, `defaultMaxFeeMultiplier`). */
const MAX_FEE_MULTIPLIER = 3;
/** A closer raises its offer once the estimate is that many times the last: each offer costs a round trip. */
const RAISE_FROM = 1.25;
/** Weight of spending an output of a wallet: outpoint, sequence, empty script and witness. 4 × 41 + 1 + 1 + 72 + 1 + 33 */
const WALLET_INPUT_WEIGHT = 272;

/** What nodes accept as scripts. */
export const SHUTDOWN_FEATURES: ShutdownFeatures = { anySegwit: true, simpleClose: true };

export class MutualClosing {
  readonly #wallet: Wallet;
  readonly #context: NodeContext;
  readonly #broadcasts: ClosingBroadcasts;
  readonly #outbox: Outbox;
  readonly #fail: (channel: NodeChannel, reason: string) => void;
  /** what this end pays for closings that it offered and that no block holds yet */
  readonly #offers = new Map<NodeChannel, Sat>();

  /** @param fail closes a channel by force, naming the reason */
  constructor(
    wallet: Wallet,
    context: NodeContext,
    broadcasts: ClosingBroadcasts,
    outbox: Outbox,
    fail: (channel: NodeChannel, reason: string) => void,
  ) {
    this.#wallet = wallet;
    this.#context = context;
    this.#broadcasts = broadcasts;
    this.#outbox = outbox;
    this.#fail = fail;
  }

  /** The state of the channel allows the negotiation, which is not under way yet. */
  begin(channel: NodeChannel): void {
    if (this.#context.closingForm === 'legacy') this.#beginLegacy(channel);
    else this.#beginSimple(channel);
  }

  receive(channel: NodeChannel, message: ClosingFeeMessage): void {
    const { closing } = channel;
    if (message.type === 'closing_signed' && closing?.kind === 'legacy') {
      return this.#takeLegacy(channel, receiveClosingSigned(closing.negotiation, message));
    }
    if (message.type === 'closing_complete' && closing?.kind === 'simple') {
      return this.#takeSimple(channel, receiveClosingComplete(closing.close, message));
    }
    if (message.type === 'closing_sig' && closing?.kind === 'simple') {
      return this.#takeSimple(channel, receiveClosingSig(closing.close, message));
    }
    this.#fail(channel, 'message-out-of-order');
  }

  /** A block came: what waits is paid more for, if the market asks for it. */
  onBlock(): void {
    for (const [channel, feeSat] of this.#offers) {
      const { closing, end } = channel;
      if (end.phase === 'closed') this.#offers.delete(channel);
      else if (closing?.kind === 'simple' && end.isConnected) this.#raise(channel, closing.close, feeSat);
    }
  }

  // ── Legacy ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #beginLegacy(channel: NodeChannel): void {
    const facts = this.#facts(channel);
    const wish = this.#wish(channel, facts);
    if (wish === null) {
      mark('a mutual close that the opener cannot pay for');
      return this.#fail(channel, 'closing-fee');
    }
    this.#takeLegacy(channel, beginClosing(facts, wish, ledgerClosingSigner(this.#material(channel))));
  }

  /** What this end wants to be paid; null for an opener that can't pay what relays ask, or to whom nothing would be left. */
  #wish(channel: NodeChannel, { isOpener, localMsat }: ClosingChannel): ClosingWish | null {
    const unsigned = this.#unsigned(channel, sat(0));
    const idealSat = feeOfClosing(unsigned, this.#context.feeratePerKw);
    const leastSat = Math.min(idealSat, feeOfClosing(unsigned, MIN_FEERATE_PER_KW));
    const payable = Math.min(idealSat, Math.floor(localMsat / 1000));
    // a channel of dust
    if (isOpener && (payable < leastSat || this.#unsigned(channel, sat(payable)).outputs.length === 0)) return null;
    const maxSat = isOpener ? MAX_FEE_MULTIPLIER * idealSat : Math.max(idealSat, channel.end.terms.capacitySat);
    return { idealSat, range: { minSat: leastSat, maxSat }, usesRange: true };
  }

  #takeLegacy(channel: NodeChannel, { negotiation, send }: ClosingStep): void {
    const { violation, closing } = negotiation;
    if (violation !== null) return this.#fail(channel, violation);
    channel.closing = { kind: 'legacy', negotiation };
    if (send !== null) this.#outbox.send(channel, send);
    if (closing === null) return;
    // who agreed has said so, and broadcasts; the other end hears of it, and waits
    if (send !== null) this.#broadcasts.broadcast(channel, closing, 'mutual-close');
    else this.#broadcasts.await(channel, closing, 'mutual-close');
  }

  // ── Simple ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #beginSimple(channel: NodeChannel): void {
    const { funding, localMsat, remoteMsat, localScript, remoteScript } = this.#facts(channel);
    const close: SimpleClose = {
      funding,
      localMsat,
      remoteMsat,
      localScript,
      remoteScript,
      remoteScriptIsFixed: false,
      uneconomicalSat: sat(Math.ceil((WALLET_INPUT_WEIGHT * this.#context.feeratePerKw) / 1000)),
      features: SHUTDOWN_FEATURES,
      signer: ledgerClosingSigner(this.#material(channel)),
      offered: null,
    };
    channel.closing = { kind: 'simple', close };
    if (channel.isCloser) this.#offer(channel, close, this.#feeNow(channel));
  }

  #feeNow(channel: NodeChannel): Sat {
    return feeOfClosing(this.#unsigned(channel, sat(0)), this.#context.feeratePerKw);
  }

  #offer(channel: NodeChannel, before: SimpleClose, feeSat: Sat): void {
    const offered = offerClosing(before, { feeSat, lockTime: this.#context.height });
    if (typeof offered === 'string') {
      mark('a closer that cannot pay for a mutual close');
      // an offer that was made before stays
      if (!this.#offers.has(channel)) this.#fail(channel, offered);
      return;
    }
    this.#offers.set(channel, feeSat);
    channel.closing = { kind: 'simple', close: offered.close };
    this.#outbox.send(channel, offered.send);
  }

  #raise(channel: NodeChannel, close: SimpleClose, feeSat: Sat): void {
    const now = this.#feeNow(channel);
    const relaySat = (vsizeOf(this.#unsigned(channel, sat(0))) * INCREMENTAL_RELAY_FEE_SAT_PER_KVB) / 1000;
    if (close.offered !== null || now < RAISE_FROM * feeSat || now < feeSat + 2 * relaySat) return;
    mark('a mutual close that pays more while it waits');
    this.#offer(channel, close, now);
  }

  #takeSimple(channel: NodeChannel, step: SimpleCloseStep): void {
    if ('violation' in step) return this.#fail(channel, step.violation);
    channel.closing = { kind: 'simple', close: step.close };
    if (step.send !== null) this.#outbox.send(channel, step.send);
    this.#broadcasts.broadcast(channel, step.transaction, 'mutual-close');
  }

  // ── What both build on ─────────────────────────────────────────────────────────────────────────────────────────

  #material(channel: NodeChannel): ChannelMaterial {
    return materialOf(channel, this.#context);
  }

  #facts(channel: NodeChannel): ClosingChannel {
    const { end, remoteScript } = channel;
    return {
      funding: this.#material(channel).funding,
      isOpener: end.isOpener,
      localMsat: end.toLocalMsat,
      remoteMsat: end.toRemoteMsat,
      localScript: this.#wallet.script,
      remoteScript: present(remoteScript, 'the other’s shutdown script'),
      // what trims nothing from commitments still can't close with an output that no node relays
      localDustLimitSat: sat(end.ledger.localLimits.dustLimitSat || LEAST_DUST_LIMIT_SAT),
    };
  }

  /** The closing transaction as the opener pays for it, unsigned. */
  #unsigned(channel: NodeChannel, feeSat: Sat): Transaction {
    const { localMsat, remoteMsat, localScript, remoteScript } = this.#facts(channel);
    const isNode1 = sideOf(channel.edge) === 0;
    return closingTransaction(
      this.#material(channel),
      {
        balancesMsat: isNode1 ? [localMsat, remoteMsat] : [remoteMsat, localMsat],
        scripts: isNode1 ? [localScript, remoteScript] : [remoteScript, localScript],
      },
      feeSat,
    );
  }
}
