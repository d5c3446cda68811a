/**
 * How the network comes to be: who opens each channel, with what terms and balances, and which coins from which
 * coinbases the wallets need for it.
 */
import type { Rng } from '../base/random.ts';
import { msat, proportional, sat, satToMsat, type Msat, type Sat } from '../base/units.ts';
import { subsidySat } from '../chain/regtest.ts';
import { FORMAT } from '../channel/commitmentFormat.ts';
import { ANCHOR_SAT, commitmentFeeSat, hasAnchors } from '../channel/commitmentSpec.ts';
import {
  MOST_ACCEPTED_HTLCS,
  type ChannelLimits,
  type ChannelTerms,
  type CommitmentFormat,
} from '../channel/limits.ts';
import type { Side } from '../channel/materialise.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import type { ChannelConfig, OpeningPlan } from './config.ts';
import type { LiquidityModel } from './liquidity/liquidity.ts';

export interface ChannelPlan {
  readonly channel: number;
  readonly opener: Side;
  readonly terms: ChannelTerms;
  readonly limits: ChannelLimits;
  /** opening balance of node1 and node2 */
  readonly balancesMsat: readonly [Msat, Msat];
}

/** The least that BOLT 2 lets a commitment pay and every relay passes on, sat per 1000 weight units. */
export const MIN_FEERATE_PER_KW = 253;

/**
 * Plans one channel, or null if its capacity can't carry a commitment transaction at all.
 * @param wanted by a scenario that opens this very channel
 */
export function planChannel(
  graph: CompiledGraph,
  channel: number,
  config: ChannelConfig,
  liquidity: LiquidityModel,
  rng: Rng,
  wanted?: Pick<OpeningPlan, 'opener' | 'pushMsat'>,
): ChannelPlan | null {
  const capacitySat = sat(Math.floor(graph.capacityMsat[channel]! / 1000));
  const built = buildable(capacitySat, config);
  // drawn first, so that one channel's size never moves another's draws
  const coin = rng.unit();
  const chance = rng.unit();
  if (!built) return null;
  const opener = wanted?.opener ?? openerOf(graph, channel, config, coin);
  const reserveSat = config.reserveMillionths === 0 ? 0 : proportional(capacitySat, config.reserveMillionths);
  const limits: ChannelLimits = {
    dustLimitSat: config.dustLimitSat,
    channelReserveSat: sat(config.reserveMillionths === 0 ? 0 : Math.max(reserveSat, config.dustLimitSat)),
    htlcMinimumMsat: config.htlcMinimumMsat,
    maxHtlcValueInFlightMsat: proportional(satToMsat(capacitySat), config.maxHtlcValueInFlightMillionths) as Msat,
    maxAcceptedHtlcs: slotsOf(built.format, config),
    toSelfDelay: config.toSelfDelay,
    maxDustHtlcExposureMsat: config.maxDustHtlcExposureMsat,
  };
  const terms: ChannelTerms = { capacitySat, ...built };
  const splitMsat = wanted
    ? ((satToMsat(capacitySat) - wanted.pushMsat) as Msat)
    : openerBalance({ channel, opener, terms, limits }, liquidity, chance);
  // a wallet puts in whole sat
  const openerMsat = (config.opening === 'dual' ? Math.ceil(splitMsat / 1000) * 1000 : splitMsat) as Msat;
  const otherMsat = (satToMsat(capacitySat) - openerMsat) as Msat;
  const balancesMsat = opener === 0 ? ([openerMsat, otherMsat] as const) : ([otherMsat, openerMsat] as const);
  return { channel, opener, terms, limits, balancesMsat };
}

/** HTLC slots each way: what is asked for, as far as the format goes; more than any format allows is for theory. */
const slotsOf = (format: CommitmentFormat, { maxAcceptedHtlcs }: ChannelConfig): number =>
  maxAcceptedHtlcs > MOST_ACCEPTED_HTLCS
    ? maxAcceptedHtlcs
    : Math.min(maxAcceptedHtlcs, FORMAT[format].mostAcceptedHtlcs);

/**
 * The format and fee rate a capacity can carry: the opener must be able to pay twice the fee and leave one output. Dust
 * channels exist on mainnet; they go down to the minimum fee rate, then to the format without anchors.
 */
