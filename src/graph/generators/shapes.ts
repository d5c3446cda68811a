/** Topologies with a shape and no chance in them. */
import type { Pair } from './pairSet.ts';
import type { Topology } from './topology.ts';

/** 0 - 1 - 2 - … */
export function line(nodes: number): Topology {
  return { nodes, pairs: Array.from({ length: nodes - 1 }, (_, i): Pair => [i, i + 1]) };
}

/** A line whose ends meet; at least 3 nodes. */
export function ring(nodes: number): Topology {
  return { nodes, pairs: Array.from({ length: nodes }, (_, i): Pair => [i, (i + 1) % nodes]) };
}

/** Node 0 has a channel with every other node. */
export function star(nodes: number): Topology {
  return { nodes, pairs: Array.from({ length: nodes - 1 }, (_, i): Pair => [0, i + 1]) };
}

/** A hub, node 0, and a ring of the others, each of which has a channel with it; at least 4 nodes. */
export function wheel(nodes: number): Topology {
  const rim = ring(nodes - 1).pairs.map(([a, b]): Pair => [a + 1, b + 1]);
  return { nodes, pairs: [...star(nodes).pairs, ...rim] };
}

/** Hubs with a channel between every two, and so many nodes at each that have a channel with it alone; hubs come first. */
export function hubAndSpoke(hubs: number, spokesPerHub: number): Topology {
  const pairs: Pair[] = [];
  for (let b = 1; b < hubs; b++) for (let a = 0; a < b; a++) pairs.push([a, b]);
  for (let spoke = 0; spoke < hubs * spokesPerHub; spoke++)
    pairs.push([Math.floor(spoke / spokesPerHub), hubs + spoke]);
  return { nodes: hubs * (1 + spokesPerHub), pairs };
}

/** Rows of nodes, each with the neighbours beside and below it; node (row, column) is row × columns + column. */
export function grid(rows: number, columns: number): Topology {
  const pairs: Pair[] = [];
  for (let node = 0; node < rows * columns; node++) {
    if (node % columns < columns - 1) pairs.push([node, node + 1]);
    if (node + columns < rows * columns) pairs.push([node, node + columns]);
  }
  return { nodes: rows * columns, pairs };
}

/** Every node has `branches` nodes below it, `levels` deep under the root; node 0 is the root. */
export function tree(branches: number, levels: number): Topology {
  const nodes = treeNodes(branches, levels);
  return { nodes, pairs: Array.from({ length: nodes - 1 }, (_, i): Pair => [Math.floor(i / branches), i + 1]) };
}

/** 1 + branches + branches² + … */
export function treeNodes(branches: number, levels: number): number {
  let nodes = 1;
  for (let level = 0; level < levels; level++) nodes = 1 + branches * nodes;
  return nodes;
}
