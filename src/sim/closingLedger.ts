/** The accounts of closed channels: what each end had a right to, and what the chain paid it. */
import { present } from '../base/assert.ts';
import type { SpendKind } from '../node/channelMonitor.ts';
import type { TransactionKind } from '../node/context.ts';
import type { ClosureKind } from './config.ts';
import type { ClosingAccount } from './tally.ts';

export class ClosingLedger {
  readonly #accounts = new Map<number, ClosingAccount>();
  readonly #edgeFrom: Int32Array;

  /** @param edgeFrom the node of each edge */
  constructor(edgeFrom: Int32Array) {
    this.#edgeFrom = edgeFrom;
  }

  get accounts(): readonly ClosingAccount[] {
    return [...this.#accounts.values()];
  }

  get size(): number {
    return this.#accounts.size;
  }

  has(channel: number): boolean {
    return this.#accounts.has(channel);
  }

  /** The funding output was spent. @param owedMsat to node1 and node2 by the latest honest state, HTLCs left out */
  open(channel: number, planned: ClosureKind | null, height: number, owedMsat: [number, number]): void {
    this.#accounts.set(channel, {
      channel,
      kind: 'unilateral',
      planned,
      height,
      owedMsat,
      gotSat: [0, 0],
      feesSat: 0,
      transactions: 0,
    });
  }

  /** By what the funding was spent, as one of the monitors saw it. */
  classify(channel: number, kind: SpendKind): void {
    const account = present(this.#accounts.get(channel), 'the account of a closed channel');
    if (kind === 'mutual') account.kind = 'mutual';
    if (kind === 'revoked' || kind === 'own-revoked') account.kind = 'revoked-unpunished';
  }

  /** An HTLC that was in flight when the channel closed ended for one side. */
  htlcResolved(channel: number, inFavourOf: 0 | 1, amountMsat: number): void {
    present(this.#accounts.get(channel), 'the account of a closed channel').owedMsat[inFavourOf] += amountMsat;
  }

  /** A confirmed transaction of a closed channel. @param flows what it pays to (or takes from) wallets, by node */
  transaction(channel: number, kind: TransactionKind, feeSat: number, flows: ReadonlyMap<number, number>): void {
    const account = this.#accounts.get(channel);
    if (!account) return;
    account.transactions++;
    account.feesSat += feeSat;
    if (kind === 'penalty' && account.kind === 'revoked-unpunished') account.kind = 'revoked-punished';
    for (const side of [0, 1] as const) {
      account.gotSat[side] += flows.get(this.#edgeFrom[2 * channel + side]!) ?? 0;
    }
  }
}
