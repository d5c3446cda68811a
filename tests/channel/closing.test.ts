/** Both closing negotiations, with real signatures on a real chain. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { present } from '../../src/base/assert.ts';
import { msat, msatToSat, sat } from '../../src/base/units.ts';
import { dustLimitSat, nullData, p2wpkh, p2wsh } from '../../src/chain/script.ts';
import { type Transaction, txidOf, vsizeOf } from '../../src/chain/transaction.ts';
import {
  beginClosing,
  receiveClosingSigned,
  type ClosingChannel,
  type ClosingNegotiation,
  type ClosingSigned,
  type ClosingWish,
} from '../../src/channel/closingNegotiation.ts';
import { eagerClosingSigner, ledgerClosingSigner, type ClosingSigner } from '../../src/channel/closingSigner.ts';
import type { FundingOutput } from '../../src/channel/fundingSpend.ts';
import { fundingOf, type ChannelMaterial } from '../../src/channel/materialise.ts';
import {
  offerClosing,
  receiveClosingComplete,
  receiveClosingSig,
  reconnectClosing,
  type ClosingComplete,
  type ClosingOffer,
  type ClosingSig,
  type SimpleClose,
} from '../../src/channel/simpleClose.ts';
import { fundedWorld, type World } from '../chain/wallet.ts';
import { fundChannel, mustAccept } from './onChain.ts';

const CAPACITY = 100_000;
const WORLD_CHANNELS = 120;
const SCRIPTS = [p2wpkh(new Uint8Array(33).fill(2)), p2wsh(Uint8Array.of(0x51))] as const;
const FEATURES = { anySegwit: true, simpleClose: true };

let world: World | null = null;
let used = 0;
/** A channel of its own on one chain that all tests here share. */
function freshChannel(): { world: World; material: ChannelMaterial } {
  world ??= fundedWorld(WORLD_CHANNELS);
  const material = fundChannel(world, present(world.coins[used++], 'a coin'), 'anchors_zero_fee_htlc_tx', CAPACITY);
  return { world, material };
}

/** One end's own key first. */
function eagerSigner(material: ChannelMaterial, side: 0 | 1): ClosingSigner {
  const { outPoint, valueSat, keys } = fundingOf(material);
  const own: FundingOutput = side === 0 ? fundingOf(material) : { outPoint, valueSat, keys: [keys[1], keys[0]] };
  return eagerClosingSigner(own, material.secrets[side].funding);
}

/** Delivers until nobody has anything to say. @returns both ends and how many messages it took */
function negotiate(
  ends: [ClosingNegotiation, ClosingNegotiation],
  first: ClosingSigned,
): { ends: [ClosingNegotiation, ClosingNegotiation]; messages: ClosingSigned[] } {
  const messages: ClosingSigned[] = [];
  let to: 0 | 1 = 1;
  for (let message: ClosingSigned | null = first; message !== null; to = to === 0 ? 1 : 0) {
    messages.push(message);
    if (messages.length > 100) throw new Error('the negotiation never ends');
    const step = receiveClosingSigned(ends[to], message);
    ends[to] = step.negotiation;
    message = step.send;
  }
  return { ends, messages };
}

const wishOf = (idealSat: number, minSat: number, maxSat: number, usesRange = true): ClosingWish => ({
  idealSat,
  range: { minSat, maxSat },
  usesRange,
});

function legacy(
  material: ChannelMaterial,
  openerMsat: number,
  wishes: readonly [ClosingWish, ClosingWish],
  how: 'eager' | 'ledger' = 'eager',
  dusts: readonly [number, number] = [354, 354],
): ReturnType<typeof negotiate> {
  const begin = (side: 0 | 1): ReturnType<typeof beginClosing> => {
    const channel: ClosingChannel = {
      funding: material.funding,
      isOpener: side === 0,
      localMsat: msat(side === 0 ? openerMsat : CAPACITY * 1000 - openerMsat),
      remoteMsat: msat(side === 0 ? CAPACITY * 1000 - openerMsat : openerMsat),
      localScript: SCRIPTS[side],
      remoteScript: SCRIPTS[1 - side]!,
      localDustLimitSat: sat(dusts[side]),
    };
    return beginClosing(
      channel,
      wishes[side],
      how === 'eager' ? eagerSigner(material, side) : ledgerClosingSigner(material),
    );
  };
  const [a, b] = [begin(0), begin(1)];
  expect(b.send).toBeNull();
  return negotiate([a.negotiation, b.negotiation], present(a.send, 'the first closing_signed'));
}

