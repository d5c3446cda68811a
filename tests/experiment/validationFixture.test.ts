/** Validations as files: those that are shipped say what theory says, and one that says otherwise is a mistake. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { experimentsOf } from '../../src/experiment/validate/fixture.ts';
import { isAsPublished, published } from '../../src/experiment/validate/published.ts';
import { readValidationFile, validationFiles } from '../../src/host/validationFiles.ts';
import { parseValidation, validationSchemaText } from '../../src/io/validationText.ts';
import { change, changed, readsOrTells } from '../io/graphs/samples.ts';

describe('the validations that are shipped', () => {
  const shipped = validationFiles().map((path) => ({ file: basename(path), path, fixture: readValidationFile(path) }));

  test.each(shipped)('$file: closed forms give the published values', ({ file, path, fixture }) => {
    expect(readFileSync(path, 'utf8').split('\n')[0]).toBe('# yaml-language-server: $schema=../validation.schema.json');
    expect(experimentsOf(fixture, 'full', file).length).toBeGreaterThan(0);
    // rows that are not run are checked with the others
    experimentsOf(fixture, 'quick', file);
  });

  test('draw each from streams of their own, and take four times as much for half the error', () => {
    for (const size of ['full', 'quick'] as const) {
      const experiments = shipped.flatMap(({ file, fixture }) => experimentsOf(fixture, size, file));
      expect(new Set(experiments.map(({ key }) => key)).size).toBe(experiments.length);
      for (const { sizes, checks } of experiments)
        if (checks.some(({ isExact }) => isExact !== true)) expect(sizes[1]).toBe(4 * sizes[0]);
    }
  });

  test('have each kind of measurement in the quick run', () => {
    const quick = (measure: string) =>
      shipped
        .filter(({ fixture }) => fixture.measure === measure)
        .flatMap(({ file, fixture }) => experimentsOf(fixture, 'quick', file));
    for (const { fixture } of shipped) expect(quick(fixture.measure).length, fixture.measure).toBeGreaterThan(0);
  });

  test('have a schema beside them: else run `npx leyden schema validation > fixtures/validation.schema.json`', () => {
    const schema = readFileSync(new URL('../../fixtures/validation.schema.json', import.meta.url), 'utf8');
    expect(schema).toBe(validationSchemaText());
  });
});

describe('a published value', () => {
  // prettier-ignore
  test.each([
    ['0.0909', 0.0909, 0.00005], ['25.0', 25, 0.05], [25, 25, 0], ['16/45', 16 / 45, 0], ['-1.50', -1.5, 0.005],
  ])('%s is known to its digits', (written, value, rounding) => {
    const { value: read, rounding: half } = published.parse(written);
    expect([read, half]).toEqual([expect.closeTo(value, 15), expect.closeTo(rounding, 15)]);
  });

  test('may be off by half of its last digit, and an integer by nothing', () => {
    const printed = published.parse('0.0909');
    expect([0.09085, 0.09095].map((value) => isAsPublished(value, printed))).toEqual([true, true]);
    expect([0.090849, 0.090951].map((value) => isAsPublished(value, printed))).toEqual([false, false]);
    expect([25, 25.0001].map((value) => isAsPublished(value, published.parse(25)))).toEqual([true, false]);
  });

  test.each(['1e3', '.5', 'x', '1/0', 0.5, null])('is not written %s', (written) => {
    expect(published.safeParse(written).success).toBe(false);
  });
});

describe('a mistake in a validation is told with its place', () => {
  const text = `id: V1
suite: network
title: channel depletion
source: Feller
measure: depletion
scenario:
  topology: { generate: line, nodes: 2 }
  traffic: { rate: 10 }
rows:
  - { units: 10, chance: 0.5, expected: { P(failure): '0.090909' }, quick: 400 }
`;
  const messageOf = (from: string, to: string): string => {
    expect(text).toContain(from);
    try {
      experimentsOf(parseValidation(text.replace(from, to), 'v.yaml'), 'quick', 'v.yaml');
    } catch (error) {
      return error instanceof Error ? `${error.name}: ${error.message}` : '';
    }
    return 'nothing';
  };

  // prettier-ignore
  test.each([
    ['suite', 'suite', 'nothing'],
    ["'0.090909'", "'0.090919'", 'UserError: v.yaml: rows[0].expected["P(failure)"]: found 0.090919, expected 0.09090909090909091, which the closed form gives'],
    ['P(failure)', 'P(success)', 'UserError: v.yaml: rows[0].expected: found "P(success)", expected one of P(failure)'],
    ["'0.090909'", '0.090909', 'UserError: v.yaml: rows[0].expected.P(failure) (line 10, column 55): found 0.090909, expected an integer, or a string'],
    ['units: 10', 'units: 0', 'UserError: v.yaml: rows[0].units (line 10, column 14): found 0, expected at least 1'],
    ['units: 10', 'unit: 10', 'UserError: v.yaml: rows[0].units (line 10, column 5): found nothing, expected a number'],
    ['quick: 400', 'fast: 400', 'UserError: v.yaml: rows[0].fast (line 10, column 75): found an unknown key, expected one of units, chance, most, expected, full, quick'],
    ['measure: depletion', 'measure: depleted', 'UserError: v.yaml: measure (line 5, column 10): found "depleted", expected one of depletion, lifetime'],
    ['rate: 10', 'rate: -1', 'UserError: v.yaml: scenario.traffic.rate (line 8, column 20): found -1, expected at least 0.000001'],
    ['rows:', 'rows: [', 'UserError: v.yaml: line 10, column 3: found no valid YAML'],
  ])('%s → %s', (from, to, message) => {
    expect(messageOf(from, to)).toContain(message);
  });

  test('hundreds of damaged ones: a validation or one UserError of one line', () => {
    const outcomes = { validations: 0, errors: 0 };
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 2 }), (changes) => {
        const damaged = changes.reduce((before, each) => changed(before, each), utf8(text));
        const isRead = readsOrTells(() =>
          experimentsOf(parseValidation(Buffer.from(damaged).toString(), 'v.yaml'), 'quick', 'v.yaml'),
        );
        outcomes[isRead ? 'validations' : 'errors']++;
      }),
      { numRuns: 600 },
    );
    expect(outcomes.validations).toBeGreaterThan(20);
    expect(outcomes.errors).toBeGreaterThan(100);
  });
});
