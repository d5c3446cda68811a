/** What a scenario says about the channels that a generator makes: numbers and laws, in the generator's terms. */
import { PLAIN_POLICY, type ChannelTerms, type Term } from '../graph/generators/channelTerms.ts';
import { drawerOf } from '../sim/laws.ts';
import { plainLawOf } from './lawsOf.ts';
import type { Scenario } from './scenario.ts';

type Given = Scenario['topology'];
type PolicyTerm = keyof typeof PLAIN_POLICY | 'htlcMaximumMsat';

/**
 * @returns the terms, and the options that are the generator's own. The rest of a policy that is spoken of is plain; what is
 * not spoken of at all is left to the generator.
 */
export function generatedTerms(given: Omit<Given, 'file' | 'generate' | 'channels' | 'seed'>): {
  readonly terms: Partial<ChannelTerms>;
  readonly numbers: Readonly<Record<string, unknown>>;
} {
  const { capacitySat, feeBaseMsat, feeProportionalMillionths, cltvExpiryDelta, ...others } = given;
  const { htlcMinimumMsat, htlcMaximumMsat, ...numbers } = others;
  const policy: Record<PolicyTerm, Given[PolicyTerm]> = {
    feeBaseMsat,
    feeProportionalMillionths,
    cltvExpiryDelta,
    htlcMinimumMsat,
    htlcMaximumMsat,
  };
  const spoken = Object.entries(policy).flatMap(([name, term]) => (term === undefined ? [] : [[name, termOf(term)]]));
  const terms: Partial<ChannelTerms> = {
    ...(capacitySat !== undefined && { capacitySat: termOf(capacitySat) }),
    ...(spoken.length > 0 && { policy: { ...PLAIN_POLICY, ...Object.fromEntries(spoken) } }),
  };
  return { terms, numbers };
}

const termOf = (given: NonNullable<Given['capacitySat']>): Term =>
  typeof given === 'number' ? given : (rng) => drawerOf(plainLawOf(given), rng);
