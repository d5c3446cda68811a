/**
 * Random lives of a line of nodes: payments that settle, wait or time out, messages in any order, then a closing at a
 * random point by a random side, with what the weather and the miners do to it; and what each node was owed.
 */
import { mark } from '../../src/base/marks.ts';
import { Rng } from '../../src/base/random.ts';
import type { CommitmentSpec } from '../../src/channel/commitmentSpec.ts';
import type { CommitmentFormat } from '../../src/channel/limits.ts';
import { knownPreimage } from '../../src/node/deadlines.ts';
import type { NodeChannel, NodeHtlc } from '../../src/node/nodeChannel.ts';
import { isSettled, walletSat } from './books.ts';
import { CAPACITY_SAT } from './foundation.ts';
import { Lab } from './harness.ts';
import { restart } from './restart.ts';

export const FORMATS: readonly CommitmentFormat[] = [
  'static_remotekey',
  'anchors',
  'anchors_zero_fee_htlc_tx',
  'zero_fee_commitments',
];

/** Which faults a history may have. */
export interface Faults {
  readonly spike?: boolean;
  readonly reorganisations?: boolean;
  readonly restarts?: boolean;
  readonly absences?: boolean;
}

export interface History {
  readonly lab: Lab;
  readonly format: CommitmentFormat;
  readonly closing: 'mutual' | 'unilateral' | 'revoked';
  readonly closer: number;
}

const COIN_SAT = 200_000;
const COINS = 6;
const BLOCKS = 300;
/** Blocks of a spike: past the deadlines of all HTLCs and delays. */
const SPIKE_BLOCKS = 90;
/** Blocks that a history has at least: closings that wait for a deadline come before that. */
const LEAST_BLOCKS = 40;
/** Sat: an HTLC below is trimmed, or its claim not worth the fee. */
const SMALL_SAT = 3000;

/** Lives one history to its end. @throws Error if it never settles */
export function live(seed: number, nodes: 2 | 3, faults: Faults = {}): History {
  const rng = Rng.fromSeed(seed).stream('history');
  const pick = <T>(list: readonly T[]): T => list[rng.below(list.length)]!;
  const spike = faults.spike === true && rng.below(2) === 0;
  // without anchors nobody can raise the fee of what was signed before
  const format = pick(spike ? FORMATS.slice(1) : FORMATS);
  const lab = new Lab({ seed, format, nodes, coinSat: COIN_SAT, coins: COINS, toSelfDelay: 24 });
  const closing = pick(['mutual', 'unilateral', 'revoked', 'revoked'] as const);
  const closer = rng.below(2 * (nodes - 1));

  for (let step = 2 + rng.below(8); step > 0; step--) {
    lab.pay(pick(waysOf(nodes)), drawAmountMsat(rng), pick(['settle', 'settle', 'hold', 'hold-and-claim']));
    lab.deliverSome(rng.below(2) === 0 ? Infinity : rng.below(12));
    if (rng.below(6) === 0) lab.mine();
  }
  if (spike) Object.assign(lab.weather, { floorSatPerKvb: 4000 + 2000 * rng.below(6), known: rng.below(2) === 0 });
  close(lab, closing, closer, rng);
  // what was on its way comes too late
  if (rng.below(3) === 0) lab.mine();
  settle(lab, rng, faults);
  return { lab, format, closing, closer };
}

const waysOf = (nodes: 2 | 3): readonly (readonly number[])[] =>
  nodes === 2 ? [[0], [1]] : [[0, 2], [3, 1], [0, 2], [0], [2]];

const drawAmountMsat = (rng: Rng): number =>
  rng.below(5) === 0 ? 1000 * rng.below(2000) + 1 : 40_000_000 + rng.below(60_000_000);

function close(lab: Lab, closing: History['closing'], edge: number, rng: Rng): void {
  const channel = lab.channel(edge);
  const node = lab.nodes[lab.graph.edgeFrom[edge]!]!;
  if (channel.end.phase !== 'normal') return;
  if (closing === 'revoked' && channel.end.localNumber > 0) {
    node.broadcastRevoked(edge, rng.below(channel.end.localNumber));
  } else if (closing === 'mutual') node.closeMutually(edge);
  else node.failChannel(channel, 'planned');
}

