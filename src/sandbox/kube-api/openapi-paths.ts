/**
 * The operations on a kind. kubectl reads two things from them: which query parameters a PATCH
 * takes (so that it lets the server validate fields and dry-run), and which patch formats.
 */

import { deleteOptionsName, statusName } from './openapi-meta.ts';
import type { JsonSchema, ServedResource } from './served-resource.ts';

export interface PathContext {
  readonly resource: ServedResource;
  /** A built-in kind also takes strategic merge patches. */
  readonly builtIn: boolean;
  readonly schemaName: string;
  readonly ref: (name: string) => JsonSchema;
}

type Item = Record<string, unknown>;

export function pathsOf(context: PathContext): Readonly<Record<string, object>> {
  const { resource } = context;
  const { group, version, plural, namespaced, subresources } = resource;
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const collection = namespaced ? `${root}/namespaces/{namespace}/${plural}` : `${root}/${plural}`;
  const inNamespace = namespaced ? [pathParameter('namespace', 'The namespace.')] : [];
  const paths: Record<string, object> = {
    [collection]: collectionItem(context, inNamespace),
    [`${collection}/{name}`]: objectItem(context, inNamespace, ''),
  };
  if (namespaced) paths[`${root}/${plural}`] = { get: listOperation(context, 'ForAllNamespaces') };
  if (subresources.status) {
    paths[`${collection}/{name}/status`] = objectItem(context, inNamespace, 'Status');
  }
  return paths;
}

function collectionItem(context: PathContext, parameters: readonly object[]): object {
  const { verbs } = context.resource;
  const item: Item = {};
  if (verbs.includes('list')) item.get = listOperation(context, '');
  if (verbs.includes('create')) {
    item.post = operation(context, 'post', '', {
      parameters: writeParameters,
      requestBody: bodyOf(context.ref(context.schemaName), ['application/json']),
    });
  }
  if (verbs.includes('deletecollection')) {
    item.delete = operation(context, 'deletecollection', '', {
      parameters: listParameters,
      requestBody: bodyOf(context.ref(deleteOptionsName), ['application/json']),
      responses: answers(context.ref(statusName)),
    });
  }
  return { ...item, parameters };
}

function objectItem(
  context: PathContext,
  parameters: readonly object[],
  subresource: string,
): object {
  const { verbs } = context.resource;
  const object = context.ref(context.schemaName);
  const item: Item = {};
  if (verbs.includes('get')) item.get = operation(context, 'get', subresource, {});
  if (verbs.includes('update')) {
    item.put = operation(context, 'put', subresource, {
      parameters: writeParameters,
      requestBody: bodyOf(object, ['application/json']),
    });
  }
  if (verbs.includes('patch')) {
    item.patch = operation(context, 'patch', subresource, {
      parameters: [...writeParameters, forceParameter],
      requestBody: bodyOf({ type: 'object' }, patchTypes(context.builtIn)),
    });
  }
  if (verbs.includes('delete') && subresource === '') {
    item.delete = operation(context, 'delete', '', {
      parameters: writeParameters.slice(0, 1),
      requestBody: bodyOf(context.ref(deleteOptionsName), ['application/json']),
      responses: answers(context.ref(statusName)),
    });
  }
  return { ...item, parameters: [pathParameter('name', 'The name of the object.'), ...parameters] };
}

function patchTypes(builtIn: boolean): readonly string[] {
  const all = [
    'application/apply-patch+yaml',
    'application/json-patch+json',
    'application/merge-patch+json',
  ];
  return builtIn ? [...all, 'application/strategic-merge-patch+json'] : all;
}

function listOperation(context: PathContext, suffix: string): object {
  return operation(context, 'list', suffix, {
    parameters: listParameters,
    responses: answers(context.ref(`${context.schemaName}List`)),
  });
}

const verbWords: Readonly<Record<string, string>> = {
  delete: 'Deletes one',
  deletecollection: 'Deletes all selected',
  get: 'Reads one',
  list: 'Lists or watches',
  patch: 'Changes parts of one',
  post: 'Creates one',
  put: 'Replaces one',
};

function operation(context: PathContext, action: string, suffix: string, more: object): object {
  const { group, version, kind } = context.resource;
  const place = [group.split('.')[0] || 'core', version].map(capitalized).join('');
  return {
    description: `${verbWords[action]} ${kind}${suffix === 'Status' ? "'s status" : ''}.`,
    operationId: `${action}${place}${kind}${suffix}`,
    tags: [`${group || 'core'}_${version}`],
    responses: answers(context.ref(context.schemaName)),
    ...more,
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, version, kind },
  };
}

function capitalized(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}

function answers(schema: JsonSchema): object {
  return {
    200: { description: 'OK', content: { 'application/json': { schema } } },
    401: { description: 'Unauthorized' },
  };
}

function bodyOf(schema: JsonSchema, mediaTypes: readonly string[]): object {
  return { content: Object.fromEntries(mediaTypes.map((type) => [type, { schema }])) };
}

function pathParameter(name: string, description: string): object {
  return { name, in: 'path', required: true, description, schema: { type: 'string' } };
}

function query(name: string, description: string, type = 'string'): object {
  return { name, in: 'query', description, schema: { type } };
}

const writeParameters: readonly object[] = [
  query('dryRun', 'All: do everything but store the result.'),
  query('fieldManager', 'Who writes; noted in metadata.managedFields.'),
  query('fieldValidation', 'What becomes of unknown fields: Ignore, Warn or Strict.'),
];

const forceParameter = query(
  'force',
  'In server-side apply: take fields over from other managers.',
  'boolean',
);

const listParameters: readonly object[] = [
  query('allowWatchBookmarks', 'Whether a watch may send bookmarks.', 'boolean'),
  query('continue', 'The token of the next page.'),
  query('fieldSelector', 'Chooses objects by fields.'),
  query('labelSelector', 'Chooses objects by labels.'),
  query('limit', 'The most objects in one answer.', 'integer'),
  query('resourceVersion', 'The state to read from.'),
  query('resourceVersionMatch', 'How resourceVersion is meant.'),
  query('sendInitialEvents', 'Whether a watch begins with what there is.', 'boolean'),
  query('timeoutSeconds', 'When the server ends a watch.', 'integer'),
  query('watch', 'Stay, and send changes.', 'boolean'),
];
