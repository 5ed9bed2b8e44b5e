/**
 * The world's time. One event at a time: the soonest is taken, run, and everything that it sets off
 * in this process has ended before the next one is looked at. Equal seeds give equal runs, which a
 * running hash over the trace shows.
 */
import { createHash } from 'node:crypto';
import { createHeap } from '../../src/kube/heap.ts';
import type { Clock } from '../../src/platform/clock.ts';
import { createSeededRandom } from '../support/seeded-random.ts';

export interface Kernel {
  /** The clock of servers and persons. */
  readonly clock: Clock;
  /** A clock whose timers vanish when their owner is dead; counts those that wait. */
  ownClock(isDead: () => boolean): Clock & { waiting(): number };
  after(delayMs: number, task: () => void): () => void;
  /** Work inside this process: time stands still until it has ended. */
  track<T>(work: Promise<T>): Promise<T>;
  /** One line of the trace: whatever goes in or out, is broken or changes. */
  note(line: string): void;
  /** Whole numbers in [0, below), for the world's own decisions. */
  pick(below: number): number;
  /** Lets time pass until `holds`, at most `ms`; tells whether it holds. */
  runUntil(holds: () => boolean, ms: number): Promise<boolean>;
  /** Of the operators' machine alone. */
  jumpWallClock(ms: number): void;
  readonly events: number;
  hash(): string;
  /** The newest lines. */
  trace(): readonly string[];
}

export interface KernelOptions {
  readonly seed: number;
  /** More rounds than needed must change nothing: the way to see that none is missing. */
  readonly extraRounds?: number;
  /** Lines kept for a failure's report; the hash is over all. */
  readonly traceMax?: number;
  /** Nothing is due any more, while somebody may still wait for something. */
  readonly onNothingDue?: () => void;
  /** Asked after each event; the run ends with `StoppedError` when it says so. */
  readonly isEnough?: () => boolean;
}

/** The run was ended before its end, as it was asked to be. */
export class StoppedError extends Error {}

interface Timer {
  readonly at: number;
  readonly tie: number;
  readonly task: () => void;
  isOff: boolean;
}

/** Soonest first; equal times are ordered by a seeded number. */
const isBefore = (a: Timer, b: Timer) => a.at < b.at || (a.at === b.at && a.tie < b.tie);

/** The wall clock's first moment. */
export const worldStartMs = Date.UTC(2026, 0, 1);
/** No event needs this many rounds: work in the process that does not end by itself is a bug. */
const roundsMax = 10_000;
/** Events at one moment: more are a loop that no time passes in. */
const eventsAtOnceMax = 20_000;

export function createKernel(options: KernelOptions): Kernel {
  const { extraRounds = 0, traceMax = 2_000 } = options;
  const random = createSeededRandom(options.seed);
  const heap = createHeap<Timer>(isBefore);
  const digest = createHash('sha256');
  const lines: string[] = [];
  let elapsed = 0;
  let jumpedMs = 0;
  let activity = 0;
  let inFlight = 0;
  let events = 0;
  let atThisMoment = 0;

  const after = (delayMs: number, task: () => void) => {
    activity += 1;
    // A wait of no time takes some: real timers never run at once.
    const at = elapsed + Math.max(delayMs, 0);
    const timer = { at, tie: random.next(), task, isOff: false };
    heap.push(timer);
    return () => {
      timer.isOff = true;
    };
  };
  /** Promise chains end within one turn of the event loop; what they start may need another. */
  const drain = async () => {
    for (let round = 0, extra = extraRounds; ; round += 1) {
      const before = activity;
      await new Promise((resolve) => setImmediate(resolve));
      if (round > roundsMax) throw new Error('work in the process does not end');
      if (inFlight > 0 || activity !== before) continue;
      if (extra === 0) return;
      extra -= 1;
    }
  };
  const clock: Clock = { now: () => worldStartMs + elapsed, elapsed: () => elapsed, after };
  const next = () => {
    while (heap.peek()?.isOff) heap.pop();
    return heap.peek();
  };
  const runOne = (timer: Timer) => {
    heap.pop();
    atThisMoment = timer.at > elapsed ? 0 : atThisMoment + 1;
    if (atThisMoment > eventsAtOnceMax) throw new Error('no time passes any more: a busy loop');
    elapsed = Math.max(elapsed, timer.at);
    events += 1;
    timer.task();
  };
  return {
    clock,
    after,
    ownClock(isDead) {
      let waiting = 0;
      return {
        ...clock,
        now: () => worldStartMs + elapsed + jumpedMs,
        waiting: () => waiting,
        after(delayMs, task) {
          let isOver = false;
          const end = () => {
            if (!isOver) waiting -= 1;
            isOver = true;
          };
          waiting += 1;
          const cancel = after(delayMs, () => {
            end();
            if (!isDead()) task();
          });
          return () => {
            end();
            cancel();
          };
        },
      };
    },
    async track(work) {
      activity += 1;
      inFlight += 1;
      try {
        return await work;
      } finally {
        inFlight -= 1;
        activity += 1;
      }
    },
    note(line) {
      activity += 1;
      const stamped = `${elapsed.toFixed(1)} ${line}`;
      digest.update(stamped);
      lines.push(stamped.length > 600 ? `${stamped.slice(0, 600)}…` : stamped);
      if (lines.length > 2 * traceMax) lines.splice(0, lines.length - traceMax);
    },
    pick: (below) => Math.floor(random.next() * below),
    async runUntil(holds, ms) {
      const end = elapsed + ms;
      for (;;) {
        await drain();
        if (options.isEnough?.()) throw new StoppedError('stopped');
        if (holds()) return true;
        const timer = next();
        if (timer === undefined) options.onNothingDue?.();
        if (timer === undefined || timer.at > end) {
          elapsed = end;
          return false;
        }
        runOne(timer);
      }
    },
    jumpWallClock(ms) {
      jumpedMs += ms;
    },
    get events() {
      return events;
    },
    hash: () => digest.copy().digest('hex').slice(0, 16),
    trace: () => lines.slice(-traceMax),
  };
}