export function buildable(
  capacitySat: Sat,
  config: ChannelConfig,
): { format: CommitmentFormat; feeratePerKw: number } | null {
  for (const format of [config.format, 'static_remotekey'] as const) {
    const leavesSat = capacitySat - (hasAnchors(format) ? 2 * ANCHOR_SAT : 0);
    const weight = FORMAT[format].paidWeight;
    if (weight === 0) {
      // no fee; not both balances below dust
      if (leavesSat >= 2 * config.dustLimitSat) return { format, feeratePerKw: 0 };
      continue;
    }
    // twice the fee and one output; and after the fee, not both balances below dust
    const most = Math.floor(
      Math.min(
        ((leavesSat - config.dustLimitSat) * 1000) / (2 * weight),
        ((leavesSat - 2 * config.dustLimitSat) * 1000) / weight,
      ),
    );
    if (most >= MIN_FEERATE_PER_KW) return { format, feeratePerKw: Math.min(config.feeratePerKw, most) };
  }
  return null;
}

function openerOf(graph: CompiledGraph, channel: number, config: ChannelConfig, coin: number): Side {
  switch (config.opener) {
    case 'node1':
      return 0;
    case 'node2':
      return 1;
    case 'larger': {
      const degree = (node: number): number => graph.rowStart[node + 1]! - graph.rowStart[node]!;
      return degree(graph.edgeFrom[2 * channel]!) >= degree(graph.edgeTo[2 * channel]!) ? 0 : 1;
    }
    case 'random':
      return coin < 0.5 ? 0 : 1;
  }
}

/** The opener keeps at least anchors, twice the fee and its reserve; the model splits the capacity. */
function openerBalance(
  { channel, opener, terms, limits }: Omit<ChannelPlan, 'balancesMsat'>,
  liquidity: LiquidityModel,
  chance: number,
): Msat {
  const anchorsSat = hasAnchors(terms.format) ? 2 * ANCHOR_SAT : 0;
  const keepsSat = anchorsSat + 2 * commitmentFeeSat(terms.format, terms.feeratePerKw, 0) + limits.channelReserveSat;
  const capacityMsat = satToMsat(terms.capacitySat);
  const leastMsat = msat(Math.min(capacityMsat, keepsSat * 1000));
  const wanted = liquidity({ channel, capacityMsat, leastMsat, isOpenedByNode1: opener === 0, chance });
  return Math.min(capacityMsat, Math.max(leastMsat, wanted)) as Msat;
}

/** An output that a coinbase pays to a node's wallet. */
export interface PlannedCoin {
  readonly node: number;
  readonly valueSat: Sat;
}

/** No coin is larger, so that it fits a coinbase after two halvings of the subsidy. */
const LARGEST_COIN_SAT = 10 * 100_000_000;
/** What a funding transaction may cost, in weight units, for each coin that it spends. */
const FUNDING_WEIGHT_PER_COIN = 900;
/** What is left in change after a funding, for later fees. */
const CHANGE_SAT = 10_000;
/** Outputs a coinbase pays at most: 20,000 × 124 weight units leave room in a block. */
const MOST_COINBASE_OUTPUTS = 20_000;

/** The coins that fund one channel of that capacity. */
export function coinsForChannel(node: number, capacitySat: Sat, feeratePerKw: number): PlannedCoin[] {
  const feePerCoin = Math.ceil((FUNDING_WEIGHT_PER_COIN * feeratePerKw) / 1000);
  const pieces = Math.max(1, Math.ceil((capacitySat + CHANGE_SAT) / (LARGEST_COIN_SAT - feePerCoin)));
  const each = Math.ceil((capacitySat + CHANGE_SAT) / pieces) + feePerCoin;
  return Array.from({ length: pieces }, () => ({ node, valueSat: sat(each) }));
}

/**
 * Packs coins into coinbases, in order. @returns one list a block, from height 1 on; null if the subsidies of regtest
 * (15,000 BTC in all) do not suffice
 */
export function packCoinbases(coins: readonly PlannedCoin[]): PlannedCoin[][] | null {
  const blocks: PlannedCoin[][] = [];
  let left = 0;
  for (const coin of coins) {
    let current = blocks.at(-1);
    while (!current || coin.valueSat > left || current.length >= MOST_COINBASE_OUTPUTS) {
      current = [];
      blocks.push(current);
      left = subsidySat(blocks.length);
      if (coin.valueSat > left) return null;
    }
    current.push(coin);
    left -= coin.valueSat;
  }
  return blocks;
}
