/** The tables of a run's results: their names, columns and units. Times are µs since the first block. */
import { blockWeight } from '../chain/block.ts';
import type { ConnectedBlock } from '../chain/blockchain.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import type { ReplicaRow } from '../experiment/replicas.ts';
import type { ConfirmedTransaction } from '../sim/l1.ts';
import { OBSTACLES, refusedOf } from '../sim/blocking.ts';
import type {
  AttemptRecord,
  BlockingSample,
  ChannelSample,
  EdgeBlockingSample,
  HopBlockingSample,
  HtlcRecord,
} from '../sim/records.ts';
import type { PaymentRecord } from '../sim/tally.ts';
import type { Column } from './table.ts';

/** What a row of each table is made from. */
export interface ResultRows {
  readonly payments: PaymentRecord;
  readonly attempts: AttemptRecord;
  readonly htlcs: HtlcRecord;
  readonly channel_samples: ChannelSample;
  readonly blocking_by_hop: HopBlockingSample;
  readonly blocking_by_channel: EdgeBlockingSample;
  readonly replicas: ReplicaRow;
  readonly transactions: ConfirmedTransaction;
  readonly blocks: ConnectedBlock;
}

export type ResultColumns = { readonly [Table in keyof ResultRows]: readonly Column<ResultRows[Table]>[] };

const blockingColumns: readonly Column<BlockingSample>[] = [
  { name: 'at_us', kind: 'int64', of: ({ at }) => at },
  { name: 'payments', kind: 'int32', of: ({ payments }) => payments },
];

/** HTLCs that were to be offered, those of them that were refused, and for what. */
const refusedColumns: readonly Column<BlockingSample>[] = [
  { name: 'asked', kind: 'int32', of: ({ asked }) => asked },
  { name: 'refused', kind: 'int32', of: refusedOf },
  ...OBSTACLES.map((name): Column<BlockingSample> => ({ name, kind: 'int32', of: ({ refused }) => refused[name] })),
];

