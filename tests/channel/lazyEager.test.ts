/**
 * Lazy ≡ eager: a channel whose ends sign, send, verify and keep every commitment and every secret as they are exchanged,
 * held against what the integers alone give at the end.
 */
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { present } from '../../src/base/assert.ts';
import { equalBytes, toHex } from '../../src/base/bytes.ts';
import { Rng } from '../../src/base/random.ts';
import { segwitSighash } from '../../src/chain/sighash.ts';
import { serialize, type Transaction, type Txid } from '../../src/chain/transaction.ts';
import { FORMAT } from '../../src/channel/commitmentFormat.ts';
import type { CommitmentSpec } from '../../src/channel/commitmentSpec.ts';
import { commitmentTransaction, htlcTransactions } from '../../src/channel/commitmentTransaction.ts';
import type { UnsignedHtlcTransaction } from '../../src/channel/commitmentTransaction.ts';
import { signFunding, signInput, verifyFunding, withFundingWitness } from '../../src/channel/fundingSpend.ts';
import {
  channelPoints,
  channelSecrets,
  commitmentKeys,
  perCommitmentPoint,
  revocationSecretOf,
} from '../../src/channel/keys.ts';
import type { CommitmentFormat } from '../../src/channel/limits.ts';
import { fundingOf, materialiseCommitment, type ChannelMaterial } from '../../src/channel/materialise.ts';
import { acceleratedSecp256k1 } from '../../src/crypto/accelerated.ts';
import { parseDerLax } from '../../src/crypto/der.ts';
import { deriveSecret } from '../../src/crypto/keyDerivation.ts';
import { secretIndex, SecretStore } from '../../src/crypto/perCommitmentSecrets.ts';
import { secp256k1, useSecp256k1 } from '../../src/crypto/secp256k1.ts';
import { LIMITS, other, Pair, SIDES, TERMS, type Side, type Watcher } from './pair.ts';

beforeAll(async () => {
  const accelerated = await acceleratedSecp256k1();
  if (accelerated !== null) useSecp256k1(accelerated);
});

/** `commitment_signed`, with its bytes. */
interface Letter {
  readonly signature: Uint8Array;
  readonly htlcSignatures: readonly Uint8Array[];
}

/** A commitment as its owner could broadcast it: in hexadecimal, to compare. */
interface Held {
  readonly transaction: string;
  readonly htlcSignatures: readonly string[];
}

const master = Rng.fromSeed('lazy and eager').bytes32();
const secrets = [channelSecrets(master, 'channel/1'), channelSecrets(master, 'channel/2')] as const;

function materialOf(format: CommitmentFormat): ChannelMaterial {
  return {
    funding: { txid: 'ab'.repeat(32) as Txid, vout: 1 },
    capacitySat: TERMS.capacitySat,
    format,
    opener: 0,
    limits: [LIMITS, LIMITS],
    secrets,
    points: [channelPoints(secrets[0]), channelPoints(secrets[1])],
  };
}

/** Two ends that make the bytes of everything at once, each with its own secrets and the other's points. */
class EagerChannel implements Watcher {
  readonly pair: Pair;
  /** all that each side could ever broadcast, by number */
  readonly held: readonly [Held[], Held[]] = [[], []];
  readonly stores = [new SecretStore(), new SecretStore()] as const;
  /** the secrets that each side has, of commitments below */
  readonly received: [number, number] = [0, 0];
  resent = 0;
  readonly #material: ChannelMaterial;
  /** every signature that each side sent, by number: the one that is sent again must be the same */
  readonly #letters: readonly [Letter[], Letter[]] = [[], []];

  constructor(material: ChannelMaterial, feeratePerKw: number) {
    this.#material = material;
    this.pair = new Pair({ terms: { format: material.format, feeratePerKw }, watch: this });
    // funding_created and funding_signed
    for (const side of SIDES) this.signed(side);
    for (const side of SIDES) this.gotSignature(side);
  }

