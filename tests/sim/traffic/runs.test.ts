/** Traffic in worlds: traces, holding payees, refusals, several sources, payments one at a time. */
import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/base/errors.ts';
import { generatedGraph, runScenario, type RunResult } from '../../../src/experiment/run.ts';
import type { ScenarioInput } from '../../../src/experiment/scenario.ts';
import { tablesNamed } from '../../../src/experiment/scenarioTables.ts';
import { readScenarioTable } from '../../../src/io/scenarioTable.ts';
import { checkScenario } from '../../../src/io/scenarioText.ts';
import { runSmall } from '../smallWorld.ts';

/** Runs a scenario that names one table, whose text is given. */
function runWith(text: string, input: Omit<ScenarioInput, 'topology'>, topology: ScenarioInput['topology']): RunResult {
  const scenario = checkScenario({ ...input, topology }, 'test');
  const tables = new Map(tablesNamed(scenario).map((table) => [table.file, readScenarioTable(text, table)]));
  return runScenario(scenario, generatedGraph(scenario)!, { files: { tables } });
}
const RING = { generate: 'ring', nodes: 5 } as const;
const balanced = { liquidity: 'balanced' } as const;
const trace = (text: string, traffic: ScenarioInput['traffic'] = {}): RunResult =>
  runWith(
    text,
    { traffic: { ...traffic, trace: { file: 'trace.csv' } }, channels: balanced, latency: { median: 0.01, sigma: 0 } },
    RING,
  );

describe('a trace', () => {
  test('is replayed to the row: routes that meet a node again, holds and refusals included', () => {
    //  #0 ─ #1 ─ #2 ─ #3 ─ #4 ─ #0
    const { world } = trace(
      `time,source,target,amount,route,hold,outcome
       0,   #0,#2,1000,,,
       1.5, #0,#2,2000,#0 #4 #3 #2,,
       3,   #0,#2,3000,#0 #1 #0 #4 #3 #2,10,
       4,   #1,#3,4000,,,fail
       5,   #1,#3,5000,,2.5,fail`.replaceAll(/^ +/gm, ''),
    );
    const rows = world.payments.map(({ id, startedAt, endedAt, hops, succeeded, failure, amountMsat }) => ({
      id,
      succeeded,
      failure,
      hops,
      at: (startedAt - world.openedAt) / 1e6,
      took: Math.floor((endedAt - startedAt) / 1e6),
      sat: amountMsat / 1000,
    }));
    const failure = 'incorrect_or_unknown_payment_details';
    expect(rows.toSorted((a, b) => a.id - b.id)).toEqual([
      { id: 0, at: 0, sat: 1000, hops: 2, took: 0, succeeded: true, failure: null },
      { id: 1, at: 1.5, sat: 2000, hops: 3, took: 0, succeeded: true, failure: null },
      { id: 2, at: 3, sat: 3000, hops: 5, took: 10, succeeded: true, failure: null },
      { id: 3, at: 4, sat: 4000, hops: 0, took: 0, succeeded: false, failure },
      { id: 4, at: 5, sat: 5000, hops: 0, took: 2, succeeded: false, failure },
    ]);
  });

  // prettier-ignore
  test.each([
    ['time,source,target\n',                                          'line 1: found "time,source,target", without amount'],
    ['time,source,target,amount\n',                                   'found no row, expected a row'],
    ['time,source,target,amount\n5,#0,#1,1\n4,#0,#1,1\n',             'line 3, time: found "4", expected not before the row above, 5'],
    ['time,source,target,amount\n5,#0,#9,1\n',                        'line 2, target: found "#9", expected the public key'],
    ['time,source,target,amount\n5,#0,#1,-1\n',                       'line 2, amount: found "-1", expected a number from 0.001'],
    ['time,source,target,amount\n5,#0,#1,NaN\n',                      'line 2, amount: found "NaN"'],
    ['time,source,target,amount\n5,#0,#0,1\n',                       'line 2, target: found "#0", expected another node than the payer, or a fixed route'],
    ['time,source,target,amount,route\n5,#0,#2,1,#0 #2\n',            'line 2, route: found no channel from'],
    ['time,source,target,amount,route\n5,#0,#2,1,#0 #1\n',            'line 2, route: found "#0 #1", expected a route from source to target'],
    ['time,source,target,amount,outcome\n5,#0,#1,1,maybe\n',          'line 2, outcome: found "maybe", expected settle, fail or nothing'],
  ])('with a mistake is refused by its place: %#', (text, message) => {
    expect(() => trace(text)).toThrow(UserError);
    expect(() => trace(text)).toThrow(`trace.csv: ${message}`);
  });
});

