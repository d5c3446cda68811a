// Where a worker begins in a checkout: a thread knows nothing of how its process reads TypeScript.
import { register } from 'tsx/esm/api';

register();
export const { sweep, sweepCheck, validate } = await import('./workerEntry.ts');
