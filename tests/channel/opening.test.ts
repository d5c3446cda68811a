/** Opening a channel: what both ends agree on, and every rule of BOLT 2 by its name. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { present } from '../../src/base/assert.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { msat, sat } from '../../src/base/units.ts';
import { blockHashOf } from '../../src/chain/block.ts';
import { genesisBlock } from '../../src/chain/regtest.ts';
import { p2pkh, p2wpkh, p2wsh } from '../../src/chain/script.ts';
import { type Transaction, type Txid, txidOf } from '../../src/chain/transaction.ts';
import { sha256 } from '../../src/crypto/hashes.ts';
import { ChannelEnd } from '../../src/channel/channelEnd.ts';
import { FORMAT } from '../../src/channel/commitmentFormat.ts';
import { channelPoints, channelSecrets } from '../../src/channel/keys.ts';
import type { ChannelLimits, CommitmentFormat } from '../../src/channel/limits.ts';
import { materialiseCommitment, type ChannelMaterial } from '../../src/channel/materialise.ts';
import {
  answerOpening,
  fundingDepth,
  fundingSeen,
  fundOpening,
  mayForget,
  offerOpening,
  openedChannel,
  receiveOpening,
  type Opening,
  type OpeningSelf,
  type OpeningStep,
  type OpeningWish,
} from '../../src/channel/opening.ts';
import { openingPoints, type AcceptChannel, type OpenChannel } from '../../src/channel/openingMessages.ts';
import { acceptRefusal, openRefusal, type OpeningPolicy, type OpeningRefusal } from '../../src/channel/openingRules.ts';
import { fundingScript } from '../../src/channel/scripts.ts';
import { eagerOpeningSigner, LEDGER_OPENING_SIGNER } from '../../src/channel/openingSigner.ts';
import { POLICY } from './openingPolicy.ts';

const FORMATS = Object.keys(FORMAT) as CommitmentFormat[];
const FUNDING = { txid: '77'.repeat(32) as Txid, vout: 1 };

const LIMITS: ChannelLimits = {
  dustLimitSat: sat(354),
  channelReserveSat: sat(10_000),
  htlcMinimumMsat: msat(1),
  maxHtlcValueInFlightMsat: msat(500_000_000),
  maxAcceptedHtlcs: 30,
  toSelfDelay: 144,
  maxDustHtlcExposureMsat: msat(50_000_000),
};
const SECRETS = [channelSecrets(sha256(utf8('opening')), '0'), channelSecrets(sha256(utf8('opening')), '1')] as const;

const selfOf = (side: 0 | 1, how: 'ledger' | 'eager', change: Partial<OpeningSelf> = {}): OpeningSelf => ({
  policy: POLICY,
  signer: how === 'eager' ? eagerOpeningSigner(SECRETS[side]) : LEDGER_OPENING_SIGNER,
  limits: { ...LIMITS, toSelfDelay: 144 + side },
  points: openingPoints(SECRETS[side]),
  upfrontShutdownScript: side === 0 ? new Uint8Array(0) : p2wpkh(new Uint8Array(33)),
  ...change,
});
const wishOf = (format: CommitmentFormat, change: Partial<OpeningWish> = {}): OpeningWish => ({
  fundingSat: sat(1_000_000),
  pushMsat: msat(200_000_000),
  feeratePerKw: format === 'zero_fee_commitments' ? 0 : 2500,
  channelType: { format, zeroConf: false, scidAlias: false },
  announceChannel: true,
  ...change,
});

/** Both ends of an opening that goes as far as it can, without `channel_ready`. */
function openTogether(opener: OpeningSelf, accepter: OpeningSelf, wish: OpeningWish): { a: Opening; b: Opening } {
  const offered = offerOpening(opener, wish);
  const answered = answerOpening(accepter, offered.send as OpenChannel);
  let a = receiveOpening(offered.opening, present(answered.send, 'accept_channel'));
  a = fundOpening(a.opening, FUNDING);
  const b = receiveOpening(answered.opening, present(a.send, 'funding_created'));
  a = receiveOpening(a.opening, present(b.send, 'funding_signed'));
  return { a: a.opening, b: b.opening };
}

