import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Rng } from '../../src/base/random.ts';
import { seconds } from '../../src/base/time.ts';
import { msat } from '../../src/base/units.ts';
import { LiquidityMemory } from '../../src/routing/ldk/liquidity.ts';
import { negativeLog10Times2048 } from '../../src/routing/ldk/log10.ts';
import { findPath } from '../../src/routing/ldk/search.ts';
import { Scorer, type ScorerOptions } from '../../src/routing/ldk/scorer.ts';
import { priceRoute } from '../../src/routing/route.ts';
import { prepareStrategy } from '../../src/routing/registry.ts';
import { isRouteFailure, type RoutingStrategy } from '../../src/routing/strategy.ts';
import { amongHubs } from './hubs.ts';
import { answer, network, outcomeOf, requestOf, viewOf } from './network.ts';

const ldk = (options: Record<string, unknown> = {}): RoutingStrategy =>
  prepareStrategy('ldk', options, { file: 'test', path: '' })(Rng.fromSeed(1));

/** No penalty but those given, liquidity uniform: what LDK's tests start from. */
const NONE: ScorerOptions = {
  basePenaltyMsat: 0,
  basePenaltyAmountMultiplierMsat: 0,
  liquidityPenaltyMultiplierMsat: 0,
  liquidityPenaltyAmountMultiplierMsat: 0,
  historicalLiquidityPenaltyMultiplierMsat: 0,
  historicalLiquidityPenaltyAmountMultiplierMsat: 0,
  antiProbingPenaltyMsat: 0,
  consideredImpossiblePenaltyMsat: 0,
  linearSuccessProbability: true,
};
const IMPOSSIBLE = 1e12;
const EDGE = 84;
const REVERSE = 85;
/** What LDK's tests learn with: the channels' maximum HTLC stands for their capacity. */
const LEARNT_CAPACITY = 1000;

/** An edge with a memory, and what it costs. */
class Story {
  readonly memory: LiquidityMemory;
  readonly scorer: Scorer;
  now = 0;

  constructor(options: Partial<ScorerOptions>, offsetHalfLifeSeconds = 1800, historyHalfLifeSeconds = 1_209_600) {
    this.scorer = new Scorer({ ...NONE, ...options });
    this.memory = new LiquidityMemory({ offsetHalfLifeSeconds, historyHalfLifeSeconds });
  }

  penalty(amountMsat: number, capacityMsat = 1000, inFlightMsat = 0, htlcMaximumMsat = 1, edge = EDGE): number {
    const liquidity = this.memory.look(edge, capacityMsat, seconds(this.now));
    return this.scorer.penaltyMsat(liquidity, amountMsat, inFlightMsat, capacityMsat, htlcMaximumMsat);
  }

  probability(amountMsat: number, capacityMsat: number): number {
    const liquidity = this.memory.look(EDGE, capacityMsat, seconds(this.now));
    return this.scorer.probability(liquidity, amountMsat, 0, capacityMsat);
  }

  failed(amountMsat: number, capacityMsat = LEARNT_CAPACITY): void {
    this.memory.failed(EDGE, amountMsat, capacityMsat, seconds(this.now));
  }

  passed(amountMsat: number): void {
    this.memory.passed(EDGE, amountMsat, LEARNT_CAPACITY, seconds(this.now));
  }

  succeeded(amountMsat: number): void {
    this.memory.succeeded(EDGE, amountMsat, LEARNT_CAPACITY, seconds(this.now));
  }

  /** Buckets that are not empty, by their place in the channel: `lower 0:32 | upper 6:32`. */
  history(): string {
    const { lower, upper } = this.memory.look(EDGE, LEARNT_CAPACITY, seconds(this.now));
    const filled = (buckets: readonly number[]): string =>
      buckets
        .map((count, bucket) => (count === 0 ? '' : `${bucket}:${count}`))
        .filter((text) => text !== '')
        .join(' ');
    return `${filled([...(lower ?? [])])} | ${filled([...(upper ?? [])].toReversed())}`;
  }
}

