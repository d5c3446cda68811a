/**
 * Miners who compete: each has a share of the hash power, hears of the others' blocks after a delay, and builds on what it
 * heard. Forks come from delays and from behaviours that are not honest; each view resolves them by its own block tree.
 *
 * Proof of work is memoryless, so all miners together are one exponential clock, and who found the block is drawn by hash
 * power. Difficulty does not adjust: what forks lose makes the chain slower than the clock.
 */
import { assert, present } from '../base/assert.ts';
import { mark } from '../base/marks.ts';
import type { Rng } from '../base/random.ts';
import { micros, type Micros, MICROS_PER_SECOND } from '../base/time.ts';
import type { Sat } from '../base/units.ts';
import { type Block, blockHashOf, type BlockHash } from './block.ts';
import { Blockchain } from './blockchain.ts';
import { BlockTree } from './blockTree.ts';
import { type AcceptResult, Mempool, type PackageResult } from './mempool.ts';
import type { MempoolEntry } from './mempoolEntry.ts';
import type { CompetingDemand } from './feeMarket.ts';
import {
  buildBlock,
  drawBlockInterval,
  type Filler,
  MEAN_BLOCK_INTERVAL_SECONDS,
  type MiningOptions,
} from './miner.ts';
import { honest, type MinerBehaviour, type MinerControl } from './minerBehaviours/behaviour.ts';
import { instant, OBSERVER, type Propagation } from './minerNetworkPropagation.ts';
import { GENESIS_TIME_SECONDS } from './regtest.ts';
import { type SignatureVerifier } from './signatureCheck.ts';
import { SignatureCache } from './signatureCache.ts';
import type { Transaction, TxOutput } from './transaction.ts';

/** What a full node holds. */
export interface View {
  readonly chain: Blockchain;
  readonly pool: Mempool;
  readonly tree: BlockTree;
}

export interface MinerSpec {
  readonly name: string;
  /** in any unit: its share is its part of the sum */
  readonly hashPower: number;
  /** by default honest */
  readonly behaviour?: MinerBehaviour;
}

export interface MinerNetworkOptions {
  readonly miners: readonly MinerSpec[];
  /** the node that everybody who doesn't mine looks at */
  readonly observer: View;
  /** draws the intervals; who finds a block, and whatever else is drawn, come from streams below it */
  readonly rng: Rng;
  /** where subsidy and fees of a block go; what the outputs leave of them is destroyed */
  readonly coinbaseOutputs: (miner: number, height: number, claimableSat: Sat) => readonly TxOutput[];
  /** of all miners together; default ten minutes */
  readonly meanIntervalSeconds?: number;
  /** default: everybody hears of a block at once */
  readonly propagation?: Propagation;
  /**
   * The background's demand for block space as the blocks of a chain have left it, asked once for each view. It is to be
   * advanced to each block's time before the block is found.
   */
  readonly competing?: (chain: Blockchain) => CompetingDemand;
  /** what else a block holds, whoever finds it; default nothing */
  readonly filler?: Filler;
  /** weight units that every miner's blocks have at most; default what is valid */
  readonly blockMaxWeight?: number;
  /** Unix seconds of the simulation's time 0; default: when regtest's first block is dated */
  readonly epochSeconds?: number;
  /** time of the first interval's start; default 0 */
  readonly start?: Micros;
}

interface Miner extends Required<MinerSpec> {
  readonly index: number;
  readonly view: View;
  readonly competing: CompetingDemand | null;
  readonly control: MinerControl;
}

/** A block on its way. */
interface Delivery {
  readonly at: Micros;
  readonly to: number;
  readonly block: Block;
}

export class MinerNetwork {
  readonly observer: View;
  readonly #options: MinerNetworkOptions;
  readonly #miners: Miner[] = [];
  /** those that hear of blocks by themselves: the observer, and miners with a view of their own */
  readonly #listeners: number[] = [OBSERVER];
  readonly #who: Rng;
  readonly #propagation: Propagation;
  readonly #totalPower: number;
  /** on the way, the earliest first, in order of sending where equal */
  readonly #deliveries: Delivery[] = [];
  readonly #finder = new Map<BlockHash, number>();
  readonly #found: number[] = [];
  #now: Micros;
  #nextFind: Micros;

