/**
 * The interpreter against Bitcoin Core's own vectors: every row of the shared copy, and of the older copy that
 * bitcore-lib's package ships, so that a fresh clone runs them too. Rows left out are counted by reason, and printed.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { concatBytes, fromHex } from '../../src/base/bytes.ts';
import { Rng } from '../../src/base/random.ts';
import { sat } from '../../src/base/units.ts';
import { ByteReader, MalformedBytes } from '../../src/chain/byteReader.ts';
import { verifyInput } from '../../src/chain/interpreter.ts';
import { compileScript, OP, p2pkh, p2sh, p2wsh } from '../../src/chain/script.ts';
import { CONSENSUS_FLAGS, STANDARD_FLAGS, VERIFY } from '../../src/chain/scriptFlags.ts';
import { isCoinbase, outPointKey, parseTransaction, type Transaction, type Txid } from '../../src/chain/transaction.ts';
import { checkTransaction } from '../../src/chain/validate.ts';
import { acceleratedSecp256k1 } from '../../src/crypto/accelerated.ts';
import { useSecp256k1 } from '../../src/crypto/secp256k1.ts';
import { needsShared, sharedJson } from '../shared.ts';
import { flagsOf, scriptCase, type ScriptRow, transactionCase, type TransactionRow } from './coreVectors.ts';

// room for a busy machine without the accelerated curve
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  const accelerated = await acceleratedSecp256k1();
  if (accelerated !== null) useSecp256k1(accelerated);
});

const bitcore = createRequire(import.meta.url)
  .resolve('bitcore-lib/package.json')
  .replace('package.json', 'test/data/bitcoind/');
const needsBitcore = existsSync(bitcore) ? test : test.skip;
const bitcoreJson = <T>(name: string): T => JSON.parse(readFileSync(`${bitcore}${name}`, 'utf8')) as T;

const report = (what: string, ran: number, passed: number, leftOut: Readonly<Record<string, number>> = {}): void => {
  const reasons = Object.entries(leftOut).map(([reason, count]) => `, ${count} left out: ${reason}`);
  console.log(`${what}: ${ran} ran, ${passed} passed${reasons.join('')}`);
};

/** Runs script rows. @param renamed errors that a later Bitcoin Core reports by another name, allowed for these rows */
function runScriptRows(rows: readonly ScriptRow[], renamed: Readonly<Record<string, string>> = {}) {
  const failures: string[] = [];
  const renamedCount: Record<string, number> = {};
  let ran = 0;
  for (const row of rows) {
    const one = scriptCase(row);
    if (one === null) continue;
    ran++;
    const found = verifyInput(one.tx, 0, one.spent, one.flags) ?? 'OK';
    if (found === one.expected) continue;
    const change = `${one.expected} → ${found}`;
    if (Object.hasOwn(renamed, change)) renamedCount[change] = (renamedCount[change] ?? 0) + 1;
    else failures.push(`${change}: ${one.title.slice(0, 200)}`);
  }
  return { ran, failures, renamedCount };
}

/** Whether a transaction row is valid: it parses, is well formed, and every input may spend its output. */
function isValid(row: TransactionRow): boolean {
  const one = transactionCase(row)!;
  let tx: Transaction;
  try {
    tx = parseTransaction(fromHex(one.hex));
  } catch (error) {
    if (error instanceof MalformedBytes) return false;
    throw error;
  }
  if (checkTransaction(tx) !== null) return false;
  if (isCoinbase(tx)) return true;
  return tx.inputs.every((input, index) => {
    const spent = one.spent.get(outPointKey(input.prevout));
    return spent !== undefined && verifyInput(tx, index, spent, one.flags) === null;
  });
}

function runTransactionRows(rows: readonly (TransactionRow | readonly string[])[], valid: boolean) {
  const cases = rows.filter((row): row is TransactionRow => typeof row[0] !== 'string');
  const failures = cases.filter((row) => isValid(row) !== valid).map((row) => transactionCase(row)!.title);
  return { ran: cases.length, failures };
}

describe("Bitcoin Core's vectors, shared copy", () => {
  const scripts = 'data/vectors/bitcoin/script-tests.json';
  needsShared(scripts)('every script row ends as it says, the error by name', () => {
    const { ran, failures } = runScriptRows(sharedJson<ScriptRow[]>(scripts));
    report('script-tests', ran, ran - failures.length);
    expect(failures).toEqual([]);
    expect(ran).toBe(1203);
  });

  for (const [name, valid, count] of [
    ['tx-valid', true, 120],
    ['tx-invalid', false, 92],
  ] as const) {
    const path = `data/vectors/bitcoin/${name}.json`;
    needsShared(path)(`every row of ${name} is ${valid ? 'valid' : 'refused'}`, () => {
      const { ran, failures } = runTransactionRows(sharedJson<TransactionRow[]>(path), valid);
      report(name, ran, ran - failures.length);
      expect(failures).toEqual([]);
      expect(ran).toBe(count);
    });
  }
});

