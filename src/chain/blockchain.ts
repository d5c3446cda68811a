/**
 * The chain of blocks as one full node holds it: validates a block that builds on the tip, connects it, and can take it
 * off again. Regtest rules, all of BIPs 34, 65, 66, 68, 112, 113, 141 and 147 active from the first block; since every
 * coinbase holds its height, no transaction can come twice, and BIP 30 has nothing to refuse (`UtxoSet` asserts it).
 */
import { assert, present } from '../base/assert.ts';
import { type Sat, sat } from '../base/units.ts';
import { type Block, blockHashOf, type BlockHash } from './block.ts';
import { verifyInput } from './interpreter.ts';
import { genesisBlock, subsidySat } from './regtest.ts';
import { scriptErrorMessage } from './scriptError.ts';
import { CONSENSUS_FLAGS } from './scriptFlags.ts';
import { SignatureCache } from './signatureCache.ts';
import { plainVerifier, type SignatureVerifier } from './signatureCheck.ts';
import { sigopCost } from './sigops.ts';
import { type LockContext, medianTimePast, MEDIAN_TIME_SPAN, sequenceLocksPassed } from './timelocks.ts';
import { type Transaction, type Txid, txidOf } from './transaction.ts';
import { type Coin, type SpentCoin, UtxoSet } from './utxoSet.ts';
import { checkInputs, type InputsRejectReason } from './validate.ts';
import { type BlockRejectReason, checkBlock, checkHeader, MAX_BLOCK_SIGOP_COST } from './validateBlock.ts';

/** A block on the chain, and what it takes to disconnect it. */
export interface ConnectedBlock {
  readonly height: number;
  readonly hash: BlockHash;
  readonly block: Block;
  /** what all its transactions paid */
  readonly feesSat: Sat;
  /** for every transaction, the coins it took */
  readonly spent: readonly (readonly SpentCoin[])[];
}

export type ConnectRejectReason =
  | 'duplicate'
  | 'prev-blk-not-found'
  | 'inconclusive-not-best-prevblk'
  | 'bad-txns-inputs-missingorspent'
  | 'bad-cb-amount'
  | `mandatory-script-verify-flag-failed (${string})`
  | InputsRejectReason
  | BlockRejectReason;

export type ConnectResult =
  | { readonly ok: true; readonly connected: ConnectedBlock }
  /** `txid`: the transaction at fault, where it is one's */
  | { readonly ok: false; readonly reason: ConnectRejectReason; readonly txid: Txid | null };

type BlockListener = (connected: ConnectedBlock) => void;

export interface BlockchainOptions {
  /** signatures that a mempool found good already; its mempool shares it */
  readonly signatures?: SignatureCache;
  /** what verifies the others; by default the curve in use */
  readonly verifier?: SignatureVerifier;
  /** `always`: every signature goes to the curve, in the mempool and again in the block; default `once` */
  readonly verify?: 'once' | 'always';
}

export class Blockchain {
  readonly utxos = new UtxoSet();
  readonly signatures: SignatureCache;
  readonly verifier: SignatureVerifier;
  readonly #blocks: ConnectedBlock[] = [];
  readonly #heights = new Map<BlockHash, number>();
  /** by height, Unix seconds */
  readonly #medianTimes: number[] = [];
  readonly #onConnect: BlockListener[] = [];
  readonly #onDisconnect: BlockListener[] = [];
  #subsidySat = 0;
  #unclaimedSat = 0;

  constructor(options: BlockchainOptions = {}) {
    this.signatures =
      options.verify === 'always' ? new SignatureCache(0) : (options.signatures ?? new SignatureCache());
    this.verifier = options.verifier ?? plainVerifier;
    const block = genesisBlock();
    // the first block's coinbase never entered the set of coins
    this.#append({ height: 0, hash: blockHashOf(block.header), block, feesSat: sat(0), spent: [] });
  }

  get tip(): ConnectedBlock {
    return this.#blocks.at(-1)!;
  }

  /** Of the tip; the first block's is 0. */
  get height(): number {
    return this.#blocks.length - 1;
  }

  get tipHash(): BlockHash {
    return this.tip.hash;
  }

  /** The tip's own time, Unix seconds. */
  get tipTimeSeconds(): number {
    return this.tip.block.header.timeSeconds;
  }

  /** The tip's median time past (BIP 113), Unix seconds: the next block's time must exceed it. */
  get medianTimePastSeconds(): number {
    return this.#medianTimes.at(-1)!;
  }

