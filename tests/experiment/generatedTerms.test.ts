import { describe, expect, test } from 'vitest';
import { generatedGraph } from '../../src/experiment/run.ts';
import { checkScenario, parseScenario } from '../../src/io/scenarioText.ts';

const SCENARIO = `
topology:
  generate: barabasi-albert
  nodes: 200
  channelsOpened: 2
  capacitySat: { law: lognormal, median: 2000000, sigma: 1 }
  feeBaseMsat: { law: list, values: [0, 1000], weights: [1, 3] }
  feeProportionalMillionths: { law: pareto, least: 1, alpha: 1, most: 5000 }
  cltvExpiryDelta: 144
  htlcMaximumMsat: { law: uniform, from: 1000000, to: 2000000000 }
`;

/** Channels of the graph that a scenario generates. */
function channelsOf(text: string): readonly { readonly capacitySat: number; readonly directions: readonly object[] }[] {
  const graph = generatedGraph(parseScenario(text, 's.yaml'), 's.yaml')!;
  return graph.mapEdges((_id, { capacitySat, policy1, policy2 }) => ({
    capacitySat,
    directions: [policy1!, policy2!],
  }));
}

describe('what a generator’s channels hold and ask', () => {
  test('comes from the scenario, as numbers and laws, and is plain where it says nothing', () => {
    const channels = channelsOf(SCENARIO);
    const directions = channels.flatMap((channel) => channel.directions);
    const capacities = channels.map((channel) => channel.capacitySat).sort((a, b) => a - b);
    expect(channels.length).toBe(2 * 200 - 4);
    expect(capacities[channels.length / 2]! / 2_000_000).toBeCloseTo(1, 0);
    const seen = (field: string): Set<unknown> =>
      new Set(directions.map((each) => Object.entries(each).find(([name]) => name === field)?.[1]));
    expect(seen('feeBaseMsat')).toEqual(new Set([0, 1000]));
    expect(seen('feeProportionalMillionths').size).toBeGreaterThan(10);
    expect(seen('cltvExpiryDelta')).toEqual(new Set([144]));
    expect(seen('htlcMinimumMsat')).toEqual(new Set([1000])); // lnd's default
    expect(seen('htlcMaximumMsat').size).toBeGreaterThan(300);
  });

  test('leaves the channels themselves as they are without it', () => {
    const bare = SCENARIO.split('\n').slice(0, 5).join('\n');
    const ends = (text: string): string[] =>
      generatedGraph(parseScenario(text, 's.yaml'))!.mapEdges((id, _channel, a, b) => `${id} ${a} ${b}`);
    expect(ends(SCENARIO)).toEqual(ends(bare));
    expect(channelsOf(bare)[0]).toMatchObject({ capacitySat: 5_000_000, directions: [{ feeBaseMsat: 1000 }, {}] });
  });

  // prettier-ignore
  test.each([
    [{ generate: 'mainnet-like', nodes: 9, capacitySat: 5 }, 'topology.capacitySat', 'mainnet-like draws it'],
    [{ file: 'graph.json', feeBaseMsat: 5 }, 'topology.feeBaseMsat', 'no such option beside file'],
    [{ generate: 'line', nodes: 9, capacitySat: 0 }, 'topology.capacitySat', 'at least 1'],
    [{ generate: 'line', nodes: 9, capacitySat: 2 ** 52 }, 'topology.capacitySat', 'at most 9000000000000'],
    [{ generate: 'line', nodes: 9, cltvExpiryDelta: 2017 }, 'topology.cltvExpiryDelta', 'at most 2016'],
    [{ generate: 'line', nodes: 9, feeBaseMsat: 1.5 }, 'topology.feeBaseMsat', 'an integer, or a map of keys'],
    [{ generate: 'line', nodes: 9, feeBaseMsat: { law: 'uniform', from: 9, to: 1 } }, 'topology.feeBaseMsat', 'at least from'],
    [{ generate: 'line', nodes: 9, feeBaseMsat: { law: 'gamma', mean: 9, shape: 1, at: 2 } }, 'topology.feeBaseMsat.at', 'one of law, mean, shape'],
    [{ generate: 'line', nodes: 9, feeBaseMsat: { law: 'zipf' } }, 'topology.feeBaseMsat', 'lognormal'],
    [{ generate: 'line', nodes: 9, capacitySat: 'much' }, 'topology.capacitySat', 'a number, or a map of keys'],
  ])('refuses %o in one line', (topology, path, why) => {
    const make = (): unknown => generatedGraph(checkScenario({ topology }, 's.yaml'), 's.yaml');
    expect(make).toThrow(path);
    expect(make).toThrow(why);
    expect(make).not.toThrow('\n');
  });
});