test('the logarithm is the table of log₁₀ to six bits', () => {
  // rows 1, 2, 6 and 7 of LDK's table
  const log = (x: number): number => negativeLog10Times2048(1, x);
  expect([1, 2, 3, 4, 5, 24, 64, 65, 127, 128, 129, 130].map(log)).toEqual([
    0, 617, 617, 1233, 1233, 2749, 3699, 3713, 4309, 4316, 4316, 4329,
  ]);
  fc.assert(
    fc.property(fc.oneof(fc.integer({ min: 64 }), fc.bigInt({ min: 64n, max: 2n ** 53n }).map(Number)), (x) => {
      const exact = Math.log10(x) * 2048;
      expect(log(x)).toBeLessThanOrEqual(exact + 0.51);
      expect(log(x)).toBeGreaterThanOrEqual(exact - 2048 * Math.log10(1 + 1 / 64) - 0.51);
    }),
  );
});

describe("the values of LDK's scoring.rs", () => {
  test('the penalty grows towards the upper bound', () => {
    const story = new Story({ liquidityPenaltyMultiplierMsat: 1000 });
    expect([1024, 10_240, 102_400, 1_023_999].map((amount) => story.penalty(amount, 1_024_000))).toEqual([
      0, 0, 47, 2000,
    ]);
    expect([128, 256, 374, 512, 640, 768, 896].map((amount) => story.penalty(amount, 1024))).toEqual([
      58, 125, 198, 300, 425, 602, 902,
    ]);
  });

  test('a failure further on sets the lower bound, a failure here the upper one', () => {
    const options = { liquidityPenaltyMultiplierMsat: 1000, consideredImpossiblePenaltyMsat: IMPOSSIBLE };
    const penalties = (story: Story, amounts: number[]): number[] => amounts.map((amount) => story.penalty(amount));
    const passed = new Story(options);
    expect(penalties(passed, [250, 500, 750])).toEqual([128, 301, 602]);
    passed.passed(500);
    expect(penalties(passed, [250, 500, 750])).toEqual([0, 0, 300]);
    const failed = new Story(options);
    failed.failed(500);
    expect(penalties(failed, [250, 500])).toEqual([300, 2000]);
    expect(failed.penalty(501)).toBeGreaterThanOrEqual(IMPOSSIBLE);
    expect(failed.penalty(750)).toBeGreaterThanOrEqual(IMPOSSIBLE);
  });

  test('a success takes the amount off the upper bound', () => {
    const story = new Story({ liquidityPenaltyMultiplierMsat: 1000 });
    expect(story.penalty(250)).toBe(128);
    story.succeeded(500);
    expect(story.penalty(250)).toBe(300);
  });

  test('the bounds decay', () => {
    const story = new Story({ liquidityPenaltyMultiplierMsat: 1000, consideredImpossiblePenaltyMsat: IMPOSSIBLE }, 10);
    const penalties = (amounts: number[]): number[] =>
      amounts.map((amount) => Math.min(IMPOSSIBLE, story.penalty(amount, 1024)));
    expect(penalties([0, 1023])).toEqual([0, 2000]);
    story.failed(768);
    story.passed(128);
    expect(penalties([128, 256, 768, 896])).toEqual([0, 93, 1479, IMPOSSIBLE]);
    story.now = 5;
    expect(penalties([128, 256, 768, 896])).toEqual([22, 106, 921, IMPOSSIBLE]);
    story.now = 10;
    expect(penalties([64, 128, 896, 960])).toEqual([0, 34, 1970, IMPOSSIBLE]);
    story.now = 100;
    expect(penalties([0, 1, 1024, 1025])).toEqual([0, 0, 2000, IMPOSSIBLE]);
  });

  test('bounds that were half forgotten are narrowed again', () => {
    const story = new Story({ liquidityPenaltyMultiplierMsat: 1000 }, 10);
    expect(story.penalty(512, 1024)).toBe(300);
    story.failed(768);
    story.passed(256);
    expect(story.penalty(512, 1024)).toBe(281);
    story.now = 10;
    expect(story.penalty(512, 1024)).toBe(291);
    story.succeeded(64);
    expect(story.penalty(512, 1024)).toBe(331);
    story.passed(256);
    expect(story.penalty(512, 1024)).toBe(245);
    story.now = 20;
    expect(story.penalty(512, 1024)).toBe(280);
  });

  test('realistic payments over unknown channels, with the defaults', () => {
    const scorer = new Scorer({
      basePenaltyMsat: 5_120,
      basePenaltyAmountMultiplierMsat: 655_360,
      liquidityPenaltyMultiplierMsat: 0,
      liquidityPenaltyAmountMultiplierMsat: 0,
      historicalLiquidityPenaltyMultiplierMsat: 50_000,
      historicalLiquidityPenaltyAmountMultiplierMsat: 6_250,
      antiProbingPenaltyMsat: 1_250,
      consideredImpossiblePenaltyMsat: 1e11,
      linearSuccessProbability: false,
    });
    const { memory } = new Story({});
    const penalty = (capacityMsat: number): number =>
      scorer.penaltyMsat(memory.look(EDGE, capacityMsat, seconds(0)), 100_000_000, 0, capacityMsat, 1000);
    // capacities in millions of msat
    // prettier-ignore
    expect([950, 1950, 2950, 3950, 4950, 5950, 6950, 7450, 7950, 8950, 9950].map((millions) => penalty(millions * 1e6))).toEqual([
      211_262, 180_032, 164_259, 154_165, 149_434, 144_702, 142_178, 139_969, 139_969, 137_446, 135_238,
    ]);
    expect(scorer.leastPenaltyMsat(100_000_000, true)).toBeLessThan(135_238);
    expect(scorer.leastPenaltyMsat(100_000_000, true)).toBeGreaterThan(110_000);
  });

  test('base, amount and anti-probing penalties add up', () => {
    const base = { liquidityPenaltyMultiplierMsat: 1000 };
    expect(new Story(base).penalty(128, 1024)).toBe(58);
    expect(new Story({ ...base, basePenaltyMsat: 500 }).penalty(128, 1024)).toBe(558);
    const scaled = { ...base, basePenaltyMsat: 500, basePenaltyAmountMultiplierMsat: 2 ** 30 };
    expect(new Story(scaled).penalty(128, 1024)).toBe(558 + 128);
    expect(new Story(base).penalty(512_000, 1_024_000)).toBe(300);
    expect(new Story({ ...base, liquidityPenaltyAmountMultiplierMsat: 256 }).penalty(512_000, 1_024_000)).toBe(337);
    const probed = new Story({ antiProbingPenaltyMsat: 1250 });
    expect([1000, 511_999, 512_000, 1_024_000].map((most) => probed.penalty(512_000, 1_024_000, 0, most))).toEqual([
      0, 0, 1250, 1250,
    ]);
  });

  test('what is in flight counts', () => {
    const story = new Story({ consideredImpossiblePenaltyMsat: IMPOSSIBLE });
    expect(story.penalty(750, 1000)).toBe(0);
    expect(story.penalty(750, 1000, 251)).toBe(IMPOSSIBLE);
  });

  const historical = {
    historicalLiquidityPenaltyMultiplierMsat: 1024,
    historicalLiquidityPenaltyAmountMultiplierMsat: 1024,
  };

  test('failures stay in the history after the bounds are known better', () => {
    const story = new Story(historical, 3600, 10);
    expect(story.penalty(100, 1024)).toBe(135);
    expect(story.history()).toBe(' | ');
    story.failed(1);
    expect(story.penalty(100, 1024)).toBe(2048);
    expect(story.penalty(1, 1024)).toBe(220);
    expect(story.history()).toBe('0:32 | 6:32');
    expect(story.probability(1, 1000)).toBeGreaterThan(0.35);
    expect(story.probability(500, 1000)).toBe(0);
    story.passed(1000);
    expect(story.penalty(100, 1024)).toBe(83);
    expect(story.history()).toBe('0:31 26:32 | 6:31 31:32');
    expect(story.probability(500, 1000)).toBeGreaterThan(0.61);
    expect(story.probability(500, 1000)).toBeLessThan(0.62);
    expect(story.probability(1, 1000)).toBeGreaterThan(0.88);
    expect(story.probability(1, 1000)).toBeLessThan(0.89);
    story.now = 160;
    expect(story.penalty(100, 1024)).toBe(135);
    expect(story.history()).toBe(' | ');
    story.failed(1);
    expect(story.penalty(100, 1024, 1024)).toBe(2048);
    expect(story.penalty(1, 0)).toBe(2048);
  });

  test('10,000 sat over a channel of 1 BTC', () => {
    const CAPACITY = 100_000_000_000;
    const story = new Story(historical, 3600, 10);
    const amount = 10_000_000;
    expect(story.penalty(amount, CAPACITY)).toBe(910);
    story.failed(amount, CAPACITY);
    expect(story.penalty(amount, CAPACITY)).toBe(2048 + Math.floor((2048 * amount) / 2 ** 20));
    expect(story.history()).toBe('0:32 | 1:32');
    expect(story.probability(amount, CAPACITY)).toBeLessThanOrEqual(0.01);
    story.failed(amount / 2, CAPACITY);
    expect(story.history()).toBe('0:63 | 0:32 1:31');
    expect(story.probability(amount / 2, CAPACITY)).toBeLessThanOrEqual(0.01);
  });

  test('the other direction sees the mirror image', () => {
    const story = new Story({});
    story.failed(300);
    const { minMsat, maxMsat } = story.memory.look(REVERSE, LEARNT_CAPACITY, seconds(0));
    expect([minMsat, maxMsat]).toEqual([700, 1000]);
    // a lower bound that crosses the upper one forgets it
    story.passed(400);
    const now = story.memory.look(EDGE, LEARNT_CAPACITY, seconds(0));
    expect([now.minMsat, now.maxMsat]).toEqual([400, 1000]);
    story.failed(200);
    const then = story.memory.look(EDGE, LEARNT_CAPACITY, seconds(0));
    expect([then.minMsat, then.maxMsat]).toEqual([0, 200]);
  });
});

