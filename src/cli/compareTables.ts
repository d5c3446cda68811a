/** `leyden graph A --compare B`: how far two graphs are apart, as two tables or one JSON object. */
import { printable } from '../base/errors.ts';
import { groupDigits } from '../base/units.ts';
import { DISTRIBUTIONS, distance, FACTS, graphProfile, medianOf, type GraphProfile } from '../graph/graphProfile.ts';
import { readGraphFile } from '../host/graphFile.ts';
import { checkOutFile, writeOutFile } from '../host/outFile.ts';
import { readTextInput } from '../host/readInput.ts';
import { statsProfile } from '../io/graphs/statsProfile.ts';
import { profilePicture } from '../io/profilePicture.ts';
import { alignColumns } from './textTable.ts';

export interface CompareOptions {
  readonly json?: boolean;
  /** where the curves are drawn */
  readonly svg?: string;
}

/**
 * @param a a graph's path, or `stats.json#entry`: published statistics
 * @throws UserError if one of the two can't be read, or the picture not written
 */
export function runCompare(a: string, b: string, options: CompareOptions = {}): string {
  const { svg } = options;
  if (svg !== undefined) checkOutFile('--svg', svg, [a, b]);
  const [profileA, profileB] = [profileOf(a), profileOf(b)];
  if (svg !== undefined) {
    const [ofA, ofB] = [{ name: a, profile: profileA }, { name: b, profile: profileB }]; // prettier-ignore
    writeOutFile('--svg', svg, [profilePicture(ofA, ofB)]);
  }
  const distributions = DISTRIBUTIONS.map((name) => {
    const [ofA, ofB] = [profileA.distributions[name], profileB.distributions[name]];
    return {
      name,
      distance: ofA && ofB && distance(ofA, ofB),
      medianA: ofA && medianOf(ofA),
      medianB: ofB && medianOf(ofB),
    };
  });
  const facts = FACTS.map((name) => ({ name, a: profileA.facts[name], b: profileB.facts[name] }));
  if (options.json) return JSON.stringify({ a, b, distributions, facts });
  const isBound = distributions.some((row) => row.distance?.isExact === false);
  return [
    `A: ${printable(a, 200)}`,
    `B: ${printable(b, 200)}`,
    '',
    alignColumns(
      [
        ['', 'distance', 'median A', 'median B', 'B - A'],
        ...distributions.map(({ name, distance: of, medianA, medianB }) => [
          name,
          of === null ? '-' : `${of.isExact ? '' : '≥ '}${of.value.toFixed(4)}`,
          ...pair(medianA, medianB),
        ]),
      ],
      ['left'],
    ),
    '',
    alignColumns([['', 'A', 'B', 'B - A'], ...facts.map((fact) => [fact.name, ...pair(fact.a, fact.b)])], ['left']),
    '',
    'distance: Kolmogorov and Smirnov’s, the largest difference of the two cumulative distributions, 0 to 1' +
      (isBound ? '; ≥ where B or A is known at some quantiles only' : ''),
    'over channels with at least one enabled direction, and their nodes; policies are those of enabled directions',
  ].join('\n');
}

function profileOf(source: string): GraphProfile {
  const [, file, entry] = /^(.+)#(\w+)$/.exec(source) ?? [];
  if (file !== undefined && entry !== undefined) return statsProfile(readTextInput(file), file, entry);
  return graphProfile(readGraphFile(source).graph);
}

/** Both values and their difference. */
function pair(a: number | null, b: number | null): string[] {
  const show = (value: number | null): string =>
    value === null || Number.isNaN(value)
      ? '-'
      : groupDigits(Number(value.toFixed(Math.abs(value) < 10 ? 4 : Math.abs(value) < 1000 ? 2 : 0)));
  return [show(a), show(b), show(a === null || b === null ? null : b - a)];
}
