/** What `leyden run` prints: tables for people. */
import { printable } from '../base/errors.ts';
import { formatDuration, seconds } from '../base/time.ts';
import { formatMsat, groupDigits, SAT_PER_BTC } from '../base/units.ts';
import type { ClosingSummary } from '../experiment/summary.ts';
import { formatImportReport } from '../io/graphs/graphReport.ts';
import type { Simulation, TimedSummary } from '../host/simulate.ts';
import { MAX_BLOCK_WEIGHT } from '../chain/validate.ts';
import { measuredTables } from './measuredTables.ts';
import { replicaTable } from './replicaTable.ts';
import { alignColumns, type Alignment } from './textTable.ts';

/** Closings shown one by one in the table; `--json` has more. */
const SHOWN_CLOSINGS = 12;

export function formatRun({ summary, importReport }: Simulation): string {
  const parts = [
    heading(summary),
    ...(importReport ? [formatImportReport(importReport)] : []),
    section('payments', paymentRows(summary), ['left', 'right', 'left']),
    ...blockingTable(summary),
    ...strategyTable(summary),
    ...(summary.replicas ? [replicaTable(summary.replicas)] : []),
    ...measuredTables(summary),
    section('channels', channelRows(summary)),
    ...closingTable(summary.closings),
    ...towerTable(summary),
    section('chain', chainRows(summary)),
    ...minerTable(summary),
    ...marketTable(summary),
    ...(summary.notes.length > 0
      ? [
          section(
            'notes',
            countedNotes(summary.notes).map((note) => ['', printable(note, 200)]),
            ['left', 'left'],
          ),
        ]
      : []),
    section('money (sat)', moneyRows(summary)),
    section('verdict', verdictRows(summary), ['left', 'left']),
  ];
  return parts.join('\n\n');
}

/** Each note once, with how often it is there. */
function countedNotes(notes: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const note of notes) counts.set(note, (counts.get(note) ?? 0) + 1);
  return [...counts].map(([note, count]) => (count === 1 ? note : `${note} (${count} times)`));
}

const heading = ({ scenario, seed, network }: TimedSummary): string =>
  `${printable(scenario)}, seed ${seed}: ${groupDigits(network.nodes)} nodes, ${groupDigits(network.channels)} channels, ${bitcoin(network.capacitySat)}`;

