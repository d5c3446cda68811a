/**
 * A second reading of a block file, for the tests: consensus written again from the BIPs on Node's own hashes, with
 * bitcore-lib to run the scripts and @scure/btc-signer to read the transactions. Nothing of `src/chain` is in it.
 */
import { createHash } from 'node:crypto';
import { Transaction as ScureTransaction } from '@scure/btc-signer';
import bitcore from 'bitcore-lib';

const hash256 = (bytes: Uint8Array): Buffer =>
  createHash('sha256').update(createHash('sha256').update(bytes).digest()).digest();
const printed = (hash: Uint8Array): string => Buffer.from(hash).reverse().toString('hex');

interface ForeignInput {
  readonly txid: string;
  readonly vout: number;
  readonly scriptSig: Buffer;
  readonly sequence: number;
  witness: Buffer[];
}

interface ForeignTransaction {
  readonly version: number;
  readonly inputs: ForeignInput[];
  readonly outputs: { readonly valueSat: bigint; readonly script: Buffer }[];
  readonly lockTime: number;
  readonly bytes: Buffer;
  readonly hash: Buffer;
  readonly witnessHash: Buffer;
}

interface ForeignBlock {
  readonly header: Buffer;
  readonly transactions: ForeignTransaction[];
}

export interface ForeignVerdict {
  readonly blocks: number;
  readonly transactions: number;
  readonly scriptsRun: number;
  readonly tip: string;
}

interface Coin {
  readonly valueSat: bigint;
  readonly script: Buffer;
  readonly height: number;
  readonly coinbase: boolean;
}

const { Interpreter } = bitcore.Script;
const FLAGS = ['P2SH', 'DERSIG', 'NULLDUMMY', 'CHECKLOCKTIMEVERIFY', 'CHECKSEQUENCEVERIFY', 'WITNESS']
  .map((name) => Interpreter[`SCRIPT_VERIFY_${name}`]!)
  .reduce((sum, flag) => sum | flag, 0);

/** @throws Error naming the block and what regtest would not accept in it */
export function judgeBlockFile(file: Uint8Array): ForeignVerdict {
  const node = new ForeignNode();
  for (const block of splitFile(Buffer.from(file))) node.add(block);
  return node.verdict;
}

class ForeignNode {
  readonly #coins = new Map<string, Coin>();
  readonly #times: number[] = [];
  #tip = '0'.repeat(64);
  #transactions = 0;
  #scriptsRun = 0;

