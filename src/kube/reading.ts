/**
 * One reading of all that exists into a store. What comes is handed on at once, so nothing is kept
 * twice and nobody gets everything in one go; what did not come is gone, which only the end of a
 * reading can tell, so that half of one never looks like deletions.
 */
import type { Clock } from '../platform/clock.ts';
import { inSlices } from '../platform/slices.ts';
import { type KubeObject, keyOf } from './object.ts';
import type { ReflectedStore } from './store.ts';

export interface ReadingOptions<T extends KubeObject> {
  readonly store: ReflectedStore<T>;
  /** undefined = all. */
  readonly namespace?: string | undefined;
  readonly clock: Clock;
}

export interface Reading<T extends KubeObject> {
  put(object: T): void;
  remove(object: T): void;
  /** All has come. Resolves when the store holds nothing else. */
  end(signal: AbortSignal): Promise<void>;
}

/** `initial`: the store has never been complete. */
export function beginReading<T extends KubeObject>(
  { store, namespace, clock }: ReadingOptions<T>,
  initial: boolean,
): Reading<T> {
  const present = new Set<string>();
  const isGone = ({ metadata }: T) =>
    (namespace === undefined || metadata.namespace === namespace) && !present.has(keyOf(metadata));
  return {
    put(object) {
      present.add(keyOf(object.metadata));
      store.put(object, initial);
    },
    remove(object) {
      present.delete(keyOf(object.metadata));
      store.remove(object);
    },
    end: (signal) => inSlices(clock, [...store.values()].filter(isGone), signal, store.remove),
  };
}
