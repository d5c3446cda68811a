/**
 * What a chain says in numbers: how full its blocks are, what its block space cost, which channel transactions it holds
 * and how long they waited.
 */
import type { Blockchain, ConnectedBlock } from '../chain/blockchain.ts';
import { blockWeight } from '../chain/block.ts';
import { type Transaction, type Txid, txidOf, weightOf } from '../chain/transaction.ts';
import { MAX_BLOCK_WEIGHT } from '../chain/validate.ts';
import { quantiles, type Quantiles } from '../graph/quantiles.ts';
import type { ListedTransaction } from './chainListing.ts';
import { recogniseKinds } from './transactionKinds.ts';
import { type Wait, waitOf, type WaitSource } from './transactionWaits.ts';

/** Sat per virtual byte, by share of block space: 10 % of the weight paid at most `p10`, as in `getblockstats`. */
export interface FeeRates {
  readonly least: number;
  readonly p10: number;
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
  readonly p90: number;
  readonly most: number;
}

export interface WaitReport {
  /** transactions whose wait is known, by what it is known from */
  readonly known: Readonly<Partial<Record<WaitSource, number>>>;
  /** 1 is the first block that could hold it */
  readonly blocks: Quantiles;
  readonly seconds: Quantiles;
}

export interface KindReport {
  readonly kind: string;
  readonly count: number;
  readonly weight: number;
  readonly feesSat: number;
  readonly feeRates: FeeRates;
  /** null where no wait is known */
  readonly waits: WaitReport | null;
}

export interface BlockReport {
  readonly height: number;
  /** Unix seconds */
  readonly timeSeconds: number;
  /** weight units, header and coinbase included */
  readonly weight: number;
  /** besides the coinbase */
  readonly transactions: number;
  readonly feesSat: number;
  /** null for a block with nothing but its coinbase */
  readonly feeRates: FeeRates | null;
}

export interface ChainReport {
  readonly tip: string;
  /** the first one not counted, for every chain has it */
  readonly blocks: number;
  readonly emptyBlocks: number;
  /** of the first block and of the tip, Unix seconds */
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** the latest time of any block: what an importing node's clock may not be two hours behind */
  readonly latestSeconds: number;
  /** coinbases not counted, here and in all that follows */
  readonly transactions: number;
  readonly weight: number;
  readonly feesSat: number;
  readonly issuedSat: number;
  readonly unspentOutputs: number;
  /** weight of a block as a share of the most a block may weigh; null for a chain of one block */
  readonly fill: Quantiles | null;
  readonly feeRates: { readonly all: FeeRates | null; readonly channels: FeeRates | null };
  /** where the kinds come from: the run's own listing, or what the scripts show */
  readonly kindsFrom: 'listing' | 'scripts';
  /** channel transactions first, in the order of a channel's life */
  readonly kinds: readonly KindReport[];
  readonly perBlock: readonly BlockReport[];
}

/** One transaction of a chain, with all that the report and the picture say of it. */
export interface ChainTransaction {
  readonly height: number;
  /** of its block, after the chain's first */
  readonly sinceStartSeconds: number;
  readonly kind: string;
  /** of a channel's life: by its kind, or because the listing names its channel */
  readonly isChannel: boolean;
  readonly weight: number;
  readonly feeSat: number;
  readonly satPerVbyte: number;
  readonly wait: Wait | null;
}

/** The kinds of a channel's life, in its order. */
export const CHANNEL_KINDS: readonly string[] = [
  'funding',
  'mutual-close',
  'commitment',
  'revoked-commitment',
  'anchor',
  'htlc-timeout',
  'htlc-success',
  'htlc-claim',
  'sweep',
  'penalty',
];

