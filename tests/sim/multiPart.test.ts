/** Payments in several parts in whole worlds: messages, held HTLCs, time-outs, closures, nodes that go away. */
import { describe, expect, test } from 'vitest';
import { marksDuring } from '../../src/base/marks.ts';
import { Rng } from '../../src/base/random.ts';
import { routingPlan } from '../../src/experiment/routingPlan.ts';
import { generatedGraph } from '../../src/experiment/run.ts';
import type { ScenarioInput } from '../../src/experiment/scenario.ts';
import { worldConfig } from '../../src/experiment/worldConfig.ts';
import { compileGraph } from '../../src/graph/compiled.ts';
import { checkScenario } from '../../src/io/scenarioText.ts';
import { World } from '../../src/sim/world.ts';
import type { WorldResult } from '../../src/sim/worldResult.ts';
import { runSmall } from './smallWorld.ts';

const CLIENTS = ['lnd', 'ldk', 'eclair', 'cln-pay', 'cln-xpay', 'pickhardt'] as const;
type Client = (typeof CLIENTS)[number];

const routing = (strategy: Client): NonNullable<ScenarioInput['routing']> =>
  strategy === 'pickhardt' ? { strategy, baseFeeThresholdMsat: 1_000_000 } : { strategy };

/** Five nodes, each with a channel to each, and payments of half a channel: many have to be split. */
const dense = (strategy: Client, more: Partial<ScenarioInput> = {}): ScenarioInput => ({
  seed: 3,
  topology: { generate: 'complete', nodes: 5 },
  traffic: { payments: 80, rate: 0.5, amount: { medianSat: 2_000_000, sigma: 0.5 }, maxParts: 'client' },
  routing: routing(strategy),
  settle: 'pending',
  ...more,
});

describe('in a dense network', () => {
  test.each(CLIENTS)('%s delivers more in up to three parts than in one', (client) => {
    const inParts = (maxParts: number) =>
      runSmall(dense(client, { traffic: { ...dense(client).traffic, maxParts } })).summary.payments;
    const [many, one] = [inParts(3), inParts(1)];
    expect(many.partsPerPayment?.most).toBeGreaterThan(1);
    expect(one.partsPerPayment?.most).toBe(1);
    expect(many.succeeded).toBeGreaterThan(one.succeeded);
  });

  test('the table of payments and the summary count the same parts', () => {
    const { world, summary } = runSmall(dense('lnd'));
    for (const { succeeded, parts, attempts, hops } of world.payments) {
      expect(parts > 0).toBe(succeeded);
      expect(hops > 0).toBe(succeeded);
      expect(attempts).toBeGreaterThanOrEqual(parts);
    }
    const most = world.payments.reduce((so, { parts }) => Math.max(so, parts), 0);
    expect(summary.payments.partsPerPayment?.most).toBe(most);
    expect(most).toBeLessThanOrEqual(16);
  });
});

/** Runs a world and gives what each node gained in its channels beside its payments: what it forwarded for. */
function income(input: ScenarioInput): { incomeMsat: number[]; result: WorldResult; feesMsat: number } {
  const scenario = checkScenario(input, 'test');
  const graph = compileGraph(generatedGraph(scenario)!);
  const config = worldConfig(scenario, graph, 'test');
  const world = new World(config, graph, routingPlan(scenario, graph, 'test').strategyOf);
  const result = world.run();
  const { plans, ends } = world.network;
  const incomeMsat = Array.from({ length: graph.nodeCount }, () => 0);
  ends.forEach((end, edge) => {
    const plan = plans[edge >> 1];
    if (!end || !plan) return;
    expect(end.htlcs).toEqual([]);
    incomeMsat[graph.edgeFrom[edge]!]! += end.toLocalMsat - plan.balancesMsat[(edge & 1) as 0 | 1];
  });
  let feesMsat = 0;
  for (const { source, target, succeeded, amountMsat, feeMsat } of result.payments) {
    if (!succeeded) continue;
    incomeMsat[source]! += amountMsat + feeMsat;
    incomeMsat[target]! -= amountMsat;
    feesMsat += feeMsat;
  }
  return { incomeMsat, result, feesMsat };
}

