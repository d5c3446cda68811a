/** The limits of a payment as flags, the same for `leyden route` and `leyden bench routes`. */
import type { Command } from 'commander';
import { msat } from '../base/units.ts';
import type { QueryLimits } from '../experiment/routeQuery.ts';
import { amountFlag, integerFlag } from './flags.ts';

export interface LimitFlags {
  readonly maxFee?: string;
  readonly maxHops?: string;
  readonly maxBlocks?: string;
  readonly maxParts?: string;
}

/** Adds the flags to a command. @param says what each is where it is left out */
export function addLimitFlags(
  command: Command,
  says: { readonly fee: string; readonly hops: string; readonly blocks: string; readonly parts: string },
): Command {
  return command
    .option('--max-fee <sat|ppm>', `the most fees, in sat, or as a share of the amount: 5000ppm (${says.fee})`)
    .option('--max-hops <number>', `the most channels in a route (${says.hops})`)
    .option('--max-blocks <number>', `the most blocks that the payer's HTLC may be pending (${says.blocks})`)
    .option('--max-parts <number>', `the most routes to split the amount over (${says.parts})`);
}

/** The limits, those that were left out as `otherwise` has them. @throws UserError */
export function limitsFrom(flags: LimitFlags, otherwise: QueryLimits): QueryLimits {
  const { maxFee, maxHops, maxBlocks, maxParts } = flags;
  return {
    maxFee: maxFee === undefined ? otherwise.maxFee : feeLimit(maxFee),
    maxHops: maxHops === undefined ? otherwise.maxHops : integerFlag(maxHops, '--max-hops', 1, 63),
    maxCltvExpiryDelta:
      maxBlocks === undefined ? otherwise.maxCltvExpiryDelta : integerFlag(maxBlocks, '--max-blocks', 1, 2 ** 31 - 1),
    maxParts: maxParts === undefined ? otherwise.maxParts : integerFlag(maxParts, '--max-parts', 1, 1000),
  };
}

/** `120` or `0.5`: sat; `5000ppm`: millionths of the amount. */
function feeLimit(text: string): NonNullable<QueryLimits['maxFee']> {
  const share = /^(.*)ppm$/.exec(text)?.[1];
  if (share !== undefined) return { baseMsat: msat(0), millionths: integerFlag(share, '--max-fee', 0, 2 ** 32 - 1) };
  return { baseMsat: amountFlag(text, '--max-fee'), millionths: 0 };
}
