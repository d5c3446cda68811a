/** Blocks on the chain: what is refused and by which name, what connects, and that disconnecting takes it all back. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { InvariantError } from '../../src/base/assert.ts';
import { Rng } from '../../src/base/random.ts';
import { sat, SAT_PER_BTC } from '../../src/base/units.ts';
import {
  type Block,
  type BlockHash,
  coinbaseTransaction,
  printedId,
  transactionMerkleRoot,
} from '../../src/chain/block.ts';
import { Blockchain, type ConnectResult } from '../../src/chain/blockchain.ts';
import { buildBlock } from '../../src/chain/miner.ts';
import {
  BLOCK_VERSION,
  GENESIS_TIME_SECONDS,
  genesisBlock,
  grind,
  hasProofOfWork,
  REGTEST_BITS,
} from '../../src/chain/regtest.ts';
import { compileScript, nullData, OP, p2wsh } from '../../src/chain/script.ts';
import type { Transaction, TxOutput } from '../../src/chain/transaction.ts';
import { txidOf } from '../../src/chain/transaction.ts';
import { acceleratedSecp256k1 } from '../../src/crypto/accelerated.ts';
import { useSecp256k1 } from '../../src/crypto/secp256k1.ts';
import { coinsOf, fundedWorld, keyOf, type Owned, ownedBy, pay, payOne, tag, type World } from './wallet.ts';

// room for a busy machine without the accelerated curve
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  const accelerated = await acceleratedSecp256k1();
  if (accelerated !== null) useSecp256k1(accelerated);
});

/** A block on the tip with these transactions, its coinbase claiming the subsidy and `extraSat`. */
function blockOf(
  chain: Blockchain,
  others: readonly Transaction[],
  change: Partial<Block['header']> & { extraSat?: number } = {},
): Block {
  const { extraSat = 0, ...header } = change;
  const height = chain.height + 1;
  const script = keyOf('miner').script;
  const coinbase = coinbaseTransaction(height, [{ valueSat: sat(50 * SAT_PER_BTC + extraSat), script }], others);
  return withTransactions(chain, [coinbase, ...others], header);
}

function withTransactions(
  chain: Blockchain,
  transactions: readonly Transaction[],
  change: Partial<Block['header']> = {},
): Block {
  const header = {
    version: BLOCK_VERSION,
    previousHash: chain.tipHash,
    merkleRoot: printedId(transactionMerkleRoot(transactions).root),
    timeSeconds: chain.tipTimeSeconds + 600,
    bits: REGTEST_BITS,
    ...change,
  };
  return {
    header: change.bits === undefined || change.bits === REGTEST_BITS ? grind(header) : { ...header, nonce: 0 },
    transactions,
  };
}

const reasonOf = (result: ConnectResult): string => (result.ok ? 'ok' : result.reason);

/** Connecting must fail with that reason and leave no trace. */
function expectRefused(chain: Blockchain, block: Block, reason: string): void {
  const before = { tip: chain.tipHash, coins: coinsOf(chain), total: chain.utxos.totalSat, issued: chain.issuedSat };
  expect(reasonOf(chain.connect(block))).toBe(reason);
  expect({ tip: chain.tipHash, coins: coinsOf(chain), total: chain.utxos.totalSat, issued: chain.issuedSat }).toEqual(
    before,
  );
}

