/** A channel that both ends fund: its balances, its reserve, and its funding transaction on a real chain. */
import { expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { sat } from '../../src/base/units.ts';
import { txidOf } from '../../src/chain/transaction.ts';
import { sha256 } from '../../src/crypto/hashes.ts';
import { ChannelEnd } from '../../src/channel/channelEnd.ts';
import {
  dualFundedChannel,
  dualFundedReserveSat,
  dualFundingOutput,
  type DualFunder,
} from '../../src/channel/dualFunding.ts';
import { channelPoints, channelSecrets } from '../../src/channel/keys.ts';
import { materialiseCommitment, type ChannelMaterial } from '../../src/channel/materialise.ts';
import { openingPoints } from '../../src/channel/openingMessages.ts';
import {
  sharedTransactionRefusal,
  unsignedSharedTransaction,
  type SharedInput,
} from '../../src/channel/sharedTransaction.ts';
import { fundedWorld, type Owned } from '../chain/wallet.ts';
import { CHAIN_LIMITS, mustAccept, signCoin } from './onChain.ts';

const { channelReserveSat: _, ...LIMITS } = CHAIN_LIMITS;
const funder = (fundingSat: number, dustLimitSat = 354): DualFunder => ({
  limits: { ...LIMITS, dustLimitSat: sat(dustLimitSat) },
  fundingSat: sat(fundingSat),
  upfrontShutdownScript: new Uint8Array(0),
});
const WISH = {
  feeratePerKw: 2500,
  channelType: { format: 'anchors_zero_fee_htlc_tx', zeroConf: false, scidAlias: false },
  announceChannel: true,
} as const;

test('the reserve is a hundredth of both contributions, and not below either dust limit', () => {
  expect(dualFundedReserveSat(sat(1_000_099), [sat(354), sat(500)])).toBe(10_000);
  expect(dualFundedReserveSat(sat(40_000), [sat(354), sat(500)])).toBe(500);
});

test('an opener that cannot pay the fee, or a channel without an output, is refused by name', () => {
  // 1124 × 2500 / 1000 + 2 × 330 = 3470
  expect(dualFundedChannel(funder(3469), funder(100_000), WISH, 3, 'opener')).toBe('opener-cannot-pay-fee');
  expect(dualFundedChannel(funder(3824), funder(354), WISH, 3, 'opener')).toBe('nothing-above-reserve');
  expect(dualFundedChannel(funder(3825), funder(354), WISH, 3, 'opener')).toMatchObject({ toRemoteMsat: 354_000 });
});

test('both put money in by one transaction, which confirms; each end starts with what it put in', () => {
  const world = fundedWorld(2);
  const secrets = [channelSecrets(sha256(utf8('dual')), '0'), channelSecrets(sha256(utf8('dual')), '1')] as const;
  const parts = [funder(600_000), funder(400_000)] as const;
  const views = (['opener', 'accepter'] as const).map((view) => {
    const opened = dualFundedChannel(...parts, WISH, 3, view);
    if (typeof opened === 'string') throw new Error(opened);
    return opened;
  });
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
  const points = [openingPoints(secrets[0]), openingPoints(secrets[1])] as const;
  const shared = {
    feeratePerKw: 1000,
    lockTime: 0,
    funding: dualFundingOutput(...points, sat(1_000_000), 4),
    previous: null,
    initiator: { inputs: [input(coin, 8)], outputs: [change(coin, 2, 600_700)], contributionSat: 600_000 },
    other: { inputs: [input(otherCoin, 1)], outputs: [change(otherCoin, 3, 400_400)], contributionSat: 400_000 },
  };
  expect(sharedTransactionRefusal(shared)).toBeNull();
  const unsigned = unsignedSharedTransaction(shared);
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
    secrets,
    points: [channelPoints(secrets[0]), channelPoints(secrets[1])],
  };
  const end = new ChannelEnd<null>(views[1]!);
  mustAccept(world, materialiseCommitment(material, 1, end.spec('local')).transaction);
});
