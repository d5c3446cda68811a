/** The tables of `leyden graph`, or the same numbers as one JSON object. */
import { groupDigits, SAT_PER_BTC } from '../base/units.ts';
import type { Quantiles } from '../graph/quantiles.ts';
import { graphStatistics, type GraphStatistics } from '../graph/statistics.ts';
import { readGraphFile } from '../host/graphFile.ts';
import { alignColumns } from './textTable.ts';
import { formatImportReport, REMEDIES, type ImportReport } from '../io/graphs/graphReport.ts';

export interface GraphCommandOptions {
  /** one JSON object in place of tables */
  readonly json?: boolean;
}

/** @throws UserError if the file can't be read or is not a graph */
export function runGraphCommand(file: string, options: GraphCommandOptions = {}): string {
  const { graph, report } = readGraphFile(file);
  const all = graphStatistics(graph, 'all');
  const usable = graphStatistics(graph, 'anyEnabled');
  if (options.json) return JSON.stringify({ report: withMeanings(report), statistics: { all, anyEnabled: usable } });
  return [
    formatImportReport(report),
    '',
    alignColumns(countRows(all, usable), ['left']),
    '',
    alignColumns(quantileRows(all, usable), ['left']),
    '',
    'usable: channels with at least one enabled direction, and their nodes; policies are those of enabled directions',
  ].join('\n');
}

function withMeanings(report: ImportReport): object {
  return { ...report, remedies: report.remedies.map((remedy) => ({ ...remedy, means: REMEDIES[remedy.kind] })) };
}

function countRows(all: GraphStatistics, usable: GraphStatistics): string[][] {
  const row = (name: string, show: (of: GraphStatistics) => string): string[] => [name, show(all), show(usable)];
  return [
    ['', 'all', 'usable'],
    row('nodes', (of) => groupDigits(of.nodes)),
    row('nodes without such a channel', (of) => groupDigits(of.nodesWithoutChannel)),
    row('nodes with one peer', (of) => share(of.nodesWithOnePeer, of.nodes)),
    row('channels', (of) => groupDigits(of.channels)),
    row('node pairs with a channel', (of) => groupDigits(of.nodePairs)),
    row('most channels in a pair', (of) => groupDigits(of.channelsPerPairMax)),
    row('capacity (BTC)', (of) => groupDigits(Number((of.capacitySat / SAT_PER_BTC).toFixed(2)))),
    row('directions enabled', (of) => share(of.directionsEnabled, of.directions)),
    row('components', (of) => groupDigits(of.components)),
    row('nodes in the largest', (of) => share(of.giantNodes, of.nodes)),
  ];
}

function quantileRows(all: GraphStatistics, usable: GraphStatistics): string[][] {
  return [
    ['', 'mean', 'least', 'p5', 'p25', 'p50', 'p75', 'p90', 'p95', 'p99', 'most'],
    quantileRow('channels a node', all.degree),
    quantileRow('channels a node, usable', usable.degree),
    quantileRow('peers a node', all.peers),
    quantileRow('peers a node, usable', usable.peers),
    quantileRow('capacity (sat)', all.channelCapacitySat),
    quantileRow('capacity (sat), usable', usable.channelCapacitySat),
    quantileRow('base fee (msat)', all.feeBaseMsat),
    quantileRow('fee rate (ppm)', all.feeProportionalMillionths),
    quantileRow('cltv delta (blocks)', all.cltvExpiryDelta),
    quantileRow('htlc minimum (msat)', all.htlcMinimumMsat),
    quantileRow('htlc maximum (msat)', all.htlcMaximumMsat),
  ];
}

function quantileRow(name: string, of: Quantiles | null): string[] {
  if (of === null) return [name, ...Array.from({ length: 10 }, () => '-')];
  const values = [of.mean, of.least, of.p5, of.p25, of.p50, of.p75, of.p90, of.p95, of.p99, of.most];
  return [name, ...values.map((value) => groupDigits(Number(value.toFixed(value < 1000 ? 2 : 0))))];
}

const share = (part: number, whole: number): string =>
  `${groupDigits(part)} (${whole === 0 ? '-' : ((100 * part) / whole).toFixed(1)}%)`;