describe('an empty chain', () => {
  test('begins with the first block, whose coinbase is no coin', () => {
    const chain = new Blockchain();
    expect(chain.height).toBe(0);
    expect(chain.tipTimeSeconds).toBe(GENESIS_TIME_SECONDS);
    expect([chain.utxos.size, chain.utxos.totalSat, chain.issuedSat]).toEqual([0, 0, 0]);
    expect(() => chain.disconnectTip()).toThrow(InvariantError);
  });

  test('refuses bad headers by name', () => {
    const chain = new Blockchain();
    const good = blockOf(chain, []);
    expectRefused(chain, genesisBlock(), 'duplicate');
    expectRefused(chain, blockOf(chain, [], { previousHash: '11'.repeat(32) as BlockHash }), 'prev-blk-not-found');
    expectRefused(chain, blockOf(chain, [], { timeSeconds: GENESIS_TIME_SECONDS }), 'time-too-old');
    expectRefused(chain, blockOf(chain, [], { version: 3 }), 'bad-version(0x00000003)');
    expectRefused(chain, blockOf(chain, [], { bits: 0x1d00ffff }), 'high-hash');
    let nonce = good.header.nonce + 1;
    while (hasProofOfWork({ ...good.header, nonce })) nonce++;
    expectRefused(chain, { ...good, header: { ...good.header, nonce } }, 'high-hash');
    // easier than regtest's target, hence met by any hash that meets it
    const easier = { ...good.header, bits: 0x207ffffe };
    let found = 0;
    while (!hasProofOfWork({ ...easier, nonce: found })) found++;
    expectRefused(chain, { ...good, header: { ...easier, nonce: found } }, 'bad-diffbits');
    expect(reasonOf(chain.connect(good))).toBe('ok');
    expectRefused(
      chain,
      blockOf(chain, [], { previousHash: genesisBlock().header.merkleRoot as BlockHash }),
      'prev-blk-not-found',
    );
    const sibling = withTransactions(chain, [coinbaseTransaction(1, [], [])], {
      previousHash: good.header.previousHash,
    });
    expectRefused(chain, sibling, 'inconclusive-not-best-prevblk');
  });

  test('refuses bad structure by name', () => {
    const chain = new Blockchain();
    const output = { valueSat: sat(1), script: compileScript(OP.OP_1) };
    const coinbase = coinbaseTransaction(1, [output], []);
    const spend: Transaction = {
      ...coinbase,
      inputs: [{ ...coinbase.inputs[0]!, prevout: { txid: txidOf(coinbase), vout: 0 }, witness: [] }],
      outputs: [output],
    };
    const alter = (change: Partial<Transaction>): Block => withTransactions(chain, [{ ...coinbase, ...change }]);
    const scriptSig = (bytes: Uint8Array): Block => alter({ inputs: [{ ...coinbase.inputs[0]!, scriptSig: bytes }] });
    expectRefused(chain, blockOf(chain, [], { merkleRoot: '22'.repeat(32) }), 'bad-txnmrklroot');
    expectRefused(chain, withTransactions(chain, [coinbase, spend, spend]), 'bad-witness-merkle-match');
    expectRefused(chain, withTransactions(chain, [coinbase, spend, coinbase, spend]), 'bad-txns-duplicate');
    expectRefused(chain, withTransactions(chain, []), 'bad-blk-length');
    expectRefused(chain, withTransactions(chain, [spend]), 'bad-cb-missing');
    expectRefused(chain, withTransactions(chain, [coinbase, coinbaseTransaction(2, [], [])]), 'bad-cb-multiple');
    expectRefused(chain, alter({ outputs: [] }), 'bad-txns-vout-empty');
    expectRefused(
      chain,
      alter({ outputs: [{ ...output, valueSat: sat(21_000_000 * SAT_PER_BTC + 1) }] }),
      'bad-txns-vout-toolarge',
    );
    const half = { ...output, valueSat: sat(20_000_000 * SAT_PER_BTC) };
    expectRefused(chain, alter({ outputs: [half, half] }), 'bad-txns-txouttotal-toolarge');
    expectRefused(chain, scriptSig(Uint8Array.of(OP.OP_1)), 'bad-cb-length');
    expectRefused(chain, scriptSig(new Uint8Array(101)), 'bad-cb-length');
    expectRefused(chain, scriptSig(compileScript(OP.OP_2, OP.OP_0)), 'bad-cb-height');
    expectRefused(
      chain,
      alter({ inputs: [{ ...coinbase.inputs[0]!, witness: [new Uint8Array(31)] }] }),
      'bad-witness-nonce-size',
    );
    expectRefused(chain, alter({ outputs: [output] }), 'unexpected-witness');
    expectRefused(
      chain,
      alter({ lockTime: 5, inputs: [{ ...coinbase.inputs[0]!, sequence: 0 }] }),
      'bad-txns-nonfinal',
    );
    const twice = { ...spend, inputs: [spend.inputs[0]!, spend.inputs[0]!] };
    expectRefused(chain, blockOf(chain, [twice]), 'bad-txns-inputs-duplicate');
    expectRefused(chain, blockOf(chain, [{ ...spend, inputs: [], outputs: [output] }]), 'bad-txns-vin-empty');
    expectRefused(
      chain,
      blockOf(chain, [{ ...spend, inputs: [spend.inputs[0]!, coinbase.inputs[0]!] }]),
      'bad-txns-prevout-null',
    );
    const sigops = { ...output, script: new Uint8Array(20_001).fill(OP.OP_CHECKSIG) };
    expectRefused(chain, alter({ outputs: [sigops] }), 'bad-blk-sigops');
    const big = { ...spend, outputs: [{ ...output, script: new Uint8Array(1_000_000) }] };
    expectRefused(chain, blockOf(chain, [big]), 'bad-blk-length');
    const heavy = { ...spend, inputs: [{ ...spend.inputs[0]!, witness: [new Uint8Array(3_999_500)] }] };
    expectRefused(chain, blockOf(chain, [heavy]), 'bad-blk-weight');
    expectRefused(chain, blockOf(chain, [], { extraSat: 1 }), 'bad-cb-amount');
    expect(reasonOf(chain.connect(blockOf(chain, [])))).toBe('ok');
  });
});

