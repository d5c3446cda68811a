/** Independent judges: bitcore-lib's interpreter on random spends, @scure/btc-signer's signatures and bytes. */
import {
  Transaction as ScureTransaction,
  p2wpkh as scureP2wpkh,
  p2pkh as scureP2pkh,
  p2wsh as scureP2wsh,
  p2ms as scureP2ms,
} from '@scure/btc-signer';
import bitcore from 'bitcore-lib';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import { Rng } from '../../src/base/random.ts';
import { sat } from '../../src/base/units.ts';
import { verifyInput } from '../../src/chain/interpreter.ts';
import { compileScript, OP, p2pkh, p2pkhOfHash, p2sh, p2wpkh, p2wsh } from '../../src/chain/script.ts';
import { CONSENSUS_FLAGS, STANDARD_FLAGS } from '../../src/chain/scriptFlags.ts';
import {
  legacySighash,
  segwitSighash,
  SIGHASH_ALL,
  SIGHASH_ANYONECANPAY,
  SIGHASH_NONE,
  SIGHASH_SINGLE,
} from '../../src/chain/sighash.ts';
import {
  parseTransaction,
  serialize,
  type Transaction,
  txidOf,
  type Txid,
  type TxInput,
  type TxOutput,
} from '../../src/chain/transaction.ts';
import { acceleratedSecp256k1 } from '../../src/crypto/accelerated.ts';
import { encodeSignature } from '../../src/crypto/der.ts';
import { hash160, ripemd160, sha256 } from '../../src/crypto/hashes.ts';
import { secp256k1, useSecp256k1 } from '../../src/crypto/secp256k1.ts';
import { type Key, keyOf } from './wallet.ts';

// room for a busy machine without the accelerated curve
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  const accelerated = await acceleratedSecp256k1();
  if (accelerated !== null) useSecp256k1(accelerated);
});

const { Interpreter } = bitcore.Script;
// its CLEANSTACK refuses valid P2WSH spends, and it knows no flag for taproot being refused
const JUDGE_FLAGS = ['P2SH', 'DERSIG', 'NULLDUMMY', 'CHECKLOCKTIMEVERIFY', 'CHECKSEQUENCEVERIFY', 'WITNESS']
  .map((name) => Interpreter[`SCRIPT_VERIFY_${name}`]!)
  .reduce((sum, flag) => sum | flag, 0);

function bitcoreAccepts(tx: Transaction, index: number, spent: TxOutput): boolean {
  const { scriptSig, witness } = tx.inputs[index]!;
  const script = (bytes: Uint8Array) => new bitcore.Script(Buffer.from(bytes));
  return new Interpreter().verify(
    script(scriptSig),
    script(spent.script),
    new bitcore.Transaction(toHex(serialize(tx))),
    index,
    JUDGE_FLAGS,
    witness.map((item) => Buffer.from(item)),
    spent.valueSat,
  );
}

