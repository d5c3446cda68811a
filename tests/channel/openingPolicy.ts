/** What an end puts up with in the tests of openings. */
import { sat } from '../../src/base/units.ts';
import { blockHashOf } from '../../src/chain/block.ts';
import { genesisBlock } from '../../src/chain/regtest.ts';
import { FORMAT } from '../../src/channel/commitmentFormat.ts';
import type { CommitmentFormat } from '../../src/channel/limits.ts';
import type { OpeningPolicy } from '../../src/channel/openingRules.ts';

export const POLICY: OpeningPolicy = {
  chainHash: blockHashOf(genesisBlock().header),
  formats: Object.keys(FORMAT) as CommitmentFormat[],
  largeChannels: false,
  dualFund: false,
  trustsZeroConf: false,
  minimumDepth: 3,
  mostMinimumDepth: 100,
  leastFundingSat: sat(20_000),
  leastFeeratePerKw: 253,
  mostFeeratePerKw: 50_000,
  mostToSelfDelay: 2016,
  leastAcceptedHtlcs: 1,
  mostHtlcMinimumMsat: 1_000_000,
  leastInFlightMsat: 1,
  mostReserveMillionths: 50_000,
  mostDustLimitSat: sat(5000),
  zeroReserve: false,
  theory: false,
  shutdown: { anySegwit: true, simpleClose: true },
};
