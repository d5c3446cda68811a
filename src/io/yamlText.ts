/**
 * Reads a document that a schema describes, YAML or JSON (which YAML 1.2 includes), and turns the first thing wrong with it
 * into one error: the file, the path, line and column in it, what was found, what was expected.
 */
import { Lexer, LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { describe, UserError } from '../base/errors.ts';
import { oneOf } from '../base/oneOf.ts';

/** No scenario needs more; a dump given by mistake is told apart at once. */
const LARGEST_TEXT = 5_000_000;
/** Brackets inside each other; the schemas need five. */
const DEEPEST_NESTING = 100;
/** Aliases of a whole text, and what they may come to in all. */
const MOST_ALIASES = 100;
/** What the lexer says before the text of a scalar. */
const SCALAR = '\u001f';

/** A kind of document. */
export interface DocumentKind<T> {
  /** as errors call it: `scenario` */
  readonly noun: string;
  readonly schema: z.ZodType<T>;
  /** the same as JSON Schema, for what it knows of keys */
  readonly jsonSchema: () => SchemaNode;
}

/** Where a path stands in a text, if there is one. */
export type PositionAt = (path: readonly PropertyKey[]) => Position | null;

/** A document's value as its author wrote it, and where in the text its parts stand. @throws UserError */
export function readYaml(text: string, file: string, noun: string): { written: unknown; positionAt: PositionAt } {
  refuseHostile(text, file, noun);
  const lines = new LineCounter();
  const document = readDocument(text, file, noun, lines);
  try {
    const written: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
    return { written, positionAt: (path) => positionOf(document, lines, path) };
  } catch (error) {
    throw new UserError({ file, found: firstLine(error), expected: `a ${noun} with ${MOST_ALIASES} aliases at most` });
  }
}

/**
 * Checks a value against its schema.
 * @param within the path at which it stands in the document
 * @throws UserError
 */
export function checkDocument<T>(
  { noun, schema, jsonSchema }: DocumentKind<T>,
  value: unknown,
  file: string,
  positionAt: PositionAt = () => null,
  within: readonly PropertyKey[] = [],
): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, found, expected } = explain(result.error.issues[0]!, value, jsonSchema);
  throw mistakeAt(file, [...within, ...path], positionAt, { noun, found, expected });
}

/** What is wrong at a path of a document. */
export function mistakeAt(
  file: string,
  path: readonly PropertyKey[],
  positionAt: PositionAt,
  { noun, found, expected }: { readonly noun: string; readonly found: string; readonly expected: string },
): UserError {
  const where = `${formatPath(path) || `the ${noun}`}${inWords(positionAt(path))}`;
  return new UserError({ file, path: where, found, expected });
}

/** ` (line 3, column 7)` */
export const inWords = (at: Position | null): string => (at === null ? '' : ` (line ${at.line}, column ${at.col})`);

/** The parts of a path as errors and options write it: `closures[2].pending[0].amountSat`. */
export const pathParts = (path: string): string[] => path.replaceAll(/\[(\d+)\]/g, '.$1').split('.');

/** Where something stands in a text, both from 1. */
interface Position {
  readonly line: number;
  readonly col: number;
}

function refuseHostile(text: string, file: string, noun: string): void {
  if (text.length > LARGEST_TEXT) {
    const found = `${text.length} characters`;
    throw new UserError({ file, found, expected: `a ${noun} of at most ${LARGEST_TEXT} characters` });
  }
  refuseAliases(text, file, noun);
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === 0x5b || char === 0x7b) depth++;
    else if (char === 0x5d || char === 0x7d) depth--;
    if (depth > DEEPEST_NESTING) {
      const line = text.slice(0, i).split('\n').length;
      const found = `more than ${DEEPEST_NESTING} brackets inside each other`;
      throw new UserError({ file, path: `line ${line}`, found, expected: `a ${noun} (YAML or JSON)` });
    }
  }
}

/** Before a parser makes something of each of a million. */
function refuseAliases(text: string, file: string, noun: string): void {
  if (!text.includes('*')) return;
  let aliases = 0;
  let before = '';
  for (const token of new Lexer().lex(text)) {
    if (token.startsWith('*') && before !== SCALAR) aliases++;
    if (aliases > MOST_ALIASES) {
      const expected = `a ${noun} with ${MOST_ALIASES} aliases at most`;
      throw new UserError({ file, found: `more than ${MOST_ALIASES} aliases`, expected });
    }
    before = token;
  }
}

function readDocument(text: string, file: string, noun: string, lineCounter: LineCounter): Document {
  let document: Document;
  try {
    document = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: true });
  } catch (error) {
    // the parser recurses: block lists nested without end exhaust the stack
    throw new UserError({ file, found: firstLine(error), expected: `a ${noun} (YAML or JSON)` });
  }
  // a warning is a mistake, too: a tag or version that nobody knows
  const error = document.errors[0] ?? document.warnings[0];
  if (error) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    const path = `line ${line}, column ${col}`;
    throw new UserError({ file, path, found: `no valid YAML: ${firstLine(error)}`, expected: 'YAML or JSON' });
  }
  return document;
}

/** What the parser says, where it speaks of the text and not of itself. */
function firstLine(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  if (line.includes('call stack')) return 'lists or maps too deep inside each other';
  return line.startsWith('Source contains multiple documents') ? 'a second document' : line;
}

/** Where the value of a path begins, or of the nearest that there is above it; an unknown key's own value, too. */
function positionOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): Position | null {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) {
      const start: unknown = node.range[0];
      if (typeof start === 'number') return lines.linePos(start);
    }
  }
  return null;
}

