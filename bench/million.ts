/** The main job at its full size: a million payments, in one process. */
import { mainnetRun } from './mainnetRun.ts';

export const million = {
  name: 'million',
  long: true,
  run(): Promise<void> {
    mainnetRun(1_000_000, 100, { seconds: 600, mb: 4000 });
    return Promise.resolve();
  },
};
