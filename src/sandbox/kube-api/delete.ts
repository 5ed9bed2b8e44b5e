/** Deleting one object, or all that a list selects. Finalizers keep an object; nothing else does. */
import { conflict, forbidden } from './api-error.ts';
import { crdFinalizer, crdStorage } from './builtin/crd-kind.ts';
import { immortalNamespaces, namespaceStorage } from './builtin/namespace-kind.ts';
import type { Call } from './call.ts';
import { type ApiObject, asList, asMap, timestamp, withMeta } from './json.ts';
import { keyOf } from './kind.ts';
import type { DeleteOptions } from './options.ts';
import { isReleased } from './write.ts';

export interface Deletion {
  /** The object as it is, or as it was last. */
  readonly object: ApiObject;
  /** False while something still holds it. */
  readonly gone: boolean;
}

export function deleteObject(call: Call, stored: ApiObject, options: DeleteOptions): Deletion {
  const { kind, server } = call;
  requirePreconditions(call, stored, options);
  if (kind.storage === namespaceStorage && immortalNamespaces.includes(stored.metadata.name)) {
    throw forbidden(kind.served, stored.metadata.name, 'this namespace may not be deleted');
  }
  const marked = withDeletionMark(call, stored, options);
  const key = keyOf(kind, stored.metadata.namespace, stored.metadata.name);
  if (options.dryRun) return { object: kind.present(marked), gone: isReleased(marked) };
  if (!isReleased(marked)) {
    const object = marked === stored ? stored : server.store.put(kind.storage, key, marked);
    return { object: kind.present(object), gone: false };
  }
  server.store.remove(kind.storage, key);
  return { object: kind.present(stored), gone: true };
}

function requirePreconditions({ kind }: Call, { metadata }: ApiObject, options: DeleteOptions) {
  const { uid, resourceVersion } = options;
  // The real server names the kind here where it names the resource elsewhere.
  const named = { group: kind.served.group, plural: kind.served.kind };
  if (uid !== undefined && uid !== metadata.uid) {
    throw conflict(
      named,
      metadata.name,
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    );
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw conflict(
      named,
      metadata.name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
    );
  }
}

/** The finalizers by which an owner waits for its dependents, or lets go of them. */
const waiting = { Foreground: 'foregroundDeletion', Orphan: 'orphan' } as const;

function withDeletionMark(call: Call, stored: ApiObject, options: DeleteOptions): ApiObject {
  const { metadata } = stored;
  const before = metadata.finalizers ?? [];
  const kept = before.filter((name) => name !== waiting.Foreground && name !== waiting.Orphan);
  const wanted = options.propagation === 'Background' ? [] : [waiting[options.propagation]];
  const own = call.kind.storage === crdStorage ? [crdFinalizer] : [];
  const finalizers = [...new Set([...kept, ...wanted, ...own])];
  const ownWay = call.kind.storage === crdStorage || call.kind.storage === namespaceStorage;
  const sameFinalizers = finalizers.join() === before.join();
  if (metadata.deletionTimestamp !== undefined && sameFinalizers) return stored;
  const marked = withMeta(stored, {
    finalizers: finalizers.length === 0 ? undefined : finalizers,
    deletionTimestamp: metadata.deletionTimestamp ?? timestamp(call.server.clock.now()),
    // Namespaces and definitions are marked by code of their own, which sets no more than this.
    ...(ownWay || metadata.deletionTimestamp !== undefined
      ? {}
      : { deletionGracePeriodSeconds: 0, ...nextGeneration(metadata) }),
  } as Partial<ApiObject['metadata']>);
  return withTerminatingStatus(call, marked);
}

function nextGeneration({ generation }: ApiObject['metadata']) {
  return generation === undefined ? {} : { generation: generation + 1 };
}

/** Definitions and namespaces say in their status that they are going. */
function withTerminatingStatus({ kind, server }: Call, object: ApiObject): ApiObject {
  if (kind.storage === namespaceStorage) {
    return { ...object, status: { ...asMap(object.status), phase: 'Terminating' } };
  }
  if (kind.storage !== crdStorage) return object;
  const status = asMap(object.status);
  const others = asList(status.conditions).filter((each) => asMap(each).type !== 'Terminating');
  const condition = {
    type: 'Terminating',
    status: 'True',
    lastTransitionTime: timestamp(server.clock.now()),
    reason: 'InstanceDeletionPending',
    message:
      'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  };
  return { ...object, status: { ...status, conditions: [...others, condition] } };
}
