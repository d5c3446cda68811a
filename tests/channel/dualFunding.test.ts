/** A channel that both ends fund: its balances, its reserve, and its funding transaction on a real chain. */
import { expect, test } from 'vitest';
import { present } from '../../src/base/assert.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { sat } from '../../src/base/units.ts';
import { txidOf, type Txid } from '../../src/chain/transaction.ts';
import { sha256 } from '../../src/crypto/hashes.ts';
import { ChannelEnd } from '../../src/channel/channelEnd.ts';
import { dualFundedReserveSat, dualFundingOutput } from '../../src/channel/dualFunding.ts';
import { answerDualOpening, offerDualOpening } from '../../src/channel/dualOpening.ts';
import { channelSecrets } from '../../src/channel/keys.ts';
import { materialiseCommitment, type ChannelMaterial } from '../../src/channel/materialise.ts';
import {
  completeOpening,
  openedChannel,
  receiveOpening,
  type OpeningSelf,
  type OpeningStep,
  type OwnFunding,
} from '../../src/channel/opening.ts';
import { openingPoints, type OpeningMessage } from '../../src/channel/openingMessages.ts';
import type { OpeningPolicy } from '../../src/channel/openingRules.ts';
import { POLICY as LEGACY_POLICY } from './openingPolicy.ts';
import { eagerOpeningSigner } from '../../src/channel/openingSigner.ts';
import {
  sharedTransactionRefusal,
  unsignedSharedTransaction,
  type Part,
  type SharedInput,
  type SharedTransaction,
} from '../../src/channel/sharedTransaction.ts';
import { fundedWorld, type Owned } from '../chain/wallet.ts';
import { CHAIN_LIMITS, mustAccept, signCoin } from './onChain.ts';

/** Both ends of an opening in which each puts in that much, as far as the accepter's answer and what the opener makes of it. */
function agree(
  fundingSat: readonly [number, number],
  change: Partial<OpeningPolicy> = {},
  dustLimitSat = 354,
): { a: OpeningStep; b: OpeningStep } {
  const selfOf = (side: 0 | 1): OpeningSelf => ({
    policy: { ...POLICY, ...change },
    signer: eagerOpeningSigner(SECRETS[side]),
    // what it says of a reserve is not told
    limits: { ...CHAIN_LIMITS, dustLimitSat: sat(dustLimitSat), channelReserveSat: sat(77) },
    points: POINTS[side],
    upfrontShutdownScript: new Uint8Array(0),
  });
  const offered = offerDualOpening(selfOf(0), { ...WISH, fundingSat: sat(fundingSat[0]) });
  if (offered.send?.type !== 'open_channel2') throw new Error('an offer');
  const b = answerDualOpening(selfOf(1), offered.send, sat(fundingSat[1]));
  return { a: b.send ? receiveOpening(offered.opening, b.send) : offered, b };
}

const SECRETS = [channelSecrets(sha256(utf8('dual')), '0'), channelSecrets(sha256(utf8('dual')), '1')] as const;
const POINTS = [openingPoints(SECRETS[0]), openingPoints(SECRETS[1])] as const;
const WISH = {
  feeratePerKw: 2500,
  fundingFeeratePerKw: 1000,
  channelType: { format: 'anchors_zero_fee_htlc_tx', zeroConf: false, scidAlias: false },
  announceChannel: true,
} as const;
const POLICY: OpeningPolicy = {
  ...LEGACY_POLICY,
  formats: ['anchors_zero_fee_htlc_tx'],
  largeChannels: true,
  dualFund: true,
  leastFundingSat: sat(1000),
  mostReserveMillionths: 1_000_000,
};

test('the reserve is a hundredth of both contributions, and not below either dust limit', () => {
  expect(dualFundedReserveSat(sat(1_000_099), [sat(354), sat(500)])).toBe(10_000);
  expect(dualFundedReserveSat(sat(40_000), [sat(354), sat(500)])).toBe(500);
  for (const { opening } of Object.values(agree([600_000, 400_099]))) {
    const { localLimits, remoteLimits } = openedChannel(opening);
    expect([localLimits.channelReserveSat, remoteLimits.channelReserveSat]).toEqual([10_000, 10_000]);
  }
});

test('what is wrong with the terms is refused by name, and nothing is said', () => {
  const refused = (...of: Parameters<typeof agree>): unknown => {
    const { b } = agree(...of);
    return b.send === null ? b.opening.refusal : null;
  };
  // 1124 × 2500 / 1000 + 2 × 330 = 3470
  expect(refused([3469, 100_000])).toBe('opener-cannot-pay-fee');
  expect(refused([3824, 354])).toBe('nothing-above-reserve');
  expect(refused([3825, 354])).toBeNull();
  expect(refused([600_000, 400_000], { dualFund: false })).toBe('dual-fund-not-negotiated');
  // both contributions count
  expect(refused([600_000, 400_000], { leastFundingSat: sat(1_000_001) })).toBe('funding-too-small');
  expect(refused([600_000, 400_000], { leastFundingSat: sat(1_000_000) })).toBeNull();
  expect(refused([600_000, 400_000], { mostReserveMillionths: 9_999 })).toBe('reserve-too-large');
});

