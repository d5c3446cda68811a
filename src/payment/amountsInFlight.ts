/** What one payer's HTLCs carry over each edge while they are on their way: part of what it knows when it asks for routes. */
import type { Route } from '../routing/route.ts';

export class AmountsInFlight {
  /** msat by edge; most nodes of a network never pay */
  #amounts: Map<number, number> | null = null;

  /** @returns msat */
  over(edge: number): number {
    return this.#amounts?.get(edge) ?? 0;
  }

  add({ edges, amountsMsat }: Route): void {
    const amounts = (this.#amounts ??= new Map());
    edges.forEach((edge, hop) => amounts.set(edge, this.over(edge) + amountsMsat[hop]!));
  }

  remove({ edges, amountsMsat }: Route): void {
    edges.forEach((edge, hop) => {
      const left = this.over(edge) - amountsMsat[hop]!;
      if (left === 0) this.#amounts?.delete(edge);
      else this.#amounts?.set(edge, left);
    });
    if (this.#amounts?.size === 0) this.#amounts = null;
  }
}