  #unsigned(
    owner: Side,
    spec: CommitmentSpec,
  ): { transaction: Transaction; htlcs: readonly UnsignedHtlcTransaction[] } {
    const { points, limits, funding, capacitySat, format } = this.#material;
    const point = perCommitmentPoint(secrets[owner], spec.number);
    const keys = commitmentKeys(points[owner], points[other(owner)], point, spec.ownerIsOpener);
    const { dustLimitSat } = limits[owner];
    const { toSelfDelay } = limits[other(owner)];
    const context = { funding, capacitySat, format, dustLimitSat, toSelfDelay, keys };
    const unsigned = commitmentTransaction(spec, context);
    return { transaction: unsigned.transaction, htlcs: htlcTransactions(unsigned, context) };
  }

  signed(signer: Side): void {
    const owner = other(signer);
    const spec = this.pair.ends[signer].spec('remote');
    const { transaction, htlcs } = this.#unsigned(owner, spec);
    const secret = deriveSecret(secrets[signer].htlc, perCommitmentPoint(secrets[owner], spec.number));
    const hashType = FORMAT[this.#material.format].htlcHashType;
    const letter: Letter = {
      signature: signFunding(transaction, fundingOf(this.#material), secrets[signer].funding),
      htlcSignatures: htlcs.map(({ transaction: spend, spends }) =>
        signInput(spend, 0, spends.witnessScript, spends.valueSat, secret, hashType),
      ),
    };
    const before = this.#letters[signer][spec.number];
    if (before) {
      expect(letter).toEqual(before);
      this.resent++;
    }
    this.#letters[signer][spec.number] = letter;
  }

  gotSignature(owner: Side): void {
    const signer = other(owner);
    const spec = this.pair.ends[owner].spec('local');
    const { signature, htlcSignatures } = present(this.#letters[signer][spec.number], 'a signature that was sent');
    const { transaction, htlcs } = this.#unsigned(owner, spec);
    const funding = fundingOf(this.#material);
    expect(verifyFunding(transaction, funding, funding.keys[signer], signature)).toBe(true);
    expect(htlcSignatures.length).toBe(htlcs.length);
    const { points } = this.#material;
    const point = perCommitmentPoint(secrets[owner], spec.number);
    const { remoteHtlc } = commitmentKeys(points[owner], points[signer], point, spec.ownerIsOpener);
    htlcs.forEach(({ transaction: spend, spends }, index) => {
      const der = htlcSignatures[index]!;
      const digest = segwitSighash(spend, 0, spends.witnessScript, spends.valueSat, der.at(-1)!);
      expect(secp256k1().verify(parseDerLax(der.slice(0, -1))!, digest, remoteHtlc)).toBe(true);
    });
    const own = signFunding(transaction, funding, secrets[owner].funding);
    const bySide = owner === 0 ? ([own, signature] as const) : ([signature, own] as const);
    this.held[owner][spec.number] = {
      transaction: toHex(serialize(withFundingWitness(transaction, funding, bySide))),
      htlcSignatures: htlcSignatures.map(toHex),
    };
  }

  gotSecret(side: Side, number: number): void {
    const secret = revocationSecretOf(secrets[other(side)], number);
    // after a crash the other end sends again what it had sent
    if (number < this.received[side]) expect(this.stores[side].get(secretIndex(number))).toEqual(secret);
    else expect(this.stores[side].insert(secretIndex(number), secret)).toBe(true);
    this.received[side] = number + 1;
  }

  secretOfPeer(side: Side): (number: number) => Uint8Array {
    return (number) => present(this.stores[side].get(secretIndex(number)), 'a secret that was received');
  }

  ownSecret(side: Side): (number: number) => Uint8Array {
    return (number) => revocationSecretOf(secrets[side], number);
  }
}

/** What the integers give. */
function lazily(material: ChannelMaterial, owner: Side, spec: CommitmentSpec): Held {
  const { transaction, htlcTransactions } = materialiseCommitment(material, owner, spec);
  return {
    transaction: toHex(serialize(transaction)),
    htlcSignatures: htlcTransactions.map(({ remoteSignature }) => toHex(remoteSignature)),
  };
}

/** One act of a history, which prints as its name. */
type Act = (eager: EagerChannel) => void;
const named = (name: string, act: Act): Act => Object.assign(act, { [fc.toStringMethod]: () => name });

const side = fc.constantFrom(...SIDES);
const amount = fc.oneof(fc.integer({ min: 1000, max: 60_000_000 }), fc.constant(5_000_000));
const expiry = fc.integer({ min: 500, max: 503 });
const offer = fc
  .tuple(side, amount, expiry)
  .map((args) => named(`offer(${args.join()})`, ({ pair }) => void pair.offer(...args)));
const remove = fc.tuple(side, fc.nat(10), fc.boolean()).map(([from, which, fulfils]) =>
  named(`remove(${from}, ${which}, ${fulfils})`, ({ pair }) => {
    const candidates = pair.removable(from);
    const htlc = candidates[which % Math.max(1, candidates.length)];
    if (htlc) pair.remove(from, htlc, fulfils);
  }),
);
const fee = fc
  .integer({ min: 253, max: 6000 })
  .map((feeratePerKw) => named(`fee(${feeratePerKw})`, ({ pair }) => void pair.fee(feeratePerKw)));
const commit = side.map((from) => named(`commit(${from})`, ({ pair }) => void pair.commit(from)));
const deliver = side.map((from) => named(`deliver(${from})`, ({ pair }) => expect(pair.deliver(from)).toBeNull()));
const exchange = fc.constant(
  named('exchange', ({ pair }) => {
    for (let round = 0; round < 4; round++)
      for (const from of SIDES) {
        pair.commit(from);
        expect(pair.deliver(from)).toBeNull();
      }
  }),
);
const lose = fc.option(side).map((crashes) =>
  named(`lose(${crashes})`, ({ pair }) => {
    if (crashes === null) pair.disconnect();
    else pair.crash(crashes);
    pair.connect();
  }),
);

test('materialising at the end gives the transactions, signatures and secrets that were exchanged, for every commitment', () => {
  const formats = ['static_remotekey', 'anchors', 'anchors_zero_fee_htlc_tx', 'zero_fee_commitments'] as const;
  const reached = { revoked: 0, current: 0, htlcSignatures: 0, feerates: new Set<number>(), resent: 0 };
  fc.assert(
    fc.property(
      fc.constantFrom(...formats),
      fc.array(fc.oneof(offer, offer, offer, remove, remove, fee, commit, deliver, deliver, exchange, exchange, lose), {
        minLength: 40,
        maxLength: 60,
      }),
      (format, acts) => {
        const material = materialOf(format);
        const eager = new EagerChannel(material, format === 'zero_fee_commitments' ? 0 : 1000);
        for (const act of acts) act(eager);
        // whatever is in flight, what an end could broadcast now is what it got a signature for
        for (const owner of SIDES) {
          const spec = eager.pair.ends[owner].spec('local');
          expect(lazily(material, owner, spec)).toEqual(eager.held[owner][spec.number]);
        }
        eager.pair.settle();
        for (const owner of SIDES) {
          const mine = eager.pair.ends[owner];
          const theirs = eager.pair.ends[other(owner)];
          const all = [...mine.history!.local, mine.spec('local')];
          const seen = [...theirs.history!.remote, theirs.spec('remote')];
          expect(all.map((spec) => spec.number)).toEqual(eager.held[owner].map((_, number) => number));
          expect(seen.length).toBe(all.length);
          all.forEach((spec, number) => {
            // the owner's memory, to broadcast it, and the other's, to punish it
            expect(lazily(material, owner, spec)).toEqual(eager.held[owner][number]);
            expect(lazily(material, owner, seen[number]!)).toEqual(eager.held[owner][number]);
            reached.htlcSignatures += eager.held[owner][number]!.htlcSignatures.length;
            reached.feerates.add(spec.feeratePerKw);
          });
          // all but the latest are revoked: the other end has each secret, from 49 slots at most
          expect(eager.received[other(owner)]).toBe(all.length - 1);
          for (let number = 0; number < all.length - 1; number++) {
            const stored = present(eager.stores[other(owner)].get(secretIndex(number)), 'the secret');
            expect(equalBytes(stored, revocationSecretOf(secrets[owner], number))).toBe(true);
          }
          reached.revoked += all.length - 1;
          reached.current++;
        }
        reached.resent += eager.resent;
      },
    ),
    { numRuns: 40 },
  );
  expect(reached.current).toBe(80);
  expect(reached.revoked).toBeGreaterThan(200);
  expect(reached.htlcSignatures).toBeGreaterThan(500);
  expect(reached.feerates.size).toBeGreaterThan(20);
  expect(reached.resent).toBeGreaterThan(5);
});
