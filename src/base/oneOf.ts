/** A choice among known names as an error tells it, the one that was probably meant first. */

/** Longer than any name: what is longer is no slip of the pen. */
const LONGEST = 60;
/** One slip in so many letters still is one. */
const LETTERS_A_SLIP = 3;

/**
 * `one of payments, rate, amount`; after `rte`, `"rate" perhaps, one of payments, rate, amount`.
 * @param known not empty @param given what stands in their place, if it is a text
 */
export function oneOf(known: readonly string[], given?: unknown): string {
  const near = typeof given === 'string' ? nearest(known, given) : null;
  return `${near === null ? '' : `${JSON.stringify(near)} perhaps, `}one of ${known.join(', ')}`;
}

/** The name with the fewest slips between it and what was given, or which it begins or ends; null if none is near. */
export function nearest(known: readonly string[], given: string): string | null {
  if (given === '' || given.length > LONGEST) return null;
  const text = given.toLowerCase();
  const most = Math.max(1, Math.floor(given.length / LETTERS_A_SLIP));
  let [best, least]: [string | null, number] = [null, most + 1];
  for (const name of known) {
    const slips = name.length > LONGEST ? LONGEST : slipsBetween(text, name.toLowerCase());
    if (slips < least) [best, least] = [name, slips];
  }
  if (best !== null) return best;
  const longer = known.filter((name) => {
    const lower = name.toLowerCase();
    return text.length >= LETTERS_A_SLIP && (lower.startsWith(text) || lower.endsWith(text));
  });
  return longer.length === 1 ? longer[0]! : null;
}

/** Letters added, left out, changed, or swapped with their neighbours (Damerau 1964, as optimal string alignment). */
function slipsBetween(a: string, b: string): number {
  let [twoBack, back]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = back[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? twoBack[j - 2]! + 1 : Infinity;
      row.push(Math.min(changed, back[j]! + 1, row[j - 1]! + 1, swapped));
    }
    [twoBack, back] = [back, row];
  }
  return back[b.length]!;
}
