/** A kind of validation: what the rows of a fixture may set, what theory says of each, and how it is measured. */
import { z } from 'zod';
import type { Rng } from '../../base/random.ts';
import type { Scenario } from '../scenario.ts';
import type { Estimate } from './check.ts';
import type { Published } from './published.ts';

/** One figure of a row: what theory has it be, and what may stand between the two. */
export interface Figure {
  /** as the row's `expected` calls it, and as it is printed */
  readonly name: string;
  /** the closed form; null where nothing is known but what was published */
  readonly theory: number | null;
  /** allowed beside three standard errors, for what theory leaves out; 0 if left out */
  readonly floor?: number;
  /** what that is; only with a floor */
  readonly because?: string;
  /** no chance in it: what is measured has to be that very number, but for the digits that are published */
  readonly isExact?: boolean;
  /** theory is the most that may be measured; less is as well */
  readonly isBound?: boolean;
}

/** A row, ready to be run. */
export interface Plan {
  /** what tells it from other rows: `N = 10, p = 0.5` */
  readonly label: string;
  readonly figures: readonly Figure[];
  /** @returns an estimate for each figure, in their order */
  readonly run: (size: number, rng: Rng) => readonly Estimate[];
}

/** What a row may look up in its fixture. */
export interface FixtureContext {
  /** what the fixture runs @throws UserError if it says nothing of that */
  readonly scenario: () => Scenario;
  /** what the row expects of a figure @throws UserError if it doesn't name it */
  readonly published: (figure: string) => Published;
}

export interface Measurement {
  /** as fixtures call it */
  readonly name: string;
  /** what a size counts, `payments`; null where there is no chance in it, and a row is run once, without a size */
  readonly unit: string | null;
  /** a row's own keys */
  readonly parameters: z.ZodRawShape;
  /** @param row what the schema let pass */
  plan(row: unknown, context: FixtureContext): Plan;
}

/** Makes a measurement of a function that takes what its parameters describe. */
export function measurement<Shape extends z.ZodRawShape>(of: {
  readonly name: string;
  readonly unit: string | null;
  readonly parameters: Shape;
  readonly plan: (row: z.output<z.ZodObject<Shape>>, context: FixtureContext) => Plan;
}): Measurement {
  const schema = z.object(of.parameters);
  return { ...of, plan: (row, context) => of.plan(schema.parse(row), context) };
}