  constructor(options: MinerNetworkOptions) {
    const { miners, observer, rng } = options;
    assert(miners.length > 0, 'at least one miner');
    assert(
      miners.every(({ hashPower }) => hashPower > 0 && Number.isFinite(hashPower)),
      'hash power is positive',
    );
    this.#options = options;
    this.observer = observer;
    this.#propagation = options.propagation ?? instant;
    this.#who = rng.stream('finder');
    this.#totalPower = miners.reduce((sum, { hashPower }) => sum + hashPower, 0);
    this.#now = options.start ?? micros(0);
    // a signature that one miner found good is good for all of them: it costs the simulation once more, not once each
    const shared = new SignatureCache().remembering(observer.chain.verifier);
    for (const [index, spec] of miners.entries()) this.#miners.push(this.#newMiner(index, spec, shared));
    for (const { behaviour, control } of this.#miners) behaviour.onStart?.(control);
    this.#nextFind = this.#drawNext();
  }

  #newMiner(index: number, spec: MinerSpec, verifier: SignatureVerifier): Miner {
    const behaviour = spec.behaviour ?? honest();
    // where all hear everything at once, honest miners know what the observer knows
    const shares = behaviour.sharesView && this.#propagation === instant;
    const view = shares ? this.observer : copyOf(this.observer, verifier);
    if (!shares) this.#listeners.push(index);
    this.#found.push(0);
    const competing = this.#options.competing?.(view.chain) ?? null;
    return { ...spec, behaviour, index, view, competing, control: this.#controlOf(index, view) };
  }

  #controlOf(index: number, view: View): MinerControl {
    const now = (): Micros => this.#now;
    return {
      index,
      view,
      get now() {
        return now();
      },
      follow: (block) => void view.tree.add(block),
      publish: (block) => this.#publish(index, block),
      broadcast: (tx) => this.broadcast(tx),
    };
  }

  get now(): Micros {
    return this.#now;
  }

  /** When something happens next: a block is found, or one arrives somewhere. */
  get nextAt(): Micros {
    const first = this.#deliveries[0];
    return first !== undefined && first.at <= this.#nextFind ? first.at : this.#nextFind;
  }

  /** Blocks found so far, by miner, whatever became of them. */
  get found(): readonly number[] {
    return this.#found;
  }

  /** Who found a block, or null if none of these miners did. */
  minerOf(hash: BlockHash): number | null {
    return this.#finder.get(hash) ?? null;
  }

