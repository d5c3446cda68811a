/** The table of `leyden validate`, or the same as one JSON object. */
import { groupDigits } from '../base/units.ts';
import { acceleratedSecp256k1 } from '../crypto/accelerated.ts';
import { useSecp256k1 } from '../crypto/secp256k1.ts';
import { chainExperiments, quickChainExperiments } from '../experiment/validate/chainExperiments.ts';
import { type CheckResult, type Experiment, validate } from '../experiment/validate/check.ts';
import { networkExperiments, quickNetworkExperiments } from '../experiment/validate/networkExperiments.ts';
import { alignColumns } from './textTable.ts';

export interface ValidateFlags {
  readonly quick?: boolean;
  readonly json?: boolean;
}

export type Suite = 'chain' | 'network';

const EXPERIMENTS: Readonly<
  Record<Suite, { readonly full: readonly Experiment[]; readonly quick: readonly Experiment[] }>
> = {
  chain: { full: chainExperiments, quick: quickChainExperiments },
  network: { full: networkExperiments, quick: quickNetworkExperiments },
};

/** Runs all experiments of those suites, saying on the error stream of a terminal which is at work. */
export async function runValidation(suites: readonly Suite[], { quick = false, json = false }: ValidateFlags) {
  const accelerated = await acceleratedSecp256k1();
  if (accelerated !== null) useSecp256k1(accelerated);
  const experiments = suites.flatMap((suite) => EXPERIMENTS[suite][quick ? 'quick' : 'full']);
  const results = experiments.flatMap((experiment, index) => {
    showProgress(`${index + 1} of ${experiments.length}: ${experiment.title}`);
    return validate(experiment);
  });
  showProgress('');
  const allHold = results.every(({ verdict }) => verdict === 'holds');
  const text = json ? JSON.stringify({ allHold, checks: results }, null, 2) : formatResults(experiments, results);
  return { text, allHold };
}

function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

export function formatResults(experiments: readonly Experiment[], results: readonly CheckResult[]): string {
  const rows = [['', 'figure', 'n', 'measured', 'expected', 'standard error', 'off by', 'verdict']];
  for (const result of results) {
    // what has no chance in it is measured once
    const estimates = result.sizes[0] === result.sizes[1] ? result.estimates.slice(0, 1) : result.estimates;
    for (const [at, { value, standardError }] of estimates.entries()) {
      const off = (value - result.expected) / standardError;
      rows.push([
        at === 0 ? result.experiment : '',
        at === 0 ? result.name : '',
        `${groupDigits(result.sizes[at]!)} ${result.unit}`,
        figure(value),
        figure(result.expected),
        standardError === 0 ? '-' : figure(standardError),
        Number.isFinite(off) ? `${off >= 0 ? '+' : '−'}${Math.abs(off).toFixed(1)} se` : '-',
        at === estimates.length - 1 ? result.verdict : '',
      ]);
    }
  }
  const floors = results.filter(({ floor, isExact }) => floor > 0 && isExact !== true);
  const misses = results.filter(({ verdict }) => verdict !== 'holds').length;
  const sources = new Map(experiments.map(({ id, source }) => [`${id}: ${source}`, id]));
  return [
    alignColumns(rows, ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'left']),
    '',
    ...floors.map(({ name, floor, because }) => `floor of ${figure(floor)}: ${name}: ${because ?? ''}`),
    ...[...sources.keys()].map((source) => `theory of ${source}`),
    misses === 0 ? `all ${results.length} hold` : `${misses} of ${results.length} miss`,
  ].join('\n');
}

/** Four digits that count. */
function figure(value: number): string {
  if (value === 0) return '0';
  const size = Math.floor(Math.log10(Math.abs(value)));
  return size < -5 ? value.toExponential(1) : value.toFixed(Math.min(7, Math.max(0, 3 - size)));
}
