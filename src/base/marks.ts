/**
 * Coverage marks: a rare path says that it was reached, and a test proves that something reaches it
 * (the idea is TigerBeetle's `src/testing/marks.zig`). Counting a mark costs one map look-up on a path that is rare.
 */

const counts = new Map<string, number>();

/** Says that the rare path of that name was taken. */
export function mark(name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** How often a mark was reached while `work` ran. */
export function marksDuring<T>(work: () => T): { result: T; marks: ReadonlyMap<string, number> } {
  const before = new Map(counts);
  const result = work();
  const marks = new Map<string, number>();
  for (const [name, count] of counts) {
    const gained = count - (before.get(name) ?? 0);
    if (gained > 0) marks.set(name, gained);
  }
  return { result, marks };
}
