/** The tables of a run as CSV (RFC 4180), line by line so that a million rows never stand in memory at once. */
import type { CompiledGraph } from '../graph/compiled.ts';
import type { WorldResult } from '../sim/worldResult.ts';

/** `payments.csv`: one line a payment, in the order in which they ended; times in µs since the first block. */
export function* paymentsCsv(world: WorldResult, graph: CompiledGraph): Generator<string> {
  yield 'id,started_us,ended_us,source,target,amount_msat,succeeded,failure,attempts,hops,fee_msat\n';
  for (const payment of world.payments) {
    yield row([
      payment.id,
      payment.startedAt,
      payment.endedAt,
      graph.nodeKeys[payment.source],
      graph.nodeKeys[payment.target],
      payment.amountMsat,
      payment.succeeded,
      payment.failure ?? '',
      payment.attempts,
      payment.hops,
      payment.feeMsat,
    ]);
  }
}

/** `chain.csv`: one line a confirmed transaction. */
export function* chainCsv(world: WorldResult, graph: CompiledGraph): Generator<string> {
  yield 'height,txid,kind,weight,fee_sat,channel\n';
  for (const { height, txid, kind, weight, feeSat, channel } of world.transactions) {
    yield row([height, txid, kind, weight, feeSat, channel === null ? '' : graph.channelIds[channel]]);
  }
}

type Cell = string | number | boolean | undefined;

const row = (cells: readonly Cell[]): string => `${cells.map(cell).join(',')}\n`;

/** Node keys of a foreign file may hold anything: quoted where they need it. */
function cell(value: Cell): string {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
