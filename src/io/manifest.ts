/**
 * `manifest.json`: what results are the results of. It says nothing of when or where they were made, so the same run
 * gives the same bytes everywhere.
 */
import type { Scenario } from '../experiment/scenario.ts';
import { renameFiles } from '../experiment/scenarioFiles.ts';
import { hashOf } from './canonicalJson.ts';

/** Raised when a table, a column or a key changes its name or meaning. */
export const RESULTS_FORMAT_VERSION = 2;

/** A file that went into a run. */
export interface InputHash {
  /** where the scenario names it: `routing.strategy`; what that file imports is `routing.strategy imports helper.ts` */
  readonly path: string;
  /** of its bytes, or of all its files; null for what a program gave in its place */
  readonly sha256: string | null;
}

/** What makes a run the run that it is. */
export interface RunIdentity {
  readonly leyden: string;
  readonly formatVersion: number;
  /** with every default; files by their names alone, for what they hold stands in `inputs` */
  readonly scenario: Scenario;
  readonly inputs: readonly InputHash[];
}

export interface TableEntry {
  readonly file: string;
  readonly rows: number;
}

export interface Manifest extends RunIdentity {
  readonly scenarioSha256: string;
  readonly seed: number;
  readonly digest: string;
  readonly tables: Readonly<Record<string, TableEntry>>;
}

export const runIdentity = (scenario: Scenario, inputs: readonly InputHash[], version: string): RunIdentity => ({
  leyden: version,
  formatVersion: RESULTS_FORMAT_VERSION,
  scenario: renameFiles(scenario, (name) => name.split(/[\\/]/).at(-1) ?? name),
  inputs,
});

export const manifestOf = (
  identity: RunIdentity,
  digest: string,
  tables: Readonly<Record<string, TableEntry>>,
): Manifest => ({
  leyden: identity.leyden,
  formatVersion: identity.formatVersion,
  digest,
  seed: identity.scenario.seed,
  scenarioSha256: hashOf(identity.scenario),
  inputs: identity.inputs,
  tables,
  scenario: identity.scenario,
});
