/** What a node brings to the opening of a planned channel: its policy, limits and keys, and what an opener wants. */
import { present } from '../base/assert.ts';
import { sat, type Sat } from '../base/units.ts';
import { blockHashOf } from '../chain/block.ts';
import { genesisBlock } from '../chain/regtest.ts';
import { isForTheory } from '../channel/limits.ts';
import type { OpeningSelf, OpeningWish } from '../channel/opening.ts';
import { openingPoints, type ChannelType } from '../channel/openingMessages.ts';
import type { OpeningPolicy } from '../channel/openingRules.ts';
import { LEDGER_OPENING_SIGNER } from '../channel/openingSigner.ts';
import type { ChainConfig, ChannelConfig } from './config.ts';
import type { Network } from './network.ts';
import { MIN_FEERATE_PER_KW, type ChannelPlan } from './openingPlan.ts';

/** The most that a commitment may pay, sat per 1000 weight units: what a scenario may ask for at most. */
const MOST_FEERATE_PER_KW = 100_000;
/** Confirmations that an opener waits for at most (LDK, `max_minimum_depth`). */
const MOST_MINIMUM_DEPTH = 144;

const NO_SCRIPT = new Uint8Array(0);

export class OpeningTerms {
  readonly #network: Network;
  readonly #policy: OpeningPolicy;
  readonly #zeroConf: boolean;
  readonly #dual: boolean;

  constructor(network: Network, channels: ChannelConfig, chain: ChainConfig) {
    this.#network = network;
    this.#zeroConf = channels.opening === 'zero-conf';
    this.#dual = channels.opening === 'dual';
    this.#policy = openingPolicy(channels, chain);
  }

  /** What the end of `edge` brings. */
  selfOf(edge: number): OpeningSelf {
    const channel = edge >> 1;
    return {
      policy: this.#policy,
      signer: LEDGER_OPENING_SIGNER,
      limits: this.#network.plan(channel).limits,
      points: openingPoints(this.#network.secretsOf(channel)[edge & 1]!),
      upfrontShutdownScript: NO_SCRIPT,
    };
  }

  /** What the end of `edge` puts into a channel that both fund: its opening balance; null where the opener funds alone. */
  contributionOf(edge: number): Sat | null {
    return this.#dual ? this.putsInSat(edge) : null;
  }

  /** What the wallet of an end pays into its channel. */
  putsInSat(edge: number): Sat {
    const { terms, opener, balancesMsat } = this.#network.plan(edge >> 1);
    if (this.#dual) return sat(present(balancesMsat[edge & 1], 'an opening balance') / 1000);
    return (edge & 1) === opener ? terms.capacitySat : sat(0);
  }

  /** What the opener of a channel wants. */
  wishOf(channel: number): OpeningWish {
    const { terms, opener, balancesMsat } = this.#network.plan(channel);
    return {
      fundingSat: terms.capacitySat,
      pushMsat: balancesMsat[1 - opener]!,
      feeratePerKw: terms.feeratePerKw,
      channelType: this.#channelType(terms),
      announceChannel: true,
    };
  }

  #channelType({ format }: ChannelPlan['terms']): ChannelType {
    return { format, zeroConf: this.#zeroConf, scidAlias: false };
  }
}

/** All nodes of a scenario have the same policy. */
function openingPolicy(channels: ChannelConfig, chain: ChainConfig): OpeningPolicy {
  const { accepts } = channels;
  return {
    chainHash: blockHashOf(genesisBlock().header),
    // what can't carry anchors is opened without
    formats: [channels.format, 'static_remotekey'],
    largeChannels: true,
    dualFund: channels.opening === 'dual',
    trustsZeroConf: channels.opening === 'zero-conf',
    minimumDepth: chain.minimumDepth,
    mostMinimumDepth: MOST_MINIMUM_DEPTH,
    leastFundingSat: accepts.leastCapacitySat,
    leastFeeratePerKw: MIN_FEERATE_PER_KW,
    mostFeeratePerKw: MOST_FEERATE_PER_KW,
    mostToSelfDelay: accepts.mostToSelfDelay,
    leastAcceptedHtlcs: 1,
    mostHtlcMinimumMsat: accepts.mostHtlcMinimumMsat,
    leastInFlightMsat: accepts.leastInFlightMsat,
    mostReserveMillionths: accepts.mostReserveMillionths,
    mostDustLimitSat: channels.dustLimitSat,
    zeroReserve: channels.reserveMillionths === 0,
    theory: isForTheory(channels),
    shutdown: { anySegwit: true, simpleClose: true },
  };
}
