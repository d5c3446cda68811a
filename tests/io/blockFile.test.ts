import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { concatBytes, fromHex, toHex } from '../../src/base/bytes.ts';
import { UserError } from '../../src/base/errors.ts';
import { Rng } from '../../src/base/random.ts';
import { type Sat, sat } from '../../src/base/units.ts';
import {
  type Block,
  printedId,
  serializeBlock,
  transactionMerkleRoot,
  witnessCommitmentScript,
} from '../../src/chain/block.ts';
import { Blockchain } from '../../src/chain/blockchain.ts';
import { Mempool } from '../../src/chain/mempool.ts';
import { buildBlock, mineBlock } from '../../src/chain/miner.ts';
import { genesisBlock, GENESIS_TIME_SECONDS, grind } from '../../src/chain/regtest.ts';
import { compileScript, OP, p2wsh } from '../../src/chain/script.ts';
import { segwitSighash, SIGHASH_ALL } from '../../src/chain/sighash.ts';
import { type Transaction, txidOf, type TxOutput } from '../../src/chain/transaction.ts';
import { acceleratedSecp256k1 } from '../../src/crypto/accelerated.ts';
import { encodeSignature } from '../../src/crypto/der.ts';
import { secp256k1, useSecp256k1 } from '../../src/crypto/secp256k1.ts';
import { blockFile, readBlockFile, readChain, REGTEST_MAGIC } from '../../src/io/blockFile.ts';
import { coinsOf, fundedWorld, keyOf, payOne, tag } from '../chain/wallet.ts';
import { channelLives, fileOf, FORMATS } from './channelLives.ts';
import { judgeBlockFile } from './foreignNode.ts';

beforeAll(async () => {
  const accelerated = await acceleratedSecp256k1();
  if (accelerated !== null) useSecp256k1(accelerated);
});

/** A chain of 104 blocks with a few signed payments in the last ones, and its file. */
function smallChain(): { chain: Blockchain; file: Uint8Array } {
  const world = fundedWorld(6);
  for (const coin of world.coins.slice(0, 4)) {
    const result = world.pool.accept(payOne(world.key, coin, 1000));
    if (!result.ok) throw new Error(result.reason);
    world.mine();
  }
  return { chain: world.chain, file: fileOf(world.chain) };
}

/** A chain of 12 blocks of coinbases: no coin is mature yet, and it is read in no time. */
function shortChain(): { chain: Blockchain; file: Uint8Array } {
  const chain = new Blockchain();
  const pool = new Mempool(chain);
  const coinbaseOutputs = (valueSat: Sat): TxOutput[] => [{ valueSat, script: keyOf('short').script }];
  for (let i = 1; i <= 12; i++)
    mineBlock(chain, pool, { timeSeconds: GENESIS_TIME_SECONDS + 600 * i, coinbaseOutputs });
  return { chain, file: fileOf(chain) };
}

describe('published bytes', () => {
  test('the file begins with the magic, the length and the first block of every regtest node', () => {
    const [first, ...more] = blockFile(new Blockchain());
    expect(more).toEqual([]);
    // magic, 285 bytes; then version 1, no block before, the merkle root, 1296688602, 0x207fffff and nonce 2
    expect(toHex(first!.subarray(0, 88))).toBe(
      'fabfb5da1d010000' +
        '01000000' +
        '00'.repeat(32) +
        '3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a' +
        'dae5494dffff7f2002000000',
    );
    expect(first).toHaveLength(8 + 285);
  });
});

