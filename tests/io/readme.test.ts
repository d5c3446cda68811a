import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseScenario } from '../../src/io/scenarioText.ts';

const READMES = ['../../README.md', '../../fixtures/README.md']
  .map((file) => readFileSync(new URL(file, import.meta.url), 'utf8'))
  .join('\n');

test('every piece of a scenario in the READMEs is one that is understood', () => {
  const blocks = [...READMES.matchAll(/^```yaml\n([^]*?)^```$/gm)].map(([, block = '']) => block);
  const inline = [
    ...READMES.matchAll(/`((?:channels|gossip|measure|policies|replicas|routing|traffic): [{[][^`…]*[}\]])`/g),
  ];
  expect(blocks.length).toBeGreaterThan(3);
  expect(inline.length).toBeGreaterThan(10);
  for (const text of [...blocks, ...inline.map(([, piece = '']) => piece)]) {
    const whole = /^topology:/m.test(text) ? text : `topology: { generate: ring, nodes: 5 }\n${text}`;
    expect(() => parseScenario(whole, text), text).not.toThrow();
  }
});
