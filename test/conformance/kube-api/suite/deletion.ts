/** Deleting: finalizers, preconditions, owners, namespaces, definitions. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Answer } from '../client.ts';
import {
  aConfigMap,
  aDataJob,
  aNamespace,
  type ConformanceTarget,
  configMapsIn,
  crdPath,
  eventually,
  gone,
  installDefinition,
  jobsIn,
  namesOf,
  type UseTarget,
} from '../target.ts';

export function deletion(use: UseTarget): void {
  let target: ConformanceTarget;
  let ns: string;
  let cms: string;
  let jobs: string;
  beforeEach(async () => {
    target = use();
    ns = await aNamespace(target);
    cms = configMapsIn(ns);
    jobs = jobsIn(ns);
  });
  const held = (object: Answer) => ({
    ...object,
    metadata: { ...object.metadata, finalizers: ['a.b/held'] },
  });

  test('an object that nothing holds leaves at once; the answer says which one it was', async () => {
    const { body: job } = await target.api.post(jobs, aDataJob('ingest-a'));
    const { status, body } = await target.api.delete(`${jobs}/ingest-a`);
    expect(status).toBe(200);
    expect(body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: {
        name: 'ingest-a',
        group: 'versatiledatakit.io',
        kind: 'datajobs',
        uid: job.metadata.uid,
      },
    });
    const again = await target.api.delete(`${jobs}/ingest-a`);
    expect(again.body).toMatchObject({
      code: 404,
      message: 'datajobs.versatiledatakit.io "ingest-a" not found',
    });
  });

  test('a finalizer keeps the object; its specification can still change', async () => {
    await target.api.post(jobs, held(aDataJob('ingest-a')));
    const one = `${jobs}/ingest-a`;
    const { body: deleting } = await target.api.delete(one);
    expect(deleting.metadata.deletionTimestamp).toBeDefined();
    expect(deleting.metadata).toMatchObject({ deletionGracePeriodSeconds: 0, generation: 2 });
    const { body: changed } = await target.api.patch(one, { spec: { description: 'still' } });
    expect(changed.spec.description).toBe('still');
    expect(changed.metadata.generation).toBe(3);
    const again = await target.api.delete(one);
    expect(again.body.metadata.resourceVersion).toBe(changed.metadata.resourceVersion);
    await target.api.patch(one, { metadata: { finalizers: null } });
    await gone(target, one);
  });

  test('a deleted object takes no new finalizer', async () => {
    await target.api.post(jobs, held(aDataJob('ingest-a')));
    await target.api.delete(`${jobs}/ingest-a`);
    const finalizers = ['a.b/held', 'a.b/new'];
    const { body } = await target.api.patch(`${jobs}/ingest-a`, { metadata: { finalizers } });
    expect(body.details.causes[0]).toEqual({
      reason: 'FieldValueForbidden',
      field: 'metadata.finalizers',
      message:
        'Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a.b/new"}',
    });
    await target.api.patch(`${jobs}/ingest-a`, { metadata: { finalizers: null } });
  });

  test('a watch sees the mark, the last change and the deletion, with rising versions', async () => {
    const { body: job } = await target.api.post(jobs, held(aDataJob('ingest-a')));
    const from = job.metadata.resourceVersion;
    const watch = await target.api.watch(`${jobs}?watch=1&resourceVersion=${from}`);
    await target.api.delete(`${jobs}/ingest-a`);
    await target.api.patch(`${jobs}/ingest-a`, { metadata: { finalizers: null } });
    await gone(target, `${jobs}/ingest-a`);
    const events = await watch.take(2);
    watch.stop();
    expect(events.map(({ type }) => type)).toEqual(['MODIFIED', 'DELETED']);
    const versions = events.map(({ object }) => Number(object.metadata.resourceVersion));
    expect(versions[1]).toBeGreaterThan(versions[0] ?? 0);
  });

  test.each([
    {
      preconditions: { uid: 'another' },
      says: 'the UID in the precondition (another) does not match',
    },
    {
      preconditions: { resourceVersion: '1' },
      says: 'the ResourceVersion in the precondition (1) does not match',
    },
  ])(
    'a precondition that does not hold is a conflict: $preconditions',
    async ({ preconditions, says }) => {
      await target.api.post(cms, aConfigMap('a'));
      const { body } = await target.api.delete(`${cms}/a`, { preconditions });
      expect(body).toMatchObject({ code: 409, reason: 'Conflict' });
      expect(body.message).toContain(says);
      expect((await target.api.get(`${cms}/a`)).status).toBe(200);
    },
  );

  test('all that a selector selects can be deleted in one request', async () => {
    for (const name of ['a', 'b']) {
      await target.api.post(cms, { metadata: { name, labels: { name } } });
    }
    expect((await target.api.delete(`${cms}?labelSelector=name%3Da`)).status).toBe(200);
    const { body } = await target.api.get(`${cms}?labelSelector=name`);
    expect(namesOf(body)).toEqual(['b']);
  });

  describe('owners', () => {
    const child = (name: string, owner: Answer, more: Record<string, unknown> = {}) => {
      const { name: ownerName, uid } = owner.metadata;
      const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: ownerName, uid, ...more };
      return { metadata: { name, ownerReferences: [reference] } };
    };

    test('what belongs to a deleted object is deleted after it', async ({ skip }) => {
      skip(!target.controllers, 'no controllers run here');
      const { body: owner } = await target.api.post(cms, aConfigMap('owner'));
      await target.api.post(cms, child('child', owner));
      await target.api.delete(`${cms}/owner`);
      await gone(target, `${cms}/child`);
    });

    test('a foreground deletion waits for what blocks it', async ({ skip }) => {
      skip(!target.controllers, 'no controllers run here');
      const { body: owner } = await target.api.post(cms, aConfigMap('owner'));
      await target.api.post(cms, held(child('child', owner, { blockOwnerDeletion: true })));
      const { body } = await target.api.delete(`${cms}/owner`, { propagationPolicy: 'Foreground' });
      expect(body.metadata.finalizers).toEqual(['foregroundDeletion']);
      await eventually('the child is being deleted', async () => {
        const { body: now } = await target.api.get(`${cms}/child`);
        return now.metadata.deletionTimestamp;
      });
      expect((await target.api.get(`${cms}/owner`)).status).toBe(200);
      await target.api.patch(`${cms}/child`, { metadata: { finalizers: null } });
      await gone(target, `${cms}/owner`);
    });

    test('orphaning keeps the dependents and takes their reference away', async ({ skip }) => {
      skip(!target.controllers, 'no controllers run here');
      const { body: owner } = await target.api.post(cms, aConfigMap('owner'));
      await target.api.post(cms, child('child', owner));
      await target.api.delete(`${cms}/owner`, { propagationPolicy: 'Orphan' });
      await gone(target, `${cms}/owner`);
      const { body } = await target.api.get(`${cms}/child`);
      expect(body.metadata.ownerReferences).toBeUndefined();
    });
  });

  test('a namespace takes its content along, refuses new content, and waits for finalizers', async ({
    skip,
  }) => {
    skip(!target.controllers, 'no controllers run here');
    await target.api.post(cms, aConfigMap('free'));
    await target.api.post(cms, held(aConfigMap('held')));
    const { body } = await target.api.delete(`/api/v1/namespaces/${ns}`);
    expect(body.status.phase).toBe('Terminating');
    await gone(target, `${cms}/free`);
    const { body: refused } = await target.api.post(cms, aConfigMap('late'));
    expect(refused).toMatchObject({ code: 403, reason: 'Forbidden' });
    expect(refused.details.causes[0]).toMatchObject({
      reason: 'NamespaceTerminating',
      field: 'metadata.namespace',
    });
    await target.api.patch(`${cms}/held`, { metadata: { finalizers: null } });
    await gone(target, `/api/v1/namespaces/${ns}`);
  });

  test('the namespaces of the cluster itself cannot be deleted', async () => {
    const { body } = await target.api.delete('/api/v1/namespaces/default');
    expect(body.message).toBe(
      'namespaces "default" is forbidden: this namespace may not be deleted',
    );
  });

  test('a definition takes its objects along, then its kind is gone', async () => {
    const crd = {
      metadata: { name: 'leavers.conformance.example.com' },
      spec: {
        group: 'conformance.example.com',
        scope: 'Namespaced',
        names: { plural: 'leavers', kind: 'Leaver' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object' } },
          },
        ],
      },
    };
    await installDefinition(target.api, crd);
    const leavers = `/apis/conformance.example.com/v1/namespaces/${ns}/leavers`;
    const apiVersion = 'conformance.example.com/v1';
    const one = { apiVersion, kind: 'Leaver', metadata: { name: 'a', finalizers: ['a.b/held'] } };
    expect((await target.api.post(leavers, one)).status).toBe(201);
    const watch = await target.api.watch(`${leavers}?watch=1`);
    await watch.take(1);
    const { body } = await target.api.delete(`${crdPath}/${crd.metadata.name}`);
    expect(body.metadata.finalizers).toEqual(['customresourcecleanup.apiextensions.k8s.io']);
    await eventually('the object is being deleted', async () => {
      const { body: now } = await target.api.get(`${leavers}/a`);
      return now.metadata?.deletionTimestamp;
    });
    await target.api.patch(`${leavers}/a`, { metadata: { finalizers: null } });
    await gone(target, `${crdPath}/${crd.metadata.name}`);
    await gone(target, leavers);
    expect((await watch.rest()).map(({ type }) => type)).toEqual(['MODIFIED', 'DELETED']);
  });
}