describe.each(FORMATS)('%s', (format) => {
  test('opens: both ends agree, and the signatures exchanged are those that are materialised later', () => {
    const { a, b } = openTogether(selfOf(0, 'eager'), selfOf(1, 'eager'), wishOf(format));
    expect([a.phase, b.phase]).toEqual(['signed', 'signed']);
    const [ours, theirs] = [openedChannel(a), openedChannel(b)];
    expect(ours.terms).toEqual(theirs.terms);
    expect([ours.toLocalMsat, ours.toRemoteMsat]).toEqual([800_000_000, 200_000_000]);
    expect([theirs.toLocalMsat, theirs.toRemoteMsat]).toEqual([200_000_000, 800_000_000]);
    expect([ours.isOpener, theirs.isOpener]).toEqual([true, false]);
    expect([ours.localLimits.toSelfDelay, ours.remoteLimits.toSelfDelay]).toEqual([144, 145]);
    expect([theirs.localLimits.toSelfDelay, theirs.remoteLimits.toSelfDelay]).toEqual([145, 144]);
    expect([ours.remoteShutdownScript, ours.localShutdownScript]).toEqual([
      theirs.localShutdownScript,
      theirs.remoteShutdownScript,
    ]);

    const material: ChannelMaterial = {
      funding: FUNDING,
      capacitySat: ours.terms.capacitySat,
      format,
      opener: 0,
      limits: [ours.localLimits, theirs.localLimits],
      secrets: SECRETS,
      points: [channelPoints(SECRETS[0]), channelPoints(SECRETS[1])],
    };
    const facts = { open: a.open, accept: present(a.accept, 'the terms'), funding: FUNDING };
    for (const [side, opened] of [ours, theirs].entries()) {
      const end = new ChannelEnd<null>(opened);
      const { transaction } = materialiseCommitment(material, side as 0 | 1, end.spec('local'));
      const owner = side === 0 ? 'opener' : 'accepter';
      const exchanged = eagerOpeningSigner(SECRETS[(1 - side) as 0 | 1]).sign(facts, owner);
      expect(transaction.inputs[0]!.witness).toContainEqual(exchanged);
    }
  });

  test('is the same in ledger form, where no point is computed and nothing is signed', () => {
    const untouchable = {
      get basepoints(): never {
        throw new Error('a point was computed');
      },
      perCommitment: (): never => {
        throw new Error('a point was computed');
      },
    };
    const points = { points: untouchable };
    const ledger = openTogether(selfOf(0, 'ledger', points), selfOf(1, 'ledger', points), wishOf(format));
    const eager = openTogether(selfOf(0, 'eager'), selfOf(1, 'eager'), wishOf(format));
    expect(openedChannel(ledger.a)).toEqual(openedChannel(eager.a));
    expect(openedChannel(ledger.b)).toEqual(openedChannel(eager.b));
  });
});

describe('channel_ready', () => {
  const ledger = (zeroConf: boolean): { a: Opening; b: Opening } => {
    const policy = { ...POLICY, trustsZeroConf: true };
    const channelType = { format: 'anchors_zero_fee_htlc_tx' as const, zeroConf, scidAlias: false };
    const wish = wishOf('anchors_zero_fee_htlc_tx', { channelType });
    return openTogether(selfOf(0, 'ledger'), selfOf(1, 'ledger', { policy }), wish);
  };

  test('is said once, at the depth the accepter asked for, and the channel is ready when both did', () => {
    const { a, b } = ledger(false);
    expect(fundingDepth(a, 2)).toEqual({ opening: a, send: null });
    const said = fundingDepth(a, 3);
    expect(said.send).toEqual({ type: 'channel_ready' });
    expect(said.opening.phase).toBe('signed');
    expect(fundingDepth(said.opening, 4).send).toBeNull();
    const heard = receiveOpening(b, { type: 'channel_ready' });
    expect(heard.opening.phase).toBe('signed');
    expect(fundingDepth(heard.opening, 3).opening.phase).toBe('ready');
    expect(receiveOpening(said.opening, { type: 'channel_ready' }).opening.phase).toBe('ready');
  });

  test('comes at once where the channel is of the zero-conf kind', () => {
    const { a } = ledger(true);
    expect(openedChannel(a).minimumDepth).toBe(0);
    expect(fundingDepth(a, 0).send).toEqual({ type: 'channel_ready' });
  });
});

