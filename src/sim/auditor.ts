/**
 * The auditor: money is conserved, checked after every event.
 *
 * Cheap, after each event: every channel end that the event touched adds up to its capacity in both its commitments; all
 * open channels together hold what their funding outputs hold; the UTXO set is what was issued less what was destroyed;
 * the mempool's outputs and fees are what it spends. Whole, every so many events: the same sums counted from nothing.
 */
import { InvariantError } from '../base/assert.ts';
import type { Blockchain } from '../chain/blockchain.ts';
import type { Mempool } from '../chain/mempool.ts';
import { outPointKey, outPointOf, type OutPoint } from '../chain/transaction.ts';
import type { SpliceCandidate } from '../channel/spliceCandidate.ts';
import type { ChannelEnd } from '../channel/channelEnd.ts';

/** The ledger does not add up. The run stops, and says how to see it again. */
export class LedgerViolation extends InvariantError {
  override readonly name = 'LedgerViolation';
}

/** Where all money is, in sat; the parts add up to `issuedSat`. */
export interface Holdings {
  readonly issuedSat: number;
  /** confirmed coins of the nodes' wallets */
  readonly walletsSat: number;
  /** funding outputs of open channels: balances and HTLCs in flight */
  readonly channelsSat: number;
  /** outputs of commitments and HTLC transactions that nobody has taken yet */
  readonly contractsSat: number;
  /** what miners got: subsidy that was not handed out, and fees */
  readonly minersSat: number;
  /** outputs nobody can spend, and subsidy or fees that no coinbase claimed */
  readonly destroyedSat: number;
}

/** What the auditor may look at. */
export interface Audited {
  readonly chain: Blockchain;
  readonly mempool: Mempool;
  /** by edge; null where there is no such channel */
  readonly ends: readonly (ChannelEnd<unknown> | null)[];
  /** 'wallet', 'miner', or null for any other script */
  ownerOf(script: Uint8Array): 'wallet' | 'miner' | null;
  /** sat that all wallets believe to have on the chain, what they are spending included */
  walletsSat(): number;
}

export class Auditor {
  readonly #audited: Audited;
  readonly #touched: number[] = [];
  /** by channel: msat that it was last counted to hold; −1 where its ledger stands for nothing on the chain */
  readonly #counted: Float64Array;
  /** keys of the funding outputs that are unspent, with their channel */
  readonly #fundings = new Map<string, number>();
  /** by channel: sat in its funding output, where it is confirmed */
  readonly #fundingSat: Float64Array;
  #channelsMsat = 0;
  #fundingsSat = 0;
  #events = 0;
  #audits = 0;

  constructor(audited: Audited) {
    this.#audited = audited;
    this.#counted = new Float64Array(audited.ends.length >> 1).fill(-1);
    this.#fundingSat = new Float64Array(audited.ends.length >> 1);
  }