/** @param graph names its nodes and channels */
export function resultColumns(graph: CompiledGraph): ResultColumns {
  const node = (index: number): string => graph.nodeKeys[index]!;
  const channel = (index: number): string => graph.channelIds[index]!;
  return {
    // in the order in which they ended
    // prettier-ignore
    payments: [
      { name: 'id',          kind: 'int32',   of: ({ id }) => id },
      { name: 'started_us',  kind: 'int64',   of: ({ startedAt }) => startedAt },
      { name: 'ended_us',    kind: 'int64',   of: ({ endedAt }) => endedAt },
      { name: 'source',      kind: 'text',    of: ({ source }) => node(source) },
      { name: 'target',      kind: 'text',    of: ({ target }) => node(target) },
      { name: 'amount_msat', kind: 'int64',   of: ({ amountMsat }) => amountMsat },
      { name: 'succeeded',   kind: 'boolean', of: ({ succeeded }) => succeeded },
      { name: 'failure',     kind: 'text',    of: ({ failure }) => failure, optional: true },
      { name: 'attempts',    kind: 'int32',   of: ({ attempts }) => attempts },
      { name: 'parts',       kind: 'int32',   of: ({ parts }) => parts },
      { name: 'hops',        kind: 'int32',   of: ({ hops }) => hops },
      { name: 'fee_msat',    kind: 'int64',   of: ({ feeMsat }) => feeMsat },
    ],
    // in the order in which they ended
    // prettier-ignore
    attempts: [
      { name: 'payment',     kind: 'int32',   of: ({ payment }) => payment },
      { name: 'attempt',     kind: 'int32',   of: ({ attempt }) => attempt },
      { name: 'started_us',  kind: 'int64',   of: ({ startedAt }) => startedAt },
      { name: 'ended_us',    kind: 'int64',   of: ({ endedAt }) => endedAt },
      { name: 'amount_msat', kind: 'int64',   of: ({ amountMsat }) => amountMsat },
      { name: 'fee_msat',    kind: 'int64',   of: ({ feeMsat }) => feeMsat },
      { name: 'hops',        kind: 'int32',   of: ({ edges }) => edges.length },
      { name: 'succeeded',   kind: 'boolean', of: ({ failure }) => failure === null },
      { name: 'failure',     kind: 'text',    of: ({ failure }) => failure, optional: true },
      { name: 'erring_hop',  kind: 'int32',   of: ({ erringHop }) => erringHop, optional: true },
      // channel/direction, as Core Lightning writes it: 0 from node1 to node2
      { name: 'route',       kind: 'text',    of: ({ edges }) => edges.map((edge) => `${channel(edge >> 1)}/${edge & 1}`).join(' ') },
    ],
    // in the order in which they ended, and those that did not
    // prettier-ignore
    htlcs: [
      { name: 'channel',     kind: 'text',    of: ({ edge }) => channel(edge >> 1) },
      { name: 'offerer',     kind: 'text',    of: ({ edge }) => node(graph.edgeFrom[edge]!) },
      { name: 'id',          kind: 'int32',   of: ({ id }) => id },
      { name: 'payment',     kind: 'int32',   of: ({ payment }) => payment, optional: true },
      { name: 'amount_msat', kind: 'int64',   of: ({ amountMsat }) => amountMsat },
      { name: 'cltv_expiry', kind: 'int32',   of: ({ cltvExpiry }) => cltvExpiry },
      { name: 'offered_us',  kind: 'int64',   of: ({ offeredAt }) => offeredAt },
      { name: 'ended_us',    kind: 'int64',   of: ({ endedAt }) => endedAt, optional: true },
      { name: 'outcome',     kind: 'text',    of: ({ outcome }) => outcome },
      { name: 'on_chain',    kind: 'boolean', of: ({ onChain }) => onChain },
    ],
    // by time
    // prettier-ignore
    channel_samples: [
      { name: 'at_us',         kind: 'int64', of: ({ at }) => at },
      { name: 'channel',       kind: 'text',  of: (sample) => channel(sample.channel) },
      { name: 'to_node1_msat', kind: 'int64', of: ({ toNode1Msat }) => toNode1Msat },
      { name: 'to_node2_msat', kind: 'int64', of: ({ toNode2Msat }) => toNode2Msat },
      { name: 'htlcs',         kind: 'int32', of: ({ htlcs }) => htlcs },
      { name: 'htlcs_msat',    kind: 'int64', of: ({ htlcsMsat }) => htlcsMsat },
    ],
    // by time, then by hop; counted from the first payment on
    blocking_by_hop: [...blockingColumns, { name: 'hop', kind: 'int32', of: ({ hop }) => hop }, ...refusedColumns],
    // by time, then by channel; counted from the first payment on
    blocking_by_channel: [
      ...blockingColumns,
      { name: 'channel', kind: 'text', of: ({ edge }) => channel(edge >> 1) },
      { name: 'offerer', kind: 'text', of: ({ edge }) => node(graph.edgeFrom[edge]!) },
      ...refusedColumns,
    ],
    // by replica, then by count of payments
    // prettier-ignore
    replicas: [
      { name: 'replica',   kind: 'int32', of: ({ replica }) => replica },
      { name: 'seed',      kind: 'int64', of: ({ seed }) => seed },
      { name: 'payments',  kind: 'int32', of: ({ payments }) => payments },
      { name: 'failed',    kind: 'int32', of: ({ failed }) => failed },
      { name: 'attempts',  kind: 'int64', of: ({ attempts }) => attempts },
      { name: 'fees_msat', kind: 'int64', of: ({ feesMsat }) => feesMsat },
    ],
    // in the order of the chain
    // prettier-ignore
    transactions: [
      { name: 'height',       kind: 'int32', of: ({ height }) => height },
      { name: 'txid',         kind: 'text',  of: ({ txid }) => txid },
      { name: 'kind',         kind: 'text',  of: ({ kind }) => kind },
      { name: 'weight',       kind: 'int32', of: ({ weight }) => weight },
      { name: 'fee_sat',      kind: 'int64', of: ({ feeSat }) => feeSat },
      { name: 'channel',      kind: 'text',  of: (row) => (row.channel === null ? null : channel(row.channel)), optional: true },
      { name: 'broadcast_us', kind: 'int64', of: ({ broadcastAt }) => broadcastAt, optional: true },
    ],
    // prettier-ignore
    blocks: [
      { name: 'height',       kind: 'int32', of: ({ height }) => height },
      { name: 'hash',         kind: 'text',  of: ({ hash }) => hash },
      // what its header says, Unix seconds
      { name: 'time_s',       kind: 'int64', of: ({ block }) => block.header.timeSeconds },
      { name: 'transactions', kind: 'int32', of: ({ block }) => block.transactions.length },
      { name: 'weight',       kind: 'int32', of: ({ block }) => blockWeight(block) },
      { name: 'fees_sat',     kind: 'int64', of: ({ feesSat }) => feesSat },
    ],
  };
}
