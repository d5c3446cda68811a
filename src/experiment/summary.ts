/** The summary of a run: what `--json` prints and `summary.json` holds. All of it but `performance` is the run's alone. */
import type { CompiledGraph } from '../graph/compiled.ts';
import { quantiles, type Quantiles } from '../graph/quantiles.ts';
import { toSeconds } from '../base/time.ts';
import { MAX_BLOCK_WEIGHT } from '../chain/validate.ts';
import { refusedOf, type Obstacle } from '../sim/blocking.ts';
import type { ClosedKind, ClosingAccount } from '../sim/tally.ts';
import type { ChainResult } from '../sim/chainResult.ts';
import type { ConfirmedTransaction } from '../sim/l1.ts';
import type { WatchtowerTally } from '../sim/watchtowers.ts';
import type { WarmUpTotals } from '../sim/warmUp.ts';
import type { WorldResult } from '../sim/worldResult.ts';
import type { EnsemblePoint } from './replicas.ts';
import type { RoutingPlan } from './routingPlan.ts';
import type { Measured } from './measures.ts';
import type { Scenario } from './scenario.ts';
import { strategySummaries, type StrategySummary } from './strategySummary.ts';

export interface TransactionTotals {
  readonly count: number;
  readonly weight: number;
  readonly feesSat: number;
}

/** One closed channel, as results show it. */
export interface ClosingSummary {
  readonly channel: string;
  readonly kind: ClosedKind;
  readonly planned: boolean;
  readonly height: number;
  readonly node1: ClosingSide;
  readonly node2: ClosingSide;
  readonly transactions: number;
  readonly feesSat: number;
}

export interface ClosingSide {
  readonly node: string;
  /** by the channel's last state, with the HTLCs that ended in its favour */
  readonly owedMsat: number;
  /** what the chain paid to its wallet, less what its wallet added for fees */
  readonly gotSat: number;
  /** got less owed: fees and dust make it negative, a penalty or a theft larger */
  readonly gainSat: number;
}

/** At one hop of routes; what payers found no route for is not among it. */
export interface HopBlocking {
  /** 1 is the payer's own channel */
  readonly hop: number;
  /** HTLCs that its node was to offer */
  readonly asked: number;
  /** of which it did not */
  readonly refused: number;
  /** by what stood in the way, the most frequent first */
  readonly reasons: Readonly<Partial<Record<Obstacle, number>>>;
}

/** Real time and memory: the one part of a summary that differs from run to run. */
export interface Performance {
  /** all of it, reading the graph included */
  readonly seconds: number;
  /** of which until every channel was ready, with traffic, and settling */
  readonly openingSeconds: number;
  readonly payingSeconds: number;
  readonly settlingSeconds: number;
  readonly events: number;
  readonly eventsPerSecond: number;
  readonly peakMemoryMb: number;
}