test('SimLN’s activity is read as SimLN writes it', () => {
  const activity = JSON.stringify({
    activity: [
      { source: '#0', destination: '#2', interval_secs: 10, amount_msat: 2_000_000, count: 3 },
      { source: '#1', destination: '#3', start_secs: 1, interval_secs: [1, 2], amount_msat: [1000, 50_000] },
    ],
  });
  const input = { traffic: { payments: 20, activity: { file: 'sim.json' } }, channels: balanced };
  const { world } = runWith(activity, input, RING);
  expect(world.payments.map(({ source }) => source).filter((source) => source === 0)).toHaveLength(3);
  expect(world.payments).toHaveLength(23);
  for (const { source, amountMsat } of world.payments) {
    if (source === 0) expect(amountMsat).toBe(2_000_000);
    else expect(amountMsat >= 1000 && amountMsat <= 50_000).toBe(true);
  }
  // where time is what ends it, no number does
  const countless = '{"activity":[{"source":"#0","destination":"#2","interval_secs":2,"amount_msat":1000}]}';
  const ended = (traffic: ScenarioInput['traffic'], stop = {}): ReturnType<typeof runWith> =>
    runWith(countless, { traffic: { activity: { file: 'sim.json' }, ...traffic }, stop, channels: balanced }, RING);
  expect(ended({}, { after: 3000 }).summary).toMatchObject({ payments: { sent: 1500 }, notes: [] });
  expect(ended({ payments: 7 }, { after: 3000 }).summary).toMatchObject({ payments: { sent: 7 }, notes: [] });
  expect(ended({}).summary).toMatchObject({
    payments: { sent: 1000 },
    notes: ['activity without a count: 1000 payments each of 1 in sim.json (neither payments nor stop.after is set)'],
  });
  expect(() => runWith('{"activity":[{"source":"#0"}]}', input, RING)).toThrow(
    'activity[0].destination: found nothing',
  );
  expect(() => runWith('[', input, RING)).toThrow('sim.json: found no valid JSON');
});

test('regions from a file are told where nodes are alone in theirs, and take no count', () => {
  const within = (text: string, more = {}): RunResult => {
    const endpoints = { kind: 'regions', within: 1, file: 'regions.csv', ...more } as const;
    return runWith(text, { traffic: { payments: 30, endpoints }, channels: balanced, settle: 'none' }, RING);
  };
  const pairs = 'node,region\n#0,west\n#1,west\n#2,east\n#3,east\n';
  // the file lacks #4
  expect(within(pairs).summary.notes).toEqual([
    'regions: 1 of 5 nodes are alone in their region (regions.csv) and pay others',
  ]);
  expect(within(`${pairs}#4,north\n`).summary.notes).toHaveLength(1);
  const { summary, world } = within(`${pairs}#4,east\n`);
  expect(summary.notes).toEqual([]);
  expect(world.payments.every(({ source, target }) => source < 2 === target < 2)).toBe(true);
  expect(within(pairs, { within: 0 }).summary.notes).toEqual([]);
  expect(() => within(pairs, { count: 3 })).toThrow(
    'traffic.endpoints.count: found 3, expected no count beside a file, which says the regions',
  );
});

