/** Reads a scenario, YAML or JSON, and says what is wrong with it in one error. */
import { stringify } from 'yaml';
import { UserError } from '../base/errors.ts';
import { scenarioSchema, type Scenario } from '../experiment/scenario.ts';
import { scenarioJsonSchema } from './scenarioSchema.ts';
import { checkDocument, inWords, pathParts, readYaml, type DocumentKind, type PositionAt } from './yamlText.ts';

const SCENARIO: DocumentKind<Scenario> = { noun: 'scenario', schema: scenarioSchema, jsonSchema: scenarioJsonSchema };

/** @param file its name as the user knows it @throws UserError */
export const parseScenario = (text: string, file: string): Scenario => readScenario(text, file).scenario;

/** The same, and the value as its author wrote it, without defaults. */
export function readScenario(text: string, file: string): { readonly scenario: Scenario; readonly written: unknown } {
  const { written, positionAt } = readYaml(text, file, SCENARIO.noun);
  return { scenario: checkScenario(written, file, positionAt), written };
}

/**
 * Checks a scenario that is an object already.
 * @param positionAt where a path stands, if there is a text behind it
 * @param within the path of the scenario in that text
 */
export const checkScenario = (
  value: unknown,
  file: string,
  positionAt?: PositionAt,
  within?: readonly PropertyKey[],
): Scenario => checkDocument(SCENARIO, value, file, positionAt, within);

/**
 * What went wrong with a scenario after it was read, with the place in its text: a node that is not there, say.
 * @returns the error itself if it is not of this file
 */
export function placed(error: unknown, text: string, file: string): unknown {
  if (!(error instanceof UserError) || error.mistake.file !== file || !error.mistake.path) return error;
  const { path } = error.mistake;
  const { positionAt } = readYaml(text, file, SCENARIO.noun);
  return new UserError({ ...error.mistake, path: `${path}${inWords(positionAt(pathParts(path)))}` });
}

/** A scenario with every default, as YAML: what a run really used. */
export const formatScenario = (scenario: Scenario): string => stringify(scenario);
