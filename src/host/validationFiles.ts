/** The validations that come with this package: `fixtures/validation` two folders up, in a checkout and when compiled. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ValidationFixture } from '../experiment/validate/fixture.ts';
import { parseValidation } from '../io/validationText.ts';
import { readTextInput } from './readInput.ts';

const DIRECTORY = new URL('../../fixtures/validation/', import.meta.url);

/** Their paths, in the order of their names. */
export const validationFiles = (): string[] =>
  readdirSync(DIRECTORY)
    .filter((name) => name.endsWith('.yaml'))
    .toSorted()
    .map((name) => fileURLToPath(new URL(name, DIRECTORY)));

/** @throws UserError */
export const readValidationFile = (path: string): ValidationFixture => parseValidation(readTextInput(path), path);
