/**
 * Random lives of a line of nodes, drawn from one seed: payments that settle, wait or time out, messages in any order, then
 * a closing at a random point by a random side, with what the weather and the miners do to it; then all faults end, and
 * everything has to resolve (`claims.ts` says how).
 */
import { assert } from '../../src/base/assert.ts';
import { Rng } from '../../src/base/random.ts';
import type { CommitmentFormat } from '../../src/channel/limits.ts';
import { isSettled } from './books.ts';
import { checkAlways, checkWhenQuiet } from './claims.ts';
import { Lab } from './harness.ts';
import { Trouble, type Faults } from './trouble.ts';

export const FORMATS: readonly CommitmentFormat[] = [
  'static_remotekey',
  'anchors',
  'anchors_zero_fee_htlc_tx',
  'zero_fee_commitments',
];

/** A history with a closing, or one of the talk between nodes only, which costs a fraction. */
export type Kind = 'closing' | 'talk';

export interface History {
  readonly seed: number;
  readonly lab: Lab;
  readonly format: CommitmentFormat;
  readonly closing: 'none' | 'mutual' | 'unilateral' | 'revoked';
}

const BLOCKS = 300;
/** Blocks of a spike: past the deadlines of all HTLCs and delays. */
const SPIKE_BLOCKS = 90;
/** Blocks that a history with a closing has at least: what waits for a deadline comes before that. */
const LEAST_BLOCKS = 40;
/** Blocks after which faults end. */
const FAULTY_BLOCKS = 60;

/** Lives one history to its end. @throws Error where a claim breaks on the way, or it never settles */
export function live(seed: number, nodes: 2 | 3, kind: Kind): History {
  const rng = Rng.fromSeed(seed).stream('history');
  const faults = drawFaults(rng, kind);
  // without anchors nobody can raise the fee of what was signed before
  const format = pick(rng, faults.spike ? FORMATS.slice(1) : FORMATS);
  const lab = new Lab({ seed, format, nodes, toSelfDelay: 24, followsFees: faults.feeUpdates });
  const trouble = new Trouble(lab, rng, faults);
  const closing = kind === 'talk' ? 'none' : pick(rng, CLOSINGS);

  for (let step = 4 + rng.below(kind === 'talk' ? 60 : 24); step > 0; step--) {
    act(lab, rng, kind);
    trouble.maybe(6);
    checkAlways(lab);
  }
  if (faults.spike) Object.assign(lab.weather, { floorSatPerKvb: 4000 + 2000 * rng.below(6), known: chance(rng, 2) });
  close(lab, closing, rng);
  // what was on its way comes too late
  if (chance(rng, 3)) lab.mine();
  settle(lab, rng, trouble, closing === 'none' ? 0 : LEAST_BLOCKS);
  checkWhenQuiet(lab);
  if (kind === 'talk') assert(lab.confirmed.length === 0, '(6) talk without a deadline ended on-chain');
  return { seed, lab, format, closing };
}

const CLOSINGS = ['mutual', 'unilateral', 'unilateral', 'revoked', 'revoked', 'revoked'] as const;

const pick = <T>(rng: Rng, list: readonly T[]): T => list[rng.below(list.length)]!;
/** True once in so many times. */
const chance = (rng: Rng, times: number): boolean => rng.below(times) === 0;

const drawFaults = (rng: Rng, kind: Kind): Faults => ({
  spike: kind === 'closing' && chance(rng, 4),
  reorganisations: kind === 'closing' && chance(rng, 3),
  disconnections: chance(rng, 2),
  crashes: chance(rng, 2),
  feeUpdates: chance(rng, 3),
});

/** One thing that happens before the closing. */
function act(lab: Lab, rng: Rng, kind: Kind): void {
  switch (rng.below(8)) {
    case 0:
    case 1:
    case 2: {
      const policy = pick(rng, POLICIES[kind]);
      lab.pay(pick(rng, lab.nodes.length === 2 ? WAYS_OF_TWO : WAYS_OF_THREE), drawAmountMsat(rng), policy);
      return;
    }
    case 3:
      return lab.deliverSome();
    case 4:
      if (chance(rng, 3)) lab.mine();
      return;
    default:
      return lab.deliverSome(1 + rng.below(6));
  }
}

/** Nothing is held in talk, so that no deadline brings a channel on-chain. */
const POLICIES = {
  closing: ['settle', 'settle', 'hold', 'hold-and-claim'],
  talk: ['settle', 'settle', 'refuse'],
} as const;
const WAYS_OF_TWO = [[0], [1]];
const WAYS_OF_THREE = [[0, 2], [3, 1], [0, 2], [3, 1], [0], [2], [1], [3]];

/** One in five is near the dust limit. */
const drawAmountMsat = (rng: Rng): number =>
  chance(rng, 5) ? 1000 * rng.below(2000) + 1 : 40_000_000 + rng.below(60_000_000);

function close(lab: Lab, closing: History['closing'], rng: Rng): void {
  const edge = rng.below(lab.graph.edgeCount);
  const channel = lab.channel(edge);
  const node = lab.nodes[lab.graph.edgeFrom[edge]!]!;
  if (closing === 'none' || channel.end.phase !== 'normal') return;
  if (closing === 'revoked' && channel.end.localNumber > 0) {
    node.broadcastRevoked(edge, rng.below(channel.end.localNumber));
  } else if (closing === 'mutual') node.closeMutually(edge);
  else node.failChannel(channel, 'planned');
}

/** Blocks, and what happens between them, until nothing is left to do. */
function settle(lab: Lab, rng: Rng, trouble: Trouble, leastBlocks: number): void {
  let quiet = 0;
  for (let block = 0; block < BLOCKS; block++) {
    if (rng.below(3) > 0) lab.deliverSome();
    else lab.deliverSome(rng.below(6));
    checkAlways(lab);
    if (block < FAULTY_BLOCKS && quiet === 0) trouble.maybe(6);
    else trouble.end();
    trouble.block();
    // the spike passes once every deadline has
    if (block === SPIKE_BLOCKS) lab.weather.floorSatPerKvb = 0;
    quiet = !trouble.isOn && isSettled(lab) ? quiet + 1 : 0;
    // past what a reorganisation can take back
    if (quiet > 3 && block > leastBlocks) return;
  }
  throw new Error('never settled');
}

/** The paths that histories must have taken to prove anything. */
export const RARE_PATHS = {
  talk: [
    'crashed with messages on the way',
    'disconnected with messages on the way',
    'a message sent again after a disconnection',
    'an HTLC forgotten by a disconnection',
    'a removal forgotten by a disconnection',
    'an HTLC decided on again after a crash',
  ],
  closing: [
    'a preimage learned from the chain',
    'an HTLC missing from the commitment that confirmed',
    'the other end’s next commitment on-chain',
    'the other end’s commitment before the next on-chain',
    'penalty planned',
    'second-stage transaction of a revoked commitment',
    'claims output by output',
    'claim not worth its fee',
    'a claim made again',
    'a claim replaced by one that pays more',
    'an HTLC transaction replaced',
    'an HTLC transaction helped from the start',
    'a child pays for a commitment',
    'a child of a commitment replaced',
    'a coin came back from a transaction that is gone',
    'the spend of a funding output undone',
    'the spend of a watched output undone',
    'crashed while closing',
    'crashed with a channel on-chain',
    'a payment taken up again in a channel that closed after a crash',
  ],
  forwarding: ['preimage learned after the channel went on-chain', 'an HTLC failed back before its outcome was known'],
} as const;