  /** Events checked, and whole-world audits made. */
  get checks(): { readonly events: number; readonly audits: number } {
    return { events: this.#events, audits: this.#audits };
  }

  /** The event at hand concerns that end. */
  touch(edge: number): void {
    // an event that sends several messages over a channel touches it as often
    if (this.#touched.at(-1) !== edge) this.#touched.push(edge);
  }

  /** A funding output confirmed: the channel's ledger stands for it from now on. */
  channelOpened(channel: number, outPoint: string, valueSat: number): void {
    this.#fundings.set(outPoint, channel);
    this.#fundingsSat += valueSat;
    this.#fundingSat[channel] = valueSat;
    this.#counted[channel] = 0;
    this.#touched.push(2 * channel, 2 * channel + 1);
  }

  /** The funding output was spent by a confirmed transaction: the chain's outputs stand for the channel now. */
  channelSpent(channel: number, outPoint: string, valueSat: number): void {
    this.#fundings.delete(outPoint);
    this.#fundingsSat -= valueSat;
    this.#fundingSat[channel] = 0;
    this.#channelsMsat -= Math.max(0, this.#counted[channel]!);
    this.#counted[channel] = -1;
  }

  /** @throws LedgerViolation if the event left anything that does not add up */
  afterEvent(): void {
    this.#events++;
    for (const edge of this.#touched) this.#recount(edge);
    this.#touched.length = 0;
    const { chain, mempool } = this.#audited;
    equal('open channels against their funding outputs, msat', this.#channelsMsat, this.#fundingsSat * 1000);
    const destroyed = chain.unclaimedSat + chain.utxos.unspendableSat;
    equal('unspent outputs against what was issued, sat', chain.utxos.totalSat + destroyed, chain.issuedSat);
    const { spentFromChainSat, spentWithinSat, outputsSat, feesSat } = mempool.totals;
    equal(
      'the mempool’s outputs and fees against what it spends, sat',
      outputsSat + feesSat,
      spentFromChainSat + spentWithinSat,
    );
  }

  /** Both commitments of an open channel's end, against its capacity. */
  #recount(edge: number): void {
    const channel = edge >> 1;
    const end = this.#audited.ends[edge];
    if (!end) return;
    const capacity = end.terms.capacitySat * 1000;
    const { local, remote } = end.ledger.countedMsat();
    if (local !== capacity || remote !== capacity) {
      const whose = `channel #${channel}, as node${(edge & 1) + 1} holds it`;
      equal(`${whose}: its own commitment, msat`, local, capacity);
      equal(`${whose}: the other’s commitment, msat`, remote, capacity);
    }
    const before = this.#counted[channel]!;
    // a channel may be used before its funding is confirmed: its money is the mempool's until then
    if (before === -1) return;
    const holdsMsat = local + this.#splicedMsat(channel, end);
    this.#channelsMsat += holdsMsat - before;
    this.#counted[channel] = holdsMsat;
  }

  /**
   * What a splice brought to the funding output, or took, and not to the end's ledger, which it has not locked; or the other
   * way round, where the block with a splice that is locked left the chain.
   */
  #splicedMsat(channel: number, { terms, candidates, ledger }: ChannelEnd<unknown>): number {
    const fundingSat = this.#fundingSat[channel]!;
    if (fundingSat === terms.capacitySat) return 0;
    const pending = candidates.find(({ capacitySat }) => capacitySat === fundingSat);
    let contributedSat = pending ? contributed(pending) : 0;
    for (let i = ledger.adopted.length - 1; !pending && i >= 0; i--) {
      contributedSat -= contributed(ledger.adopted[i]!);
      if (terms.capacitySat + contributedSat === fundingSat) break;
    }
    equal(`channel #${channel}: its funding output, sat`, fundingSat, terms.capacitySat + contributedSat);
    return 1000 * contributedSat;
  }

  /** Counts the whole world from nothing. @throws LedgerViolation if any sum differs */
  audit(): Holdings {
    this.#audits++;
    for (let channel = 0; channel < this.#counted.length; channel++) {
      if (this.#counted[channel] === -1) continue;
      this.#recount(2 * channel);
      this.#recount(2 * channel + 1);
    }
    const { chain, mempool } = this.#audited;
    let [walletsSat, minersSat, othersSat, channelsSat] = [0, 0, 0, 0];
    for (const { valueSat, script } of chain.utxos.coins()) {
      const owner = this.#audited.ownerOf(script);
      if (owner === 'wallet') walletsSat += valueSat;
      else if (owner === 'miner') minersSat += valueSat;
      else othersSat += valueSat;
    }
    for (const key of this.#fundings.keys()) channelsSat += chain.utxos.get(outPointOf(key))?.valueSat ?? 0;
    const contractsSat = othersSat - channelsSat;
    const total = walletsSat + minersSat + othersSat;
    equal('the coins that wallets know of, sat', this.#audited.walletsSat(), walletsSat);
    equal('unspent outputs counted one by one, sat', total, chain.utxos.totalSat);
    equal('funding outputs counted one by one, sat', channelsSat, this.#fundingsSat);
    let [spent, made, fees] = [0, 0, 0];
    for (const entry of mempool.entries()) {
      fees += entry.feeSat;
      for (const output of entry.tx.outputs) made += output.valueSat;
      for (const input of entry.tx.inputs) spent += valueOf(mempool, input.prevout);
    }
    equal('the mempool counted one by one, sat', made + fees, spent);
    equal('the mempool’s fees counted one by one, sat', fees, mempool.totals.feesSat);
    const destroyedSat = chain.unclaimedSat + chain.utxos.unspendableSat;
    const issuedSat = chain.issuedSat;
    equal('all holdings, sat', walletsSat + minersSat + channelsSat + contractsSat + destroyedSat, issuedSat);
    return { issuedSat, walletsSat, channelsSat, contractsSat, minersSat, destroyedSat };
  }
}

const contributed = ({ localSat, remoteSat }: SpliceCandidate): number => localSat + remoteSat;

function equal(what: string, found: number, expected: number): void {
  if (found !== expected) throw new LedgerViolation(`money is not conserved: ${what}: ${found}, not ${expected}`);
}

function valueOf(mempool: Mempool, outPoint: OutPoint): number {
  const coin = mempool.get(outPoint);
  if (!coin) throw new LedgerViolation(`the mempool spends ${outPointKey(outPoint)}, which is not there`);
  return coin.valueSat;
}
