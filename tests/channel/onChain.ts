/** Channels on a real chain, for tests: funded from a wallet key, closed in any way, every transaction through the mempool. */
import { fromHex, utf8 } from '../../src/base/bytes.ts';
import { msat, type Sat, sat } from '../../src/base/units.ts';
import { p2pkhOfHash, p2wsh } from '../../src/chain/script.ts';
import { SIGHASH_ALL } from '../../src/chain/sighash.ts';
import { type OutPoint, type Transaction, txidOf } from '../../src/chain/transaction.ts';
import { hash160, sha256 } from '../../src/crypto/hashes.ts';
import { SEQUENCE_RBF } from '../../src/channel/claims.ts';
import type { CommitmentSpec, HtlcSpec } from '../../src/channel/commitmentSpec.ts';
import { channelPoints, channelSecrets } from '../../src/channel/keys.ts';
import type { ChannelLimits, CommitmentFormat } from '../../src/channel/limits.ts';
import { signInput, withWitness, type ChannelMaterial, type FeeAttachment } from '../../src/channel/materialise.ts';
import { fundingScript } from '../../src/channel/scripts.ts';
import { type Key, keyOf, type Owned, ownedBy, pay, type World } from '../chain/wallet.ts';

export const CHAIN_LIMITS: ChannelLimits = {
  dustLimitSat: sat(354),
  channelReserveSat: sat(1000),
  htlcMinimumMsat: msat(1),
  maxHtlcValueInFlightMsat: msat(1e12),
  maxAcceptedHtlcs: 114,
  toSelfDelay: 6,
  maxDustHtlcExposureMsat: msat(1e12),
};

export const WALLET_KEYS: readonly [Key, Key] = [keyOf('wallet of side 0'), keyOf('wallet of side 1')];

/** A channel whose funding output is on the chain, paid by `coin`; side 0 opened it. */
export function fundChannel(
  world: World,
  coin: Owned,
  format: CommitmentFormat,
  capacitySat: number,
  name = 'a channel',
): ChannelMaterial {
  const secrets = [channelSecrets(sha256(utf8(name)), '0'), channelSecrets(sha256(utf8(name)), '1')] as const;
  const points = [channelPoints(secrets[0]), channelPoints(secrets[1])] as const;
  const script = p2wsh(fundingScript(points[0].funding, points[1].funding));
  const change = coin.output.valueSat - capacitySat - 1000;
  const funding = pay(
    world.key,
    [coin],
    [
      { valueSat: sat(capacitySat), script },
      { valueSat: sat(change), script: world.key.script },
    ],
  );
  mustAccept(world, funding);
  world.mine();
  return {
    funding: { txid: txidOf(funding), vout: 0 },
    capacitySat: sat(capacitySat),
    format,
    opener: 0,
    limits: [CHAIN_LIMITS, CHAIN_LIMITS],
    secrets,
    points,
  };
}

/** The mempool takes it. @throws Error with the reason otherwise */
export function mustAccept(world: World, transaction: Transaction): void {
  const result = world.pool.accept(transaction);
  if (!result.ok) throw new Error(`refused: ${result.reason}`);
}

/** The mempool takes them together. @throws Error with the reasons otherwise */
export function mustAcceptPackage(world: World, transactions: readonly Transaction[]): void {
  const result = world.pool.acceptPackage(transactions);
  if (!result.ok) throw new Error(`refused: ${result.reason}, ${JSON.stringify(result.transactions)}`);
}

export const mineBlocks = (world: World, count: number): void => {
  for (let i = 0; i < count; i++) world.mine();
};

/** A coin and its change, to pay a fee of that many sat. */
export function attachmentOf(coin: Owned, feeSat: number): FeeAttachment {
  return {
    inputs: [{ prevout: coin.outPoint, scriptSig: new Uint8Array(0), sequence: SEQUENCE_RBF, witness: [] }],
    outputs: [{ valueSat: sat(coin.output.valueSat - feeSat), script: coin.output.script }],
  };
}

/** Signs the input that spends a coin on that key. */
export function signCoin(transaction: Transaction, coin: Owned, key: Key): Transaction {
  const { txid, vout } = coin.outPoint;
  const index = transaction.inputs.findIndex(({ prevout }) => prevout.txid === txid && prevout.vout === vout);
  const code = p2pkhOfHash(hash160(key.publicKey));
  const signature = signInput(transaction, index, code, coin.output.valueSat, key.secret, SIGHASH_ALL);
  return withWitness(transaction, index, [signature, key.publicKey]);
}

/** The change of a transaction that a coin was attached to, as the next coin. */
export const changeOf = (transaction: Transaction): Owned => ownedBy(transaction, transaction.outputs.length - 1);

export const preimageOf = (id: number): Uint8Array => sha256(utf8(`preimage ${id}`));

export const htlcOf = (id: number, offered: boolean, amountSat: number, cltvExpiry: number): HtlcSpec => ({
  offered,
  id,
  amountMsat: msat(amountSat * 1000),
  cltvExpiry,
  paymentHash: sha256(preimageOf(id)),
});

/** A commitment of side 0 (the opener), to which everything but the HTLCs and `toRemoteMsat` belongs. */
export function specOf(
  capacitySat: number,
  toRemoteMsat: number,
  htlcs: readonly HtlcSpec[],
  feeratePerKw: number,
  number = 3,
): CommitmentSpec {
  const pending = htlcs.reduce((sum, htlc) => sum + htlc.amountMsat, 0);
  return {
    number,
    toLocalMsat: msat(capacitySat * 1000 - toRemoteMsat - pending),
    toRemoteMsat: msat(toRemoteMsat),
    htlcs,
    feeratePerKw,
    ownerIsOpener: true,
  };
}

export const isUnspent = (world: World, outPoint: OutPoint): boolean => world.chain.utxos.get(outPoint) !== undefined;

/** Money on the chain that pays a script. */
export function paidTo(world: World, script: Uint8Array): Sat {
  let sum = 0;
  for (const [, coin] of world.chain.utxos.entries()) {
    if (coin.script.length === script.length && coin.script.every((byte, i) => byte === script[i]))
      sum += coin.valueSat;
  }
  return sat(sum);
}

/** 20 bytes of a hash that nobody has the key of. */
export const SOME_HASH = fromHex('00'.repeat(19) + '01');