const bitcoin = (amountSat: number): string => `${groupDigits(Number((amountSat / SAT_PER_BTC).toFixed(4)))} BTC`;
const sats = (amount: number): string => `${groupDigits(amount)} sat`;
const percent = (part: number, whole: number): string => (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`);

function section(
  title: string,
  rows: readonly (readonly string[])[],
  alignments: readonly Alignment[] = ['left'],
): string {
  return `${title}\n${alignColumns(rows, alignments, '  ')}`;
}

function steadiness(warmUp: NonNullable<TimedSummary['warmUp']>): string {
  const { isSteady, distance, drift, success, threshold } = warmUp;
  const [far, moved, changed] = [distance, drift, success].map((each) => each?.toFixed(4) ?? '-');
  return `${isSteady ? 'steady' : 'not steady'}: distance ${far}, drift ${moved}, success ${changed}; threshold ${threshold}`;
}

function paymentRows({ payments, warmUp }: TimedSummary): string[][] {
  const { hops, latencySeconds, attemptsPerPayment, partsPerPayment, attemptsPerPart } = payments;
  const rows = [
    ['sent', groupDigits(payments.sent)],
    ['succeeded', groupDigits(payments.succeeded), percent(payments.succeeded, payments.sent)],
    ['failed', groupDigits(payments.failed), percent(payments.failed, payments.sent)],
  ];
  if (warmUp) rows.unshift(['warm-up, not counted', groupDigits(warmUp.payments), steadiness(warmUp)]);
  for (const [reason, count] of Object.entries(payments.failures)) {
    rows.push([`  ${reason}`, groupDigits(count), percent(count, payments.sent)]);
  }
  rows.push([
    'attempts',
    groupDigits(payments.attempts),
    attemptsPerPayment
      ? `mean ${attemptsPerPayment.mean.toFixed(2)} a payment, p99 ${attemptsPerPayment.p99.toFixed(0)}`
      : '',
  ]);
  if (partsPerPayment && attemptsPerPart !== null && partsPerPayment.most > 1) {
    rows.push([
      'parts',
      `mean ${partsPerPayment.mean.toFixed(2)}`,
      `p90 ${partsPerPayment.p90.toFixed(0)}, most ${partsPerPayment.most}; ${attemptsPerPart.toFixed(2)} attempts a part`,
    ]);
  }
  rows.push(['delivered', formatMsat(payments.amountMsat)]);
  rows.push(['fees paid', formatMsat(payments.feesMsat), percent(payments.feesMsat, payments.amountMsat)]);
  if (hops)
    rows.push([
      'hops',
      `mean ${hops.mean.toFixed(2)}`,
      `p50 ${hops.p50.toFixed(0)}, p90 ${hops.p90.toFixed(0)}, most ${hops.most}`,
    ]);
  if (latencySeconds) {
    const { p50, p90, p99 } = latencySeconds;
    rows.push(['latency', `p50 ${p50.toFixed(2)} s`, `p90 ${p90.toFixed(2)} s, p99 ${p99.toFixed(2)} s`]);
  }
  return rows;
}

/** Where HTLCs were refused, if any were, and for what. */
function blockingTable({ blocking }: TimedSummary): string[] {
  if (blocking.every(({ refused }) => refused === 0)) return [];
  const rows = [['', 'HTLCs', 'refused', '']];
  for (const { hop, asked, refused, reasons } of blocking) {
    const counts = [groupDigits(asked), groupDigits(refused), percent(refused, asked)];
    const why = Object.entries(reasons).map(([reason, count]) => `${reason} ${groupDigits(count)}`);
    rows.push([`hop ${hop}`, ...counts, why.join(', ')]);
  }
  return [section('refused by hop', rows, ['left', 'right', 'right', 'right', 'left'])];
}

/** Where nodes use several strategies: how each fared. */
function strategyTable({ payments: { byStrategy } }: TimedSummary): string[] {
  if (byStrategy.length < 2) return [];
  const rows = [['', 'nodes', 'payments', 'succeeded', 'attempts a payment', 'fees']];
  for (const { strategy, nodes, sent, succeeded, attempts, amountMsat, feesMsat } of byStrategy) {
    const each = sent === 0 ? '-' : (attempts / sent).toFixed(2);
    const counts = [groupDigits(nodes), groupDigits(sent), percent(succeeded, sent)];
    rows.push([printable(strategy, 40), ...counts, each, percent(feesMsat, amountMsat)]);
  }
  return [section('by strategy', rows)];
}

function channelRows({ channels }: TimedSummary): string[][] {
  const rows = [['opened', groupDigits(channels.opened)]];
  if (channels.withoutAnchors > 0) rows.push(['  too small for anchors', groupDigits(channels.withoutAnchors)]);
  if (channels.tooSmall > 0) rows.push(['not opened: too small', groupDigits(channels.tooSmall)]);
  for (const [reason, count] of Object.entries(channels.notOpened)) {
    rows.push([`not opened: ${reason}`, groupDigits(count)]);
  }
  if (channels.splices.locked > 0) rows.push(['spliced', groupDigits(channels.splices.locked)]);
  for (const [reason, count] of Object.entries(channels.splices.failed)) {
    rows.push([`not spliced: ${reason}`, groupDigits(count)]);
  }
  for (const [kind, count] of Object.entries(channels.closed)) rows.push([`closed, ${kind}`, groupDigits(count)]);
  rows.push(['still open', groupDigits(channels.open)]);
  return rows;
}

/** Owed by the last state, got on the chain: who gained and who lost. */
function closingTable(closings: readonly ClosingSummary[]): string[] {
  if (closings.length === 0) return [];
  const rows = [['channel', 'closed', '', 'owed', 'got', 'gain']];
  for (const { channel, kind, transactions, feesSat, node1, node2 } of closings.slice(0, SHOWN_CLOSINGS)) {
    const side = ({ owedMsat, gotSat, gainSat }: typeof node1): string[] => [
      groupDigits(Math.floor(owedMsat / 1000)),
      groupDigits(gotSat),
      `${gainSat > 0 ? '+' : ''}${groupDigits(gainSat)}`,
    ];
    rows.push([printable(channel, 30), kind, 'node1', ...side(node1)]);
    rows.push(['', `${transactions} txs, ${sats(feesSat)} fees`, 'node2', ...side(node2)]);
  }
  const more = closings.length - SHOWN_CLOSINGS;
  const table = `on-chain, by channel (sat)\n${alignColumns(rows, ['left', 'left', 'left'], '  ')}`;
  return [more > 0 ? `${table}\n  … and ${groupDigits(more)} more (--json)` : table];
}

function towerTable({ watchtowers }: TimedSummary): string[] {
  if (watchtowers === null) return [];
  const { towers, blobs, bytes, cheatsSeen } = watchtowers;
  return [
    section('watchtowers', [
      ['towers', groupDigits(towers)],
      ['blobs', groupDigits(blobs), `${groupDigits(bytes)} bytes`],
      ['cheats seen', groupDigits(cheatsSeen)],
    ]),
  ];
}

function chainRows({ chain, warmUp }: TimedSummary): string[][] {
  const rows = [
    ['', 'count', 'weight', 'fees (sat)'],
    ['blocks', groupDigits(chain.blocks)],
  ];
  if (warmUp) rows.push(['  of the warm-up', groupDigits(warmUp.blocks)]);
  for (const [kind, { count, weight, feesSat }] of Object.entries(chain.byKind)) {
    rows.push([kind, groupDigits(count), groupDigits(weight), groupDigits(feesSat)]);
  }
  rows.push([
    'all transactions',
    groupDigits(chain.transactions),
    groupDigits(chain.weight),
    groupDigits(chain.feesSat),
  ]);
  rows.push(['signatures verified', groupDigits(chain.signaturesVerified)]);
  return rows;
}

/** Who mined, and what was lost; nothing where a single honest miner did. */
function minerTable({ chain }: TimedSummary): string[] {
  const { miners, reorganisations, doubleSpends } = chain;
  if (miners.length === 1 && miners[0]?.behaviour === 'honest') return [];
  const power = miners.reduce((sum, { hashPower }) => sum + hashPower, 0);
  const blocks = miners.reduce((sum, { onChain }) => sum + onChain, 0);
  const rows = [
    ['', 'behaviour', 'hash power', 'found', 'on chain', 'of the chain'],
    ...miners.map(({ name, behaviour, hashPower, found, onChain }) => [
      printable(name, 30),
      behaviour,
      percent(hashPower, power),
      groupDigits(found),
      groupDigits(onChain),
      percent(onChain, blocks),
    ]),
    ['reorganisations', '', '', groupDigits(reorganisations.count), '', ''],
    ['  blocks they took off', '', '', groupDigits(reorganisations.disconnected), '', ''],
    ['  the deepest', '', '', groupDigits(reorganisations.deepest), '', ''],
    ...doubleSpends.map(({ miner, attempts, won }) => [
      `double spends of ${printable(miner, 30)}`,
      `${groupDigits(won)} won`,
      `of ${groupDigits(attempts)}`,
      '',
      '',
      '',
    ]),
  ];
  return [section('miners since traffic started', rows, ['left', 'left'])];
}

/** What block space cost; nothing where nobody else wanted it. */
function marketTable({ chain: { market } }: TimedSummary): string[] {
  if (market === null) return [];
  const { price, backgroundShare, waitingWeight, evictedWeight } = market;
  const blocks = (weight: number): string => `${(weight / MAX_BLOCK_WEIGHT).toFixed(1)} blocks`;
  const rows = [
    ['taken by the background', percent(backgroundShare, 1)],
    ['waiting at the end', blocks(waitingWeight)],
    ['gave up: too much waited', blocks(evictedWeight)],
  ];
  if (price) {
    const { p10, p50, p90, most } = price;
    const each = [p10, p50, p90, most].map((value) => value.toFixed(1));
    rows.unshift([
      'cheapest space in a block',
      `p10 ${each[0]}, p50 ${each[1]}, p90 ${each[2]}, most ${each[3]} sat/vB`,
    ]);
  }
  return [section('block space since traffic started', rows, ['left', 'left'])];
}

/** Where all money is at the end. */
function moneyRows({ conservation }: TimedSummary): string[][] {
  const { issuedSat, walletsSat, channelsSat, contractsSat, minersSat, destroyedSat } = conservation.holdingsSat;
  return [
    ['issued', groupDigits(issuedSat)],
    ['  in wallets', groupDigits(walletsSat)],
    ['  in open channels', groupDigits(channelsSat)],
    ['  in outputs nobody claimed', groupDigits(contractsSat)],
    ['  with miners', groupDigits(minersSat)],
    ['  destroyed', groupDigits(destroyedSat)],
  ];
}

function verdictRows({ conservation, settled, digest, simulatedSeconds, performance }: TimedSummary): string[][] {
  const { events, eventsPerSecond, peakMemoryMb } = performance;
  return [
    [
      'conservation',
      `${conservation.ok ? 'every msat accounted for' : 'BROKEN'}: ${groupDigits(conservation.events)} events checked, ${groupDigits(conservation.audits)} whole audits`,
    ],
    [
      'settled',
      settled === null
        ? 'not asked for'
        : settled
          ? 'yes'
          : 'no: something was left when maxSettlementBlocks had passed',
    ],
    ['simulated', formatDuration(seconds(simulatedSeconds))],
    [
      'real time',
      `${performance.seconds.toFixed(1)} s, ${groupDigits(events)} events (${groupDigits(eventsPerSecond)} a second), ${groupDigits(peakMemoryMb)} MB`,
    ],
    ['digest', digest],
  ];
}