describe('a chain of a real run', () => {
  for (const format of FORMATS) {
    test(`is one that an independent node accepts, script by script (${format})`, () => {
      const { world } = channelLives(format);
      const file = fileOf(world.chain);
      const verdict = judgeBlockFile(file);
      const kinds = new Set(world.transactions.map(({ kind }) => kind));
      for (const kind of [
        'funding',
        'mutual-close',
        'commitment',
        'revoked-commitment',
        'htlc-timeout',
        'htlc-success',
        'htlc-claim',
        'sweep',
        'penalty',
      ] as const) {
        expect(kinds, kind).toContain(kind);
      }
      expect(verdict.tip).toBe(world.chain.tipHash);
      expect(verdict.blocks).toBe(world.chain.height + 1);
      expect(verdict.transactions).toBe(world.transactions.length + 1); // the first block's coinbase
      console.log(
        `${format}: ${file.length} bytes, ${verdict.blocks} blocks, ${verdict.transactions} transactions, ` +
          `${verdict.scriptsRun} scripts run by bitcore-lib`,
      );
    });
  }

  test('comes back the same, with and without its signatures verified', () => {
    const { world } = channelLives('anchors');
    for (const verifySignatures of [false, true]) {
      const read = readChain([fileOf(world.chain)], 'chain', { verifySignatures });
      expect(read.tipHash).toBe(world.chain.tipHash);
      expect(read.issuedSat).toBe(world.chain.issuedSat);
      expect(coinsOf(read)).toEqual(coinsOf(world.chain));
      expect(read.signatures.verified > 0).toBe(true);
    }
  });
});

