/**
 * The files that a scenario names. Wherever a key `file` stands in a scenario it names a file, relative to the
 * scenario's own; so does a routing strategy of the user's own.
 */
import type { Scenario } from './scenario.ts';
import { isStrategyFile } from './strategyNames.ts';

export interface NamedFile {
  /** where the scenario names it: `chain.demand.file` */
  readonly path: string;
  readonly name: string;
}

/** In the order of the scenario. */
export function filesOf(scenario: Scenario): NamedFile[] {
  const files: NamedFile[] = [];
  renameFiles(scenario, (name, path) => {
    files.push({ path, name });
    return name;
  });
  return files;
}

/** Given a file's name and where it stands: the name to put there. */
type Rename = (name: string, path: string) => string;

/** A copy of the scenario with those names in place of its own. */
export function renameFiles(scenario: Scenario, rename: Rename): Scenario {
  const { routing, ...rest } = scenario;
  const { strategy, shares, nodes, options } = routing;
  const renamed = renameIn(rest, '', rename) as Omit<Scenario, 'routing'>;
  const named: Rename = (name, path) => (isStrategyFile(name) ? rename(name, path) : name);
  const keys = <T>(map: Readonly<Record<string, T>>, path: string): Record<string, T> =>
    Object.fromEntries(Object.entries(map).map(([name, each]) => [named(name, path), each]));
  const changed: Pick<Scenario['routing'], 'strategy' | 'shares' | 'nodes' | 'options'> = {
    strategy: named(strategy, 'routing.strategy'),
    shares: keys(shares, 'routing.shares'),
    nodes: Object.fromEntries(
      Object.entries(nodes).map(([node, name]) => [node, named(name, `routing.nodes.${node}`)]),
    ),
    options: keys(options, 'routing.options'),
  };
  return { ...renamed, routing: Object.assign({}, routing, changed) };
}

function renameIn(value: unknown, path: string, rename: Rename): unknown {
  if (Array.isArray(value)) return value.map((each, index) => renameIn(each, `${path}[${index}]`, rename));
  if (typeof value !== 'object' || value === null) return value;
  const renamed = Object.entries(value).map(([key, each]: [string, unknown]): [string, unknown] => {
    const at = path === '' ? key : `${path}.${key}`;
    return [key, key === 'file' && typeof each === 'string' ? rename(each, at) : renameIn(each, at, rename)];
  });
  return Object.fromEntries(renamed);
}
