/**
 * `landmark`: by way of well-connected nodes (Tsuchiya, The landmark hierarchy, SIGCOMM 1988; for payment channels:
 * Malavolta and others, SilentWhispers, NDSS 2017, and the baseline of Spider's evaluation).
 *
 * A payment goes from the payer to a landmark by the shortest way and on from there to the payee; circles are cut. One that may
 * be split is shared out over the landmarks by what their ways can carry.
 */
import { LiquidityBounds } from '../flow/liquidityBounds.ts';
import { amount, count } from '../options.ts';
import { balanceFailure } from '../ownChannels.ts';
import { type RouteOutcome, type RoutingStrategy, requestFailure } from '../strategy.ts';
import { strategyKind } from '../strategyKind.ts';
import { shortestWay, withoutCircles } from './forwardWays.ts';
import { landmarksOf } from './landmarks.ts';
import { type Allowed, firstThatFits, inOrder, sharedOut, type Sharing } from './sharedOut.ts';

const OPTIONS = {
  landmarks: count('nodes that payments go by', 3, 1, 50),
  keepSeconds: amount('what was learnt is forgotten after this time', 3600, 1, 1e12),
} as const;

export const landmark = strategyKind({
  summary: 'the shortest ways by well-connected nodes',
  source: 'Malavolta, Moreno-Sanchez, Kate and Maffei, SilentWhispers, NDSS 2017',
  options: OPTIONS,
  prepare:
    ({ landmarks, keepSeconds }) =>
    (): RoutingStrategy => {
      const bounds = new LiquidityBounds(keepSeconds);
      return {
        clientMaxParts: landmarks,
        findRoutes(request, view) {
          const fault = requestFailure(request, view.graph) ?? balanceFailure(request, view);
          if (fault !== null) return fault;
          const { graph } = view;
          const { source, target } = request;
          const roots = landmarksOf(graph, landmarks);
          const parts = Math.min(roots.length, request.maxParts);
          const ways = ({ allows, isUsable }: Allowed): number[][] => {
            const found = roots.map((root) => {
              const there = shortestWay(graph, source, root, isUsable);
              const on = there && shortestWay(graph, root, target, isUsable);
              return on && withoutCircles(graph, [...there, ...on]);
            });
            return found
              .filter((way): way is number[] => way !== null && way.every(allows))
              .slice(0, parts === 1 ? roots.length : parts);
          };
          const shareMsat = Math.ceil(request.amountMsat / parts);
          return sharedOut(request, view, bounds, shareMsat, ways, parts === 1 ? firstThatFits : byRoom);
        },
        learn: (outcome: RouteOutcome) => bounds.learn(outcome),
      };
    },
});

/** Shares in proportion to what the ways can carry; what rounding leaves, in order. */
const byRoom: Sharing = (roomMsat, amountMsat) => {
  const total = roomMsat.reduce((sum, room) => sum + room, 0);
  const share = Math.min(1, amountMsat / Math.max(1, total));
  const parts = roomMsat.map((room) => Math.floor(room * share));
  const left = amountMsat - parts.reduce((sum, part) => sum + part, 0);
  const more = inOrder(
    roomMsat.map((room, i) => room - parts[i]!),
    left,
  );
  return parts.map((part, i) => part + more[i]!);
};