describe('reading', () => {
  const { chain, file } = smallChain();

  test('the file may come in pieces cut anywhere', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(file.length), { maxLength: 40 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), file.length];
        const pieces = at.slice(1).map((end, index) => file.slice(at[index], end));
        expect(concatBytes(...pieces)).toHaveLength(file.length);
        const blocks = [...readBlockFile(pieces, 'chain')];
        expect(blocks).toHaveLength(chain.height + 1);
        expect(concatBytes(...blocks.map(({ block }) => serializeBlock(block)))).toEqual(
          concatBytes(...[...blockFile(chain)].map((record) => record.subarray(8))),
        );
        let offset = 0;
        for (const { offset: found, block } of blocks) {
          expect(found).toBe(offset);
          offset += 8 + serializeBlock(block).length;
        }
      }),
      { numRuns: 50 },
    );
  });

  test('zeros after the last block are the room that Bitcoin Core makes beforehand', () => {
    const read = readChain([file, new Uint8Array(100_000)], 'chain');
    expect(read.tipHash).toBe(chain.tipHash);
    expect(() => readChain([file, new Uint8Array(50), Uint8Array.of(1)], 'chain')).toThrow(
      /found zeros, and something else after them/,
    );
  });

  test('what the pieces come from is closed, however the reading ends', () => {
    const closed: string[] = [];
    function* source(name: string, bytes: Uint8Array): Generator<Uint8Array> {
      try {
        for (let at = 0; at < bytes.length; at += 1000) yield bytes.slice(at, at + 1000);
      } finally {
        closed.push(name);
      }
    }
    readChain(source('whole', file), 'chain');
    expect(() => readChain(source('cut', file.slice(0, -1)), 'chain')).toThrow(UserError);
    expect(() => readChain(source('mainnet', fromHex('f9beb4d9').slice()), 'chain')).toThrow(UserError);
    const broken = file.slice();
    broken[5000] = broken[5000]! ^ 1;
    expect(() => readChain(source('broken', broken), 'chain')).toThrow(UserError);
    expect(closed).toEqual(['whole', 'cut', 'mainnet', 'broken']);
  });

  test('a signature that is not looked at may be wrong; a script that is wrong may not, nor a signature when asked', () => {
    const wrong = rebuiltTip(chain, (block) => withWitnessByte(block, 0, 20));
    const bad = /block 105 at byte \d+, [0-9a-f]{64}: found mandatory-script-verify-flag-failed/;
    expect(readChain([wrong], 'chain').height).toBe(105);
    expect(() => judgeBlockFile(wrong)).toThrow(/block 105: script of input 0/);
    expect(() => readChain([wrong], 'chain', { verifySignatures: true })).toThrow(bad);
    // the key: its hash is no longer the output's
    const foreign = rebuiltTip(chain, (block) => withWitnessByte(block, 1, 20));
    expect(() => readChain([foreign], 'chain')).toThrow(bad);
  });

  test('a script that wants a signature to be bad gets its way, though signatures are taken as good', () => {
    const world = fundedWorld(1);
    // consensus alone allows a wrong signature that is not empty: no mempool would take it
    const script = compileScript(world.key.publicKey, OP.OP_CHECKSIG, OP.OP_NOT);
    const paid = payOne(world.key, world.coins[0]!, 1000, { to: p2wsh(script) });
    expect(world.pool.accept(paid)).toMatchObject({ ok: true });
    world.mine();
    const { valueSat } = paid.outputs[0]!;
    const spend = (forged: boolean): Uint8Array => {
      const unsigned: Transaction = {
        version: 2,
        inputs: [{ prevout: { txid: txidOf(paid), vout: 0 }, scriptSig: new Uint8Array(0), sequence: 0, witness: [] }],
        outputs: [{ valueSat: sat(valueSat - 1000), script: world.key.script }],
        lockTime: 0,
      };
      const digest = segwitSighash(unsigned, 0, script, valueSat, SIGHASH_ALL);
      const signature = secp256k1().sign(forged ? tag('another digest') : digest, world.key.secret);
      const witness = [encodeSignature(signature, SIGHASH_ALL), script];
      const tx = { ...unsigned, inputs: unsigned.inputs.map((input) => ({ ...input, witness })) };
      return rebuiltTip(world.chain, ({ header }) => {
        const { transactions } = buildBlock(world.chain, world.pool, {
          timeSeconds: header.timeSeconds + 600,
          coinbaseOutputs: (claimableSat) => [{ valueSat: claimableSat, script: world.key.script }],
        });
        const changed = { ...header, previousHash: world.chain.tipHash, timeSeconds: header.timeSeconds + 600 };
        return withCommitment({ header: changed, transactions: [...transactions, tx] });
      });
    };
    const whole = (tip: Uint8Array): Uint8Array[] => [fileOf(world.chain), tip.subarray(tipOffset(tip))];
    expect(readChain(whole(spend(true)), 'chain').height).toBe(world.chain.height + 1);
    expect(() => readChain(whole(spend(false)), 'chain')).toThrow(/mandatory-script-verify-flag-failed/);
    judgeBlockFile(concatBytes(...whole(spend(true))));
  });

  // prettier-ignore
  const MISTAKES: readonly (readonly [string, () => Iterable<Uint8Array>, RegExp])[] = [
    ['nothing',             () => [],                                          /^x: found an empty file, expected a regtest block file .* fa bf b5 da$/],
    ['zeros',               () => [new Uint8Array(9)],                         /^x: block 0 at byte 0: found 00 00 00 00 \(zeros\), expected a regtest block file/],
    ['text',                () => [Uint8Array.of(35, 33, 47)],                 /^x: block 0 at byte 0: found 23 21 2f, /],
    ['mainnet',             () => [fromHex('f9beb4d91d010000')],               /found f9 be b4 d9 \(mainnet\)/],
    ['gzip',                () => [fromHex('1f8b0800')],                       /\(gzip\)/],
    ['a magic only',        () => [REGTEST_MAGIC],                             /found the end of the file, expected the block’s length in 4 bytes/],
    ['a huge length',       () => [concatBytes(REGTEST_MAGIC, fromHex('ffffffff'))], /found a block of 4,294,967,295 bytes, expected a length from 81 to 4,000,000/],
    ['a tiny length',       () => [concatBytes(REGTEST_MAGIC, fromHex('50000000'))], /found a block of 80 bytes/],
    ['a cut block',         () => [file.slice(0, -10)],                        /^x: block 105 at byte \d+: found the end of the file after \d+ bytes of it, expected a block of \d+ bytes$/],
    ['a cut magic',         () => [file, REGTEST_MAGIC.slice(0, 3)],           /^x: block 106 at byte \d+: found fa bf b5, expected the next block’s magic, fa bf b5 da$/],
    ['another first block', () => [record(otherGenesis())],                    /^x: block 0 at byte 0: found the block [0-9a-f]{64}, expected regtest’s first, 0f9188/],
    ['a block twice',       () => [file, [...blockFile(chain)].at(-1)!],       /block 106 at byte \d+: found duplicate, expected each block once$/],
    ['a block left out',    () => [...blockFile(chain)].toSpliced(3, 1),       /block 3 at byte \d+: found prev-blk-not-found, expected a block that builds on the one before it/],
    ['two blocks swapped',  () => { const [a, b, c, ...rest] = blockFile(chain); return [a!, c!, b!, ...rest]; }, /block 1 at byte 293: found prev-blk-not-found/],
    ['trailing bytes',      () => [record(serializeBlock(genesisBlock()), 0)], /^x: block 0 at byte 0: found trailing bytes at byte 293, expected a block of 286 bytes$/],
  ];
  for (const [name, pieces, message] of MISTAKES) {
    test(`${name}: one error that says where`, () => {
      expect(() => readChain(pieces(), 'x')).toThrow(UserError);
      expect(() => readChain(pieces(), 'x')).toThrow(message);
    });
  }
});

