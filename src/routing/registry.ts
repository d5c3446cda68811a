/** The routing strategies by the name a scenario calls them: a new one is one file and one line here. */
import { cheapestFee } from './cheapestFee.ts';
import { fewestHops } from './fewestHops.ts';
import type { RoutingStrategy } from './strategy.ts';

export const routingStrategies: Readonly<Record<string, () => RoutingStrategy>> = {
  'cheapest-fee': cheapestFee,
  'fewest-hops': fewestHops,
};
