/**
 * `npm run soak -- --minutes n [--seed s]`: random histories of two and three nodes, one seed after the other, for so long.
 * A seed at which a claim breaks is printed, and kept in `tests/node/failingSeeds.json`, from where the tests take it up.
 * A terminal shows how far it is; a pipe gets what broke and the last line.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { checkInTheEnd } from '../node/claims.ts';
import { keepFailingSeed } from '../node/failingSeeds.ts';
import { live, type Kind } from '../node/histories.ts';

const RUNS: readonly (readonly [2 | 3, Kind])[] = [
  [2, 'closing'],
  [3, 'closing'],
  [3, 'talk'],
];

/** The claim that a history breaks; null if all hold. */
function broken(seed: number, nodes: 2 | 3, kind: Kind): string | null {
  try {
    checkInTheEnd(live(seed, nodes, kind).lab);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function optionOf(text: string, name: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  console.error(`soak: --${name} ${JSON.stringify(text)}: expected a number`);
  process.exit(2);
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(randomInt(1, 2 ** 31)) },
  },
});
const until = performance.now() + optionOf(values.minutes, 'minutes') * 60_000;
const first = optionOf(values.seed, 'seed');
let [seed, failures] = [first, 0];
for (; performance.now() < until; seed++) {
  for (const [nodes, kind] of RUNS) {
    const claim = broken(seed, nodes, kind);
    if (claim === null) continue;
    failures++;
    keepFailingSeed({ nodes, kind, seed, claim });
    if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
    console.log(`seed ${seed}, ${nodes} nodes, ${kind}: ${claim}`);
  }
  if (process.stdout.isTTY)
    process.stdout.write(`\r\x1b[Kseed ${seed}, ${RUNS.length * (seed - first + 1)} histories, ${failures} broken`);
}
if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
console.log(`seeds ${first} to ${seed - 1}: ${RUNS.length * (seed - first)} histories, ${failures} broken`);
process.exitCode = failures > 0 ? 1 : 0;
