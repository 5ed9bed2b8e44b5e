/** Namespace: where objects live. Its finalizer keeps it until its content is gone. */
import { type ApiObject, asMap, withMeta } from '../json.ts';
import type { Kind } from '../kind.ts';
import { builtinKind } from './builtin-kind.ts';
import { anything, fields, keyedList, listOf, objectSchema, text } from './schema-words.ts';

export const namespaceStorage = '/namespaces';

/** Namespaces that the cluster itself needs. */
export const immortalNamespaces: readonly string[] = ['default', 'kube-public', 'kube-system'];

/** The finalizer in a namespace's specification, which the namespace controller removes. */
const namespaceFinalizer = 'kubernetes';

export function namespaceKind(): Kind {
  return builtinKind({
    group: '',
    version: 'v1',
    plural: 'namespaces',
    kind: 'Namespace',
    shortNames: ['ns'],
    clusterScoped: true,
    status: true,
    verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
    nameRule: 'label',
    emptyObject: { spec: {}, status: {} },
    selectable: ['status.phase', 'name'],
    schema: objectSchema('A room for names: objects of one kind are unique within it.', {
      spec: fields('What the namespace is to be.', {
        finalizers: listOf('What must happen before it leaves.', { type: 'string' }),
      }),
      status: fields('What the namespace is.', {
        phase: text('Active, or Terminating while its content is being deleted.'),
        conditions: keyedList('Why it is still there.', 'type', anything('One condition.')),
      }),
    }),
    withDefaults: labelled,
    prepare(next, old) {
      if (old !== undefined) return { ...next, spec: old.spec ?? {}, status: old.status ?? {} };
      const finalizers = [namespaceFinalizer];
      return labelled({ ...next, spec: { finalizers }, status: { phase: 'Active' } });
    },
  });
}

/** True while the namespace is being deleted: nothing new may be made in it. */
export function isTerminating(namespace: ApiObject): boolean {
  return namespace.metadata.deletionTimestamp !== undefined;
}

export function namespaceFinalizersOf(namespace: ApiObject): readonly string[] {
  const { finalizers } = asMap(namespace.spec);
  return Array.isArray(finalizers) ? finalizers : [];
}

function labelled(namespace: ApiObject): ApiObject {
  const { name, labels } = namespace.metadata;
  if (name === undefined || name === '') return namespace; // the server still has to make one up
  return withMeta(namespace, { labels: { ...labels, 'kubernetes.io/metadata.name': name } });
}
