/** Server-side apply and managed fields: who owns what, conflicts, force, handing over, letting go. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Answer } from '../client.ts';
import {
  aCondition,
  aConfigMap,
  aDataJob,
  aNamespace,
  type ConformanceTarget,
  configMapsIn,
  jobApiVersion,
  jobsIn,
  type UseTarget,
} from '../target.ts';

export function ownership(use: UseTarget): void {
  let target: ConformanceTarget;
  let jobs: string;
  let cms: string;
  let ns: string;
  beforeEach(async () => {
    target = use();
    ns = await aNamespace(target);
    jobs = jobsIn(ns);
    cms = configMapsIn(ns);
  });
  const owners = (object: Answer) =>
    Object.fromEntries(
      (object.metadata.managedFields ?? []).map((entry: Answer) => [
        [entry.manager, entry.operation, entry.subresource].filter(Boolean).join(' '),
        entry.fieldsV1,
      ]),
    );
  const jobBy = (manager: string, spec: Record<string, unknown>, more = '', metadata = {}) =>
    target.api.apply(`${jobs}/ingest-a?fieldManager=${manager}${more}`, {
      apiVersion: jobApiVersion,
      kind: 'DataJob',
      metadata: { name: 'ingest-a', ...metadata },
      spec,
    });
  const mapBy = (manager: string, data: Record<string, string> | undefined, more = '') =>
    target.api.apply(`${cms}/a?fieldManager=${manager}${more}`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a' },
      ...(data === undefined ? {} : { data }),
    });

  describe('writes other than apply', () => {
    test('make their manager the owner of what they set, defaults included', async () => {
      const { body } = await target.api.post(`${cms}?fieldManager=me`, {
        ...aConfigMap('a'),
        metadata: { name: 'a', labels: { l: '1' } },
      });
      expect(owners(body)).toEqual({
        'me Update': {
          'f:data': { '.': {}, 'f:x': {} },
          'f:metadata': { 'f:labels': { '.': {}, 'f:l': {} } },
        },
      });
    });

    test('without a manager are known by the first part of the user agent', async () => {
      const { body } = await target.api.post(cms, aConfigMap('a'));
      expect(Object.keys(owners(body))).toEqual(['conformance Update']);
    });

    test('move a changed field, and only that, to who changed it', async () => {
      await target.api.post(`${cms}?fieldManager=one`, aConfigMap('a', { x: '1', y: '1' }));
      const { body } = await target.api.patch(`${cms}/a?fieldManager=two`, { data: { x: '2' } });
      expect(owners(body)).toEqual({
        'one Update': { 'f:data': { '.': {}, 'f:y': {} } },
        'two Update': { 'f:data': { 'f:x': {} } },
      });
    });

    test('of status are kept apart from those of the rest', async () => {
      await target.api.post(`${jobs}?fieldManager=me`, aDataJob('ingest-a'));
      const { body } = await target.api.patch(`${jobs}/ingest-a/status?fieldManager=me`, {
        status: { observedGeneration: 3 },
      });
      expect(owners(body)['me Update status']).toEqual({
        'f:status': { 'f:observedGeneration': {} },
      });
      expect(owners(body)['me Update']['f:status']).toBeUndefined();
    });

    test('may clear all owners, after which nobody is one until the next apply', async () => {
      await target.api.post(cms, aConfigMap('a'));
      const cleared = await target.api.patch(`${cms}/a`, { metadata: { managedFields: [{}] } });
      expect(cleared.body.metadata.managedFields).toBeUndefined();
      const { body: changed } = await target.api.patch(`${cms}/a`, { data: { y: '1' } });
      expect(changed.metadata.managedFields).toBeUndefined();
      const { body } = await mapBy('one', { y: '1' });
      expect(Object.keys(owners(body)).sort()).toEqual(['before-first-apply Update', 'one Apply']);
    });
  });

  describe('an apply', () => {
    test('creates what is not there and owns what it says, no more', async () => {
      const source = { inline: { files: { '10_a.sql': 'select 1' } } };
      const { status, body } = await jobBy('one', { team: 'sales', source });
      expect(status).toBe(201);
      expect(body.spec.interval).toBe('10m');
      expect(owners(body)).toEqual({
        'one Apply': {
          'f:spec': {
            'f:team': {},
            'f:source': { 'f:inline': { 'f:files': { 'f:10_a.sql': {} } } },
          },
        },
      });
    });

    test('that changes nothing writes nothing', async () => {
      const { body: first } = await mapBy('one', { a: '1' });
      const { status, body } = await mapBy('one', { a: '1' });
      expect(status).toBe(200);
      expect(body.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    });

    test('of what another owns with another value is a conflict that names both', async () => {
      await mapBy('one', { a: '1', b: '1' });
      const { body: single } = await mapBy('two', { a: '2' });
      expect(single).toMatchObject({
        code: 409,
        reason: 'Conflict',
        message: 'Apply failed with 1 conflict: conflict with "one": .data.a',
      });
      expect(single.details.causes).toEqual([
        { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.a' },
      ]);
      const { body: both } = await mapBy('two', { a: '2', b: '2' });
      expect(both.message).toBe(
        'Apply failed with 2 conflicts: conflicts with "one":\n- .data.a\n- .data.b',
      );
    });

    test('with force takes the fields, and the other loses them', async () => {
      await mapBy('one', { a: '1', b: '1' });
      const { body } = await mapBy('two', { a: '2' }, '&force=true');
      expect(body.data).toEqual({ a: '2', b: '1' });
      expect(owners(body)).toEqual({
        'one Apply': { 'f:data': { 'f:b': {} } },
        'two Apply': { 'f:data': { 'f:a': {} } },
      });
    });

    test('of the same value makes a second owner without a conflict', async () => {
      await mapBy('one', { a: '1' });
      const { body } = await mapBy('two', { a: '1' });
      expect(Object.keys(owners(body)).sort()).toEqual(['one Apply', 'two Apply']);
    });

    test('removes what it no longer says, unless somebody else owns it', async () => {
      await mapBy('one', { a: '1', b: '1' });
      await mapBy('two', { b: '1' });
      const { body } = await mapBy('one', undefined);
      expect(body.data).toEqual({ b: '1' });
      expect(Object.keys(owners(body))).toEqual(['two Apply']);
    });

    test('of a list with keys merges by the keys that the schema names', async () => {
      await target.api.post(jobs, aDataJob('ingest-a'));
      const by = (manager: string, ...conditions: Answer[]) =>
        target.api.apply(`${jobs}/ingest-a/status?fieldManager=${manager}`, {
          apiVersion: jobApiVersion,
          kind: 'DataJob',
          metadata: { name: 'ingest-a' },
          status: { conditions },
        });
      await by('one', aCondition('Ready'));
      const { body: both } = await by('two', aCondition('Synced'));
      const types = (object: Answer) => object.status.conditions.map((each: Answer) => each.type);
      expect(types(both)).toEqual(['Ready', 'Synced']);
      expect(owners(both)['two Apply status']['f:status']['f:conditions']).toEqual({
        'k:{"type":"Synced"}': {
          '.': {},
          'f:lastTransitionTime': {},
          'f:message': {},
          'f:observedGeneration': {},
          'f:reason': {},
          'f:status': {},
          'f:type': {},
        },
      });
      const { body: conflict } = await by('two', aCondition('Ready', { status: 'False' }));
      expect(conflict.details.causes[0].field).toBe('.status.conditions[type="Ready"].status');
      const { body: without } = await by('one');
      expect(types(without)).toEqual(['Synced']);
    });

    test('of finalizers and labels adds to those of others', async () => {
      await target.api.post(jobs, aDataJob('ingest-a'));
      await jobBy('one', {}, '', { finalizers: ['a.b/one'], labels: { one: '' } });
      const { body } = await jobBy('two', {}, '', { finalizers: ['a.b/two'], labels: { two: '' } });
      expect(body.metadata.finalizers).toEqual(['a.b/one', 'a.b/two']);
      expect(body.metadata.labels).toEqual({ one: '', two: '' });
      const { body: less } = await jobBy('one', {});
      expect(less.metadata.finalizers).toEqual(['a.b/two']);
      await target.api.patch(`${jobs}/ingest-a`, { metadata: { finalizers: null } });
    });

    test.each([
      {
        name: 'without a manager',
        query: '',
        body: {},
        code: 422,
        says: 'fieldManager: Required value: is required for apply patch',
      },
      {
        name: 'of another kind',
        query: '?fieldManager=m',
        body: { kind: 'Other' },
        code: 400,
        says: 'invalid object type: versatiledatakit.io/v1alpha1, Kind=Other',
      },
      {
        name: 'with managed fields',
        query: '?fieldManager=m',
        body: { metadata: { name: 'ingest-a', managedFields: [] } },
        code: 400,
        says: 'metadata.managedFields must be nil',
      },
      {
        name: 'of a field that is not in the schema',
        query: '?fieldManager=m',
        body: { spec: { colour: 1 } },
        code: 500,
        says: '.spec.colour: field not declared in schema',
      },
      {
        name: 'of a value of a wrong type',
        query: '?fieldManager=m',
        body: { spec: { team: 3 } },
        code: 500,
        says: '.spec.team: expected string',
      },
    ])('$name is refused', async ({ query, body, code, says }) => {
      await target.api.post(jobs, aDataJob('ingest-a'));
      const reply = await target.api.apply(`${jobs}/ingest-a${query}`, {
        apiVersion: jobApiVersion,
        kind: 'DataJob',
        metadata: { name: 'ingest-a' },
        ...body,
      });
      expect(reply.status).toBe(code);
      expect(reply.body.message).toContain(says);
    });

    test('of a role, whose rules are one piece, is taken and repeated in silence', async () => {
      const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${ns}/roles/r?fieldManager=m`;
      const role = {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: { name: 'r' },
        rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }],
      };
      const { status, body } = await target.api.apply(path, role);
      expect(status, body.message).toBe(201);
      expect(owners(body)).toEqual({ 'm Apply': { 'f:rules': {} } });
      const again = await target.api.apply(path, role);
      expect(again.body.metadata.resourceVersion).toBe(body.metadata.resourceVersion);
    });

    test("takes over from kubectl's client-side apply what that one applied", async () => {
      const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
      const applied = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'a' },
        data: { x: '1' },
      };
      await target.api.post(`${cms}?fieldManager=kubectl-client-side-apply`, {
        ...applied,
        metadata: { name: 'a', annotations: { [annotation]: JSON.stringify(applied) } },
      });
      expect((await mapBy('somebody', { x: '2' })).status).toBe(409);
      const { status, body } = await mapBy('kubectl', { x: '2' });
      expect(status).toBe(200);
      expect(JSON.parse(body.metadata.annotations[annotation]).data).toEqual({ x: '2' });
    });
  });
}
