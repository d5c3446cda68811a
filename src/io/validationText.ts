/** Reads a validation's fixture, YAML or JSON, with the scenario in it, and says what is wrong with it in one error. */
import { z } from 'zod';
import { validationSchema, type ValidationFixture } from '../experiment/validate/fixture.ts';
import { checkScenario } from './scenarioText.ts';
import { checkDocument, readYaml } from './yamlText.ts';

/** @param file its name as the user knows it @throws UserError */
export function parseValidation(text: string, file: string): ValidationFixture {
  const kind = { noun: 'validation', schema: validationSchema, jsonSchema: validationJsonSchema };
  const { written, positionAt } = readYaml(text, file, kind.noun);
  const { scenario, ...rest } = checkDocument(kind, written, file, positionAt);
  if (scenario === undefined) return { ...rest, scenario: null };
  return { ...rest, scenario: checkScenario(scenario, file, positionAt, ['scenario']) };
}

/** What an author may write; the scenario in it is the scenario's own schema. */
export function validationJsonSchema(): z.core.JSONSchema.BaseSchema {
  const schema = z.toJSONSchema(validationSchema, { io: 'input', unrepresentable: 'any' });
  return { ...schema, title: 'a validation of Leyden' };
}

/** As a file: `leyden schema validation` prints it, and `fixtures/validation.schema.json` is it. */
export const validationSchemaText = (): string => `${JSON.stringify(validationJsonSchema(), null, 2)}\n`;
