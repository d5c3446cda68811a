/** The scenario's `traffic.endpoints`: who pays whom. */
import { z } from 'zod';
import { count, reference, tableFile } from './values.ts';

const share = z.number().min(0).max(1);

export const endpoints = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('uniform') }).describe('everybody pays everybody'),
    z.strictObject({ kind: z.literal('capacity') }).describe('a node pays and is paid as often as it has capacity'),
    z
      .strictObject({
        kind: z.literal('merchants'),
        share: share.default(0.1).describe('of the nodes that are merchants, drawn at random'),
        back: share.default(0).describe('of the payments that go from a merchant to a consumer'),
      })
      .describe('consumers pay merchants'),
    z
      .strictObject({ kind: z.literal('matrix'), file: tableFile })
      .describe('as often as a demand matrix says: CSV with the columns source, target, weight'),
    z
      .strictObject({
        kind: z.literal('pairs'),
        pairs: z
          .array(
            z
              .strictObject({
                from: reference,
                to: reference,
                weight: z.number().positive().max(1e12).default(1),
                via: z.array(reference).max(25).optional().describe('a fixed route: the nodes between, in order'),
              })
              .describe('one node pays another'),
          )
          .min(1)
          .max(100_000),
      })
      .describe('these pairs, as often as their weights'),
    z
      .strictObject({
        kind: z.literal('regions'),
        count: count(1, 100_000).optional().describe('of regions, grown around random nodes: 5; not with a file'),
        within: share
          .default(0.8)
          .describe('of the payments that stay within the region of their payer; one that is alone in it pays others'),
        file: tableFile
          .optional()
          .describe('CSV with the columns node, region; a node that it lacks is in a region of its own'),
      })
      .refine(({ count, file }) => count === undefined || file === undefined, {
        path: ['count'],
        message: 'no count beside a file, which says the regions',
      })
      .describe('payments stay within regions of the network'),
    z
      .strictObject({
        kind: z.literal('circulation'),
        share: share.default(1).describe('of the payments that are part of the circulation; 0: none'),
      })
      .describe('a circulation, each node paying the next of a cycle, and a rest without cycles (Spider)'),
  ])
  .describe('who pays whom');
