import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Two cores: more workers than that only fight each other.
    maxWorkers: 2,
    testTimeout: 20_000,
    coverage: { include: ['src/**'] },
  },
});
