/** The options of a strategy: what each may be, its default, and the one reader that checks what a user wrote. */
import { describe, UserError } from '../base/errors.ts';
import { oneOf } from '../base/oneOf.ts';

/** A number in a range. */
export interface NumberOption {
  readonly kind: 'number';
  readonly means: string;
  readonly default: number;
  readonly least: number;
  readonly most: number;
  readonly isInteger: boolean;
}

/** One of a few words. */
export interface ChoiceOption<Choice extends string = string> {
  readonly kind: 'choice';
  readonly means: string;
  readonly default: Choice;
  readonly choices: readonly Choice[];
}

/** On or off. */
export interface SwitchOption {
  readonly kind: 'switch';
  readonly means: string;
  readonly default: boolean;
}

export type StrategyOption = NumberOption | ChoiceOption | SwitchOption;
export type OptionTable = Readonly<Record<string, StrategyOption>>;
export type OptionValue = number | string | boolean;

/** The options of a table with every default filled in. */
export type OptionsOf<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends ChoiceOption<infer Choice>
    ? Choice
    : Table[Name] extends NumberOption
      ? number
      : boolean;
};

/** Where the options were written, for errors. */
export interface OptionSource {
  readonly file: string;
  /** the path of the options in it: `routing` */
  readonly path: string;
  /** what may stand beside them, for who mistypes it */
  readonly beside?: readonly string[];
}

export const amount = (means: string, byDefault: number, least: number, most: number): NumberOption => ({
  kind: 'number',
  means,
  default: byDefault,
  least,
  most,
  isInteger: false,
});

export const count = (means: string, byDefault: number, least: number, most: number): NumberOption => ({
  ...amount(means, byDefault, least, most),
  isInteger: true,
});

export const choice = <Choice extends string>(
  means: string,
  byDefault: NoInfer<Choice>,
  choices: readonly Choice[],
): ChoiceOption<Choice> => ({ kind: 'choice', means, default: byDefault, choices });

export const onOff = (means: string, byDefault: boolean): SwitchOption => ({
  kind: 'switch',
  means,
  default: byDefault,
});

/**
 * Checks what was given and fills in the defaults.
 * @throws UserError for an option that the table doesn't have, or a value that its option doesn't allow
 */
export function readOptions<Table extends OptionTable>(
  table: Table,
  given: Readonly<Record<string, unknown>>,
  source: OptionSource,
): OptionsOf<Table> {
  const pathOf = (name: string): string => (source.path === '' ? name : `${source.path}.${name}`);
  const { file } = source;
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(table, name)) continue;
    const names = [...Object.keys(table), ...(source.beside ?? [])];
    const expected = names.length === 0 ? 'no options' : oneOf(names, name);
    throw new UserError({ file, path: pathOf(name), found: `the option ${describe(name)}`, expected });
  }
  const values: Record<string, OptionValue> = {};
  for (const [name, option] of Object.entries(table)) {
    const value = given[name] ?? option.default;
    if (!isAllowed(option, value)) {
      throw new UserError({ file, path: pathOf(name), found: describe(value), expected: allowed(option, value) });
    }
    values[name] = value;
  }
  // each value was held against its own entry of the table
  return values as OptionsOf<Table>;
}

function isAllowed(option: StrategyOption, value: unknown): value is OptionValue {
  switch (option.kind) {
    case 'number': {
      if (typeof value !== 'number' || !(value >= option.least && value <= option.most)) return false;
      return !option.isInteger || Number.isInteger(value);
    }
    case 'choice':
      return typeof value === 'string' && option.choices.includes(value);
    case 'switch':
      return typeof value === 'boolean';
  }
}

/** What an option may be, in words. @param given what it is not, if there is such */
export function allowed(option: StrategyOption, given?: unknown): string {
  switch (option.kind) {
    case 'number':
      return `${option.isInteger ? 'a whole number' : 'a number'} from ${option.least} to ${option.most}`;
    case 'choice':
      return oneOf(option.choices, given);
    case 'switch':
      return 'true or false';
  }
}