describe('the funding transaction', () => {
  const script = p2wsh(fundingScript(channelPoints(SECRETS[0]).funding, channelPoints(SECRETS[1]).funding));
  const paying = (valueSat: number, to: Uint8Array): Transaction => ({
    version: 2,
    inputs: [],
    outputs: [
      { valueSat: sat(7), script: new Uint8Array(0) },
      { valueSat: sat(valueSat), script: to },
    ],
    lockTime: 0,
  });
  test.each([
    [1_000_000, script, null],
    [999_999, script, 'wrong-funding-output'],
    [1_000_001, script, 'wrong-funding-output'],
    [1_000_000, p2wpkh(new Uint8Array(33)), 'wrong-funding-output'],
  ])('has to pay the channel exactly: %i', (valueSat, to, refusal) => {
    const { b } = openTogether(selfOf(0, 'ledger'), selfOf(1, 'ledger'), wishOf('anchors'));
    const transaction = paying(valueSat, to);
    const named = { ...b, funding: { txid: txidOf(transaction), vout: 1 } };
    expect(fundingSeen(named, transaction).opening.refusal).toBe(refusal);
    expect(fundingSeen({ ...named, funding: { ...named.funding, vout: 2 } }, transaction).opening.refusal).toBe(
      'wrong-funding-output',
    );
    expect(() => fundingSeen(b, transaction)).toThrow('the one that was named');
  });
});

test('an accepter forgets a channel whose funding does not come up for two weeks; an opener does not', () => {
  const { a, b } = openTogether(selfOf(0, 'ledger'), selfOf(1, 'ledger'), wishOf('anchors'));
  expect([mayForget(b, 2015), mayForget(b, 2016), mayForget(a, 2016)]).toEqual([false, true, false]);
  expect(mayForget(fundingDepth(b, 3).opening, 2016)).toBe(false);
});

