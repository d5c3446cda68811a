import { expect, test } from 'vitest';
import { filesOf, renameFiles } from '../../src/experiment/scenarioFiles.ts';
import { parseScenario } from '../../src/io/scenarioText.ts';

const SCENARIO = parseScenario(
  `topology: { file: graph.json }
chain: { demand: { file: demand.csv } }
routing:
  strategy: ./mine.ts
  shares: { lnd: 10%, other.js: 20% }
  nodes: { '#3': ./mine.ts }
  options: { other.js: { k: 3 } }
`,
  's.yaml',
);

test('every file that a scenario names is found, with the place that names it', () => {
  expect(filesOf(SCENARIO)).toEqual([
    { path: 'topology.file', name: 'graph.json' },
    { path: 'chain.demand.file', name: 'demand.csv' },
    { path: 'routing.strategy', name: './mine.ts' },
    { path: 'routing.shares', name: 'other.js' },
    { path: 'routing.nodes.#3', name: './mine.ts' },
    { path: 'routing.options', name: 'other.js' },
  ]);
});

test('renaming changes names of files alone', () => {
  expect(renameFiles(SCENARIO, (name) => name)).toEqual(SCENARIO);
  const { topology, chain, routing, ...rest } = renameFiles(SCENARIO, (name) => `../${name}`);
  expect([topology.file, chain.demand]).toEqual(['../graph.json', { file: '../demand.csv' }]);
  expect(routing).toEqual({
    strategy: '.././mine.ts',
    shares: { lnd: 0.1, '../other.js': 0.2 },
    nodes: { '#3': '.././mine.ts' },
    options: { '../other.js': { k: 3 } },
  });
  const { topology: _, chain: __, routing: ___, ...before } = SCENARIO;
  expect(rest).toEqual(before);
});
