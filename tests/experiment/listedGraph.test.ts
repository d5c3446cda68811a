import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/base/errors.ts';
import { generatedGraph, runScenario } from '../../src/experiment/run.ts';
import type { ScenarioInput } from '../../src/experiment/scenario.ts';
import { checkScenario, parseScenario } from '../../src/io/scenarioText.ts';

/** alice ─ 900,000 ─ bob ─ 500,000 ─ carol: bob asks 7 msat, and carol's direction is not announced. */
const LIST = `
topology:
  channels:
    - { node1: alice, node2: bob, capacitySat: 900000, node1Sat: 600000 }
    - id: 539268x845x1
      node1: bob
      node2: carol
      capacitySat: 500000
      policy1: { feeBaseMsat: 7, htlcMaximumMsat: 100000000 }
      policy2: null
`;

describe('a list of channels in a scenario', () => {
  test('is the graph, in its order', () => {
    const graph = generatedGraph(parseScenario(LIST, 's.yaml'))!;
    expect(graph.nodes()).toEqual(['alice', 'bob', 'carol']);
    const plain = {
      feeBaseMsat: 1000,
      feeProportionalMillionths: 1,
      cltvExpiryDelta: 80,
      htlcMinimumMsat: 1000,
      disabled: false,
    };
    expect(graph.mapEdges((id, channel, node1, node2) => [id, node1, node2, channel])).toEqual([
      [
        'channel-0',
        'alice',
        'bob',
        {
          capacitySat: 900_000,
          policy1: { ...plain, htlcMaximumMsat: 900_000_000 },
          policy2: { ...plain, htlcMaximumMsat: 900_000_000 },
          balance1Msat: 600_000_000,
        },
      ],
      [
        '539268x845x1',
        'bob',
        'carol',
        {
          capacitySat: 500_000,
          policy1: { ...plain, feeBaseMsat: 7, htlcMaximumMsat: 100_000_000 },
          policy2: null,
        },
      ],
    ]);
  });

  test('runs', () => {
    const scenario = checkScenario(
      {
        topology: {
          channels: [
            { node1: 'a', node2: 'b', capacitySat: 1_000_000 },
            { node1: 'b', node2: 'c', capacitySat: 1_000_000 },
          ],
        },
        channels: { liquidity: 'balanced' },
        traffic: { payments: 20 },
      } satisfies ScenarioInput,
      's',
    );
    const { summary } = runScenario(scenario, generatedGraph(scenario)!);
    expect(summary.payments.succeeded).toBeGreaterThan(10);
  });

  const channel = { node1: 'a', node2: 'b', capacitySat: 10 };
  // prettier-ignore
  test.each<[object, string]>([
    [{ channels: [] },                                                'topology.channels: found a list of 0, expected at least 1 entries'],
    [{ channels: [channel], file: 'x' },                              'topology: found an object, expected one of file (a graph to read), generate'],
    [{ channels: [channel], nodes: 5 },                               'topology.nodes: found 5, expected no such option beside channels'],
    [{ channels: [{ ...channel, node2: 'a' }] },                      'topology.channels[0].node2: found "a", expected another node than node1'],
    [{ channels: [channel, { ...channel, id: 'channel-0' }] },        'topology.channels[1].id: found "channel-0", expected an id that no other channel has'],
    [{ channels: [{ ...channel, node1Sat: 11 }] },                    'topology.channels[0].node1Sat: found 11, expected at most the capacity, 10'],
    [{ channels: [{ ...channel, node1: 'constructor' }] },            'topology.channels[0].node1: found "constructor", expected another name'],
    [{ channels: [{ ...channel, capacitySat: 0 }] },                  'topology.channels[0].capacitySat: found 0, expected at least 1'],
    [{ channels: [{ ...channel, policy1: { feeBase: 1 } }] },         'topology.channels[0].policy1.feeBase: found an unknown key'],
  ])('%o is one error', (topology, message) => {
    const make = (): unknown => generatedGraph(checkScenario({ topology }, 's.yaml'), 's.yaml');
    expect(make).toThrow(UserError);
    expect(make).toThrow(message);
  });
});
