/** From `--grid traffic.rate=1,2,5` and a scenario to the plan of a sweep: every cell checked before anything runs. */
import { describe, UserError } from '../base/errors.ts';
import { oneOf } from '../base/oneOf.ts';
import { defaultBaseline } from '../experiment/comparison.ts';
import type { Scenario } from '../experiment/scenario.ts';
import { cellsOf, type Axis, type AxisValue, type Baseline, type SweepPlan } from '../experiment/sweep.ts';
import { literalOf } from './literal.ts';
import { checkScenario } from './scenarioText.ts';
import { pathParts } from './yamlText.ts';

/** Runs of one sweep: a grid given by mistake is told apart before it fills a disk. */
const MOST_RUNS = 1_000_000;

/** `traffic.rate=1,2,5` */
function parseAxis(text: string, option = `--grid ${text}`): Axis {
  const [, path = '', list = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (path === '' || list === '') {
    throw new UserError({ file: option, found: describe(text), expected: 'a path and its values: traffic.rate=1,2,5' });
  }
  const values = listed(list).map((each) => valueOf(each.trim(), option));
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice !== undefined) {
    throw new UserError({ file: option, found: `${describe(twice)} twice`, expected: 'each value once' });
  }
  return { path: path.trim(), values };
}

/** What stands between commas; a text in double quotes may have commas of its own. */
const listed = (list: string): string[] => list.match(/(?<=^|,)(\s*"([^"\\]|\\.)*"\s*(?=,|$)|[^,]*)/gs) ?? [];

function valueOf(text: string, option: string): AxisValue {
  if (text === '') throw new UserError({ file: option, found: 'nothing', expected: 'a value between two commas' });
  if (text.startsWith('"')) return quoted(text, option);
  return text === 'null' ? null : literalOf(text);
}

/** `"a, b"`, as in JSON. */
function quoted(text: string, option: string): string {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'string') return value;
  } catch {
    // no text, as below
  }
  throw new UserError({ file: option, found: text, expected: 'a text between two double quotes, as in JSON' });
}

/** A scenario as it is checked, and as its author wrote it. */
export interface WrittenScenario {
  readonly scenario: Scenario;
  readonly written: unknown;
}

/**
 * @param seedCount how many, the scenario's own being the first
 * @param baseline `routing.strategy=lnd`; left out, the last axis of texts and its first value
 * @throws UserError that names the option at fault
 */
export function planSweep(
  { scenario, written }: WrittenScenario,
  grid: readonly string[],
  seedCount: number,
  baseline: string | null = null,
): SweepPlan {
  const axes = grid.map((text) => parseAxis(text));
  axes.forEach(({ path }, index) => {
    if (path === 'seed') {
      throw new UserError({ file: '--grid seed=…', found: 'the seed', expected: '--seeds, which every cell shares' });
    }
    if (axes.findIndex((other) => other.path === path) === index) return;
    throw new UserError({ file: `--grid ${path}=…`, found: 'the same path twice', expected: 'each path once' });
  });
  const runs = axes.reduce((product, { values }) => product * values.length, seedCount);
  if (runs > MOST_RUNS) {
    throw new UserError({ file: '--grid', found: `${runs} runs`, expected: `at most ${MOST_RUNS}` });
  }
  // the brackets keep the sum among integers that are exact
  const lastSeed = scenario.seed + (seedCount - 1);
  if (!Number.isSafeInteger(lastSeed)) {
    const found = `${seedCount} seeds from ${scenario.seed} on`;
    throw new UserError({ file: '--seeds', found, expected: `none beyond ${Number.MAX_SAFE_INTEGER}` });
  }
  return {
    axes,
    seeds: Array.from({ length: seedCount }, (_, index) => scenario.seed + index),
    baseline: baseline === null ? defaultBaseline(axes) : parseBaseline(baseline, axes),
    scenarios: cellsOf(axes).map((values) => cellOf(written, axes, values)),
  };
}

/** `traffic.rate=1`: one of the values of one of the axes. */
function parseBaseline(text: string, axes: readonly Axis[]): Baseline {
  const option = `--baseline ${text}`;
  const { path, values } = parseAxis(text, option);
  const axis = axes.find((each) => each.path === path);
  const [value] = values;
  if (axis === undefined) {
    const expected =
      axes.length === 0
        ? 'a --grid to compare along'
        : oneOf(
            axes.map((each) => each.path),
            path,
          );
    throw new UserError({ file: option, found: path, expected });
  }
  if (values.length !== 1 || value === undefined || !axis.values.includes(value)) {
    throw new UserError({ file: option, found: values.join(','), expected: `one of ${axis.values.join(', ')}` });
  }
  return { path, value };
}

function cellOf(base: unknown, axes: readonly Axis[], values: readonly AxisValue[]): Scenario {
  const varied = structuredClone(base);
  const settings = settingsOf(axes, values);
  axes.forEach(({ path }, index) => put(varied, path, values[index]!, settings[index]!));
  try {
    const scenario = checkScenario(varied, settings.join(' '));
    if (scenario.replicas !== null) refuseReplicas(scenario.replicas.count, axes, settings);
    return scenario;
  } catch (error) {
    throw error instanceof UserError ? inCell(error, axes, values) : error;
  }
}

/** `--grid traffic.rate=1`, for each axis. */
export const settingsOf = (axes: readonly Axis[], values: readonly AxisValue[]): string[] =>
  axes.map(({ path }, index) => `--grid ${path}=${String(values[index])}`);

/** Copies know success, attempts and fees alone: a sweep of them would compare the first, and nobody would notice. */
function refuseReplicas(count: number, axes: readonly Axis[], settings: readonly string[]): never {
  const isVaried = axes.some(({ path }) => path.startsWith('replicas'));
  throw new UserError({
    file: isVaried ? settings.join(' ') : 'the scenario',
    path: 'replicas',
    found: `${count} copies of the world`,
    expected: 'null in a sweep, whose seeds are its copies (--seeds)',
  });
}

/** A mistake in a cell's scenario as one of the option that made it, where one did. */
export function inCell(error: UserError, axes: readonly Axis[], values: readonly AxisValue[]): UserError {
  const { path = '', ...mistake } = error.mistake;
  const at = axes.findIndex((axis) => path === axis.path || path.startsWith(`${axis.path}.`));
  return at === -1 ? error : new UserError({ ...mistake, path, file: settingsOf(axes, values)[at]! });
}

/** Puts a value at `closures[0].at`; maps that are not there are made, what is no map is at fault. */
function put(root: unknown, path: string, value: AxisValue, option: string): void {
  const parts = pathParts(path);
  let at = root;
  parts.forEach((part, index) => {
    if (typeof at !== 'object' || at === null || (Array.isArray(at) && !Object.hasOwn(at, part))) {
      const place = parts.slice(0, index).join('.');
      const expected = Array.isArray(at) ? `one that has an entry [${part}]` : 'a map or a list';
      throw new UserError({ file: option, path: place, found: describe(at), expected });
    }
    const last = index === parts.length - 1;
    const next = parts[index + 1] ?? '';
    if (!Object.hasOwn(at, part) && /^\d+$/.test(next)) {
      const expected = `a list in the scenario that has an entry [${next}]`;
      throw new UserError({ file: option, path: parts.slice(0, index + 1).join('.'), found: 'nothing', expected });
    }
    if (last || !Object.hasOwn(at, part)) {
      // defined, not assigned: a key such as __proto__ is to be found by the schema as any other
      const settled = { value: last ? value : {}, enumerable: true, writable: true, configurable: true };
      Object.defineProperty(at, part, settled);
    }
    at = Reflect.get(at, part);
  });
}
