/** The accounts of closed channels: what each end had a right to, and what the chain paid it. */
import { present } from '../base/assert.ts';
import { otherSide, type Side } from '../channel/materialise.ts';
import type { SpendKind } from '../node/channelMonitor.ts';
import type { TransactionKind } from '../node/context.ts';
import type { ClosureKind } from './config.ts';
import type { ClosedKind, ClosingAccount } from './tally.ts';

/** An account that is still written in. */
interface OpenAccount {
  readonly channel: number;
  readonly planned: ClosureKind | null;
  readonly height: number;
  readonly owedMsat: [number, number];
  readonly gotSat: [number, number];
  feesSat: number;
  transactions: number;
  isMutual: boolean;
  /** whose revoked commitment it was; null if it was none */
  cheater: Side | null;
  penalties: number;
}

export class ClosingLedger {
  readonly #accounts = new Map<number, OpenAccount>();
  readonly #edgeFrom: Int32Array;

  /** @param edgeFrom the node of each edge */
  constructor(edgeFrom: Int32Array) {
    this.#edgeFrom = edgeFrom;
  }

  get accounts(): readonly ClosingAccount[] {
    return [...this.#accounts.values()].map((account) => ({ ...account, kind: kindOf(account) }));
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
      planned,
      height,
      owedMsat,
      gotSat: [0, 0],
      feesSat: 0,
      transactions: 0,
      isMutual: false,
      cheater: null,
      penalties: 0,
    });
  }

  /** By what the funding was spent, as the monitor of one side saw it. */
  classify(channel: number, side: Side, kind: SpendKind): void {
    const account = present(this.#accounts.get(channel), 'the account of a closed channel');
    if (kind === 'mutual') account.isMutual = true;
    if (kind === 'own-revoked') account.cheater = side;
    if (kind === 'revoked') account.cheater = otherSide(side);
  }

  /** An HTLC that was in flight when the channel closed ended for one side. */
  htlcResolved(channel: number, inFavourOf: Side, amountMsat: number): void {
    present(this.#accounts.get(channel), 'the account of a closed channel').owedMsat[inFavourOf] += amountMsat;
  }

  /** A confirmed transaction of a closed channel. @param flows what it pays to (or takes from) wallets, by node */
  transaction(channel: number, kind: TransactionKind, feeSat: number, flows: ReadonlyMap<number, number>): void {
    const account = this.#accounts.get(channel);
    if (!account) return;
    account.transactions++;
    account.feesSat += feeSat;
    if (kind === 'penalty') account.penalties++;
    for (const side of [0, 1] as const) {
      account.gotSat[side] += flows.get(this.#edgeFrom[2 * channel + side]!) ?? 0;
    }
  }
}

function kindOf({ isMutual, cheater, penalties, gotSat }: OpenAccount): ClosedKind {
  if (isMutual) return 'mutual';
  if (cheater === null) return 'unilateral';
  return penalties > 0 && gotSat[cheater] <= 0 ? 'revoked-punished' : 'revoked-unpunished';
}
