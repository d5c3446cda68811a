/** Payments to ask routes for, as CSV (`source,target,amount_msat`), and the routes found, as one JSON object a line. */
import { UserError } from '../base/errors.ts';
import { msat } from '../base/units.ts';
import { type NodeNames, nodeOf } from '../experiment/nodeReference.ts';
import type { BenchResult } from '../experiment/routeBench.ts';
import { isFound } from '../experiment/routeBench.ts';
import type { Query } from '../experiment/routeQuery.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import type { Route } from '../routing/route.ts';
import { readCsvTable } from './csvTable.ts';
import { JsonFields } from './jsonFields.ts';

const COLUMNS = ['source', 'target', 'amount_msat'] as const;

/**
 * The payments in a CSV text; nodes as `nodeOf` takes them.
 * @param file the text's name as the user knows it
 * @throws UserError for a missing column, a node that isn't there, an amount that is none, or no line at all
 */
export function readQueries(text: string, file: string, names: NodeNames): Query[] {
  const numbers = new JsonFields(file);
  const rows = readCsvTable(text, file, COLUMNS);
  if (rows.length === 0) throw new UserError({ file, found: 'no payment', expected: 'a line for each payment' });
  return rows.map(({ line, cells }) => {
    const [source = '', target = '', amount = ''] = cells;
    const at = (column: string): string => `line ${line}, ${column}`;
    const amountMsat = numbers.natural(amount, () => at('amount_msat'));
    if (!Number.isSafeInteger(amountMsat)) numbers.fail(amount, () => at('amount_msat'), 'at most 2^53 - 1 msat');
    return {
      source: nodeOf(names, source, file, at('source')),
      target: nodeOf(names, target, file, at('target')),
      amountMsat: msat(amountMsat),
    };
  });
}

/**
 * What every strategy answered, by strategy and then by payment. `channels` are those of a route, from the payer to the
 * payee; where a payment was split they are in its `parts`.
 */
export function* routeLines(result: BenchResult, queries: readonly Query[], graph: CompiledGraph): Generator<string> {
  for (const [i, { strategy }] of result.rows.entries()) {
    for (const [j, { source, target, amountMsat }] of queries.entries()) {
      const answer = result.answers[i]![j]!;
      const asked = { strategy, source: graph.nodeKeys[source], target: graph.nodeKeys[target], amountMsat };
      const { routes, feeMsat, failure, fault } = answer;
      const found = isFound(answer);
      const parts = routes.map((route) => partOf(route, graph));
      const ways = routes.length === 1 ? { channels: parts[0]!.channels } : { channels: null, parts };
      const line = found
        ? { ...asked, found, feeMsat, ...ways }
        : { ...asked, found, feeMsat: null, channels: null, reason: failure ?? fault };
      yield `${JSON.stringify(line)}\n`;
    }
  }
}

function partOf(
  { edges, amountsMsat, feeMsat }: Route,
  graph: CompiledGraph,
): { amountMsat: number; feeMsat: number; channels: string[] } {
  return { amountMsat: amountsMsat.at(-1)!, feeMsat, channels: edges.map((edge) => graph.channelIds[edge >> 1]!) };
}
