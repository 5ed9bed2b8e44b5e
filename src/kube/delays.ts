/**
 * Keys that are due later, one wish each: of several, the earliest and the most urgent counts. All
 * of them share one timer: a timer for each costs several times what it has to remember.
 */
import type { Clock } from '../platform/clock.ts';
import { createHeap } from './heap.ts';
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
  readonly key: string;
  readonly at: number;
  readonly isFirm: boolean;
  lane: Lane;
}

/** Below this, sorting anew costs more than the room it frees. */
const spareMax = 1_000;

const createByTime = () => createHeap<Wish>((a, b) => a.at < b.at);

export function createDelays(clock: Clock, due: (key: string, lane: Lane) => void): Delays {
  const wishes = new Map<string, Wish>();
  /** Those that were cancelled or replaced stay in it until they come first, or are too many. */
  let byTime = createByTime();
  let alarm: { readonly at: number; readonly cancel: () => void } | undefined;

  const next = () => {
    for (let wish = byTime.peek(); wish !== undefined; wish = byTime.peek()) {
      if (wishes.get(wish.key) === wish) return wish;
      byTime.pop();
    }
    return undefined;
  };
  const arm = () => {
    const at = next()?.at;
    if (at === alarm?.at) return;
    alarm?.cancel();
    alarm = at === undefined ? undefined : { at, cancel: clock.after(at - clock.elapsed(), ring) };
  };
  const ring = () => {
    alarm = undefined;
    for (let wish = next(); wish !== undefined && wish.at <= clock.elapsed(); wish = next()) {
      wishes.delete(wish.key);
      due(wish.key, wish.lane);
    }
    arm();
  };
  return {
    set(key, ms, lane, isFirm = false) {
      const at = clock.elapsed() + ms;
      const before = wishes.get(key);
      if (before !== undefined && before.at <= at) {
        before.lane = moreUrgent(lane, before.lane);
        return;
      }
      const wish = { key, at, isFirm, lane: moreUrgent(lane, before?.lane) };
      wishes.set(key, wish);
      byTime.push(wish);
      if (byTime.size > 2 * wishes.size + spareMax) {
        byTime = createByTime();
        for (const each of wishes.values()) byTime.push(each);
      }
      arm();
    },
    isFirm: (key) => wishes.get(key)?.isFirm === true,
    cancel(key) {
      if (wishes.delete(key)) arm();
    },
    clear() {
      wishes.clear();
      arm();
    },
    get size() {
      return wishes.size;
    },
  };
}