  /** What the blocks' subsidies allowed to create so far. */
  get issuedSat(): Sat {
    return sat(this.#subsidySat);
  }

  /** What coinbases left unclaimed of subsidies and fees: destroyed. */
  get unclaimedSat(): Sat {
    return sat(this.#unclaimedSat);
  }

  /** The block of that height. @throws InvariantError above the tip */
  blockAt(height: number): ConnectedBlock {
    return present(this.#blocks[height], `block ${height}`);
  }

  /** The height of a block on this chain, or null. */
  heightOf(hash: BlockHash): number | null {
    return this.#heights.get(hash) ?? null;
  }

  /** What BIP 68 needs of this chain for a transaction in the next block. */
  nextBlockLocks(): LockContext {
    return {
      height: this.height + 1,
      medianTimePastSeconds: this.medianTimePastSeconds,
      medianTimePastAt: (height) => present(this.#medianTimes[height], `block ${height}`),
    };
  }

  /** Calls back after a block was connected, in order of registration. @returns what ends it */
  onConnect(listener: BlockListener): () => void {
    return register(this.#onConnect, listener);
  }

  /** Calls back after the tip was disconnected. @returns what ends it */
  onDisconnect(listener: BlockListener): () => void {
    return register(this.#onDisconnect, listener);
  }

  /** Validates a block and makes it the tip, or says by Bitcoin Core's name why not and changes nothing. */
  connect(block: Block): ConnectResult {
    const { header } = block;
    const hash = blockHashOf(header);
    const height = this.height + 1;
    if (this.#heights.has(hash)) return refuse('duplicate');
    if (!this.#heights.has(header.previousHash)) return refuse('prev-blk-not-found');
    if (header.previousHash !== this.tipHash) return refuse('inconclusive-not-best-prevblk');
    const reason =
      checkHeader(header, this.medianTimePastSeconds) ?? checkBlock(block, height, this.medianTimePastSeconds);
    if (reason !== null) return refuse(reason);

    const applied = this.#applyTransactions(block, height);
    if (!applied.ok) return applied;
    const connected: ConnectedBlock = { height, hash, block, feesSat: applied.feesSat, spent: applied.spent };
    this.#count(connected, 1);
    this.#append(connected);
    for (const listener of this.#onConnect.slice()) listener(connected);
    return { ok: true, connected };
  }

  /** Takes the tip off the chain and gives back what it spent. @returns the block. @throws InvariantError on the first */
  disconnectTip(): ConnectedBlock {
    assert(this.height > 0, 'the first block stays');
    const connected = this.#blocks.pop()!;
    this.#heights.delete(connected.hash);
    this.#medianTimes.pop();
    this.#undo(connected.block.transactions, connected.spent);
    this.#count(connected, -1);
    for (const listener of this.#onDisconnect.slice()) listener(connected);
    return connected;
  }

  #append(connected: ConnectedBlock): void {
    this.#blocks.push(connected);
    this.#heights.set(connected.hash, connected.height);
    const recent = this.#blocks.slice(-MEDIAN_TIME_SPAN);
    this.#medianTimes.push(medianTimePast(recent.map(({ block }) => block.header.timeSeconds)));
  }

  /** Adds a block's subsidy, and what its coinbase left of it and of the fees; or takes them off again. */
  #count({ height, block, feesSat }: ConnectedBlock, sign: 1 | -1): void {
    const subsidy = subsidySat(height);
    this.#subsidySat += sign * subsidy;
    this.#unclaimedSat += sign * (subsidy + feesSat - outputsSat(block.transactions[0]!));
  }

  /** Applies all transactions in order, or none. */
  #applyTransactions(
    { transactions }: Block,
    height: number,
  ): { ok: true; feesSat: Sat; spent: SpentCoin[][] } | { ok: false; reason: ConnectRejectReason; txid: Txid | null } {
    const locks = this.nextBlockLocks();
    const verifier = this.signatures.consuming(this.verifier);
    const spent: SpentCoin[][] = [];
    let feesSat = 0;
    let cost = 0;
    let fault: { reason: ConnectRejectReason; txid: Txid | null } | null = null;
    for (const [index, tx] of transactions.entries()) {
      const checked =
        index === 0 ? { feeSat: 0, sigopCost: sigopCost(tx, []) } : this.#checkSpend(tx, height, locks, verifier);
      if (typeof checked === 'string') fault = { reason: checked, txid: txidOf(tx) };
      else if ((cost += checked.sigopCost) > MAX_BLOCK_SIGOP_COST) fault = { reason: 'bad-blk-sigops', txid: null };
      else {
        feesSat += checked.feeSat;
        spent.push(this.utxos.apply(tx, height));
      }
      if (fault !== null) break;
    }
    if (fault === null && outputsSat(transactions[0]!) > subsidySat(height) + feesSat) {
      fault = { reason: 'bad-cb-amount', txid: txidOf(transactions[0]!) };
    }
    if (fault === null) return { ok: true, feesSat: sat(feesSat), spent };
    this.#undo(transactions.slice(0, spent.length), spent);
    return { ok: false, ...fault };
  }

  #undo(transactions: readonly Transaction[], spent: readonly (readonly SpentCoin[])[]): void {
    for (let i = transactions.length - 1; i >= 0; i--) this.utxos.undo(transactions[i]!, spent[i]!);
  }

  #checkSpend(
    tx: Transaction,
    height: number,
    locks: LockContext,
    verifier: SignatureVerifier,
  ): ConnectRejectReason | Checked {
    const coins: Coin[] = [];
    for (const { prevout } of tx.inputs) {
      const coin = this.utxos.get(prevout);
      if (coin === undefined) return 'bad-txns-inputs-missingorspent';
      coins.push(coin);
    }
    const fee = checkInputs(tx, coins, height);
    if (typeof fee === 'string') return fee;
    const coinHeights = coins.map((coin) => coin.height);
    if (!sequenceLocksPassed(tx, coinHeights, locks)) return 'bad-txns-nonfinal';
    for (const [index, coin] of coins.entries()) {
      const error = verifyInput(tx, index, coin, CONSENSUS_FLAGS, verifier);
      if (error !== null) return `mandatory-script-verify-flag-failed (${scriptErrorMessage(error)})`;
    }
    return { feeSat: fee, sigopCost: sigopCost(tx, coins) };
  }
}

interface Checked {
  readonly feeSat: number;
  readonly sigopCost: number;
}

const refuse = (reason: ConnectRejectReason): ConnectResult => ({ ok: false, reason, txid: null });

const outputsSat = (tx: Transaction): number => tx.outputs.reduce((sum, output) => sum + output.valueSat, 0);

function register<T>(list: T[], item: T): () => void {
  list.push(item);
  return () => {
    const at = list.indexOf(item);
    if (at >= 0) list.splice(at, 1);
  };
}
