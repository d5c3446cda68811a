/** The warm-up: payments that move balances until they stand still, and are not counted. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ScenarioInput } from '../../src/experiment/scenario.ts';
import { generatedGraph, runScenario } from '../../src/experiment/run.ts';
import { betweenSamples } from '../../src/graph/graphProfile.ts';
import { checkScenario } from '../../src/io/scenarioText.ts';
import type { HtlcRecord } from '../../src/sim/records.ts';
import { runSmall } from './smallWorld.ts';

const steady = { kind: 'steady-state', from: 'balanced', window: 64, threshold: 0.1, mostPayments: 5000 } as const;
const world = (liquidity: NonNullable<ScenarioInput['channels']>['liquidity'], seed = 1): ScenarioInput => ({
  seed,
  topology: { generate: 'ring', nodes: 6 },
  channels: { liquidity },
  traffic: { payments: 100, rate: 20, amount: { medianSat: 300_000, sigma: 1 } },
  settle: 'none',
});

describe('steady-state', () => {
  test('ends once the last quarter is like the one before in balances, in what stayed moved and in success', () => {
    const { summary, world: result } = runSmall(world(steady));
    const { warmUp, payments, notes } = summary;
    expect(warmUp).toMatchObject({ isSteady: true, threshold: 0.1 });
    for (const each of [warmUp!.distance, warmUp!.drift, warmUp!.success]) expect(each).toBeLessThan(0.1);
    expect(warmUp!.windows % 4).toBe(0);
    // those that were on their way came to their end
    expect(warmUp!.payments).toBeGreaterThanOrEqual(64 * warmUp!.windows);
    expect(warmUp!.payments).toBeLessThan(64 * (warmUp!.windows + 1));
    expect(payments.sent).toBe(100);
    expect(notes).toEqual([]);
    expect(result.payments.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual([...Array(100).keys()]);
    expect(Math.min(...result.payments.map(({ startedAt }) => startedAt))).toBeGreaterThanOrEqual(result.openedAt);
  });

  test('says so where balances still move after the most payments that it may take', () => {
    const { summary } = runSmall(world({ ...steady, threshold: 1e-6, mostPayments: 300 }));
    expect(summary.warmUp).toMatchObject({ isSteady: false, payments: 300, windows: 4 });
    expect(summary.notes).toEqual([expect.stringMatching(/^not steady: balances still moved after 300 payments/)]);
    expect(summary.payments.sent).toBe(100);
  });

  test('measures the payments that other models would be given: comparisons stay paired', () => {
    const orders = (input: ScenarioInput): unknown[] => {
      const { world: result } = runSmall(input);
      const ordered = result.payments.toSorted((a, b) => a.id - b.id);
      return ordered.map(({ source, target, amountMsat, startedAt }) => [
        source,
        target,
        amountMsat,
        startedAt - result.openedAt,
      ]);
    };
    expect(orders(world(steady))).toEqual(orders(world('balanced')));
  });

  test('moves the balances by the demand that is measured: its merchants are full', () => {
    const channels = Array.from({ length: 8 }, (_, leaf) => ({
      node1: 'hub',
      node2: `leaf ${leaf}`,
      capacitySat: 300_000,
    }));
    const scenario = checkScenario(
      {
        topology: { channels },
        channels: { liquidity: { ...steady, window: 200 } },
        traffic: {
          payments: 200,
          amount: { law: 'constant', valueSat: 2000 },
          endpoints: { kind: 'merchants', share: 0.25 },
        },
        settle: 'none',
      },
      'test',
    );
    const atFirst = new Map<number, number>();
    const { world: result, graph } = runScenario(scenario, generatedGraph(scenario)!, {
      listen: () => ({
        samples: {
          channels: channels.map((_, index) => index),
          every: null,
          everyPayments: 1000,
          tell: ({ channel, toNode2Msat }) => atFirst.set(channel, toNode2Msat),
          tellBlocking: null,
        },
      }),
    });
    const payees = new Set(result.payments.map(({ target }) => target));
    const gained = [...atFirst].filter(([, toNode2Msat]) => toNode2Msat > 150_000_000);
    expect(new Set(gained.map(([channel]) => graph.edgeTo[2 * channel]!))).toEqual(
      new Set([...payees].filter((node) => graph.nodeKeys[node] !== 'hub')),
    );
    expect(gained).toHaveLength(2);
  });

  test('is not steady while one-way demand drains its channels, however idle the others are, and is once they are drained', () => {
    const oneWay = (mostPayments: number): ReturnType<typeof runSmall>['summary'] =>
      runSmall({
        topology: { generate: 'barabasi-albert', nodes: 40, channelsOpened: 2, capacitySat: 1_500_000 },
        channels: { liquidity: { kind: 'steady-state', from: 'uniform', window: 100, mostPayments } },
        traffic: {
          payments: 20,
          rate: 5,
          amount: { law: 'constant', valueSat: 1000 },
          endpoints: { kind: 'pairs', pairs: [{ from: '#0', to: '#30' }] },
        },
        settle: 'none',
      }).summary;
    const early = oneWay(400);
    expect(early.warmUp).toMatchObject({ isSteady: false, windows: 4 });
    expect(early.warmUp!.drift).toBeGreaterThan(0.5);
    expect(early.payments.succeeded).toBe(20);
    const late = oneWay(20_000);
    expect(late.warmUp!.isSteady).toBe(true);
    expect(late.payments.succeeded).toBe(0);
  });

  test('reaches circulations, where what goes out comes back', () => {
    const { warmUp, payments } = runSmall({
      topology: { generate: 'barabasi-albert', nodes: 12, channelsOpened: 2, capacitySat: 500_000 },
      channels: { liquidity: { kind: 'steady-state', from: 'balanced', window: 100 } },
      traffic: { payments: 300, rate: 5, endpoints: { kind: 'circulation' }, amount: { medianSat: 20_000 } },
      settle: 'none',
    }).summary;
    expect(warmUp!.isSteady).toBe(true);
    expect(warmUp!.payments).toBeLessThan(10_000);
    expect(payments.succeeded).toBeGreaterThan(200);
  });

  test('finds the long run: one channel that is paid over more often in one direction is empty there', () => {
    // as the gallery's depletion: twenty units, 70 % of the payments from node1
    const pairs = [
      { from: '#0', to: '#1', weight: 7 },
      { from: '#1', to: '#0', weight: 3 },
    ];
    const failed = (liquidity: NonNullable<ScenarioInput['channels']>['liquidity']): number =>
      runSmall({
        topology: { generate: 'line', nodes: 2 },
        channels: { format: 'zero_fee_commitments', reserveMillionths: 0, liquidity, forwarding: 'free' },
        traffic: {
          payments: 40,
          amount: { law: 'constant', valueSat: 250_000 },
          endpoints: { kind: 'pairs', pairs },
        },
        settle: 'none',
      }).summary.payments.failed;
    expect(failed({ ...steady, window: 500, threshold: 0.2 })).toBeGreaterThan(failed('balanced') + 5);
  });

  test('is told apart in the summary: messages, miners and the market begin after it, and the chain is all of it', () => {
    const { summary, world: result } = runSmall({
      ...world(steady),
      chain: {
        miners: [
          { name: 'anna', hashPower: 2 },
          { name: 'selma', hashPower: 1, behaviour: { kind: 'selfish' } },
        ],
        demand: { load: 0.01 },
        blockInterval: 20,
      },
      closures: [{ channel: '#0', at: 30, kind: 'unilateral' }],
      channels: { liquidity: steady, toSelfDelay: 3 },
      settle: 'pending',
    });
    const warmUp = summary.warmUp!;
    expect([summary.conservation.ok, summary.settled]).toEqual([true, true]);
    expect(warmUp.messages).toBeGreaterThan(warmUp.payments);
    expect(summary.messages).toBeGreaterThan(summary.payments.succeeded);
    expect(warmUp.seconds).toBeGreaterThan(0);
    const measured = summary.chain.blocks - warmUp.blocks;
    const onChain = summary.chain.miners.reduce((sum, each) => sum + each.onChain, 0);
    const opening = measured - onChain;
    expect([warmUp.blocks > 0, opening > 100, opening < 130]).toEqual([true, true, true]);
    const sold = result.mining.market!.sold;
    expect(sold).toHaveLength(onChain);
    expect(sold[0]!.height).toBe(opening + warmUp.blocks + 1);
  });

  test('tells no HTLC, attempt or prediction of the warm-up', () => {
    const scenario = checkScenario(
      { ...world(steady), routing: { strategy: 'lnd' }, measure: { calibration: true } },
      'test',
    );
    const htlcs: HtlcRecord[] = [];
    const attempts: number[] = [];
    const { summary, world: result } = runScenario(scenario, generatedGraph(scenario)!, {
      listen: () => ({ htlc: (record) => htlcs.push(record), attempt: ({ payment }) => attempts.push(payment) }),
    });
    expect(attempts).toHaveLength(summary.payments.attempts);
    const [row] = summary.calibration!;
    expect(row!.attempts + row!.unpredicted).toBeLessThanOrEqual(summary.payments.attempts);
    expect(row!.attempts + row!.unpredicted).toBeGreaterThan(0);
    expect(htlcs.length).toBeGreaterThan(50);
    expect(htlcs.every(({ payment, offeredAt }) => payment !== null && offeredAt >= result.openedAt)).toBe(true);
  });

  test('whatever the seed and the batches: whole books, the same digest again, and every payment counted once', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.constantFrom('0', '50ms'), fc.boolean(), (seed, commitInterval, overlap) => {
        const input = world({ ...steady, mostPayments: 320 }, seed);
        const run = (): ReturnType<typeof runSmall> =>
          runSmall({
            ...input,
            channels: { ...input.channels, commitInterval },
            traffic: { ...input.traffic, overlap, payments: 30 },
          });
        const [first, again] = [run().summary, run().summary];
        expect(first).toEqual(again);
        expect(first.payments.sent).toBe(30);
        expect(first.conservation.ok).toBe(true);
        expect(first.warmUp!.isSteady).toBe(first.notes.length === 0);
      }),
      { numRuns: 4 },
    );
  });

  test('needs traffic that goes on', () => {
    const traced = { ...world(steady), traffic: { trace: { file: 'trace.csv' } } };
    expect(() => runSmall(traced)).toThrow('channels.liquidity: found "steady-state" with a trace');
    expect(() => runSmall(world({ ...steady, window: 3000 }))).toThrow('four windows at least');
  });
});

describe('Kolmogorov and Smirnov’s distance of samples', () => {
  test('is the largest gap of the two cumulative distributions', () => {
    const samples = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(samples, samples, (a, b) => {
        const upTo = (sample: number[], x: number): number => sample.filter((each) => each <= x).length / sample.length;
        const gaps = Array.from({ length: 10 }, (_, x) => Math.abs(upTo(a, x) - upTo(b, x)));
        const sorted = (sample: number[]): Float64Array => Float64Array.from(sample).sort();
        expect(betweenSamples(sorted(a), sorted(b))).toBeCloseTo(Math.max(...gaps), 12);
      }),
    );
  });
});
