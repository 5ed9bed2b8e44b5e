/** Writes of the server's own controllers: no request stands behind them. */
import type { Call, Server } from './call.ts';
import { deleteObject } from './delete.ts';
import { type ApiObject, withMeta } from './json.ts';
import type { Propagation } from './options.ts';
import { isReleased } from './write.ts';

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
  const call: Call = {
    server,
    kind,
    namespace: stored.metadata.namespace,
    name: stored.metadata.name,
    subresource: undefined,
    query: new URLSearchParams(),
    userAgent: '',
    warnings: [],
  };
  deleteObject(call, stored, { dryRun: false, propagation });
}

/** Stores the object, which leaves at once when nothing holds it any longer. */
export function putStored(server: Server, storage: string, key: string, object: ApiObject): void {
  const stored = server.store.put(storage, key, object);
  if (isReleased(stored)) server.store.remove(storage, key);
}

export function withoutFinalizer(object: ApiObject, finalizer: string): ApiObject {
  const rest = (object.metadata.finalizers ?? []).filter((name) => name !== finalizer);
  const finalizers = rest.length === 0 ? undefined : rest;
  return withMeta(object, { finalizers } as Partial<ApiObject['metadata']>);
}
