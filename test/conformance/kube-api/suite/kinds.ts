/** Built-in kinds, discovery, tables, and how requests are refused that no kind can answer. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Answer } from '../client.ts';
import {
  aConfigMap,
  aDataJob,
  aNamespace,
  type ConformanceTarget,
  configMapsIn,
  jobsIn,
  type UseTarget,
} from '../target.ts';

export function kinds(use: UseTarget): void {
  let target: ConformanceTarget;
  let ns: string;
  beforeEach(async () => {
    target = use();
    ns = await aNamespace(target);
  });

  describe('secrets', () => {
    test('turn text into base64 and show no text', async () => {
      const path = `/api/v1/namespaces/${ns}/secrets`;
      const { body } = await target.api.post(path, {
        metadata: { name: 's' },
        data: { a: 'YQ==' },
        stringData: { b: 'b' },
      });
      expect(body).toMatchObject({ data: { a: 'YQ==', b: 'Yg==' }, type: 'Opaque' });
      expect(body.stringData).toBeUndefined();
      const type = await target.api.patch(`${path}/s`, { type: 'other' });
      expect(type.body.message).toContain('type: Invalid value: "other": field is immutable');
      await target.api.patch(`${path}/s`, { immutable: true });
      const { body: frozen } = await target.api.patch(`${path}/s`, { stringData: { a: 'x' } });
      expect(frozen.message).toContain(
        'data: Forbidden: field is immutable when `immutable` is set',
      );
    });

    test('that are no base64 are refused', async () => {
      const { body } = await target.api.post(`/api/v1/namespaces/${ns}/secrets`, {
        metadata: { name: 's' },
        data: { a: '%' },
      });
      expect(body.message).toBe(
        'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 0',
      );
    });
  });

  test('namespaces are active, labelled with their name and kept by a finalizer', async () => {
    const { body } = await target.api.get(`/api/v1/namespaces/${ns}`);
    expect(body.status).toEqual({ phase: 'Active' });
    expect(body.spec).toEqual({ finalizers: ['kubernetes'] });
    expect(body.metadata.labels).toEqual({ 'kubernetes.io/metadata.name': ns });
  });

  test('leases are made, taken with a version, and never blindly', async () => {
    const path = `/apis/coordination.k8s.io/v1/namespaces/${ns}/leases`;
    const renewTime = '2026-01-01T00:00:00.000000Z';
    const spec = { holderIdentity: 'a', leaseDurationSeconds: 15, renewTime, leaseTransitions: 0 };
    const { body } = await target.api.post(path, { metadata: { name: 'l' }, spec });
    expect(body.spec).toEqual(spec);
    expect(body.metadata.generation).toBeUndefined();
    const blind = await target.api.put(`${path}/l`, { metadata: { name: 'l' }, spec });
    expect(blind.status).toBe(422);
    const next = { ...body, spec: { ...spec, holderIdentity: 'b' } };
    expect((await target.api.put(`${path}/l`, next)).status).toBe(200);
    expect((await target.api.put(`${path}/l`, next)).body).toMatchObject({
      code: 409,
      reason: 'Conflict',
    });
    const never = await target.api.post(path, {
      metadata: { name: 'm' },
      spec: { ...spec, leaseDurationSeconds: 0 },
    });
    expect(never.body.message).toContain(
      'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
    );
  });

  test('an event is one thing with two views', async () => {
    const reporting = { reportingController: 'example.com/operator', reportingInstance: 'i' };
    const regarding = { kind: 'DataJob', namespace: ns, name: 'x', uid: 'u' };
    const { status } = await target.api.post(`/apis/events.k8s.io/v1/namespaces/${ns}/events`, {
      metadata: { name: 'e' },
      regarding,
      ...reporting,
      action: 'Deploy',
      reason: 'Deployed',
      note: 'all is well',
      type: 'Normal',
      eventTime: '2026-01-01T00:00:00.000000Z',
    });
    expect(status).toBe(201);
    const core = `/api/v1/namespaces/${ns}/events`;
    const { body } = await target.api.get(`${core}/e`);
    expect(body).toMatchObject({
      involvedObject: regarding,
      message: 'all is well',
      reportingComponent: 'example.com/operator',
      firstTimestamp: null,
      source: {},
    });
    const found = await target.api.get(
      `${core}?fieldSelector=involvedObject.uid%3Du,reason%3DDeployed`,
    );
    expect(found.body.items).toHaveLength(1);
    const series = { count: 2, lastObservedTime: '2026-01-01T00:01:00.000000Z' };
    const patched = await target.api.patch(`/apis/events.k8s.io/v1/namespaces/${ns}/events/e`, {
      series,
    });
    expect(patched.body.series).toEqual(series);
    const strange = { ...regarding, namespace: 'another' };
    const refused = await target.api.post(core, {
      metadata: { name: 'f' },
      involvedObject: strange,
    });
    expect(refused.body.message).toContain('does not match event.namespace');
  });

  test('who asks what may be done is told', async () => {
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    const resourceAttributes = { namespace: ns, verb: 'get', resource: 'secrets' };
    const { status, body } = await target.api.post(path, { spec: { resourceAttributes } });
    expect(status).toBe(201);
    expect(body.status.allowed).toBe(true);
    expect((await target.api.get(path)).status).toBe(405);
  });

  describe('discovery', () => {
    test('knows our kind, its short name and subresources, in the old form and the new', async () => {
      const { body: old } = await target.api.get('/apis/versatiledatakit.io/v1alpha1');
      const [main, status] = ['datajobs', 'datajobs/status'].map((name) =>
        old.resources.find((each: Answer) => each.name === name),
      );
      expect(main).toMatchObject({
        kind: 'DataJob',
        namespaced: true,
        singularName: 'datajob',
        shortNames: ['dj'],
      });
      expect([...main.verbs].sort()).toEqual(
        ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'].sort(),
      );
      expect(status.verbs).toEqual(['get', 'patch', 'update']);
      const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
      const { body: list } = await target.api.get('/apis', { accept });
      expect(list.kind).toBe('APIGroupDiscoveryList');
      const group = list.items.find((each: Answer) => each.metadata.name === 'versatiledatakit.io');
      expect(group.versions[0].resources.map((each: Answer) => each.resource)).toContain(
        'datajobs',
      );
    });

    test('has a schema with a description for the fields of our kind', async () => {
      // Servers differ in how they call the form of this one document, which is JSON all the same.
      const { body: text } = await target.api.get('/openapi/v3');
      const root = typeof text === 'string' ? JSON.parse(text) : text;
      const { serverRelativeURL } = root.paths['apis/versatiledatakit.io/v1alpha1'];
      const { body } = await target.api.get(serverRelativeURL);
      const name = Object.keys(body.components.schemas).find((each) => each.endsWith('.DataJob'));
      const { properties } = body.components.schemas[String(name)];
      expect(properties.spec.properties.team.description).toMatch(/\w/);
    });

    test('tells the version, and that the server is well', async () => {
      const { body } = await target.api.get('/version');
      expect(body).toMatchObject({ major: '1', gitVersion: expect.stringMatching(/^v1\.\d+\./) });
      for (const path of ['/healthz', '/livez', '/readyz']) {
        expect((await target.api.get(path)).body).toBe('ok');
      }
    });
  });

  describe('tables', () => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';

    test("have the definition's columns for our kind", async () => {
      await target.api.post(jobsIn(ns), aDataJob('ingest-a'));
      const { body } = await target.api.get(jobsIn(ns), { accept });
      expect(body).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' });
      const columns = body.columnDefinitions.map((each: Answer) => each.name);
      expect(columns.slice(0, 4)).toEqual(['Name', 'Ready', 'Status', 'Team']);
      const [row] = body.rows;
      expect(row.cells[0]).toBe('ingest-a');
      expect(row.cells[columns.indexOf('Team')]).toBe('sales');
      expect(row.object).toMatchObject({
        kind: 'PartialObjectMetadata',
        metadata: { name: 'ingest-a' },
      });
    });

    test('can carry whole objects, and one object is a table of one row', async () => {
      await target.api.post(configMapsIn(ns), aConfigMap('a', { x: '1', y: '2' }));
      const { body } = await target.api.get(`${configMapsIn(ns)}/a?includeObject=Object`, {
        accept,
      });
      expect(body.rows).toHaveLength(1);
      expect(body.rows[0].cells.slice(0, 2)).toEqual(['a', 2]);
      expect(body.rows[0].object.data).toEqual({ x: '1', y: '2' });
    });

    test('in a watch send their columns once', async () => {
      for (const name of ['ingest-a', 'ingest-b'])
        await target.api.post(jobsIn(ns), aDataJob(name));
      const watch = await target.api.watch(`${jobsIn(ns)}?watch=1`, { accept });
      const [first, second] = await watch.take(2);
      watch.stop();
      expect(first?.object.columnDefinitions.length).toBeGreaterThan(0);
      expect(second?.object.columnDefinitions).toBeNull();
    });
  });

  describe('requests that nothing answers', () => {
    test.each([
      { path: '/nowhere', status: 404, is: '404 page not found' },
      { path: '/apis/no.such.group/v1/things', status: 404, is: '404 page not found' },
      {
        path: '/apis/versatiledatakit.io/v1alpha1/nothings',
        status: 404,
        is: '404 page not found',
      },
      {
        path: '/api/v1/nothings',
        status: 404,
        is: 'the server could not find the requested resource',
      },
      { path: '/api/v1/namespaces/default/configmaps/a/status', status: 404, is: 'could not find' },
    ])('$path is answered $status', async ({ path, status, is }) => {
      const reply = await target.api.get(path);
      expect(reply.status).toBe(status);
      expect(reply.body.message ?? reply.body).toContain(is);
    });

    test('a method that means nothing there is answered 405', async () => {
      const { body } = await target.api.put(configMapsIn(ns), aConfigMap('a'));
      expect(body).toMatchObject({
        code: 405,
        reason: 'MethodNotAllowed',
        message: 'the server does not allow this method on the requested resource',
      });
    });

    test('a representation that is not there is answered 406, a body of no known form 415', async () => {
      const accept = await target.api.get(configMapsIn(ns), { accept: 'text/html' });
      expect(accept.body).toMatchObject({ code: 406, reason: 'NotAcceptable' });
      const type = { 'content-type': 'text/plain' };
      const sent = await target.api.request('POST', configMapsIn(ns), 'x', type);
      expect(sent.body).toMatchObject({ code: 415, reason: 'UnsupportedMediaType' });
    });

    test('a token that is not known is answered 401', async () => {
      const { body } = await target.api.get(configMapsIn(ns), { authorization: 'Bearer wrong' });
      expect(body).toMatchObject({ kind: 'Status', code: 401, reason: 'Unauthorized' });
    });
  });
}
