/** Every real sample in every format that is written: reading it back gives what was written. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect } from 'vitest';
import { present } from '../../../src/base/assert.ts';
import { readGraphFile } from '../../../src/host/graphFile.ts';
import { writeGraphFile, writtenFormats } from '../../../src/host/graphOutFile.ts';
import { contents } from '../../graph/arbitraries.ts';
import { needsShared, sharedFile } from '../../shared.ts';

/** Those of a few hundred channels. */
const SAMPLES = [
  'LN_10.json',
  'LN_50.json.gz',
  'LN_100.json.gz',
  'cln-gossip_store-part1.gz',
  'cln-gossip_store-part2.gz',
  'cln-gossip_store.mesh-3x3.gz',
  'cln-gossip_store.simple.gz',
  'lnd-basic_graph.json',
  'lnd-spec_example.json',
  'simln-jam-ln-ln_50-attacktime-sink.json.gz',
  'simln-jam-ln-ln_50-peacetime.json.gz',
  'simln-jam-ln-slow_jam-peacetime.json.gz',
  'tikhomirov-listchannels_abcd.json',
  'tikhomirov-listchannels_router_test.json',
  'tikhomirov-listchannels_test.json',
  'tikhomirov-listchannels_wheel.json',
  'tikhomirov-small-node-0263a6.json',
].map((name) => `data/small/${name}`);

describe('in every format', () => {
  const folder = mkdtempSync(join(tmpdir(), 'leyden-conversions-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  for (const [at, sample] of SAMPLES.entries()) {
    needsShared(sample)(`${sample} is read back as it was written`, () => {
      const { graph } = readGraphFile(present(sharedFile(sample), sample));
      for (const format of writtenFormats) {
        const path = join(folder, `${at}-${format}`);
        const written = writeGraphFile(graph, path, format).graph;
        const { graph: again, report } = readGraphFile(path);
        expect(report.format).toBe(format);
        expect(contents(again)).toEqual(contents(written));
      }
    });
  }
});
