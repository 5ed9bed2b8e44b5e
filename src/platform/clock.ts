/**
 * Time as a dependency. Nothing outside src/platform names a timer or reads a clock, so tests and
 * the simulation run the shipped code on virtual time.
 */
import { performance } from 'node:perf_hooks';

export interface Clock {
  /** Wall clock, ms since the epoch: for timestamps that people read; it may jump. */
  now(): number;
  /** Monotonic ms: for deadlines, leases and measuring. */
  elapsed(): number;
  /** Runs `task` once after `delayMs`; returns its own cancel. */
  after(delayMs: number, task: () => void): () => void;
}

/** The longest delay a timer can hold; a longer wait is cut into pieces by who needs one. */
const timerMaxMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, Math.min(Math.max(delayMs, 0), timerMaxMs));
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms`; rejects with the signal's reason as soon as it is aborted. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** A deadline was reached before the work under it ended. */
export class DeadlineError extends Error {
  constructor(what: string, ms: number) {
    super(`${what} took longer than ${Number((ms / 1_000).toFixed(1))} s`);
    this.name = 'DeadlineError';
  }
}

/**
 * Runs `work` with a signal that aborts when `signal` does or when `ms` have passed; in the second
 * case the work is expected to end with the `DeadlineError` that is the signal's reason.
 */
export async function withDeadline<T>(
  clock: Clock,
  what: string,
  ms: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const onAbort = () => controller.abort(signal?.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  const cancel = clock.after(ms, () => controller.abort(new DeadlineError(what, ms)));
  try {
    return await work(controller.signal);
  } finally {
    cancel();
    signal?.removeEventListener('abort', onAbort);
  }
}
