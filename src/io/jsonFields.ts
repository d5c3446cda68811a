/** Reading parsed JSON field by field: each reader gives the value in its type, or one `UserError` that names the path. */
import { describe, UserError } from '../base/errors.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Which file is read; the readers below take the path as a function, made only when there is something to say. */
export class JsonFields {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** The field of an object, or undefined; inherited names such as `constructor` are not fields. */
  field(object: JsonObject, name: string): unknown {
    return Object.hasOwn(object, name) ? object[name] : undefined;
  }

  object(value: unknown, path: () => string): JsonObject {
    if (!isObject(value)) this.fail(value, path, 'an object');
    return value;
  }

  list(value: unknown, path: () => string): readonly unknown[] {
    if (!Array.isArray(value)) this.fail(value, path, 'a list');
    return value;
  }

  /** @param unitsMax most UTF-16 units */
  text(value: unknown, unitsMax: number, path: () => string): string {
    if (typeof value !== 'string' || value.length === 0) this.fail(value, path, 'text');
    if (value.length > unitsMax)
      this.#refuse(`text of ${value.length} characters`, path, `at most ${unitsMax} characters`);
    return value;
  }

  flag(value: unknown, path: () => string): boolean {
    if (typeof value !== 'boolean') this.fail(value, path, 'true or false');
    return value;
  }

  /**
   * A non-negative integer written as digits in quotes (how protobuf's JSON writes 64 bits) or as a JSON number. Past
   * 2^53 − 1 the answer is only sure to be past it.
   */
  natural(value: unknown, path: () => string): number {
    if (typeof value === 'string' && /^\d+$/.test(value)) return Number(value);
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
    return this.fail(value, path, 'a non-negative integer');
  }

  /** @throws UserError always */
  fail(value: unknown, path: () => string, expected: string): never {
    return this.#refuse(describe(value), path, expected);
  }

  #refuse(found: string, path: () => string, expected: string): never {
    throw new UserError({ file: this.#file, path: path(), found, expected });
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
