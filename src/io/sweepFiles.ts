/** The files of a sweep's directory: `sweep.json`, which says what it covers, and a file a run under `runs`. */
import { z } from 'zod';
import { UserError } from '../base/errors.ts';
import { METRICS } from '../experiment/metrics.ts';
import { cellsOf, type RunFailure, type RunMeasures, type SweepGrid, type SweepPlan } from '../experiment/sweep.ts';
import { hashOf } from './canonicalJson.ts';
import { parseJsonText } from './jsonText.ts';
import { RESULTS_FORMAT_VERSION, runIdentity, type InputHash } from './manifest.ts';

const axisValue = z.union([z.number(), z.string(), z.boolean(), z.null()]);
/** `2/8`: the second of eight parts. */
const shard = z.strictObject({ index: z.number().int().min(1), of: z.number().int().min(1).max(1_000_000) });

const sweepManifest = z.strictObject({
  leyden: z.string(),
  formatVersion: z.literal(RESULTS_FORMAT_VERSION),
  scenario: z.string(),
  axes: z.array(z.strictObject({ path: z.string(), values: z.array(axisValue).min(1) })),
  seeds: z.array(z.number().int()).min(1),
  baseline: z.strictObject({ path: z.string(), value: axisValue }).nullable(),
  format: z.enum(['parquet', 'csv']),
  shard: shard.nullable(),
  runs: z.array(z.string().regex(/^[0-9a-f]{64}$/)),
});

/** What a sweep's directory holds, or will. */
export type SweepManifest = Readonly<z.output<typeof sweepManifest>>;
export type Shard = Readonly<z.output<typeof shard>>;

/**
 * @param inputs hashes of the files that a scenario names
 * @param shard which runs this directory is to have; null for all
 */
export function sweepManifestOf(
  plan: SweepPlan,
  inputs: (scenario: SweepPlan['scenarios'][number]) => readonly InputHash[],
  leyden: string,
  shard: Shard | null,
): SweepManifest {
  const { axes, seeds, baseline, scenarios } = plan;
  const [first] = scenarios;
  return {
    leyden,
    formatVersion: RESULTS_FORMAT_VERSION,
    scenario: first?.name ?? '',
    axes: axes.map(({ path, values }) => ({ path, values: [...values] })),
    seeds: [...seeds],
    baseline,
    format: first?.results.format ?? 'parquet',
    shard,
    // a run is known by all that decides it: what was run before is not run again
    runs: scenarios.flatMap((scenario) => {
      const hashes = inputs(scenario);
      return seeds.map((seed) => hashOf(runIdentity({ ...scenario, seed }, hashes, leyden)));
    }),
  };
}

/** Whether run `index` belongs to a part: they are dealt out like cards, so that each part has some of every cell. */
export const isInShard = (index: number, part: Shard | null): boolean =>
  part === null || index % part.of === part.index - 1;

export const runFile = (id: string): string => `runs/${id}.json`;

/** @throws UserError if it is none, or of a version that this one doesn't read */
export function readSweepManifest(text: string, file: string): SweepManifest {
  const { data } = sweepManifest.safeParse(parseJsonText(text, file));
  const cells = data ? cellsOf(data.axes).length * data.seeds.length : NaN;
  if (!data || data.runs.length !== cells) {
    throw new UserError({
      file,
      found: 'something else',
      expected: `the sweep.json of a sweep of format ${RESULTS_FORMAT_VERSION}`,
    });
  }
  return data;
}

export const gridOf = ({ axes, seeds, baseline }: SweepManifest): SweepGrid => ({ axes, seeds, baseline });

const metrics = z.object(
  Object.fromEntries(METRICS.map((name) => [name, z.number().nullable()])) as Record<
    (typeof METRICS)[number],
    z.ZodNullable<z.ZodNumber>
  >,
);
const runMeasures = z.object({
  digest: z.string(),
  metrics,
  batches: z.partialRecord(z.enum(METRICS), z.array(z.number())),
  summary: z.object({ notes: z.array(z.string()) }),
});
const runResult = z.union([runMeasures, z.object({ error: z.string() })]);

/** @throws UserError if it is not what a run of a sweep leaves */
export function readRunResult(text: string, file: string): RunMeasures | RunFailure {
  const { data } = runResult.safeParse(parseJsonText(text, file));
  if (!data) throw new UserError({ file, found: 'something else', expected: 'the result of a run of a sweep' });
  if ('error' in data) return data;
  const batches: RunMeasures['batches'] = Object.fromEntries(
    Object.entries(data.batches).filter(([, values]) => values !== undefined),
  );
  return { ...data, batches };
}
