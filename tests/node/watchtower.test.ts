/** Watchtowers: blobs that only the cheat itself unlocks, and justice for a client that never comes back. */
import { describe, expect, test } from 'vitest';
import { marksDuring } from '../../src/base/marks.ts';
import { Rng } from '../../src/base/random.ts';
import { txidOf, type Txid } from '../../src/chain/transaction.ts';
import { materialiseCommitment } from '../../src/channel/materialise.ts';
import { justiceKit, openBlob, sealKit } from '../../src/node/justiceBlob.ts';
import { FORMATS } from './histories.ts';
import { feesSat, walletSat } from './books.ts';
import { CAPACITY_SAT, COIN_SAT, COINS } from './foundation.ts';
import { Lab } from './harness.ts';
import { addTower } from './towers.ts';

const LADDER = [QUIET(1), QUIET(4), QUIET(16), QUIET(64)];
function QUIET(times: number): number {
  return 500 * times;
}
const START_SAT = COINS * COIN_SAT;

/** A channel with a revoked commitment of node 0, in which HTLCs of both sides are. @returns its number */
function withRevoked(lab: Lab): number {
  lab.pay([0], 100_000_000, 'hold-and-claim');
  lab.pay([1], 60_000_000, 'hold-and-claim');
  lab.deliverSome();
  const { localNumber } = lab.channel(0).end;
  lab.pay([0], 50_000_000, 'settle');
  lab.deliverSome();
  return localNumber;
}

describe('a blob', () => {
  test('comes back whole to who has the transaction that it is locked with, and to nobody else', () => {
    const lab = new Lab({ seed: 1, format: 'anchors_zero_fee_htlc_tx' });
    const number = withRevoked(lab);
    const material = lab.materials[0]!;
    const spec = lab.channel(1).end.history!.remote[number]!;
    const { script } = lab.nodes[1]!.wallet;
    const { txid, kit } = justiceKit(material, 0, 1, spec, script, LADDER);
    expect(txid).toBe(txidOf(materialiseCommitment(material, 0, spec).transaction));
    // to_local, to_remote and two HTLCs
    expect(kit.single).toHaveLength(4);
    expect(kit.together).toHaveLength(LADDER.length);
    const blob = sealKit(txid, kit);
    expect(blob.hint).toBe(txid.slice(0, 32));
    expect(openBlob(txid, blob)).toEqual(kit);
    const another = `${txid.slice(0, 63)}${txid.endsWith('0') ? '1' : '0'}` as Txid;
    expect(openBlob(another, blob)).toBeNull();
    const bent = blob.ciphertext.slice();
    bent[7]! ^= 1;
    expect(openBlob(txid, { ...blob, ciphertext: bent })).toBeNull();
  });
});

describe.each(FORMATS)('a tower, with a channel of format %s', (format) => {
  test('takes a cheated channel for a client that is away for good', () => {
    const lab = new Lab({ seed: 2, format });
    const tower = addTower(lab, 1, LADDER);
    const number = withRevoked(lab);
    expect(tower.blobCount).toBe(lab.channel(1).end.remoteNumber);
    lab.setOnline(1, false);
    lab.nodes[0]!.broadcastRevoked(0, number);
    lab.mine(40);
    const anchors = format === 'static_remotekey' ? 0 : 660;
    const [cheaterFees, ownFees] = feesSat(lab) as [number, number];
    expect(walletSat(lab, 1) - START_SAT).toBeGreaterThanOrEqual(CAPACITY_SAT - cheaterFees - ownFees - anchors);
    expect(tower.isBusy).toBe(false);
  });

  test('can do nothing about a commitment whose blob it never got', () => {
    const lab = new Lab({ seed: 3, format });
    const tower = addTower(lab, 1, LADDER, () => false);
    const number = withRevoked(lab);
    lab.setOnline(1, false);
    lab.nodes[0]!.broadcastRevoked(0, number);
    lab.mine(40);
    expect(tower.blobCount).toBe(0);
    expect(walletSat(lab, 1)).toBe(START_SAT);
    expect(walletSat(lab, 0) - START_SAT).toBeGreaterThan(390_000);
  });
});

describe('a tower', () => {
  test('climbs the fee rates that the client signed while a spike lasts', () => {
    const lab = new Lab({ seed: 4, format: 'anchors_zero_fee_htlc_tx', toSelfDelay: 20 });
    addTower(lab, 1, LADDER);
    // no HTLCs, so that the cheater has nothing to bid for before its delay is over
    const { localNumber: number } = lab.channel(0).end;
    lab.pay([0], 50_000_000, 'settle');
    lab.deliverSome();
    lab.setOnline(1, false);
    lab.nodes[0]!.broadcastRevoked(0, number);
    lab.mine();
    // above the second rate, below the third
    lab.weather.floorSatPerKvb = 4 * 5000;
    lab.mine(19);
    const penalties = lab.confirmed.filter(({ kind }) => kind === 'penalty');
    expect(penalties).toHaveLength(1);
    expect(walletSat(lab, 1) - START_SAT).toBeGreaterThan(CAPACITY_SAT - 30_000);
  });

  test('saves every client it has the blob for and no other, whatever it got, over reorganisations', () => {
    const { marks } = marksDuring(() => {
      for (let seed = 1; seed <= 30; seed++) {
        const rng = Rng.fromSeed(seed).stream('towers');
        const lab = new Lab({ seed, format: FORMATS[rng.below(4)]!, toSelfDelay: 16 });
        const kept = new Set<number>();
        const tower = addTower(lab, 1, LADDER, (blob) => {
          if (rng.below(2) === 0) kept.add(blob);
          return kept.has(blob);
        });
        for (let i = 0; i < 6; i++) {
          lab.pay([rng.below(2)], 20_000_000 + rng.below(30_000_000), rng.below(2) === 0 ? 'settle' : 'hold-and-claim');
          lab.deliverSome();
        }
        const number = rng.below(lab.channel(0).end.localNumber);
        lab.setOnline(1, false);
        lab.nodes[0]!.broadcastRevoked(0, number);
        for (let block = 0; block < 60; block++) {
          if (rng.below(8) === 0) lab.reorganise(1 + rng.below(2));
          else lab.mine();
        }
        // the cheater may have taken HTLCs by transactions of its own, whose outputs nobody signed for beforehand
        const gained = walletSat(lab, 1) - START_SAT;
        expect({ seed, saved: gained > 400_000 }).toEqual({ seed, saved: kept.has(number) });
        expect(tower.blobCount).toBe(kept.size);
      }
    });
    expect(marks.get('a watchtower saw a cheat')).toBeGreaterThan(7);
    expect(marks.get('a watchtower climbs at once')).toBeGreaterThan(0);
    expect(marks.get('a watchtower claims output by output')).toBeGreaterThan(0);
  });
});
