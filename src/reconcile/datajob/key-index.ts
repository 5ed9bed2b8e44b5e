/**
 * Which objects name one thing: a job, a source. Looking through all objects for each answer would
 * block the event loop where there are thousands of both.
 */
import type { DataJob } from '../../api/data-job.ts';

export interface KeyIndex {
  /** The object of this key is another now; undefined = there is none. */
  moved(key: string, before: DataJob | undefined, after: DataJob | undefined): void;
  keysOf(name: string): readonly string[];
  names(): Iterable<string>;
}

/** `nameOf`: what an object names, undefined where it names nothing. */
export function createKeyIndex(nameOf: (dataJob: DataJob) => string | undefined): KeyIndex {
  /** Nearly always one key, for which a set would be ten times as large. */
  const keys = new Map<string, string | Set<string>>();
  const remove = (name: string, key: string) => {
    const known = keys.get(name);
    if (typeof known === 'object') known.delete(key);
    if (typeof known === 'string' || known?.size === 0) keys.delete(name);
  };
  const add = (name: string, key: string) => {
    const known = keys.get(name);
    if (typeof known === 'object') known.add(key);
    else keys.set(name, known === undefined ? key : new Set([known, key]));
  };
  return {
    moved(key, before, after) {
      const old = before && nameOf(before);
      const name = after && nameOf(after);
      if (old === name) return;
      if (old !== undefined) remove(old, key);
      if (name !== undefined) add(name, key);
    },
    keysOf(name) {
      const known = keys.get(name) ?? [];
      return typeof known === 'string' ? [known] : [...known];
    },
    names: () => keys.keys(),
  };
}
