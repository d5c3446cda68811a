// Where a worker of a sweep begins in a checkout: a thread knows nothing of how its process reads TypeScript.
import { register } from 'tsx/esm/api';

register();
const { runJob } = await import('./sweepWorker.ts');
export default runJob;
