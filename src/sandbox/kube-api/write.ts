/**
 * Creating and changing one object: the order of checks is the real server's, because it decides
 * which of several problems a client is told.
 */
import {
  ApiError,
  alreadyExists,
  badRequest,
  conflict,
  forbidden,
  internal,
  invalid,
  modifiedConflict,
  notFound,
} from './api-error.ts';
import { trackUpdate } from './apply/track-update.ts';
import { isTerminating, namespaceStorage } from './builtin/namespace-kind.ts';
import { type Call, revisionOf } from './call.ts';
import { sameSpecification } from './custom-kind.ts';
import { type ApiObject, timestamp, withMeta } from './json.ts';
import { keyOf } from './kind.ts';
import { finalizerWarnings, metaErrors } from './meta-validation.ts';
import type { WriteOptions } from './options.ts';
import { invalid as invalidField, required } from './schema/field-error.ts';
import { jsonEqual } from './schema/json-value.ts';

/** How often a generated name is tried again when it is taken. */
const nameAttemptsMax = 8;

/** Stores a decoded object that is not there yet; answers it as stored. */
export function createObject(
  call: Call,
  given: ApiObject,
  options: WriteOptions,
  source: Source = 'put',
): ApiObject {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return createOnce(call, given, options, source);
    } catch (error) {
      const taken = error instanceof ApiError && error.status.reason === 'AlreadyExists';
      const generated = given.metadata.name === undefined || given.metadata.name === '';
      if (!taken || !generated || attempt === nameAttemptsMax) throw error;
    }
  }
}

function createOnce(
  call: Call,
  given: ApiObject,
  options: WriteOptions,
  source: Source,
): ApiObject {
  const { kind, server } = call;
  const { store, clock, random } = server;
  const name = newName(call, given);
  requireNamespace(call, name);
  const nowMs = clock.now();
  const { resourceVersion } = given.metadata;
  const named = withMeta(given, {
    name,
    namespace: kind.served.namespaced ? call.namespace : undefined,
    uid: random.uuid(),
    creationTimestamp: timestamp(nowMs),
    generation: kind.hasGeneration ? 1 : undefined,
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
    resourceVersion: undefined,
    selfLink: undefined,
  });
  const tracked = source === 'apply' ? named : trackUpdate(call, undefined, named, options);
  const object = kind.prepare(tracked, undefined);
  const errors = [...metaErrors(kind, object, undefined), ...kind.validate(object, undefined)];
  if (errors.length > 0) throw invalid(kind.served, name, errors);
  call.warnings.push(...finalizerWarnings(object, undefined));
  if (resourceVersion !== undefined && resourceVersion !== '') {
    throw internal('resourceVersion should not be set on objects to be created');
  }
  const key = keyOf(kind, call.namespace, name);
  if (store.get(kind.storage, key) !== undefined) throw alreadyExists(kind.served, name);
  const stored = kind.accept(object);
  return kind.present(options.dryRun ? stored : store.put(kind.storage, key, stored));
}

/** The characters of generated names: no vowels, so that they spell nothing. */
const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789';
const suffixLength = 5;
const generatedNameMax = 63;

function newName(call: Call, { metadata }: ApiObject): string {
  const { name, generateName, namespace } = metadata;
  if (namespace !== undefined && namespace !== '' && namespace !== call.namespace) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  if (name !== undefined && name !== '') return name;
  if (generateName === undefined || generateName === '') {
    const why = 'name or generateName is required';
    throw invalid(call.kind.served, '', [required('metadata.name', why)]);
  }
  const letters = Array.from(
    { length: suffixLength },
    () => suffixAlphabet[Math.floor(call.server.random.next() * suffixAlphabet.length)],
  );
  return generateName.slice(0, generatedNameMax - suffixLength) + letters.join('');
}

function requireNamespace(call: Call, name: string): void {
  const { kind, namespace, server } = call;
  if (!kind.served.namespaced || namespace === undefined) return;
  const home = server.store.get(namespaceStorage, namespace);
  if (home === undefined) throw notFound({ group: '', plural: 'namespaces' }, namespace);
  if (isTerminating(home)) {
    const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
    const message = `namespace ${namespace} is being terminated`;
    const cause = { reason: 'NamespaceTerminating', message, field: 'metadata.namespace' };
    throw forbidden(kind.served, name, why, [cause]);
  }
}

/**
 * Where a new object comes from: a whole one from the client, one patched here, or one applied
 * here, whose fields' owners are already worked out.
 */
export type Source = 'put' | 'patch' | 'apply';

export interface Written {
  readonly object: ApiObject;
  /** False when it was there before. */
  readonly created: boolean;
}

export interface Change {
  /** As the kind presents it. */
  readonly next: ApiObject;
  readonly source: Source;
}