  get verdict(): ForeignVerdict {
    const { length } = this.#times;
    return { blocks: length, transactions: this.#transactions, scriptsRun: this.#scriptsRun, tip: this.#tip };
  }

  add({ header, transactions }: ForeignBlock): void {
    const height = this.#times.length;
    const demand = (holds: boolean, claim: string): void => {
      if (!holds) throw new Error(`block ${height}: ${claim}`);
    };
    const hash = hash256(header);
    const version = header.readInt32LE(0);
    const time = header.readUInt32LE(68);
    const bits = header.readUInt32LE(72);
    const target = BigInt(bits & 0xffffff) << BigInt(8 * ((bits >>> 24) - 3));
    demand(printed(header.subarray(4, 36)) === this.#tip, 'builds on the one before');
    demand(bits === 0x207fffff, 'difficulty of regtest');
    demand(BigInt(`0x${printed(hash)}`) <= target, 'proof of work');
    demand(merkle(transactions.map((tx) => tx.hash)).equals(header.subarray(36, 68)), 'merkle root');
    demand(header.length + transactions.reduce((sum, tx) => sum + tx.bytes.length, 5) <= 4_000_000, 'size');
    const coinbase = transactions[0]!;
    if (height === 0) {
      demand(printed(hash) === '0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206', 'first block');
    } else {
      const medianTime = median(this.#times.slice(-11));
      demand(version >= 4, 'version');
      demand(time > medianTime, 'time after the median of eleven');
      demand(isCoinbase(coinbase) && !transactions.slice(1).some(isCoinbase), 'one coinbase, in front');
      const push = heightPush(height);
      demand(coinbase.inputs[0]!.scriptSig.subarray(0, push.length).equals(push), 'height in the coinbase (BIP 34)');
      this.#demandCommitment(transactions, demand);
      let fees = 0n;
      for (const tx of transactions.slice(1)) fees += this.#spend(tx, height, medianTime, demand);
      const subsidy = 5_000_000_000n >> BigInt(Math.floor(height / 150));
      demand(total(coinbase.outputs) <= subsidy + fees, 'subsidy and fees');
      for (const tx of transactions) this.#create(tx, height, tx === coinbase);
    }
    for (const tx of transactions) {
      const read = ScureTransaction.fromRaw(tx.bytes, {
        allowUnknownInputs: true,
        allowUnknownOutputs: true,
        disableScriptCheck: true,
      });
      demand(read.id === printed(tx.hash), 'transaction id');
    }
    this.#times.push(time);
    this.#tip = printed(hash);
    this.#transactions += transactions.length;
  }

  #demandCommitment(transactions: readonly ForeignTransaction[], demand: (holds: boolean, claim: string) => void) {
    const [coinbase, ...others] = transactions;
    const output = coinbase!.outputs.findLast(({ script }) => script.toString('hex').startsWith('6a24aa21a9ed'));
    const hasWitness = others.some((tx) => tx.inputs.some(({ witness }) => witness.length > 0));
    demand(output !== undefined || !hasWitness, 'a witness commitment where there are witnesses');
    if (output === undefined) return;
    const [reserved] = coinbase!.inputs[0]!.witness;
    demand(reserved?.length === 32, 'witness reserved value');
    const root = merkle([Buffer.alloc(32), ...others.map((tx) => tx.witnessHash)]);
    const expected = hash256(Buffer.concat([root, reserved!]));
    demand(output.script.subarray(6, 38).equals(expected), 'witness commitment');
  }

  /** @returns the fee */
  #spend(
    tx: ForeignTransaction,
    height: number,
    medianTime: number,
    demand: (holds: boolean, claim: string) => void,
  ): bigint {
    const id = printed(tx.hash);
    const isFinal = tx.lockTime === 0 || tx.inputs.every(({ sequence }) => sequence === 0xffffffff);
    demand(isFinal || tx.lockTime < (tx.lockTime < 500_000_000 ? height : medianTime), `lock time of ${id}`);
    const judged = new bitcore.Transaction(tx.bytes.toString('hex'));
    let valueIn = 0n;
    for (const [index, { txid, vout, sequence, scriptSig, witness }] of tx.inputs.entries()) {
      const key = `${txid}:${vout}`;
      const coin = this.#coins.get(key);
      demand(coin !== undefined, `unspent ${key}`);
      const { valueSat, script, height: since, coinbase } = coin!;
      this.#coins.delete(key);
      demand(!coinbase || height - since >= 100, `maturity of ${key}`);
      if (tx.version >= 2 && (sequence & 0x80000000) === 0) {
        demand((sequence & 0x400000) === 0, `a relative lock in blocks in ${id}`);
        demand(since + (sequence & 0xffff) <= height, `relative lock of ${id}`);
      }
      const interpreter = new Interpreter();
      const [unlocking, locking] = [new bitcore.Script(scriptSig), new bitcore.Script(script)];
      const holds = interpreter.verify(unlocking, locking, judged, index, FLAGS, witness, Number(valueSat));
      demand(holds, `script of input ${index} of ${id}: ${interpreter.errstr}`);
      this.#scriptsRun++;
      valueIn += valueSat;
    }
    const valueOut = total(tx.outputs);
    demand(valueIn >= valueOut, `amounts of ${id}`);
    this.#create(tx, height, false);
    return valueIn - valueOut;
  }

  #create(tx: ForeignTransaction, height: number, coinbase: boolean): void {
    for (const [vout, { valueSat, script }] of tx.outputs.entries()) {
      const key = `${printed(tx.hash)}:${vout}`;
      if (!this.#coins.has(key)) this.#coins.set(key, { valueSat, script, height, coinbase });
    }
  }
}

const total = (outputs: readonly { readonly valueSat: bigint }[]): bigint =>
  outputs.reduce((sum, { valueSat }) => sum + valueSat, 0n);

const isCoinbase = ({ inputs }: ForeignTransaction): boolean =>
  inputs.length === 1 && inputs[0]!.txid === '0'.repeat(64) && inputs[0]!.vout === 0xffffffff;

const median = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[times.length >> 1]!;

function heightPush(height: number): Buffer {
  if (height <= 16) return Buffer.from([0x50 + height]);
  const bytes: number[] = [];
  for (let rest = height; rest > 0; rest >>= 8) bytes.push(rest & 0xff);
  if (bytes.at(-1)! >= 0x80) bytes.push(0);
  return Buffer.from([bytes.length, ...bytes]);
}

function merkle(leaves: readonly Buffer[]): Buffer {
  let row = [...leaves];
  while (row.length > 1) {
    row = Array.from({ length: Math.ceil(row.length / 2) }, (_, i) =>
      hash256(Buffer.concat([row[2 * i]!, row[2 * i + 1] ?? row[2 * i]!])),
    );
  }
  return row[0]!;
}

function* splitFile(file: Buffer): Generator<ForeignBlock> {
  for (let at = 0; at < file.length;) {
    if (file.readUInt32BE(at) !== 0xfabfb5da) throw new Error(`magic at byte ${at}`);
    const length = file.readUInt32LE(at + 4);
    yield readBlock(file.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
}

function readBlock(bytes: Buffer): ForeignBlock {
  let at = 80;
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new Error('a block ends inside a transaction');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const uint32 = (): number => take(4).readUInt32LE();
  const count = (): number => {
    const first = take(1).readUInt8();
    if (first < 0xfd) return first;
    return first === 0xfd ? take(2).readUInt16LE() : first === 0xfe ? uint32() : Number(take(8).readBigUInt64LE());
  };
  const list = <T>(read: () => T): T[] => Array.from({ length: count() }, read);

  const transactions = list((): ForeignTransaction => {
    const start = at;
    const version = uint32();
    const withWitness = bytes[at] === 0;
    if (withWitness) at += 2;
    const stripped = at;
    const inputs = list((): ForeignInput => ({
      txid: printed(take(32)),
      vout: uint32(),
      scriptSig: take(count()),
      sequence: uint32(),
      witness: [],
    }));
    const outputs = list(() => ({ valueSat: take(8).readBigUInt64LE(), script: take(count()) }));
    const strippedEnd = at;
    if (withWitness) for (const input of inputs) input.witness = list(() => take(count()));
    const lockTime = uint32();
    const whole = bytes.subarray(start, at);
    const plain = [whole.subarray(0, 4), bytes.subarray(stripped, strippedEnd), whole.subarray(-4)];
    return {
      version,
      inputs,
      outputs,
      lockTime,
      bytes: whole,
      hash: hash256(Buffer.concat(plain)),
      witnessHash: hash256(whole),
    };
  });
  if (at !== bytes.length) throw new Error('bytes after the last transaction');
  return { header: bytes.subarray(0, 80), transactions };
}
