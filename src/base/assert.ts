/** Claims the code relies on. A broken one is a defect of Leyden, never of its user: it throws and the run stops. */

/** A broken invariant. The world adds the seed and the event number that replay it. */
export class InvariantError extends Error {
  override readonly name: string = 'InvariantError';
}

/** @throws InvariantError with `claim` unless `holds` */
export function assert(holds: boolean, claim: string): asserts holds {
  if (!holds) throw new InvariantError(claim);
}

/** The value, which must be there. @throws InvariantError naming `what` if it is null or undefined */
export function present<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new InvariantError(`missing: ${what}`);
  return value;
}

/** For the default of a switch over every case by name. */
export function unreachable(value: never): never {
  throw new InvariantError(`unreachable case: ${String(value)}`);
}
