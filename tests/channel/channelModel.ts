/**
 * A channel as a model of integers, for tests: each side's updates in one list, and marks in those lists. It shares no idea
 * with the table of HTLC states: a commitment is what the first so many updates of either side add up to.
 */
import { other, SIDES, type Side } from './pair.ts';

export type Update =
  | { readonly kind: 'add'; readonly id: number; readonly amountMsat: number }
  | { readonly kind: 'remove'; readonly id: number; readonly fulfils: boolean }
  | { readonly kind: 'fee'; readonly feeratePerKw: number };

/** A commitment signed for the other side: how many updates of the signer and of its owner it holds. */
interface Signed {
  readonly signers: number;
  readonly owners: number;
}

/** What one side remembers. */
interface Memory {
  /** the updates it sent, in order */
  updates: Update[];
  /** the commitments that it signed for the other side, by number */
  signed: Signed[];
  /** updates of the other side in its own revocable commitment: what it signs in return */
  acknowledged: number;
  /** the number of its own latest commitment */
  held: number;
  /** how many commitments of the other side it saw revoked */
  revoked: number;
}

/** What a commitment says, in the words of the model. */
export interface Content {
  readonly number: number;
  readonly msat: readonly [number, number];
  /** `side.id` with amounts, sorted */
  readonly htlcs: readonly string[];
  readonly feeratePerKw: number;
}

const copy = (memory: Memory): Memory => ({
  ...memory,
  updates: memory.updates.slice(),
  signed: memory.signed.slice(),
});

export class ChannelModel {
  readonly sides: [Memory, Memory];
  /** every content ever signed, by owner and number: a second signature must say the same */
  readonly everSigned: readonly [string[], string[]] = [[], []];
  isConnected = true;
  readonly #written: [Memory, Memory];
  readonly #openingMsat: readonly [number, number];
  readonly #feeratePerKw: number;

  constructor(openerMsat: number, accepterMsat: number, feeratePerKw: number) {
    const blank = (): Memory => ({
      updates: [],
      signed: [{ signers: 0, owners: 0 }],
      acknowledged: 0,
      held: 0,
      revoked: 0,
    });
    this.sides = [blank(), blank()];
    this.#written = [blank(), blank()];
    this.#openingMsat = [openerMsat, accepterMsat];
    this.#feeratePerKw = feeratePerKw;
  }

  /** What a commitment of `owner` says, as the other side signed it. */
  content(owner: Side, number: number): Content {
    const { signers, owners } = this.sides[other(owner)].signed[number]!;
    const parts: [readonly Update[], readonly Update[]] = [[], []];
    parts[owner] = this.sides[owner].updates.slice(0, owners);
    parts[other(owner)] = this.sides[other(owner)].updates.slice(0, signers);
    const msat: [number, number] = [...this.#openingMsat];
    let { feeratePerKw } = { feeratePerKw: this.#feeratePerKw };
    const open = new Map<string, number>();
    for (const side of SIDES)
      for (const update of parts[side]) {
        if (update.kind === 'add') {
          msat[side] -= update.amountMsat;
          open.set(`${side}.${update.id}`, update.amountMsat);
        } else if (update.kind === 'fee') feeratePerKw = update.feeratePerKw;
      }
    for (const side of SIDES)
      for (const update of parts[side]) {
        if (update.kind !== 'remove') continue;
        const key = `${other(side)}.${update.id}`;
        msat[update.fulfils ? side : other(side)] += open.get(key)!;
        open.delete(key);
      }
    return { number, msat, htlcs: [...open].map(([key, amount]) => `${key}:${amount}`).sort(), feeratePerKw };
  }

  // ── What a side sends ──────────────────────────────────────────────────────────────────────────────────────────

  send(side: Side, update: Update): void {
    this.sides[side].updates.push(update);
  }

  /** @returns what it signed, as text, and whether that number was signed with another content before */
  commit(side: Side): void {
    const memory = this.sides[side];
    memory.signed.push({ signers: memory.updates.length, owners: memory.acknowledged });
    this.write(side);
  }

  /** Notes what the number that was signed last says. @returns whether it was never signed as anything else */
  isSignedAlike(signer: Side): boolean {
    const number = this.sides[signer].signed.length - 1;
    const said = JSON.stringify(this.content(other(signer), number));
    return (this.everSigned[signer][number] ??= said) === said;
  }

  write(side: Side): void {
    this.#written[side] = copy(this.sides[side]);
  }

  // ── What arrives ───────────────────────────────────────────────────────────────────────────────────────────────

  /** A signature arrives and is answered at once. @returns whether it was the next one, and only one of them open */
  gotCommit(side: Side): boolean {
    const [mine, theirs] = [this.sides[side], this.sides[other(side)]];
    mine.held++;
    const signed = theirs.signed[mine.held];
    if (!signed || mine.held - theirs.revoked !== 1) return false;
    mine.acknowledged = signed.signers;
    this.write(side);
    return true;
  }

  /** A revocation arrives. @returns whether it is of the one commitment that is due */
  gotRevoke(side: Side): boolean {
    const [mine, theirs] = [this.sides[side], this.sides[other(side)]];
    mine.revoked++;
    return mine.revoked <= theirs.held && mine.revoked < mine.signed.length;
  }

  // ── What goes wrong ────────────────────────────────────────────────────────────────────────────────────────────

  /** Updates that nobody signed are forgotten, but a removal once decided stays. */
  disconnect(): void {
    this.isConnected = false;
    for (const memory of this.sides) {
      const { signers } = memory.signed.at(-1)!;
      const decided = memory.updates.slice(signers).filter((update) => update.kind === 'remove');
      memory.updates = [...memory.updates.slice(0, signers), ...decided];
    }
  }

  crash(side: Side): void {
    this.sides[side] = copy(this.#written[side]);
    this.disconnect();
  }
}
