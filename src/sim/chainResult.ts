/** What the chain of a run went through: who mined it, what reorganisations took off, what its space cost. */
import type { BlockSpace } from '../chain/feeMarketLedger.ts';
import type { L1, ReorganisationTally } from './l1.ts';
import type { DoubleSpendTally } from './miners.ts';

export interface MinerResult {
  readonly name: string;
  readonly hashPower: number;
  readonly behaviour: string;
  /** blocks since payments began to count */
  readonly found: number;
  /** of which on the chain at the end */
  readonly onChain: number;
}

export interface MarketResult {
  /** every block since payments began to count, the oldest first */
  readonly sold: readonly BlockSpace[];
  /** weight units of background demand at the end */
  readonly waitingWeight: number;
  /** weight units that had to go because too much waited */
  readonly evictedWeight: number;
  /** weight units that bid less than anybody relays */
  readonly refusedWeight: number;
}

export interface ChainResult {
  readonly miners: readonly MinerResult[];
  readonly reorganisations: Readonly<ReorganisationTally>;
  readonly doubleSpends: readonly Readonly<DoubleSpendTally>[];
  /** null where nobody else wanted block space */
  readonly market: MarketResult | null;
}

/** @param since height of the tip when payments began to count */
export function chainResult(l1: L1, since: number): ChainResult {
  const { chain, miners, market, reorganisations } = l1;
  const onChain = miners.plans.map(() => 0);
  for (let height = since + 1; height <= chain.height; height++) {
    const miner = l1.minerOf(height);
    if (miner !== null) onChain[miner]!++;
  }
  return {
    miners: miners.plans.map(({ name, hashPower, behaviour }, index) => ({
      name,
      hashPower,
      behaviour: behaviour.kind,
      found: l1.found[index] ?? 0,
      onChain: onChain[index] ?? 0,
    })),
    reorganisations,
    doubleSpends: miners.doubleSpends,
    market: market && {
      sold: market.ledger.sold.filter(({ height }) => height > since),
      waitingWeight: market.pool.waitingWeight,
      evictedWeight: market.pool.evictedWeight,
      refusedWeight: market.pool.refusedWeight,
    },
  };
}