/** `closures[2].pending[0].amountSat` */
function formatPath(path: readonly PropertyKey[]): string {
  let out = '';
  for (const part of path) out += typeof part === 'number' ? `[${part}]` : `${out === '' ? '' : '.'}${String(part)}`;
  return out;
}

interface Explanation {
  readonly path: readonly PropertyKey[];
  readonly found: string;
  readonly expected: string;
}

function explain(issue: z.core.$ZodIssue, root: unknown, jsonSchema: () => SchemaNode): Explanation {
  const { path } = issue;
  const found = describe(valueAt(root, path));
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = keysAt(path, root, jsonSchema());
      const [key = ''] = issue.keys;
      const expected = known.length > 0 ? oneOf(known, key) : 'no such key';
      return { path: [...path, key], found: 'an unknown key', expected };
    }
    case 'invalid_type':
      return { path, found, expected: article(issue.expected) };
    case 'invalid_value':
      return { path, found, expected: oneOf(issue.values.map(String), valueAt(root, path)) };
    case 'too_small':
      return {
        path,
        found,
        expected: `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unit(issue.origin)}`,
      };
    case 'too_big':
      return {
        path,
        found,
        expected: `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${unit(issue.origin)}`,
      };
    case 'invalid_union': {
      if (issue.discriminator !== undefined)
        return { path, found, expected: oneOf(kindsOf(issue), valueAt(root, path)) };
      // what it is meant to be: the branch with the fewest complaints of those that are about something within
      const within = issue.errors.filter(([inner]) => inner && isWithin(inner)).toSorted((a, b) => a.length - b.length);
      const inner = within[0]?.[0];
      if (inner) return explain({ ...inner, path: [...path, ...inner.path] }, root, jsonSchema);
      const branches = issue.errors.map(([inner]) =>
        inner ? explain({ ...inner, path }, root, jsonSchema).expected : '',
      );
      const kinds = kindsAt(path, root, jsonSchema());
      const named = branches.map((each) =>
        each === MAP && kinds.length > 0 ? `${MAP} (kind: ${kinds.join(', ')})` : each,
      );
      return { path, found, expected: [...new Set(named)].join(', or ') };
    }
    default:
      return { path, found, expected: issue.message };
  }
}

/** Whether the value is of the right type, and something in it is wrong. */
const isWithin = (issue: z.core.$ZodIssue): boolean => issue.path.length > 0 || issue.code === 'unrecognized_keys';

/** zod lists them in its message: `Expected 'a' | 'b'`. */
const kindsOf = (issue: { readonly message: string }): string[] =>
  [...issue.message.matchAll(/'([^']+)'/g)].map(([, kind = '']) => kind).filter((kind) => kind !== 'undefined');

const unit = (origin: string): string => (origin === 'string' ? ' characters' : origin === 'array' ? ' entries' : '');

const article = (type: string): string =>
  ({ int: 'an integer', object: MAP, array: 'a list', record: MAP })[type] ?? `a ${type}`;

const MAP = 'a map of keys';

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}

type SchemaNode = z.core.JSONSchema.BaseSchema;
/** Schemas that stand once and are referred to by name. */
type Named = SchemaNode['$defs'];

/** The keys that the schema knows at a path. */
const keysAt = (path: readonly PropertyKey[], root: unknown, schema: SchemaNode): string[] =>
  Object.keys(choose(nodeAt(path, root, schema), valueAt(root, path), schema.$defs)?.properties ?? {});

/** The kinds that a map at a path may be of, where that is what tells its branches apart. */
const kindsAt = (path: readonly PropertyKey[], root: unknown, schema: SchemaNode): string[] =>
  branchesOf(nodeAt(path, root, schema), schema.$defs).flatMap(({ properties = {} }) => {
    const kind = constantOf(properties['kind']);
    return typeof kind === 'string' ? [kind] : [];
  });

/** What the schema says of a path, its branches not yet chosen among. */
function nodeAt(path: readonly PropertyKey[], root: unknown, schema: SchemaNode): SchemaNode | undefined {
  let node: SchemaNode | undefined = schema;
  const walked: PropertyKey[] = [];
  for (const part of path) {
    node = child(choose(node, valueAt(root, walked), schema.$defs), part);
    walked.push(part);
  }
  return node;
}

function child(node: SchemaNode | undefined, part: PropertyKey): SchemaNode | undefined {
  const next = typeof part === 'number' ? node?.items : node?.properties?.[String(part)];
  return typeof next === 'object' && !Array.isArray(next) ? next : undefined;
}

/** Keys by which branches of a union are told apart. */
const TAGS = ['law', 'kind', 'measure'];

/** Of a union's branches the one whose tag the value has; where the tag may be left out, it is `lognormal`. */
function choose(node: SchemaNode | undefined, value: unknown, named: Named): SchemaNode | undefined {
  return (
    branchesOf(node, named).find(({ properties }) => {
      if (properties === undefined) return false; // a number, or a union, whose branches come after it
      const tag = TAGS.find((each) => each in properties) ?? '';
      const given = valueAt(value, [tag]) ?? (tag === 'law' ? 'lognormal' : undefined);
      return constantOf(properties[tag]) === given;
    }) ?? node
  );
}

/** The branches of a union, those of unions in it among them. */
function branchesOf(node: SchemaNode | undefined, named: Named): SchemaNode[] {
  return (node?.oneOf ?? node?.anyOf ?? []).flatMap((branch) => {
    const own = typeof branch === 'object' ? (named?.[branch.$ref?.replace('#/$defs/', '') ?? ''] ?? branch) : null;
    return typeof own === 'object' && own !== null ? [own, ...branchesOf(own, named)] : [];
  });
}

const constantOf = (schema: unknown): unknown =>
  typeof schema === 'object' && schema !== null && 'const' in schema ? schema.const : undefined;
