/** Seeds of histories at which a claim broke once: the soak writes them, the tests live them again. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Kind } from './histories.ts';

export interface FailingSeed {
  readonly nodes: 2 | 3;
  readonly kind: Kind;
  readonly seed: number;
  /** that broke */
  readonly claim: string;
}

const FILE = new URL('failingSeeds.json', import.meta.url);

export const failingSeeds = (): readonly FailingSeed[] => JSON.parse(readFileSync(FILE, 'utf8')) as FailingSeed[];

export function keepFailingSeed(found: FailingSeed): void {
  const kept = failingSeeds();
  if (kept.some(({ nodes, kind, seed }) => nodes === found.nodes && kind === found.kind && seed === found.seed)) return;
  writeFileSync(FILE, `${JSON.stringify([...kept, found], null, 2)}\n`);
}