describe('a funded chain', () => {
  test('refuses bad spends by name, with the id of the one at fault', () => {
    const { chain, key, coins } = fundedWorld(4);
    const [first, second] = coins as [Owned, Owned];
    const good = payOne(key, first, 1000);
    const refused = (tx: Transaction, reason: string): void => {
      expectRefused(chain, blockOf(chain, [good, tx]), reason);
      const result = chain.connect(blockOf(chain, [good, tx]));
      expect(result.ok ? null : result.txid).toBe(txidOf(tx));
    };
    refused(payOne(key, first, 2000), 'bad-txns-inputs-missingorspent');
    refused(
      payOne(keyOf('thief'), second, 1000),
      'mandatory-script-verify-flag-failed (Script failed an OP_EQUALVERIFY operation)',
    );
    const bent = { ...second, output: { ...second.output, valueSat: sat(second.output.valueSat - 1) } };
    refused(
      payOne(key, bent, 1000),
      'mandatory-script-verify-flag-failed (Script evaluated without error but finished with a false/empty top stack element)',
    );
    refused(
      pay(key, [second], [{ valueSat: sat(second.output.valueSat + 1), script: key.script }]),
      'bad-txns-in-belowout',
    );
    refused(payOne(key, second, 0, { sequence: 200 }), 'bad-txns-nonfinal');
    const young = ownedBy(chain.tip.block.transactions[0]!);
    refused(payOne(key, young, 1000), 'bad-txns-premature-spend-of-coinbase');
    const taproot = payOne(key, second, 1000, { to: compileScript(OP.OP_1, tag('taproot')) });
    const spender: Transaction = {
      ...taproot,
      inputs: [{ ...taproot.inputs[0]!, prevout: { txid: txidOf(taproot), vout: 0 }, witness: [new Uint8Array(64)] }],
    };
    expectRefused(
      chain,
      blockOf(chain, [taproot, spender]),
      'mandatory-script-verify-flag-failed (Spending a taproot output is not supported)',
    );
    expect(reasonOf(chain.connect(blockOf(chain, [good], { extraSat: 1000 })))).toBe('ok');
  });

  test('a coinbase is mature in its hundredth block after, and not before', () => {
    const world = fundedWorld(1);
    const { chain, key } = world;
    const young = ownedBy(chain.blockAt(2).block.transactions[0]!);
    expect(chain.height).toBe(101); // the next block is 102: 100 above the second
    const younger = ownedBy(chain.blockAt(3).block.transactions[0]!);
    expectRefused(chain, blockOf(chain, [payOne(key, younger, 1)]), 'bad-txns-premature-spend-of-coinbase');
    expect(reasonOf(chain.connect(blockOf(chain, [payOne(key, young, 1)])))).toBe('ok');
  });

  test('relative locks of blocks hold on the chain: 6 blocks after, not 5', () => {
    const world = fundedWorld(2);
    const { chain, pool, key, mine, coins } = world;
    const script = compileScript({ num: 6 }, OP.OP_CHECKSEQUENCEVERIFY);
    const lock = payOne(key, coins[0]!, 1000, { to: p2wsh(script) });
    expect(pool.accept(lock).ok).toBe(true);
    mine();
    const spend = (sequence: number): Transaction => {
      const plain = payOne(key, ownedBy(lock), 1000, { sequence });
      return { ...plain, inputs: [{ ...plain.inputs[0]!, witness: [script] }] };
    };
    for (let i = 0; i < 5; i++) {
      expectRefused(chain, blockOf(chain, [spend(6)]), 'bad-txns-nonfinal');
      mine();
    }
    expectRefused(
      chain,
      blockOf(chain, [spend(5)]),
      'mandatory-script-verify-flag-failed (Locktime requirement not satisfied)',
    );
    expect(reasonOf(chain.connect(blockOf(chain, [spend(6)])))).toBe('ok');
  });

  test('value is conserved: what fees and outputs leave unclaimed is counted, what is burnt too', () => {
    const { chain, key, coins } = fundedWorld(3);
    const burn = pay(key, [coins[0]!], [{ valueSat: sat(5000), script: nullData(tag('burnt')) }]);
    const before = chain.unclaimedSat;
    expect(reasonOf(chain.connect(blockOf(chain, [burn])))).toBe('ok');
    expect(chain.utxos.unspendableSat).toBe(5000);
    expect(chain.unclaimedSat - before).toBe(coins[0]!.output.valueSat - 5000);
    expect(chain.utxos.totalSat + chain.utxos.unspendableSat + chain.unclaimedSat).toBe(chain.issuedSat);
  });

  test('listeners hear of every block in order, until they end it', () => {
    const { chain, mine } = fundedWorld(1);
    const heard: string[] = [];
    const endFirst = chain.onConnect(({ height }) => heard.push(`first ${height}`));
    chain.onConnect(({ height }) => heard.push(`second ${height}`));
    chain.onDisconnect(({ height }) => heard.push(`gone ${height}`));
    mine();
    endFirst();
    chain.disconnectTip();
    mine();
    expect(heard).toEqual(['first 102', 'second 102', 'gone 102', 'second 102']);
  });
});

