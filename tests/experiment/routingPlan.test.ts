/** Strategies by shares of nodes and node by node. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generatedGraph } from '../../src/experiment/run.ts';
import { routingPlan, type RoutingPlan } from '../../src/experiment/routingPlan.ts';
import type { ScenarioInput } from '../../src/experiment/scenario.ts';
import { strategyFilesOf } from '../../src/experiment/strategyNames.ts';
import { compileGraph } from '../../src/graph/compiled.ts';
import { checkScenario, formatScenario, parseScenario } from '../../src/io/scenarioText.ts';
import { runSmall } from '../sim/smallWorld.ts';

type Routing = NonNullable<ScenarioInput['routing']>;

const scenarioOf = (routing: Routing, nodes = 500, seed = 1) =>
  checkScenario({ seed, topology: { generate: 'ring', nodes }, routing }, 'test');

function planOf(routing: Routing, nodes = 500, seed = 1): RoutingPlan {
  const scenario = scenarioOf(routing, nodes, seed);
  return routingPlan(scenario, compileGraph(generatedGraph(scenario)!), 'test');
}

const counts = (plan: RoutingPlan, nodes = 500): Record<string, number> => {
  const count: Record<string, number> = {};
  for (let node = 0; node < nodes; node++) count[plan.nameOf(node)] = (count[plan.nameOf(node)] ?? 0) + 1;
  return count;
};

describe('shares of nodes', () => {
  test('one strategy is everybody’s', () => {
    expect(counts(planOf({ strategy: 'lnd' }))).toEqual({ lnd: 500 });
    expect(counts(planOf({}))).toEqual({ 'cheapest-fee': 500 });
  });

  test('are met within what chance allows, and leave the rest to the strategy', () => {
    const plan = planOf({ strategy: 'fewest-hops', shares: { lnd: '60%', ldk: 0.25 } });
    const { lnd = 0, ldk = 0, 'fewest-hops': rest = 0 } = counts(plan);
    // five standard deviations of binomial draws
    for (const [found, share] of [
      [lnd, 0.6],
      [ldk, 0.25],
      [rest, 0.15],
    ] as const) {
      expect(Math.abs(found - 500 * share)).toBeLessThan(5 * Math.sqrt(500 * share * (1 - share)));
    }
    expect(plan.names).toEqual(['fewest-hops', 'lnd', 'ldk']);
  });

  test('that come to all leave nobody over, however they round', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 999 }), { minLength: 1, maxLength: 4 }),
        fc.nat(),
        (parts, seed) => {
          const total = parts.reduce((sum, part) => sum + part, 0);
          const names = ['lnd', 'ldk', 'eclair', 'cln-pay'];
          const shares = Object.fromEntries(parts.map((part, i) => [names[i]!, part / total]));
          expect(planOf({ shares }, 60, seed).names).not.toContain('cheapest-fee');
        },
      ),
      { numRuns: 60 },
    );
  });

  test('what a node draws does not depend on how many others there are', () => {
    const shares = { lnd: 0.5, ldk: 0.5 };
    const [few, many] = [planOf({ shares }, 50), planOf({ shares }, 300)];
    for (let node = 0; node < 50; node++) expect(few.nameOf(node)).toBe(many.nameOf(node));
  });

  test('a node that is named gets what is named for it', () => {
    const plan = planOf({ shares: { lnd: 1 }, nodes: { '#3': 'ldk', '#7': 'fewest-hops' } });
    expect([plan.nameOf(3), plan.nameOf(7), plan.nameOf(8)]).toEqual(['ldk', 'fewest-hops', 'lnd']);
  });

  test('a mistake names its place', () => {
    expect(() => planOf({ shares: { lnt: 1 } })).toThrow(
      /routing\.options\.lnt\.strategy: found "lnt", expected "lnd" perhaps, one of/,
    );
    expect(() => planOf({ nodes: { '#500': 'lnd' } })).toThrow(/routing\.nodes\.#500: found "#500"/);
    expect(() => planOf({ options: { lnd: { estimator: 'bimodal' } } })).toThrow(
      /routing\.options: found options of "lnd"/,
    );
    expect(() => planOf({ shares: { lnd: 1 }, options: { lnd: { luck: 7 } } })).toThrow(/routing\.options\.lnd\.luck/);
    expect(() => scenarioOf({ shares: { lnd: '60%', ldk: '41%' } })).toThrow(/routing\.shares.*at most 100%/);
    expect(() => scenarioOf({ shares: { lnd: 'most' } })).toThrow(/routing\.shares\.lnd: found "most"/);
  });

  test('files among them are loaded, and the scenario with its defaults reads the same again', () => {
    const scenario = scenarioOf({ shares: { './mine.ts': '10%', lnd: 0.5 }, nodes: { '#1': './yours.js' } });
    expect(strategyFilesOf(scenario)).toEqual(['./mine.ts', './yours.js']);
    expect(parseScenario(formatScenario(scenario), 'again')).toEqual(scenario);
  });
});

test('a run says how the payers of each strategy fared, and the rows add up to the whole', () => {
  const { payments } = runSmall({
    topology: { generate: 'mainnet-like', nodes: 60 },
    traffic: { payments: 150, rate: 2, amount: { medianSat: 20_000, sigma: 1 } },
    routing: { shares: { lnd: '50%', ldk: '30%' }, options: { lnd: { estimator: 'bimodal' } } },
    settle: 'none',
  }).summary;
  const sum = (of: (row: (typeof payments.byStrategy)[number]) => number): number =>
    payments.byStrategy.reduce((total, row) => total + of(row), 0);
  expect(payments.byStrategy.map(({ strategy }) => strategy)).toEqual(['cheapest-fee', 'lnd', 'ldk']);
  expect(sum(({ nodes }) => nodes)).toBe(60);
  expect(sum(({ sent }) => sent)).toBe(payments.sent);
  expect(sum(({ succeeded }) => succeeded)).toBe(payments.succeeded);
  expect(sum(({ attempts }) => attempts)).toBe(payments.attempts);
  expect(sum(({ feesMsat }) => feesMsat)).toBe(payments.feesMsat);
  expect(sum(({ amountMsat }) => amountMsat)).toBe(payments.amountMsat);
});
