/** What a failed run means for its key: again at once, later, or not until something changes. */
import { type Disposition, messageOf, OperatorError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import type { Random } from '../platform/random.ts';
import { type Backoff, backoffMs } from './backoff.ts';
import type { Lane, Turn } from './lanes.ts';

export interface Next {
  /** 0 = at once. */
  readonly afterMs: number;
  readonly lane: Lane;
  /** The other side asked for this wait: only a change that somebody makes may cut it short. */
  readonly isAsked?: boolean;
}

export interface FailureBook {
  /** undefined = not again until something adds it. */
  judge(turn: Turn, error: unknown, disposition: Disposition): Next | undefined;
  /** A success: the next failure is a first one. */
  forget(key: string): void;
  /** How many failures led to another try, since the start. */
  readonly retries: number;
}

const backoff: Backoff = { baseMs: 1_000, maxMs: 5 * 60_000 };
/** The cache that made a run conflict catches up within moments; then it is something else. */
const conflictsAtOnceMax = 5;

export function createFailures({ random, log }: { random: Random; log: Log }): FailureBook {
  const book = new Map<string, { transient: number; conflicts: number }>();
  let retries = 0;
  return {
    get retries() {
      return retries;
    },
    forget: (key) => void book.delete(key),
    judge({ key, lane }, error, disposition) {
      const before = book.get(key) ?? { transient: 0, conflicts: 0 };
      const askedMs = error instanceof OperatorError ? error.retryAfterMs : undefined;
      if (disposition === 'cancelled' || disposition === 'terminal') {
        book.delete(key);
        if (disposition === 'cancelled') return undefined;
        log.info('work ended; trying again would not help', { key, error: messageOf(error) });
        if (askedMs === undefined) return undefined;
        return { afterMs: askedMs, lane: 'periodic', isAsked: true };
      }
      retries += 1;
      if (disposition === 'conflict' && before.conflicts < conflictsAtOnceMax) {
        book.set(key, { ...before, conflicts: before.conflicts + 1 });
        return { afterMs: 0, lane };
      }
      const failures = before.transient + 1;
      book.set(key, { ...before, transient: failures });
      const afterMs = Math.max(backoffMs(backoff, failures, random), askedMs ?? 0);
      const retryInMs = Math.round(afterMs);
      log.warn('work failed; trying again', { key, failures, retryInMs, error: messageOf(error) });
      return { afterMs, lane: 'repair', isAsked: askedMs !== undefined };
    },
  };
}
