/**
 * Bad input: 100,000 mutated transactions and blocks. Each reads or is refused with a reason; what reads is accepted or
 * refused with a reason by mempool and chain; nothing crashes, hangs or leaves a trace.
 */
import { beforeAll, expect, test } from 'vitest';
import { concatBytes } from '../../src/base/bytes.ts';
import { Rng } from '../../src/base/random.ts';
import { sat } from '../../src/base/units.ts';
import {
  type Block,
  coinbaseTransaction,
  parseBlock,
  printedId,
  serializeBlock,
  transactionMerkleRoot,
} from '../../src/chain/block.ts';
import { MalformedBytes } from '../../src/chain/byteReader.ts';
import { ByteWriter } from '../../src/chain/byteWriter.ts';
import { buildBlock } from '../../src/chain/miner.ts';
import { grind, REGTEST_BITS } from '../../src/chain/regtest.ts';
import { compileScript, OP, p2pkh, p2sh, p2wsh } from '../../src/chain/script.ts';
import { parseTransaction, serialize, type Transaction, txidOf } from '../../src/chain/transaction.ts';
import { acceleratedSecp256k1 } from '../../src/crypto/accelerated.ts';
import { useSecp256k1 } from '../../src/crypto/secp256k1.ts';
import { auditPool } from './mempoolAudit.ts';
import { ANCHOR_SCRIPT, OPEN_SCRIPT, openWorld, spendOpen } from './openCoins.ts';
import { coinsOf, keyOf, ownedBy, pay } from './wallet.ts';

const TRANSACTIONS = 80_000;
const BLOCKS = 20_000;

beforeAll(async () => {
  const accelerated = await acceleratedSecp256k1();
  if (accelerated !== null) useSecp256k1(accelerated);
});

/** Counts that lie: far too large, or written longer than they need be. */
// prettier-ignore
const COUNTS = [
  [0xfd, 0, 0], [0xfd, 0xfc, 0], [0xfd, 0xff, 0xff], [0xfe, 0, 0, 0, 0], [0xfe, 1, 0, 0, 0], [0xfe, 0xff, 0xff, 0xff, 0xff],
  [0xfe, 0, 0, 0, 2], [0xff, 1, 0, 0, 0, 0, 0, 0, 0], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], [0], [1], [2], [252],
].map((bytes) => Uint8Array.from(bytes));

type Change = (bytes: Uint8Array, at: number, rng: Rng) => Uint8Array;

const splice = (bytes: Uint8Array, at: number, drop: number, put: Uint8Array): Uint8Array =>
  concatBytes(bytes.subarray(0, at), put, bytes.subarray(Math.min(bytes.length, at + drop)));
const oneOf = <T>(list: readonly T[], rng: Rng): T => list[rng.below(list.length)]!;
const overwrite = (bytes: Uint8Array, at: number, value: number): Uint8Array =>
  splice(bytes, at, 1, Uint8Array.of(value));

const IN_PLACE: readonly Change[] = [
  (bytes, at, rng) => overwrite(bytes, at, (bytes[at] ?? 0) ^ (1 << rng.below(8))),
  (bytes, at, rng) => overwrite(bytes, at, oneOf([0, 1, 0x7f, 0x80, 0xff], rng)),
];
/** The end cut or grown, a piece cut out, put in or doubled, a count replaced or put in. */
const STRUCTURAL: readonly Change[] = [
  (bytes, at) => bytes.subarray(0, at),
  (bytes, _, rng) => concatBytes(bytes, rng.bytes32().subarray(0, 1 + rng.below(32))),
  (bytes, at, rng) => splice(bytes, at, 1 + rng.below(40), new Uint8Array(0)),
  (bytes, at, rng) => splice(bytes, at, 0, rng.bytes32().subarray(0, 1 + rng.below(32))),
  (bytes, at, rng) => splice(bytes, at, 0, bytes.subarray(at, at + 1 + rng.below(40))),
  (bytes, at, rng) => splice(bytes, at, 1, oneOf(COUNTS, rng)),
  (bytes, at, rng) => splice(bytes, at, 0, oneOf(COUNTS, rng)),
];

/** One to three changes; in place rather often, for what changes length is seldom readable. */
function mutated(original: Uint8Array, rng: Rng): Uint8Array {
  let bytes = original;
  for (let changes = 1 + Math.floor(rng.below(6) / 2); changes > 0; changes--) {
    const change = oneOf(rng.below(3) > 0 ? IN_PLACE : STRUCTURAL, rng);
    bytes = change(bytes, rng.below(bytes.length + 1), rng);
  }
  return bytes;
}

