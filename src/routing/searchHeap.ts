/**
 * A 4-ary heap of nodes by cost over typed arrays: what a label-setting search takes its next node from.
 *
 * No decrease-key: a node that got cheaper is pushed again and its old entry is dropped when it comes up. Equal costs come
 * out in an order that the pushes determine, so the same search takes the same way on every machine.
 */
export class SearchHeap {
  size = 0;
  #costs = new Float64Array(1024);
  #nodes = new Int32Array(1024);

  /** The least cost; infinite when the heap is empty. */
  get topCost(): number {
    return this.size === 0 ? Infinity : this.#costs[0]!;
  }

  push(cost: number, node: number): void {
    if (this.size === this.#costs.length) this.#grow();
    const costs = this.#costs;
    const nodes = this.#nodes;
    let at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      const parentCost = costs[parent]!;
      if (parentCost <= cost) break;
      costs[at] = parentCost;
      nodes[at] = nodes[parent]!;
      at = parent;
    }
    costs[at] = cost;
    nodes[at] = node;
  }

  /** Takes the node of least cost, from a heap that is not empty. */
  pop(): number {
    const costs = this.#costs;
    const nodes = this.#nodes;
    const top = nodes[0]!;
    const size = --this.size;
    const cost = costs[size]!;
    const node = nodes[size]!;
    let at = 0;
    for (;;) {
      const first = 4 * at + 1;
      if (first >= size) break;
      let best = first;
      let bestCost = costs[first]!;
      const last = Math.min(first + 3, size - 1);
      for (let child = first + 1; child <= last; child++) {
        const childCost = costs[child]!;
        if (childCost >= bestCost) continue;
        best = child;
        bestCost = childCost;
      }
      if (bestCost >= cost) break;
      costs[at] = bestCost;
      nodes[at] = nodes[best]!;
      at = best;
    }
    costs[at] = cost;
    nodes[at] = node;
    return top;
  }

  #grow(): void {
    const [costs, nodes] = [this.#costs, this.#nodes];
    this.#costs = new Float64Array(2 * costs.length);
    this.#nodes = new Int32Array(2 * nodes.length);
    this.#costs.set(costs);
    this.#nodes.set(nodes);
  }
}