/** Blocks, and what happens between them, until nothing is left to do. */
function settle(lab: Lab, rng: Rng, faults: Faults): void {
  let [away, quiet] = [-1, 0];
  for (let block = 0; block < BLOCKS; block++) {
    if (rng.below(3) > 0) lab.deliverSome();
    else lab.deliverSome(rng.below(6));
    if (faults.restarts && rng.below(12) === 0) restartSome(lab, rng);
    if (faults.absences && away < 0 && rng.below(30) === 0) {
      away = rng.below(lab.nodes.length);
      lab.setOnline(away, false);
    } else if (away >= 0 && rng.below(3) === 0) {
      lab.setOnline(away, true);
      away = -1;
    }
    // the spike passes once every deadline has
    if (block === SPIKE_BLOCKS) lab.weather.floorSatPerKvb = 0;
    if (faults.reorganisations && rng.below(8) === 0) lab.reorganise(1 + rng.below(2));
    else lab.mine();
    quiet = away < 0 && isSettled(lab) ? quiet + 1 : 0;
    // past what a reorganisation can take back
    if (quiet > 3 && block > LEAST_BLOCKS) return;
  }
  throw new Error('never settled');
}

/** A node starts anew, if its channels are all on their way to the chain: from any block before they were spent. */
function restartSome(lab: Lab, rng: Rng): void {
  const index = rng.below(lab.nodes.length);
  const channels = [...lab.nodes[index]!.channels.values()];
  if (!channels.every(({ end }) => end.phase === 'closed')) return;
  mark(
    channels.some(({ monitor }) => monitor !== null) ? 'restarted with a channel on-chain' : 'restarted while closing',
  );
  restart(lab, index, 1 + rng.below(100));
}

// ── What is owed ─────────────────────────────────────────────────────────────────────────────────────────────────

/** What a node has in the end, with what it paid in fees added, in sat. */
export function endedWithSat(lab: Lab, node: number): number {
  let sum = walletSat(lab, node) + lab.feesSat[node]! - COINS * COIN_SAT;
  for (const { end, monitor } of lab.nodes[node]!.channels.values()) {
    if (monitor === null) sum += Math.floor(worstOf([viewOf(end.spec('local'), true)], () => true) / 1000);
  }
  return sum;

  function viewOf(spec: CommitmentSpec, own: boolean): View {
    return { balanceMsat: own ? spec.toLocalMsat : spec.toRemoteMsat, htlcs: [] };
  }
}

interface View {
  readonly balanceMsat: number;
  readonly htlcs: readonly NodeHtlc[];
}

/** What a node is owed at least, by the worst for it of the commitments that could be valid, in sat. */
export function owedSat(lab: Lab, node: number): number {
  const me = lab.nodes[node]!;
  let sum = 0;
  for (const channel of me.channels.values()) {
    const isMine = (htlc: NodeHtlc): boolean => (htlc.offered ? !isPaid(htlc) : knownPreimage(htlc, me) !== null);
    const views = channel.monitor === null ? [viewOf(channel, 'local')] : VIEWS.map((which) => viewOf(channel, which));
    sum += Math.floor(worstOf(views, isMine) / 1000);
  }
  return sum;
}

const VIEWS = ['local', 'remote', 'remote-before'] as const;

function viewOf({ end }: NodeChannel, which: (typeof VIEWS)[number]): View {
  const spec = end.spec(which);
  const own = which === 'local';
  const htlcs = spec.htlcs
    .filter(({ amountMsat }) => amountMsat >= SMALL_SAT * 1000)
    .map(({ offered, id }) => end.find(offered === own, id))
    .filter((htlc) => htlc !== undefined);
  return { balanceMsat: own ? spec.toLocalMsat : spec.toRemoteMsat, htlcs };
}

const worstOf = (views: readonly View[], isMine: (htlc: NodeHtlc) => boolean): number =>
  Math.min(
    ...views.map(({ balanceMsat, htlcs }) =>
      htlcs.reduce((sum, htlc) => sum + (isMine(htlc) ? htlc.amountMsat : 0), balanceMsat),
    ),
  );

/** Whether the preimage of an HTLC that a node offered came back to it. */
function isPaid({ preimage, tag }: NodeHtlc): boolean {
  return (
    preimage !== null || tag.part?.payment.status === 'succeeded' || (tag.upstream?.htlc.preimage ?? null) !== null
  );
}

/** Whether the other end was caught with a revoked commitment, as a node saw it. */
export const wasCheated = (lab: Lab, node: number): boolean =>
  [...lab.nodes[node]!.channels.values()].some(({ monitor }) => monitor?.spendKind === 'revoked');

/** Whether a node cheated itself. */
export const hasCheated = (lab: Lab, node: number): boolean =>
  [...lab.nodes[node]!.channels.values()].some(({ monitor }) => monitor?.spendKind === 'own-revoked');

/** What a cheated end of a channel between two nodes ends with at least: all of it, less everybody's fees and anchors. */
export const wholeChannelSat = (lab: Lab, victim: number): number =>
  CAPACITY_SAT - lab.feesSat.reduce((sum, fee) => sum + fee, 0) + lab.feesSat[victim]!;
