/** Creating, changing, patching: identity, generation, status, locking, dry runs, silence. */
import { beforeEach, describe, expect, test } from 'vitest';
import {
  aCondition,
  aConfigMap,
  aDataJob,
  aNamespace,
  type ConformanceTarget,
  configMapsIn,
  jobsIn,
  type UseTarget,
} from '../target.ts';

export function writes(use: UseTarget): void {
  let target: ConformanceTarget;
  let cms: string;
  let jobs: string;
  let ns: string;
  beforeEach(async () => {
    target = use();
    ns = await aNamespace(target);
    cms = configMapsIn(ns);
    jobs = jobsIn(ns);
  });

  describe('creating', () => {
    test('gives an identity, defaults and generation 1, and answers 201', async () => {
      const { status, body } = await target.api.post(jobs, aDataJob('ingest-a'));
      expect(status).toBe(201);
      expect(body.metadata).toMatchObject({ name: 'ingest-a', namespace: ns, generation: 1 });
      expect(body.metadata.uid).toMatch(/^[-0-9a-f]{36}$/);
      expect(body.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(body.metadata.resourceVersion).toMatch(/^\d+$/);
      expect(body.spec).toMatchObject({
        managementPolicy: 'Manage',
        deployment: { enabled: true },
      });
    });

    test('drops a status that has a subresource, and gives the default one', async () => {
      const job = { ...aDataJob('ingest-a'), status: { observedGeneration: 9 } };
      const { body } = await target.api.post(jobs, job);
      expect(body.status).toEqual({ observedGeneration: -1 });
    });

    test('makes a name from a prefix, another one each time', async () => {
      const one = await target.api.post(cms, { metadata: { generateName: 'cm-' } });
      const two = await target.api.post(cms, { metadata: { generateName: 'cm-' } });
      expect(one.body.metadata.name).toMatch(/^cm-[a-z0-9]{5}$/);
      expect(two.body.metadata.name).not.toBe(one.body.metadata.name);
    });

    test('takes YAML as it takes JSON', async () => {
      const yaml = 'metadata:\n  name: a\ndata:\n  k: v\n';
      const headers = { 'content-type': 'application/yaml' };
      const { status, body } = await target.api.request('POST', cms, yaml, headers);
      expect(status, JSON.stringify(body)).toBe(201);
      expect(body.data).toEqual({ k: 'v' });
    });

    test.each([
      {
        name: 'a name that is taken',
        body: aConfigMap('taken'),
        code: 409,
        message: 'configmaps "taken" already exists',
      },
      {
        name: 'no name',
        body: { metadata: {} },
        code: 422,
        message:
          'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
      },
      {
        name: 'a resourceVersion',
        body: { metadata: { name: 'a', resourceVersion: '1' } },
        code: 500,
        message: 'resourceVersion should not be set on objects to be created',
      },
      {
        name: 'another namespace than that of the path',
        body: { metadata: { name: 'a', namespace: 'other' } },
        code: 400,
        message:
          'the namespace of the provided object does not match the namespace sent on the request',
      },
      {
        name: 'a value of a wrong type',
        body: { metadata: { name: 'a' }, data: { a: 1 } },
        code: 400,
        message:
          'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
      },
    ])('refuses $name', async ({ body, code, message }) => {
      await target.api.post(cms, aConfigMap('taken'));
      const reply = await target.api.post(cms, body);
      expect(reply.body).toMatchObject({ kind: 'Status', status: 'Failure', code, message });
      expect(reply.status).toBe(code);
    });

    test('in a namespace that is not there is answered with 404 for the namespace', async () => {
      const { body } = await target.api.post(configMapsIn('is-not-there'), aConfigMap('a'));
      expect(body).toMatchObject({ code: 404, reason: 'NotFound' });
      expect(body.details).toEqual({ name: 'is-not-there', kind: 'namespaces' });
    });
  });

  describe('changing', () => {
    test('only the specification counts in the generation', async () => {
      await target.api.post(jobs, aDataJob('ingest-a'));
      const one = `${jobs}/ingest-a`;
      const labelled = await target.api.patch(one, { metadata: { labels: { a: 'b' } } });
      expect(labelled.body.metadata.generation).toBe(1);
      const status = await target.api.patch(`${one}/status`, { status: { observedGeneration: 1 } });
      expect(status.body.metadata.generation).toBe(1);
      const changed = await target.api.patch(one, { spec: { description: 'new' } });
      expect(changed.body.metadata.generation).toBe(2);
    });

    test('status is written by its own path, which writes nothing else', async () => {
      await target.api.post(jobs, aDataJob('ingest-a'));
      const one = `${jobs}/ingest-a`;
      const main = await target.api.patch(one, { status: { observedGeneration: 7 } });
      expect(main.body.status).toEqual({ observedGeneration: -1 });
      const { body } = await target.api.patch(`${one}/status`, {
        metadata: { labels: { not: 'here' }, finalizers: ['not/here'] },
        spec: { description: 'not here' },
        status: { observedGeneration: 7, conditions: [aCondition('Ready')] },
      });
      expect(body.status).toEqual({ observedGeneration: 7, conditions: [aCondition('Ready')] });
      expect(body.spec.description).toBe('');
      expect(body.metadata.labels).toBeUndefined();
      expect(body.metadata.finalizers).toBeUndefined();
    });

    test('a PUT replaces, and needs the version of a custom resource', async () => {
      const { body: job } = await target.api.post(jobs, aDataJob('ingest-a', { interval: '5m' }));
      const one = `${jobs}/ingest-a`;
      const blind = await target.api.put(one, aDataJob('ingest-a'));
      expect(blind.body.message).toContain(
        'metadata.resourceVersion: Invalid value: 0: must be specified',
      );
      const { resourceVersion } = job.metadata;
      const whole = aDataJob('ingest-a');
      const { body } = await target.api.put(one, {
        ...whole,
        metadata: { ...whole.metadata, resourceVersion },
      });
      expect(body.spec.interval).toBe('10m');
    });

    test('a write that names an older version is a conflict, one that names none is taken', async () => {
      const { body: first } = await target.api.post(cms, aConfigMap('a'));
      await target.api.patch(`${cms}/a`, { data: { x: '2' } });
      const late = await target.api.put(`${cms}/a`, { ...first, data: { x: '3' } });
      expect(late.body).toMatchObject({
        code: 409,
        reason: 'Conflict',
        message:
          'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
      });
      const { resourceVersion } = first.metadata;
      const patched = await target.api.patch(`${cms}/a`, { metadata: { resourceVersion } });
      expect(patched.status).toBe(409);
      expect((await target.api.put(`${cms}/a`, aConfigMap('a'))).status).toBe(200);
    });

    test('a write that names another uid is a conflict', async () => {
      await target.api.post(cms, aConfigMap('a'));
      const metadata = { name: 'a', uid: 'another' };
      const { body } = await target.api.put(`${cms}/a`, { ...aConfigMap('a'), metadata });
      expect(body).toMatchObject({ code: 409, reason: 'Conflict' });
      expect(body.message).toContain('Precondition failed: UID in precondition: another');
    });

    test('a change of nothing keeps the version and causes no event', async () => {
      await target.api.post(jobs, aDataJob('ingest-a'));
      // The first change of anything stores the default status too; from then on nothing is nothing.
      const { body: first } = await target.api.patch(`${jobs}/ingest-a`, {
        spec: { description: 'x' },
      });
      const { resourceVersion } = first.metadata;
      const watch = await target.api.watch(`${jobs}?watch=1&resourceVersion=${resourceVersion}`);
      const { body: same } = await target.api.patch(`${jobs}/ingest-a`, {
        spec: { team: 'sales' },
      });
      expect(same.metadata.resourceVersion).toBe(resourceVersion);
      const { body: put } = await target.api.put(`${jobs}/ingest-a`, first);
      expect(put.metadata.resourceVersion).toBe(resourceVersion);
      await target.api.patch(`${jobs}/ingest-a`, { metadata: { labels: { the: 'next' } } });
      const [event] = await watch.take(1);
      watch.stop();
      expect(event?.object.metadata.labels).toEqual({ the: 'next' });
    });

    test('the first change after the creation stores the default status, even a change of nothing', async () => {
      const { body: made } = await target.api.post(jobs, aDataJob('ingest-a'));
      const { body: once } = await target.api.patch(`${jobs}/ingest-a`, {
        spec: { team: 'sales' },
      });
      expect(once.metadata.resourceVersion).not.toBe(made.metadata.resourceVersion);
      expect(once.metadata.generation).toBe(1);
      const { body: twice } = await target.api.patch(`${jobs}/ingest-a`, {
        spec: { team: 'sales' },
      });
      expect(twice.metadata.resourceVersion).toBe(once.metadata.resourceVersion);
    });

    test.each(['create', 'patch', 'delete'])(
      'a dry run of a %s answers and stores nothing',
      async (verb) => {
        await target.api.post(cms, aConfigMap('there'));
        const dry = '?dryRun=All';
        if (verb === 'create') {
          expect((await target.api.post(`${cms}${dry}`, aConfigMap('a'))).status).toBe(201);
        } else if (verb === 'patch') {
          const { body } = await target.api.patch(`${cms}/there${dry}`, { data: { x: '2' } });
          expect(body.data).toEqual({ x: '2' });
        } else {
          expect((await target.api.delete(`${cms}/there${dry}`)).status).toBe(200);
        }
        const { body } = await target.api.get(cms);
        const own = body.items.filter((item: { metadata: { name: string } }) =>
          ['a', 'there'].includes(item.metadata.name),
        );
        expect(own).toHaveLength(1);
        expect(own[0].data).toEqual({ x: '1' });
      },
    );
  });

  describe('patches', () => {
    test('a merge patch removes what is null and replaces lists', async () => {
      const contacts = { notifiedOnJobSuccess: ['a@example.com', 'b@example.com'] };
      await target.api.post(jobs, aDataJob('ingest-a', { description: 'x', config: { contacts } }));
      const { body } = await target.api.patch(`${jobs}/ingest-a`, {
        spec: {
          description: null,
          config: { contacts: { notifiedOnJobSuccess: ['c@example.com'] } },
        },
      });
      expect(body.spec.description).toBe('');
      expect(body.spec.config.contacts.notifiedOnJobSuccess).toEqual(['c@example.com']);
    });

    test('a JSON patch applies as a whole or not at all', async () => {
      await target.api.post(cms, aConfigMap('a'));
      const type = 'application/json-patch+json';
      const bad = await target.api.patch(
        `${cms}/a`,
        [
          { op: 'add', path: '/data/y', value: '2' },
          { op: 'test', path: '/data/x', value: 'other' },
        ],
        type,
      );
      expect(bad.body).toMatchObject({ code: 422, reason: 'Invalid' });
      const good = await target.api.patch(
        `${cms}/a`,
        [
          { op: 'test', path: '/data/x', value: '1' },
          { op: 'move', from: '/data/x', path: '/data/z' },
          { op: 'copy', from: '/data/z', path: '/data/~1y' },
        ].slice(0, 2),
        type,
      );
      expect(good.body.data).toEqual({ z: '1' });
    });

    test('a strategic merge patch merges lists by key, on built-in kinds only', async () => {
      const type = 'application/strategic-merge-patch+json';
      await target.api.post(cms, aConfigMap('a'));
      await target.api.patch(`${cms}/a`, { metadata: { finalizers: ['a.b/one'] } }, type);
      const { body } = await target.api.patch(
        `${cms}/a`,
        { metadata: { finalizers: ['a.b/two'] } },
        type,
      );
      expect(body.metadata.finalizers).toEqual(['a.b/two', 'a.b/one']);
      const removal = { '$deleteFromPrimitiveList/finalizers': ['a.b/one'] };
      const left = await target.api.patch(`${cms}/a`, { metadata: removal }, type);
      expect(left.body.metadata.finalizers).toEqual(['a.b/two']);
      await target.api.patch(`${cms}/a`, { metadata: { finalizers: null } });
      await target.api.post(jobs, aDataJob('ingest-a'));
      const refused = await target.api.patch(`${jobs}/ingest-a`, {}, type);
      expect(refused.body).toMatchObject({ code: 415, reason: 'UnsupportedMediaType' });
    });

    test.each([
      { name: 'that is no object', patch: [], code: 400 },
      { name: 'that renames', patch: { metadata: { name: 'other' } }, code: 400 },
      { name: 'that changes the uid', patch: { metadata: { uid: 'other' } }, code: 422 },
      { name: 'that makes the object invalid', patch: { spec: { team: 3 } }, code: 422 },
    ])('a patch $name is refused with $code', async ({ patch, code }) => {
      await target.api.post(jobs, aDataJob('ingest-a'));
      expect((await target.api.patch(`${jobs}/ingest-a`, patch)).status).toBe(code);
    });
  });
}
