import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { UserError } from '../../src/base/errors.ts';
import { parseScenario } from '../../src/io/scenarioText.ts';
import { change, changed, readsOrTells } from './graphs/samples.ts';

const SCENARIO = `name: small
seed: 7
topology: { generate: ring, nodes: 5 }
traffic: { payments: 20, rate: 2.5 }
closures:
  - { channel: '#1', at: 5m, kind: unilateral }
`;

/** Each alias names the one before nine times. */
const BOMB = Array.from({ length: 30 }, (_, i) => `a${i}: &a${i} [${Array(9).fill(i === 0 ? 'x' : `*a${i - 1}`).join(', ')}]`); // prettier-ignore

test('ten thousand damaged scenarios: a scenario or one UserError of one line', () => {
  const bytes = utf8(SCENARIO);
  const outcomes = { scenarios: 0, errors: 0 };
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const damaged = changes.reduce((before, each) => changed(before, each), bytes);
      const isRead = readsOrTells(() => {
        parseScenario(Buffer.from(damaged).toString(), 's.yaml');
      });
      outcomes[isRead ? 'scenarios' : 'errors']++;
    }),
    { numRuns: 10_000 },
  );
  expect(outcomes.scenarios).toBeGreaterThan(300);
  expect(outcomes.errors).toBeGreaterThan(300);
}, 120_000);

test('a bomb of aliases is refused before it goes off', () => {
  expect(() => parseScenario(`${BOMB.join('\n')}\ntopology: *a29\n`, 's.yaml')).toThrow(UserError);
});

test('a million aliases are refused before they are parsed; stars in a text are none', () => {
  const many = `a: &a 1\nb: [${'*a, '.repeat(1_000_000)}]\n`;
  expect(() => parseScenario(many, 's.yaml')).toThrow(
    's.yaml: found more than 100 aliases, expected a scenario with 100',
  );
  const bold = `description: >-\n${'  *bold*\n'.repeat(200)}topology: { generate: line, nodes: 3 }\n`;
  expect(parseScenario(bold, 's.yaml').description).toContain('*bold* *bold*');
});