function record(block: Uint8Array, ...after: readonly number[]): Uint8Array {
  const bytes = concatBytes(block, Uint8Array.from(after));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length, true);
  return concatBytes(REGTEST_MAGIC, length, bytes);
}

function otherGenesis(): Uint8Array {
  const block = genesisBlock();
  return serializeBlock({ ...block, header: grind({ ...block.header, timeSeconds: 1_300_000_000 }) });
}

/** The file with its last block changed, then rooted and ground again. */
function rebuiltTip(chain: Blockchain, change: (block: Block) => Block): Uint8Array {
  const records = [...blockFile(chain)];
  const { header, transactions } = change(chain.tip.block);
  const merkleRoot = printedId(transactionMerkleRoot(transactions).root);
  const block = { header: grind({ ...header, merkleRoot }), transactions };
  return concatBytes(...records.slice(0, -1), record(serializeBlock(block)));
}

/** Where the last record of a file begins. */
const tipOffset = (file: Uint8Array): number => [...readBlockFile([file], 'chain')].at(-1)!.offset;

/** The witness of the last transaction's first input with one bit flipped, the commitment left out. */
function withWitnessByte(block: Block, item: number, at: number): Block {
  const last = block.transactions.length - 1;
  const transactions = block.transactions.map((tx, index) => {
    if (index !== last) return tx;
    const inputs = tx.inputs.map((input) => {
      const witness = input.witness.map((bytes, i) => (i === item ? bytes.with(at, bytes[at]! ^ 1) : bytes));
      return { ...input, witness };
    });
    return { ...tx, inputs };
  });
  return withCommitment({ ...block, transactions });
}

function withCommitment(block: Block): Block {
  const [coinbase, ...others] = block.transactions;
  const script = witnessCommitmentScript(block.transactions);
  const outputs = coinbase!.outputs.map((output, index, all) =>
    index === all.length - 1 ? { ...output, script } : output,
  );
  return { ...block, transactions: [{ ...coinbase!, outputs }, ...others] };
}

describe('fuzz', () => {
  const MUTANTS = 10_000;

  test(`${MUTANTS} damaged files end in a chain or in one error, never in anything else`, () => {
    const subjects = [shortChain(), shortChain(), shortChain(), smallChain()].map(({ chain, file }) => ({
      chain,
      file,
      records: [...blockFile(chain)],
    }));
    const rng = Rng.fromSeed('damaged block files');
    const outcomes = new Map<string, number>();
    let slowestMs = 0;
    for (let i = 0; i < MUTANTS; i++) {
      const { chain, file, records } = subjects[i % subjects.length]!;
      const { name, bytes } = damaged(rng, file, records, chain);
      const started = performance.now();
      let outcome: string;
      try {
        const read = readChain([bytes], 'fuzz');
        expect(read.height).toBeLessThanOrEqual(chain.height + 1);
        outcome = 'a chain';
      } catch (error) {
        if (!(error instanceof UserError)) throw new Error(`mutant ${i}, ${name}`, { cause: error });
        expect(error.message).not.toMatch(/\n|undefined|NaN/);
        outcome = 'an error';
      }
      slowestMs = Math.max(slowestMs, performance.now() - started);
      const key = `${name}: ${outcome}`;
      outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
    }
    console.log(
      [...outcomes]
        .map(([key, count]) => `${key} ${count}`)
        .sort()
        .join(', '),
    );
    console.log(`slowest ${slowestMs.toFixed(0)} ms`);
    expect(outcomes.get('a rebuilt tip: a chain')).toBeGreaterThan(50);
    expect(outcomes.get('a rebuilt tip: an error')).toBeGreaterThan(50);
    expect(outcomes.get('flipped bits: an error')).toBeGreaterThan(50);
  });
});

