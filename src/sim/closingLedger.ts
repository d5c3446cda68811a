/** The accounts of closed channels: what each end had a right to, and what the chain paid it. */
import { present } from '../base/assert.ts';
import { otherSide, type Side } from '../channel/materialise.ts';
import type { SpendKind } from '../node/recogniseSpend.ts';
import type { TransactionKind } from '../node/context.ts';
import type { ClosureKind } from './config.ts';
import type { ClosedKind, ClosingAccount } from './tally.ts';

/** An account that is still written in. */
interface OpenAccount {
  readonly channel: number;
  readonly planned: ClosureKind | null;
  readonly height: number;
  readonly owedMsat: readonly [number, number];
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
  /** HTLCs that ended on-chain, in msat for node1 and node2: they stay ended whatever happens to the blocks */
  readonly #htlcs = new Map<number, { readonly known: Set<string>; readonly msat: [number, number] }>();
  readonly #edgeFrom: Int32Array;

  /** @param edgeFrom the node of each edge */
  constructor(edgeFrom: Int32Array) {
    this.#edgeFrom = edgeFrom;
  }

  get accounts(): readonly ClosingAccount[] {
    return [...this.#accounts.values()].map((account) => {
      const [a, b] = this.#htlcs.get(account.channel)?.msat ?? [0, 0];
      const owedMsat = [account.owedMsat[0] + a, account.owedMsat[1] + b] as const;
      return { ...account, owedMsat, kind: kindOf(account) };
    });
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

  /** The block that spent the funding output left the chain. */
  reopen(channel: number): void {
    this.#accounts.delete(channel);
  }

  /** By what the funding was spent, as the monitor of one side saw it. */
  classify(channel: number, side: Side, kind: SpendKind): void {
    const account = present(this.#accounts.get(channel), 'the account of a closed channel');
    if (kind === 'mutual') account.isMutual = true;
    if (kind === 'own-revoked') account.cheater = side;
    if (kind === 'revoked') account.cheater = otherSide(side);
  }

  /** Whether the end of an HTLC is told for the first time: after a reorganisation it may be told again. */
  isNews(edge: number, htlcId: number): boolean {
    const { known } = this.#htlcsOf(edge >> 1);
    const key = `${edge & 1}:${htlcId}`;
    const isNew = !known.has(key);
    known.add(key);
    return isNew;
  }

  /** An HTLC that was in flight when the channel closed ended for one side. */
  htlcResolved(channel: number, inFavourOf: Side, amountMsat: number): void {
    this.#htlcsOf(channel).msat[inFavourOf] += amountMsat;
  }

  #htlcsOf(channel: number): { readonly known: Set<string>; readonly msat: [number, number] } {
    let htlcs = this.#htlcs.get(channel);
    if (!htlcs) this.#htlcs.set(channel, (htlcs = { known: new Set(), msat: [0, 0] }));
    return htlcs;
  }

  /**
   * A confirmed transaction of a closed channel.
   * @param flows what it pays to (or takes from) wallets, by node
   * @returns what takes it out again
   */
  transaction(channel: number, kind: TransactionKind, feeSat: number, flows: ReadonlyMap<number, number>): () => void {
    const account = this.#accounts.get(channel);
    const count = (sign: 1 | -1): void => {
      if (!account) return;
      account.transactions += sign;
      account.feesSat += sign * feeSat;
      if (kind === 'penalty') account.penalties += sign;
      for (const side of [0, 1] as const) {
        account.gotSat[side] += sign * (flows.get(this.#edgeFrom[2 * channel + side]!) ?? 0);
      }
    };
    count(1);
    return () => count(-1);
  }
}

function kindOf({ isMutual, cheater, penalties, gotSat }: OpenAccount): ClosedKind {
  if (isMutual) return 'mutual';
  if (cheater === null) return 'unilateral';
  return penalties > 0 && gotSat[cheater] <= 0 ? 'revoked-punished' : 'revoked-unpunished';
}
