import { beforeEach, describe, expect, test } from 'vitest';
import { aDataJob, installDataJobs, jobsPath, startApi, type TestApi } from './api-client.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const aConfigMap = (name: string, data: Record<string, string> = { x: '1' }) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

let api: TestApi;
beforeEach(async () => {
  api = startApi();
  await installDataJobs(api);
});

describe('objects', () => {
  test('a created object gets an identity, its defaults and generation 1', async () => {
    const { status, body } = await api.post(jobsPath, aDataJob('ingest-a'));
    expect(status).toBe(201);
    expect(body.metadata).toMatchObject({
      name: 'ingest-a',
      namespace: 'default',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
    });
    expect(body.metadata.uid).toMatch(/^[-0-9a-f]{36}$/);
    expect(body.spec).toMatchObject({ managementPolicy: 'Manage', deployment: { enabled: true } });
  });

  test('an invalid object is refused with every cause and stores nothing', async () => {
    const { status, body } = await api.post(jobsPath, aDataJob('ingest-a', { team: 3 }));
    expect(status).toBe(422);
    expect(body.details).toMatchObject({ name: 'ingest-a', kind: 'DataJob' });
    expect(body.details.causes[0]).toMatchObject({ field: 'spec.team' });
    expect((await api.get(`${jobsPath}/ingest-a`)).status).toBe(404);
  });

  test('creating in a namespace that does not exist is answered 404 for the namespace', async () => {
    const { body } = await api.post('/api/v1/namespaces/nope/configmaps', aConfigMap('a'));
    expect(body).toMatchObject({ code: 404, message: 'namespaces "nope" not found' });
  });

  test('a generated name starts with its prefix and differs each time', async () => {
    const one = await api.post(configMaps, { metadata: { generateName: 'cm-' } });
    const two = await api.post(configMaps, { metadata: { generateName: 'cm-' } });
    expect(one.body.metadata.name).toMatch(/^cm-[a-z0-9]{5}$/);
    expect(two.body.metadata.name).not.toBe(one.body.metadata.name);
  });

  test('only a change of the specification counts in the generation', async () => {
    await api.post(jobsPath, aDataJob('ingest-a'));
    const labelled = await api.patch(`${jobsPath}/ingest-a`, { metadata: { labels: { a: 'b' } } });
    expect(labelled.body.metadata.generation).toBe(1);
    const changed = await api.patch(`${jobsPath}/ingest-a`, { spec: { description: 'new' } });
    expect(changed.body.metadata.generation).toBe(2);
  });

  test('status is written by its own path, which writes nothing else', async () => {
    await api.post(jobsPath, aDataJob('ingest-a'));
    const main = await api.patch(`${jobsPath}/ingest-a`, { status: { observedGeneration: 7 } });
    expect(main.body.status).toEqual({ observedGeneration: -1 });
    const { body } = await api.patch(`${jobsPath}/ingest-a/status`, {
      spec: { description: 'not here' },
      metadata: { labels: { not: 'here' } },
      status: { observedGeneration: 7 },
    });
    expect(body.status.observedGeneration).toBe(7);
    expect(body.spec.description).toBe('');
    expect(body.metadata.labels).toBeUndefined();
    expect(body.metadata.generation).toBe(1);
  });

  test('a write that names an older version is a conflict; one that names none is taken', async () => {
    const { body: first } = await api.post(configMaps, aConfigMap('a'));
    await api.patch(`${configMaps}/a`, { data: { x: '2' } });
    const late = await api.put(`${configMaps}/a`, { ...first, data: { x: '3' } });
    expect(late.body).toMatchObject({ code: 409, reason: 'Conflict' });
    expect((await api.put(`${configMaps}/a`, aConfigMap('a', { x: '4' }))).status).toBe(200);
  });

  test('a change of nothing keeps the version and causes no event', async () => {
    const { body: first } = await api.post(configMaps, aConfigMap('a'));
    const watch = await api.watch(
      `${configMaps}?watch=1&resourceVersion=${first.metadata.resourceVersion}`,
    );
    const { body: again } = await api.patch(`${configMaps}/a`, { data: { x: '1' } });
    expect(again.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    expect(await watch.events()).toEqual([]);
  });

  test('a dry run answers like a write and stores nothing', async () => {
    const { status } = await api.post(`${configMaps}?dryRun=All`, aConfigMap('a'));
    expect(status).toBe(201);
    expect((await api.get(`${configMaps}/a`)).status).toBe(404);
  });
});

describe('deletion', () => {
  test('a finalizer keeps the object, which can still be changed, until it is removed', async () => {
    const job = aDataJob('ingest-a');
    await api.post(jobsPath, { ...job, metadata: { ...job.metadata, finalizers: ['a.b/c'] } });
    const { body: deleting } = await api.delete(`${jobsPath}/ingest-a`);
    expect(deleting.metadata.deletionTimestamp).toBe('2026-01-01T00:00:00Z');
    expect(deleting.metadata.generation).toBe(2);
    const { body: changed } = await api.patch(`${jobsPath}/ingest-a`, {
      spec: { description: 'x' },
    });
    expect(changed.metadata.generation).toBe(3);
    const added = await api.patch(`${jobsPath}/ingest-a`, {
      metadata: { finalizers: ['a.b/c', 'd.e/f'] },
    });
    expect(added.body.details.causes[0].field).toBe('metadata.finalizers');
    expect(
      (await api.patch(`${jobsPath}/ingest-a`, { metadata: { finalizers: null } })).status,
    ).toBe(200);
    expect((await api.get(`${jobsPath}/ingest-a`)).status).toBe(404);
  });

  test('a namespace takes its content along and waits for finalizers', async () => {
    await api.post('/api/v1/namespaces', { metadata: { name: 'n' } });
    await api.post('/api/v1/namespaces/n/configmaps', aConfigMap('free'));
    const held = { ...aConfigMap('held'), metadata: { name: 'held', finalizers: ['a.b/c'] } };
    await api.post('/api/v1/namespaces/n/configmaps', held);
    const { body } = await api.delete('/api/v1/namespaces/n');
    expect(body.status.phase).toBe('Terminating');
    expect((await api.get('/api/v1/namespaces/n/configmaps')).body.items).toHaveLength(1);
    const refused = await api.post('/api/v1/namespaces/n/configmaps', aConfigMap('late'));
    expect(refused.body.details.causes[0].reason).toBe('NamespaceTerminating');
    await api.patch('/api/v1/namespaces/n/configmaps/held', { metadata: { finalizers: null } });
    expect((await api.get('/api/v1/namespaces/n')).status).toBe(404);
  });

  test('what belongs to a deleted object is deleted with it', async () => {
    const { body: owner } = await api.post(configMaps, aConfigMap('owner'));
    const ownerReferences = [
      { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid },
    ];
    await api.post(configMaps, {
      ...aConfigMap('child'),
      metadata: { name: 'child', ownerReferences },
    });
    await api.delete(`${configMaps}/owner`);
    expect((await api.get(`${configMaps}/child`)).status).toBe(404);
  });

  test('orphaning keeps the dependents and takes their reference away', async () => {
    const { body: owner } = await api.post(configMaps, aConfigMap('owner'));
    const ownerReferences = [
      { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid },
    ];
    await api.post(configMaps, {
      ...aConfigMap('child'),
      metadata: { name: 'child', ownerReferences },
    });
    await api.delete(`${configMaps}/owner`, { propagationPolicy: 'Orphan' });
    expect((await api.get(`${configMaps}/owner`)).status).toBe(404);
    expect((await api.get(`${configMaps}/child`)).body.metadata.ownerReferences).toBeUndefined();
  });

  test('a definition takes its objects along, and its kind is gone', async () => {
    await api.post(jobsPath, aDataJob('ingest-a'));
    await api.delete(
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/datajobs.versatiledatakit.io',
    );
    expect((await api.get(jobsPath)).status).toBe(404);
    await installDataJobs(api);
    expect((await api.get(jobsPath)).body.items).toEqual([]);
  });
});

describe('lists', () => {
  test('all pages of a list show one moment, whatever happens in between', async () => {
    for (const name of ['a', 'b', 'c']) await api.post(configMaps, aConfigMap(name));
    const { body: page } = await api.get(`${configMaps}?limit=2`);
    expect(page.metadata.remainingItemCount).toBe(1);
    await api.post(configMaps, aConfigMap('bb'));
    await api.delete(`${configMaps}/c`);
    const rest = await api.get(`${configMaps}?limit=2&continue=${page.metadata.continue}`);
    expect(
      rest.body.items.map((item: { metadata: { name: string } }) => item.metadata.name),
    ).toEqual(['c']);
    expect(rest.body.metadata.resourceVersion).toBe(page.metadata.resourceVersion);
  });

  test('a page whose moment is forgotten is answered 410 with a token to go on', async () => {
    for (const name of ['a', 'b', 'c']) await api.post(configMaps, aConfigMap(name));
    const { body: page } = await api.get(`${configMaps}?limit=2`);
    await api.delete(`${configMaps}/a`);
    api.api.compact();
    const gone = await api.get(`${configMaps}?limit=2&continue=${page.metadata.continue}`);
    expect(gone.body).toMatchObject({ code: 410, reason: 'Expired' });
    const rest = await api.get(`${configMaps}?limit=2&continue=${gone.body.metadata.continue}`);
    expect(rest.body.items).toHaveLength(1);
  });

  test.each([
    ['labelSelector=tier%3Da', ['one']],
    ['labelSelector=tier%20in%20(a,b)', ['one', 'two']],
    ['labelSelector=!tier', ['three']],
    ['labelSelector=tier!%3Da', ['three', 'two']],
    ['fieldSelector=metadata.name%3Dtwo', ['two']],
  ])('%s selects %j', async (query, names) => {
    for (const [name, labels] of [
      ['one', { tier: 'a' }],
      ['two', { tier: 'b' }],
      ['three', {}],
    ] as const) {
      await api.post(configMaps, { metadata: { name, labels } });
    }
    const { body } = await api.get(`${configMaps}?${query}`);
    expect(body.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual(
      names,
    );
  });

  test("a custom resource's selectable field selects, another is refused", async () => {
    await api.post(jobsPath, aDataJob('ingest-a'));
    await api.post(jobsPath, aDataJob('ingest-b', { team: 'other' }));
    const { body } = await api.get(`${jobsPath}?fieldSelector=spec.team%3Dother`);
    expect(body.items).toHaveLength(1);
    const refused = await api.get(`${jobsPath}?fieldSelector=spec.description%3Dx`);
    expect(refused.body.message).toBe('field label not supported: spec.description');
  });
});

describe('watches', () => {
  test('a watch goes on where a list ended and sees every change once', async () => {
    await api.post(configMaps, aConfigMap('before'));
    const { body: list } = await api.get(configMaps);
    await api.post(configMaps, aConfigMap('a'));
    const watch = await api.watch(
      `${configMaps}?watch=1&resourceVersion=${list.metadata.resourceVersion}`,
    );
    await api.patch(`${configMaps}/a`, { data: { x: '2' } });
    await api.delete(`${configMaps}/a`);
    const seen = (await watch.events()).map(
      ({ type, object }) => `${type} ${object.metadata.name}`,
    );
    expect(seen).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
  });

  test('an object that leaves the selection is deleted for the watch', async () => {
    await api.post(configMaps, { metadata: { name: 'a', labels: { on: 'yes' } } });
    const watch = await api.watch(`${configMaps}?watch=1&labelSelector=on%3Dyes`);
    await api.patch(`${configMaps}/a`, { metadata: { labels: { on: 'no' } } });
    await api.patch(`${configMaps}/a`, { metadata: { labels: { on: 'yes' } } });
    expect((await watch.events()).map(({ type }) => type)).toEqual(['ADDED', 'DELETED', 'ADDED']);
  });

  test('a watch from a forgotten revision is told 410 and ends', async () => {
    await api.post(configMaps, aConfigMap('a'));
    api.api.compact();
    const watch = await api.watch(`${configMaps}?watch=1&resourceVersion=1`);
    const [event] = await watch.events();
    expect(event).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
    expect(watch.ended()).toBe(true);
  });

  test('a streamed list ends with a bookmark that says so', async () => {
    await api.post(configMaps, aConfigMap('a'));
    const query =
      'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const watch = await api.watch(`${configMaps}?${query}`);
    const events = await watch.events();
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'BOOKMARK']);
    expect(events[1]?.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
  });

  test('bookmarks come each minute and shortly before the end that the client chose', async () => {
    const watch = await api.watch(
      `${configMaps}?watch=1&allowWatchBookmarks=true&timeoutSeconds=100&resourceVersion=0`,
    );
    await api.clock.advance(60_000);
    expect(await watch.events()).toHaveLength(1);
    await api.clock.advance(38_000);
    expect(await watch.events()).toHaveLength(2);
    expect(watch.ended()).toBe(false);
    await api.clock.advance(2_000);
    await watch.events();
    expect(watch.ended()).toBe(true);
    expect(api.api.openWatches()).toBe(0);
  });

  test('a client that goes away leaves nothing behind', async () => {
    const watch = await api.watch(`${configMaps}?watch=1`);
    expect(api.api.openWatches()).toBe(1);
    watch.stop();
    await watch.events();
    expect(api.api.openWatches()).toBe(0);
    expect(api.clock.asleepForMs()).toEqual([]);
  });
});

describe('the server', () => {
  test('a request without the token is refused, health probes are not', async () => {
    const locked = startApi({ token: 'secret' });
    expect((await locked.get(configMaps)).body).toMatchObject({
      code: 401,
      reason: 'Unauthorized',
    });
    expect((await locked.get('/readyz')).body).toBe('ok');
    const headers = { authorization: 'Bearer secret' };
    expect((await locked.request('GET', configMaps, undefined, headers)).status).toBe(200);
  });

  test('requests are recorded as data and counted', async () => {
    api.api.record.clear();
    await api.get(`${jobsPath}/none`);
    await api.post(jobsPath, aDataJob('ingest-a'));
    expect(api.api.record.count({ verb: 'create', resource: 'datajobs', status: 201 })).toBe(1);
    expect(api.api.record.entries()[0]).toMatchObject({ verb: 'get', name: 'none', status: 404 });
  });

  test('a restored server has the objects and kinds, and knows no history', async () => {
    await api.post(jobsPath, aDataJob('ingest-a'));
    const other = startApi();
    other.api.restore(JSON.parse(JSON.stringify(api.api.snapshot())));
    const { body } = await other.get(`${jobsPath}/ingest-a`);
    expect(body).toEqual((await api.get(`${jobsPath}/ingest-a`)).body);
    const watch = await other.watch(`${jobsPath}?watch=1&resourceVersion=2`);
    expect((await watch.events())[0]?.object.code).toBe(410);
  });

  test('unknown fields are warned of, or refused when the client is strict', async () => {
    const job = aDataJob('ingest-a', { colour: 'red' });
    const warned = await api.post(jobsPath, job);
    expect(warned.headers.get('warning')).toBe('299 - "unknown field \\"spec.colour\\""');
    expect(warned.body.spec.colour).toBeUndefined();
    const refused = await api.post(
      `${jobsPath}?fieldValidation=Strict`,
      aDataJob('b', { colour: 'x' }),
    );
    expect(refused.body.message).toContain('strict decoding error: unknown field "spec.colour"');
  });
});