/** Stores a change of an object that is there; a change of nothing writes nothing. */
export function updateObject(
  call: Call,
  stored: ApiObject,
  change: Change,
  options: WriteOptions,
): ApiObject {
  const { kind, server } = call;
  const current = kind.present(stored);
  const merged = mergedMeta(call, current, change);
  const tracked = change.source === 'apply' ? merged : trackUpdate(call, current, merged, options);
  const next = withGeneration(call, current, prepared(call, current, tracked));
  const errors = [...metaErrors(kind, next, current), ...kind.validate(next, current)];
  if (errors.length > 0) throw invalid(kind.served, call.name, errors);
  call.warnings.push(...finalizerWarnings(next, current));
  // Compared as stored: defaults that reading fills in are written by the first change of anything.
  const accepted = kind.accept(next);
  if (unchanged(stored, accepted)) return current;
  if (options.dryRun) return next;
  const key = keyOf(kind, call.namespace, call.name);
  if (isReleased(next)) {
    // What was the last thing in the way of a deletion is not stored any more.
    server.store.remove(kind.storage, key);
    return next;
  }
  return kind.present(server.store.put(kind.storage, key, accepted));
}

/** Deleted, and nothing holds it any longer. */
export function isReleased({ metadata, ...object }: ApiObject): boolean {
  if (metadata.deletionTimestamp === undefined) return false;
  if ((metadata.finalizers ?? []).length > 0) return false;
  const { finalizers } = (object.kind === 'Namespace' ? (object.spec ?? {}) : {}) as {
    readonly finalizers?: readonly string[];
  };
  return (finalizers ?? []).length === 0;
}

export function requireName({ name }: Call, { metadata }: ApiObject): void {
  if (metadata.name === name) return;
  throw badRequest(
    `the name of the object (${metadata.name ?? ''}) does not match the name on the URL (${name})`,
  );
}

/** Checks what the new object says about its identity, and fills in what it leaves out. */
function mergedMeta(call: Call, current: ApiObject, { next, source }: Change): ApiObject {
  const { kind, name } = call;
  const { served } = kind;
  const { metadata } = next;
  requireName(call, next);
  if ((metadata.namespace ?? call.namespace) !== call.namespace) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  const { uid, resourceVersion } = metadata;
  if (resourceVersion === undefined || resourceVersion === '' || resourceVersion === '0') {
    if (!kind.unconditionalUpdate) {
      const why = 'must be specified for an update';
      const error = invalidField('metadata.resourceVersion', 0, why);
      throw invalid({ group: served.group, kind: served.plural }, name, [error]);
    }
  } else if (revisionOf(resourceVersion) !== Number(current.metadata.resourceVersion)) {
    throw modifiedConflict(served, name);
  }
  const otherUid = uid !== undefined && uid !== '' && uid !== current.metadata.uid;
  if (otherUid && source === 'put') {
    throw conflict(
      served,
      name,
      `StorageError: invalid object, Code: 4, Key: ${storageKey(call)}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current.metadata.uid}`,
    );
  }
  const own = current.metadata;
  return withMeta(next, {
    namespace: own.namespace,
    // Another one in a patch is refused later, as a change of what cannot change.
    uid: otherUid ? uid : own.uid,
    resourceVersion: own.resourceVersion,
    creationTimestamp: own.creationTimestamp,
    deletionTimestamp: own.deletionTimestamp,
    deletionGracePeriodSeconds: own.deletionGracePeriodSeconds,
    generation: own.generation,
    selfLink: undefined,
  } as Partial<ApiObject['metadata']>);
}

function storageKey({ kind, namespace, name }: Call): string {
  const folder = kind.served.group === '' ? kind.served.plural : kind.storage;
  return `/registry/${folder}/${keyOf(kind, namespace, name)}`;
}

/** A write by a subresource changes its part and nothing else; the main path leaves that part. */
function prepared(call: Call, current: ApiObject, next: ApiObject): ApiObject {
  const { kind, subresource } = call;
  if (subresource === 'status') {
    const { managedFields } = next.metadata;
    const rest = withMeta(current, { managedFields } as Partial<ApiObject['metadata']>);
    const { status: _, ...without } = rest;
    return (next.status === undefined ? without : { ...without, status: next.status }) as ApiObject;
  }
  if (subresource === 'finalize') return { ...current, spec: next.spec };
  return kind.prepare(next, current);
}

function withGeneration({ kind }: Call, current: ApiObject, next: ApiObject): ApiObject {
  if (!kind.hasGeneration || sameSpecification(kind, current, next)) return next;
  return withMeta(next, { generation: (current.metadata.generation ?? 0) + 1 });
}

/** The times of managed fields alone are no reason to write. */
function unchanged(current: ApiObject, next: ApiObject): boolean {
  return jsonEqual(timeless(current), timeless(next));
}

function timeless(object: ApiObject): ApiObject {
  const { managedFields } = object.metadata;
  if (managedFields === undefined) return object;
  return withMeta(object, { managedFields: managedFields.map(({ time: _, ...entry }) => entry) });
}
