/** The tables of `leyden chain`, or the same numbers as one JSON object. */
import { basename } from 'node:path';
import { printable } from '../base/errors.ts';
import { formatDuration, seconds } from '../base/time.ts';
import { groupDigits, SAT_PER_BTC } from '../base/units.ts';
import { acceleratedSecp256k1 } from '../crypto/accelerated.ts';
import { useSecp256k1 } from '../crypto/secp256k1.ts';
import { readChainFile } from '../host/chainFile.ts';
import { unixSeconds } from '../host/clock.ts';
import { checkOutFile, writeOutFile } from '../host/outFile.ts';
import { readTextInput } from '../host/readInput.ts';
import { readChainListing } from '../io/chainListing.ts';
import { chainPicture } from '../io/chainPicture/picture.ts';
import { chainReport, type ChainReport, type FeeRates, type KindReport } from '../io/chainReport.ts';
import type { WaitSource } from '../io/transactionWaits.ts';
import { alignColumns, type Alignment } from './textTable.ts';

export interface ChainCommandOptions {
  readonly json?: boolean;
  /** the run's own listing */
  readonly listing?: string;
  /** where to draw the picture */
  readonly svg?: string;
  /** every signature on the curve */
  readonly verify?: boolean;
}

/** @throws UserError if the file holds no chain that regtest accepts, or an option names a file that can't be used */
export async function runChainCommand(file: string, options: ChainCommandOptions = {}): Promise<string> {
  const { listing, svg } = options;
  const verify = options.verify === true;
  if (svg !== undefined) checkOutFile('--svg', svg, listing === undefined ? [file] : [file, listing]);
  if (verify) {
    const accelerated = await acceleratedSecp256k1();
    if (accelerated) useSecp256k1(accelerated);
  }
  const chain = readChainFile(file, { verifySignatures: verify });
  const listed = listing === undefined ? null : readChainListing(readTextInput(listing), chain, listing);
  const { report, transactions } = chainReport(chain, listed);
  if (svg !== undefined) writeOutFile('--svg', svg, [chainPicture(report, transactions, basename(file))]);
  const signatures = verify ? 'verified' : 'not verified';
  if (options.json === true) return JSON.stringify({ file, signatures, ...report }, null, 2);
  return formatChain(file, report, verify, unixSeconds());
}

/** @param nowSeconds the wall clock, Unix seconds: a node refuses blocks from the future */
export function formatChain(file: string, report: ChainReport, verified: boolean, nowSeconds: number): string {
  const parts = [
    `${printable(file, 200)}: a regtest chain of ${groupDigits(report.blocks)} blocks, ${groupDigits(report.transactions)} transactions`,
    section('blocks', alignColumns(blockRows(report, verified, nowSeconds), ['left', 'left'], '  ')),
    section(
      'block space, each figure the share of it that paid no more (sat/vB)',
      alignColumns(feeRateRows(report), ['left'], '  '),
    ),
  ];
  if (report.kinds.length > 0) {
    const from = report.kindsFrom === 'listing' ? 'as the run’s listing says' : 'as their scripts show';
    parts.push(section(`transactions by kind, ${from}`, alignColumns(kindRows(report.kinds), ['left'], '  ')));
  }
  const waits = report.kinds.filter((kind) => kind.waits !== null);
  if (waits.length > 0) {
    const table = alignColumns(waitRows(waits), WAIT_COLUMNS, '  ');
    parts.push(section('waits in blocks, 1 for the first block that could hold it', table));
  }
  return parts.join('\n\n');
}

const section = (title: string, table: string): string => `${title}\n${table}`;

/** Seconds: how far ahead of its own clock a node lets a block be dated (consensus `MAX_FUTURE_BLOCK_TIME`). */
const MAX_FUTURE_BLOCK_TIME = 2 * 3600;

function blockRows(report: ChainReport, verified: boolean, nowSeconds: number): string[][] {
  const { fill, startSeconds, endSeconds, latestSeconds } = report;
  const rows = [
    ['tip', report.tip],
    [
      'time',
      `${date(startSeconds)} to ${date(endSeconds)} (${formatDuration(seconds(Math.max(0, endSeconds - startSeconds)))})`,
    ],
  ];
  if (latestSeconds > nowSeconds + MAX_FUTURE_BLOCK_TIME) {
    const from = date(latestSeconds - MAX_FUTURE_BLOCK_TIME);
    rows.push(['', `dated ahead: a node imports it from ${from} on, or with -mocktime=${latestSeconds}`]);
  }
  if (fill) {
    const { p50, p90, most } = fill;
    rows.push([
      'weight',
      `${percent(fill.mean)} full on average, p50 ${percent(p50)}, p90 ${percent(p90)}, most ${percent(most)}`,
    ]);
    rows.push([
      'empty',
      `${groupDigits(report.emptyBlocks)} of ${groupDigits(report.blocks)} blocks hold a coinbase only`,
    ]);
  }
  rows.push(['fees', `${groupDigits(report.feesSat)} sat`]);
  rows.push(['issued', `${groupDigits(Number((report.issuedSat / SAT_PER_BTC).toFixed(4)))} BTC`]);
  rows.push(['unspent', `${groupDigits(report.unspentOutputs)} outputs`]);
  rows.push([
    'checked',
    `work, merkle roots, witness commitments, locks, scripts, amounts; signatures ${verified ? 'verified' : 'taken as good (--verify checks them)'}`,
  ]);
  return rows;
}

function feeRateRows({ feeRates, kinds }: ChainReport): string[][] {
  const row = (name: string, rates: FeeRates | null): string[] => {
    if (rates === null) return [name, ...Array.from({ length: 7 }, () => '-')];
    const { least, p10, p25, p50, p75, p90, most } = rates;
    return [name, ...[least, p10, p25, p50, p75, p90, most].map(rate)];
  };
  return [
    ['', 'least', '10 %', '25 %', '50 %', '75 %', '90 %', 'most'],
    row('all transactions', feeRates.all),
    row('of channels', feeRates.channels),
    ...kinds.map((kind) => row(`  ${kind.kind}`, kind.feeRates)),
  ];
}

function kindRows(kinds: readonly KindReport[]): string[][] {
  return [
    ['', 'count', 'weight', 'fees (sat)'],
    ...kinds.map(({ kind, count, weight, feesSat }) => [
      kind,
      groupDigits(count),
      groupDigits(weight),
      groupDigits(feesSat),
    ]),
  ];
}

const WAIT_COLUMNS: readonly Alignment[] = ['left', ...Array.from({ length: 7 }, () => 'right' as const), 'left'];

function waitRows(kinds: readonly KindReport[]): string[][] {
  const rows = [['', 'known', 'mean', 'p50', 'p90', 'p99', 'most', 'p50 in time', 'known from']];
  for (const { kind, count, waits } of kinds) {
    if (waits === null) continue;
    const { mean, p50, p90, p99, most } = waits.blocks;
    const sources = Object.entries(waits.known) as [WaitSource, number][];
    rows.push([
      kind,
      `${groupDigits(waits.blocks.count)} of ${groupDigits(count)}`,
      ...[mean, p50, p90, p99, most].map((value) => groupDigits(Number(value.toFixed(1)))),
      formatDuration(seconds(waits.seconds.p50)),
      sources
        .map(([source, known]) => (sources.length === 1 ? source : `${source} (${groupDigits(known)})`))
        .join(', '),
    ]);
  }
  return rows;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const rate = (satPerVbyte: number): string => groupDigits(Number(satPerVbyte.toFixed(2)));
/** `2011-02-02 23:16:42` in UTC. */
const date = (unixSeconds: number): string => new Date(unixSeconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
