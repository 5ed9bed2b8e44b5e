/** Keys that are due later, one wish each: of several, the earliest and the most urgent counts. */
import type { Clock } from '../platform/clock.ts';
import { type Lane, moreUrgent } from './lanes.ts';

export interface Delays {
  /** `isFirm`: somebody else asked for this wait, so that only people may cut it short. */
  set(key: string, ms: number, lane: Lane, isFirm?: boolean): void;
  isFirm(key: string): boolean;
  cancel(key: string): void;
  clear(): void;
  readonly size: number;
}

interface Wish {
  readonly at: number;
  lane: Lane;
  readonly isFirm: boolean;
  readonly cancel: () => void;
}

export function createDelays(clock: Clock, due: (key: string, lane: Lane) => void): Delays {
  const wishes = new Map<string, Wish>();
  const cancel = (key: string) => {
    wishes.get(key)?.cancel();
    wishes.delete(key);
  };
  return {
    set(key, ms, lane, isFirm = false) {
      const at = clock.elapsed() + ms;
      const before = wishes.get(key);
      if (before !== undefined) {
        before.lane = moreUrgent(lane, before.lane);
        if (before.at <= at) return;
        cancel(key);
      }
      const wish: Wish = {
        at,
        isFirm,
        lane: before?.lane ?? lane,
        cancel: clock.after(ms, () => {
          wishes.delete(key);
          due(key, wish.lane);
        }),
      };
      wishes.set(key, wish);
    },
    isFirm: (key) => wishes.get(key)?.isFirm === true,
    cancel,
    clear() {
      for (const key of wishes.keys()) cancel(key);
    },
    get size() {
      return wishes.size;
    },
  };
}
