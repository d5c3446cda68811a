import { describe, expect, test } from 'vitest';
import {
  CHANNELS_2020,
  EDGES_2020,
  NODES_2020,
  PAIRS_2020,
  readGraph2020,
  readPairs2020,
} from '../../bench/cloth2020.ts';
import { buildReference, referenceMissing } from '../../bench/reference2020.ts';
import { openView, sentMsat } from '../../bench/search.ts';
import { needsShared } from '../shared.ts';

describe('the mainnet graph of December 2020', () => {
  const withGraph = needsShared(CHANNELS_2020, EDGES_2020, NODES_2020, PAIRS_2020);

  withGraph('compiles to as many nodes and edges as the files list', () => {
    const graph = readGraph2020();
    expect([graph.nodeCount, graph.channelCount, graph.edgeCount]).toEqual([6006, 30_457, 60_914]);
    expect(readPairs2020()).toHaveLength(3000);
  });

  const missing = referenceMissing();
  const name = 'all 3,000 pairs send what the reference search in C sends';
  if (missing !== null) {
    test.skip(`${name} (skipped: ${missing})`, () => undefined);
  } else {
    test(name, { timeout: 60_000 }, () => {
      const reference = buildReference();
      try {
        expect(sentMsat(openView(readGraph2020()), readPairs2020())).toEqual(reference.run(1).sentMsat);
      } finally {
        reference.remove();
      }
    });
  }
});
