/**
 * OpenAPI documents of the served kinds: version 3 for each group (what `kubectl explain` and
 * `kubectl apply` read), and version 2 in one piece for older tools, in JSON. Pure: made from the
 * served resources.
 */

import { createHash } from 'node:crypto';
import {
  apiVersionField,
  kindField,
  listMetaName,
  metaSchemas,
  objectMetaName,
  refField,
} from './openapi-meta.ts';
import { pathsOf } from './openapi-paths.ts';
import type { JsonSchema, ServedResource } from './served-resource.ts';

export interface OpenApiRequest {
  /** Without the query. */
  readonly path: string;
  readonly resources: readonly ServedResource[];
}

/** Undefined when the path is none of OpenAPI, or names a group version that is not served. */
export function openApiDocument({ path, resources }: OpenApiRequest): object | undefined {
  const prefix = '/openapi/v3';
  if (path === '/openapi/v2') return openApiV2(resources);
  if (path === prefix) return openApiV3Root(resources);
  if (!path.startsWith(`${prefix}/`)) return undefined;
  const wanted = path.slice(prefix.length + 1);
  const ofGroup = resources.filter((each) => groupPath(each) === wanted);
  return ofGroup.length === 0 ? undefined : openApiV3Document(ofGroup);
}

function groupPath({ group, version }: ServedResource): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

/** Clients keep a document as long as its hash stays. */
function openApiV3Root(resources: readonly ServedResource[]): object {
  const paths = [...Map.groupBy(resources, groupPath)].map(([path, ofGroup]) => {
    const hash = createHash('sha256').update(JSON.stringify(ofGroup)).digest('hex').toUpperCase();
    return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }];
  });
  return { paths: Object.fromEntries(paths) };
}

/** The document of one group version: pass its resources only. */
function openApiV3Document(resources: readonly ServedResource[]): object {
  const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
  const paths = resources.map((resource) =>
    pathsOf({ resource, builtIn: isBuiltIn(resource), schemaName: schemaName(resource), ref }),
  );
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'sandbox' },
    paths: Object.assign({}, ...paths),
    components: { schemas: schemasOf(resources, ref) },
  };
}

function openApiV2(resources: readonly ServedResource[]): object {
  const ref = (name: string) => ({ $ref: `#/definitions/${name}` });
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: 'sandbox' },
    paths: {},
    definitions: schemasOf(resources, ref),
  };
}

function schemasOf(
  resources: readonly ServedResource[],
  ref: (name: string) => JsonSchema,
): Readonly<Record<string, JsonSchema>> {
  const own = resources.flatMap((resource) => [
    [schemaName(resource), objectSchema(resource, ref)] as const,
    [`${schemaName(resource)}List`, listSchema(resource, ref)] as const,
  ]);
  return { ...Object.fromEntries(own), ...metaSchemas(ref) };
}

/** Only the built-in kinds' own schemas say which kind they are. */
function isBuiltIn({ schema }: ServedResource): boolean {
  return schema?.[groupVersionKind] !== undefined;
}

const groupVersionKind = 'x-kubernetes-group-version-kind';

/** The group backwards, version, kind; the built-in kinds under the names that tools know. */
function schemaName(resource: ServedResource): string {
  const { group, version, kind } = resource;
  const place = isBuiltIn(resource)
    ? `io.k8s.api.${group.split('.')[0] || 'core'}`
    : group.split('.').reverse().join('.');
  return `${place}.${version}.${kind}`;
}

function objectSchema(resource: ServedResource, ref: (name: string) => JsonSchema): JsonSchema {
  const { group, version, kind, schema = freeForm } = resource;
  const declared = (schema.properties ?? {}) as Readonly<Record<string, JsonSchema>>;
  const { apiVersion: _version, kind: _kind, metadata: _metadata, ...rest } = declared;
  return {
    description: `A ${kind}.`,
    ...schema,
    properties: {
      apiVersion: apiVersionField,
      kind: kindField,
      metadata: refField(ref(objectMetaName), 'What every object has: name, labels and the like.', {
        default: {},
      }),
      ...rest,
    },
    [groupVersionKind]: [{ group, version, kind }],
  };
}

const freeForm: JsonSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

function listSchema(resource: ServedResource, ref: (name: string) => JsonSchema): JsonSchema {
  const { group, version, kind, listKind } = resource;
  return {
    type: 'object',
    description: `A list of ${kind} objects.`,
    required: ['items'],
    properties: {
      apiVersion: apiVersionField,
      items: {
        type: 'array',
        items: ref(schemaName(resource)),
        description: 'The objects.',
      },
      kind: kindField,
      metadata: refField(ref(listMetaName), 'Where the list stands and how to go on.'),
    },
    [groupVersionKind]: [{ group, version, kind: listKind }],
  };
}
