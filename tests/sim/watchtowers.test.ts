/** Thefts while the victim is away: a watchtower punishes what it has a blob for, and nothing else. */
import { expect, test } from 'vitest';
import type { ScenarioInput } from '../../src/experiment/scenario.ts';
import type { RunSummary } from '../../src/experiment/summary.ts';
import { runSmall } from './smallWorld.ts';

//   node1 ── cheats while node2 is away, with HTLCs of both in the old commitment ── node2 ── hired a tower
const theft = (watchtowers: ScenarioInput['watchtowers']): ScenarioInput => ({
  seed: 5,
  topology: { generate: 'barabasi-albert', nodes: 20, channelsOpened: 2, capacitySat: 1_000_000 },
  traffic: { payments: 40 },
  closures: [
    {
      channel: '#0',
      at: '1m',
      kind: 'revoked-unpunished',
      pending: [
        { from: 'closer', count: 2, amountSat: 5000, outcome: 'claim' },
        { from: 'peer', amountSat: 5000, outcome: 'claim' },
      ],
    },
  ],
  ...(watchtowers ? { watchtowers } : {}),
});

const victim = (): string => {
  const { graph } = runSmall({ ...theft([]), closures: [], traffic: { payments: 0 }, settle: 'none' });
  return graph.nodeKeys[graph.edgeTo[0]!]!;
};

function outcome({ watchtowers, closings, conservation, settled }: RunSummary): unknown {
  const { kind, node1, node2 } = closings[0]!;
  expect([conservation.ok, settled]).toEqual([true, true]);
  return { kind, thief: Math.sign(node1.gainSat), victim: Math.sign(node2.gainSat), seen: watchtowers?.cheatsSeen };
}

test('a victim that is away loses to the thief without a tower, and gets everything with one', () => {
  expect(outcome(runSmall(theft([])).summary)).toMatchObject({ kind: 'revoked-unpunished', thief: 1, victim: -1 });
  const guarded = runSmall(theft([{ client: victim() }])).summary;
  expect(outcome(guarded)).toEqual({ kind: 'revoked-punished', thief: -1, victim: 1, seen: 1 });
  expect(guarded.watchtowers!.blobs).toBeGreaterThan(0);
});

test('a tower that the blobs did not reach sees nothing', () => {
  const { summary } = runSmall(theft([{ client: victim(), blobs: 0 }]));
  expect(outcome(summary)).toEqual({ kind: 'revoked-unpunished', thief: 1, victim: -1, seen: 0 });
});

test('with another node’s tower nothing changes but what the tower holds', () => {
  const { summary } = runSmall(theft([{ client: '#0' }]));
  expect(outcome(summary)).toMatchObject({ kind: 'revoked-unpunished', seen: 0 });
  expect(summary.digest).toBe(runSmall(theft([])).summary.digest);
});

test('a tower is refused for a node that there is not, and for fee rates that do not rise', () => {
  expect(() => runSmall(theft([{ client: '#20' }]))).toThrow(/watchtowers\[0\]\.client/);
  expect(() => runSmall(theft([{ client: '#1', feeratesSatPerVbyte: [5, 5] }]))).toThrow(/rising/);
});
