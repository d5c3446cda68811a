/** Reads Bitcoin Core's script and transaction vectors: its assembler, its flags, its rows. */
import { concatBytes, fromHex, utf8 } from '../../src/base/bytes.ts';
import { SAT_PER_BTC, sat } from '../../src/base/units.ts';
import { opcodeByName } from '../../src/chain/opcodes.ts';
import { minimalPush, pushOf } from '../../src/chain/script.ts';
import { type FlagName, VERIFY } from '../../src/chain/scriptFlags.ts';
import { NULL_TXID, NULL_VOUT, type Transaction, txidOf, type TxOutput } from '../../src/chain/transaction.ts';

/** Names from before BIPs 65 and 112. */
const RENAMED: Readonly<Record<string, string>> = { NOP2: 'CHECKLOCKTIMEVERIFY', NOP3: 'CHECKSEQUENCEVERIFY' };

/** `2 0x02 0x417a 'Az' CHECKSIG`: numbers and texts are pushed, `0x…` is spliced in raw, the rest are opcodes. */
export function assemble(text: string): Uint8Array {
  const words = text.split(/\s+/).filter((word) => word !== '');
  return concatBytes(
    ...words.map((word) => {
      if (/^-?\d+$/.test(word)) return minimalPush(wideNumber(BigInt(word)));
      if (word.startsWith('0x')) return fromHex(word.slice(2));
      if (word.startsWith("'")) return pushOf(utf8(word.slice(1, -1)));
      const opcode = opcodeByName(RENAMED[word] ?? word);
      if (opcode === null) throw new Error(`unknown word ${word}`);
      return Uint8Array.of(opcode);
    }),
  );
}

/** As `scriptNumber`, for the few vectors that go past 2^53. */
function wideNumber(value: bigint): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value < 0n ? -value : value; rest > 0n; rest >>= 8n) bytes.push(Number(rest & 0xffn));
  if ((bytes.at(-1) ?? 0) >= 0x80) bytes.push(0);
  if (value < 0n) bytes[bytes.length - 1]! |= 0x80;
  return Uint8Array.from(bytes);
}

export function flagsOf(text: string): number {
  let flags = 0;
  for (const name of text.split(',').filter((word) => word !== '' && word !== 'NONE')) {
    if (!Object.hasOwn(VERIFY, name)) throw new Error(`unknown flag ${name}`);
    flags |= VERIFY[name as FlagName];
  }
  // Core's own test fills these in: the flags on the left mean nothing without those on the right
  if ((flags & VERIFY.CLEANSTACK) !== 0) flags |= VERIFY.P2SH | VERIFY.WITNESS;
  if ((flags & VERIFY.WITNESS) !== 0) flags |= VERIFY.P2SH;
  return flags;
}

export interface ScriptCase {
  readonly tx: Transaction;
  readonly spent: TxOutput;
  readonly flags: number;
  readonly expected: string;
  readonly title: string;
}

export type ScriptRow = readonly (string | readonly (string | number)[])[];

/** One row of script_tests.json as a transaction that spends an output; null for a comment. */
export function scriptCase(row: ScriptRow): ScriptCase | null {
  if (row.length === 1) return null;
  const [first] = row;
  const witnessRow = typeof first === 'string' ? [] : (first ?? []);
  const [scriptSigText, scriptText, flagsText, expected, comment] = (
    typeof first === 'string' ? row : row.slice(1)
  ) as readonly string[];
  const valueSat = sat(Math.round(Number(witnessRow.at(-1) ?? 0) * SAT_PER_BTC));
  const spent = { valueSat, script: assemble(scriptText!) };
  const noInput = { sequence: 0xffffffff, witness: [] };
  const crediting: Transaction = {
    version: 1,
    inputs: [{ ...noInput, prevout: { txid: NULL_TXID, vout: NULL_VOUT }, scriptSig: Uint8Array.of(0, 0) }],
    outputs: [spent],
    lockTime: 0,
  };
  const tx: Transaction = {
    version: 1,
    inputs: [
      {
        prevout: { txid: txidOf(crediting), vout: 0 },
        scriptSig: assemble(scriptSigText!),
        sequence: 0xffffffff,
        witness: witnessRow.slice(0, -1).map((item) => fromHex(String(item))),
      },
    ],
    outputs: [{ valueSat, script: new Uint8Array(0) }],
    lockTime: 0,
  };
  const title = `${scriptSigText} | ${scriptText} | ${flagsText} | ${comment ?? ''}`;
  return { tx, spent, flags: flagsOf(flagsText!), expected: expected!, title };
}

export type TransactionRow = readonly [
  prevouts: readonly (readonly [txid: string, vout: number, script: string, valueSat?: number])[],
  hex: string,
  flags: string,
];

export interface TransactionCase {
  readonly hex: string;
  readonly flags: number;
  /** the outputs spent, by `txid:vout` */
  readonly spent: ReadonlyMap<string, TxOutput>;
  readonly title: string;
}

/** One row of tx_valid.json or tx_invalid.json; null for a comment. */
export function transactionCase(row: TransactionRow | readonly string[]): TransactionCase | null {
  if (typeof row[0] === 'string') return null;
  const [prevouts, hex, flags] = row as TransactionRow;
  const spent = new Map<string, TxOutput>();
  for (const [txid, vout, script, valueSat] of prevouts) {
    spent.set(`${txid}:${vout >>> 0}`, { valueSat: sat(valueSat ?? 0), script: assemble(script) });
  }
  return { hex, flags: flagsOf(flags), spent, title: `${hex.slice(0, 80)}… ${flags}` };
}