describe('a swarm of worlds with payments in parts', () => {
  test('a payee gets all or nothing, a payer loses what it pays, and forwarding nodes gain the fees', () => {
    const { marks } = marksDuring(() => {
      for (let seed = 1; seed <= 30; seed++) {
        const rng = Rng.fromSeed(seed).stream('multi-part');
        const pick = <T>(list: readonly T[]): T => list[rng.below(list.length)]!;
        const input = dense(pick(CLIENTS), {
          seed,
          topology: pick([
            { generate: 'complete', nodes: 5 },
            { generate: 'ring', nodes: 6 },
            { generate: 'grid', rows: 2, columns: 3 },
          ] as const),
          traffic: {
            payments: 60,
            rate: pick([0.2, 2, 20]),
            amount: { medianSat: pick([200_000, 2_000_000]), sigma: 1 },
            maxParts: pick(['client', 2, 7] as const),
            maxAttempts: 2,
          },
          latency: { median: pick(['20ms', '2s', '20s']) },
          faults: [0, 1, 2].slice(rng.below(4)).map((place) => ({
            ...pick([
              { kind: 'offline', node: `#${place}` },
              { kind: 'crash', node: `#${place}` },
              { kind: 'disconnect', channel: `#${place}` },
            ] as const),
            at: rng.below(60),
            for: pick([10, 100, 1000]),
          })),
        });
        const { incomeMsat, result, feesMsat } = income(input);
        expect(result.payments).toHaveLength(60);
        expect({ seed, least: Math.min(...incomeMsat) }).toEqual({ seed, least: expect.toSatisfy((it) => it >= 0) });
        expect(incomeMsat.reduce((sum, each) => sum + each, 0)).toBe(feesMsat);
      }
    });
    for (const rare of ['a payment in several parts is complete', 'parts of a payment timed out at its payee']) {
      expect([rare, marks.has(rare)]).toEqual([rare, true]);
    }
  });

  test('with channels that close, honestly or not, everything resolves and every msat is accounted for', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const rng = Rng.fromSeed(seed).stream('multi-part closures');
      const pick = <T>(list: readonly T[]): T => list[rng.below(list.length)]!;
      const { summary, world } = runSmall(
        dense(pick(CLIENTS), {
          seed,
          latency: { median: pick(['50ms', '5s']) },
          settle: 'all',
          closures: [0, 3, 7].map((channel) => ({
            channel: `#${channel}`,
            at: 10 + rng.below(100),
            kind: pick(['mutual', 'unilateral', 'revoked', 'revoked-unpunished'] as const),
            pending: [{ from: 'peer' as const, amountSat: 20_000, outcome: pick(['claim', 'timeout'] as const) }],
          })),
        }),
      );
      expect({ seed, settled: summary.settled, open: summary.channels.open }).toEqual({ seed, settled: true, open: 0 });
      expect(world.payments).toHaveLength(80);
    }
  });
});

describe('a stuck part', () => {
  test('is waited for, while the others time out at the payee after a minute', () => {
    // every node but the payers' peers goes away for an hour, with parts on their way
    const { result, marks } = marksDuring(() =>
      runSmall(
        dense('eclair', {
          latency: { median: '3s', sigma: 0 },
          faults: [1, 2].map((node) => ({ kind: 'offline' as const, node: `#${node}`, at: 30, for: '1h' })),
        }),
      ),
    );
    expect(marks.has('parts of a payment timed out at its payee')).toBe(true);
    const failed = result.world.payments.filter(({ succeeded }) => !succeeded);
    expect(failed.some(({ startedAt, endedAt }) => endedAt - startedAt > 60e6)).toBe(true);
    expect(result.summary.settled).toBe(true);
  });
});
