/** What withholding blocks earns, and what delays cost the chain. */
import { micros, type Micros, MICROS_PER_SECOND } from '../../base/time.ts';
import { exp } from '../../base/math.ts';
import { selfish, selfishRevenue } from '../../chain/minerBehaviours/selfish.ts';
import { MEAN_BLOCK_INTERVAL_SECONDS } from '../../chain/miner.ts';
import type { MinerNetwork, MinerSpec } from '../../chain/minerNetwork.ts';
import { constantPropagation, type Propagation } from '../../chain/minerNetworkPropagation.ts';
import { batchMeans } from './batchMeans.ts';
import type { Estimate, Experiment } from './check.ts';
import { newNetwork } from './minedWorld.ts';

const SELFISH = 0;
/** µs: so short beside ten minutes that honest miners don't fork by themselves. */
const NEAR = micros(1);
const FAR = micros(2);

/**
 * The selfish miner's share of the chain.
 * @param gamma 0: the others hear of each other's blocks at once; ½: two equal honest miners, and in a tie the selfish
 * miner's block reaches the one that did not find the rival before the rival does
 */
export function selfishExperiment(alpha: number, gamma: 0 | 0.5, sizes: readonly [number, number]): Experiment {
  const what = `α = ${alpha}, γ = ${gamma}`;
  const honest: MinerSpec[] =
    gamma === 0
      ? [{ name: 'honest', hashPower: 1 - alpha }]
      : [0, 1].map((index) => ({ name: `honest ${index}`, hashPower: (1 - alpha) / 2 }));
  const spy: Propagation = (from, to): Micros => (to === SELFISH ? micros(0) : from === SELFISH ? NEAR : FAR);
  return {
    id: 'selfish',
    title: `selfish mining, ${what}`,
    source: 'Eyal and Sirer, Majority Is Not Enough, 2014',
    unit: 'blocks',
    sizes,
    checks: [{ name: `share of the chain, ${what}`, expected: selfishRevenue(alpha, gamma), floor: 0 }],
    run: (size, rng) => {
      const miners = [{ name: 'selfish', hashPower: alpha, behaviour: selfish() }, ...honest];
      const network = newNetwork(rng, miners, gamma === 0 ? {} : { propagation: spy });
      return [shareOfChain(network, SELFISH, size)];
    },
  };
}

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

export function forkExperiment(share: number, delaySeconds: number, sizes: readonly [number, number]): Experiment {
  const what = `${share * 100} % against ${100 - share * 100} %, ${delaySeconds} s apart`;
  return {
    id: 'forks',
    title: `two honest miners, ${what}`,
    source: 'Sompolinsky and Zohar, Secure High-Rate Transaction Processing in Bitcoin, 2015',
    unit: 'blocks',
    sizes,
    checks: [
      {
        name: `share of blocks on the chain, ${what}`,
        expected: growthWithTwoMiners(share, delaySeconds / MEAN_BLOCK_INTERVAL_SECONDS),
        floor: 0,
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
  };
}

const blocksFound = ({ found }: MinerNetwork): number => found.reduce((sum, count) => sum + count, 0);