describe('closing_signed', () => {
  const { material } = freshChannel();
  const feesOf = ({ messages }: ReturnType<typeof negotiate>): number[] => messages.map(({ feeSat }) => feeSat);
  const outcomes = ({ ends }: ReturnType<typeof negotiate>): unknown[] =>
    ends.map(({ closing, violation }) => violation ?? (closing === null ? null : 'closed'));

  // prettier-ignore
  test.each([
    // what                                                opener                                accepter                              fees
    ['the accepter likes the opener’s fee',                wishOf(500, 200, 900),                wishOf(500, 100, 2000),               [500, 500]],
    ['the accepter chooses another in the overlap',        wishOf(500, 200, 900),                wishOf(800, 300, 2000),               [500, 800, 800]],
    ['the accepter wants more than the overlap holds',     wishOf(500, 200, 900),                wishOf(1500, 300, 2000),              [500, 900, 900]],
    ['the old way, and the first fee is fine',             wishOf(500, 200, 900, false),         wishOf(800, 300, 2000, false),        [500, 500]],
    ['the old way, halving the difference',                wishOf(500, 500, 520, false),         wishOf(600, 580, 600, false),         [500, 600, 550, 575, 562, 568, 565, 566, 566]],
    ['only the opener knows ranges',                       wishOf(500, 200, 900),                wishOf(1000, 950, 2000, false),       [500, 1000, 750, 875, 875]],
  ])('%s', (_, opener, accepter, fees) => {
    const result = legacy(material, 60_000_000, [opener, accepter]);
    expect(feesOf(result)).toEqual(fees);
    expect(outcomes(result)).toEqual(['closed', 'closed']);
  });

  test('fee ranges that lie apart end it', () => {
    const result = legacy(material, 60_000_000, [wishOf(500, 200, 900), wishOf(1000, 901, 2000)]);
    expect(outcomes(result)).toEqual([null, 'fee-ranges-apart']);
  });

  test('dust limits of which only one trims an output end it: the signatures are under different transactions', () => {
    const wishes = [wishOf(500, 200, 900), wishOf(500, 200, 900)] as const;
    const remoteDust = CAPACITY * 1000 - 400_000;
    for (const how of ['eager', 'ledger'] as const) {
      expect(outcomes(legacy(material, remoteDust, wishes, how, [450, 354]))).toEqual([null, 'invalid-signature']);
      // the accepter may leave its own output out, but not the opener
      expect(outcomes(legacy(material, remoteDust, wishes, how, [354, 354]))).toEqual(['closed', 'closed']);
    }
  });

  test('each violation has its name', () => {
    const { ends, messages } = legacy(material, 60_000_000, [wishOf(500, 200, 900), wishOf(800, 300, 2000)]);
    const signer = eagerSigner(material, 0);
    const opener: ClosingNegotiation = { ...ends[0], closing: null, sentSat: 500, receivedSat: null };
    const accepter: ClosingNegotiation = { ...ends[1], closing: null, sentSat: null, receivedSat: null };
    const violationOf = (to: ClosingNegotiation, message: ClosingSigned): unknown =>
      receiveClosingSigned(to, message).negotiation.violation;
    const [first, second] = messages as [ClosingSigned, ClosingSigned];
    expect(violationOf(accepter, { ...first, feeSat: sat(501) })).toBe('invalid-signature');
    expect(violationOf(accepter, { ...first, signature: second.signature })).toBe('invalid-signature');
    expect(violationOf(accepter, { ...first, feeSat: sat(60_001) })).toBe('fee-over-balance');
    const low = beginClosing(opener.channel, wishOf(250, 200, 900), signer).send!;
    expect(violationOf({ ...accepter, sentSat: 801 }, low)).toBe('fee-not-as-sent');
    expect(violationOf(ends[0], second)).toBe('message-out-of-order');
    expect(violationOf({ ...opener, sentSat: null }, second)).toBe('message-out-of-order');
    // outside the opener's own range, but inside what the accepter says is fine
    const narrow = { ...opener, wish: wishOf(500, 200, 700) };
    expect(violationOf(narrow, second)).toBe('fee-outside-overlap');
    const old = { ...opener, wish: wishOf(500, 200, 700, false), receivedSat: 700 };
    expect(violationOf(old, { ...second, feeRange: null })).toBe('fee-not-strictly-between');
    // with a dust limit of nothing an output can be kept that nobody relays
    const poor = { ...accepter.channel, localMsat: msat(300_000), remoteMsat: msat(99_700_000) };
    const dusty = { ...accepter, channel: { ...poor, localDustLimitSat: sat(0) } };
    const dustyFirst = beginClosing(
      {
        ...opener.channel,
        localMsat: poor.remoteMsat,
        remoteMsat: poor.localMsat,
        localDustLimitSat: sat(0),
      },
      wishOf(500, 200, 900),
      signer,
    ).send!;
    expect(violationOf(dusty, dustyFirst)).toBe('output-below-dust');
    const empty = { ...poor, localMsat: msat(0), remoteMsat: msat(600_000) };
    const emptyFirst = beginClosing(
      { ...opener.channel, localMsat: empty.remoteMsat, remoteMsat: empty.localMsat },
      wishOf(500, 200, 900),
      signer,
    ).send!;
    expect(violationOf({ ...accepter, channel: empty }, emptyFirst)).toBe('no-output');
  });

  test('both ends end with the same transaction, the opener pays, dust is dropped, and the mempool takes it', () => {
    const reached = { closed: 0, apart: 0, oneOutput: 0, relayed: 0 };
    let fresh = freshChannel();
    const part = fc.integer({ min: 0, max: 400 });
    const wish = fc.tuple(fc.integer({ min: 150, max: 2000 }), part, part, fc.boolean());
    const wished = wish.map(([min, up, more, usesRange]) => wishOf(min + up, min, min + up + more, usesRange));
    const balance = fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: 0, max: CAPACITY * 1000 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 2_000_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: CAPACITY * 1000 - 2_000_000, max: CAPACITY * 1000 }) },
    );
    fc.assert(
      fc.property(balance, wished, wished, fc.nat(3), (openerMsat, ours, theirs, dice) => {
        const result = legacy(fresh.material, openerMsat, [ours, theirs], dice === 0 ? 'eager' : 'ledger');
        const [a, b] = result.ends.map(({ closing }) => closing) as [Transaction | null, Transaction | null];
        if (a === null || b === null) {
          expect(outcomes(result)).not.toEqual([null, null]);
          reached.apart++;
          return;
        }
        reached.closed++;
        expect(txidOf(a)).toBe(txidOf(b));
        expect(a).toEqual(b);
        const feeSat = present(result.messages.at(-1), 'a message').feeSat;
        const expected = [
          { valueSat: msatToSat(msat(Math.max(0, openerMsat - 1000 * feeSat))), script: SCRIPTS[0] },
          { valueSat: msatToSat(msat(CAPACITY * 1000 - openerMsat)), script: SCRIPTS[1] },
        ].filter(({ valueSat }) => valueSat >= 354);
        expect(a.outputs.toSorted((x, y) => x.script.length - y.script.length)).toEqual(expected);
        if (expected.length === 1) reached.oneOutput++;
        if (ours.usesRange && theirs.usesRange) {
          expect(result.messages.length).toBeLessThanOrEqual(3);
          const least = Math.min(ours.range.minSat, msatToSat(msat(openerMsat)));
          expect(feeSat).toBeGreaterThanOrEqual(least);
          expect(feeSat).toBeLessThanOrEqual(ours.range.maxSat);
        }
        if (reached.relayed === 30 || feeSat < vsizeOf(a)) return;
        mustAccept(fresh.world, a);
        reached.relayed++;
        fresh = freshChannel();
      }),
      { numRuns: 400 },
    );
    for (const [what, count] of Object.entries(reached)) expect([what, count > 25]).toEqual([what, true]);
  });
});

