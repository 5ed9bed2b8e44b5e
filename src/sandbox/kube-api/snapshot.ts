/**
 * A resource's objects as they were at one revision, for lists that must not change between their
 * pages. Read from today's objects by undoing the history, so that nothing is copied up front.
 */
import type { ApiObject } from './json.ts';
import type { Store } from './store.ts';

export interface Entry {
  readonly key: string;
  readonly object: ApiObject;
}

/** Entries whose key starts with `prefix`, in key order; undefined when the history is too short. */
export function entriesAt(
  store: Store,
  resource: string,
  prefix: string,
  revision: number,
): readonly Entry[] | undefined {
  const events = store.since(resource, revision);
  if (events === undefined) return undefined;
  // The first event after the revision knows what was there at the revision.
  const before = new Map<string, ApiObject | undefined>();
  for (const event of events) {
    if (event.key.startsWith(prefix) && !before.has(event.key)) {
      before.set(event.key, event.previous);
    }
  }
  const entries: Entry[] = [];
  for (const key of store.keys(resource, prefix)) {
    const object = before.has(key) ? before.get(key) : store.get(resource, key);
    before.delete(key);
    if (object !== undefined) entries.push({ key, object });
  }
  const goneSince = [...before].filter(([, object]) => object !== undefined);
  if (goneSince.length === 0) return entries;
  entries.push(...goneSince.map(([key, object]) => ({ key, object: object as ApiObject })));
  return entries.sort((a, b) => (a.key < b.key ? -1 : 1));
}
