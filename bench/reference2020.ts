/** The reference search in plain C: built with gcc in a temporary folder, run on the 2020 graph. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHANNELS_2020, EDGES_2020, PAIRS_2020 } from './cloth2020.ts';
import { sharedFile, sharedText } from './data.ts';

const SOURCE = 'bench/reference_search.c';

export interface ReferenceRun {
  /** per pair: what its source sends, fees included; −1 where there is no route */
  readonly sentMsat: readonly number[];
  /** CPU time a query, µs: the mean of the fastest round */
  readonly microsPerQuery: number;
}

export interface Reference {
  run(rounds: number): ReferenceRun;
  /** Removes the temporary folder. */
  remove(): void;
}

/** Why the reference cannot run here, or null. */
export function referenceMissing(): string | null {
  for (const path of [SOURCE, CHANNELS_2020, EDGES_2020, PAIRS_2020]) {
    if (sharedFile(path) === null) return `no shared file ${path}`;
  }
  return spawnSync('gcc', ['--version']).status === 0 ? null : 'no gcc';
}

/** Builds the reference and unpacks its graph. Only where `referenceMissing()` is null. */
export function buildReference(): Reference {
  const folder = mkdtempSync(join(tmpdir(), 'leyden-reference-'));
  const inFolder = (name: string): string => join(folder, name);
  const files = [CHANNELS_2020, EDGES_2020, PAIRS_2020].map((path, i) => {
    writeFileSync(inFolder(`${i}.csv`), sharedText(path));
    return inFolder(`${i}.csv`);
  });
  writeFileSync(inFolder('search.c'), sharedText(SOURCE));
  execFileSync('gcc', ['-O3', '-march=native', '-o', inFolder('search'), inFolder('search.c')]);
  return {
    run(rounds) {
      const ran = spawnSync(inFolder('search'), [...files, String(rounds)], { encoding: 'utf8', maxBuffer: 1 << 28 });
      const micros = /([\d.]+) us CPU per query/.exec(ran.stderr);
      if (ran.status !== 0 || micros === null) throw new Error(`the reference search failed: ${ran.stderr}`);
      const rows = ran.stdout.trimEnd().split('\n').slice(1);
      return { sentMsat: rows.map((row) => Number(row.split(',')[3])), microsPerQuery: Number(micros[1]) };
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