describe('the search', () => {
  //     B      small channels through B, large ones through C at 20 sat
  //   /   \
  //  A     D
  //   \   /
  //     C
  const graph = network([
    ['A-B', 0, { capacitySat: 100_000 }],
    ['B-D', 0, { capacitySat: 100_000 }],
    ['A-C', 0, { capacitySat: 10_000_000 }],
    ['C-D', 20_000, { capacitySat: 10_000_000 }],
  ]);
  const request = requestOf(graph, 'A', 'D');

  test('pays to go where it is likelier, by how much the amount matters', () => {
    expect(answer(ldk(), { ...request, amountMsat: msat(1_000_000) }, viewOf(graph))).toBe('A-B-D 0');
    expect(answer(ldk(), { ...request, amountMsat: msat(24_000_000) }, viewOf(graph))).toBe('A-C-D 20000');
    const cheap = ldk({
      historicalLiquidityPenaltyMultiplierMsat: 0,
      historicalLiquidityPenaltyAmountMultiplierMsat: 0,
    });
    expect(answer(cheap, { ...request, amountMsat: msat(24_000_000) }, viewOf(graph))).toBe('A-B-D 0');
  });

  test('fills at most a quarter of a channel, unless there is no other way', () => {
    const small = network([
      ['A-B', 0, { capacitySat: 100_000 }],
      ['B-D', 0, { capacitySat: 100_000 }],
    ]);
    const most = { ...requestOf(small, 'A', 'D'), amountMsat: msat(26_000_000) };
    expect(
      answer(
        ldk({ historicalLiquidityPenaltyMultiplierMsat: 0 }),
        { ...request, amountMsat: msat(26_000_000) },
        viewOf(graph),
      ),
    ).toBe('A-C-D 20000');
    expect(answer(ldk(), most, viewOf(small))).toBe('A-B-D 0');
  });

  test('learns where an attempt failed, and how likely a way is from then on', () => {
    const payer = ldk();
    const likely = (): number => {
      const found = payer.findRoutes({ ...request, amountMsat: msat(1_000_000) }, viewOf(graph));
      return isRouteFailure(found) ? 0 : found[0]!.probability!;
    };
    const before = likely();
    expect(before).toBeGreaterThan(0.7);
    payer.learn(outcomeOf(graph, 'A-B-D', 1_000_000, 0, { name: 'temporary_channel_failure', at: 'B' }));
    expect(answer(payer, { ...request, amountMsat: msat(1_000_000) }, viewOf(graph))).toBe('A-C-D 20000');
    for (let i = 0; i < 5; i++) payer.learn(outcomeOf(graph, 'A-C-D', 1_000_000, i));
    expect(likely()).toBeGreaterThan(before);
  });

  test('of own channels to a peer takes the smallest that is large enough', () => {
    const own = network([
      ['A-B', 0, { capacitySat: 900_000 }],
      ['A-B', 0, { capacitySat: 500_000 }],
      ['A-B', 0, { capacitySat: 20_000 }],
    ]);
    const view = viewOf(own, { spendableMsat: (edge) => own.capacityMsat[edge >> 1]! });
    expect(ldk().findRoutes(requestOf(own, 'A', 'B'), view)).toMatchObject([{ edges: [2] }]);
  });

  test('splits over several ways, the cheapest by value, to the last msat', () => {
    const lines = Array.from({ length: 6 }, (_, i) => [
      [`A-${i}`, 0, { capacitySat: 100_000 }] as const,
      [`${i}-D`, 1000 * i, { capacitySat: 100_000 }] as const,
    ]).flat();
    const wide = network(lines);
    const asked = requestOf(wide, 'A', 'D', { amountMsat: msat(90_000_001), maxParts: 10 });
    const view = viewOf(wide, { spendableMsat: (edge) => wide.capacityMsat[edge >> 1]! });
    const found = ldk().findRoutes(asked, view);
    if (isRouteFailure(found)) throw new Error(found.failure);
    expect(found.reduce((sum, { amountsMsat }) => sum + amountsMsat.at(-1)!, 0)).toBe(90_000_001);
    expect(found.length).toBeGreaterThan(1);
  });
});

