/** Channels closed by agreement, in whole worlds: who pays, what a disconnection does to it, and what a rising market does. */
import { describe, expect, test } from 'vitest';
import { marksDuring } from '../../src/base/marks.ts';
import type { ScenarioInput } from '../../src/experiment/scenario.ts';
import { runSmall } from './smallWorld.ts';

const HALF_SAT = 2_500_000;

/** One channel of 5,000,000 sat, half on either side, that `node2` closes after 10 s; node1 opened it. */
const closing = (form: 'legacy' | 'simple', more: Partial<ScenarioInput> = {}): ScenarioInput => ({
  topology: { generate: 'line', nodes: 2 },
  channels: { liquidity: 'balanced', opener: 'node1', closing: form },
  traffic: { payments: 0 },
  settle: 'pending',
  latency: { median: '1s', sigma: 0 },
  closures: [{ channel: '#0', at: 10, kind: 'mutual', by: 'node2' }],
  ...more,
});

describe('closing by agreement', () => {
  test('costs the opener by closing_signed, and who closes by closing_complete', () => {
    const [legacy] = runSmall(closing('legacy')).world.closings;
    expect(legacy).toMatchObject({ kind: 'mutual', gotSat: [HALF_SAT - legacy!.feesSat, HALF_SAT] });
    const [simple] = runSmall(closing('simple')).world.closings;
    expect(simple).toMatchObject({ kind: 'mutual', gotSat: [HALF_SAT, HALF_SAT - simple!.feesSat] });
    for (const { feesSat } of [legacy!, simple!]) expect(feesSat).toBeGreaterThan(0);
  });

  test('begins again after a disconnection at any point, and closes all the same', () => {
    for (const form of ['legacy', 'simple'] as const) {
      // shutdown leaves at 11 s, and four or five messages of a second follow
      for (let at = 10.5; at < 17; at += 1) {
        for (const fault of [
          { kind: 'disconnect' as const, channel: '#0', at, for: 2 },
          { kind: 'crash' as const, node: '#0', at, for: 2 },
          { kind: 'crash' as const, node: '#1', at, for: 2 },
        ]) {
          const { summary, world } = runSmall(closing(form, { faults: [fault] }));
          const told = [form, fault, summary.channels.closed.mutual, summary.settled];
          expect(told).toEqual([form, fault, 1, true]);
          expect(world.closings[0]!.gotSat[0] + world.closings[0]!.gotSat[1]).toBe(
            2 * HALF_SAT - world.closings[0]!.feesSat,
          );
        }
      }
    }
  });

  test('waits until the updates of who closes are signed', () => {
    // payments both ways, slow messages: there is nearly always an update that no signature covers
    const { summary } = runSmall(
      closing('simple', {
        traffic: { payments: 100, rate: 10, amount: { medianSat: 1000, sigma: 0 } },
        closures: [{ channel: '#0', at: 5, kind: 'mutual', by: 'node2' }],
      }),
    );
    expect(summary.channels.closed).toMatchObject({ mutual: 1, unilateral: 0 });
  });

  test('a closer pays more while its transaction waits and the market rises', () => {
    const { result, marks } = marksDuring(() =>
      runSmall(
        closing('simple', {
          chain: {
            feeTarget: 2,
            demand: {
              load: 0.3,
              bid: { medianSatPerVbyte: 2, sigma: 0.2 },
              spikes: [{ at: 0, for: '1d', times: 20 }],
            },
          },
          closures: [{ channel: '#0', at: 60, kind: 'mutual', by: 'node2' }],
        }),
      ),
    );
    expect(marks.has('a mutual close that pays more while it waits')).toBe(true);
    expect(result.world.closings).toMatchObject([{ kind: 'mutual', transactions: 1 }]);
    expect(result.summary.settled).toBe(true);
  });
});
