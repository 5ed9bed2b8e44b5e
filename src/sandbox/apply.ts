/** Brings manifests into the embedded API server, as `kubectl apply` would. */
import { dataJobType } from '../api/data-job.ts';
import type { KubeClient } from '../kube/client.ts';
import { isConflict } from '../kube/errors.ts';
import type { KubeObject, ResourceType } from '../kube/object.ts';
import { OperatorError } from '../platform/errors.ts';
import { withLastApplied } from './last-applied.ts';

const core = { group: '', version: 'v1', namespaced: true } as const;
const namespaceType = { ...core, plural: 'namespaces', kind: 'Namespace', namespaced: false };

/** What manifests of data jobs consist of. */
const knownTypes: readonly ResourceType[] = [
  namespaceType,
  { ...core, plural: 'configmaps', kind: 'ConfigMap' },
  { ...core, plural: 'secrets', kind: 'Secret' },
  dataJobType,
];

/** Where a manifest goes that names no namespace. */
const defaultNamespace = 'default';

/** Namespaces that are missing are made; what is already there is changed to what the manifest says. */
export async function applyManifests(
  kube: KubeClient,
  manifests: readonly KubeObject[],
  signal?: AbortSignal,
): Promise<void> {
  const objects = manifests.map((manifest) => {
    const type = typeOf(manifest);
    return { type, object: type.namespaced ? withNamespace(manifest) : manifest };
  });
  const declared = objects.filter(({ type }) => type === namespaceType);
  const rest = objects.filter(({ type }) => type !== namespaceType);
  for (const { type, object } of declared) await apply(kube, type, object, signal);
  for (const name of namespacesOf(rest)) await createNamespace(kube, name, signal);
  // Sources come before the jobs that use them, or their first pass would find them missing.
  const ordered = rest.toSorted((a, b) => rank(a.type) - rank(b.type));
  for (const { type, object } of ordered) await apply(kube, type, object, signal);
}

async function apply(
  kube: KubeClient,
  type: ResourceType,
  manifest: KubeObject,
  signal?: AbortSignal,
): Promise<void> {
  const object = withLastApplied(manifest);
  try {
    await kube.create(type, object, signal);
  } catch (error) {
    if (!isConflict(error)) throw error;
    await kube.patch(type, object.metadata, { kind: 'merge', body: object }, signal);
  }
}

async function createNamespace(kube: KubeClient, name: string, signal?: AbortSignal) {
  try {
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    await kube.create(namespaceType, object, signal);
  } catch (error) {
    if (!isConflict(error)) throw error;
  }
}

function typeOf({ apiVersion, kind, metadata }: KubeObject): ResourceType {
  const type = knownTypes.find((each) => {
    const group = each.group === '' ? '' : `${each.group}/`;
    return each.kind === kind && `${group}${each.version}` === apiVersion;
  });
  if (type !== undefined) return type;
  const kinds = knownTypes.map((each) => each.kind).join(', ');
  throw new OperatorError(
    'terminal',
    'UnknownKind',
    `${kind} ${metadata.name} (${apiVersion}) cannot be applied to the sandbox, which takes ${kinds}`,
  );
}

function withNamespace(manifest: KubeObject): KubeObject {
  const { namespace = defaultNamespace } = manifest.metadata;
  return { ...manifest, metadata: { ...manifest.metadata, namespace } };
}

function namespacesOf(objects: readonly { readonly object: KubeObject }[]): ReadonlySet<string> {
  return new Set(objects.flatMap(({ object }) => object.metadata.namespace ?? []));
}

function rank(type: ResourceType): number {
  return knownTypes.indexOf(type);
}