describe('properties', () => {
  /** Blocks of random spends: splits, merges, chains within a block, burns, fees claimed or not. */
  function randomBlock(world: World, rng: Rng, owned: Owned[]): Block {
    const { chain, key } = world;
    const transactions: Transaction[] = [];
    let fees = 0;
    for (let i = rng.below(6); i > 0 && owned.length > 0; i--) {
      const spent = Array.from(
        { length: 1 + rng.below(Math.min(3, owned.length)) },
        () => owned.splice(rng.below(owned.length), 1)[0]!,
      );
      const total = spent.reduce((sum, coin) => sum + coin.output.valueSat, 0);
      const fee = rng.below(Math.min(total, 10_000) + 1);
      const parts = 1 + rng.below(3);
      const outputs: TxOutput[] = Array.from({ length: parts }, (_, part) => ({
        valueSat: sat(Math.floor((total - fee) / parts) + (part === 0 ? (total - fee) % parts : 0)),
        script: part === 1 && rng.below(4) === 0 ? nullData(tag('burn')) : key.script,
      }));
      const tx = pay(key, spent, outputs);
      transactions.push(tx);
      fees += fee;
      for (const [vout, output] of outputs.entries()) if (output.script === key.script) owned.push(ownedBy(tx, vout));
    }
    return blockOf(chain, transactions, { extraSat: rng.below(fees + 1) });
  }

  test('over random blocks value is conserved, and disconnecting them restores the exact coins, totals and medians', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const rng = Rng.fromSeed(seed);
        const world = fundedWorld(3);
        const { chain } = world;
        const owned = [...world.coins];
        const states = [stateOf(chain)];
        for (let i = 0; i < 6; i++) {
          const result = chain.connect(randomBlock(world, rng, owned));
          expect(reasonOf(result)).toBe('ok');
          let sum = 0;
          for (const [, coin] of chain.utxos.entries()) sum += coin.valueSat;
          expect(chain.utxos.totalSat).toBe(sum);
          expect(sum + chain.utxos.unspendableSat + chain.unclaimedSat).toBe(chain.issuedSat);
          states.push(stateOf(chain));
        }
        const blocks: Block[] = [];
        for (let i = 6; i > 0; i--) {
          expect(stateOf(chain)).toEqual(states[i]);
          blocks.unshift(chain.disconnectTip().block);
        }
        expect(stateOf(chain)).toEqual(states[0]);
        for (const block of blocks) expect(reasonOf(chain.connect(block))).toBe('ok');
        expect(stateOf(chain)).toEqual(states[6]);
      }),
      { numRuns: 8 },
    );
  });

  const stateOf = (chain: Blockchain): unknown => ({
    coins: coinsOf(chain),
    totals: [chain.utxos.totalSat, chain.utxos.unspendableSat, chain.issuedSat, chain.unclaimedSat],
    tip: [chain.height, chain.tipHash, chain.tipTimeSeconds, chain.medianTimePastSeconds],
  });

  test('a block of one chain builds the same chain elsewhere, signatures checked anew', () => {
    const { chain, pool, key, coins, mine } = fundedWorld(5);
    for (const coin of coins) expect(pool.accept(payOne(key, coin, 2000)).ok).toBe(true);
    mine();
    const other = new Blockchain();
    for (let height = 1; height <= chain.height; height++)
      expect(other.connect(chain.blockAt(height).block).ok).toBe(true);
    expect([other.tipHash, coinsOf(other)]).toEqual([chain.tipHash, coinsOf(chain)]);
    expect([chain.signatures.verified, other.signatures.verified]).toEqual([5, 5]);
    expect(chain.signatures.found).toBe(5);
    expect(chain.heightOf(other.tipHash)).toBe(102);
    expect(chain.heightOf('00'.repeat(32) as BlockHash)).toBeNull();
  });

  test('the same pool and the same time make the same block', () => {
    const [a, b] = [fundedWorld(5), fundedWorld(5)];
    const blockIn = ({ chain, pool, key, coins }: World): Block => {
      for (const [i, coin] of coins.entries()) pool.accept(payOne(key, coin, 1000 * (1 + (i % 2))));
      return buildBlock(chain, pool, {
        timeSeconds: 0,
        coinbaseOutputs: (valueSat) => [{ valueSat, script: key.script }],
      });
    };
    expect(blockIn(a)).toEqual(blockIn(b));
    // the time asked for is long past: the block is dated just after the median
    expect(blockIn(a).header.timeSeconds).toBe(a.chain.medianTimePastSeconds + 1);
  });
});
