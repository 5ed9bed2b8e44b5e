/** Keys that are due later, one wish each: of several, the earliest and the most urgent counts. */
import type { Clock } from '../platform/clock.ts';
import { type Lane, moreUrgent } from './lanes.ts';

export interface Delays {
  set(key: string, ms: number, lane: Lane): void;
  cancel(key: string): void;
  clear(): void;
  readonly size: number;
}

export function createDelays(clock: Clock, due: (key: string, lane: Lane) => void): Delays {
  const wishes = new Map<string, { at: number; lane: Lane; cancel: () => void }>();
  const cancel = (key: string) => {
    wishes.get(key)?.cancel();
    wishes.delete(key);
  };
  return {
    set(key, ms, lane) {
      const at = clock.elapsed() + ms;
      const before = wishes.get(key);
      if (before !== undefined) {
        before.lane = moreUrgent(lane, before.lane);
        if (before.at <= at) return;
        cancel(key);
      }
      const wish = {
        at,
        lane: before?.lane ?? lane,
        cancel: clock.after(ms, () => {
          wishes.delete(key);
          due(key, wish.lane);
        }),
      };
      wishes.set(key, wish);
    },
    cancel,
    clear() {
      for (const key of wishes.keys()) cancel(key);
    },
    get size() {
      return wishes.size;
    },
  };
}
