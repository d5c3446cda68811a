/** Worlds whose block space others want: prices rise, low bids wait, and what fills the blocks can be real. */
import { describe, expect, test } from 'vitest';
import { blockWeight } from '../../src/chain/block.ts';
import type { ScenarioInput } from '../../src/experiment/scenario.ts';
import type { RunResult } from '../../src/experiment/run.ts';
import { judgeBlockFile } from '../io/foreignNode.ts';
import { fileOf } from '../io/channelLives.ts';
import { runSmall } from './smallWorld.ts';

const SMALL: ScenarioInput = {
  seed: 4,
  topology: { generate: 'ring', nodes: 6 },
  traffic: { payments: 20, rate: 0.01 },
  closures: [{ channel: '#3', at: '2h', kind: 'unilateral' }],
};
const withChain = (chain: NonNullable<ScenarioInput['chain']>): ScenarioInput => ({ ...SMALL, chain });

/** Blocks that the commitment of channel #3 waited for, and the rate of its sweep, sat per 1000 weight units. */
function fateOf({ world }: RunResult): { waited: number; sweepRate: number } {
  const commitment = world.transactions.find(({ kind }) => kind === 'commitment')!;
  const sweep = world.transactions.find(({ kind }) => kind === 'sweep')!;
  let waited = 1;
  const sentAt = commitment.broadcastAt! / 1e6 + world.chain.blockAt(0).block.header.timeSeconds;
  for (let height = commitment.height - 1; world.chain.blockAt(height).block.header.timeSeconds > sentAt; height--)
    waited++;
  return { waited, sweepRate: (1000 * sweep.feeSat) / sweep.weight };
}

describe('a market for block space', () => {
  test('in a spike a commitment of a low rate waits for hours, and what nodes sign then bids more', () => {
    const calm = fateOf(runSmall(withChain({ demand: { load: 0.2 } })));
    // 10 sat/vB against a median of 40
    const spike = { at: '1h', for: '4h', times: 8 };
    const bid = { medianSatPerVbyte: 40, sigma: 0.5 };
    const busy = fateOf(runSmall(withChain({ demand: { load: 0.2, bid, spikes: [spike] } })));
    expect(calm.waited).toBeLessThan(4);
    expect(busy.waited).toBeGreaterThan(20);
    expect(busy.sweepRate).toBeGreaterThan(2 * calm.sweepRate);
  });

  test('blocks of a quarter sell a quarter: what filled half of a block now waits, and bids more', () => {
    const { world } = runSmall({
      ...withChain({ blockMaxWeight: 1_000_000, demand: { load: 0.5 } }),
      traffic: { payments: 20, rate: 0.002 },
      closures: [],
      settle: 'none',
    });
    const sold = world.mining.market!.sold.slice(1);
    expect(sold.length).toBeGreaterThan(8);
    for (const { height, background, emptyWeight } of sold) {
      const own = blockWeight(world.chain.blockAt(height).block);
      const taken = background.reduce((sum, { weight }) => sum + weight, 0);
      expect(own + taken + emptyWeight).toBe(1_000_000);
      expect(emptyWeight).toBeLessThan(4000);
    }
    expect(sold.at(-1)!.marginalSatPerKvb).toBeGreaterThan(2000);
  });

  test('what the background takes is what came and fitted', () => {
    const { summary } = runSmall(withChain({ demand: { load: 0.5 } }));
    const { market } = summary.chain;
    expect(market!.backgroundShare).toBeGreaterThan(0.3);
    expect(market!.backgroundShare).toBeLessThan(0.8);
    expect(market!.price!.p50).toBe(1);
    expect(runSmall(SMALL).summary.chain.market).toBeNull();
  });

  test('made of real transactions it fills a chain that an independent node accepts', () => {
    const { world, summary } = runSmall({
      ...withChain({ demand: { load: 0.02 }, filler: true }),
      traffic: { payments: 10, rate: 0.01 },
      closures: [],
    });
    const verdict = judgeBlockFile(fileOf(world.chain));
    expect(verdict.blocks).toBe(world.chain.height + 1);
    const { filler } = summary.chain.byKind;
    expect(filler!.count).toBeGreaterThan(20);
    // all that the background took is there; the least transaction is larger than some bids
    const taken = summary.chain.market!.backgroundShare * 4e6 * world.mining.market!.sold.length;
    expect(filler!.weight / taken).toBeGreaterThan(0.99);
    expect(filler!.weight / taken).toBeLessThan(1.05);
  });
});

describe('what verifies signatures', () => {
  test('always, when it is told so: twice each, in the mempool and in the block, and the run is the same', () => {
    const [once, always] = (['once', 'always'] as const).map((verify) => runSmall(withChain({ verify })).summary);
    expect(always!.digest).toBe(once!.digest);
    expect(always!.chain.signaturesVerified).toBe(2 * once!.chain.signaturesVerified);
  });
});

describe('miners', () => {
  test('who censor keep a transaction out for as long as they find the blocks', () => {
    const closures: ScenarioInput['closures'] = [{ channel: '#3', at: '2h', kind: 'revoked' }];
    const punished = (behaviour: { kind: 'honest' } | { kind: 'censor'; transactions: ['penalty'] }): number => {
      const miners = [
        { name: 'one', behaviour },
        { name: 'small', hashPower: 0.05 },
      ];
      const { world } = runSmall({ ...withChain({ miners }), closures });
      const height = (wanted: string): number => world.transactions.find(({ kind }) => kind === wanted)!.height;
      return height('penalty') - height('revoked-commitment');
    };
    expect(punished({ kind: 'honest' })).toBeLessThan(3);
    expect(punished({ kind: 'censor', transactions: ['penalty'] })).toBeGreaterThan(5);
  });

  test('who double-spend win more often with more hash power', () => {
    const won = (hashPower: number): { won: number; attempts: number } => {
      const behaviour = { kind: 'double-spend' as const, confirmations: 2, giveUpBehind: 4 };
      const miners = [
        { name: 'honest', hashPower: 1 },
        { name: 'thief', hashPower, behaviour },
      ];
      const traffic = { payments: 200, rate: 0.001 };
      const { summary } = runSmall({ ...withChain({ miners }), traffic });
      return summary.chain.doubleSpends[0]!;
    };
    const [weak, strong] = [won(0.1), won(0.8)];
    expect(weak.attempts).toBeGreaterThan(5);
    expect(strong.won / strong.attempts).toBeGreaterThan(weak.won / weak.attempts);
  });
});
