/**
 * A watchtower: a party of its own that punishes revoked commitments for clients that are offline. It holds blobs that it
 * can't read (`justiceBlob.ts`), looks every confirmed transaction up among their hints, and sends what it finds inside.
 */
import { mark } from '../base/marks.ts';
import { txidOf, type Transaction, type Txid } from '../chain/transaction.ts';
import type { NodeContext } from './context.ts';
import type { BlobStore } from './towerClient.ts';
import { hintOf, openBlob, type JusticeBlob, type JusticeKit, type Rungs } from './justiceBlob.ts';

/** What a tower asks of the world. */
export type TowerContext = Pick<NodeContext, 'height' | 'broadcast' | 'onUndo'>;

/** A cheat that was seen. */
interface Case {
  readonly kit: JusticeKit;
  readonly since: number;
  /** height at which nothing was left to take; null while there is */
  doneAt: number | null;
}

/** Blocks after which a case is closed for good: as deep as wallets ask for. */
const CLOSED_DEPTH = 6;
/** The mempool's words for: an input is spent, by another's or by this very transaction. */
const GONE = ['bad-txns-inputs-missingorspent', 'txn-already-known'];
const WAITS = 'txn-already-in-mempool';
const NOTHING_TO_SEND = 'too small for any fee rate';

export class Watchtower implements BlobStore {
  readonly #context: TowerContext;
  readonly #blobs = new Map<string, JusticeBlob[]>();
  readonly #cases = new Map<Txid, Case>();
  #blobCount = 0;
  #bytes = 0;
  #cheatsSeen = 0;

  constructor(context: TowerContext) {
    this.#context = context;
  }

  /** Blobs that it holds. */
  get blobCount(): number {
    return this.#blobCount;
  }

  /** What their ciphertexts take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Revoked commitments that it had a blob for and saw on-chain; one that a reorganisation brought twice counts twice. */
  get cheatsSeen(): number {
    return this.#cheatsSeen;
  }

  /** Whether it has a cheat to punish still. */
  get isBusy(): boolean {
    for (const { doneAt } of this.#cases.values()) if (doneAt === null) return true;
    return false;
  }

  store(blob: JusticeBlob): void {
    const alike = this.#blobs.get(blob.hint);
    if (alike) alike.push(blob);
    else this.#blobs.set(blob.hint, [blob]);
    this.#blobCount++;
    this.#bytes += blob.ciphertext.length;
  }

  /** To be called for every transaction that is confirmed, before `onBlock`. */
  confirmed(transaction: Transaction, height: number): void {
    const txid = txidOf(transaction);
    for (const blob of this.#blobs.get(hintOf(txid)) ?? []) {
      const kit = openBlob(txid, blob);
      if (kit === null) continue;
      mark('a watchtower saw a cheat');
      this.#cheatsSeen++;
      this.#cases.set(txid, { kit, since: height, doneAt: null });
      this.#context.onUndo(() => this.#cases.delete(txid), height);
    }
  }

  /** A block came. */
  onBlock(): void {
    const { height } = this.#context;
    for (const [txid, each] of this.#cases) {
      const { kit, since } = each;
      const label = { kind: 'penalty', channel: kit.channel } as const;
      const send = (rungs: Rungs): string | null => {
        let refused: string | null = NOTHING_TO_SEND;
        // what the cheater's own claims outbid goes on at the next rate
        for (const transaction of rungs.slice(rungOf(rungs.length, kit.toSelfDelay, height - since))) {
          refused = this.#context.broadcast(transaction, label);
          if (refused === null || refused === WAITS || isGone(refused)) return refused;
          mark('a watchtower climbs at once');
        }
        return refused;
      };
      const refused = send(kit.together);
      let isDone = refused !== null && isGone(refused);
      if (refused !== null && refused !== WAITS && kit.single.length > 0) {
        mark('a watchtower claims output by output');
        isDone = kit.single.map(send).every((reason) => reason !== null && isGone(reason));
      }
      if (!isDone) each.doneAt = null;
      else if (height - (each.doneAt ??= height) >= CLOSED_DEPTH) this.#cases.delete(txid);
    }
  }
}

const isGone = (reason: string): boolean => GONE.some((word) => reason.startsWith(word));

/** Which of the fee rates after so many blocks: the last of them before the cheater's delay is over. */
const rungOf = (rungs: number, toSelfDelay: number, blocks: number): number =>
  Math.min(rungs - 1, Math.floor((blocks * rungs) / Math.max(1, toSelfDelay - 1)));
