import { defineConfig } from 'vitest/config';

/** The browser suite: real Chromium against the built files, a fake API and a scripted event stream. */
export default defineConfig({
  test: {
    environment: 'node',
    include: ['browser/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
