import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/base/errors.ts';
import { readScenario } from '../../src/io/scenarioText.ts';
import { planSweep } from '../../src/io/sweepGrid.ts';

const BASE = readScenario(
  'seed: 7\ntopology: { generate: ring, nodes: 5 }\nclosures: [{ channel: "#0", at: 1, kind: mutual }]',
  'b.yaml',
);
const plan = (...grid: string[]): ReturnType<typeof planSweep> => planSweep(BASE, grid, 3);

function mistake(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  return 'no mistake';
}

describe('a grid', () => {
  test('has a scenario for each combination, the first axis turning slowest, and the seeds from the scenario’s on', () => {
    const { axes, seeds, scenarios, baseline } = plan('traffic.rate=1,2.5', 'routing.strategy=lnd,ldk');
    expect(axes).toEqual([
      { path: 'traffic.rate', values: [1, 2.5] },
      { path: 'routing.strategy', values: ['lnd', 'ldk'] },
    ]);
    expect(seeds).toEqual([7, 8, 9]);
    expect(scenarios.map(({ traffic, routing }) => `${traffic.rate} ${routing.strategy}`)).toEqual([
      '1 lnd',
      '1 ldk',
      '2.5 lnd',
      '2.5 ldk',
    ]);
    expect(baseline).toEqual({ path: 'routing.strategy', value: 'lnd' });
  });

  test('reaches lists, maps that the author left out, options of a strategy, texts, and null', () => {
    const { scenarios } = plan(
      'closures[0].at=10m',
      'chain.propagation=null',
      'routing.k=2,3',
      'chain.demand.load=0.5',
      'name=x: y',
    );
    expect(scenarios.map(({ routing }) => routing['k'])).toEqual([2, 3]);
    expect(scenarios[0]).toMatchObject({
      closures: [{ at: 600 }],
      chain: { propagation: null, demand: { load: 0.5 } },
    });
    expect(scenarios[0]?.name).toBe('x: y');
  });

  test('has texts with commas in double quotes, and texts that look like numbers', () => {
    const { axes, scenarios } = plan('name="a, b",c,"d \\"e\\"", "1" ,f"g"');
    expect(axes[0]?.values).toEqual(['a, b', 'c', 'd "e"', '1', 'f"g"']);
    expect(scenarios.map(({ name }) => name)).toEqual(axes[0]?.values);
  });

  test('without axes is the scenario itself', () => {
    expect(plan()).toMatchObject({ axes: [], baseline: null, scenarios: [BASE.scenario] });
  });

  // prettier-ignore
  test.each([
    [['traffic.rte=1,2'],        /^--grid traffic\.rte=1: traffic\.rte: found an unknown key, expected "rate" perhaps, one of .*rate/],
    [['traffic.rate=1,fast'],    /^--grid traffic\.rate=fast: traffic\.rate: found "fast", expected a number/],
    [['traffic.rate=1,-2'],      /^--grid traffic\.rate=-2: traffic\.rate: found -2, expected at least/],
    [['settle=all', 'traffic.payments=5,x'], /^--grid traffic\.payments=x: traffic\.payments: found "x"/],
    [['traffic.rate'],           /^--grid traffic\.rate: found "traffic\.rate", expected a path and its values/],
    [['traffic.rate='],          /expected a path and its values/],
    [['traffic.rate=1,,2'],      /found nothing, expected a value/],
    [['traffic.rate=[1,2]'],     /^--grid traffic\.rate=\[1: traffic\.rate: found "\[1", expected a number/],
    [['traffic.rate=1,2,1'],     /found 1 twice, expected each value once/],
    [['settle=all', 'settle=none'], /^--grid settle=…: found the same path twice/],
    [['name="a,b'],              /^--grid name="a,b: found "a, expected a text between two double quotes/],
    [['seed=1,2'],               /expected --seeds/],
    [['seed.x=1'],               /^--grid seed\.x=1: seed: found 7, expected a map or a list/],
    [['closures[1].at=5'],       /^--grid closures\[1\]\.at=5: closures: found a list of 1, expected one that has an entry \[1\]/],
    [['policies[0].at=5'],       /^--grid policies\[0\]\.at=5: policies: found nothing, expected a list in the scenario that has an entry \[0\]/],
    [['__proto__.seed=1'],       /__proto__: found an unknown key/],
    [['topology.file=x'],        /^--grid topology\.file=x: topology: found an object, expected one of file/],
  ])('%j is one mistake that names it', (grid, message) => {
    expect(mistake(() => plan(...grid))).toMatch(message);
    expect(Object.hasOwn(Object.prototype, 'seed')).toBe(false);
  });

  test('too large a grid is refused before it is made', () => {
    const many = (path: string): string => `${path}=${Array.from({ length: 1000 }, (_, index) => index + 1).join(',')}`;
    expect(mistake(() => plan(many('traffic.rate'), many('traffic.maxAttempts')))).toMatch(
      /^--grid: found 3000000 runs/,
    );
  });

  test('replicas are refused, for only the first would be compared; a grid may do without them', () => {
    const copied = readScenario('topology: { generate: ring, nodes: 5 }\nreplicas: { count: 4, at: [10] }', 'c.yaml');
    expect(mistake(() => planSweep(copied, ['traffic.rate=1,2'], 3))).toBe(
      'the scenario: replicas: found 4 copies of the world, expected null in a sweep, whose seeds are its copies (--seeds)',
    );
    expect(mistake(() => planSweep(copied, ['replicas.count=5'], 3))).toMatch(/^--grid replicas\.count=5: replicas: /);
    expect(planSweep(copied, ['replicas=null'], 3).scenarios).toMatchObject([{ replicas: null }]);
  });

  test('no seed is beyond the integers that a number holds', () => {
    const late = readScenario(`seed: ${Number.MAX_SAFE_INTEGER - 2}\ntopology: { generate: ring, nodes: 5 }`, 'l.yaml');
    expect(planSweep(late, [], 3).seeds.at(-1)).toBe(Number.MAX_SAFE_INTEGER);
    expect(mistake(() => planSweep(late, [], 4))).toMatch(
      /^--seeds: found 4 seeds from 9007199254740989 on, expected none beyond 9007199254740991/,
    );
  });

  test('a baseline is one of the values of one of the axes', () => {
    expect(planSweep(BASE, ['traffic.rate=1,2'], 1, 'traffic.rate=2').baseline).toEqual({
      path: 'traffic.rate',
      value: 2,
    });
    expect(mistake(() => planSweep(BASE, ['traffic.rate=1,2'], 1, 'traffic.rate=3'))).toMatch(
      /^--baseline traffic\.rate=3: found 3, expected one of 1, 2/,
    );
    expect(mistake(() => planSweep(BASE, ['traffic.rate=1,2'], 1, 'settle=all'))).toMatch(
      /expected one of traffic\.rate/,
    );
  });

  test('any text is a grid or a mistake, never another error', () => {
    const piece = fc.constantFrom(
      'traffic',
      'rate',
      '.',
      '[',
      ']',
      '0',
      '=',
      ',',
      '1',
      '{',
      '}',
      '&a',
      '*a',
      '!!',
      ' ',
      '"',
      '\n',
      '__proto__',
    );
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, (each) => {
        mistake(() => plan(each));
      }),
      { numRuns: 3000, examples: [['=1'], ['..=1'], ['traffic.=1']] },
    );
  });
});
