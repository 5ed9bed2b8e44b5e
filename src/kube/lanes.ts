/**
 * The order in which waiting keys get their turn: by lane, in a lane one namespace after the
 * other, in a namespace first come first served. A lane whose oldest key has waited too long gets
 * every other turn, oldest first, until it has caught up: urgent work is never delayed by more
 * than its double, and nothing starves.
 */
import type { Clock } from '../platform/clock.ts';
import { createFifo, type Fifo } from './fifo.ts';
import { nameOfKey } from './object.ts';

/** What a person is waiting for, before what heals, before what is only looked at. */
export type Lane = 'change' | 'repair' | 'periodic';
const lanesByUrgency: readonly Lane[] = ['change', 'repair', 'periodic'];

export interface Turn {
  readonly key: string;
  readonly lane: Lane;
  /** On the monotonic clock. */
  readonly since: number;
}

export interface Lanes {
  /** Adds a key (true), unless it waits already; then it moves if `lane` is more urgent. */
  put(key: string, lane: Lane): boolean;
  /** The next in turn, which waits no more. */
  take(): Turn | undefined;
  readonly depth: Readonly<Record<Lane, number>>;
  /** How long the longest waiting key has waited; 0 when none does. */
  oldestWaitMs(): number;
}

/** Half of the minute that no lane may starve another for. */
const ageLimitMs = 30_000;

type Entry = Turn & { isOut: boolean };

export function createLanes(clock: Clock): Lanes {
  const waiting = new Map<string, Entry>();
  const byLane = { change: createLane(), repair: createLane(), periodic: createLane() };
  const depth: Record<Lane, number> = { change: 0, repair: 0, periodic: 0 };
  let wasLate = false;

  const remove = (entry: Entry) => {
    entry.isOut = true;
    depth[entry.lane] -= 1;
    waiting.delete(entry.key);
    byLane[entry.lane].oldest(); // forgets what is out, now that the front may be
  };
  /** The oldest key that has waited too long in a lane less urgent than `urgent`. */
  const late = (urgent: Lane): Entry | undefined =>
    lanesByUrgency
      .slice(lanesByUrgency.indexOf(urgent) + 1)
      .map((lane) => byLane[lane].oldest())
      .filter((entry) => entry !== undefined)
      .filter((entry) => clock.elapsed() - entry.since >= ageLimitMs)
      .sort((a, b) => a.since - b.since)[0];

  return {
    depth,
    put(key, lane) {
      const before = waiting.get(key);
      if (before !== undefined) {
        if (!isMoreUrgent(lane, before.lane)) return false;
        remove(before);
      }
      const entry = { key, lane, since: clock.elapsed(), isOut: false };
      waiting.set(key, entry);
      depth[lane] += 1;
      byLane[lane].put(entry);
      return before === undefined;
    },
    take() {
      const lane = lanesByUrgency.find((each) => depth[each] > 0);
      if (lane === undefined) return undefined;
      const overdue = wasLate ? undefined : late(lane);
      wasLate = overdue !== undefined;
      const entry = overdue ?? byLane[lane].next();
      if (entry !== undefined) remove(entry);
      return entry;
    },
    oldestWaitMs() {
      const since = lanesByUrgency.map((lane) => byLane[lane].oldest()?.since ?? Infinity);
      return Math.max(0, clock.elapsed() - Math.min(...since));
    },
  };
}

export function moreUrgent(lane: Lane, other: Lane = lane): Lane {
  return isMoreUrgent(other, lane) ? other : lane;
}

function isMoreUrgent(lane: Lane, than: Lane): boolean {
  return lanesByUrgency.indexOf(lane) < lanesByUrgency.indexOf(than);
}

interface OneLane {
  put(entry: Entry): void;
  /** By namespace in turn. */
  next(): Entry | undefined;
  oldest(): Entry | undefined;
}

/** Entries are in two orders at once; one that left by the one is skipped by the other. */
function createLane(): OneLane {
  const byAge = createFifo<Entry>();
  const turns = createFifo<string>();
  const namespaces = new Map<string, Fifo<Entry>>();
  const isOut = (entry: Entry) => entry.isOut;
  return {
    put(entry) {
      byAge.push(entry);
      const name = nameOfKey(entry.key).namespace ?? '';
      let namespace = namespaces.get(name);
      if (namespace === undefined) {
        namespace = createFifo();
        namespaces.set(name, namespace);
        turns.push(name);
      }
      namespace.dropWhile(isOut); // while only overdue turns come to this lane, nobody else does
      namespace.push(entry);
    },
    next() {
      for (let name = turns.shift(); name !== undefined; name = turns.shift()) {
        const namespace = namespaces.get(name);
        namespace?.dropWhile(isOut);
        const entry = namespace?.shift();
        namespace?.dropWhile(isOut);
        if (namespace?.peek() === undefined) namespaces.delete(name);
        else turns.push(name);
        if (entry !== undefined) return entry;
      }
      return undefined;
    },
    oldest() {
      byAge.dropWhile(isOut);
      return byAge.peek();
    },
  };
}
