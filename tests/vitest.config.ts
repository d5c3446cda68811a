/** Settings of the test runner: `npm test` names this file. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['tests/**/*.test.ts'],
    setupFiles: ['tests/setup.ts'],
    // properties run thousands of histories; a slow machine is no failure
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
