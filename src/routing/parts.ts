/** The parts of a payment found so far, and what they leave for the next one. */
import { msat, type Msat } from '../base/units.ts';
import type { Route } from './route.ts';
import type { PayerView } from './strategy.ts';

export class Parts {
  readonly routes: Route[] = [];
  /** what the parts bring to the payee, msat */
  deliveredMsat = 0;
  feeMsat = 0;
  /** per edge of a part: what all parts together carry over it */
  readonly #carried = new Map<number, number>();

  add(route: Route): void {
    this.routes.push(route);
    this.feeMsat += route.feeMsat;
    this.deliveredMsat += route.amountsMsat.at(-1) ?? 0;
    route.edges.forEach((edge, hop) => this.#carried.set(edge, this.carriedMsat(edge) + route.amountsMsat[hop]!));
  }

  /** What the parts carry over an edge, msat. */
  carriedMsat(edge: number): number {
    return this.#carried.get(edge) ?? 0;
  }

  /** What is left of an amount or a limit, msat. */
  rest(of: Msat, taken: number): Msat {
    return msat(Math.max(0, of - taken));
  }

  /** The payer's view once these parts are on their way. */
  after(view: PayerView): PayerView {
    if (this.routes.length === 0) return view;
    return {
      ...view,
      spendableMsat: (edge) => Math.max(0, view.spendableMsat(edge) - this.carriedMsat(edge)),
      inFlightMsat: (edge) => view.inFlightMsat(edge) + this.carriedMsat(edge),
    };
  }
}