// ── option_simple_close ──────────────────────────────────────────────────────────────────────────────────────────────

function simple(
  material: ChannelMaterial,
  balanceMsat: number,
  change: Partial<SimpleClose> = {},
): [SimpleClose, SimpleClose] {
  const end = (side: 0 | 1): SimpleClose => ({
    funding: material.funding,
    localMsat: msat(side === 0 ? balanceMsat : CAPACITY * 1000 - balanceMsat),
    remoteMsat: msat(side === 0 ? CAPACITY * 1000 - balanceMsat : balanceMsat),
    localScript: SCRIPTS[side],
    remoteScript: SCRIPTS[1 - side]!,
    remoteScriptIsFixed: false,
    uneconomicalSat: sat(0),
    features: FEATURES,
    signer: eagerSigner(material, side),
    offered: null,
    ...change,
  });
  return [end(0), end(1)];
}

interface Offered {
  readonly ends: readonly [SimpleClose, SimpleClose];
  readonly complete: ClosingComplete;
}
/** Side 0 offers. @throws Error with the refusal's name */
function offer(ends: readonly [SimpleClose, SimpleClose], what: ClosingOffer): Offered {
  const made = offerClosing(ends[0], what);
  if (typeof made === 'string') throw new Error(made);
  return { ends: [made.close, ends[1]], complete: made.send };
}
/** Side 0 offers, side 1 answers. @returns the transaction that both hold */
function closeOnce(
  ends: readonly [SimpleClose, SimpleClose],
  what: ClosingOffer,
): { ends: readonly [SimpleClose, SimpleClose]; transaction: Transaction } {
  const offered = offer(ends, what);
  const answered = receiveClosingComplete(offered.ends[1], offered.complete);
  if ('violation' in answered) throw new Error(answered.violation);
  const done = receiveClosingSig(offered.ends[0], present(answered.send, 'closing_sig'));
  if ('violation' in done) throw new Error(done.violation);
  expect(done.transaction).toEqual(answered.transaction);
  return { ends: [done.close, answered.close], transaction: done.transaction };
}
const swap = <T>([a, b]: readonly [T, T]): [T, T] => [b, a];
const offers = (complete: ClosingComplete): string[] => Object.keys(complete.signatures).toSorted();