/** What the parser makes of bytes, or its reason; any other error is a crash. */
function read<T>(parse: (bytes: Uint8Array) => T, bytes: Uint8Array): T | string {
  try {
    return parse(bytes);
  } catch (error) {
    if (error instanceof MalformedBytes) return error.reason;
    throw error;
  }
}

function tally(): { readonly count: (what: string) => void; readonly counts: ReadonlyMap<string, number> } {
  const counts = new Map<string, number>();
  return { counts, count: (what) => void counts.set(what, (counts.get(what) ?? 0) + 1) };
}

/** Reasons without what differs from case to case. */
const kindOf = (reason: string): string => reason.replace(/\(0x[0-9a-f]+\)/, '(0x…)');

const print = (title: string, counts: ReadonlyMap<string, number>): void => {
  const lines = [...counts].toSorted(([, a], [, b]) => b - a).map(([what, n]) => `${String(n).padStart(7)} ${what}`);
  console.log(`${title}\n${lines.join('\n')}`);
};

test(`${TRANSACTIONS} mutated transactions read or do not, enter a mempool or do not, each with a reason`, () => {
  const rng = Rng.fromSeed('fuzz transactions');
  const { pool, coins } = openWorld(40);
  const key = keyOf('fuzz');
  // outputs of many types, so that many kinds of spending are met
  const redeem = compileScript(OP.OP_DUP, OP.OP_IF, OP.OP_1, OP.OP_ELSE, OP.OP_1, OP.OP_ENDIF);
  const scripts = [
    key.script,
    p2sh(redeem),
    p2wsh(redeem),
    ANCHOR_SCRIPT,
    p2pkh(redeem),
    compileScript(OP.OP_16, redeem),
    OPEN_SCRIPT,
  ];
  const spread = spendOpen([coins[0]!], { outputs: 1 });
  const value = sat(Math.floor(coins[0]!.output.valueSat / 10));
  const funding: Transaction = { ...spread, outputs: scripts.map((script) => ({ valueSat: value, script })) };
  const seeds: Transaction[] = [
    ...coins
      .slice(1, 20)
      .map((coin, i) => spendOpen([coin], { outputs: 1 + (i % 4), version: 2 + (i % 2), data: 20 * (i % 3) })),
    spendOpen(coins.slice(20, 30), { outputs: 8 }),
  ];
  expect(pool.accept(funding).ok).toBe(true);
  const spends = scripts.map((_, vout): Transaction => {
    const base = spendOpen([ownedBy(funding, vout)], { fee: 5000 });
    const input = base.inputs[0]!;
    if (vout === 1) return { ...base, inputs: [{ ...input, scriptSig: compileScript(OP.OP_1, redeem), witness: [] }] };
    if (vout === 2) return { ...base, inputs: [{ ...input, witness: [Uint8Array.of(1), redeem] }] };
    return base;
  });
  const signed = pay(key, [ownedBy(funding, 0)], [{ valueSat: sat(100_000), script: OPEN_SCRIPT }]);
  seeds.push(...spends, signed);
  const originals = seeds.map(serialize);
  const { count, counts } = tally();
  for (let i = 0; i < TRANSACTIONS; i++) {
    const bytes = mutated(originals[rng.below(originals.length)]!, rng);
    const tx = read(parseTransaction, bytes);
    if (typeof tx === 'string') {
      count(`unreadable: ${tx}`);
      continue;
    }
    if (tx.inputs.length > 0) expect(serialize(tx)).toEqual(bytes);
    const result = pool.accept(tx);
    count(result.ok ? 'accepted' : result.reason);
    if (result.ok && pool.size > 12) {
      auditPool(pool);
      pool.advance(pool.timeSeconds + 15 * 86_400); // all of it expires with the next
    }
    if (!pool.has(txidOf(funding)) && !pool.accept(funding).ok) pool.advance(pool.timeSeconds + 15 * 86_400);
  }
  auditPool(pool);
  print('mutated transactions', counts);
  for (const what of [
    'accepted',
    'unreadable: truncated',
    'unreadable: trailing bytes',
    'unreadable: non-minimal compact size',
    'unreadable: oversized count',
    'bad-txns-inputs-missingorspent',
    'bad-txns-in-belowout',
    'scriptpubkey',
  ]) {
    expect(counts.get(what) ?? 0, what).toBeGreaterThan(20);
  }
}, 60_000);

