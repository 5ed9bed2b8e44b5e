/** The operator as a process of its own, on a real API server, beside a service on a socket. */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Program } from './programs.ts';
import { findTarget } from './real-api-server.ts';
import { scenarios } from './scenarios.ts';
import { useRealApiServer } from './use-real-api-server.ts';
import { type ClusterWorld, createClusterWorld, pollIntervalMs, whenSynced } from './world.ts';

const server = useRealApiServer();

describe.skipIf(findTarget().kind === 'none')('one operator', () => {
  let world: ClusterWorld;
  let operator: Program;
  beforeAll(async () => {
    world = await createClusterWorld(server());
    operator = world.startOperator();
    await whenSynced(operator);
  });
  afterAll(() => world?.close());

  test.each(scenarios)('$name', async ({ run }) => {
    await run(world);
  });

  test('quiet means quiet: with nothing to do, nothing is written and nothing asked but pages', async () => {
    await sleep(4 * pollIntervalMs); // whatever was left to do is done
    world.record.clear();
    const before = await versions();
    await sleep(10 * pollIntervalMs);
    expect(world.record.writes()).toBe(0);
    expect(world.record.count()).toBe(world.record.count('jobsQuery'));
    expect(await versions()).toEqual(before);
  });

  test('SIGTERM ends it in good order, well within what Kubernetes grants', async () => {
    const startedMs = performance.now();
    operator.kill('SIGTERM');
    expect(await operator.ended).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    expect(operator.output()).toContain('"msg":"stopped"');
  });

  async function versions() {
    const path = `/apis/versatiledatakit.io/v1alpha1/namespaces/${world.namespace}/datajobs`;
    const { body } = await server().request('GET', path);
    return body.items.map(
      ({ metadata }: { metadata: Record<string, string> }) =>
        `${metadata.name} ${metadata.resourceVersion}`,
    );
  }
});
