/** Small worlds for tests: a scenario in a few words, run to its end. */
import { generatedGraph, runScenario, type RunResult } from '../../src/experiment/run.ts';
import type { ScenarioInput } from '../../src/experiment/scenario.ts';
import { checkScenario } from '../../src/io/scenarioText.ts';
import { acceleratedSecp256k1 } from '../../src/crypto/accelerated.ts';
import { useSecp256k1 } from '../../src/crypto/secp256k1.ts';

// the same signatures, several times faster: properties run hundreds of worlds
const accelerated = await acceleratedSecp256k1();
if (accelerated) useSecp256k1(accelerated);

export function runSmall(input: ScenarioInput): RunResult {
  const scenario = checkScenario(input, 'test');
  const graph = generatedGraph(scenario);
  if (!graph) throw new Error('small worlds are generated');
  return runScenario(scenario, graph);
}
