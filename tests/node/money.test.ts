/**
 * Nobody who is online in time loses (BOLT 5): over random histories with random closings, an honest node ends with at
 * least what it was owed, and a cheated one with the whole channel.
 */
import { describe, expect, test } from 'vitest';
import { marksDuring } from '../../src/base/marks.ts';
import { endedWithSat, hasCheated, live, owedSat, wasCheated, wholeChannelSat, type Faults } from './histories.ts';

/** Sat: both anchors of each of two channels, and halves of a satoshi. */
const SMALL_CHANGE_SAT = 1350;
const HISTORIES = Number(process.env['HISTORIES'] ?? 60);

function holdsFor(seeds: number, nodes: 2 | 3, faults: Faults): ReadonlyMap<string, number> {
  return marksDuring(() => {
    for (let seed = 1; seed <= seeds; seed++) {
      const { lab, format, closing } = live(seed, nodes, faults);
      for (const { index } of lab.nodes) {
        if (hasCheated(lab, index)) continue;
        const about = { seed, index, format, closing };
        const short = owedSat(lab, index) - endedWithSat(lab, index);
        expect({ ...about, short, isShort: short > SMALL_CHANGE_SAT }).toEqual({ ...about, short, isShort: false });
        if (nodes === 3 || !wasCheated(lab, index)) continue;
        const missing = wholeChannelSat(lab, index) - endedWithSat(lab, index);
        expect({ ...about, missing, isMissing: missing > SMALL_CHANGE_SAT }).toEqual({
          ...about,
          missing,
          isMissing: false,
        });
      }
    }
  }).marks;
}

describe('over random closings an honest node ends with what it was owed', () => {
  test('with two nodes and a calm chain', () => {
    const marks = holdsFor(HISTORIES, 2, {});
    expect(marks.get('penalty planned')).toBeGreaterThan(5);
  });
  test('with three nodes', () => void holdsFor(HISTORIES, 3, {}));
  test('under a fee spike', () => {
    const marks = holdsFor(HISTORIES, 2, { spike: true });
    expect(marks.get('a claim replaced by one that pays more')).toBeGreaterThan(5);
    expect(marks.get('an HTLC transaction replaced')).toBeGreaterThan(5);
  });
  test('with three nodes under a fee spike', () => void holdsFor(HISTORIES, 3, { spike: true }));
  test('with reorganisations', () => void holdsFor(HISTORIES, 2, { reorganisations: true }));
  test('with restarts', () => void holdsFor(HISTORIES, 2, { restarts: true }));
  test('with everything at once', () => {
    holdsFor(HISTORIES, 2, { spike: true, reorganisations: true, restarts: true, absences: true });
  });
  test('with three nodes and everything at once', () => {
    holdsFor(HISTORIES, 3, { spike: true, reorganisations: true, restarts: true, absences: true });
  });
});
