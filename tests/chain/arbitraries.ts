/** Random transactions for properties: every field over its whole range, edges often. */
import fc from 'fast-check';
import { toHex } from '../../src/base/bytes.ts';
import { sat } from '../../src/base/units.ts';
import type { Transaction, TxInput, TxOutput, Txid } from '../../src/chain/transaction.ts';

const uint32 = fc.oneof(fc.nat(0xffffffff), fc.constantFrom(0, 1, 0xfffffffd, 0xffffffff));
const id = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => toHex(bytes) as Txid);
const bytes = fc.oneof(
  { weight: 5, arbitrary: fc.uint8Array({ maxLength: 80 }) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 250, maxLength: 300 }) },
);

const input: fc.Arbitrary<TxInput> = fc.record({
  prevout: fc.record({ txid: id, vout: uint32 }),
  scriptSig: bytes,
  sequence: uint32,
  witness: fc.array(bytes, { maxLength: 3 }),
});

const output: fc.Arbitrary<TxOutput> = fc.record({
  valueSat: fc.oneof(fc.nat(Number.MAX_SAFE_INTEGER), fc.constantFrom(0, Number.MAX_SAFE_INTEGER)).map(sat),
  script: bytes,
});

/** At least one input: without any, BIP 144 reads the count as its marker. */
export const transactions: fc.Arbitrary<Transaction> = fc.record({
  version: uint32,
  inputs: fc.array(input, { minLength: 1, maxLength: 4 }),
  outputs: fc.array(output, { maxLength: 4 }),
  lockTime: uint32,
});
