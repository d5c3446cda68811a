/**
 * V7: a network that locks itself up. On A – C – B with ten units on each side A pays B once a second, C pays B twice and B
 * pays A twice. C's payments drain both of C's sides; when both are empty nobody can pay ever again, although all the
 * demand but C's goes round.
 */
import { batchMeans } from './batchMeans.ts';
import type { Scenario } from '../scenario.ts';
import { exactly } from './check.ts';
import { measurement } from './measurement.ts';
import { runTheory } from './theoryWorld.ts';

const SIDE = 10;
/** Payments a second. */
const RATES = { aToB: 1, cToB: 2, bToA: 2 };
const TOTAL = RATES.aToB + RATES.cToB + RATES.bToA;

/**
 * Payments until the last that succeeds, in expectation, and how many of them do: from x units on C's side towards B and y
 * towards A, B → A makes (x + 1, y − 1), A → B makes (x − 1, y + 1) and C → B makes (x − 1, y). Solved by iteration.
 */
export function untilDeadlock(): { tried: number; delivered: number } {
  // x + y falls with C → B alone, so both stay within their sum
  const size = 2 * SIDE + 1;
  const tried = new Float64Array(size * size);
  const delivered = new Float64Array(size * size);
  for (let round = 0; round < 20_000; round++) {
    for (let x = 0; x < size; x++) {
      for (let y = 0; x + y < size; y++) {
        if (x === 0 && y === 0) continue;
        const steps: [number, number][] = [];
        if (y > 0) steps.push([RATES.bToA, (x + 1) * size + y - 1]);
        if (x > 0) steps.push([RATES.aToB, (x - 1) * size + y + 1], [RATES.cToB, (x - 1) * size + y]);
        const rate = steps.reduce((sum, [each]) => sum + each, 0);
        const mean = (of: Float64Array): number => steps.reduce((sum, [each, to]) => sum + each * of[to]!, 0) / rate;
        tried[x * size + y] = TOTAL / rate + mean(tried);
        delivered[x * size + y] = 1 + mean(delivered);
      }
    }
  }
  return { tried: tried[SIDE * size + SIDE]!, delivered: delivered[SIDE * size + SIDE]! };
}

export const deadlock = measurement({
  name: 'deadlock',
  unit: 'networks',
  parameters: {},
  plan: (_, { scenario }) => {
    const { tried, delivered } = untilDeadlock();
    // far longer than any run takes to lock up: the mean is some sixty
    const payments = Math.ceil(6 * tried);
    return {
      label: '',
      figures: [
        { name: 'seconds until nothing moves', theory: tried / TOTAL },
        { name: 'payments delivered before', theory: delivered },
        { name: 'of these from C', theory: 2 * SIDE, isExact: true },
        { name: 'payments delivered in the last half', theory: 0, isExact: true },
      ],
      run: (size, rng) => {
        const runs = lockUp(scenario(), size, payments, rng.uint32());
        const fromC = new Set(runs.map((run) => run.fromC));
        return [
          batchMeans(runs.map((run) => run.tried / TOTAL)),
          batchMeans(runs.map((run) => run.delivered)),
          exactly(fromC.size === 1 ? [...fromC][0]! : NaN),
          exactly(runs.reduce((sum, run) => sum + run.late, 0)),
        ];
      },
    };
  },
});

interface LockedUp {
  /** payments up to the last that was delivered */
  tried: number;
  delivered: number;
  fromC: number;
  /** delivered in the second half of the run */
  late: number;
}

/** So many copies of the network in one world, which share nothing but its chain. @param payments for each, on average */
function lockUp(base: Scenario, copies: number, payments: number, seed: number): LockedUp[] {
  const names = Array.from({ length: copies }, (_, copy) => [`A${copy}`, `B${copy}`, `C${copy}`] as const);
  const { world, graph } = runTheory(
    base,
    names.flatMap(([A, B, C]) => [
      { between: [A, C], units: 2 * SIDE, firstHolds: SIDE },
      { between: [C, B], units: 2 * SIDE, firstHolds: SIDE },
    ]),
    {
      traffic: {
        payments: payments * copies,
        rate: TOTAL * copies,
        endpoints: {
          kind: 'pairs',
          pairs: names.flatMap(([A, B, C]) => [
            { from: A, to: B, weight: RATES.aToB, via: [C] },
            { from: C, to: B, weight: RATES.cToB, via: [] },
            { from: B, to: A, weight: RATES.bToA, via: [C] },
          ]),
        },
      },
    },
    seed,
  );
  const runs = names.map((): LockedUp => ({ tried: 0, delivered: 0, fromC: 0, late: 0 }));
  const seen = new Int32Array(copies);
  for (const { id, source, succeeded } of world.payments.toSorted((a, b) => a.id - b.id)) {
    const name = graph.nodeKeys[source]!;
    const copy = Number(name.slice(1));
    seen[copy]!++;
    if (!succeeded) continue;
    const run = runs[copy]!;
    run.tried = seen[copy]!;
    run.delivered++;
    if (name.startsWith('C')) run.fromC++;
    if (id >= (payments * copies) / 2) run.late++;
  }
  return runs;
}
