/** What sections of a scenario share: durations, counts, amounts, references to nodes and channels. */
import { z } from 'zod';
import { parseDurationSeconds } from '../../base/time.ts';

/** `90`, `"1.5h"`, `"20ms"`: seconds as a number, or a number with a unit. */
export const duration = z
  .union([z.number().nonnegative(), z.string()])
  .transform((value, context) => {
    const inSeconds = typeof value === 'number' ? value : parseDurationSeconds(value);
    if (inSeconds === null || inSeconds > 1e9) {
      context.addIssue({
        code: 'custom',
        message: 'a duration: seconds, or a number with ms, s, m, h or d (30 years at most)',
      });
      return z.NEVER;
    }
    return inSeconds;
  })
  .meta({ description: 'seconds, or a number with a unit: 20ms, 90s, 10m, 1.5h, 2d' });

export const count = (least: number, most: number): z.ZodNumber => z.number().int().min(least).max(most);
/** The most sat an amount may name: 90,000 BTC, for in msat it has to stay below 2^53. */
export const amountSat = (least: number): z.ZodNumber => count(least, 9_000_000_000_000);
/** A node: its public key, its name in a generated graph, or `#` and its index. */
export const reference = z.string().min(1).max(200);
/** A file that the scenario names. */
export const tableFile = z.string().min(1).max(4096).describe('relative to the scenario');
