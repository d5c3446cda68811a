/** The scenarios that are shipped: each says what it shows, and runs; here with fewer payments. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { present } from '../../src/base/assert.ts';
import type { Scenario, ScenarioInput } from '../../src/experiment/scenario.ts';
import { renameFiles } from '../../src/experiment/scenarioFiles.ts';
import { simulate } from '../../src/host/simulate.ts';
import { parseScenario } from '../../src/io/scenarioText.ts';

const GALLERY = fileURLToPath(new URL('../../fixtures/scenarios', import.meta.url));
const names = readdirSync(GALLERY).filter((name) => name.endsWith('.yaml'));
const PAYMENTS_MOST = 150;

function scenarioOf(name: string): Scenario {
  const scenario = parseScenario(readFileSync(join(GALLERY, name), 'utf8'), name);
  return renameFiles(scenario, (file) => join(GALLERY, file));
}

/** The same with less to do: fewer payments, and of a chain's troubles only what the first closures need. */
function shortened(scenario: Scenario): ScenarioInput {
  const payments = Math.min(scenario.traffic.payments ?? PAYMENTS_MOST, PAYMENTS_MOST);
  // what was read is what may be written: every default stands in it
  return { ...scenario, traffic: { ...scenario.traffic, payments }, settle: 'none', closures: [] } as ScenarioInput;
}

describe('the gallery', () => {
  test('has ten scenarios and more, each named after its file, each saying what it shows', () => {
    expect(names.length).toBeGreaterThanOrEqual(10);
    for (const file of names) {
      const { name, description } = scenarioOf(file);
      expect(`${name}.yaml`).toBe(file);
      expect(present(description, `a description of ${file}`).length).toBeGreaterThan(40);
    }
  });

  // quickstart's thousand nodes are another test's
  test.each(names.filter((name) => name !== 'quickstart.yaml'))('%s runs, and its books balance', async (file) => {
    const { summary } = await simulate(shortened(scenarioOf(file)));
    expect(summary.conservation.ok).toBe(true);
    expect(summary.payments.sent).toBeGreaterThan(50);
    expect(summary.payments.succeeded).toBeGreaterThan(10);
  });

  test('shows the deadlock: C’s twenty payments, and then nothing', async () => {
    const { summary, run } = await simulate(scenarioOf('deadlock.yaml') as ScenarioInput);
    const delivered = run.world.payments.filter(({ succeeded }) => succeeded);
    const c = present(run.graph.edgeTo[0], 'the node in the middle');
    expect(delivered.filter(({ source }) => source === c)).toHaveLength(20);
    expect(Math.max(...delivered.map(({ id }) => id))).toBeLessThan(summary.payments.sent / 2);
  });
});
