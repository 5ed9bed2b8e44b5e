/**
 * When something last happened to an object, for as long as it matters. In memory: whoever uses it
 * has to be right without it too, as it is empty after a restart.
 */
import { isWithin } from './age.ts';

export interface Recent {
  note(uid: string, atMs: number): void;
  /** Wall clock; undefined = never, or longer ago. */
  lastAt(uid: string, nowMs: number): number | undefined;
}

export function createRecent(withinMs: number): Recent {
  const times = new Map<string, number>();
  return {
    note(uid, atMs) {
      for (const [each, at] of times) if (!isWithin(withinMs, at, atMs)) times.delete(each);
      times.set(uid, atMs);
    },
    lastAt(uid, nowMs) {
      const at = times.get(uid);
      return at !== undefined && isWithin(withinMs, at, nowMs) ? at : undefined;
    },
  };
}