describe("Bitcoin Core's vectors, bitcore-lib's older copy", () => {
  needsBitcore('every script row ends as it says, but for two names that Core has changed since', () => {
    const { ran, failures, renamedCount } = runScriptRows(bitcoreJson<ScriptRow[]>('script_tests.json'), {
      // an unclean witness stack got a name of its own
      'EVAL_FALSE → CLEANSTACK': '',
      // BIPs 65 and 112 being long active, their opcodes are no longer discouraged where their flags are off
      'DISCOURAGE_UPGRADABLE_NOPS → OK': '',
    });
    report('bitcore script_tests', ran, ran - failures.length, {});
    expect(failures).toEqual([]);
    expect(renamedCount).toEqual({ 'EVAL_FALSE → CLEANSTACK': 14, 'DISCOURAGE_UPGRADABLE_NOPS → OK': 2 });
    expect(ran).toBe(1189);
  });

  needsBitcore('every transaction row is valid or refused as it says', () => {
    for (const [name, valid, count] of [
      ['tx_valid', true, 50],
      ['tx_invalid', false, 39],
    ] as const) {
      const { ran, failures } = runTransactionRows(bitcoreJson<TransactionRow[]>(`${name}.json`), valid);
      report(`bitcore ${name}`, ran, ran - failures.length);
      expect(failures).toEqual([]);
      expect(ran).toBe(count);
    }
  });

  needsBitcore(
    'script_assets_test: spends beside taproot succeed and fail as they say; taproot is refused by name',
    () => {
      interface Assets {
        tx: string;
        prevouts: string[];
        index: number;
        flags: string;
        comment: string;
        success?: { scriptSig: string; witness: string[] };
        failure?: { scriptSig: string; witness: string[] };
      }
      const failures: string[] = [];
      let ran = 0;
      let refused = 0;
      for (const row of bitcoreJson<Assets[]>('script_assets_test.json')) {
        const flags = flagsOf(row.flags);
        const tx = parseTransaction(fromHex(row.tx));
        const reader = new ByteReader(fromHex(row.prevouts[row.index]!));
        const spent = { valueSat: sat(reader.amount()), script: reader.lengthPrefixed() };
        const taproot = spent.script.length === 34 && spent.script[0] === OP.OP_1 && (flags & VERIFY.TAPROOT) !== 0;
        for (const [name, satisfied] of [
          ['success', row.success],
          ['failure', row.failure],
        ] as const) {
          if (satisfied === undefined) continue;
          const inputs = tx.inputs.map((input, index) =>
            index === row.index
              ? { ...input, scriptSig: fromHex(satisfied.scriptSig), witness: satisfied.witness.map(fromHex) }
              : input,
          );
          const error = verifyInput({ ...tx, inputs }, row.index, spent, flags);
          if (taproot) {
            refused++;
            if (satisfied.scriptSig === '' && error !== 'TAPROOT_UNSUPPORTED')
              failures.push(`${row.comment}: ${error}`);
          } else {
            ran++;
            if ((error === null) !== (name === 'success')) failures.push(`${row.comment} ${name}: ${error}`);
          }
        }
      }
      report('bitcore script_assets_test', ran, ran - failures.length, { 'taproot, refused by name': refused });
      expect(failures.slice(0, 20)).toEqual([]);
      expect(ran).toBeGreaterThan(1000);
    },
  );
});