export interface RunSummary extends Measured {
  readonly scenario: string;
  readonly seed: number;
  readonly digest: string;
  readonly network: { readonly nodes: number; readonly channels: number; readonly capacitySat: number };
  /** what came before the payments and is not counted among them; null where nothing did */
  readonly warmUp: WarmUpTotals | null;
  readonly payments: {
    readonly sent: number;
    readonly succeeded: number;
    readonly failed: number;
    readonly failures: Readonly<Record<string, number>>;
    readonly attempts: number;
    readonly amountMsat: number;
    readonly feesMsat: number;
    /** of payments that succeeded, like latency; null where there is none */
    readonly hops: Quantiles | null;
    readonly attemptsPerPayment: Quantiles | null;
    /** of payments that succeeded */
    readonly partsPerPayment: Quantiles | null;
    /** HTLCs sent for payments that succeeded, for each part that went through; null where there is none */
    readonly attemptsPerPart: number | null;
    readonly latencySeconds: Quantiles | null;
    /** of the payers that use each strategy, in the order in which the scenario names them */
    readonly byStrategy: readonly StrategySummary[];
  };
  /** HTLCs that were to be offered for payments, by hop of their routes */
  readonly blocking: readonly HopBlocking[];
  /** of all copies of the world; null where there is one */
  readonly replicas: readonly EnsemblePoint[] | null;
  readonly channels: {
    readonly opened: number;
    readonly tooSmall: number;
    /** by reason: refused by an end, or not funded */
    readonly notOpened: Readonly<Record<string, number>>;
    readonly splices: WorldResult['splices'];
    readonly withoutAnchors: number;
    readonly closed: Readonly<Record<ClosedKind, number>>;
    readonly open: number;
  };
  readonly closings: readonly ClosingSummary[];
  /** from the first block on: the opening, the warm-up, the traffic and the settling */
  readonly chain: {
    readonly blocks: number;
    readonly transactions: number;
    readonly weight: number;
    readonly feesSat: number;
    /** signatures that consensus code verified, each once */
    readonly signaturesVerified: number;
    readonly byKind: Readonly<Partial<Record<ConfirmedTransaction['kind'], TransactionTotals>>>;
    /** like the reorganisations and the market since payments began to count */
    readonly miners: ChainResult['miners'];
    readonly reorganisations: ChainResult['reorganisations'];
    readonly doubleSpends: ChainResult['doubleSpends'];
    /** null where nobody else wanted block space */
    readonly market: MarketSummary | null;
  };
  /** what watchtowers hold, and the cheats that they saw; null where there is none */
  readonly watchtowers: WatchtowerTally | null;
  readonly conservation: {
    readonly ok: boolean;
    readonly events: number;
    readonly audits: number;
    readonly holdingsSat: WorldResult['holdings'];
  };
  /** null: settling was not asked for */
  readonly settled: boolean | null;
  readonly notes: readonly string[];
  /** since payments began to count */
  readonly messages: number;
  /** simulated time from the first block to the end, and of it with traffic */
  readonly simulatedSeconds: number;
  readonly trafficSeconds: number;
}

/** The market for block space since payments began to count. */
export interface MarketSummary {
  /** sat per virtual byte: what the cheapest space in each block cost */
  readonly price: Quantiles | null;
  /** share of the blocks' weight that the background took */
  readonly backgroundShare: number;
  /** weight units */
  readonly waitingWeight: number;
  readonly evictedWeight: number;
  readonly refusedWeight: number;
}

/** Closings listed one by one: the planned, the cheated and the forced; agreed ones are counted only. */
const LISTED_CLOSINGS = 200;

/** @param capacitySat of the channels that were opened @param measured what the scenario asks to measure */
export function summarise(
  scenario: Scenario,
  graph: CompiledGraph,
  capacitySat: number,
  result: WorldResult,
  routing: RoutingPlan,
  measured: Measured,
): RunSummary {
  const { payments, closings, transactions } = result;
  const succeeded = payments.filter((payment) => payment.succeeded);
  const failures: Record<string, number> = {};
  for (const { failure } of payments) if (failure !== null) failures[failure] = (failures[failure] ?? 0) + 1;
  const closed: Record<ClosedKind, number> = {
    mutual: 0,
    unilateral: 0,
    'revoked-punished': 0,
    'revoked-unpunished': 0,
  };
  for (const { kind } of closings) closed[kind]++;
  const notable = closings.filter(({ planned, kind }) => planned !== null || kind !== 'mutual');
  const onChain = transactions.filter(({ kind }) => kind !== 'coinbase');
  return {
    scenario: scenario.name,
    seed: scenario.seed,
    digest: result.digest,
    network: { nodes: graph.nodeCount, channels: graph.channelCount, capacitySat },
    warmUp: result.warmUp,
    payments: {
      sent: payments.length,
      succeeded: succeeded.length,
      failed: payments.length - succeeded.length,
      failures: sortedByCount(failures),
      attempts: sum(payments.map((payment) => payment.attempts)),
      amountMsat: sum(succeeded.map((payment) => payment.amountMsat)),
      feesMsat: sum(succeeded.map((payment) => payment.feeMsat)),
      hops: spread(succeeded.map((payment) => payment.hops)),
      attemptsPerPayment: spread(payments.map((payment) => payment.attempts)),
      partsPerPayment: spread(succeeded.map(({ parts }) => parts)),
      attemptsPerPart: ratio(sum(succeeded.map(({ attempts }) => attempts)), sum(succeeded.map(({ parts }) => parts))),
      latencySeconds: spread(succeeded.map(({ startedAt, endedAt }) => (endedAt - startedAt) / 1e6)),
      byStrategy: strategySummaries(payments, graph.nodeCount, routing),
    },
    blocking: result.blocking.map((counts, index) => ({
      hop: index + 1,
      asked: counts.asked,
      refused: refusedOf(counts),
      reasons: sortedByCount(Object.fromEntries(Object.entries(counts.refused).filter(([, refused]) => refused > 0))),
    })),
    replicas: null,
    channels: {
      opened: result.channelsOpened,
      tooSmall: result.channelsTooSmall,
      splices: { ...result.splices, failed: sortedByCount(result.splices.failed) },
      notOpened: sortedByCount(result.channelsNotOpened),
      withoutAnchors: result.channelsWithoutAnchors,
      closed,
      open: result.channelsOpened - closings.length,
    },
    closings: notable.slice(0, LISTED_CLOSINGS).map((closing) => closingSummary(closing, graph)),
    chain: {
      blocks: result.blocks,
      transactions: onChain.length,
      weight: sum(onChain.map(({ weight }) => weight)),
      feesSat: sum(onChain.map(({ feeSat }) => feeSat)),
      signaturesVerified: result.chain.signatures.verified,
      byKind: totalsByKind(result),
      miners: result.mining.miners,
      reorganisations: result.mining.reorganisations,
      doubleSpends: result.mining.doubleSpends,
      market: marketSummary(result.mining.market),
    },
    watchtowers: result.watchtowers.towers > 0 ? result.watchtowers : null,
    conservation: {
      // a run whose books don't balance never gets here: it stops, with exit code 1
      ok: isBalanced(result.holdings),
      events: result.checks.events,
      audits: result.checks.audits,
      holdingsSat: result.holdings,
    },
    ...measured,
    settled: result.settled,
    notes: result.notes,
    messages: result.messages,
    simulatedSeconds: toSeconds(result.endedAt),
    trafficSeconds: (result.endedAt - result.openedAt) / 1e6,
  };
}