/** One file with one kind of damage. Most of it is near the end, so that the chain before it is read, too. */
function damaged(
  rng: Rng,
  file: Uint8Array,
  records: readonly Uint8Array[],
  chain: Blockchain,
): { name: string; bytes: Uint8Array } {
  const at = (): number => (rng.below(3) === 0 ? rng.below(file.length) : file.length - 1 - rng.below(1200));
  const noise = (length: number): Uint8Array => Uint8Array.from({ length }, () => rng.below(256));
  switch (rng.below(8)) {
    case 0: {
      const bytes = file.slice();
      for (let n = 1 + rng.below(3); n > 0; n--) {
        const place = at();
        bytes[place] = bytes[place]! ^ (1 << rng.below(8));
      }
      return { name: 'flipped bits', bytes };
    }
    case 1:
      return { name: 'cut off', bytes: file.slice(0, at()) };
    case 2: {
      const place = at();
      return { name: 'put in', bytes: concatBytes(file.slice(0, place), noise(1 + rng.below(12)), file.slice(place)) };
    }
    case 3: {
      const place = at();
      return { name: 'taken out', bytes: concatBytes(file.slice(0, place), file.slice(place + 1 + rng.below(12))) };
    }
    case 4: {
      const order = records.slice();
      const [from, to] = [rng.below(order.length), rng.below(order.length)];
      order.splice(to, rng.below(2), order[from]!);
      return { name: 'records moved', bytes: concatBytes(...order) };
    }
    case 5: {
      const tail = rng.below(2) === 0 ? noise(rng.below(40)) : new Uint8Array(rng.below(5000));
      return { name: 'followed', bytes: concatBytes(file, tail) };
    }
    case 6: {
      // the length of a record says anything
      const bytes = file.slice();
      let place = 0;
      for (let n = rng.below(records.length); n > 0; n--) place += records[n - 1]!.length;
      new DataView(bytes.buffer).setUint32(place + 4, rng.below(2) === 0 ? rng.uint32() : rng.below(500), true);
      return { name: 'a false length', bytes };
    }
    default:
      return { name: 'a rebuilt tip', bytes: rebuiltTip(chain, (block) => damagedBlock(rng, block)) };
  }
}

/** A block with one field of one transaction changed; rooted and ground again, it gets past the first checks. */
function damagedBlock(rng: Rng, block: Block): Block {
  const chosen = rng.below(block.transactions.length);
  const anyInteger = (): number => [0, 1, 2, 144, 500_000_000, 0x7fffffff, 0x80000000, 0xffffffff][rng.below(8)]!;
  const anyBytes = (bytes: Uint8Array): Uint8Array => {
    switch (rng.below(4)) {
      case 0:
        return new Uint8Array(0);
      case 1:
        return bytes.slice(0, rng.below(bytes.length + 1));
      case 2:
        return Uint8Array.from({ length: rng.below(700) }, () => rng.below(256));
      default:
        return bytes.map((byte) => (rng.below(20) === 0 ? rng.below(256) : byte));
    }
  };
  const which = rng.below(10);
  const transactions = block.transactions.map((tx, index) => {
    if (index !== chosen) return tx;
    const inputs = tx.inputs.map((input) => ({
      ...input,
      ...(which === 0 ? { sequence: anyInteger() } : {}),
      ...(which === 1 ? { scriptSig: anyBytes(input.scriptSig) } : {}),
      ...(which === 2 ? { witness: input.witness.map(anyBytes) } : {}),
      ...(which === 3 ? { witness: input.witness.slice(1) } : {}),
      ...(which === 4 ? { prevout: { ...input.prevout, vout: anyInteger() } } : {}),
    }));
    const outputs = tx.outputs.map((output) => ({
      ...output,
      ...(which === 5
        ? { valueSat: sat([0, 1, 2 ** 52, output.valueSat + 1, Math.max(0, output.valueSat - 1)][rng.below(5)]!) }
        : {}),
      ...(which === 6 ? { script: anyBytes(output.script) } : {}),
    }));
    return {
      version: which === 7 ? anyInteger() : tx.version,
      inputs: which === 8 ? [...inputs, ...inputs] : inputs,
      outputs: which === 9 ? [] : outputs,
      lockTime: which === 7 ? anyInteger() : tx.lockTime,
    };
  });
  const changed = { ...block, transactions };
  return rng.below(3) > 0 && transactions[0]!.outputs.length > 0 ? withCommitment(changed) : changed;
}
