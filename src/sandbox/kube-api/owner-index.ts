/** Who belongs to whom: objects by their UID and by the UIDs of their owners. */
import type { ApiObject } from './json.ts';
import type { Store } from './store.ts';

export interface Place {
  readonly storage: string;
  readonly key: string;
}

export interface OwnerIndex {
  learn(place: Place, object: ApiObject): void;
  forget(place: Place, object: ApiObject): void;
  clear(): void;
  placeOf(uid: string): Place | undefined;
  /** What names this UID as an owner right now. */
  dependentsOf(uid: string | undefined): readonly Place[];
}

export function createOwnerIndex(store: Store): OwnerIndex {
  const placeByUid = new Map<string, Place>();
  const dependents = new Map<string, Map<string, Place>>();
  const idOf = ({ storage, key }: Place) => `${storage} ${key}`;
  return {
    learn(place, { metadata }) {
      if (metadata.uid !== undefined) placeByUid.set(metadata.uid, place);
      for (const { uid } of metadata.ownerReferences ?? []) {
        const known = dependents.get(uid) ?? new Map<string, Place>();
        known.set(idOf(place), place);
        dependents.set(uid, known);
      }
    },
    forget(place, { metadata }) {
      if (metadata.uid !== undefined) placeByUid.delete(metadata.uid);
      for (const { uid } of metadata.ownerReferences ?? []) {
        const known = dependents.get(uid);
        known?.delete(idOf(place));
        if (known?.size === 0) dependents.delete(uid);
      }
    },
    clear() {
      placeByUid.clear();
      dependents.clear();
    },
    placeOf: (uid) => placeByUid.get(uid),
    dependentsOf(uid) {
      const places = uid === undefined ? [] : [...(dependents.get(uid)?.values() ?? [])];
      return places.filter(({ storage, key }) =>
        store.get(storage, key)?.metadata.ownerReferences?.some((owner) => owner.uid === uid),
      );
    },
  };
}
