/**
 * What a node keeps of the splices of one of its channels, and on which funding output the channel stands: while a splice is
 * not locked, its funding and the one before it are both alive.
 */
import { outPointKey, txidOf, type OutPoint, type Transaction, type Txid } from '../chain/transaction.ts';
import type { ChannelMaterial } from '../channel/materialise.ts';
import { NOT_QUIESCENT, type Quiescence } from '../channel/quiescence.ts';
import type { Part } from '../channel/sharedTransaction.ts';
import {
  candidateMaterial,
  candidateTxid,
  commitmentsOn,
  type Commitments,
  type SpliceCandidate,
} from '../channel/spliceCandidate.ts';
import { NO_SPLICES, type Splices } from '../channel/spliceState.ts';
import type { NodeContext } from './context.ts';
import { channelOf, type NodeChannel } from './nodeChannel.ts';

/** A splice that this node wants, its own coins already chosen. */
export interface SpliceWish {
  readonly part: Part;
  readonly feeratePerKw: number;
}

export interface NodeSplicing {
  quiescence: Quiescence;
  splices: Splices;
  /** until it is proposed */
  wish: SpliceWish | null;
  /** while the other end has not answered this node's proposal */
  proposed: SpliceWish | null;
  /** heights of the blocks that hold splice transactions */
  readonly confirmedAt: Map<Txid, number>;
  /** what the channel's transactions depend on, by splice */
  readonly materials: Map<Txid, ChannelMaterial>;
  /** what waits for the end of silence, or of the splice */
  readonly later: (() => void)[];
}

export const newSplicing = (): NodeSplicing => ({
  quiescence: NOT_QUIESCENT,
  splices: NO_SPLICES,
  wish: null,
  proposed: null,
  confirmedAt: new Map(),
  materials: new Map(),
  later: [],
});

type Materials = Pick<NodeContext, 'material'>;

/** What a channel's transactions depend on, on the funding output that is in force for this end. */
export function materialOf(channel: NodeChannel, context: Materials): ChannelMaterial {
  const splice = channel.end.ledger.adopted.at(-1);
  return splice ? materialOn(channel, splice, context) : context.material(channelOf(channel.edge));
}

/** What they depend on, on the funding output of a splice. */
export function materialOn(channel: NodeChannel, splice: SpliceCandidate, context: Materials): ChannelMaterial {
  const { materials } = (channel.splicing ??= newSplicing());
  const txid = candidateTxid(splice);
  let material = materials.get(txid);
  if (!material) {
    material = candidateMaterial(context.material(channelOf(channel.edge)), splice);
    materials.set(txid, material);
  }
  return material;
}

/** The splice whose funding an outpoint is; null for none that is pending. */
export const candidateOn = ({ end }: NodeChannel, outPoint: OutPoint): SpliceCandidate | null =>
  end.candidates.find(({ funding }) => outPointKey(funding) === outPointKey(outPoint)) ?? null;

/** The splice that a transaction is, pending or locked: a reorganisation may bring it again; null for none. */
export function spliceOf({ end, splicing }: NodeChannel, transaction: Transaction): SpliceCandidate | null {
  if (splicing === null) return null;
  const txid = txidOf(transaction);
  return [...end.candidates, ...end.ledger.adopted].find((splice) => candidateTxid(splice) === txid) ?? null;
}

/** A funding output, and its commitments. */
export interface ClosingFunding {
  readonly material: ChannelMaterial;
  readonly commitments: Commitments;
}

/**
 * What a channel that is closed by force would be closed on, as things stand: a splice that is confirmed or waits to be,
 * or else the funding that is in force.
 */
export function closingFunding(channel: NodeChannel, context: NodeContext): ClosingFunding {
  const material = materialOf(channel, context);
  const { end, splicing } = channel;
  if (end.candidates.length === 0) return { material, commitments: end };
  const waiting = context.spenderInMempool(material.funding)?.transaction;
  const onItsWay =
    end.candidates.find((candidate) => splicing?.confirmedAt.has(candidateTxid(candidate))) ??
    (waiting && spliceOf(channel, waiting));
  if (!onItsWay) return { material, commitments: end };
  return { material: materialOn(channel, onItsWay, context), commitments: commitmentsOn(end, onItsWay) };
}

/** Whether the channel is not to be closed by agreement yet. */
export const isSplicing = ({ end }: NodeChannel): boolean => end.isSilent || end.candidates.length > 0;

/** Whether removals have to wait. */
export const isSilent = ({ end }: NodeChannel): boolean => end.isSilent && end.phase !== 'closed';

/** Silence is over, or there is no channel any more to be silent in: what waited is done. */
export function endSilence({ end, splicing }: NodeChannel): void {
  if (splicing === null) return;
  end.isSilent = false;
  splicing.quiescence = NOT_QUIESCENT;
  for (const act of splicing.later.splice(0)) act();
}
