/** A clock that moves only when a test says so. */
import type { Clock } from '../../src/platform/clock.ts';

export interface ManualClock extends Clock {
  /** Moves time by `ms`, running what falls due in order; promise chains catch up in between. */
  advance(ms: number): Promise<void>;
  /** Lets promise chains catch up without moving time. */
  settle(): Promise<void>;
  /** How long each sleeper still has to wait, soonest first: assert on this instead of sleeping. */
  asleepForMs(): readonly number[];
  /** Moves the wall clock alone, as an administrator or a time server does. */
  jumpWallClock(ms: number): void;
}

interface Sleeper {
  readonly at: number;
  readonly order: number;
  readonly task: () => void;
}

/** Rounds of the event loop that in-process servers need at most to answer one another. */
const settleRounds = 20;

export function createManualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  let elapsed = 0;
  let wallOffset = startMs;
  let order = 0;
  const sleepers = new Set<Sleeper>();
  const soonest = () =>
    [...sleepers].sort((a, b) => a.at - b.at || a.order - b.order)[0] as Sleeper | undefined;
  const settle = async () => {
    for (let round = 0; round < settleRounds; round += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return {
    now: () => wallOffset + elapsed,
    elapsed: () => elapsed,
    after(delayMs, task) {
      order += 1;
      const sleeper = { at: elapsed + Math.max(delayMs, 0), order, task };
      sleepers.add(sleeper);
      return () => sleepers.delete(sleeper);
    },
    async advance(ms) {
      const end = elapsed + ms;
      await settle();
      for (let next = soonest(); next !== undefined && next.at <= end; next = soonest()) {
        elapsed = Math.max(elapsed, next.at);
        sleepers.delete(next);
        next.task();
        await settle();
      }
      elapsed = end;
    },
    settle,
    asleepForMs: () => [...sleepers].map((sleeper) => sleeper.at - elapsed).sort((a, b) => a - b),
    jumpWallClock(ms) {
      wallOffset += ms;
    },
  };
}
