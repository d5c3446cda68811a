/**
 * Selfish mining: blocks are withheld, and published only to make the others' work worthless (Eyal and Sirer, Majority Is
 * Not Enough: Bitcoin Mining Is Vulnerable, 2014).
 */
import { present } from '../../base/assert.ts';
import type { Block } from '../block.ts';
import type { MinerBehaviour, MinerControl } from './behaviour.ts';
import { PublicChain } from './publicChain.ts';

/** A miner that withholds. Who else builds on its branch in a tie (the paper's γ) is the propagation's affair. */
export function selfish(): MinerBehaviour {
  let known: PublicChain | null = null;
  /** found and not published, the first first */
  let withheld: Block[] = [];
  /** whether its branch is public and as long as the others': the next block decides */
  let racing = false;

  const publish = (miner: MinerControl, publicChain: PublicChain, count: number): void => {
    for (const block of withheld.splice(0, count)) {
      miner.publish(block);
      publicChain.hear(block);
    }
  };

  return {
    name: 'selfish',
    sharesView: false,
    takes: () => true,

    onStart(miner) {
      known = new PublicChain(miner.view.chain.tip);
    },

    onFound(miner, block) {
      withheld.push(block);
      if (racing) publish(miner, present(known, 'a start'), withheld.length);
      racing = false;
    },

    onBlock(miner, block) {
      const publicChain = present(known, 'a start');
      // in its own tree its branch was first, so it stays the tip until the others have more work
      miner.follow(block);
      if (!publicChain.hear(block)) return;
      const { chain } = miner.view;
      const lead = chain.height - publicChain.tip.height;
      racing = false;
      if (chain.tipHash === publicChain.tip.hash) {
        // the others' branch won, or nothing was hidden
        withheld = [];
      } else if (lead > 1) {
        // far ahead: show just as many blocks as they have
        publish(miner, publicChain, withheld.length - lead);
      } else {
        // 0: the branches are equal, and the race is open; 1: they came too close, and lose all theirs
        racing = lead === 0;
        publish(miner, publicChain, withheld.length);
      }
    },
  };
}

/**
 * The share of the chain's blocks that a selfish miner gets in the long run (Eyal and Sirer).
 * @param alpha its share of the hash power, up to ½
 * @param gamma the share of the honest hash power that builds on its branch in a tie
 */
export function selfishRevenue(alpha: number, gamma: number): number {
  const honest = 1 - alpha;
  const numerator = alpha * honest * honest * (4 * alpha + gamma * (1 - 2 * alpha)) - alpha * alpha * alpha;
  return numerator / (1 - alpha * (1 + (2 - alpha) * alpha));
}
