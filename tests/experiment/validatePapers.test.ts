/** The two papers' measurements where no fixture has published values: their counts by hand, and what an attack leaves behind. */
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { present } from '../../src/base/assert.ts';
import { Rng } from '../../src/base/random.ts';
import type { Scenario } from '../../src/experiment/scenario.ts';
import { channelWeight, lateHtlcs } from '../../src/experiment/validate/papers/floodAndLoot.ts';
import { unjamming } from '../../src/experiment/validate/papers/unjamming.ts';
import { readValidationFile, validationFiles } from '../../src/host/validationFiles.ts';
import { acceleratedSecp256k1 } from '../../src/crypto/accelerated.ts';
import { useSecp256k1 } from '../../src/crypto/secp256k1.ts';
import { runSmall } from '../sim/smallWorld.ts';

const accelerated = await acceleratedSecp256k1();
if (accelerated) useSecp256k1(accelerated);

const scenarioOf = (name: string): Scenario => {
  const path = present(
    validationFiles().find((each) => basename(each) === `${name}.yaml`),
    'a fixture',
  );
  return present(readValidationFile(path).scenario, 'its scenario');
};
const publishes = (value: number) => () => ({ value, rounding: 0 });

describe('a flood', () => {
  test('is served up to so many channels, and from there on each HTLC too many is lost, up to all of them', () => {
    const late = (channels: number, blocks?: number): number =>
      lateHtlcs('static_remotekey', { channels, slots: 483, blockMaxWeight: 4_000_000 }, blocks);
    for (let channels = 1; channels <= 85; channels++) expect(late(channels)).toBe(0);
    for (let channels = 86; channels <= 100; channels++) {
      // the last of them that is in time, and the one after it
      const claimed = channels * 483 - late(channels);
      const weight = (htlcs: number): number => channels * (724 + 172 * 483) + htlcs * 703;
      expect(weight(claimed)).toBeLessThanOrEqual(36_000_000);
      expect(weight(claimed + 1)).toBeGreaterThan(36_000_000);
    }
    expect(late(100, 0)).toBe(48_300);
    expect(channelWeight('static_remotekey', 483)).toBe(724 + (172 + 703) * 483);
  });

  test('leaves the victim without what it paid to the target, and the attacker with both', () => {
    //  source ── victim ── target      25 HTLCs of 11,000 sat; miners who take no HTLC-success transaction until it is late
    const { summary, world } = runSmall({
      topology: {
        channels: [
          { node1: 'source', node2: 'victim', capacitySat: 10_000_000 },
          { node1: 'victim', node2: 'target', capacitySat: 10_000_000 },
        ],
      },
      channels: { format: 'static_remotekey', liquidity: 'opener', opener: 'node1' },
      chain: {
        blockInterval: '5m',
        feerateSatPerVbyte: 20,
        miners: [{ name: 'bribed', behaviour: { kind: 'censor', transactions: ['htlc-success'] } }],
      },
      latency: { law: 'constant', value: 0 },
      traffic: {
        payments: 25,
        arrivals: { kind: 'batches', size: 25 },
        amount: { law: 'constant', valueSat: 11_000 },
        endpoints: { kind: 'pairs', pairs: [{ from: 'source', to: 'target' }] },
        payee: { hold: { law: 'constant', value: '10m' } },
      },
      faults: [{ kind: 'unresponsive', node: 'source', at: '5m', for: '365d' }],
    });
    // the payer took all of it back, and yet the payee has it
    expect(summary.payments).toMatchObject({ sent: 25, succeeded: 0 });
    expect(world.transactions.filter(({ kind }) => kind === 'htlc-claim')).toHaveLength(25);
    const of = (channel: number) =>
      present(
        world.closings.find((closing) => closing.channel === channel),
        'a closing',
      );
    expect(of(0).owedMsat).toEqual([10_000_000_000, 0]);
    expect(of(1).owedMsat[1]).toBe(25 * 11_000_000);
    expect(of(1).gotSat[1]).toBe(25 * 11_000);
    expect(of(0).gotSat[1]).toBe(0);
  });
});

describe('a break-even fee', () => {
  test('is what a sum says where nothing fails', () => {
    const scenario = scenarioOf('unjamming');
    const row = { capacitySat: 1_000_000_000 };
    const amountSat = 40_000;
    const certain: Scenario = {
      ...scenario,
      faults: [],
      traffic: { ...scenario.traffic, amount: { law: 'constant', valueSat: amountSat } },
    };
    const plan = unjamming.plan(row, { scenario: () => certain, published: publishes(1) });
    const { value, standardError } = plan.run(320, Rng.fromSeed(1))[0]!;
    // sat: two forwarding nodes; of a jam that finds no slot the first of them keeps the fees of three hops
    const fee = (sat: number): number => 1 + 5e-6 * sat;
    const jamsPerSecond = ((483 * 2 + 3) * fee(354)) / 7;
    expect(value).toBeCloseTo((100 * 2 * fee(amountSat)) / (jamsPerSecond - 2 * fee(amountSat)), 3);
    expect(standardError).toBeCloseTo(0, 6);
  });
});
