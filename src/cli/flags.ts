/** Numbers that were given on the command line, checked. */
import { UserError } from '../base/errors.ts';
import { msat, MSAT_PER_SAT, type Msat } from '../base/units.ts';

/** @param flag as the user wrote it, `--seed` @throws UserError unless it is an integer in that range */
export function integerFlag(text: string, flag: string, least = 0, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new UserError({ file: flag, found: JSON.stringify(text), expected: `an integer from ${least} to ${most}` });
}

/** An amount in sat with up to three decimals. @throws UserError if it is none */
export function amountFlag(text: string, flag: string): Msat {
  const [, whole = '', decimals = ''] = /^(\d+)(?:\.(\d{1,3}))?$/.exec(text) ?? [];
  const value = Number(whole) * MSAT_PER_SAT + Number(decimals.padEnd(3, '0'));
  if (whole !== '' && Number.isSafeInteger(value)) return msat(value);
  const expected = `sat, from 0 to ${Math.floor(Number.MAX_SAFE_INTEGER / MSAT_PER_SAT)}, with up to three decimals`;
  throw new UserError({ file: flag, found: JSON.stringify(text), expected });
}
