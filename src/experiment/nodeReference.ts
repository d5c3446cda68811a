/** Nodes as people name them: by key, by the beginning of a key, by alias, or by `#` and the index in the graph. */
import { describe, printable, UserError } from '../base/errors.ts';

/** How many of several candidates an error lists. */
const LISTED = 3;

/** The nodes of a graph by index, and what they call themselves. */
export interface NodeNames {
  readonly nodeKeys: readonly string[];
  readonly nodeIndex: ReadonlyMap<string, number>;
  readonly aliases: readonly string[];
}

/** The index in `#12`; null if the text is no such thing, or there are not so many. */
export function hashIndex(reference: string, bound: number): number | null {
  const match = /^#(\d{1,9})$/.exec(reference);
  return match && Number(match[1]) < bound ? Number(match[1]) : null;
}

/**
 * The one node that a reference means: a whole key first, then an index, an alias, an alias in other case, the beginning
 * of a key.
 * @param file what the reference was given as, for errors: `SOURCE`, or a file @param path and where in it
 * @throws UserError if it means no node, or several
 */
export function nodeOf(names: NodeNames, reference: string, file: string, path = ''): number {
  const { nodeKeys, nodeIndex, aliases } = names;
  const known = nodeIndex.get(reference) ?? hashIndex(reference, nodeKeys.length);
  if (known !== null) return known;
  const where = (holds: (node: number) => boolean): number[] => nodeKeys.map((_, node) => node).filter(holds);
  const lower = reference.toLowerCase();
  const ways: readonly (readonly [string, (node: number) => boolean])[] = [
    ['the alias', (node) => aliases[node] === reference],
    ['the alias', (node) => aliases[node]!.toLowerCase() === lower],
    ['the beginning of the keys', (node) => nodeKeys[node]!.startsWith(reference)],
  ];
  const expected = `a node's key, the beginning of one, an alias that one node alone has, or #0 … #${nodeKeys.length - 1}`;
  const refuse = (found: string): never => {
    throw new UserError({ file, path, found: `${describe(reference)}${found}`, expected });
  };
  if (reference === '') refuse('');
  for (const [what, holds] of ways) {
    const nodes = where(holds);
    if (nodes.length === 1) return nodes[0]!;
    const keys = (): string => listed(nodes.map((node) => printable(nodeKeys[node]!, 20)));
    if (nodes.length > 1) refuse(`, ${what} of ${nodes.length} nodes (${keys()})`);
  }
  const close = where((node) => aliases[node]!.toLowerCase().includes(lower)).map((node) => aliases[node]!);
  return refuse(close.length === 0 ? '' : `, which is part of ${listed(close.map((alias) => describe(alias)))}`);
}

const listed = (texts: readonly string[]): string =>
  `${texts.slice(0, LISTED).join(', ')}${texts.length > LISTED ? ', …' : ''}`;
