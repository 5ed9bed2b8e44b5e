import { describe, expect, test } from 'vitest';
import { openApiDocument } from '../../../src/sandbox/kube-api/openapi.ts';
import type { JsonSchema, ServedResource } from '../../../src/sandbox/kube-api/served-resource.ts';

function aResource(changes: Partial<ServedResource> = {}): ServedResource {
  return {
    group: 'example.test',
    version: 'v1',
    plural: 'widgets',
    singular: 'widget',
    kind: 'Widget',
    listKind: 'WidgetList',
    shortNames: [],
    categories: [],
    namespaced: true,
    verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
    subresources: { status: true },
    schema: {
      type: 'object',
      description: 'A widget.',
      properties: {
        metadata: { type: 'object' },
        spec: { type: 'object', properties: { team: { type: 'string', description: 'Who.' } } },
      },
    },
    ...changes,
  };
}

const gvk = 'x-kubernetes-group-version-kind';
const aBuiltIn = aResource({
  group: '',
  plural: 'secrets',
  kind: 'Secret',
  listKind: 'SecretList',
  schema: { type: 'object', [gvk]: [{ group: '', version: 'v1', kind: 'Secret' }] },
});
const resources = [aBuiltIn, aResource()];

interface Patch {
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody: { readonly content: object };
}

interface OpenApi {
  readonly paths: Readonly<Record<string, { readonly patch: Patch }>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

function version3(group = 'apis/example.test/v1'): OpenApi {
  return openApiDocument({ path: `/openapi/v3/${group}`, resources }) as OpenApi;
}

describe('the root', () => {
  const rootOf = (served: readonly ServedResource[]) =>
    openApiDocument({ path: '/openapi/v3', resources: served }) as {
      paths: Record<string, { serverRelativeURL: string }>;
    };

  test('names a document per group version, with a hash', () => {
    const { paths } = rootOf(resources);
    expect(Object.keys(paths)).toEqual(['api/v1', 'apis/example.test/v1']);
    expect(paths['apis/example.test/v1']?.serverRelativeURL).toMatch(
      /^\/openapi\/v3\/apis\/example\.test\/v1\?hash=[0-9A-F]{64}$/,
    );
  });

  test('keeps the hash of what did not change, and changes that of what did', () => {
    const before = rootOf(resources).paths;
    const after = rootOf([aBuiltIn, aResource({ schema: { type: 'object' } })]).paths;
    expect(after['api/v1']).toEqual(before['api/v1']);
    expect(after['apis/example.test/v1']).not.toEqual(before['apis/example.test/v1']);
  });
});

describe('a group’s document', () => {
  test('has the kind under its group backwards, with what every object has', () => {
    const schema = version3().components.schemas['test.example.v1.Widget'];
    expect(schema).toMatchObject({
      description: 'A widget.',
      [gvk]: [{ group: 'example.test', version: 'v1', kind: 'Widget' }],
      properties: {
        apiVersion: { type: 'string' },
        kind: { type: 'string' },
        metadata: {
          allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }],
        },
        spec: { properties: { team: { description: 'Who.' } } },
      },
    });
  });

  test('has only references that lead somewhere', () => {
    const document = version3();
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(20);
    const known = Object.keys(document.components.schemas).map((n) => `#/components/schemas/${n}`);
    for (const [, reference] of references) expect(known).toContain(reference);
  });

  test('describes every field that all kinds share, in a sentence', () => {
    const { schemas } = version3().components;
    const shared = Object.entries(schemas).filter(([name]) => name.includes('.meta.v1.'));
    expect(shared.length).toBeGreaterThan(8);
    for (const [name, schema] of shared) {
      const fields = (schema.properties ?? {}) as Readonly<Record<string, JsonSchema>>;
      for (const [field, { description }] of [['', schema] as const, ...Object.entries(fields)]) {
        expect(description, `${name}.${field}`).toMatch(/^[A-Z].*[.]$/);
      }
    }
  });

  test('says that a PATCH validates fields, dry-runs and forces: kubectl asks before it does', () => {
    const item = version3().paths['/apis/example.test/v1/namespaces/{namespace}/widgets/{name}'];
    expect(item?.patch).toMatchObject({
      [gvk]: { group: 'example.test', version: 'v1', kind: 'Widget' },
      'x-kubernetes-action': 'patch',
    });
    const parameters = item?.patch.parameters ?? [];
    expect(parameters.map(({ name }) => name)).toEqual([
      'dryRun',
      'fieldManager',
      'fieldValidation',
      'force',
    ]);
    expect(parameters.every((parameter) => parameter.in === 'query')).toBe(true);
  });

  test('offers strategic merge patches for built-in kinds only', () => {
    const typesOf = (group: string, path: string) => {
      return Object.keys(version3(group).paths[path]?.patch.requestBody.content ?? {});
    };
    const strategic = 'application/strategic-merge-patch+json';
    expect(typesOf('api/v1', '/api/v1/namespaces/{namespace}/secrets/{name}')).toContain(strategic);
    expect(
      typesOf(
        'apis/example.test/v1',
        '/apis/example.test/v1/namespaces/{namespace}/widgets/{name}',
      ),
    ).not.toContain(strategic);
  });

  test('gives the lists in metadata their merge keys, which a client-side apply needs', () => {
    const meta = version3().components.schemas['io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'];
    expect(meta?.properties).toMatchObject({
      ownerReferences: { 'x-kubernetes-patch-merge-key': 'uid' },
      finalizers: { 'x-kubernetes-patch-strategy': 'merge' },
    });
  });

  test('has no namespace in the paths of kinds of the whole cluster', () => {
    const path = '/openapi/v3/apis/example.test/v1';
    const { paths } = openApiDocument({
      path,
      resources: [aResource({ namespaced: false, subresources: { status: false } })],
    }) as OpenApi;
    expect(Object.keys(paths)).toEqual([
      '/apis/example.test/v1/widgets',
      '/apis/example.test/v1/widgets/{name}',
    ]);
  });
});

test('version 2 has all kinds in one document', () => {
  const document = openApiDocument({ path: '/openapi/v2', resources }) as {
    swagger: string;
    definitions: Record<string, object>;
  };
  expect(document.swagger).toBe('2.0');
  expect(document.definitions).toHaveProperty(['io.k8s.api.core.v1.Secret']);
  expect(document.definitions).toHaveProperty(['test.example.v1.WidgetList']);
  expect(JSON.stringify(document)).not.toContain('#/components/');
});

test.each(['/openapi/v3/apis/nope/v1', '/openapi', '/openapi/v1'])('%s is not there', (path) => {
  expect(openApiDocument({ path, resources })).toBeUndefined();
});