describe('bitcore-lib', () => {
  const HASH_TYPES = [SIGHASH_ALL, SIGHASH_NONE, SIGHASH_SINGLE].flatMap((type) => [type, type | SIGHASH_ANYONECANPAY]);
  const alice = keyOf('alice');
  const bob = keyOf('bob');

  /** A spend of one of the kinds a simulation makes, with random details, sometimes wrong. */
  function randomSpend(rng: Rng): { kind: string; tx: Transaction; index: number; spent: TxOutput } {
    const index = rng.below(3);
    const hashType = HASH_TYPES[rng.below(HASH_TYPES.length)]!;
    const valueSat = sat(1000 + rng.below(1_000_000));
    const inputs: TxInput[] = Array.from({ length: 3 }, () => ({
      prevout: { txid: toHex(rng.bytes32()) as Txid, vout: rng.below(4) },
      scriptSig: new Uint8Array(0),
      sequence: [0xffffffff, 0xfffffffd, 144, 0x400001, 3][rng.below(5)]!,
      witness: [],
    }));
    const outputs = Array.from({ length: 1 + rng.below(3) }, () => ({
      valueSat: sat(rng.below(1e9)),
      script: p2wpkh(bob.publicKey),
    }));
    const base: Transaction = {
      version: 1 + rng.below(2),
      inputs,
      outputs,
      lockTime: [0, 500, 1_600_000_000][rng.below(3)]!,
    };
    const signed = (digest: Uint8Array, key: Key): Uint8Array => {
      const wrong = rng.below(6) === 0 ? sha256(digest) : digest;
      return encodeSignature(secp256k1().sign(wrong, key.secret), hashType);
    };
    const satisfied = (scriptSig: Uint8Array, witness: readonly Uint8Array[]): Transaction => ({
      ...base,
      inputs: inputs.map((input, i) => (i === index ? { ...input, scriptSig, witness } : input)),
    });
    const nothing = new Uint8Array(0);
    const signer = rng.below(8) === 0 ? bob : alice;

    switch (rng.below(6)) {
      case 0: {
        const script = p2pkh(alice.publicKey);
        const signature = signed(legacySighash(base, index, script, hashType), alice);
        return {
          kind: 'P2PKH',
          tx: satisfied(compileScript(signature, signer.publicKey), []),
          index,
          spent: { valueSat, script },
        };
      }
      case 1: {
        const digest = segwitSighash(base, index, p2pkhOfHash(hash160(alice.publicKey)), valueSat, hashType);
        const witness = [signed(digest, alice), signer.publicKey];
        return {
          kind: 'P2WPKH',
          tx: satisfied(nothing, witness),
          index,
          spent: { valueSat, script: p2wpkh(alice.publicKey) },
        };
      }
      case 2: {
        const script = compileScript(OP.OP_2, alice.publicKey, bob.publicKey, OP.OP_2, OP.OP_CHECKMULTISIG);
        const digest = segwitSighash(base, index, script, valueSat, hashType);
        const signatures = [signed(digest, alice), signed(digest, bob)];
        if (rng.below(6) === 0) signatures.reverse();
        const dummy = rng.below(6) === 0 ? Uint8Array.of(1) : nothing;
        return {
          kind: '2 of 2',
          tx: satisfied(nothing, [dummy, ...signatures, script]),
          index,
          spent: { valueSat, script: p2wsh(script) },
        };
      }
      case 3: {
        // BOLT 3's shape of to_local: a revocation key at once, or the owner's after a delay
        // prettier-ignore
        const script = compileScript(
          OP.OP_IF, bob.publicKey,
          OP.OP_ELSE, { num: [1, 144, 0x400001][rng.below(3)]! }, OP.OP_CHECKSEQUENCEVERIFY, OP.OP_DROP, alice.publicKey,
          OP.OP_ENDIF, OP.OP_CHECKSIG,
        );
        const digest = segwitSighash(base, index, script, valueSat, hashType);
        const revoke = rng.below(3) === 0;
        const witness = [signed(digest, revoke ? bob : alice), revoke ? Uint8Array.of(1) : nothing, script];
        return { kind: 'delayed', tx: satisfied(nothing, witness), index, spent: { valueSat, script: p2wsh(script) } };
      }
      case 4: {
        // a hash lock or a lock in time, the shape of an HTLC
        const preimage = rng.bytes32();
        const lockTime = [400, 600, 1_500_000_000][rng.below(3)]!;
        // prettier-ignore
        const script = compileScript(
          OP.OP_SIZE, { num: 32 }, OP.OP_EQUAL,
          OP.OP_IF, OP.OP_HASH160, ripemd160(sha256(preimage)), OP.OP_EQUALVERIFY, bob.publicKey,
          OP.OP_ELSE, OP.OP_DROP, { num: lockTime }, OP.OP_CHECKLOCKTIMEVERIFY, OP.OP_DROP, alice.publicKey,
          OP.OP_ENDIF, OP.OP_CHECKSIG,
        );
        const digest = segwitSighash(base, index, script, valueSat, hashType);
        const claim = rng.below(2) === 0;
        const shown = rng.below(5) === 0 ? rng.bytes32() : preimage;
        const witness = claim ? [signed(digest, bob), shown, script] : [signed(digest, alice), nothing, script];
        return { kind: 'HTLC', tx: satisfied(nothing, witness), index, spent: { valueSat, script: p2wsh(script) } };
      }
      default: {
        const redeemScript = p2wpkh(alice.publicKey);
        const digest = segwitSighash(base, index, p2pkhOfHash(hash160(alice.publicKey)), valueSat, hashType);
        const shown = rng.below(8) === 0 ? p2wpkh(bob.publicKey) : redeemScript;
        const witness = [signed(digest, alice), alice.publicKey];
        return {
          kind: 'P2SH-P2WPKH',
          tx: satisfied(compileScript(shown), witness),
          index,
          spent: { valueSat, script: p2sh(redeemScript) },
        };
      }
    }
  }

  test('its interpreter gives the same verdict on 400 random spends of six kinds', () => {
    const rng = Rng.fromSeed('judged spends');
    const verdicts = new Map<string, number>();
    for (let i = 0; i < 400; i++) {
      const { kind, tx, index, spent } = randomSpend(rng);
      const error = verifyInput(tx, index, spent, CONSENSUS_FLAGS);
      const accepted = bitcoreAccepts(tx, index, spent);
      expect(accepted, `spend ${i}, ${kind}: ${error}`).toBe(error === null);
      const verdict = `${kind} ${accepted ? 'accepted' : 'refused'}`;
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    }
    console.log(
      `judged by bitcore-lib: ${[...verdicts]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([verdict, count]) => `${verdict} ${count}`)
        .join(', ')}`,
    );
    expect(verdicts.size).toBe(12);
    for (const [verdict, count] of verdicts) expect(count, verdict).toBeGreaterThan(5);
  });

  test('it gives the same id to what this codec writes', () => {
    const rng = Rng.fromSeed('judged ids');
    for (let i = 0; i < 50; i++) {
      const { tx } = randomSpend(rng);
      expect(new bitcore.Transaction(toHex(serialize(tx))).id).toBe(txidOf(tx));
    }
  });
});

