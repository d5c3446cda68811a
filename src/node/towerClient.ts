/** A node's side of its watchtowers: what it leaves with them each time the other end of a channel revokes a commitment. */
import type { CommitmentSpec } from '../channel/commitmentSpec.ts';
import type { ChannelMaterial } from '../channel/materialise.ts';
import { splicedSpec } from '../channel/spliceCandidate.ts';
import type { NodeContext } from './context.ts';
import { justiceKit, sealKit, type JusticeBlob } from './justiceBlob.ts';
import { channelOf, sideOf, type NodeChannel } from './nodeChannel.ts';
import { materialOf, materialOn } from './nodeSplicing.ts';

/** Whom a client hands its blobs to: a watchtower, or what loses some of them on the way. */
export interface BlobStore {
  store(blob: JusticeBlob): void;
}

interface Hired {
  readonly store: BlobStore;
  readonly feeratesPerKw: readonly number[];
}

export class TowerClient {
  readonly #context: NodeContext;
  readonly #destination: Uint8Array;
  readonly #hired: Hired[] = [];

  /** @param destination script that penalties pay */
  constructor(context: NodeContext, destination: Uint8Array) {
    this.#context = context;
    this.#destination = destination;
  }

  /**
   * From now on that tower gets a blob for every commitment that is revoked to this node, in all its channels.
   * @param feeratesPerKw of what the tower may send, rising, sat per 1000 weight units
   */
  hire(store: BlobStore, feeratesPerKw: readonly number[]): void {
    this.#hired.push({ store, feeratesPerKw });
  }

  /** Whether there is any: else nobody needs to know what was revoked. */
  get isNeeded(): boolean {
    return this.#hired.length > 0;
  }

  /** The other end of a channel has revoked that commitment. */
  revoked(channel: NodeChannel, spec: CommitmentSpec): void {
    this.#store(channel, materialOf(channel, this.#context), spec);
    // it is as good on the funding of a splice that is not locked
    for (const candidate of channel.end.candidates) {
      if (spec.number < candidate.remoteNumber) continue;
      const spliced = splicedSpec(spec, candidate, false);
      this.#store(channel, materialOn(channel, candidate, this.#context), spliced);
    }
  }

  #store({ edge }: NodeChannel, material: ChannelMaterial, spec: CommitmentSpec): void {
    for (const { store, feeratesPerKw } of this.#hired) {
      const { txid, kit } = justiceKit(material, channelOf(edge), sideOf(edge), spec, this.#destination, feeratesPerKw);
      if (kit.together.length > 0) store.store(sealKit(txid, kit));
    }
  }
}