/** @param listing of the same run, where there is one: its kinds and waits count */
export function chainReport(
  chain: Blockchain,
  listing: ReadonlyMap<Txid, ListedTransaction> | null = null,
): { report: ChainReport; transactions: readonly ChainTransaction[] } {
  const kinds = recogniseKinds(chain);
  const transactions: ChainTransaction[] = [];
  const perBlock: BlockReport[] = [];
  const startSeconds = chain.blockAt(0).block.header.timeSeconds;
  let latestSeconds = startSeconds;
  for (let height = 0; height <= chain.height; height++) {
    const connected = chain.blockAt(height);
    const { timeSeconds } = connected.block.header;
    latestSeconds = Math.max(latestSeconds, timeSeconds);
    if (height === 0) continue;
    const before = transactions.length;
    for (const [index, tx] of connected.block.transactions.entries()) {
      if (index === 0) continue;
      const listed = listing?.get(txidOf(tx));
      const kind = listed?.kind ?? kinds.get(txidOf(tx)) ?? 'other';
      const weight = weightOf(tx);
      const feeSat = feeOf(tx, connected, index);
      const wait = waitOf(chain, connected, index, kind, listed);
      transactions.push({
        height,
        sinceStartSeconds: timeSeconds - startSeconds,
        kind,
        isChannel: CHANNEL_KINDS.includes(kind) || typeof listed?.channel === 'string',
        weight,
        feeSat,
        satPerVbyte: (4 * feeSat) / weight,
        wait,
      });
    }
    const own = transactions.slice(before);
    perBlock.push({
      height,
      timeSeconds,
      weight: blockWeight(connected.block),
      transactions: own.length,
      feesSat: connected.feesSat,
      feeRates: feeRates(own),
    });
  }
  const report: ChainReport = {
    tip: chain.tipHash,
    blocks: chain.height,
    emptyBlocks: perBlock.filter((block) => block.transactions === 0).length,
    startSeconds,
    endSeconds: chain.tipTimeSeconds,
    latestSeconds,
    transactions: transactions.length,
    weight: sum(transactions, ({ weight }) => weight),
    feesSat: sum(transactions, ({ feeSat }) => feeSat),
    issuedSat: chain.issuedSat,
    unspentOutputs: chain.utxos.size,
    fill: quantiles(Float64Array.from(perBlock, ({ weight }) => weight / MAX_BLOCK_WEIGHT)),
    feeRates: {
      all: feeRates(transactions),
      channels: feeRates(transactions.filter(({ isChannel }) => isChannel)),
    },
    kindsFrom: listing === null ? 'scripts' : 'listing',
    kinds: kindReports(transactions),
    perBlock,
  };
  return { report, transactions };
}

function feeOf(tx: Transaction, { spent }: ConnectedBlock, index: number): number {
  return sum(spent[index]!, ({ coin }) => coin.valueSat) - sum(tx.outputs, ({ valueSat }) => valueSat);
}

/**
 * Fee rates by share of weight: at each share the rate of the transaction in which, cheapest first, that part of all
 * weight is reached (Bitcoin Core `CalculatePercentilesByWeight`). Null for no transactions.
 */
export function feeRates(transactions: readonly Pick<ChainTransaction, 'satPerVbyte' | 'weight'>[]): FeeRates | null {
  if (transactions.length === 0) return null;
  const sorted = transactions.toSorted((a, b) => a.satPerVbyte - b.satPerVbyte);
  const total = sum(sorted, ({ weight }) => weight);
  let index = 0;
  let passed = sorted[0]!.weight;
  const rateAt = (percent: number): number => {
    while (100 * passed < percent * total && index < sorted.length - 1) passed += sorted[++index]!.weight;
    return sorted[index]!.satPerVbyte;
  };
  return {
    least: sorted[0]!.satPerVbyte,
    p10: rateAt(10),
    p25: rateAt(25),
    p50: rateAt(50),
    p75: rateAt(75),
    p90: rateAt(90),
    most: sorted.at(-1)!.satPerVbyte,
  };
}

function kindReports(transactions: readonly ChainTransaction[]): KindReport[] {
  const byKind = new Map<string, ChainTransaction[]>();
  for (const transaction of transactions) {
    const own = byKind.get(transaction.kind);
    if (own) own.push(transaction);
    else byKind.set(transaction.kind, [transaction]);
  }
  // what no channel makes comes last, in the order in which it appeared
  const others = [...byKind.keys()].filter((kind) => !CHANNEL_KINDS.includes(kind));
  return [...CHANNEL_KINDS, ...others].flatMap((kind) => {
    const own = byKind.get(kind);
    const rates = own && feeRates(own);
    if (!own || !rates) return [];
    const [weight, feesSat] = [sum(own, (each) => each.weight), sum(own, (each) => each.feeSat)];
    return [{ kind, count: own.length, weight, feesSat, feeRates: rates, waits: waitReport(own) }];
  });
}

function waitReport(transactions: readonly ChainTransaction[]): WaitReport | null {
  const waits = transactions.flatMap(({ wait }) => (wait === null ? [] : [wait]));
  const blocks = quantiles(Float64Array.from(waits, (wait) => wait.blocks));
  const seconds = quantiles(Float64Array.from(waits, (wait) => wait.seconds));
  if (blocks === null || seconds === null) return null;
  const known: Partial<Record<WaitSource, number>> = {};
  for (const { source } of waits) known[source] = (known[source] ?? 0) + 1;
  return { known, blocks, seconds };
}

const sum = <T>(list: readonly T[], of: (item: T) => number): number =>
  list.reduce((total, each) => total + of(each), 0);