describe('refusals', () => {
  const offered = offerOpening(selfOf(0, 'ledger'), wishOf('anchors_zero_fee_htlc_tx'));
  const open = offered.send as OpenChannel;
  const accept = answerOpening(selfOf(1, 'ledger'), open).send as AcceptChannel;
  const limits = (change: Partial<ChannelLimits>): Pick<OpenChannel, 'limits'> => ({
    limits: { ...LIMITS, ...change },
  });
  const type = (change: Partial<NonNullable<OpenChannel['channelType']>>): Pick<OpenChannel, 'channelType'> => ({
    channelType: { format: 'anchors_zero_fee_htlc_tx', zeroConf: false, scidAlias: false, ...change },
  });

  // prettier-ignore
  const LIMIT_CASES: readonly (readonly [OpeningRefusal, Partial<ChannelLimits>, Partial<ChannelLimits>])[] = [
    // name                        what is refused                                 what is just not
    ['to-self-delay-too-large',    { toSelfDelay: 2017 },                          { toSelfDelay: 2016 }],
    ['too-many-accepted-htlcs',    { maxAcceptedHtlcs: 484 },                      { maxAcceptedHtlcs: 483 }],
    ['too-few-accepted-htlcs',     { maxAcceptedHtlcs: 0 },                        { maxAcceptedHtlcs: 1 }],
    ['dust-limit-too-small',       { dustLimitSat: sat(353) },                     { dustLimitSat: sat(354) }],
    ['dust-limit-too-large',       { dustLimitSat: sat(5001) },                    { dustLimitSat: sat(5000) }],
    ['htlc-minimum-too-large',     { htlcMinimumMsat: msat(1_000_001) },           { htlcMinimumMsat: msat(1_000_000) }],
    ['in-flight-limit-too-small',  { maxHtlcValueInFlightMsat: msat(0) },          { maxHtlcValueInFlightMsat: msat(1) }],
    ['reserve-too-large',          { channelReserveSat: sat(50_001) },             { channelReserveSat: sat(50_000) }],
  ];
  // prettier-ignore
  const OPEN_CASES: readonly (readonly [OpeningRefusal, Partial<OpenChannel>, Partial<OpeningPolicy>])[] = [
    ['unknown-chain',           { chainHash: blockHashOf({ ...genesisBlock().header, nonce: 1 }) }, {}],
    ['dual-fund-negotiated',    {},                                          { dualFund: true }],
    ['channel-type-missing',    { channelType: null },                       {}],
    ['unsuitable-channel-type', {},                                          { formats: ['zero_fee_commitments'] }],
    ['untrusted-zero-conf',     type({ zeroConf: true }),                    {}],
    ['announced-with-alias',    type({ scidAlias: true }),                   {}],
    ['funding-over-2^24',       { fundingSat: sat(2 ** 24) },                {}],
    ['push-over-funding',       { pushMsat: msat(1_000_000_001) },           {}],
    ['feerate-too-small',       { feeratePerKw: 252 },                       {}],
    ['feerate-too-large',       { feeratePerKw: 50_001 },                    {}],
    ['feerate-too-large',       { ...type({ format: 'zero_fee_commitments' }), feeratePerKw: 1 }, {}],
    ['too-many-accepted-htlcs', { ...type({ format: 'zero_fee_commitments' }), feeratePerKw: 0, ...limits({ maxAcceptedHtlcs: 115 }) }, {}],
    ['opener-cannot-pay-fee',   { pushMsat: msat(996_531_000), feeratePerKw: 2500 },  {}],
    ['nothing-above-reserve',   { fundingSat: sat(20_000), pushMsat: msat(8_000_000), feeratePerKw: 2500, ...limits({ channelReserveSat: sat(10_000) }) }, { mostReserveMillionths: 1e6 }],
    ['dust-limit-over-reserve', limits({ dustLimitSat: sat(500), channelReserveSat: sat(499) }), {}],
    ['funding-too-small',       { fundingSat: sat(19_999), pushMsat: msat(0), ...limits({ channelReserveSat: sat(354) }) }, {}],
    ['invalid-shutdown-script', { upfrontShutdownScript: p2pkh(new Uint8Array(33)) }, {}],
  ];
  // prettier-ignore
  const ACCEPT_CASES: readonly (readonly [OpeningRefusal, Partial<AcceptChannel>, Partial<OpenChannel>])[] = [
    ['channel-type-missing',            { channelType: null },                           {}],
    ['channel-type-changed',            type({ format: 'static_remotekey' }),            {}],
    ['channel-type-changed',            type({ zeroConf: true }),                        {}],
    ['channel-type-changed',            type({ scidAlias: true }),                       {}],
    ['zero-conf-with-depth',            type({ zeroConf: true }),                        type({ zeroConf: true })],
    ['depth-too-large',                 { minimumDepth: 101 },                           {}],
    ['reserve-below-other-dust-limit',  limits({ channelReserveSat: sat(400) }),         limits({ dustLimitSat: sat(401) })],
    ['dust-limit-over-reserve',         limits({ dustLimitSat: sat(401) }),              limits({ channelReserveSat: sat(400) })],
    ['dust-limit-over-reserve',         limits({ dustLimitSat: sat(401), channelReserveSat: sat(400) }), {}],
    ['invalid-shutdown-script',         { upfrontShutdownScript: Uint8Array.of(1) },     {}],
    ['nothing-above-reserve',           limits({ channelReserveSat: sat(50_000) }),      { fundingSat: sat(55_000), pushMsat: msat(6_000_000) }],
  ];

  const believed = (): boolean => true;
  test.each(OPEN_CASES)('of open_channel: %s', (name, change, policy) => {
    expect(openRefusal(open, POLICY, believed)).toBeNull();
    expect(openRefusal({ ...open, ...change }, { ...POLICY, ...policy }, believed)).toBe(name);
  });
  test.each(ACCEPT_CASES)('of accept_channel: %s', (name, change, opened) => {
    const policy = name === 'nothing-above-reserve' ? { ...POLICY, mostReserveMillionths: 1e6 } : POLICY;
    expect(acceptRefusal(accept, open, POLICY, believed)).toBeNull();
    expect(acceptRefusal({ ...accept, ...change }, { ...open, ...opened }, policy, believed)).toBe(name);
  });
  test.each(LIMIT_CASES)('of either for its limits: %s', (name, bad, good) => {
    expect(openRefusal({ ...open, ...limits(bad) }, POLICY, believed)).toBe(name);
    expect(openRefusal({ ...open, ...limits(good) }, POLICY, believed)).toBeNull();
    expect(acceptRefusal({ ...accept, ...limits(bad) }, open, POLICY, believed)).toBe(name);
    expect(acceptRefusal({ ...accept, ...limits(good) }, open, POLICY, believed)).toBeNull();
  });

  test('a large channel is fine where both ends support it', () => {
    const large = { ...open, fundingSat: sat(2 ** 24) };
    expect(openRefusal(large, { ...POLICY, largeChannels: true }, believed)).toBeNull();
    expect(openRefusal({ ...open, fundingSat: sat(2 ** 24 - 1) }, POLICY, believed)).toBeNull();
  });

  test('a point that is none is seen by whoever looks', () => {
    const points = openingPoints(SECRETS[1]);
    const { funding, payment, delayedPayment, htlc } = points.basepoints;
    const broken = {
      ...points,
      basepoints: { funding, payment, delayedPayment, htlc, revocationBasepoint: new Uint8Array(33).fill(9) },
    };
    expect(answerOpening(selfOf(1, 'eager'), { ...open, points: broken }).opening.refusal).toBe('invalid-point');
    expect(
      receiveOpening(offerOpening(selfOf(0, 'eager'), wishOf('anchors')).opening, {
        ...accept,
        ...type({ format: 'anchors' }),
        points: broken,
      }).opening.refusal,
    ).toBe('invalid-point');
  });

  test('an opener does not propose what it would refuse, and an accepter does not answer what would be refused', () => {
    const step = offerOpening(selfOf(0, 'ledger'), wishOf('anchors', { pushMsat: msat(1e9) }));
    expect([step.send, step.opening.refusal]).toEqual([null, 'opener-cannot-pay-fee']);
    const dusty = selfOf(1, 'ledger', { limits: { ...LIMITS, channelReserveSat: sat(354), dustLimitSat: sat(354) } });
    const answer = answerOpening(dusty, { ...open, ...limits({ dustLimitSat: sat(400) }) });
    expect([answer.send, answer.opening.refusal]).toEqual([null, 'reserve-below-other-dust-limit']);
  });

  test('of a signature that is not one, on either side', () => {
    const [opener, accepter] = [selfOf(0, 'eager'), selfOf(1, 'eager')];
    const first = offerOpening(opener, wishOf('anchors'));
    const answered = answerOpening(accepter, first.send as OpenChannel);
    const funded = fundOpening(receiveOpening(first.opening, answered.send!).opening, FUNDING);
    const elsewhere = { ...funded.send!, funding: { ...FUNDING, vout: 2 } } as NonNullable<OpeningStep['send']>;
    expect(receiveOpening(answered.opening, elsewhere).opening.refusal).toBe('invalid-signature');
    const signed = receiveOpening(answered.opening, funded.send!).send!;
    const forged = { ...signed, signature: (funded.send as { signature: Uint8Array }).signature } as typeof signed;
    expect(receiveOpening(funded.opening, forged).opening.refusal).toBe('invalid-signature');
    expect(receiveOpening(funded.opening, signed).opening.phase).toBe('signed');
  });

  test('of every message that comes when it is not due', () => {
    const first = offered.opening;
    const answered = answerOpening(selfOf(1, 'ledger'), open).opening;
    const { a, b } = openTogether(selfOf(0, 'ledger'), selfOf(1, 'ledger'), wishOf('anchors'));
    const created = { type: 'funding_created', funding: FUNDING, shared: null, signature: new Uint8Array(0) } as const;
    const signed = { type: 'funding_signed', signature: new Uint8Array(0), witnesses: [] } as const;
    const ready = { type: 'channel_ready' } as const;
    for (const [opening, messages] of [
      [first, [open, created, signed, ready]],
      [answered, [open, accept, signed, ready]],
      [a, [open, accept, created, signed]],
      [b, [open, accept, created, signed]],
      [receiveOpening(a, ready).opening, [ready]],
    ] as const) {
      for (const message of messages) {
        expect(receiveOpening(opening, message).opening).toMatchObject({
          phase: 'failed',
          refusal: 'message-out-of-order',
        });
      }
    }
  });
});

