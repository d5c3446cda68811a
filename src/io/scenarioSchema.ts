/** The scenario's JSON Schema (draft 2020-12), made from the schema that checks it: editors complete and check with it. */
import { z } from 'zod';
import { scenarioSchema } from '../experiment/scenario.ts';

/** What an author may write: defaults may be left out, durations are numbers or texts. */
export function scenarioJsonSchema(): z.core.JSONSchema.BaseSchema {
  const schema = z.toJSONSchema(scenarioSchema, { io: 'input', unrepresentable: 'any' });
  return { ...schema, title: 'a scenario of Leyden' };
}

/** As a file: `leyden schema` prints it, and `fixtures/scenario.schema.json` is it. */
export const scenarioSchemaText = (): string => `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`;
