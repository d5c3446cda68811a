/**
 * A validation as a file: what is measured in which scenario, row by row, and the values that were published.
 *
 * Where there is a closed form, runs are held against it with all its digits, and the published value is held against it,
 * too: a fixture that says otherwise is a mistake. Where there is none, runs are held against the published value.
 */
import { z } from 'zod';
import { assert, present } from '../../base/assert.ts';
import { UserError } from '../../base/errors.ts';
import { oneOf } from '../../base/oneOf.ts';
import type { Scenario } from '../scenario.ts';
import { count } from '../scenario/values.ts';
import type { Check, Experiment } from './check.ts';
import type { Figure, FixtureContext, Measurement } from './measurement.ts';
import { measurements } from './measurements.ts';
import { isAsPublished, published, type Published } from './published.ts';

/** Parts of `leyden validate` that can be asked for by name. */
export const SUITES = ['constants', 'network', 'chain', 'papers'] as const;
export type Suite = (typeof SUITES)[number];
export type SizeName = 'full' | 'quick';

const common = {
  $schema: z.string().max(4096).optional(),
  id: z
    .string()
    .regex(/^[A-Za-z][\w-]*$/)
    .max(40)
    .describe('short; several files may be parts of one'),
  suite: z.enum(SUITES),
  title: z.string().min(1).max(200),
  source: z.string().min(1).max(1000).describe('whose theory or whose numbers these are'),
  description: z.string().max(4000).optional(),
  scenario: z
    .record(z.string(), z.unknown())
    .optional()
    .meta({ description: 'what rows run, each with its own parameters filled in', $ref: 'scenario.schema.json' }),
};

const expected = z
  .record(z.string().max(200), published)
  .describe('figures with their published values; of the others the closed form alone is known');
const size = count(1, 1e9).optional();
const sizes = {
  full: size.describe('of the larger of two runs, the other has a quarter; left out, the row is not in the full run'),
  quick: size.describe('the same for --quick'),
};

const only = z.enum(['full', 'quick']).optional().describe('the run that the row is in; left out, both');

const branchOf = (of: Measurement) =>
  z.strictObject({
    ...common,
    measure: z.literal(of.name),
    rows: z
      .array(
        z.strictObject({ ...of.parameters, expected: expected.default({}), ...(of.unit === null ? { only } : sizes) }),
      )
      .min(1)
      .max(1000),
  });

export const validationSchema = z.discriminatedUnion('measure', [
  branchOf(present(measurements[0], 'a measurement')),
  ...measurements.slice(1).map(branchOf),
]);

/** A checked fixture. @property scenario with every default, or null */
export type ValidationFixture = Omit<z.output<typeof validationSchema>, 'scenario'> & {
  readonly scenario: Scenario | null;
};

/**
 * What a fixture's rows run at full or at quick size; rows without that size are left out.
 * @param file its name, for errors
 * @throws UserError if a published value is not what theory says, or a figure is unknown
 */
export function experimentsOf(fixture: ValidationFixture, size: SizeName, file: string): Experiment[] {
  const of = present(
    measurements.find(({ name }) => name === fixture.measure),
    'a measurement that the schema knows',
  );
  return fixture.rows.flatMap((row, index) => {
    const experiment = experimentOf(fixture, of, row, size, { file, path: `rows[${index}]` });
    return experiment.sizes[1] === 0 ? [] : [experiment];
  });
}

type Row = ValidationFixture['rows'][number];
interface Place {
  readonly file: string;
  readonly path: string;
}

function experimentOf(fixture: ValidationFixture, of: Measurement, row: Row, size: SizeName, at: Place): Experiment {
  const { id, title, source } = fixture;
  const { label, figures, run } = of.plan(row, contextOf(fixture, row, at));
  for (const name of Object.keys(row.expected)) {
    if (figures.some((figure) => figure.name === name)) continue;
    const known = figures.map((figure) => figure.name);
    throw new UserError({
      file: at.file,
      path: `${at.path}.expected`,
      found: JSON.stringify(name),
      expected: oneOf(known, name),
    });
  }
  // nothing is known of a figure that has neither theory nor print
  const kept = figures.flatMap(({ name, theory }, index) =>
    theory === null && row.expected[name] === undefined ? [] : [index],
  );
  const checks = kept.map((index) => checkOf(figures[index]!, label, row.expected[figures[index]!.name], at));
  return {
    id,
    title,
    key: keyOf(fixture.measure, row),
    source,
    unit: of.unit ?? '',
    sizes: sizesOf(row, of.unit, size),
    checks,
    run: (count, rng) => {
      const estimates = run(count, rng);
      assert(estimates.length === figures.length, 'an estimate for each figure');
      return kept.map((index) => estimates[index]!);
    },
  };
}

/** The parameters of a row alone: what runs draw must not hang on how many there are, nor on what they are to be. */
function keyOf(measure: string, row: Row): string {
  const ignored = new Set(['expected', 'full', 'quick', 'only']);
  return JSON.stringify([measure, ...Object.entries(row).filter(([name]) => !ignored.has(name))]);
}

function contextOf({ scenario }: ValidationFixture, { expected }: Row, { file, path }: Place): FixtureContext {
  const missing = (path: string, expected: string): UserError =>
    new UserError({ file, path, found: 'nothing', expected });
  return {
    scenario: () => {
      if (scenario === null) throw missing('scenario', 'what the rows run');
      return scenario;
    },
    published: (figure) => {
      const value = expected[figure];
      if (value === undefined) throw missing(`${path}.expected`, `a value for ${JSON.stringify(figure)}`);
      return value;
    },
  };
}

function checkOf(figure: Figure, label: string, printed: Published | undefined, { file, path }: Place): Check {
  const { name, theory, floor = 0, because, isExact = false, isBound = false } = figure;
  const mistake = (found: string, expected: string): UserError =>
    new UserError({ file, path: `${path}.expected[${JSON.stringify(name)}]`, found, expected });
  if (theory !== null && printed !== undefined && !isAsPublished(theory, printed))
    throw mistake(String(printed.value), `${theory}, which the closed form gives`);
  return {
    name: label === '' ? name : `${name}, ${label}`,
    expected: theory ?? present(printed, 'a published value').value,
    // what is compared with print can be no closer than print is
    floor: floor + (theory === null ? (printed?.rounding ?? 0) : 0),
    ...(because === undefined ? {} : { because }),
    isExact,
    isBound,
  };
}

/** The smaller and the larger size, 0 where the row is not run; what no chance is in has one. */
function sizesOf(row: Row, unit: string | null, size: SizeName): [number, number] {
  if (unit === null) {
    const only = 'only' in row ? row.only : undefined;
    return only === undefined || only === size ? [1, 1] : [0, 0];
  }
  const { full = 0, quick = 0 } = 'full' in row || 'quick' in row ? row : {};
  const larger = size === 'full' ? full : quick;
  return [Math.floor(larger / 4), larger];
}