describe('in a world', () => {
  test('traffic that says no number goes on until it is stopped, or makes 1000 payments', () => {
    const sent = (traffic: ScenarioInput['traffic'], stop: ScenarioInput['stop']): number =>
      runSmall({ topology: RING, channels: balanced, traffic, stop, settle: 'none' }).summary.payments.sent;
    const batches = { kind: 'batches', size: 10 } as const;
    expect(sent({ rate: 10, arrivals: batches }, { after: 120.5 })).toBe(1210);
    expect(sent({ rate: 10, arrivals: batches, payments: 1100 }, { after: 120.5 })).toBe(1100);
    expect(sent({ rate: 10 }, {})).toBe(1000);
    expect(sent({ rate: 10, payments: 5, also: [{ arrivals: batches }] }, { after: 60.5 })).toBe(75);
  });

  test('several sources pay at the same time, each its number', () => {
    const { summary } = runSmall({
      topology: RING,
      traffic: {
        payments: 30,
        arrivals: { kind: 'bursty', on: '10s', off: '20s' },
        also: [
          { payments: 20, amount: { law: 'pareto', leastSat: 100, alpha: 1.5 }, endpoints: { kind: 'capacity' } },
          { payments: 10, endpoints: { kind: 'merchants', share: 0.4 }, payee: { failProbability: 1 } },
        ],
      },
      channels: balanced,
    });
    expect(summary.payments.sent).toBe(60);
    expect(summary.payments.failures['incorrect_or_unknown_payment_details']).toBe(10);
  });

  test('without overlap no payment starts before the last has ended, however long it takes', () => {
    const scenario = (overlap: boolean): ScenarioInput => ({
      topology: RING,
      traffic: { payments: 40, rate: 5, overlap, payee: { hold: { law: 'constant', value: '3s' } } },
      channels: balanced,
      settle: 'none',
    });
    const overlaps = ({ world: { payments } }: RunResult): boolean =>
      payments.some(({ startedAt, id }) => payments.some((other) => other.id < id && other.endedAt > startedAt));
    expect(overlaps(runSmall(scenario(true)))).toBe(true);
    const alone = runSmall(scenario(false));
    expect(alone.summary.payments.sent).toBe(40);
    expect(overlaps(alone)).toBe(false);
    // the last commitments are exchanged, too: no HTLC is left when the next begins, nor at the end
    expect(alone.world.endedAt - alone.world.openedAt).toBeGreaterThan(39 * 3e6);
  });

  test('payments of one pair along a fixed route never try another', () => {
    const { world } = runSmall({
      topology: RING,
      traffic: {
        payments: 60,
        amount: { law: 'constant', valueSat: 100_000 },
        endpoints: { kind: 'pairs', pairs: [{ from: '#0', to: '#2', via: ['#1'] }] },
      },
      channels: balanced,
    });
    const succeeded = world.payments.filter((payment) => payment.succeeded);
    expect(succeeded.every(({ hops, attempts }) => hops === 2 && attempts === 1)).toBe(true);
    // 5,000,000 sat a channel, half of it here, one per cent kept: 24 payments, and no way round
    expect(succeeded.length).toBeGreaterThan(20);
    expect(succeeded.length).toBeLessThan(25);
    expect(world.payments.every(({ attempts }) => attempts === 1)).toBe(true);
  });

  test('a node pays itself along a fixed route, and no other way', () => {
    const round = (via?: string[]): ScenarioInput => ({
      topology: RING,
      traffic: {
        payments: 3,
        endpoints: { kind: 'pairs', pairs: [{ from: '#0', to: '#0', ...(via ? { via } : {}) }] },
      },
      channels: balanced,
    });
    const { world } = runSmall(round(['#1', '#2', '#3', '#4']));
    expect(world.payments.map(({ succeeded, hops }) => [succeeded, hops])).toEqual(
      Array.from({ length: 3 }, () => [true, 5]),
    );
    expect(() => runSmall(round())).toThrow(
      'traffic.endpoints.pairs[0].to: found "#0", expected another node than the payer, or a fixed route',
    );
  });

  test('a payee’s hold may be one length of time', () => {
    const held = (hold: NonNullable<NonNullable<ScenarioInput['traffic']>['payee']>['hold']): string =>
      runSmall({ topology: RING, traffic: { payments: 5, payee: { hold } }, settle: 'none' }).summary.digest;
    expect(held('3s')).toBe(held({ law: 'constant', value: 3 }));
    expect(held('3s')).not.toBe(held('4s'));
  });

  test('is of a trace or of an activity', () => {
    const both = { trace: { file: 'a' }, activity: { file: 'b' } };
    for (const traffic of [both, { also: [both] }])
      expect(() => runSmall({ topology: RING, traffic })).toThrow('expected no activity beside a trace');
  });
});
