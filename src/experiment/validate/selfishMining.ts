/** What withholding blocks earns, and what delays cost the chain. */
import { z } from 'zod';
import { micros, type Micros, MICROS_PER_SECOND } from '../../base/time.ts';
import { exp } from '../../base/math.ts';
import { selfish, selfishRevenue } from '../../chain/minerBehaviours/selfish.ts';
import { MEAN_BLOCK_INTERVAL_SECONDS } from '../../chain/miner.ts';
import type { MinerNetwork, MinerSpec } from '../../chain/minerNetwork.ts';
import { constantPropagation, type Propagation } from '../../chain/minerNetworkPropagation.ts';
import { batchMeans } from './batchMeans.ts';
import type { Estimate } from './check.ts';
import { measurement } from './measurement.ts';
import { newNetwork } from './minedWorld.ts';

const SELFISH = 0;
/** µs: so short beside ten minutes that honest miners don't fork by themselves. */
const NEAR = micros(1);
const FAR = micros(2);

/**
 * The selfish miner's share of the chain. With gamma 0 the others hear of each other's blocks at once; with ½ there are two
 * equal honest miners, and in a tie the selfish miner's block reaches the one that did not find the rival before the rival does.
 */
export const selfishMining = measurement({
  name: 'selfish-mining',
  unit: 'blocks',
  parameters: {
    alpha: z.number().min(0.01).max(0.49).describe('of the hash power, the selfish miner’s'),
    gamma: z.union([z.literal(0), z.literal(0.5)]).describe('of the others, those that mine on its block in a tie'),
  },
  plan: ({ alpha, gamma }) => ({
    label: `α = ${alpha}, γ = ${gamma}`,
    figures: [{ name: 'share of the chain', theory: selfishRevenue(alpha, gamma) }],
    run: (size, rng) => {
      const honest: MinerSpec[] =
        gamma === 0
          ? [{ name: 'honest', hashPower: 1 - alpha }]
          : [0, 1].map((index) => ({ name: `honest ${index}`, hashPower: (1 - alpha) / 2 }));
      const miners = [{ name: 'selfish', hashPower: alpha, behaviour: selfish() }, ...honest];
      const spy: Propagation = (from, to): Micros => (to === SELFISH ? micros(0) : from === SELFISH ? NEAR : FAR);
      const network = newNetwork(rng, miners, gamma === 0 ? {} : { propagation: spy });
      return [shareOfChain(network, SELFISH, size)];
    },
  }),
});

/** @param size blocks of the chain */
function shareOfChain(network: MinerNetwork, miner: number, size: number): Estimate {
  const { chain } = network.observer;
  while (chain.height < size) network.step();
  const mine: number[] = [];
  for (let height = 1; height <= size; height++) {
    mine.push(network.minerOf(chain.blockAt(height).hash) === miner ? 1 : 0);
  }
  return batchMeans(mine);
}

/**
 * The growth of the longest chain where two miners hear of each other's blocks after a delay, as a share of all blocks.
 * (Sompolinsky and Zohar, Secure High-Rate Transaction Processing in Bitcoin, 2015: the growth with two nodes.)
 * @param delay in mean intervals
 */
export function growthWithTwoMiners(share: number, delay: number): number {
  const [a, b] = [share, 1 - share];
  // both sides of the fraction vanish with a − b, and the limit is the ratio of their derivatives
  if (Math.abs(a - b) < 1e-9) return (2 * a * (1 + a * delay)) / (1 + 2 * a * delay);
  const [ea, eb] = [exp(2 * a * delay), exp(2 * b * delay)];
  return (a * a * ea - b * b * eb) / (a * ea - b * eb);
}

export const forks = measurement({
  name: 'forks',
  unit: 'blocks',
  parameters: {
    share: z.number().min(0.5).max(0.99).describe('of the hash power, the larger miner’s'),
    delaySeconds: z.number().min(0).max(1e5).describe('of each other’s blocks'),
  },
  plan: ({ share, delaySeconds }) => ({
    label: `${share * 100} % against ${100 - share * 100} %, ${delaySeconds} s apart`,
    figures: [
      {
        name: 'share of blocks on the chain',
        theory: growthWithTwoMiners(share, delaySeconds / MEAN_BLOCK_INTERVAL_SECONDS),
      },
    ],
    run: (size, rng) => {
      const propagation = constantPropagation(micros(delaySeconds * MICROS_PER_SECOND));
      const miners = [share, 1 - share].map((hashPower, index) => ({ name: `miner ${index}`, hashPower }));
      const network = newNetwork(rng, miners, { propagation });
      /** by block found, how much longer it made the chain of which somebody knows */
      const grew: number[] = [];
      let longest = 0;
      while (grew.length < size) {
        const before = blocksFound(network);
        network.step();
        if (blocksFound(network) === before) continue;
        const height = Math.max(network.viewOf(0).chain.height, network.viewOf(1).chain.height);
        grew.push(height - longest);
        longest = height;
      }
      return [batchMeans(grew)];
    },
  }),
});

const blocksFound = ({ found }: MinerNetwork): number => found.reduce((sum, count) => sum + count, 0);
