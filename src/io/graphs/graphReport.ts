/** What a graph importer had to drop, repair or leave out: each kind once, with its count and its first example. */
import { printable } from '../../base/errors.ts';
import { groupDigits } from '../../base/units.ts';
import type { ChannelGraph } from '../../graph/channelGraph.ts';

/** What can be wrong with a dump that is worth having all the same, and what an importer does about it. */
// prettier-ignore
export const REMEDIES = {
  nodeRepeated:        'node listed again: the first kept',
  nodeNotKey:          'node id that is not a compressed public key: kept as a name',
  aliasTooLong:        'alias over 32 bytes (BOLT 7): cut',
  channelRepeated:     'short channel id listed again: the first kept',
  selfLoop:            'channel from a node to itself: dropped',
  unknownNode:         'channel whose node is not listed: dropped',
  capacityAbsent:      'channel whose capacity the file does not give: set to the larger HTLC maximum',
  capacityPlain:       'channel of which the file gives no amount: set to 5,000,000 sat',
  capacityZero:        'channel without capacity: dropped',
  capacityTooLarge:    'capacity over 90,071 BTC (2^53 msat): channel dropped',
  capacityUnknown:     'channel without capacity or HTLC maximum to tell it by: dropped',
  capacityFraction:    'capacity with a fraction of a satoshi: rounded down',
  edgeUnknownChannel:  'edge whose channel is not listed: dropped',
  edgeRepeated:        'direction of a channel listed again: the first kept',
  balanceContradiction: 'balances that do not add up to the capacity: left out',
  recordDeleted:       'record that the store marks as deleted: passed over',
  channelDying:        'channel that the store marks as closed: dropped',
  channelDeleted:      'channel that a later record deletes: dropped',
  recordDamaged:       'record whose checksum is wrong: left out',
  recordCut:           'record that the file breaks off in, or did not finish: left out',
  recordUnknown:       'record of another kind: passed over',
  nodeAlone:           'node announced that has no channel: left out',
  nodeReserved:        'node name that JavaScript keeps for itself: a ~ added',
  updateUnknown:       'update of a channel that is not announced: left out',
  updateIncremental:   'update that builds on an earlier snapshot: left out',
  updateOutdated:      'update older than another of its direction: left out',
  htlcLimits:          'limits on HTLCs in flight: left out, a scenario says them',
  termsAbsent:         'direction whose terms the file does not give: set to lnd’s defaults',
  policyNull:          'direction never announced (no policy): not usable',
  policyBlank:         'disabled direction with every field zero (terms unknown): not usable',
  policyZero:          'enabled direction with every field zero (never announced): not usable',
  feeTooLarge:         'fee over 2^32 - 1: set to 2^32 - 1',
  inboundFee:          'inbound fee: left out',
  cltvTooLarge:        'cltv delta over 2,016 blocks: direction disabled',
  maximumAbsent:       'htlc maximum absent or zero: set to the capacity',
  maximumOverCapacity: 'htlc maximum over the capacity: set to the capacity',
  minimumOverMaximum:  'htlc minimum over the maximum: direction disabled',
} as const;

export type RemedyKind = keyof typeof REMEDIES;

export interface Remedy {
  readonly kind: RemedyKind;
  readonly count: number;
  /** path of the first one in the file: `edges[12].node1_policy` */
  readonly first: string;
}

/** The formats in which graphs come; `formats.ts` says what each is. */
export type GraphFormatName =
  'lnd' | 'lnd-test' | 'listchannels' | 'gossip_store' | 'rgs' | 'simln' | 'cloth' | 'gexf' | 'graphml' | 'edges';

export interface ImportReport {
  readonly file: string;
  readonly format: GraphFormatName;
  readonly nodesListed: number;
  readonly channelsListed: number;
  readonly nodesKept: number;
  readonly channelsKept: number;
  /** in the order of `REMEDIES`; empty for a flawless file */
  readonly remedies: readonly Remedy[];
}

export interface ImportedGraph {
  readonly graph: ChannelGraph;
  readonly report: ImportReport;
}

/** Counts remedies while a file is read. */
export class RemedyCounter {
  readonly #seen = new Map<RemedyKind, { count: number; first: string }>();

  add(kind: RemedyKind, path: () => string): void {
    const seen = this.#seen.get(kind);
    if (seen) seen.count++;
    else this.#seen.set(kind, { count: 1, first: path() });
  }

  list(): Remedy[] {
    const out: Remedy[] = [];
    for (const kind of REMEDY_KINDS) {
      const seen = this.#seen.get(kind);
      if (seen) out.push({ kind, count: seen.count, first: seen.first });
    }
    return out;
  }
}

const REMEDY_KINDS = Object.keys(REMEDIES).filter((kind): kind is RemedyKind => Object.hasOwn(REMEDIES, kind));

/** The report as lines for a terminal, ending without a newline. */
export function formatImportReport(report: ImportReport): string {
  const kept = (kept: number, listed: number): string =>
    kept === listed ? `all ${groupDigits(listed)}` : `${groupDigits(kept)} of ${groupDigits(listed)}`;
  const lines = [
    `Read ${printable(report.file, 200)} (${report.format}): kept ${kept(report.nodesKept, report.nodesListed)} nodes, ` +
      `${kept(report.channelsKept, report.channelsListed)} channels`,
  ];
  const rows = report.remedies.map(({ kind, count, first }) => ({
    count,
    text: `${REMEDIES[kind]}; first: ${printable(first)}`,
  }));
  return [...lines, ...countedLines(rows)].join('\n');
}

/** A line a row: an indented count, aligned to the right, and what it counts. */
export function countedLines(rows: readonly { readonly count: number; readonly text: string }[]): string[] {
  const counts = rows.map(({ count }) => groupDigits(count));
  const width = Math.max(0, ...counts.map((count) => count.length));
  return rows.map(({ text }, i) => `  ${counts[i]!.padStart(width)}  ${text}`);
}