describe('what the interpreter says of a spend', () => {
  const spend = (scriptSig: Uint8Array, witness: Uint8Array[] = []): Transaction => ({
    version: 2,
    inputs: [{ prevout: { txid: 'ab'.repeat(32) as Txid, vout: 0 }, scriptSig, sequence: 0xffffffff, witness }],
    outputs: [{ valueSat: sat(1000), script: new Uint8Array(0) }],
    lockTime: 0,
  });
  const verify = (script: Uint8Array, scriptSig: Uint8Array, witness: Uint8Array[] = [], flags = CONSENSUS_FLAGS) =>
    verifyInput(spend(scriptSig, witness), 0, { valueSat: sat(2000), script }, flags);
  const nothing = new Uint8Array(0);

  test('a taproot output cannot be spent under consensus, and anybody may spend it before', () => {
    const taproot = compileScript(OP.OP_1, new Uint8Array(32).fill(7));
    expect(verify(taproot, nothing, [new Uint8Array(64)])).toBe('TAPROOT_UNSUPPORTED');
    expect(verify(taproot, nothing, [], CONSENSUS_FLAGS & ~VERIFY.TAPROOT)).toBeNull();
  });

  test('an anchor that anybody may spend passes policy, another version to come does not', () => {
    expect(verify(compileScript(OP.OP_1, fromHex('4e73')), nothing, [], STANDARD_FLAGS)).toBeNull();
    const future = compileScript(OP.OP_2, fromHex('4e73'));
    expect(verify(future, nothing)).toBeNull();
    expect(verify(future, nothing, [], STANDARD_FLAGS)).toBe('DISCOURAGE_UPGRADABLE_WITNESS_PROGRAM');
  });

  test('limits hold at their edges: 520 bytes a push, 201 operations, 1,000 items, 10,000 bytes', () => {
    const drops = (count: number): Uint8Array =>
      concatBytes(new Uint8Array(count).fill(OP.OP_NOP), Uint8Array.of(OP.OP_1));
    const push = (length: number): Uint8Array => compileScript(new Uint8Array(length).fill(1), OP.OP_DROP, OP.OP_1);
    const items = (count: number): Uint8Array => new Uint8Array(count).fill(OP.OP_1);
    expect([verify(push(520), nothing), verify(push(521), nothing)]).toEqual([null, 'PUSH_SIZE']);
    expect([verify(drops(201), nothing), verify(drops(202), nothing)]).toEqual([null, 'OP_COUNT']);
    expect([verify(items(1000), nothing), verify(items(1001), nothing)]).toEqual([null, 'STACK_SIZE']);
    expect([verify(concatBytes(items(900), longPushes(9100)), nothing), verify(longPushes(10_001), nothing)]).toEqual([
      null,
      'SCRIPT_SIZE',
    ]);
  });

  /** A script of exactly that many bytes that pushes, drops and ends true. */
  function longPushes(bytes: number): Uint8Array {
    const parts: Uint8Array[] = [];
    let left = bytes - 1;
    const block = compileScript(new Uint8Array(520).fill(1), OP.OP_DROP);
    while (left >= block.length + 60) {
      parts.push(block);
      left -= block.length;
    }
    while (left > 0) {
      const data = Math.min(left - 2, 70);
      parts.push(
        left <= 4 ? new Uint8Array(left).fill(OP.OP_NOP) : compileScript(new Uint8Array(data).fill(1), OP.OP_DROP),
      );
      left -= left <= 4 ? left : data + 2;
    }
    return concatBytes(...parts, Uint8Array.of(OP.OP_1));
  }

  test('the wrong preimage of a hash lock fails, the right one passes, in P2SH and in P2WSH alike', () => {
    const lock = compileScript(
      OP.OP_SIZE,
      { num: 3 },
      OP.OP_EQUALVERIFY,
      OP.OP_SHA256,
      fromHex('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'),
      OP.OP_EQUAL,
    );
    const abc = fromHex('616263');
    const abd = fromHex('616264');
    expect(verify(p2wsh(lock), nothing, [abc, lock], STANDARD_FLAGS)).toBeNull();
    expect(verify(p2wsh(lock), nothing, [abd, lock], STANDARD_FLAGS)).toBe('EVAL_FALSE');
    expect(verify(p2wsh(lock), nothing, [abc, abc, lock])).toBe('CLEANSTACK');
    expect(verify(p2sh(lock), compileScript(abc, lock))).toBeNull();
    expect(verify(p2sh(lock), compileScript(abd, lock))).toBe('EVAL_FALSE');
    expect(verify(p2pkh(abc), compileScript(abc, abd))).toBe('EQUALVERIFY');
  });

  test('an error in a script never escapes as an exception, whatever the bytes', () => {
    const seen = new Set<string>();
    const rng = Rng.fromSeed('random scripts');
    const byte = (): number => rng.below(256);
    for (let i = 0; i < 20_000; i++) {
      const random = Uint8Array.from({ length: 1 + (i % 40) }, byte);
      const witness = [Uint8Array.of(1), Uint8Array.of(1, 0, 0, 0), random];
      seen.add(verify(p2wsh(random), nothing, witness, STANDARD_FLAGS) ?? 'OK');
      seen.add(verify(random, compileScript(OP.OP_1, OP.OP_2, OP.OP_3), [], STANDARD_FLAGS) ?? 'OK');
    }
    expect(seen.size).toBeGreaterThan(12);
  });
});
