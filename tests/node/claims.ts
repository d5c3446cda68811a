/**
 * What holds for every history, whoever cheats and whatever breaks (the fifth is in `signedStates.ts`):
 *
 *   (1) msat are conserved
 *   (2) an honest node that is online within its deadlines ends with at least what it was owed, less fees and dust
 *   (3) a cheated one ends with the whole channel, less fees
 *   (4) both ends of a channel agree when it is quiet
 *   (6) every HTLC resolves, the same way for both who share it, and every output is swept
 */
import { assert } from '../../src/base/assert.ts';
import { knownPreimage } from '../../src/node/deadlines.ts';
import type { NodeChannel, NodeHtlc } from '../../src/node/nodeChannel.ts';
import { feesSat, gotSat, leftoversSat, walletSat } from './books.ts';
import { CAPACITY_SAT, COIN_SAT, COINS } from './foundation.ts';
import type { Lab } from './harness.ts';
import { contentOf } from './signedStates.ts';

/** Sat: an HTLC below is trimmed, or its claim not worth the fee. */
const SMALL_SAT = 3000;
/** Sat that a channel may cost besides: two anchors of 330, halves of a satoshi. */
const SMALL_CHANGE_SAT = 675;
/** Sat that are halves of a satoshi: SMALL_CHANGE_SAT without the anchors. */
const ROUNDING_SAT = SMALL_CHANGE_SAT - 2 * 330;

// ── On the way ───────────────────────────────────────────────────────────────────────────────────────────────────

/** (1), after every step. */
export function checkAlways(lab: Lab): void {
  for (const node of lab.nodes) {
    for (const { edge, end } of node.channels.values()) {
      const { local, remote } = end.ledger.countedMsat();
      const capacity = CAPACITY_SAT * 1000;
      assert(local === capacity && remote === capacity, `(1) edge ${edge} counts ${local} and ${remote} msat`);
    }
  }
}

/** (4), once nothing is in flight. */
export function checkWhenQuiet(lab: Lab): void {
  for (let edge = 0; edge < lab.graph.edgeCount; edge++) {
    const [own, others] = [lab.channel(edge).end, lab.channel(edge ^ 1).end];
    if (own.phase === 'closed' || others.phase === 'closed') continue;
    const [held, signed] = [contentOf(own.spec('local')), contentOf(others.spec('remote'))];
    assert(held === signed, `(4) edge ${edge} holds ${held}, the other end signed ${signed}`);
  }
}

// ── In the end ───────────────────────────────────────────────────────────────────────────────────────────────────

/** (1), (2), (3) and (6), once everything is settled. */
export function checkInTheEnd(lab: Lab): void {
  const small = SMALL_CHANGE_SAT * lab.materials.length;
  let [owedToAll, haveAll, isCheated] = [0, 0, false];
  const left = leftoversSat(lab);
  // anchors, and what a penalty would cost more than it takes; where anchors were spent, no more than before
  const nobodysSat = Math.max(
    SMALL_CHANGE_SAT,
    left.reduce((sum, valueSat) => sum + valueSat, ROUNDING_SAT),
  );
  for (const { index } of lab.nodes) {
    const [owed, ended] = [owedSat(lab, index), endedWithSat(lab, index)];
    owedToAll += owed;
    haveAll += ended;
    isCheated ||= hasCheated(lab, index);
    if (hasCheated(lab, index)) continue;
    assert(ended >= owed - small, `(2) node ${index} ends with ${ended} sat of ${owed}`);
    for (const { edge } of wasCheated(lab, index)) {
      const channel = edge >> 1;
      const others = feesSat(lab, channel).reduce((sum, fee, node) => (node === index ? sum : sum + fee), 0);
      const got = gotSat(lab, channel, index);
      assert(got >= CAPACITY_SAT - others - nobodysSat, `(3) node ${index} gets ${got} sat of a whole channel`);
    }
  }
  const inAll = CAPACITY_SAT * lab.materials.length;
  // what both halves of a satoshi that an open channel rounds away
  const lost = inAll - haveAll - left.reduce((sum, valueSat) => sum + valueSat, 0);
  assert(lost >= 0 && lost <= 2 * lab.materials.length, `(1) ${lost} sat are missing in the end`);
  // what each takes for its own adds up: an HTLC that both count on, or neither, would show
  const unclaimed = inAll - owedToAll;
  assert(isCheated || unclaimed >= -small, `(6) all are owed ${-unclaimed} sat more than there is`);
  for (const { order, status } of lab.payments) assert(status !== 'pending', `(6) payment ${order.id} never ended`);
  for (const valueSat of left) assert(valueSat <= SMALL_SAT, `(6) an output of ${valueSat} sat is nobody's`);
}

/** What a node has in the end, with what it paid in fees added, less what it brought, in sat. */
function endedWithSat(lab: Lab, node: number): number {
  let sum = walletSat(lab, node) + feesSat(lab)[node]! - COINS * COIN_SAT;
  for (const { end, monitor } of lab.nodes[node]!.channels.values()) {
    if (monitor === null) sum += Math.floor(end.toLocalMsat / 1000);
  }
  return sum;
}

// ── What is owed ─────────────────────────────────────────────────────────────────────────────────────────────────

interface View {
  readonly balanceMsat: number;
  readonly htlcs: readonly NodeHtlc[];
}

const VIEWS = ['local', 'remote', 'remote-before'] as const;

/** What a node is owed at least, by the worst for it of the commitments that could be valid, in sat. */
function owedSat(lab: Lab, node: number): number {
  const me = lab.nodes[node]!;
  const isMine = (htlc: NodeHtlc): boolean => (htlc.offered ? !isPaid(htlc) : knownPreimage(htlc, me) !== null);
  const worth = ({ balanceMsat, htlcs }: View): number =>
    htlcs.reduce((sum, htlc) => sum + (isMine(htlc) ? htlc.amountMsat : 0), balanceMsat);
  let sum = 0;
  for (const channel of me.channels.values()) {
    const which = channel.monitor === null ? (['local'] as const) : VIEWS;
    sum += Math.floor(Math.min(...which.map((each) => worth(viewOf(channel, each)))) / 1000);
  }
  return sum;
}

/** A commitment as a node sees it: its balance, and the HTLCs that are worth a claim. */
function viewOf({ end }: NodeChannel, which: (typeof VIEWS)[number]): View {
  const spec = end.spec(which);
  const own = which === 'local';
  const htlcs = spec.htlcs
    .filter(({ amountMsat }) => amountMsat >= SMALL_SAT * 1000)
    .map(({ offered, id }) => end.find(offered === own, id))
    .filter((htlc) => htlc !== undefined);
  return { balanceMsat: own ? spec.toLocalMsat : spec.toRemoteMsat, htlcs };
}

/** Whether the preimage of an HTLC that a node offered came back to it. */
function isPaid({ preimage, tag }: NodeHtlc): boolean {
  return (
    preimage !== null || tag.part?.payment.status === 'succeeded' || (tag.upstream?.htlc.preimage ?? null) !== null
  );
}

/** Channels in which the other end was caught with a revoked commitment. */
const wasCheated = (lab: Lab, node: number): NodeChannel[] =>
  [...lab.nodes[node]!.channels.values()].filter(({ monitor }) => monitor?.spendKind === 'revoked');

/** Whether a node cheated itself. */
const hasCheated = (lab: Lab, node: number): boolean =>
  [...lab.nodes[node]!.channels.values()].some(({ monitor }) => monitor?.spendKind === 'own-revoked');