test('v1 has no place where v2 was agreed on, nor the other way round', () => {
  const { a, b } = agree([600_000, 400_000]);
  const { opening } = a;
  const bare = { type: 'funding_created', funding: { txid: '00'.repeat(32) as Txid, vout: 0 }, shared: null } as const;
  const message = { ...bare, signature: new Uint8Array(0) };
  expect(receiveOpening(b.opening, message).opening.refusal).toBe('message-out-of-order');
  const accept = { ...present(opening.accept, 'the terms') };
  expect(receiveOpening({ ...opening, phase: 'opened' }, accept).opening.refusal).toBe('message-out-of-order');
});

test('both put money in by one transaction, which confirms; each end starts with what it put in', () => {
  const world = fundedWorld(2);
  const { a, b } = agree([600_000, 400_000]);
  const views = [openedChannel(a.opening), openedChannel(b.opening)];
  expect(views.map(({ toLocalMsat, toRemoteMsat }) => [toLocalMsat, toRemoteMsat])).toEqual([
    [6e8, 4e8],
    [4e8, 6e8],
  ]);
  expect(views[0]!.terms).toEqual(views[1]!.terms);

  const input = (coin: Owned, serialId: number): SharedInput => ({
    serialId,
    prevout: coin.outPoint,
    ...coin.output,
    sequence: 0xfffffffd,
    witnessWeight: 108,
  });
  const [coin, otherCoin] = world.coins as readonly [Owned, Owned];
  const change = (from: Owned, serialId: number, spentSat: number): { serialId: number } & Owned['output'] => ({
    serialId,
    valueSat: sat(from.output.valueSat - spentSat),
    script: world.key.script,
  });
  const shared = {
    feeratePerKw: 1000,
    lockTime: 0,
    funding: dualFundingOutput(...POINTS, sat(1_000_000), 4),
    previous: null,
    initiator: { inputs: [input(coin, 8)], outputs: [change(coin, 2, 600_700)], contributionSat: 600_000 },
    other: { inputs: [input(otherCoin, 1)], outputs: [change(otherCoin, 3, 400_400)], contributionSat: 400_000 },
  };
  expect(sharedTransactionRefusal(shared)).toBeNull();
  const unsigned = unsignedSharedTransaction(shared);
  const completed = completeOpening(a.opening, shared);
  const created = present(completed.send, 'funding_created');
  const witnesses = [[Uint8Array.of(1)]];
  const own = (part: Part): OwnFunding => ({ part, witnesses: () => witnesses });
  const answered = receiveOpening(b.opening, created, own(shared.other));
  const done = receiveOpening(completed.opening, present(answered.send, 'funding_signed'));
  expect([done.opening.phase, answered.opening.phase]).toEqual(['signed', 'signed']);
  expect(done.opening.funding).toEqual(answered.opening.funding);
  expect(answered.send).toMatchObject({ witnesses });

  // the accepter signs for nothing but what it added, and was agreed on
  const refusal = (tx: SharedTransaction, part = shared.other): unknown =>
    receiveOpening(b.opening, { ...created, shared: tx } as OpeningMessage, own(part)).opening.refusal;
  expect(refusal({ ...shared, feeratePerKw: 999 })).toBe('contribution-not-as-agreed');
  expect(refusal({ ...shared, other: { ...shared.other, outputs: [] } })).toBe('contribution-not-as-agreed');
  expect(refusal(shared, { ...shared.other, inputs: [] })).toBe('contribution-not-as-agreed');
  expect(refusal({ ...shared, lockTime: 1 })).toBe('wrong-funding-output');
  const none = { type: 'funding_signed', signature: new Uint8Array(0), witnesses: [] } as const;
  expect(receiveOpening(completed.opening, none).opening.refusal).toBe('wrong-witness-count');
  const cheap = { ...shared, initiator: { ...shared.initiator, outputs: [change(coin, 2, 600_100)] } };
  expect(completeOpening(a.opening, cheap).opening.refusal).toBe('feerate-not-met');

  const signed = signCoin(signCoin(unsigned, coin, world.key), otherCoin, world.key);
  mustAccept(world, signed);
  world.mine();

  const vout = signed.outputs.findIndex(({ valueSat }) => valueSat === 1_000_000);
  const material: ChannelMaterial = {
    funding: { txid: txidOf(signed), vout },
    capacitySat: sat(1_000_000),
    format: 'anchors_zero_fee_htlc_tx',
    opener: 0,
    limits: [views[0]!.localLimits, views[1]!.localLimits],
    secrets: SECRETS,
    points: [POINTS[0].basepoints, POINTS[1].basepoints],
  };
  const end = new ChannelEnd<null>(views[1]!);
  mustAccept(world, materialiseCommitment(material, 1, end.spec('local')).transaction);
});
