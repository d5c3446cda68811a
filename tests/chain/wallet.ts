/** Keys, signed spends and funded chains for the chain's tests. */
import { concatBytes, utf8 } from '../../src/base/bytes.ts';
import { type Sat, sat } from '../../src/base/units.ts';
import { Blockchain } from '../../src/chain/blockchain.ts';
import { Mempool, type MempoolOptions } from '../../src/chain/mempool.ts';
import { mineBlock } from '../../src/chain/miner.ts';
import { GENESIS_TIME_SECONDS } from '../../src/chain/regtest.ts';
import { p2pkhOfHash, p2wpkh } from '../../src/chain/script.ts';
import { segwitSighash, SIGHASH_ALL } from '../../src/chain/sighash.ts';
import { type OutPoint, type Transaction, txidOf, type TxOutput } from '../../src/chain/transaction.ts';
import type { ConnectedBlock } from '../../src/chain/blockchain.ts';
import { encodeSignature } from '../../src/crypto/der.ts';
import { hash160, sha256 } from '../../src/crypto/hashes.ts';
import { secp256k1 } from '../../src/crypto/secp256k1.ts';

export interface Key {
  readonly secret: Uint8Array;
  readonly publicKey: Uint8Array;
  /** P2WPKH */
  readonly script: Uint8Array;
}

/** A key by name: the same name, the same key. */
export function keyOf(name: string): Key {
  const secret = sha256(utf8(name));
  const publicKey = secp256k1().publicKey(secret);
  return { secret, publicKey, script: p2wpkh(publicKey) };
}

export interface Owned {
  readonly outPoint: OutPoint;
  readonly output: TxOutput;
}

export const ownedBy = (tx: Transaction, vout = 0): Owned => ({
  outPoint: { txid: txidOf(tx), vout },
  output: tx.outputs[vout]!,
});

export interface PayOptions {
  readonly version?: number;
  readonly lockTime?: number;
  readonly sequence?: number;
}

/** A transaction that spends P2WPKH outputs of one key, signed. */
export function pay(
  key: Key,
  coins: readonly Owned[],
  outputs: readonly TxOutput[],
  options: PayOptions = {},
): Transaction {
  const unsigned: Transaction = {
    version: options.version ?? 2,
    inputs: coins.map(({ outPoint }) => ({
      prevout: outPoint,
      scriptSig: new Uint8Array(0),
      sequence: options.sequence ?? 0xfffffffd,
      witness: [],
    })),
    outputs,
    lockTime: options.lockTime ?? 0,
  };
  const scriptCode = p2pkhOfHash(hash160(key.publicKey));
  const inputs = unsigned.inputs.map((input, index) => {
    const digest = segwitSighash(unsigned, index, scriptCode, coins[index]!.output.valueSat, SIGHASH_ALL);
    return { ...input, witness: [encodeSignature(secp256k1().sign(digest, key.secret), SIGHASH_ALL), key.publicKey] };
  });
  return { ...unsigned, inputs };
}

/** Pays one output and takes the fee from it. */
export const payOne = (
  key: Key,
  coin: Owned,
  feeSat: number,
  options: PayOptions & { to?: Uint8Array } = {},
): Transaction =>
  pay(key, [coin], [{ valueSat: sat(coin.output.valueSat - feeSat), script: options.to ?? key.script }], options);

export interface World {
  readonly chain: Blockchain;
  readonly pool: Mempool;
  readonly key: Key;
  /** mature coins of `key`, one for each output of the first block */
  readonly coins: readonly Owned[];
  /** mines a block ten minutes after the last, all it may claim to `key` */
  readonly mine: (outputs?: (claimableSat: Sat) => readonly TxOutput[]) => ConnectedBlock;
}

/** A chain of 101 blocks whose first pays that many equal outputs to a key. */
export function fundedWorld(coinCount: number, options: MempoolOptions = {}): World {
  const chain = new Blockchain();
  const pool = new Mempool(chain, options);
  const key = keyOf('funded');
  const mine: World['mine'] = (outputs = (claimableSat) => [{ valueSat: claimableSat, script: key.script }]) =>
    mineBlock(chain, pool, { timeSeconds: GENESIS_TIME_SECONDS + 600 * (chain.height + 1), coinbaseOutputs: outputs });
  const { block } = mine((claimableSat) =>
    Array.from({ length: coinCount }, () => ({
      valueSat: sat(Math.floor(claimableSat / coinCount)),
      script: key.script,
    })),
  );
  for (let i = 0; i < 100; i++) mine();
  const coins = Array.from({ length: coinCount }, (_, vout) => ownedBy(block.transactions[0]!, vout));
  return { chain, pool, key, coins, mine };
}

/** Everything the set of coins holds, in an order of its own, to compare. */
export const coinsOf = (chain: Blockchain): unknown[] =>
  [...chain.utxos.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, coin]) => [key, { ...coin }]);

/** 32 bytes that a test can tell apart. */
export const tag = (name: string): Uint8Array => sha256(concatBytes(utf8('tag:'), utf8(name)));
