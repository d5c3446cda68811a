/** What is made once for each graph, and goes when the graph goes: scratch of searches, tables of what is fixed in it. */
import type { CompiledGraph } from '../graph/compiled.ts';

/** Remembers what `make` makes of a graph. */
export function perGraph<T extends object>(make: (graph: CompiledGraph) => T): (graph: CompiledGraph) => T {
  const made = new WeakMap<CompiledGraph, T>();
  return (graph) => {
    let thing = made.get(graph);
    if (thing === undefined) {
      thing = make(graph);
      made.set(graph, thing);
    }
    return thing;
  };
}