describe('@scure/btc-signer', () => {
  test('what it builds and signs is accepted here, byte for byte and script by script', () => {
    const alice = keyOf('alice');
    const bob = keyOf('bob');
    const payments = [
      scureP2wpkh(alice.publicKey),
      scureP2pkh(alice.publicKey),
      scureP2wsh(scureP2ms(2, [alice.publicKey, bob.publicKey])),
    ];
    const scripts = [
      p2wpkh(alice.publicKey),
      p2pkh(alice.publicKey),
      p2wsh(compileScript(OP.OP_2, alice.publicKey, bob.publicKey, OP.OP_2, OP.OP_CHECKMULTISIG)),
    ];
    expect(payments.map(({ script }) => toHex(script))).toEqual(scripts.map(toHex));

    // a P2PKH input is signed against the whole previous transaction
    const funding: Transaction = {
      version: 2,
      inputs: [
        {
          prevout: { txid: '11'.repeat(32) as Txid, vout: 0 },
          scriptSig: new Uint8Array(0),
          sequence: 0xffffffff,
          witness: [],
        },
      ],
      outputs: scripts.map((script, i) => ({ valueSat: sat(10_000 * (i + 1)), script })),
      lockTime: 0,
    };
    const spending = new ScureTransaction({ allowUnknownOutputs: true });
    for (const [index, payment] of payments.entries()) {
      spending.addInput({
        ...payment,
        txid: txidOf(funding),
        index,
        nonWitnessUtxo: serialize(funding),
        witnessUtxo: { script: payment.script, amount: BigInt(funding.outputs[index]!.valueSat) },
      });
    }
    spending.addOutput({ script: scripts[0]!, amount: 55_000n });
    spending.sign(alice.secret);
    spending.sign(bob.secret);
    spending.finalize();
    const tx = parseTransaction(spending.extract());
    expect(toHex(serialize(tx))).toBe(spending.hex);
    expect(txidOf(tx)).toBe(spending.id);
    for (const index of [0, 1, 2]) expect(verifyInput(tx, index, funding.outputs[index]!, STANDARD_FLAGS)).toBeNull();
    expect(fromHex(spending.hex)).toEqual(serialize(tx));
  });
});
