/**
 * What we know of one kind of object, kept up to date by a reflector. Readers get the current
 * state; subscribers hear of changes after the state has them. A subscriber that throws is logged
 * and harms neither the state nor the other subscribers.
 */
import { messageOf } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import { type KubeObject, keyOf } from './object.ts';

export interface Subscriber<T> {
  /** `initial`: it was there already when we first looked. */
  added?(object: T, initial: boolean): void;
  updated?(object: T, before: T): void;
  deleted?(object: T): void;
}

/** The reading side. */
export interface Store<T extends KubeObject> {
  get(key: string): T | undefined;
  values(): IterableIterator<T>;
  readonly size: number;
  /** Hears of changes from now on, not of what is there already. Returns its own end. */
  subscribe(subscriber: Subscriber<T>): () => void;
}

/** The writing side, for a reflector. */
export interface ReflectedStore<T extends KubeObject> extends Store<T> {
  /** Adds or updates; a second object of the same name (another uid) first deletes the old one. */
  put(object: T): void;
  remove(object: T): void;
  /** Makes the content that of a complete list of `namespace` (undefined = of all). */
  replace(objects: readonly T[], namespace: string | undefined, initial: boolean): void;
}

export function createStore<T extends KubeObject>(log: Log): ReflectedStore<T> {
  const objects = new Map<string, T>();
  const subscribers = new Set<Subscriber<T>>();

  const tell = (object: T, call: (subscriber: Subscriber<T>) => void) => {
    for (const subscriber of subscribers) {
      try {
        call(subscriber);
      } catch (error) {
        const key = keyOf(object.metadata);
        log.error('a subscriber failed on a change', { key, error: messageOf(error) });
      }
    }
  };
  const drop = (key: string, object: T) => {
    objects.delete(key);
    tell(object, (subscriber) => subscriber.deleted?.(object));
  };
  const put = (object: T, initial: boolean) => {
    const key = keyOf(object.metadata);
    let before = objects.get(key);
    if (before !== undefined && before.metadata.uid !== object.metadata.uid) {
      drop(key, before);
      before = undefined;
    }
    if (before && before.metadata.resourceVersion === object.metadata.resourceVersion) return;
    objects.set(key, object);
    tell(object, (subscriber) => {
      if (before === undefined) subscriber.added?.(object, initial);
      else subscriber.updated?.(object, before);
    });
  };

  return {
    get: (key) => objects.get(key),
    values: () => objects.values(),
    get size() {
      return objects.size;
    },
    subscribe(subscriber) {
      subscribers.add(subscriber);
      return () => subscribers.delete(subscriber);
    },
    put: (object) => put(object, false),
    remove(object) {
      const key = keyOf(object.metadata);
      const known = objects.get(key);
      // The end of an object that a later one of the same name has replaced is no news.
      if (known !== undefined && known.metadata.uid === object.metadata.uid) {
        drop(key, object);
      }
    },
    replace(list, namespace, initial) {
      const present = new Set(list.map((object) => keyOf(object.metadata)));
      for (const [key, object] of objects) {
        const isCovered = namespace === undefined || object.metadata.namespace === namespace;
        if (isCovered && !present.has(key)) drop(key, object);
      }
      for (const object of list) put(object, initial);
    },
  };
}
