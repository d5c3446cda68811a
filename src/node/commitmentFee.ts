/**
 * A child pays for a commitment that waits, or that is refused for its fee, through the node's anchor (BOLT 3,
 * "`to_local_anchor` and `to_remote_anchor` Output"; BOLT 5, "Unilateral Close Handling": while an HTLC has a deadline).
 */
import { mark } from '../base/marks.ts';
import { dustLimitSat } from '../chain/script.ts';
import { weightOf } from '../chain/transaction.ts';
import { anchorChild, anchorSpend, weightToPay, type AnchorSpend } from '../channel/anchors.ts';
import type { ChannelMaterial, SignedCommitment } from '../channel/materialise.ts';
import { nearestDeadline } from './claimTask.ts';
import type { ClosingKind } from './closingBroadcasts.ts';
import type { NodeContext } from './context.ts';
import { claimDeadline, knownPreimage, type PreimageSource } from './deadlines.ts';
import { bidFeeratePerKw, isBidDue, leastReplacementSat, type Stake } from './feeSchedule.ts';
import { channelOf, sideOf, type NodeChannel } from './nodeChannel.ts';
import { ATTACHMENT_WEIGHT, type Wallet } from './wallet.ts';

/** Whose wallet pays. */
export interface CommitmentPayer extends PreimageSource {
  readonly wallet: Wallet;
}

/** A commitment to be paid for. */
export interface PaidCommitment {
  readonly channel: NodeChannel;
  /** of the funding output that it spends */
  readonly material: ChannelMaterial;
  readonly commitment: SignedCommitment;
  readonly kind: ClosingKind;
  /** whether this end broadcast it: the other's is paid for only while this end has a deadline */
  readonly isOwn: boolean;
  /** heights of the first and of the last bid */
  readonly bid: { readonly since: number; readonly at: number };
}

/** 4 × (version 4 + counts 1 + 1 + lock time 4) + marker and flag 2 */
const BARE_WEIGHT = 42;

/** What an end has to lose if a commitment waits on. */
interface Loss {
  /** of HTLCs that others could claim first, and by when */
  readonly pressedSat: number;
  readonly deadline: number | null;
  /** of all that is the end's own whenever the commitment confirms */
  readonly ownSat: number;
}

function lossOf({ channel, commitment }: PaidCommitment, source: PreimageSource): Loss {
  const isOwner = commitment.owner === sideOf(channel.edge);
  let [pressedSat, ownSat] = [0, 0];
  const deadlines: (number | null)[] = [];
  for (const output of commitment.outputs) {
    const { kind, valueSat } = output;
    if (kind === (isOwner ? 'to_local' : 'to_remote')) ownSat += valueSat;
    if (kind !== 'htlc') continue;
    const offered = output.htlc.offered === isOwner;
    const htlc = channel.end.find(offered, output.htlc.id);
    if (!htlc || (!offered && knownPreimage(htlc, source) === null)) continue;
    const deadline = claimDeadline(htlc);
    if (deadline === null) ownSat += valueSat;
    else pressedSat += valueSat;
    deadlines.push(deadline);
  }
  return { pressedSat, deadline: nearestDeadline(deadlines), ownSat };
}

/**
 * Pays for a commitment through its anchor, or pays more, if the schedule says so.
 * @returns whether the network took a child
 */
export function payForCommitment(payer: CommitmentPayer, context: NodeContext, paid: PaidCommitment): boolean {
  const { channel, commitment, isOwn, bid } = paid;
  const { material } = paid;
  const spend = anchorSpend(material, commitment, sideOf(channel.edge));
  if (spend === null) return false;
  const { height } = context;
  const loss = lossOf(paid, payer);
  if (!isOwn && loss.deadline === null) return false;
  // the claims need as long again once it is confirmed (lnd halves the time likewise)
  const deadline = loss.deadline === null ? null : bid.since + Math.floor((loss.deadline - bid.since) / 2);
  const isThere = context.spenderInMempool(material.funding) !== null;
  if (isThere && !isBidDue(bid.at, deadline, height)) return false;
  const bidFor = (valueSat: number, by: number | null): number =>
    bidFeeratePerKw(stakeOf(paid, spend, valueSat, by, payer.wallet), context, height) ?? 0;
  const pressed = deadline === null ? 0 : bidFor(loss.pressedSat, deadline);
  const feeratePerKw = Math.max(pressed, isOwn ? bidFor(loss.ownSat, null) : 0);
  return feeratePerKw > 0 && sendChild(payer, context, paid, spend, feeratePerKw, isThere);
}

/** The package that is bid for: what the commitment pays itself and the anchor's worth come on top of the budget. */
function stakeOf(
  { commitment, bid }: PaidCommitment,
  spend: AnchorSpend,
  valueSat: number,
  deadline: number | null,
  wallet: Wallet,
): Stake {
  return {
    budgetSat: valueSat - dustLimitSat(wallet.script) + commitment.feeSat + spend.valueSat,
    weight: weightOf(commitment.transaction) + BARE_WEIGHT + spend.inputWeight + ATTACHMENT_WEIGHT,
    deadline,
    since: bid.since,
  };
}

/** @param isThere whether the commitment is in the mempool, so that the child goes alone */
function sendChild(
  { wallet }: CommitmentPayer,
  context: NodeContext,
  { channel, commitment, kind }: PaidCommitment,
  spend: AnchorSpend,
  feeratePerKw: number,
  isThere: boolean,
): boolean {
  const before = context.spenderInMempool(spend.outPoint);
  const weight = weightToPay(commitment, spend, feeratePerKw);
  const leastSat = before ? leastReplacementSat(before) - spend.valueSat : 0;
  const affordedSat = Math.ceil(((weight + ATTACHMENT_WEIGHT) * feeratePerKw) / 1000);
  // its present rate is as good as that, or the step too small to be relayed
  if (isThere && (affordedSat < leastSat || weight <= BARE_WEIGHT + spend.inputWeight)) return false;
  if (before) wallet.release(before.transaction);
  const attachment = wallet.attachFee(weight, feeratePerKw, leastSat, true);
  if (attachment === null) {
    mark('a commitment waits for a coin');
    if (before) wallet.reserve(before.transaction);
    return false;
  }
  const child = wallet.sign(anchorChild(spend, attachment));
  const label = { kind: 'anchor', channel: channelOf(channel.edge) } as const;
  const refused = isThere
    ? context.broadcast(child, label)
    : context.broadcastPackage([commitment.transaction, child], [{ ...label, kind }, label]);
  if (refused !== null) {
    mark('a child of a commitment refused');
    wallet.release(child);
    if (before && context.spenderInMempool(spend.outPoint)) wallet.reserve(before.transaction);
    return false;
  }
  mark(before ? 'a child of a commitment replaced' : 'a child pays for a commitment');
  return true;
}