function marketSummary(market: ChainResult['market']): MarketSummary | null {
  if (market === null) return null;
  const { sold, waitingWeight, evictedWeight, refusedWeight } = market;
  const background = sum(sold.flatMap((block) => block.background.map(({ weight }) => weight)));
  return {
    price: spread(sold.map(({ marginalSatPerKvb }) => marginalSatPerKvb / 1000)),
    backgroundShare: background / Math.max(1, sold.length * MAX_BLOCK_WEIGHT),
    waitingWeight,
    evictedWeight,
    refusedWeight,
  };
}

function isBalanced(holdings: WorldResult['holdings']): boolean {
  const { issuedSat, walletsSat, channelsSat, contractsSat, minersSat, destroyedSat } = holdings;
  return walletsSat + channelsSat + contractsSat + minersSat + destroyedSat === issuedSat;
}

function closingSummary(closing: ClosingAccount, graph: CompiledGraph): ClosingSummary {
  const side = (index: 0 | 1): ClosingSide => ({
    node: graph.nodeKeys[graph.edgeFrom[2 * closing.channel + index]!]!,
    owedMsat: closing.owedMsat[index],
    gotSat: closing.gotSat[index],
    gainSat: closing.gotSat[index] - Math.floor(closing.owedMsat[index] / 1000),
  });
  return {
    channel: graph.channelIds[closing.channel]!,
    kind: closing.kind,
    planned: closing.planned !== null,
    height: closing.height,
    node1: side(0),
    node2: side(1),
    transactions: closing.transactions,
    feesSat: closing.feesSat,
  };
}

function totalsByKind(result: WorldResult): RunSummary['chain']['byKind'] {
  const totals: Partial<Record<ConfirmedTransaction['kind'], TransactionTotals>> = {};
  for (const { kind, weight, feeSat } of result.transactions) {
    if (kind === 'coinbase') continue;
    const before = totals[kind] ?? { count: 0, weight: 0, feesSat: 0 };
    totals[kind] = { count: before.count + 1, weight: before.weight + weight, feesSat: before.feesSat + feeSat };
  }
  return totals;
}

const spread = (values: readonly number[]): Quantiles | null => quantiles(Float64Array.from(values));

const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Most frequent first; equal counts by name, so that the order is one. */
function sortedByCount(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
}
