/**
 * What each transaction of a chain is for, from the chain alone: by the scripts that its inputs show, and in hindsight by
 * how its outputs were spent. The names are those of a run; what no stranger can know is left open.
 */
import { type Block } from '../chain/block.ts';
import type { Blockchain } from '../chain/blockchain.ts';
import { outputType } from '../chain/script.ts';
import { outPointOf, type Transaction, type Txid, txidOf } from '../chain/transaction.ts';
import type { SpentCoin } from '../chain/utxoSet.ts';
import type { TransactionKind } from '../node/context.ts';
import { type ChannelSpend, channelSpend } from './channelScripts.ts';

export type RecognisedKind =
  | TransactionKind
  | 'coinbase'
  /** spends an anchor: to raise a commitment's fee, or to clean up */
  | 'anchor'
  /** pays a script hash that nobody has spent yet: the funding of an open channel, or anything else */
  | 'unspent-script-hash'
  | 'other';

/** What a spend makes of its transaction; of several inputs the first in this order decides. */
// prettier-ignore
const KIND_OF_SPEND: readonly (readonly [ChannelSpend, RecognisedKind])[] = [
  ['revocation',    'penalty'],
  ['htlc-timeout',  'htlc-timeout'],
  ['htlc-success',  'htlc-success'],
  ['htlc-preimage', 'htlc-claim'],
  ['htlc-expiry',   'htlc-claim'],
  ['funding',       'mutual-close'],
  ['delayed',       'sweep'],
  ['to-remote',     'sweep'],
  ['anchor',        'anchor'],
];

/**
 * The kind of every transaction. A revoked commitment is told from another by its punishment alone, and a funding or a
 * splice by its channel's end.
 */
export function recogniseKinds(chain: Blockchain): ReadonlyMap<Txid, RecognisedKind> {
  const recogniser = new Recogniser();
  for (let height = 1; height <= chain.height; height++) {
    const { block, spent } = chain.blockAt(height);
    recogniser.add(block, spent);
  }
  recogniser.finish(chain);
  return recogniser.kinds;
}

class Recogniser {
  readonly kinds = new Map<Txid, RecognisedKind>();
  /** the commitment that an HTLC transaction belongs to */
  readonly #commitmentOf = new Map<Txid, Txid>();
  readonly #commitments = new Set<Txid>();

  add({ transactions }: Block, spent: readonly (readonly SpentCoin[])[]): void {
    for (const [index, tx] of transactions.entries()) {
      if (index === 0) this.kinds.set(txidOf(tx), 'coinbase');
      else this.#addSpend(tx, spent[index]!);
    }
  }

  #addSpend(tx: Transaction, coins: readonly SpentCoin[]): void {
    const txid = txidOf(tx);
    const spends = tx.inputs.map((_, index) => this.#spendOf(tx, index, coins[index]!));
    const [spend, kind] = KIND_OF_SPEND.find(([each]) => spends.includes(each)) ?? [null, 'other' as const];
    this.kinds.set(txid, spend === 'funding' && isCommitment(tx) ? 'commitment' : kind);
    for (const [index, { prevout }] of tx.inputs.entries()) {
      switch (spends[index]) {
        case 'funding':
          if (this.kinds.get(prevout.txid) === 'other') this.kinds.set(prevout.txid, 'funding');
          // what looked like an agreed close paid another funding output
          if (this.kinds.get(prevout.txid) === 'mutual-close') this.kinds.set(prevout.txid, 'splice');
          if (isCommitment(tx)) this.#commitments.add(txid);
          break;
        case 'htlc-timeout':
        case 'htlc-success':
          this.#commitmentOf.set(txid, prevout.txid);
          break;
        case 'revocation': {
          const commitment = this.#commitmentOf.get(prevout.txid) ?? prevout.txid;
          if (this.#commitments.has(commitment)) this.kinds.set(commitment, 'revoked-commitment');
          break;
        }
        default:
          break;
      }
    }
  }

  #spendOf(tx: Transaction, index: number, { outPoint, coin }: SpentCoin): ChannelSpend | null {
    switch (outputType(coin.script)) {
      case 'p2wsh':
        return channelSpend(tx.inputs[index]!.witness);
      case 'p2wpkh': // without anchors `to_remote` pays the key itself
        return this.#commitments.has(outPoint.txid) ? 'to-remote' : null;
      case 'p2a':
        return this.#commitments.has(outPoint.txid) ? 'anchor' : null;
      default:
        return null;
    }
  }

  /** What only the end of the chain shows. */
  finish(chain: Blockchain): void {
    for (const [key, { script }] of chain.utxos.entries()) {
      const { txid } = outPointOf(key);
      if (outputType(script) === 'p2wsh' && this.kinds.get(txid) === 'other') {
        this.kinds.set(txid, 'unspent-script-hash');
      }
    }
  }
}

/** BOLT 3, "Commitment Transaction": the upper bytes of sequence and lock time are 0x80 and 0x20. */
const isCommitment = (tx: Transaction): boolean =>
  tx.inputs.length === 1 && tx.inputs[0]!.sequence >>> 24 === 0x80 && tx.lockTime >>> 24 === 0x20;
