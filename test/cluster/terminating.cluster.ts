/** A namespace that is being deleted: nothing can be created in it, and all the same its jobs go. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataJobType } from '../../src/api/data-job.ts';
import { eventually, type Program, stopProgram } from './programs.ts';
import { findTarget } from './real-api-server.ts';
import { useRealApiServer } from './use-real-api-server.ts';
import { type ClusterWorld, createClusterWorld, soonMs, whenSynced } from './world.ts';

const server = useRealApiServer();
const name = 'leaving-orders';

describe.skipIf(findTarget().kind === 'none')('a namespace that is being deleted', () => {
  let world: ClusterWorld;
  let operator: Program;
  beforeAll(async () => {
    world = await createClusterWorld(server());
    operator = world.startOperator({ logLevel: 'debug' });
    await whenSynced(operator);
    await world.apply({}, name);
    expect(await eventually(() => world.conditionIs('Ready', 'True', name), soonMs)).toBe(true);
  });
  afterAll(() => world?.close());

  test('lets its jobs go, and says nothing of missing permissions', async () => {
    const path = `/api/v1/namespaces/${world.namespace}`;
    await server().request('DELETE', path);
    expect((await server().request('GET', path)).body.status.phase).toBe('Terminating');
    // An event is refused from now on, and the status is written all the same.
    const body = { spec: { description: 'Changed while all goes' } };
    const job = { namespace: world.namespace, name };
    await world.kube.patch(dataJobType, job, { kind: 'merge', body });
    expect(await eventually(() => world.conditionIs('Ready', 'True', name), soonMs)).toBe(true);
    await world.remove(name);
    expect(await eventually(() => world.isGone(name), soonMs)).toBe(true);
    expect(world.writesFor(name)).toEqual(
      expect.arrayContaining(['deploymentDelete', 'dataJobDelete']),
    );
    await stopProgram(operator);
    expect(operator.output()).toContain('an event had no namespace any more');
    expect(operator.output()).not.toMatch(/permission|an event was dropped/);
  });
});
