/** Results on disk, whole or not at all: written beside their place, then moved there in one step. */
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from '../base/errors.ts';
import { formatScenario } from '../io/scenarioText.ts';
import { chainCsv, paymentsCsv } from '../io/resultTables.ts';
import type { Simulation } from './simulate.ts';

/** Before the run: whether the directory may be made. @throws UserError if it is there already, or can't be */
export function checkOutDirectory(directory: string): void {
  const full = resolve(directory);
  if (existsSync(full)) {
    const isEmptyDirectory = statSync(full).isDirectory() && readdirSync(full).length === 0;
    if (isEmptyDirectory) return;
    throw new UserError({
      file: '--out',
      found: `${directory}, which is there already`,
      expected: 'a new or empty directory',
    });
  }
  let parent = dirname(full);
  while (!existsSync(parent)) parent = dirname(parent);
  if (!statSync(parent).isDirectory()) {
    throw new UserError({ file: '--out', found: `${directory}, inside a file`, expected: 'a new or empty directory' });
  }
}

/** Writes `summary.json`, `payments.csv`, `chain.csv` and `scenario.yaml` to a new directory. */
export function writeResults(directory: string, simulation: Simulation): void {
  const full = resolve(directory);
  try {
    mkdirSync(dirname(full), { recursive: true });
    const draft = mkdtempSync(join(dirname(full), `.${basename(full)}-`));
    try {
      const { world, graph } = simulation.run;
      writeFileSync(join(draft, 'summary.json'), `${JSON.stringify(simulation.summary, null, 2)}\n`);
      writeFileSync(join(draft, 'scenario.yaml'), formatScenario(simulation.scenario));
      writeLines(join(draft, 'payments.csv'), paymentsCsv(world, graph));
      writeLines(join(draft, 'chain.csv'), chainCsv(world, graph));
      // an empty directory gives way to a rename, any other does not
      renameSync(draft, full);
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      throw error;
    }
  } catch (error) {
    const found = `${directory}: ${error instanceof Error ? error.message : String(error)}`;
    throw new UserError({ file: '--out', found, expected: 'a directory that can be written' });
  }
}

/** How much text is gathered before it is written. */
const CHUNK = 1 << 16;

function writeLines(path: string, lines: Iterable<string>): void {
  const descriptor = openSync(path, 'w');
  try {
    let chunk = '';
    for (const line of lines) {
      chunk += line;
      if (chunk.length < CHUNK) continue;
      writeSync(descriptor, chunk);
      chunk = '';
    }
    writeSync(descriptor, chunk);
  } finally {
    closeSync(descriptor);
  }
}