  /** A miner's view; honest ones share the observer's where nothing delays blocks. */
  viewOf(miner: number): View {
    return present(this.#miners[miner], `miner ${miner}`).view;
  }

  /** Lets everything happen up to that time, with it. */
  advance(to: Micros): void {
    while (this.nextAt <= to) this.step();
    this.elapse(to);
  }

  /** Time goes on while nothing happens. @param to not after `nextAt` */
  elapse(to: Micros): void {
    assert(to <= this.nextAt, `something happens before ${to}`);
    assert(to >= this.#now, `time goes on: ${to} after ${this.#now}`);
    this.#now = to;
  }

  /** Lets the next thing happen. */
  step(): void {
    const first = this.#deliveries[0];
    if (first !== undefined && first.at <= this.#nextFind) {
      this.#deliveries.shift();
      this.#now = first.at;
      this.#deliver(first);
      return;
    }
    this.#now = this.#nextFind;
    this.#nextFind = this.#drawNext();
    this.#find(this.#draw());
  }

  /** Lets a miner find a block at once, out of turn. @returns the block's hash */
  mineNow(miner: number): BlockHash {
    return this.#find(present(this.#miners[miner], `miner ${miner}`));
  }

  /** Offers a transaction to the observer; what it takes reaches all miners at once. @returns what the observer says */
  broadcast(tx: Transaction): AcceptResult {
    const result = this.observer.pool.accept(tx, this.#seconds);
    if (result.ok) this.#relay([tx]);
    return result;
  }

  /** The same for a child with its unconfirmed parents, parents first. */
  broadcastPackage(transactions: readonly Transaction[]): PackageResult {
    const result = this.observer.pool.acceptPackage(transactions, this.#seconds);
    if (result.ok) this.#relay(transactions);
    return result;
  }

  #relay(transactions: readonly Transaction[]): void {
    for (const { behaviour, view } of this.#miners) {
      if (view !== this.observer && transactions.every((tx) => behaviour.takes(tx)))
        this.#offer(view.pool, transactions);
    }
  }

  #offer(pool: Mempool, transactions: readonly Transaction[]): void {
    const [first] = transactions;
    if (first !== undefined && transactions.length === 1) pool.accept(first, this.#seconds);
    else pool.acceptPackage(transactions, this.#seconds);
  }

  /** A miner's chain has changed: what waits with everybody else and found no place in its pool may fit now. */
  #offerAgain({ behaviour, view }: Miner): void {
    if (view === this.observer) return;
    const isMissing = ({ tx, txid }: MempoolEntry): boolean => !view.pool.has(txid) && behaviour.takes(tx);
    for (const entry of this.observer.pool.entries()) {
      if (!isMissing(entry)) continue;
      mark('minerNetwork: offered again');
      // a parent that pays too little by itself comes with its child
      const parents = this.observer.pool.ancestors(entry).filter(isMissing);
      this.#offer(
        view.pool,
        [...parents, entry].map(({ tx }) => tx),
      );
    }
  }

  /** Now, Unix seconds. */
  get #seconds(): number {
    return (this.#options.epochSeconds ?? GENESIS_TIME_SECONDS) + Math.floor(this.#now / MICROS_PER_SECOND);
  }

  #drawNext(): Micros {
    const mean = this.#options.meanIntervalSeconds ?? MEAN_BLOCK_INTERVAL_SECONDS;
    return micros(this.#now + drawBlockInterval(this.#options.rng, mean));
  }

  #draw(): Miner {
    let left = this.#who.unit() * this.#totalPower;
    for (const miner of this.#miners) {
      left -= miner.hashPower;
      if (left < 0) return miner;
    }
    return this.#miners.at(-1)!; // rounding alone comes here
  }

  #find(miner: Miner): BlockHash {
    const { behaviour, view, control, index, competing } = miner;
    const { filler, blockMaxWeight } = this.#options;
    const height = view.chain.height + 1;
    const options: MiningOptions = {
      timeSeconds: this.#seconds,
      coinbaseOutputs: (claimableSat) => this.#options.coinbaseOutputs(index, height, claimableSat),
      ...(competing === null ? {} : { competing }),
      ...(filler === undefined ? {} : { filler }),
      ...(blockMaxWeight === undefined ? {} : { blockMaxWeight }),
    };
    view.pool.advance(this.#seconds);
    const block = behaviour.build?.(control, options) ?? buildBlock(view.chain, view.pool, options);
    const hash = blockHashOf(block.header);
    this.#finder.set(hash, index);
    this.#found[index]!++;
    const added = view.tree.add(block);
    assert(added.ok && added.outcome === 'connected', `${miner.name} builds on its own tip, and validly`);
    behaviour.onFound(control, block);
    this.#offerAgain(miner);
    return hash;
  }

  /** Sends a block to everyone but its sender. */
  #publish(from: number, block: Block): void {
    const sender = present(this.#miners[from], `miner ${from}`);
    for (const to of this.#listeners) {
      const view = to === OBSERVER ? this.observer : this.#miners[to]!.view;
      if (view === sender.view) continue;
      const at = micros(this.#now + this.#propagation(from, to));
      let place = this.#deliveries.length;
      while (place > 0 && this.#deliveries[place - 1]!.at > at) place--;
      this.#deliveries.splice(place, 0, { at, to, block });
    }
  }

  #deliver({ to, block }: Delivery): void {
    if (to === OBSERVER) {
      this.observer.tree.add(block);
      return;
    }
    const miner = present(this.#miners[to], `miner ${to}`);
    miner.behaviour.onBlock(miner.control, block);
    this.#offerAgain(miner);
  }
}

/** A node that knows what another knows. */
function copyOf(observer: View, verifier: SignatureVerifier): View {
  const chain = new Blockchain({ verifier });
  for (let height = 1; height <= observer.chain.height; height++) {
    const result = chain.connect(observer.chain.blockAt(height).block);
    assert(result.ok, 'a block of the observer’s chain is valid');
  }
  const { minRelayFeeSatPerKvb, incrementalRelayFeeSatPerKvb, fullRbf, chainLimits, maxVsize } = observer.pool;
  const options = { minRelayFeeSatPerKvb, incrementalRelayFeeSatPerKvb, fullRbf, chainLimits, maxVsize };
  const pool = new Mempool(chain, options);
  for (const { tx } of observer.pool.entries()) pool.accept(tx);
  return { chain, pool, tree: new BlockTree(chain, pool) };
}
