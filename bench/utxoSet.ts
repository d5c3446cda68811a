/** UTXO set benchmark: 1,000,000 outputs must stay under 400 MB, JavaScript's heap and buffers together. */
import { Rng } from '../src/base/random.ts';
import { toHex } from '../src/base/bytes.ts';
import { sat } from '../src/base/units.ts';
import type { OutPoint, Txid } from '../src/chain/transaction.ts';
import { UtxoSet } from '../src/chain/utxoSet.ts';
import { cpuMicros, usedBytes } from './measure.ts';

const OUTPUTS = 1_000_000;
const LIMIT_MB = 400;

export const utxoSet = {
  name: 'utxo-set',
  run(): Promise<void> {
    const before = usedBytes();
    const set = new UtxoSet();
    const adding = cpuMicros(() => fill(set));
    const megabytes = (usedBytes() - before) / 1e6;
    const verdict = megabytes < LIMIT_MB ? 'met' : 'MISSED';
    console.log(`  ${set.size} outputs: ${megabytes.toFixed(0)} MB; limit ${LIMIT_MB} MB: ${verdict}`);
    const taking = cpuMicros(() => empty(set));
    const each = (micros: number): string => (micros / OUTPUTS).toFixed(2);
    console.log(`  ${each(adding)} µs CPU to make and add one, ${each(taking)} µs to make its id again and spend it`);
    return Promise.resolve();
  },
};

/** One P2WPKH output, one P2WSH output, and so on, of transactions with three outputs. */
function fill(set: UtxoSet): void {
  for (const [index, outPoint] of outPoints()) {
    const script = new Uint8Array(index % 2 === 0 ? 22 : 34).fill(index);
    set.add(outPoint, { valueSat: sat(330 + index * 4096), script, height: index >> 11, isCoinbase: false });
  }
}

function empty(set: UtxoSet): void {
  for (const [, outPoint] of outPoints()) set.spend(outPoint);
  if (set.size !== 0) throw new Error(`${set.size} outputs are left`);
}

function* outPoints(): Generator<[number, OutPoint]> {
  const rng = Rng.fromSeed('bench outputs');
  let txid = '' as Txid;
  for (let index = 0; index < OUTPUTS; index++) {
    if (index % 3 === 0) txid = toHex(rng.bytes32()) as Txid;
    yield [index, { txid, vout: index % 3 }];
  }
}
