/** A node's side of its watchtowers: what it leaves with whom, each time the other end of a channel revokes a commitment. */
import type { CommitmentSpec } from '../channel/commitmentSpec.ts';
import type { NodeContext } from './context.ts';
import { justiceKit, sealKit, type JusticeBlob } from './justiceBlob.ts';
import { channelOf, sideOf } from './nodeChannel.ts';

/** Whom a client hands its blobs to: a watchtower, or what loses some of them on the way. */
export interface BlobStore {
  store(blob: JusticeBlob): void;
}

interface Watched {
  readonly store: BlobStore;
  readonly feeratesPerKw: readonly number[];
}

export class TowerClient {
  readonly #context: NodeContext;
  readonly #destination: Uint8Array;
  readonly #watched = new Map<number, Watched>();

  /** @param destination script that penalties pay */
  constructor(context: NodeContext, destination: Uint8Array) {
    this.#context = context;
    this.#destination = destination;
  }

  /** @param feeratesPerKw of what the tower may send, rising, sat per 1000 weight units */
  watch(edge: number, store: BlobStore, feeratesPerKw: readonly number[]): void {
    this.#watched.set(edge, { store, feeratesPerKw });
  }

  watches(edge: number): boolean {
    return this.#watched.has(edge);
  }

  /** The other end has revoked that commitment. */
  revoked(edge: number, spec: CommitmentSpec): void {
    const watched = this.#watched.get(edge);
    if (!watched) return;
    const channel = channelOf(edge);
    const material = this.#context.material(channel);
    const { feeratesPerKw } = watched;
    const { txid, kit } = justiceKit(material, channel, sideOf(edge), spec, this.#destination, feeratesPerKw);
    if (kit.together.length > 0) watched.store.store(sealKit(txid, kit));
  }
}
