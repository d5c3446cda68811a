/** What a lab stands on: a line of nodes, their channels' keys, and a chain whose first coinbase pays for everything. */
import { utf8 } from '../../src/base/bytes.ts';
import { msat, sat } from '../../src/base/units.ts';
import type { Block } from '../../src/chain/block.ts';
import { Blockchain } from '../../src/chain/blockchain.ts';
import { Mempool } from '../../src/chain/mempool.ts';
import { mineBlock } from '../../src/chain/miner.ts';
import { GENESIS_TIME_SECONDS } from '../../src/chain/regtest.ts';
import { p2wsh } from '../../src/chain/script.ts';
import { channelPoints, channelSecrets } from '../../src/channel/keys.ts';
import type { ChannelLimits, CommitmentFormat } from '../../src/channel/limits.ts';
import type { ChannelMaterial, Side } from '../../src/channel/materialise.ts';
import { sha256 } from '../../src/crypto/hashes.ts';
import { CompiledGraph } from '../../src/graph/compiled.ts';
import type { SplicePort } from '../../src/node/channelSplicer.ts';
import type { OpeningPort } from '../../src/node/channelOpener.ts';

export const CAPACITY_SAT = 1_000_000;
export const CLTV_EXPIRY_DELTA = 40;
/** Blocks that an HTLC to the payee has. */
export const FINAL_DELTA = 30;
/** Sat per 1000 weight units: of commitments, and what the estimator says in quiet times. */
export const QUIET_PER_KW = 500;

const unplanned = (): never => {
  throw new Error('all channels are there from the start');
};
/** For nodes that nobody asks for a splice. */
export const NO_SPLICES: SplicePort = { minimumDepth: 1, locked: unplanned, postponed: unplanned, givenUp: unplanned };
/** For nodes whose channels a test makes. */
export const NO_OPENINGS: OpeningPort = {
  feeratePerKw: QUIET_PER_KW,
  selfOf: unplanned,
  contributionOf: () => null,
  wishOf: unplanned,
  signed: unplanned,
  ready: unplanned,
  failed: unplanned,
};
/** What each wallet begins with. */
export const COIN_SAT = 200_000;
export const COINS = 6;
/** Where a miner's rewards go. */
export const MINER = p2wsh(utf8('miner'));

export interface LabOptions {
  readonly seed: number | string;
  readonly format: CommitmentFormat;
  /** default 2 */
  readonly nodes?: number;
  /** whether openers send `update_fee` after the estimator; default no */
  readonly followsFees?: boolean;
  /** blocks; default 12 */
  readonly toSelfDelay?: number;
}

/** What the estimator says, and what a block takes. */
export interface Weather {
  /** sat per 1,000 virtual bytes below which nothing gets into a block */
  floorSatPerKvb: number;
  /** whether the estimator knows */
  known: boolean;
  /** what it says in quiet times, sat per 1000 weight units */
  quietPerKw: number;
}

/** Limits of a channel's end, the same for both. */
export const limitsWith = (toSelfDelay: number): ChannelLimits => ({
  dustLimitSat: sat(354),
  channelReserveSat: sat(5000),
  htlcMinimumMsat: msat(1),
  maxHtlcValueInFlightMsat: msat(CAPACITY_SAT * 1000),
  maxAcceptedHtlcs: 30,
  toSelfDelay,
  maxDustHtlcExposureMsat: msat(5_000_000),
});

/** Nodes in a line, with channels of one policy. */
export function lineOf(count: number): CompiledGraph {
  const channels = count - 1;
  const perEdge = (value: number): number[] => Array<number>(2 * channels).fill(value);
  return new CompiledGraph({
    nodeKeys: Array.from({ length: count }, (_, node) => `n${node}`),
    channelIds: Array.from({ length: channels }, (_, channel) => `c${channel}`),
    node1: Array.from({ length: channels }, (_, channel) => channel),
    node2: Array.from({ length: channels }, (_, channel) => channel + 1),
    capacityMsat: Array<number>(channels).fill(CAPACITY_SAT * 1000),
    feeBaseMsat: perEdge(1000),
    feeProportionalMillionths: perEdge(100),
    cltvExpiryDelta: perEdge(CLTV_EXPIRY_DELTA),
    htlcMinimumMsat: perEdge(1),
    htlcMaximumMsat: perEdge(CAPACITY_SAT * 1000),
    enabled: perEdge(1),
  });
}

export function keysOf(channel: number): Pick<ChannelMaterial, 'secrets' | 'points'> {
  const made = ([0, 1] as Side[]).map((side) => channelSecrets(sha256(utf8('lab')), `${channel}/${side}`));
  const secrets = [made[0]!, made[1]!] as const;
  return { secrets, points: [channelPoints(secrets[0]), channelPoints(secrets[1])] };
}

const foundations = new Map<string, Block[]>();

/** The first 101 blocks: a coinbase that pays all that, and enough more for it to be spent. Made once. */
export function foundation(key: string, outputs: { valueSat: ReturnType<typeof sat>; script: Uint8Array }[]): Block[] {
  const known = foundations.get(key);
  if (known) return known;
  const chain = new Blockchain();
  const pool = new Mempool(chain);
  const blocks: Block[] = [];
  for (let height = 1; height <= 101; height++) {
    const timeSeconds = GENESIS_TIME_SECONDS + height;
    const coinbaseOutputs = (claimableSat: ReturnType<typeof sat>): typeof outputs =>
      height === 1 ? outputs : [{ valueSat: claimableSat, script: MINER }];
    blocks.push(mineBlock(chain, pool, { timeSeconds, coinbaseOutputs }).block);
  }
  foundations.set(key, blocks);
  return blocks;
}
