/** What a node brings to a splice: its coins or its output, the transaction, and all that the rules depend on. */
import type { Sat } from '../base/units.ts';
import { dustLimitSat, p2wsh } from '../chain/script.ts';
import { outPointKey } from '../chain/transaction.ts';
import { SEQUENCE_RBF } from '../channel/claims.ts';
import { channelPoints } from '../channel/keys.ts';
import type { ChannelMaterial } from '../channel/materialise.ts';
import { fundingScript } from '../channel/scripts.ts';
import { partWeight, type Part, type SharedTransaction } from '../channel/sharedTransaction.ts';
import { fundingSecrets } from '../channel/spliceCandidate.ts';
import { ledgerSpliceSigner } from '../channel/spliceSigner.ts';
import type { SpliceContext } from '../channel/spliceState.ts';
import { MIN_FEERATE_PER_KW } from './channelFees.ts';
import type { NodeContext } from './context.ts';
import { channelOf, type NodeChannel } from './nodeChannel.ts';
import { materialOf, type NodeSplicing, type SpliceWish } from './nodeSplicing.ts';
import type { Wallet } from './wallet.ts';
import { walletPart } from './walletPart.ts';

/** Why a splice that was asked for is not proposed. */
export type SpliceRefusal = 'channel-not-open' | 'splice-pending' | 'not-enough-coins' | 'amount-too-small';

/** Witness of the old funding output: count 1, dummy 1, two signatures 1 + 72, script 1 + 71. */
const FUNDING_WITNESS_WEIGHT = 220;
/** 4 × (value 8 + length 1 + script 22) */
const WALLET_OUTPUT_WEIGHT = 124;

/**
 * What this end puts into a splice of its own, its coins chosen and not offered again.
 * @param contributionSat negative: taken out
 */
export function wishFor(
  channel: NodeChannel,
  contributionSat: number,
  wallet: Wallet,
  context: NodeContext,
): SpliceWish | SpliceRefusal {
  const { feeratePerKw } = context;
  const nothing: Part = { inputs: [], outputs: [], contributionSat };
  const bare = sharedFor(
    materialOf(channel, context),
    { part: nothing, feeratePerKw },
    nothing,
    p2wsh(new Uint8Array(0)),
  );
  const weight = partWeight(bare, 'initiator');
  if (contributionSat < 0) {
    const feeSat = Math.ceil(((weight + WALLET_OUTPUT_WEIGHT) * feeratePerKw) / 1000);
    const valueSat = (-contributionSat - feeSat) as Sat;
    if (valueSat < dustLimitSat(wallet.script)) return 'amount-too-small';
    return { part: { ...nothing, outputs: [{ serialId: 2, valueSat, script: wallet.script }] }, feeratePerKw };
  }
  const part = walletPart(wallet, contributionSat as Sat, weight, feeratePerKw, 2);
  return part === null ? 'not-enough-coins' : { part, feeratePerKw };
}

/**
 * The splice transaction.
 * @param material of the funding output that it spends
 * @param script of the new one
 */
export function sharedFor(
  material: ChannelMaterial,
  { part, feeratePerKw }: SpliceWish,
  other: Part,
  script: Uint8Array,
): SharedTransaction {
  const { funding, capacitySat, points } = material;
  const valueSat = (capacitySat + part.contributionSat + other.contributionSat) as Sat;
  return {
    feeratePerKw,
    lockTime: 0,
    funding: { serialId: 0, valueSat, script },
    previous: {
      serialId: 0,
      prevout: funding,
      valueSat: capacitySat,
      script: p2wsh(fundingScript(points[0].funding, points[1].funding)),
      sequence: SEQUENCE_RBF,
      witnessWeight: FUNDING_WITNESS_WEIGHT,
    },
    initiator: part,
    other,
  };
}

/** What a splice depends on at the moment of an event. */
export function spliceContext(
  channel: NodeChannel,
  { quiescence }: NodeSplicing,
  wallet: Wallet,
  context: NodeContext,
): SpliceContext {
  const { end, edge } = channel;
  const { nodeKeys, edgeFrom, edgeTo } = context.graph;
  const opened = context.material(channelOf(edge));
  const inForce = materialOf(channel, context);
  return {
    ledger: end.ledger,
    quiescence,
    isReady: end.phase !== 'opening',
    isShuttingDown: end.phase === 'shutting-down',
    zeroConf: false,
    hasLowerNodeId: nodeKeys[edgeFrom[edge]!]! < nodeKeys[edgeTo[edge]!]!,
    funding: inForce.funding,
    signer: ledgerSpliceSigner({ current: inForce }),
    fundingKeys: (keyIndex) => {
      const key = (side: 0 | 1): Uint8Array => channelPoints(fundingSecrets(opened.secrets[side], keyIndex)).funding;
      return [key(0), key(1)];
    },
    witness: (unsigned, { prevout, valueSat }) => {
      const at = unsigned.inputs.findIndex((input) => outPointKey(input.prevout) === outPointKey(prevout));
      return wallet.witness(unsigned, at, valueSat);
    },
    // this node puts nothing into what another proposes
    answer: () => ({ contributionSat: 0 }),
    leastFeeratePerKw: MIN_FEERATE_PER_KW,
  };
}
