/**
 * Where HTLCs are blocked: for each hop of their routes, how many were to be offered there, how many were refused, and for
 * what. The node that would have offered it says so; what a payee does with what came to it is no blocking.
 */
import type { OfferRefusal } from '../node/offerRefusal.ts';

/**
 * Why a node did not offer an HTLC: the name of BOLT 4's failure, and where that would be `temporary_channel_failure`, what
 * the channel was short of.
 */
export type Obstacle = (typeof OBSTACLES)[number];

/** In the order of tables. */
// prettier-ignore
export const OBSTACLES = [
  // what channels are short of
  'too_many_htlcs', 'insufficient_balance', 'in_flight_limit', 'dust_exposure', 'opener_cannot_pay_fee',
  // that they can't be used, or that their node will not
  'channel_disabled', 'peer_disconnected', 'quiescent', 'unknown_next_peer', 'unwilling',
  // what policies forbid
  'amount_below_minimum', 'amount_over_maximum', 'fee_insufficient', 'incorrect_cltv_expiry', 'expiry_too_soon', 'expiry_too_far',
] as const;

/** What channels say, as an obstacle. */
// prettier-ignore
const CHANNEL_SAYS: Readonly<Record<NonNullable<OfferRefusal['channel']>, Obstacle>> = {
  'too-many-htlcs':        'too_many_htlcs',
  'insufficient-balance':  'insufficient_balance',
  'in-flight-limit':       'in_flight_limit',
  'dust-exposure':         'dust_exposure',
  'opener-cannot-pay-fee': 'opener_cannot_pay_fee',
  'channel-not-open':      'channel_disabled',
  'peer-disconnected':     'peer_disconnected',
  'quiescent':             'quiescent',
  'amount-below-minimum':  'amount_below_minimum',
  // a behaviour that is not honest
  'unwilling':             'unwilling',
};

/** A refusal as an obstacle; of what policies fail, an amount over `htlc_maximum_msat` alone has no name of its own. */
function obstacleOf({ name, channel }: OfferRefusal): Obstacle {
  if (channel !== null) return CHANNEL_SAYS[channel];
  return name === 'temporary_channel_failure' ? 'amount_over_maximum' : name;
}

/** HTLCs that were to be offered somewhere. */
export interface BlockingCounts {
  /** all of them, the refused included */
  readonly asked: number;
  readonly refused: Readonly<Record<Obstacle, number>>;
}

type Counting = { asked: number; readonly refused: Record<Obstacle, number> };

const nothing = (): Counting => ({
  asked: 0,
  refused: Object.fromEntries(OBSTACLES.map((obstacle) => [obstacle, 0])) as Record<Obstacle, number>,
});

export class Blocking {
  /** by hop: the first is the payer's own channel */
  readonly #byHop: Counting[] = [];
  /** by edge, where somebody wants to know */
  readonly #byEdge: Map<number, Counting> | null;
  #hasBegun = false;

  /** @param countsEdges whether to count by edge, too */
  constructor(countsEdges: boolean) {
    this.#byEdge = countsEdges ? new Map() : null;
  }

  /** From now on HTLCs count; those of a warm-up don't. */
  begin(): void {
    this.#hasBegun = true;
  }

  /**
   * A node was to offer an HTLC.
   * @param edge over which @param hop of its route, 1 for the payer's own channel @param refusal null: it did
   */
  asked(edge: number, hop: number, refusal: OfferRefusal | null): void {
    if (!this.#hasBegun) return;
    while (this.#byHop.length < hop) this.#byHop.push(nothing());
    count(this.#byHop[hop - 1]!, refusal);
    if (this.#byEdge === null) return;
    let there = this.#byEdge.get(edge);
    if (!there) this.#byEdge.set(edge, (there = nothing()));
    count(there, refusal);
  }

  /** So far, the first hop first. */
  get byHop(): readonly BlockingCounts[] {
    return this.#byHop;
  }

  /** So far. */
  ofEdge(edge: number): BlockingCounts {
    return this.#byEdge?.get(edge) ?? nothing();
  }
}

function count(there: Counting, refusal: OfferRefusal | null): void {
  there.asked++;
  if (refusal !== null) there.refused[obstacleOf(refusal)]++;
}

export const refusedOf = ({ refused }: BlockingCounts): number =>
  OBSTACLES.reduce((sum, obstacle) => sum + refused[obstacle], 0);
