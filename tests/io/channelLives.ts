/** Runs whose chains hold every transaction of a channel's life, for the tests of what is made of a chain. */
import { concatBytes } from '../../src/base/bytes.ts';
import type { Blockchain } from '../../src/chain/blockchain.ts';
import type { CommitmentFormat } from '../../src/channel/limits.ts';
import type { RunResult } from '../../src/experiment/run.ts';
import { blockFile } from '../../src/io/blockFile.ts';
import { runSmall } from '../sim/smallWorld.ts';

export const FORMATS: readonly CommitmentFormat[] = [
  'anchors_zero_fee_htlc_tx',
  'anchors',
  'static_remotekey',
  'zero_fee_commitments',
];

/** Six nodes in a ring: channels end mutually, by force with HTLCs both ways, in a punished theft and in one that pays. */
export const channelLives = (format: CommitmentFormat, seed = 1): RunResult =>
  runSmall({
    seed,
    topology: { generate: 'ring', nodes: 6 },
    channels: { liquidity: 'balanced', format },
    traffic: { payments: 20, rate: 1, amount: { medianSat: 5000, sigma: 1 } },
    closures: [
      { channel: '#0', at: 10, kind: 'mutual' },
      {
        channel: '#1',
        at: 10,
        kind: 'unilateral',
        pending: [
          { from: 'closer', count: 2, amountSat: 20_000, outcome: 'claim' },
          { from: 'peer', count: 2, amountSat: 20_000, outcome: 'claim' },
          { from: 'closer', amountSat: 30_000, outcome: 'timeout' },
          { from: 'peer', amountSat: 30_000, outcome: 'timeout' },
        ],
      },
      {
        channel: '#2',
        at: 10,
        kind: 'revoked',
        pending: [
          { from: 'closer', amountSat: 20_000, outcome: 'claim' },
          { from: 'peer', amountSat: 20_000, outcome: 'timeout' },
        ],
      },
      { channel: '#3', at: 10, kind: 'revoked-unpunished' },
    ],
  });

/** The whole block file of a chain. */
export const fileOf = (chain: Blockchain): Uint8Array => concatBytes(...blockFile(chain));
