/** What a definition's schema does to objects: pruning, defaults, validation, rules, new versions of it. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Answer } from '../client.ts';
import {
  aDataJob,
  aNamespace,
  type ConformanceTarget,
  crdPath,
  eventually,
  gone,
  installDefinition,
  jobsIn,
  type UseTarget,
} from '../target.ts';

export function schemas(use: UseTarget): void {
  let target: ConformanceTarget;
  let ns: string;
  let jobs: string;
  beforeEach(async () => {
    target = use();
    ns = await aNamespace(target);
    jobs = jobsIn(ns);
  });

  test('unknown fields are dropped and warned of', async () => {
    const { status, body, headers } = await target.api.post(
      jobs,
      aDataJob('ingest-a', { colour: 1 }),
    );
    expect(status).toBe(201);
    expect(body.spec.colour).toBeUndefined();
    expect(headers.get('warning')).toBe('299 - "unknown field \\"spec.colour\\""');
  });

  test('unknown and duplicate fields are refused for a strict client, and silent for one that does not care', async () => {
    const strict = '?fieldValidation=Strict';
    const refused = await target.api.post(`${jobs}${strict}`, aDataJob('ingest-a', { colour: 1 }));
    expect(refused.body).toMatchObject({
      code: 400,
      message:
        'DataJob in version "v1alpha1" cannot be handled as a DataJob: strict decoding error: unknown field "spec.colour"',
    });
    const twice = JSON.stringify(aDataJob('ingest-a')).replace(
      '"spec":{',
      '"spec":{"team":"first",',
    );
    const duplicate = await target.api.post(`${jobs}${strict}`, twice);
    expect(duplicate.body.message).toContain('strict decoding error: duplicate field "spec.team"');
    const ignored = await target.api.post(
      `${jobs}?fieldValidation=Ignore`,
      aDataJob('ingest-a', { colour: 1 }),
    );
    expect(ignored.headers.get('warning')).toBeUndefined();
  });

  test('a strict patch with an unknown or duplicate field is refused as a wrong patch', async () => {
    const strict = 'fieldValidation=Strict';
    await target.api.post(jobs, aDataJob('ingest-a'));
    const { body } = await target.api.patch(`${jobs}/ingest-a?${strict}`, { spec: { colour: 1 } });
    expect(body).toMatchObject({ code: 422, reason: 'Invalid' });
    expect(body.details).toEqual({ causes: [expect.objectContaining({ field: 'patch' })] });
    expect(body.message).toMatch(
      /^ "" is invalid: patch: Invalid value: "{.*}": strict decoding error: unknown field "spec.colour"$/,
    );
    const twice = '{"spec":{"description":"a","description":"b"}}';
    const duplicate = await target.api.patch(`${jobs}/ingest-a?${strict}`, twice);
    expect(duplicate.body.message).toContain(
      'strict decoding error: duplicate field "spec.description"',
    );
    const maps = `/api/v1/namespaces/${ns}/configmaps`;
    await target.api.post(maps, { metadata: { name: 'a' } });
    const wrong = { colour: 'red', data: { x: '1' }, deep: { list: [1, { a: 'b' }], on: true } };
    const type = 'application/strategic-merge-patch+json';
    const strategic = await target.api.patch(`${maps}/a?${strict}`, wrong, type);
    expect(strategic.body.message).toBe(
      ' "" is invalid: patch: Invalid value: "map[colour:red data:map[x:1] deep:map[list:[1 map[a:b]] on:true]]": strict decoding error: unknown field "colour", unknown field "deep"',
    );
  });

  test('an unknown field of a built-in kind is dropped and warned of in the same words', async () => {
    const path = `/api/v1/namespaces/${ns}/configmaps`;
    const { body, headers } = await target.api.post(path, { metadata: { name: 'a' }, colour: 1 });
    expect(body.colour).toBeUndefined();
    expect(headers.get('warning')).toBe('299 - "unknown field \\"colour\\""');
  });

  test.each([
    {
      name: 'a wrong type',
      spec: { team: 3 },
      field: 'spec.team',
      reason: 'FieldValueTypeInvalid',
    },
    {
      name: 'a missing field',
      spec: { team: undefined },
      field: 'spec.team',
      reason: 'FieldValueRequired',
    },
    {
      name: 'a word that is not in the list',
      spec: { managementPolicy: 'Maybe' },
      field: 'spec.managementPolicy',
      reason: 'FieldValueNotSupported',
    },
    {
      name: 'a text that breaks a rule',
      spec: { deployment: { schedule: 'x' } },
      field: 'spec.deployment.schedule',
      reason: 'FieldValueInvalid',
    },
  ])('$name is refused with the field and the reason', async ({ spec, field, reason }) => {
    const { status, body } = await target.api.post(jobs, aDataJob('ingest-a', spec));
    expect(status).toBe(422);
    expect(body).toMatchObject({
      reason: 'Invalid',
      details: { name: 'ingest-a', kind: 'DataJob' },
    });
    expect(body.details.causes).toContainEqual(expect.objectContaining({ field, reason }));
    expect(body.message).toContain(`DataJob.versatiledatakit.io "ingest-a" is invalid: `);
  });

  test('a rule that compares with the old object holds on a change and not on creation', async () => {
    await target.api.post(jobs, aDataJob('ingest-a'));
    const { body } = await target.api.patch(`${jobs}/ingest-a`, {
      spec: { jobName: 'another-name' },
    });
    expect(body).toMatchObject({ code: 422, reason: 'Invalid' });
    expect(body.message).toMatch(/cannot be|immutable|changed/i);
  });

  test('a status is validated as well', async () => {
    await target.api.post(jobs, aDataJob('ingest-a'));
    const status = { conditions: [{ type: 'Ready' }] };
    const { body } = await target.api.patch(`${jobs}/ingest-a/status`, { status });
    const field = 'status.conditions[0].lastTransitionTime';
    expect(body.details.causes).toContainEqual(
      expect.objectContaining({ field, reason: 'FieldValueRequired' }),
    );
  });

  describe('a definition', () => {
    const version = (more: Record<string, unknown>, schema: Record<string, unknown>) => ({
      name: 'v1',
      served: true,
      storage: true,
      schema: {
        openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', ...schema } } },
      },
      ...more,
    });
    const definition = (plural: string, kind: string, ...versions: Answer[]) => ({
      metadata: { name: `${plural}.schemas.example.com` },
      spec: {
        group: 'schemas.example.com',
        scope: 'Namespaced',
        names: { plural, kind },
        versions,
      },
    });
    const remove = async (crd: Answer) => {
      await target.api.delete(`${crdPath}/${crd.metadata.name}`);
      await gone(target, `${crdPath}/${crd.metadata.name}`);
    };

    test('gets its names, and says when it is established', async () => {
      const crd = definition('plains', 'Plain', version({}, {}));
      const { body } = await target.api.post(crdPath, crd);
      expect(body.spec.names).toMatchObject({ singular: 'plain', listKind: 'PlainList' });
      expect(body.status.storedVersions).toEqual(['v1']);
      const ready = await eventually('it is established', async () => {
        const { body: now } = await target.api.get(`${crdPath}/${crd.metadata.name}`);
        const established = (each: Answer) => each.type === 'Established' && each.status === 'True';
        return now.status.conditions?.some(established) ? now : undefined;
      });
      const states = ready.status.conditions.map((each: Answer) => [
        each.type,
        each.status,
        each.reason,
      ]);
      expect(states).toEqual([
        ['NamesAccepted', 'True', 'NoConflicts'],
        ['Established', 'True', 'InitialNamesAccepted'],
      ]);
      expect(ready.status.acceptedNames.plural).toBe('plains');
      await remove(crd);
    });

    test('that changes prunes and defaults what was written before', async () => {
      const crd = definition(
        'changers',
        'Changer',
        version({}, { properties: { a: { type: 'string' } } }),
      );
      await installDefinition(target.api, crd);
      const changers = `/apis/schemas.example.com/v1/namespaces/${ns}/changers`;
      const apiVersion = 'schemas.example.com/v1';
      await target.api.post(changers, {
        apiVersion,
        kind: 'Changer',
        metadata: { name: 'x' },
        spec: { a: '1', b: 'dropped' },
      });
      const next = version({}, { properties: { b: { type: 'boolean', default: true } } });
      await target.api.patch(`${crdPath}/${crd.metadata.name}`, { spec: { versions: [next] } });
      const { spec } = await eventually('the new schema is in use', async () => {
        const { body } = await target.api.get(`${changers}/x`);
        return body.spec?.b === true ? body : undefined;
      });
      expect(spec).toEqual({ b: true });
      await remove(crd);
    });

    test('with two versions shows each object in both', async () => {
      const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
      const crd = definition(
        'twins',
        'Twin',
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: open } },
        { name: 'v2', served: true, storage: false, schema: { openAPIV3Schema: open } },
      );
      await installDefinition(target.api, crd);
      const at = (v: string) => `/apis/schemas.example.com/${v}/namespaces/${ns}/twins`;
      const metadata = { name: 'x' };
      await target.api.post(at('v1'), {
        apiVersion: 'schemas.example.com/v1',
        kind: 'Twin',
        metadata,
        spec: { a: 1 },
      });
      const { body } = await target.api.get(`${at('v2')}/x`);
      expect(body).toMatchObject({ apiVersion: 'schemas.example.com/v2', spec: { a: 1 } });
      await remove(crd);
    });

    test.each([
      {
        name: 'whose name is not plural and group',
        crd: {
          ...definition('odds', 'Odd', version({}, {})),
          metadata: { name: 'other.example.com' },
        },
        says: 'metadata.name: Invalid value: "other.example.com": must be spec.names.plural+"."+spec.group',
      },
      {
        name: 'without a stored version',
        crd: definition('odds', 'Odd', version({ storage: false }, {})),
        says: 'must have exactly one version marked as storage version',
      },
      {
        name: 'with a field of no type',
        crd: definition('odds', 'Odd', version({}, { properties: { a: {} } })),
        says: '.properties[spec].properties[a].type: Required value: must not be empty for specified object fields',
      },
    ])('$name is refused', async ({ crd, says }) => {
      const { body } = await target.api.post(crdPath, crd);
      expect(body).toMatchObject({ code: 422, reason: 'Invalid' });
      expect(body.message).toContain(says);
    });
  });
}
