/** Settings of the test runner: `npm test` names this file. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['tests/**/*.test.ts'],
    setupFiles: ['tests/setup.ts'],
    // all of them: left alone, the runner keeps one of two processors idle
    maxWorkers: '100%',
    // properties run thousands of histories; a slow machine is no failure
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
