/** Liquidity models: what all must keep, and what each is for. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Rng } from '../../src/base/random.ts';
import { msat } from '../../src/base/units.ts';
import { tablesNamed } from '../../src/experiment/scenarioTables.ts';
import { worldConfig } from '../../src/experiment/worldConfig.ts';
import { compileGraph } from '../../src/graph/compiled.ts';
import { generateGraph } from '../../src/graph/generators/generators.ts';
import { readScenarioTable } from '../../src/io/scenarioTable.ts';
import { checkScenario } from '../../src/io/scenarioText.ts';
import { liquidityModel, type LiquidityPlan, type NewChannel } from '../../src/sim/liquidity/liquidity.ts';

const PLANS: LiquidityPlan[] = [
  { kind: 'uniform' },
  { kind: 'balanced' },
  { kind: 'opener' },
  { kind: 'bimodal', scale: 0.05 },
  { kind: 'bimodal', scale: 50 },
  { kind: 'recorded', node1Msat: Float64Array.of(300_000, NaN) },
];
const CAPACITY = 1_000_000;
const channel = (change: Partial<NewChannel> = {}): NewChannel => ({
  channel: 0,
  capacityMsat: msat(CAPACITY),
  leastMsat: msat(0),
  isOpenedByNode1: true,
  chance: 0.5,
  ...change,
});

describe('a liquidity model', () => {
  test.each(PLANS)('gives the opener a whole number of msat between nothing and all: %o', (plan) => {
    const model = liquidityModel(plan);
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000_000, max: 1e15 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.boolean(),
        fc.nat(1),
        (capacity, chance, isOpenedByNode1, index) => {
          const balance = model(channel({ capacityMsat: msat(capacity), chance, isOpenedByNode1, channel: index }));
          expect(Number.isSafeInteger(balance) && balance >= 0 && balance <= capacity).toBe(true);
        },
      ),
    );
  });

  test('bimodal has lnd’s density: symmetric, and e-fold less likely with each scale from a side', () => {
    const scale = 0.1;
    const model = liquidityModel({ kind: 'bimodal', scale });
    const rng = Rng.fromSeed(1);
    const draws = Array.from({ length: 60_000 }, () => model(channel({ chance: rng.unit() })) / CAPACITY);
    // the distribution function at x: (1 − e^(−x/s) + e^((x−1)/s) − e^(−1/s)) / (2 − 2 e^(−1/s))
    const e = Math.exp(-1 / scale);
    for (const x of [0.02, 0.1, 0.3, 0.5, 0.9]) {
      const expected = (1 - Math.exp(-x / scale) + Math.exp((x - 1) / scale) - e) / (2 - 2 * e);
      const below = draws.filter((draw) => draw <= x).length / draws.length;
      expect(Math.abs(below - expected)).toBeLessThan(4 * Math.sqrt(0.25 / draws.length));
    }
  });

  test('of records is node1’s balance, whoever opened; what is unknown is drawn', () => {
    const model = liquidityModel(PLANS[5]!);
    expect(model(channel())).toBe(300_000);
    expect(model(channel({ isOpenedByNode1: false }))).toBe(700_000);
    expect(model(channel({ channel: 1, chance: 0.25 }))).toBe(250_000);
  });
});

describe('in a scenario', () => {
  /** Opening balances of node1, by channel, where an opener may give away all. */
  const balances = (liquidity: unknown, text = '', node1Msat?: number): number[] => {
    const input = { topology: { generate: 'line', nodes: 3 }, channels: { liquidity, opener: 'node1' } };
    const scenario = checkScenario(input, 'test');
    const named = generateGraph({ kind: 'line', nodes: 3 }, Rng.fromSeed(1));
    if (node1Msat !== undefined) named.forEachEdge((id) => named.setEdgeAttribute(id, 'balance1Msat', msat(node1Msat)));
    const tables = new Map(tablesNamed(scenario).map((table) => [table.file, readScenarioTable(text, table)]));
    const graph = compileGraph(named);
    const model = liquidityModel(worldConfig(scenario, graph, 'test', { tables, graph: named }).channels.liquidity);
    return [0, 1].map((index) => model(channel({ channel: index, capacityMsat: msat(graph.capacityMsat[index]!) })));
  };

  test('balances come from a file, from the graph, or from a model', () => {
    expect(balances({ kind: 'file', file: 'b.csv' }, 'channel,node1_msat\n#1,1234567\n#0,5000000000\n')).toEqual([
      5e9, 1234567,
    ]);
    expect(balances('graph', '', 777_000)).toEqual([777_000, 777_000]);
    expect(balances('balanced')).toEqual([2.5e9, 2.5e9]);
    expect(balances('opener')).toEqual([5e9, 5e9]);
  });

  test('mistakes are refused by their place', () => {
    expect(() => balances('graph')).toThrow('channels.liquidity: found "graph", but the graph says no balances');
    expect(() => balances({ kind: 'file', file: 'b.csv' }, 'channel,node1_msat\n#1,5000000001\n')).toThrow(
      'b.csv: line 2, node1_msat: found "5000000001", expected a number from 0 to 5000000000',
    );
    expect(() => balances({ kind: 'file', file: 'b.csv' }, 'channel,node1_msat\n#1,1\n#0,1\n#1,2\n')).toThrow(
      'b.csv: line 4, channel: found "#1" again, expected each channel once',
    );
    expect(() => balances({ kind: 'file', file: 'b.csv' }, 'channel,node1_msat\n#7,1\n')).toThrow(
      'b.csv: line 2, channel',
    );
  });
});
