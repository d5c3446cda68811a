import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import { sat, SAT_PER_BTC } from '../../src/base/units.ts';
import {
  blockHashOf,
  blockWeight,
  coinbaseTransaction,
  findWitnessCommitment,
  heightPush,
  parseBlock,
  printedId,
  serializeBlock,
  transactionMerkleRoot,
  witnessCommitmentScript,
} from '../../src/chain/block.ts';
import { MalformedBytes } from '../../src/chain/byteReader.ts';
import { merkleRoot } from '../../src/chain/merkle.ts';
import { genesisBlock, grind, hasProofOfWork, subsidySat, targetOf, totalSubsidySat } from '../../src/chain/regtest.ts';
import { txidOf } from '../../src/chain/transaction.ts';

const bitcore = createRequire(import.meta.url)
  .resolve('bitcore-lib/package.json')
  .replace('package.json', 'test/data/');

describe('published blocks', () => {
  test("regtest's first block has the hash and the merkle root that every node knows", () => {
    const block = genesisBlock();
    expect(blockHashOf(block.header)).toBe('0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206');
    expect(block.header.merkleRoot).toBe('4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b');
    expect(txidOf(block.transactions[0]!)).toBe(block.header.merkleRoot);
    expect(hasProofOfWork(block.header)).toBe(true);
    expect(serializeBlock(block)).toHaveLength(285); // as mainnet's
  });

  test("real blocks from Bitcoin Core's tests read, write back, and prove their work and their transactions", () => {
    const rows = JSON.parse(readFileSync(`${bitcore}bitcoind/blocks.json`, 'utf8')) as {
      comment: string;
      data: string;
      transactions: number;
    }[];
    expect(rows).toHaveLength(5);
    for (const { comment, data, transactions } of rows) {
      const block = parseBlock(fromHex(data));
      expect(comment).toContain(blockHashOf(block.header));
      expect(block.transactions).toHaveLength(transactions);
      expect(hasProofOfWork(block.header)).toBe(true);
      expect(toHex(serializeBlock(block))).toBe(data.toLowerCase());
      const { root, mutated } = transactionMerkleRoot(block.transactions);
      expect([printedId(root), mutated]).toEqual([block.header.merkleRoot, false]);
    }
  });

  test('a real testnet block of 22 transactions reads, and has its parts', () => {
    // the file has the network's magic and the length first, and the beginning of another block last
    const file = readFileSync(`${bitcore}blk86756-testnet.dat`);
    const bytes = file.subarray(8, 8 + file.readUInt32LE(4));
    const block = parseBlock(bytes);
    expect(blockHashOf(block.header)).toBe('000000000b99b16390660d79fcc138d2ad0c89a0d044c4201a02bdf1f61ffa11');
    expect(block.transactions).toHaveLength(22);
    expect(blockWeight(block)).toBe(4 * bytes.length);
    expect(printedId(transactionMerkleRoot(block.transactions).root)).toBe(block.header.merkleRoot);
    // the coinbase holds its height (BIP 34)
    expect(toHex(block.transactions[0]!.inputs[0]!.scriptSig)).toMatch(new RegExp(`^${toHex(heightPush(86756))}`));
  });
});

test('a block cut short or with bytes left over is refused with its reason', () => {
  const bytes = serializeBlock(genesisBlock());
  for (let length = 0; length < bytes.length; length++) {
    expect(() => parseBlock(bytes.subarray(0, length))).toThrow(MalformedBytes);
  }
  expect(() => parseBlock(Uint8Array.of(...bytes, 0))).toThrow('trailing bytes at byte 285');
});

test('proof of work: the compact target, and the first nonce under it', () => {
  expect(toHex(targetOf(0x207fffff)!)).toBe(`7fffff${'00'.repeat(29)}`);
  expect(toHex(targetOf(0x1d00ffff)!)).toBe(`00000000ffff${'00'.repeat(26)}`);
  expect(toHex(targetOf(0x01120000)!)).toBe('12'.padStart(64, '0'));
  expect([targetOf(0x20800001), targetOf(0x1d000000), targetOf(0x217fffff)]).toEqual([null, null, null]);
  const { nonce: _, ...header } = genesisBlock().header;
  const ground = grind({ ...header, timeSeconds: header.timeSeconds + 1 });
  expect(hasProofOfWork(ground)).toBe(true);
  for (let nonce = 0; nonce < ground.nonce; nonce++) expect(hasProofOfWork({ ...ground, nonce })).toBe(false);
});

test('the merkle root pairs the last of an odd row with itself, and knows the list that abuses this', () => {
  const [a, b, c] = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte)) as [Uint8Array, Uint8Array, Uint8Array];
  expect(merkleRoot([a])).toEqual({ root: a, mutated: false });
  expect(merkleRoot([a, b, c]).root).toEqual(merkleRoot([a, b, c, c]).root);
  expect(merkleRoot([a, b, c]).mutated).toBe(false);
  expect(merkleRoot([a, b, c, c]).mutated).toBe(true);
  expect(merkleRoot([a, b]).root).not.toEqual(merkleRoot([b, a]).root);
});

test('the subsidy halves every 150 blocks, and adds up', () => {
  expect([0, 149, 150, 300].map(subsidySat)).toEqual([50, 50, 25, 12.5].map((btc) => btc * SAT_PER_BTC));
  expect([subsidySat(150 * 33), subsidySat(150 * 64), subsidySat(10 ** 8)]).toEqual([0, 0, 0]);
  let total = 0;
  for (let height = 1; height <= 1000; height++) {
    total += subsidySat(height);
    expect(totalSubsidySat(height)).toBe(total);
  }
  expect(totalSubsidySat(0)).toBe(0);
});

test('a coinbase carries its height and commits to the witnesses of the others', () => {
  const output = { valueSat: sat(7), script: Uint8Array.of(0x51) };
  for (const height of [1, 16, 17, 128, 32768, 8_388_608]) {
    const coinbase = coinbaseTransaction(height, [output], []);
    const { scriptSig } = coinbase.inputs[0]!;
    expect(scriptSig.subarray(0, -1)).toEqual(heightPush(height));
    expect(scriptSig.length).toBeGreaterThanOrEqual(2);
    expect(findWitnessCommitment(coinbase)).toEqual(witnessCommitmentScript([coinbase]));
  }
  const witnessed = coinbaseTransaction(5, [], []); // any transaction with a witness
  expect(findWitnessCommitment(coinbaseTransaction(6, [output], [witnessed]))).not.toEqual(
    findWitnessCommitment(coinbaseTransaction(6, [output], [])),
  );
});
