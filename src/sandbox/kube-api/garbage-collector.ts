/**
 * Deletes what belongs to owners that are gone, and lets owners that wait for their dependents
 * (foreground) or let go of them (orphan) leave.
 */
import type { Server } from './call.ts';
import type { Controller } from './controllers.ts';
import { deleteStored, putStored, withoutFinalizer } from './internal-write.ts';
import { type ApiObject, withMeta } from './json.ts';
import { createOwnerIndex, type OwnerIndex, type Place } from './owner-index.ts';
import type { StoreEvent } from './store.ts';

export function createGarbageCollector(server: Server): Controller {
  const { store } = server;
  const index = createOwnerIndex(store);
  return {
    handle(event) {
      const place = { storage: event.resource, key: event.key };
      if (event.type === 'DELETED') {
        handleRemoval(server, index, place, event);
        return;
      }
      if (event.previous !== undefined) index.forget(place, event.previous);
      index.learn(place, event.object);
      const current = store.get(place.storage, place.key);
      if (current === undefined) return;
      const { finalizers = [], deletionTimestamp } = current.metadata;
      const leaving = deletionTimestamp !== undefined;
      if (leaving && finalizers.includes('orphan')) orphanDependents(server, index, place);
      else if (leaving && finalizers.includes('foregroundDeletion')) {
        finishForeground(server, index, place);
      } else if (event.object.metadata.ownerReferences !== undefined) judge(server, index, place);
    },
    reset() {
      index.clear();
      for (const storage of store.resources()) {
        for (const key of store.keys(storage, '')) {
          const object = store.get(storage, key);
          if (object !== undefined) index.learn({ storage, key }, object);
        }
      }
    },
  };
}

function handleRemoval(server: Server, index: OwnerIndex, place: Place, event: StoreEvent): void {
  const { object, previous } = event;
  index.forget(place, previous ?? object);
  for (const dependent of index.dependentsOf(object.metadata.uid)) judge(server, index, dependent);
  for (const { uid } of object.metadata.ownerReferences ?? []) {
    const owner = index.placeOf(uid);
    if (owner !== undefined) finishForeground(server, index, owner);
  }
}

/** Drops references to owners that are gone; an object with no owner left is deleted. */
function judge(server: Server, index: OwnerIndex, { storage, key }: Place): void {
  const object = server.store.get(storage, key);
  const owners = object?.metadata.ownerReferences ?? [];
  const living = owners.filter(({ uid }) => index.placeOf(uid) !== undefined);
  if (object === undefined || living.length === owners.length) return;
  if (living.length > 0) {
    putStored(server, storage, key, withMeta(object, { ownerReferences: living }));
  } else if (object.metadata.deletionTimestamp === undefined) {
    deleteStored(server, storage, key, 'Background');
  }
}

function orphanDependents(server: Server, index: OwnerIndex, { storage, key }: Place): void {
  const { store } = server;
  const ownerUid = store.get(storage, key)?.metadata.uid;
  for (const place of index.dependentsOf(ownerUid)) {
    const object = store.get(place.storage, place.key);
    if (object === undefined) continue;
    const kept = object.metadata.ownerReferences?.filter(({ uid }) => uid !== ownerUid);
    const ownerReferences = kept?.length === 0 ? undefined : kept;
    const meta = { ownerReferences } as Partial<ApiObject['metadata']>;
    putStored(server, place.storage, place.key, withMeta(object, meta));
  }
  const owner = store.get(storage, key);
  if (owner !== undefined) putStored(server, storage, key, withoutFinalizer(owner, 'orphan'));
}

/** Deletes the dependents of an owner that waits for them; lets it go when none blocks it. */
function finishForeground(server: Server, index: OwnerIndex, { storage, key }: Place): void {
  const { store } = server;
  const isWaiting = () =>
    store.get(storage, key)?.metadata.finalizers?.includes('foregroundDeletion') === true;
  if (!isWaiting()) return;
  const ownerUid = store.get(storage, key)?.metadata.uid;
  for (const place of index.dependentsOf(ownerUid)) {
    const object = store.get(place.storage, place.key);
    if (object?.metadata.deletionTimestamp !== undefined) continue;
    deleteStored(server, place.storage, place.key, 'Foreground');
  }
  const blocked = index.dependentsOf(ownerUid).some((place) => {
    const owners = store.get(place.storage, place.key)?.metadata.ownerReferences ?? [];
    return owners.some(({ uid, blockOwnerDeletion }) => uid === ownerUid && blockOwnerDeletion);
  });
  const owner = store.get(storage, key);
  if (blocked || owner === undefined || !isWaiting()) return;
  putStored(server, storage, key, withoutFinalizer(owner, 'foregroundDeletion'));
}