test('whatever is agreed on can be a channel: both ends are made, and each has a first commitment with an output', () => {
  let agreed = 0;
  const amount = fc.integer({ min: 0, max: 60_000 });
  fc.assert(
    fc.property(
      fc.constantFrom(...FORMATS),
      amount,
      amount,
      fc.integer({ min: 0, max: 6000 }),
      fc.tuple(amount, amount),
      fc.tuple(fc.integer({ min: 354, max: 6000 }), fc.integer({ min: 354, max: 6000 })),
      (format, fundingSat, pushSat, feerate, reserves, dusts) => {
        const limitsOf = (side: 0 | 1): ChannelLimits => ({
          ...LIMITS,
          channelReserveSat: sat(reserves[side]),
          dustLimitSat: sat(dusts[side]),
        });
        const policy = { ...POLICY, mostReserveMillionths: 1e6, leastFundingSat: sat(0), leastFeeratePerKw: 0 };
        const offer = offerOpening(
          selfOf(0, 'ledger', { limits: limitsOf(0), policy }),
          wishOf(format, {
            fundingSat: sat(fundingSat),
            pushMsat: msat(1000 * pushSat),
            feeratePerKw: FORMAT[format].paidWeight === 0 ? 0 : feerate,
          }),
        );
        if (offer.send === null) return;
        const answer = answerOpening(selfOf(1, 'ledger', { limits: limitsOf(1), policy }), offer.send as OpenChannel);
        if (answer.send === null) return;
        const accepted = receiveOpening(offer.opening, answer.send);
        // an accepter answers nothing that its opener, of the same policy, refuses
        expect(accepted.opening.phase).toBe('accepted');
        agreed++;
        const facts = { ...openedChannel(accepted.opening) };
        const material: ChannelMaterial = {
          funding: FUNDING,
          capacitySat: sat(fundingSat),
          format,
          opener: 0,
          limits: [facts.localLimits, facts.remoteLimits],
          secrets: SECRETS,
          points: [channelPoints(SECRETS[0]), channelPoints(SECRETS[1])],
        };
        for (const [side, opened] of [facts, openedChannel(answer.opening)].entries()) {
          const end = new ChannelEnd<null>(opened);
          if (agreed > 20) continue; // bytes are dear
          const { outputs } = materialiseCommitment(material, side as 0 | 1, end.spec('local'));
          expect(outputs.filter(({ valueSat }) => valueSat > 330).length).toBeGreaterThan(0);
        }
      },
    ),
    { numRuns: 3000 },
  );
  expect(agreed).toBeGreaterThan(100);
});
