/** The scenario's `latency`: how long a message takes over one link. */
import { z } from 'zod';
import { delayLaws } from './laws.ts';
import { duration, tableFile } from './values.ts';

export const latency = z
  .discriminatedUnion('law', [
    z
      .strictObject({
        law: z.literal('lognormal').optional(),
        median: duration.default(0.05).describe('of one message over one link'),
        sigma: z.number().min(0).max(5).default(0.5).describe('standard deviation of the logarithm'),
      })
      .describe('drawn for each message'),
    ...delayLaws,
    z
      .strictObject({
        law: z.literal('links'),
        file: tableFile,
        otherwise: duration.default(0.05).describe('of links that the file lacks'),
      })
      .describe('by channel: CSV with the columns channel, latency (s)'),
    z
      .strictObject({
        law: z.literal('coordinates'),
        file: tableFile,
        base: duration.default(0.005).describe('of every link, for all but the distance'),
        kmPerSecond: z.number().min(1).max(299_792).default(200_000).describe('light in fibre'),
        detour: z.number().min(1).max(10).default(1.5).describe('length of the cable, in great circles'),
        otherwise: duration.default(0.05).describe('of links with an end that the file lacks'),
      })
      .describe('by the distance of both ends: CSV with the columns node, latitude, longitude (degrees)'),
  ])
  .describe('of messages; without law it is lognormal');
