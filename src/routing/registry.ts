/** The routing strategies by the name a scenario calls them: a new one is one file and one line here. */
import { describe, UserError } from '../base/errors.ts';
import { oneOf } from '../base/oneOf.ts';
import { Rng } from '../base/random.ts';
import { cheapestFee } from './cheapestFee.ts';
import { clnPay } from './cln/pay.ts';
import { clnXpay } from './cln/xpay.ts';
import { eclair } from './eclair/eclair.ts';
import { fewestHops } from './fewestHops.ts';
import { kShortest } from './kShortest.ts';
import { ldk } from './ldk/ldk.ts';
import { lnd } from './lnd/lnd.ts';
import type { OptionSource } from './options.ts';
import { pickhardt } from './pickhardt.ts';
import { flash } from './research/flash.ts';
import { landmark } from './research/landmark.ts';
import { speedymurmurs } from './research/speedymurmurs.ts';
import { spider } from './research/spider.ts';
import { singlePathOptions } from './singlePath.ts';
import type { RoutingStrategy } from './strategy.ts';
import { type StrategyKind, type StrategyMaker, strategyKind } from './strategyKind.ts';

export const strategyKinds: Readonly<Record<string, StrategyKind>> = {
  'cheapest-fee': strategyKind({
    summary: 'the least forwarding fees, of equal ones the fewest hops',
    source: 'exact on integer fees: A* from both sides (Hart, Nilsson and Raphael, 1968)',
    options: singlePathOptions,
    prepare:
      ({ retries }) =>
      () =>
        cheapestFee(retries),
  }),
  'fewest-hops': strategyKind({
    summary: 'the fewest hops, of equal ones the least fees',
    source: 'the same search with hops before fees',
    options: singlePathOptions,
    prepare:
      ({ retries }) =>
      () =>
        fewestHops(retries),
  }),
  'k-shortest': kShortest,
  lnd,
  ldk,
  eclair,
  'cln-pay': clnPay,
  'cln-xpay': clnXpay,
  pickhardt,
  spider,
  speedymurmurs,
  flash,
  landmark,
};

/**
 * What makes a payer's strategy of that name with those options.
 * @param source where the name (`strategy`) and the options beside it were written, for errors
 * @throws UserError for a name or an option that there isn't
 */
export function prepareStrategy(
  name: string,
  options: Readonly<Record<string, unknown>>,
  source: OptionSource,
): StrategyMaker {
  const kind = Object.hasOwn(strategyKinds, name) ? strategyKinds[name] : undefined;
  if (kind !== undefined) return kind.prepare(options, source);
  const path = source.path === '' ? 'strategy' : `${source.path}.strategy`;
  const expected = oneOf(Object.keys(strategyKinds), name);
  throw new UserError({ file: source.file, path, found: describe(name), expected });
}

/** One payer's strategy of each kind, with its defaults and a stream of no particular seed. */
export const routingStrategies: Readonly<Record<string, () => RoutingStrategy>> = Object.fromEntries(
  Object.keys(strategyKinds).map((name) => [
    name,
    () => prepareStrategy(name, {}, { file: name, path: '' })(Rng.fromSeed(name)),
  ]),
);
