/** An amount shared out over given ways: what a rule says for each, cut to what the ways can carry once fees are added. */
import type { FlowPath } from '../flow/flowPaths.ts';
import { EdgeFilter, fewerParts, fitted, mostDeliverableMsat } from '../flow/flowRoutes.ts';
import type { LiquidityBounds } from '../flow/liquidityBounds.ts';
import { boundedProbability } from '../flow/probability.ts';
import { sendableMsat } from '../ownChannels.ts';
import { Parts } from '../parts.ts';
import type { PayerView, RouteFailure, RouteRequest, RoutingStrategy } from '../strategy.ts';

/** How much of an amount each way gets. @param roomMsat per way: what it can bring to the payee beside what it brings already */
export type Sharing = (roomMsat: readonly number[], amountMsat: number) => number[];

/** Rounds of sharing what the cuts of the round before left over. */
const ROUNDS = 5;
/** Times that ways are looked for again without a channel that did not fit. */
const ATTEMPTS = 10;

/** What a payment may use, as far as the payer knows, for ways that each take a given amount. */
export interface Allowed {
  /** Whether a route may go over the edge. */
  readonly allows: (edge: number) => boolean;
  /** The same for what is looked for beyond the payee or back to the payer, and cut off again. */
  readonly isUsable: (edge: number) => boolean;
}

function allowedFor(filter: EdgeFilter, request: RouteRequest, view: PayerView, amountMsat: number): Allowed {
  const { graph } = view;
  const carries = (edge: number): boolean =>
    (filter.isOwn(edge) ? sendableMsat(view, edge) : graph.usableMsat(edge)) >= amountMsat &&
    graph.htlcMinimumMsat[edge]! <= request.amountMsat;
  return {
    allows: (edge) => filter.allows(edge) && carries(edge),
    isUsable: (edge) => filter.isUsable(edge) && carries(edge),
  };
}

/**
 * Finds ways and shares an amount out over them; ways that break a limit are looked for again without the channel at fault.
 * @param waysFor what ways there are, given what may be used
 */
export function sharedOut(
  request: RouteRequest,
  view: PayerView,
  bounds: LiquidityBounds,
  amountPerWayMsat: number,
  waysFor: (allowed: Allowed) => readonly (readonly number[])[],
  sharing: Sharing,
): ReturnType<RoutingStrategy['findRoutes']> {
  const filter = new EdgeFilter(request, view);
  const allowed = allowedFor(filter, request, view, amountPerWayMsat);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const ways = waysFor(allowed);
    if (ways.length === 0) break;
    const misfits: number[] = [];
    const parts = pour(ways, request, view, sharing, misfits);
    const fewer = parts.deliveredMsat < request.amountMsat ? null : fewerParts(parts, request, view);
    if (fewer !== null && fewer.feeMsat <= request.maxFeeMsat) {
      return fewer.routes.map((route) => ({ ...route, probability: boundedProbability(route, view, bounds) }));
    }
    if (misfits.length === 0) break;
    for (const edge of misfits) filter.ban(edge);
  }
  return { failure: 'no-route' } satisfies RouteFailure;
}

/** Shares an amount out until all is, or no way takes more. @param misfits gets the edges at which ways broke a limit */
function pour(
  ways: readonly (readonly number[])[],
  request: RouteRequest,
  view: PayerView,
  sharing: Sharing,
  misfits: number[],
): Parts {
  const parts = new Parts();
  for (let round = 0; round < ROUNDS && parts.deliveredMsat < request.amountMsat; round++) {
    const roomMsat = ways.map((edges) => mostDeliverableMsat(edges, view, (edge) => parts.carriedMsat(edge)));
    const amountMsat = request.amountMsat - parts.deliveredMsat;
    const shares = sharing(roomMsat, amountMsat);
    const paths: FlowPath[] = ways
      .map((arcs, i) => ({ arcs, units: Math.floor(shares[i] ?? 0) }))
      .filter(({ units }) => units > 0);
    const found = fitted(paths, 1, amountMsat, request, view, parts);
    misfits.push(...found.misfits);
    if (found.parts.routes.length === 0) break;
    for (const route of found.parts.routes) parts.add(route);
  }
  return parts;
}

/** All of it over the first way that has room for all. */
export const firstThatFits: Sharing = (roomMsat, amountMsat) => {
  const first = roomMsat.findIndex((room) => room >= amountMsat);
  return roomMsat.map((_, i) => (i === first ? amountMsat : 0));
};

/** Each way filled before the next. */
export const inOrder: Sharing = (roomMsat, amountMsat) => {
  let left = amountMsat;
  return roomMsat.map((room) => {
    const share = Math.min(room, left);
    left -= share;
    return share;
  });
};

/** Like water: the ways with the most room get so much that all have the same room left. */
export const waterfilling: Sharing = (roomMsat, amountMsat) => {
  const rooms = roomMsat.toSorted((a, b) => b - a);
  // the level that rooms above it are brought down to
  let level = 0;
  let above = 0;
  for (let ways = 1; ways <= rooms.length; ways++) {
    above += rooms[ways - 1]!;
    level = (above - amountMsat) / ways;
    if (level >= (rooms[ways] ?? 0)) break;
  }
  const floor = Math.max(0, Math.floor(level));
  const shares = roomMsat.map((room) => Math.max(0, room - floor));
  // rounding the level down shares out a few msat too many
  let surplus = shares.reduce((sum, share) => sum + share, 0) - amountMsat;
  return shares.map((share) => {
    const less = Math.min(Math.max(0, surplus), share);
    surplus -= less;
    return share - less;
  });
};
