/** The main job at mainnet's size, shortly: 10,000 payments. */
import { mainnetRun } from './mainnetRun.ts';

export const network = {
  name: 'network',
  run(): Promise<void> {
    mainnetRun(10_000, 10, { seconds: 180, mb: 3000 });
    return Promise.resolve();
  },
};