test(`${BLOCKS} mutated blocks read or do not, connect or do not, each with a reason and without a trace`, () => {
  const rng = Rng.fromSeed('fuzz blocks');
  const { chain, pool, coins } = openWorld(8);
  for (const [i, coin] of coins.slice(0, 6).entries()) pool.accept(spendOpen([coin], { outputs: 1 + (i % 3) }));
  const coinbaseOutputs = (claimable: number) => [{ valueSat: sat(claimable), script: OPEN_SCRIPT }];
  const original = buildBlock(chain, pool, { timeSeconds: chain.tipTimeSeconds + 600, coinbaseOutputs });
  const bytesOf = serializeBlock(original);
  const untouched = coinsOf(chain);
  const { count, counts } = tally();
  for (let i = 0; i < BLOCKS; i++) {
    const repair = rng.below(4);
    const block =
      repair === 0 ? read(parseBlock, mutated(bytesOf, rng)) : repaired(mutatedInside(original, rng), repair > 1);
    if (typeof block === 'string') {
      count(`unreadable: ${block}`);
      continue;
    }
    const result = chain.connect(block);
    count(result.ok ? 'connected' : kindOf(result.reason));
    if (result.ok) chain.disconnectTip();
    expect(chain.height).toBe(101);
    if (i % 500 === 0) expect(coinsOf(chain)).toEqual(untouched);
  }
  expect(coinsOf(chain)).toEqual(untouched);
  print('mutated blocks', counts);
  for (const what of [
    'connected',
    'unreadable: truncated',
    'bad-txns-nonfinal',
    'bad-txnmrklroot',
    'bad-txns-inputs-missingorspent',
    'bad-witness-merkle-match',
    'bad-cb-amount',
  ]) {
    expect(counts.get(what) ?? 0, what).toBeGreaterThan(20);
  }

  /** A block one of whose transactions is another, where its mutation still reads; its coinbase commits to all or not. */
  function mutatedInside(block: Block, random: Rng): Block {
    for (;;) {
      const transactions = block.transactions.slice();
      const at = random.below(transactions.length);
      const tx = read(parseTransaction, mutated(serialize(transactions[at]!), random));
      count(typeof tx === 'string' ? `transaction unreadable: ${tx}` : 'transaction readable');
      if (typeof tx === 'string') continue;
      transactions[at] = tx;
      if (random.below(10) === 0) transactions.reverse();
      if (random.below(10) === 0) transactions.push(transactions[random.below(transactions.length)]!);
      if (random.below(20) === 0) transactions.splice(random.below(transactions.length), 1);
      return { ...block, transactions };
    }
  }

  /** The same with a merkle root and a proof of work that fit, so that the mutation itself is judged. */
  function repaired({ header, transactions }: Block, committed: boolean): Block {
    const first = transactions[0];
    const all =
      !committed || first === undefined
        ? transactions
        : [recommitted(first, transactions.slice(1)), ...transactions.slice(1)];
    const { root } = transactionMerkleRoot(all);
    return { header: grind({ ...header, bits: REGTEST_BITS, merkleRoot: printedId(root) }), transactions: all };
  }

  function recommitted(coinbase: Transaction, others: readonly Transaction[]): Transaction {
    const commitment = coinbaseTransaction(chain.height + 1, [], others).outputs.at(-1)!;
    return { ...coinbase, outputs: [...coinbase.outputs.slice(0, -1), commitment] };
  }
}, 60_000);

test('counts without end cost nothing: a few bytes that promise millions of things are refused at once', () => {
  for (const count of [0xfd, 0xffff, 0xffffff, 0x02000000, 0x02000001, 2 ** 40]) {
    const writer = new ByteWriter(4 + (count < 0xfd ? 1 : count <= 0xffff ? 3 : count <= 0xffffffff ? 5 : 9));
    const bytes = writer.uint32(2).compactSize(count).finish();
    expect(read(parseTransaction, bytes)).toBe(count > 0x02000000 ? 'oversized count' : 'truncated');
    expect(read(parseBlock, concatBytes(new Uint8Array(80), bytes.subarray(4)))).toBe(
      count > 0x02000000 ? 'oversized count' : 'truncated',
    );
  }
});