describe('closing_complete', () => {
  const DATA = nullData(new Uint8Array(20).fill(9));

  // prettier-ignore
  test.each([
    // what the closer has (sat), fee, its script                      variants offered                                      outputs of the transaction by script, closer's and closee's
    ['the one with more, both outputs worth having',     60_000,  500, SCRIPTS[0], ['closer_and_closee_outputs', 'closer_output_only'], [59_500, 40_000]],
    ['the one with more, the other’s output dust',       99_700,  500, SCRIPTS[0], ['closer_output_only'],                               [99_200, null]],
    ['the one with less, both outputs worth having',     40_000,  500, SCRIPTS[0], ['closer_and_closee_outputs'],                        [39_500, 60_000]],
    ['the one with less, its own output dust',              700,  500, SCRIPTS[0], ['closee_output_only'],                               [null, 99_300]],
    ['the one with less, data instead of money',         40_000,  500, DATA,       ['closer_and_closee_outputs'],                        [0, 60_000]],
    ['the one with more, data instead of money',         60_000,  500, DATA,       ['closer_and_closee_outputs', 'closer_output_only'], [0, 40_000]],
  ])('by %s', (_, hasSat, feeSat, script, variants, outputs) => {
    const { world: onChain, material } = freshChannel();
    const ends = simple(material, 1000 * hasSat);
    expect(offers(offer(ends, { feeSat: sat(feeSat), lockTime: 0, script }).complete)).toEqual(variants);
    const { transaction } = closeOnce(ends, { feeSat: sat(feeSat), lockTime: 0, script });
    const valueOf = (to: Uint8Array): number | null =>
      transaction.outputs.find((each) => each.script === to)?.valueSat ?? null;
    expect([valueOf(script), valueOf(SCRIPTS[1])]).toEqual(outputs);
    mustAccept(onChain, transaction);
  });

  test('again with a higher fee and another script replaces the last, by either end; the last one confirms', () => {
    const { world: onChain, material } = freshChannel();
    const { height } = onChain.chain;
    const first = closeOnce(simple(material, 60_000_000), { feeSat: sat(300), lockTime: height });
    // replaceable, and with the closer's lock time
    const { version, lockTime, inputs } = first.transaction;
    expect([version, lockTime, inputs[0]?.sequence]).toEqual([2, height, 0xfffffffd]);
    mustAccept(onChain, first.transaction);
    const other = closeOnce(swap(first.ends), { feeSat: sat(700), lockTime: 0 });
    mustAccept(onChain, other.transaction);
    expect(onChain.pool.has(txidOf(first.transaction))).toBe(false);
    const script = p2wpkh(new Uint8Array(33).fill(3));
    const third = closeOnce(swap(other.ends), { feeSat: sat(1200), lockTime: height, script });
    mustAccept(onChain, third.transaction);
    expect(third.transaction.outputs.map(({ valueSat }) => valueSat)).toEqual([40_000, 58_800]);
    expect(third.ends[1].remoteScript).toEqual(script);
    // the closee offers to the closer's new script from now on
    const fourth = closeOnce(swap(third.ends), { feeSat: sat(2000), lockTime: 0 });
    expect(fourth.transaction.outputs[1]!.script).toEqual(script);
    mustAccept(onChain, fourth.transaction);
    onChain.mine();
    expect(onChain.chain.utxos.get({ txid: txidOf(fourth.transaction), vout: 0 })).toBeDefined();
  });

  test('scripts that both ends change at once are told apart, and settled by reconnecting', () => {
    const { material } = freshChannel();
    const ends = simple(material, 60_000_000);
    const [newA, newB] = [p2wpkh(new Uint8Array(33).fill(4)), p2wpkh(new Uint8Array(33).fill(5))];
    const a = offer(ends, { feeSat: sat(500), lockTime: 0, script: newA });
    const b = offer(swap(ends), { feeSat: sat(500), lockTime: 0, script: newB });
    expect(receiveClosingComplete(b.ends[0], a.complete)).toMatchObject({ violation: 'closee-script-outdated' });
    expect(receiveClosingComplete(a.ends[0], b.complete)).toMatchObject({ violation: 'closee-script-outdated' });
    const again = [reconnectClosing(a.ends[0], newB), reconnectClosing(b.ends[0], newA)] as const;
    const { transaction } = closeOnce(again, { feeSat: sat(500), lockTime: 0 });
    expect(transaction.outputs.map(({ script }) => script)).toEqual([newB, newA]);
  });

  test('outputs that are not worth their spending may be left out by the one with less, on either side', () => {
    const { material } = freshChannel();
    const poor = simple(material, 5_000_000, { uneconomicalSat: sat(5000) });
    expect(offers(offer(poor, { feeSat: sat(500), lockTime: 0 }).complete)).toEqual([
      'closee_output_only',
      'closer_and_closee_outputs',
    ]);
    const rich = simple(material, 96_000_000, { uneconomicalSat: sat(5000) });
    expect(closeOnce(rich, { feeSat: sat(500), lockTime: 0 }).transaction.outputs.length).toBe(1);
  });

  test('each refusal and each violation has its name', () => {
    const { material } = freshChannel();
    const ends = simple(material, 60_000_000);
    const refuse = (closes: readonly [SimpleClose, SimpleClose], what: Partial<ClosingOffer>): unknown =>
      offerClosing(closes[0], { feeSat: sat(500), lockTime: 0, ...what });
    expect(refuse(ends, { feeSat: sat(60_001) })).toBe('fee-over-balance');
    expect(refuse(ends, { feeSat: sat(59_900) })).toBe('outputs-below-dust');
    expect(refuse(ends, { script: Uint8Array.of(1) })).toBe('invalid-script');
    const { ends: waiting, complete } = offer(ends, { feeSat: sat(500), lockTime: 0 });
    expect(refuse(waiting, {})).toBe('offer-outstanding');

    const violationOf = (close: SimpleClose, change: Partial<ClosingComplete>): unknown => {
      const step = receiveClosingComplete(close, { ...complete, ...change });
      return 'violation' in step ? step.violation : null;
    };
    expect(violationOf(ends[1], {})).toBeNull();
    expect(violationOf(ends[1], { feeSat: sat(60_001) })).toBe('fee-over-balance');
    expect(violationOf(ends[1], { closeeScript: SCRIPTS[0] })).toBe('closee-script-outdated');
    expect(violationOf(ends[1], { closerScript: Uint8Array.of(1) })).toBe('invalid-closer-script');
    const changed = { closerScript: p2wpkh(new Uint8Array(33).fill(3)) };
    expect(violationOf({ ...ends[1], remoteScriptIsFixed: true }, changed)).toBe('closer-script-fixed');
    expect(violationOf(ends[1], { signatures: {} })).toBe('signature-missing');
    expect(violationOf(ends[1], { feeSat: sat(501) })).toBe('invalid-signature');
    expect(violationOf(ends[1], { lockTime: 1 })).toBe('invalid-signature');

    const answered = receiveClosingComplete(ends[1], complete);
    if ('violation' in answered) throw new Error(answered.violation);
    const answer = present(answered.send, 'closing_sig');
    const broken = (close: SimpleClose, change: Partial<ClosingSig>): unknown => {
      const step = receiveClosingSig(close, { ...answer, ...change });
      return 'violation' in step ? step.violation : null;
    };
    const signature = present(answer.signatures.closer_and_closee_outputs, 'a signature');
    expect(broken(waiting[0], {})).toBeNull();
    expect(broken(ends[0], {})).toBe('nothing-offered');
    for (const change of [
      { feeSat: sat(501) },
      { lockTime: 1 },
      { closerScript: SCRIPTS[1] },
      { closeeScript: SCRIPTS[0] },
    ]) {
      expect(broken(waiting[0], change)).toBe('not-what-was-offered');
    }
    expect(broken(waiting[0], { signatures: {} })).toBe('not-one-signature');
    const two = { closer_output_only: signature, closer_and_closee_outputs: signature };
    expect(broken(waiting[0], { signatures: two })).toBe('not-one-signature');
    expect(broken(waiting[0], { signatures: { closee_output_only: signature } })).toBe('variant-not-offered');
    expect(broken(waiting[0], { signatures: { closer_output_only: signature } })).toBe('invalid-signature');
  });

  test('both ends hold the same transaction, the closer alone pays, dust is dropped, and the mempool takes it', () => {
    const reached = { closed: 0, refused: 0, oneOutput: 0, data: 0, relayed: 0 };
    const balance = fc.oneof(
      { weight: 2, arbitrary: fc.integer({ min: 0, max: CAPACITY * 1000 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 3_000_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: CAPACITY * 1000 - 3_000_000, max: CAPACITY * 1000 }) },
    );
    let fresh = freshChannel();
    fc.assert(
      fc.property(
        balance,
        fc.integer({ min: 200, max: 4000 }),
        fc.boolean(),
        fc.boolean(),
        (mine, feeSat, data, ledger) => {
          const signer = ledger ? { signer: ledgerClosingSigner(fresh.material) } : {};
          const ends = simple(fresh.material, mine, signer);
          const script = data ? DATA : SCRIPTS[0];
          const offered = offerClosing(ends[0], { feeSat: sat(feeSat), lockTime: 0, script });
          if (typeof offered === 'string') {
            reached.refused++;
            return;
          }
          reached.closed++;
          if (data) reached.data++;
          const { transaction } = closeOnce(ends, { feeSat: sat(feeSat), lockTime: 0, script });
          const theirs = msatToSat(msat(CAPACITY * 1000 - mine));
          const toCloser = transaction.outputs.find((each) => each.script === script);
          const toClosee = transaction.outputs.find((each) => each.script === SCRIPTS[1]);
          // the closee's balance is untouched: it has it whole, or gave it up as dust
          if (toClosee) expect(toClosee.valueSat).toBe(theirs);
          else expect(theirs).toBeLessThan(dustLimitSat(SCRIPTS[1]));
          if (toCloser) expect(toCloser.valueSat).toBe(data ? 0 : msatToSat(msat(mine - 1000 * feeSat)));
          else expect(mine).toBeLessThan(CAPACITY * 500);
          if (transaction.outputs.length === 1) reached.oneOutput++;
          for (const output of transaction.outputs) {
            expect(output.valueSat).toBeGreaterThanOrEqual(dustLimitSat(output.script));
          }
          if (reached.relayed === 30) return;
          mustAccept(fresh.world, transaction);
          reached.relayed++;
          fresh = freshChannel();
        },
      ),
      { numRuns: 600 },
    );
    for (const [what, count] of Object.entries(reached)) expect([what, count > 25]).toEqual([what, true]);
  });
});
