/**
 * The market for block space in a world: the background's demand as the scenario describes it, what its blocks sold, and
 * the estimates that nodes pay by. Before traffic starts demand is stationary, so that the market has a past by then.
 */
import type { Rng } from '../base/random.ts';
import { micros, type Micros } from '../base/time.ts';
import { blockWeight } from '../chain/block.ts';
import type { Blockchain } from '../chain/blockchain.ts';
import { FeeEstimator } from '../chain/feeEstimator.ts';
import {
  lognormalBids,
  lognormalWeights,
  PoissonDemand,
  rateOfLoad,
  type DemandProcess,
} from '../chain/feeMarketDemand.ts';
import { MarketLedger } from '../chain/feeMarketLedger.ts';
import { DemandPool } from '../chain/feeMarketPool.ts';
import { diurnal, spike, stationary, together, type RateProfile } from '../chain/feeMarketProfiles.ts';
import { replayDemand } from '../chain/feeMarketReplay.ts';
import { MAX_BLOCK_WEIGHT } from '../chain/validate.ts';
import { exp } from '../base/math.ts';
import type { DemandPlan } from './config.ts';
import { FillerTransactions } from './fillerTransactions.ts';
import type { Miners } from './miners.ts';

/** What a market is made from. */
export interface MarketSetup {
  readonly plan: DemandPlan;
  readonly chain: Blockchain;
  readonly rng: Rng;
  readonly blockIntervalSeconds: number;
  /** weight units that blocks have at most once traffic has started */
  readonly blockMaxWeight: number;
  /** makes demand into real transactions; null: it stays weight alone */
  readonly filler: { readonly secret: Uint8Array; readonly miners: Miners } | null;
}

const nothing: DemandProcess = { next: () => null };

export class Market {
  readonly pool: DemandPool;
  readonly ledger: MarketLedger;
  readonly estimator: FeeEstimator;
  readonly filler: FillerTransactions | null;
  readonly #setup: MarketSetup;
  readonly #twins = new Map<Blockchain, DemandPool>();
  #blockMaxWeight = MAX_BLOCK_WEIGHT;

  constructor(setup: MarketSetup) {
    this.#setup = setup;
    const { plan, chain, filler } = setup;
    // real transactions need mature coins, and what was recorded begins with the traffic
    const early = plan.kind === 'poisson' && filler === null;
    this.pool = new DemandPool(early ? this.#poisson('before', stationary, micros(0)) : nothing);
    this.filler = filler && new FillerTransactions(filler.secret, filler.miners, (ofChain) => this.poolOf(ofChain));
    this.ledger = this.#ledgerOf(chain, this.pool);
    this.estimator = new FeeEstimator(this.ledger, { blockWeight: () => this.#blockMaxWeight });
  }

  /** What waits for the blocks of a chain: the world's own, or a miner's view of it, which may be another branch. */
  poolOf(chain: Blockchain): DemandPool {
    if (chain === this.#setup.chain) return this.pool;
    let pool = this.#twins.get(chain);
    if (!pool) {
      pool = this.pool.twin();
      this.#twins.set(chain, pool);
      this.#ledgerOf(chain, pool);
    }
    return pool;
  }

  #ledgerOf(chain: Blockchain, pool: DemandPool): MarketLedger {
    const { filler } = this;
    return new MarketLedger(chain, pool, {
      // a coinbase with many outputs may leave less than nothing of a small block
      roomIn: (block) => Math.max(0, this.#blockMaxWeight - blockWeight(block)),
      ...(filler && { realIn: (block) => filler.weightIn(block) }),
    });
  }

  /** Traffic starts: demand follows the day, its spikes, or the record from now on. */
  begin(now: Micros): void {
    const { plan, blockMaxWeight } = this.#setup;
    this.#blockMaxWeight = blockMaxWeight;
    if (plan.kind === 'replay') return this.pool.follow(replayDemand(plan.arrivals, now));
    const at = (time: Micros): Micros => micros(now + time);
    const profiles: RateProfile[] = plan.spikes.map((each) => spike(at(each.at), each.duration, each.times));
    if (plan.diurnal) profiles.push(diurnal(plan.diurnal.amplitude, at(plan.diurnal.peakAt), plan.diurnal.period));
    this.pool.follow(this.#poisson('during', together(...profiles), now));
  }

  #poisson(phase: 'before' | 'during', profile: RateProfile, start: Micros): DemandProcess {
    const { plan, rng, blockIntervalSeconds } = this.#setup;
    if (plan.kind !== 'poisson') return nothing;
    const { load, bids, weights } = plan;
    // the mean of a lognormal law is its median times e^(σ²/2)
    const meanWeight = weights.medianWeight * exp((weights.sigma * weights.sigma) / 2);
    return new PoissonDemand(rng.stream(phase), {
      ratePerSecond: rateOfLoad(load, meanWeight, blockIntervalSeconds),
      bids: lognormalBids(bids.medianSatPerKvb, bids.sigma),
      weights: lognormalWeights(weights.medianWeight, weights.sigma),
      profile,
      start,
    });
  }
}