// LDK's search leaves a row where no further edge can be cheap enough: by fees for the least that a path may contribute
test.each([
  [1_000_000, 1],
  [9_990_000, 1],
  [9_990_000, 100],
  [2_000_000_000, 1000],
])('without penalties the path is the cheapest: %d msat, in parts of one %d-th at least', (amountMsat, parts) => {
  let found = 0;
  const scores = {
    scorer: new Scorer(NONE),
    memory: new LiquidityMemory({ offsetHalfLifeSeconds: 1, historyHalfLifeSeconds: 1 }),
    now: seconds(0),
  };
  const demand = {
    valueMsat: amountMsat,
    leastContributionMsat: amountMsat / parts,
    saturationPowerOfHalf: 0,
    maxCltvExpiryDelta: 1000,
    usedMsat: new Map<number, number>(),
  };
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 5, max: 60 }), (seed, nodes) => {
      amongHubs(seed, nodes, amountMsat, (request, view, [leastFeeMsat]) => {
        // LDK leaves a channel that failed out both ways
        if (view.excludedEdges.length > 0) return;
        const path = findPath(request, view, scores, demand);
        if (path === null) return expect(leastFeeMsat).toBe(Infinity);
        found++;
        expect(priceRoute(view.graph, path.edges, msat(amountMsat), 9).feeMsat).toBe(leastFeeMsat);
      });
    }),
    { numRuns: 400 },
  );
  expect(found).toBeGreaterThan(500);
});
