import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: ['test/servers/say-what-did-not-run.ts'],
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
  },
});
