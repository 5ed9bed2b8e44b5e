/** Writes of the server's own controllers: no request stands behind them. */
import type { Call, Server } from './call.ts';
import { deleteObject } from './delete.ts';
import { type ApiObject, withMeta } from './json.ts';
import type { Kind } from './kind.ts';
import type { Propagation, WriteOptions } from './options.ts';
import { createObject, isReleased, updateObject } from './write.ts';

/** Deletes the stored object, if it is there and its kind is still served. */
export function deleteStored(
  server: Server,
  storage: string,
  key: string,
  propagation: Propagation,
): void {
  const stored = server.store.get(storage, key);
  const kind = server.registry.byStorage(storage);
  if (stored === undefined || kind === undefined) return;
  deleteObject(internalCall(server, kind, stored), stored, { dryRun: false, propagation });
}

/** Writes an object's status as the server's own component, which then owns it. */
export function writeStatus(
  server: Server,
  storage: string,
  stored: ApiObject,
  status: unknown,
): void {
  const kind = server.registry.byStorage(storage);
  if (kind === undefined) return;
  const call = { ...internalCall(server, kind, stored), subresource: 'status' };
  const next = { ...kind.present(stored), status };
  updateObject(call, stored, { next, source: 'patch' }, ownWrite);
}

/** Creates an object as the server itself. */
export function createStored(server: Server, kind: Kind, object: ApiObject): void {
  createObject(internalCall(server, kind, object), object, ownWrite);
}

/** How the server calls itself where it owns fields. */
const manager = 'kube-apiserver';

const ownWrite: WriteOptions = {
  dryRun: false,
  manager,
  fieldValidation: 'Ignore',
  force: false,
};

function internalCall(server: Server, kind: Kind, { metadata }: ApiObject): Call {
  const { namespace, name } = metadata;
  const query = new URLSearchParams();
  const nobody = { userAgent: manager, warnings: [] };
  return { server, kind, namespace, name, subresource: undefined, query, ...nobody };
}

/** Stores the object, which leaves at once when nothing holds it any longer. */
export function putStored(server: Server, storage: string, key: string, object: ApiObject): void {
  if (isReleased(object)) server.store.remove(storage, key);
  else server.store.put(storage, key, object);
}

export function withoutFinalizer(object: ApiObject, finalizer: string): ApiObject {
  const rest = (object.metadata.finalizers ?? []).filter((name) => name !== finalizer);
  const finalizers = rest.length === 0 ? undefined : rest;
  return withMeta(object, { finalizers } as Partial<ApiObject['metadata']>);
}
