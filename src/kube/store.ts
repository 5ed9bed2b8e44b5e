/**
 * What we know of one kind of object, kept up to date by a reflector. Readers get the current
 * state; subscribers hear of changes after the state has them. A subscriber that throws is logged
 * and harms neither the state nor the other subscribers.
 */
import { messageOf } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import { type KubeObject, keyOf } from './object.ts';
import { createSharing } from './sharing.ts';
import { trimmed } from './trim.ts';

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
  /**
   * Adds or updates; a second object of the same name (another uid) first deletes the old one.
   * `initial` is what subscribers are told of an object that is new; false unless given.
   */
  put(object: T, initial?: boolean): void;
  remove(object: T): void;
}

export function createStore<T extends KubeObject>(log: Log): ReflectedStore<T> {
  const objects = new Map<string, T>();
  const subscribers = new Set<Subscriber<T>>();
  const share = createSharing();

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
    put(given, initial = false) {
      const { uid, resourceVersion } = given.metadata;
      const key = keyOf(given.metadata);
      let before = objects.get(key);
      if (before !== undefined && before.metadata.uid !== uid) {
        drop(key, before);
        before = undefined;
      }
      if (before !== undefined && before.metadata.resourceVersion === resourceVersion) return;
      const object = share(trimmed(given));
      objects.set(key, object);
      tell(object, (subscriber) => {
        if (before === undefined) subscriber.added?.(object, initial);
        else subscriber.updated?.(object, before);
      });
    },
    remove(object) {
      const key = keyOf(object.metadata);
      const known = objects.get(key);
      // The end of an object that a later one of the same name has replaced is no news.
      if (known !== undefined && known.metadata.uid === object.metadata.uid) {
        drop(key, trimmed(object));
      }
    },
  };
}
