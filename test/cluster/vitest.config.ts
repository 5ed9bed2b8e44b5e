/** `npm run test:cluster`: the tests that need a real API server. They are named `*.cluster.ts`. */
import { defineConfig } from 'vitest/config';

// biome-ignore lint/style/noDefaultExport: it is what vitest reads.
export default defineConfig({
  test: {
    include: ['test/**/*.cluster.ts'],
    globalSetup: ['test/cluster/announce.ts'],
    // An API server, etcd, an operator and a service are at work: more at once would only wait.
    maxWorkers: 1,
    testTimeout: 120_000,
  },
});
