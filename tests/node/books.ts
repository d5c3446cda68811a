/** What a lab's chain and nodes come to, seen from outside: money by wallet, outputs nobody took, work still to do. */
import { outPointKey, type Txid } from '../../src/chain/transaction.ts';
import type { TransactionKind } from '../../src/node/context.ts';
import type { NodeChannel } from '../../src/node/nodeChannel.ts';
import { MINER } from './foundation.ts';
import type { Lab } from './harness.ts';

/** A confirmed transaction that a node broadcast. */
export interface Confirmed {
  readonly kind: TransactionKind;
  readonly channel: number;
  readonly txid: Txid;
  readonly height: number;
  readonly feeSat: number;
  /** the node that the fee is booked to: who broadcast it; of commitments and closings the channel's opener */
  readonly payer: number;
  /** what it pays to wallets, less what it takes from them, by node */
  readonly flowsSat: ReadonlyMap<number, number>;
}

/** Sat on the chain that pay a node's wallet. */
export function walletSat(lab: Lab, node: number): number {
  const script = String(lab.nodes[node]!.wallet.script);
  let sum = 0;
  for (const [, coin] of lab.chain.utxos.entries()) if (String(coin.script) === script) sum += coin.valueSat;
  return sum;
}

/** Fees in sat that were booked to each node, in one channel or in all. */
export function feesSat(lab: Lab, channel: number | null = null): number[] {
  const sums = lab.nodes.map(() => 0);
  for (const each of lab.confirmed) {
    if (channel === null || each.channel === channel) sums[each.payer]! += each.feeSat;
  }
  return sums;
}

/** What a channel's transactions brought a node on-chain, with the fees that it paid added, in sat. */
export function gotSat(lab: Lab, channel: number, node: number): number {
  let sum = feesSat(lab, channel)[node]!;
  for (const each of lab.confirmed) if (each.channel === channel) sum += each.flowsSat.get(node) ?? 0;
  return sum;
}

/** Outputs that are no wallet's, no miner's and no open channel's, in sat. */
export function leftoversSat(lab: Lab): number[] {
  const known = new Set([String(MINER), ...lab.nodes.map(({ wallet }) => String(wallet.script))]);
  const fundings = new Set(lab.materials.map(({ funding }) => outPointKey(funding)));
  const left: number[] = [];
  for (const [key, coin] of lab.chain.utxos.entries()) {
    if (!known.has(String(coin.script)) && !fundings.has(key)) left.push(coin.valueSat);
  }
  return left;
}

/** Whether nothing is left to do for anybody: no HTLC hangs, and no channel is on its way to the chain. */
export function isSettled(lab: Lab): boolean {
  const hangs = ({ end, monitor }: NodeChannel): boolean =>
    monitor === null && (end.phase !== 'normal' || end.htlcs.length > 0);
  return (
    lab.pool.size === 0 &&
    lab.busyEdges.length === 0 &&
    !lab.nodes.some((node) => node.isSettling || [...node.channels.values()].some(hangs))
  );
}
