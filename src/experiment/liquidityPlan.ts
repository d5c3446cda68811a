/** The scenario's `channels.liquidity` for the world: recorded balances by channel, and what is a model's alone. */
import { describe, UserError } from '../base/errors.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import type { LiquidityPlan } from '../sim/liquidity/liquidity.ts';
import { channelIndex } from './references.ts';
import type { Scenario } from './scenario.ts';
import { numberIn, rowsOf, type ScenarioFiles } from './scenarioTables.ts';

/** @throws UserError if a channel is not there, or there twice, a balance is over its capacity, or the graph says no balances */
export function liquidityPlan(
  liquidity: Scenario['channels']['liquidity'],
  graph: CompiledGraph,
  file: string,
  { tables = new Map(), graph: named }: ScenarioFiles,
): LiquidityPlan {
  if (typeof liquidity === 'object' && liquidity.kind !== 'file') return liquidity;
  if (typeof liquidity === 'string' && liquidity !== 'graph') return { kind: liquidity };
  const node1Msat = new Float64Array(graph.channelCount).fill(NaN);
  if (typeof liquidity === 'object') {
    for (const row of rowsOf(tables, liquidity.file)) {
      const path = `${row.place}, channel`;
      const channel = channelIndex(graph, row.cells['channel'] ?? '', liquidity.file, path);
      if (!Number.isNaN(node1Msat[channel]!)) {
        const found = `${describe(row.cells['channel'])} again`;
        throw new UserError({ file: liquidity.file, path, found, expected: 'each channel once' });
      }
      node1Msat[channel] = Math.floor(numberIn(row, liquidity.file, 'node1_msat', 0, graph.capacityMsat[channel]!));
    }
    return { kind: 'recorded', node1Msat };
  }
  named?.forEachEdge((id, { balance1Msat }) => {
    const channel = graph.channelIndex.get(id);
    if (balance1Msat !== undefined && channel !== undefined) node1Msat[channel] = balance1Msat;
  });
  if (node1Msat.some((balance) => !Number.isNaN(balance))) return { kind: 'recorded', node1Msat };
  throw new UserError({
    file,
    path: 'channels.liquidity',
    found: '"graph", but the graph says no balances',
    expected: 'a graph of CLoTH’s, or another model',
  });
}
