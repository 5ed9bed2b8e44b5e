/**
 * The storage under the API: objects by resource and key, one revision counter for all of them,
 * and per resource a bounded history from which watches resume and consistent lists are read.
 * Knows nothing of kinds, HTTP or rules. Synchronous: a write is seen by all watchers on return.
 */
import { type ApiObject, asMap, type JsonMap, withMeta } from './json.ts';

export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: string;
  readonly key: string;
  readonly revision: number;
  /** For DELETED the last state, with the revision of the deletion. */
  readonly object: ApiObject;
  readonly previous?: ApiObject;
}

export interface Store {
  revision(): number;
  get(resource: string, key: string): ApiObject | undefined;
  /** Keys in byte order, of one prefix when given. */
  keys(resource: string, prefix: string): readonly string[];
  /** Stores the object under a new revision and returns it with that revision. */
  put(resource: string, key: string, object: ApiObject): ApiObject;
  remove(resource: string, key: string): ApiObject | undefined;
  resources(): readonly string[];
  /** Events after `revision`; undefined when the history does not reach back that far. */
  since(resource: string, revision: number): readonly StoreEvent[] | undefined;
  /** The newest revision that the history of this resource has forgotten. */
  forgottenUpTo(resource: string): number;
  /** Forgets all history, as etcd's compaction does: older watches and lists get 410. */
  compact(): void;
  subscribe(listener: (event: StoreEvent) => void): () => void;
  snapshot(): unknown;
  restore(state: unknown): void;
}

interface Shelf {
  readonly objects: Map<string, ApiObject>;
  /** The keys of `objects`, in byte order. */
  readonly keys: string[];
  history: StoreEvent[];
  forgotten: number;
}

/** A real server has written this much before anyone asks: revision 1 is always long ago. */
const firstRevision = 100;

export function createStore(historyMax: number): Store {
  const shelves = new Map<string, Shelf>();
  const listeners = new Set<(event: StoreEvent) => void>();
  let revision = firstRevision;
  /** Nothing before this is remembered, of whatever resource. */
  let floor = revision;

  const shelfOf = (resource: string): Shelf => {
    let shelf = shelves.get(resource);
    if (shelf === undefined) {
      shelf = { objects: new Map(), keys: [], history: [], forgotten: floor };
      shelves.set(resource, shelf);
    }
    return shelf;
  };

  const publish = (shelf: Shelf, event: StoreEvent) => {
    remember(shelf, event, historyMax);
    for (const listener of listeners) listener(event);
  };

  return {
    revision: () => revision,
    get: (resource, key) => shelves.get(resource)?.objects.get(key),
    resources: () => [...shelves.keys()],
    keys(resource, prefix) {
      const { keys } = shelfOf(resource);
      if (prefix === '') return keys.slice();
      return keys.slice(lowerBound(keys, prefix), lowerBound(keys, `${prefix}\uffff`));
    },
    put(resource, key, object) {
      const shelf = shelfOf(resource);
      revision += 1;
      const stored = withMeta(object, { resourceVersion: String(revision) });
      const previous = shelf.objects.get(key);
      shelf.objects.set(key, stored);
      if (previous === undefined) shelf.keys.splice(lowerBound(shelf.keys, key), 0, key);
      const type = previous === undefined ? 'ADDED' : 'MODIFIED';
      publish(shelf, { type, resource, key, revision, object: stored, ...optional(previous) });
      return stored;
    },
    remove(resource, key) {
      const shelf = shelfOf(resource);
      const previous = shelf.objects.get(key);
      if (previous === undefined) return undefined;
      revision += 1;
      shelf.objects.delete(key);
      shelf.keys.splice(lowerBound(shelf.keys, key), 1);
      const object = withMeta(previous, { resourceVersion: String(revision) });
      publish(shelf, { type: 'DELETED', resource, key, revision, object, previous });
      return object;
    },
    since(resource, from) {
      const { history, forgotten } = shelfOf(resource);
      return from < forgotten ? undefined : history.slice(firstAfter(history, from));
    },
    forgottenUpTo: (resource) => shelfOf(resource).forgotten,
    compact() {
      floor = revision;
      for (const shelf of shelves.values()) Object.assign(shelf, { history: [], forgotten: floor });
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    snapshot: () => ({ revision, objects: contentOf(shelves) }),
    restore(state) {
      const { revision: saved, objects } = asMap(state);
      shelves.clear();
      revision = Math.max(revision, Number(saved) || 0);
      floor = revision;
      for (const [resource, entries] of Object.entries(asMap(objects))) {
        fill(shelfOf(resource), asMap(entries));
      }
    },
  };
}

function remember(shelf: Shelf, event: StoreEvent, historyMax: number): void {
  shelf.history.push(event);
  // Trimmed in halves, so that a long history is not copied on every write.
  if (shelf.history.length < 2 * historyMax) return;
  const dropped = shelf.history.splice(0, shelf.history.length - historyMax);
  shelf.forgotten = dropped.at(-1)?.revision ?? shelf.forgotten;
}

function contentOf(shelves: ReadonlyMap<string, Shelf>): unknown {
  const entries = [...shelves].map(([resource, { objects }]) => [
    resource,
    Object.fromEntries(objects),
  ]);
  return Object.fromEntries(entries);
}

function fill(shelf: Shelf, objects: JsonMap): void {
  for (const [key, object] of Object.entries(objects)) shelf.objects.set(key, object as ApiObject);
  shelf.keys.push(...[...shelf.objects.keys()].sort(inByteOrder));
}

function optional(previous: ApiObject | undefined): { previous?: ApiObject } {
  return previous === undefined ? {} : { previous };
}

function inByteOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The first index whose key is not below `key`. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function firstAfter(history: readonly StoreEvent[], revision: number): number {
  let low = 0;
  let high = history.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((history[middle] as StoreEvent).revision <= revision) low = middle + 1;
    else high = middle;
  }
  return low;
}
