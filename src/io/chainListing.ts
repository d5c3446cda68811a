/**
 * A run's chain as a table in plain text, a transaction a line, in columns: what each is for, which channel it belongs to
 * and how long it waited stand in no block, so they are read back from here.
 */
import { describe, printable, UserError } from '../base/errors.ts';
import { MICROS_PER_SECOND, type Micros } from '../base/time.ts';
import { MAX_MONEY_SAT } from '../base/units.ts';
import type { Blockchain } from '../chain/blockchain.ts';
import { GENESIS_TIME_SECONDS } from '../chain/regtest.ts';
import { parseTxid, type Txid, txidOf } from '../chain/transaction.ts';
import { MAX_BLOCK_WEIGHT } from '../chain/validate.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import type { ConfirmedTransaction } from '../sim/l1.ts';

/** The columns, with the width of each but the last; a wider cell moves only its own line. */
// prettier-ignore
const COLUMNS = [
  ['height',   7, 'right'],
  ['txid',    64, 'left'],
  ['kind',    18, 'left'],
  ['weight',   9, 'right'],
  ['fee_sat', 12, 'right'],
  ['wait_s',  10, 'right'],
  ['channel',  0, 'left'],
] as const;
const HEADING = COLUMNS.map(([name]) => name);

/** A transaction with the time at which the network was given it, where the run kept it. */
type ListedByRun = ConfirmedTransaction & { readonly broadcastAt?: Micros | null };

/** The listing's lines, each with its end: a heading, then every transaction in the order of the chain. */
export function* chainListing(
  run: { readonly chain: Blockchain; readonly transactions: readonly ListedByRun[] },
  graph: Pick<CompiledGraph, 'channelIds'>,
): Generator<string> {
  yield line(HEADING);
  for (const { height, txid, kind, weight, feeSat, channel, broadcastAt } of run.transactions) {
    const minedAt = run.chain.blockAt(height).block.header.timeSeconds - GENESIS_TIME_SECONDS;
    // a block's time is in whole seconds, rounded down
    const wait =
      broadcastAt === undefined || broadcastAt === null
        ? NONE
        : String(Math.max(0, minedAt - Math.floor(broadcastAt / MICROS_PER_SECOND)));
    const name = channel === null ? NONE : channelName(graph.channelIds[channel] ?? `#${channel}`);
    yield line([String(height), txid, kind, String(weight), String(feeSat), wait, name]);
  }
}

const NONE = '-';

/** A foreign graph may call its channels anything: here it is one word. */
const channelName = (id: string): string => printable(id, 100).replace(/\s/g, '_') || '_';

function line(cells: readonly string[]): string {
  const padded = COLUMNS.map(([, width, side], index) => {
    const cell = cells[index] ?? '';
    return side === 'right' ? cell.padStart(width) : cell.padEnd(width);
  });
  return `${padded.join('  ').trimEnd()}\n`;
}

/** A line of a listing, read back. */
export interface ListedTransaction {
  readonly height: number;
  readonly txid: Txid;
  readonly kind: string;
  readonly weight: number;
  readonly feeSat: number;
  /** from the broadcast to the block; null where the run did not keep it */
  readonly waitSeconds: number | null;
  readonly channel: string | null;
}

/** A run has a dozen; every one becomes a row of the tables and a lane of the picture. */
const MOST_KINDS = 64;

/**
 * Reads a listing of that chain.
 * @param file its name as the user knows it
 * @throws UserError if the text is no listing, or one of another chain
 */
export function readChainListing(text: string, chain: Blockchain, file: string): ReadonlyMap<Txid, ListedTransaction> {
  const lines = text.split(/\r?\n/);
  if (lines[0]?.trim().split(/\s+/).join(' ') !== HEADING.join(' ')) {
    const expected = `a chain listing, with the heading ${HEADING.join(' ')}`;
    throw new UserError({ file, path: 'line 1', found: describe(lines[0]), expected });
  }
  const heights = heightsOf(chain);
  const listed = new Map<Txid, ListedTransaction>();
  const kinds = new Set<string>();
  for (const [index, each] of lines.entries()) {
    if (index === 0 || each.trim() === '') continue;
    const path = `line ${index + 1}`;
    const transaction = readLine(each, file, path);
    const { txid, height } = transaction;
    if (heights.get(txid) !== height) {
      const found = `transaction ${txid} at height ${height}`;
      const there = heights.get(txid);
      const expected =
        there === undefined ? 'a transaction of this chain: the listing of the same run' : `it at height ${there}`;
      throw new UserError({ file, path, found, expected });
    }
    kinds.add(transaction.kind);
    if (kinds.size > MOST_KINDS) {
      throw new UserError({
        file,
        path,
        found: `one more kind, ${transaction.kind}`,
        expected: `at most ${MOST_KINDS} kinds`,
      });
    }
    if (listed.has(txid)) {
      throw new UserError({ file, path, found: `transaction ${txid} again`, expected: 'each transaction once' });
    }
    listed.set(txid, transaction);
  }
  return listed;
}

function heightsOf(chain: Blockchain): ReadonlyMap<Txid, number> {
  const heights = new Map<Txid, number>();
  for (let height = 0; height <= chain.height; height++) {
    for (const tx of chain.blockAt(height).block.transactions) heights.set(txidOf(tx), height);
  }
  return heights;
}

function readLine(text: string, file: string, path: string): ListedTransaction {
  const cells = text.trim().split(/\s+/);
  const wrong = (column: string, cell: string | undefined, expected: string): UserError =>
    new UserError({ file, path: `${path}, ${column}`, found: describe(cell), expected });
  if (cells.length !== HEADING.length) {
    throw new UserError({ file, path, found: `${cells.length} columns`, expected: `${HEADING.length} columns` });
  }
  const [height, id = '', kind = '', weight, fee, wait, channel = ''] = cells;
  const integer = (column: string, cell: string | undefined, most: number): number => {
    const value = cell !== undefined && /^\d{1,16}$/.test(cell) ? Number(cell) : NaN;
    if (value <= most) return value;
    throw wrong(column, cell, `an integer from 0 to ${most}`);
  };
  const txid = parseTxid(id);
  if (txid === null) throw wrong('txid', id, '64 hexadecimal digits');
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(kind)) throw wrong('kind', kind, 'a word of small letters, digits and hyphens');
  return {
    height: integer('height', height, 2 ** 31),
    txid,
    kind,
    weight: integer('weight', weight, MAX_BLOCK_WEIGHT),
    feeSat: integer('fee_sat', fee, MAX_MONEY_SAT),
    waitSeconds: wait === NONE ? null : integer('wait_s', wait, 2 ** 32),
    channel: channel === NONE ? null : channel,
  };
}
