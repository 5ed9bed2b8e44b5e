/**
 * One bulk read for all data jobs of a connection, so that the cost of watching does not grow with
 * their number: each interval to find drift, and in growing ticks while deployments are pending.
 * A row is a hint that wakes an object; it never proves that a job is absent.
 */
import type { Clock } from '../platform/clock.ts';
import { sleep } from '../platform/clock.ts';
import { dispositionOf, messageOf, OperatorError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import { jittered, type Random } from '../platform/random.ts';
import { inSlices } from '../platform/slices.ts';
import { type BulkRow, deploymentOfRow } from './datajob/wire.ts';

export interface BulkPollOptions {
  /** All rows of the service, page by page. */
  readonly read: (signal: AbortSignal) => AsyncIterable<BulkRow>;
  /** The job names that objects here use: other rows are dropped at once. */
  readonly isWanted: (jobName: string) => boolean;
  readonly wantedNames: () => Iterable<string>;
  /** Whether a deployment of this job is waited for. */
  readonly isPending: (jobName: string) => boolean;
  /** The job is not as it was at the last reading (changed, appeared, or no longer shown). */
  readonly onChanged: (jobName: string) => void;
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export type BulkHint = 'none' | { readonly row: BulkRow | undefined };

export interface BulkPoll {
  run(signal: AbortSignal): Promise<void>;
  /** Resolves after the first reading, good or bad: before it a restart would read job by job. */
  readonly firstReading: Promise<void>;
  /** What the last reading says of a job: nothing, if we wrote to the job after it began. */
  hintOf(jobName: string): BulkHint;
  /** We have just written to this job: what was read before says nothing about it any more. */
  touched(jobName: string): void;
  /** A deployment was requested: look again soon. */
  hurry(): void;
  /** Learned from what is deployed, so not known at first; see `Work.deploymentsInDatabase`. */
  readonly deploymentsInDatabase: boolean | undefined;
}

/** Ticks while something is pending: a build takes minutes, a PATCH is done at once. */
const tick = { firstMs: 2_000, maxMs: 30_000, growth: 1.5 };

/** Spreads the polls of many operators that were started together. */
const jitterPart = 0.05;

/** Why a wait is cut short. */
const sooner = 'sooner';

export function createBulkPoll(options: BulkPollOptions): BulkPoll {
  const { clock, log } = options;
  const first = Promise.withResolvers<void>();
  const touchedAt = new Map<string, number>();
  const schedule = createSchedule(options);
  let last: Reading = { startedAt: -1, rows: new Map(), inDatabase: undefined };

  const poll = async (signal: AbortSignal) => {
    try {
      const next = await readAll(options, last, signal);
      const woken = new Set(changedNames(options, last, next));
      last = { ...next, inDatabase: next.inDatabase ?? last.inDatabase };
      for (const [jobName, at] of touchedAt) {
        if (at >= next.startedAt) continue;
        touchedAt.delete(jobName);
        // A reading that overlapped our write may have shown its result already: then this one shows
        // no difference, and is all the same the first that may be believed.
        if (options.isPending(jobName)) woken.add(jobName);
      }
      await inSlices(clock, woken, signal, options.onChanged);
    } catch (error) {
      if (dispositionOf(error, signal) === 'cancelled') return;
      log.warn(`The bulk read of data jobs failed: ${messageOf(error)}`);
      if (error instanceof OperatorError) schedule.holdOff(error.retryAfterMs ?? 0);
    }
  };
  return {
    firstReading: first.promise,
    async run(signal) {
      while (!signal.aborted) {
        await poll(signal);
        first.resolve();
        await schedule.pause(signal);
      }
    },
    hintOf(jobName) {
      const fresh = last.startedAt > (touchedAt.get(jobName) ?? -1);
      if (!fresh) return 'none';
      const text = last.rows.get(jobName);
      return { row: text === undefined ? undefined : (JSON.parse(text) as BulkRow) };
    },
    touched: (jobName) => touchedAt.set(jobName, clock.elapsed()),
    hurry: schedule.hurry,
    get deploymentsInDatabase() {
      return last.inDatabase;
    },
  };
}

interface Reading {
  readonly startedAt: number;
  /** As JSON: that takes a third of the memory, compares at once, and is read once in a while. */
  readonly rows: ReadonlyMap<string, string>;
  /** Undefined while nothing is deployed that would tell. */
  readonly inDatabase: boolean | undefined;
}

async function readAll(
  options: BulkPollOptions,
  before: Reading,
  signal: AbortSignal,
): Promise<Reading> {
  const startedAt = options.clock.elapsed();
  const rows = new Map<string, string>();
  let inDatabase: boolean | undefined;
  for await (const row of options.read(signal)) {
    const deployment = deploymentOfRow(row);
    if (deployment !== undefined) inDatabase = !deployment.dateMovesOnEveryCall;
    if (!options.isWanted(row.jobName)) continue;
    const text = JSON.stringify(row);
    const known = before.rows.get(row.jobName);
    // The old one of two equal texts, so that a reading without news leaves nothing to clean up.
    rows.set(row.jobName, text === known ? known : text);
  }
  return { startedAt, rows, inDatabase };
}

function changedNames(options: BulkPollOptions, before: Reading, now: Reading): readonly string[] {
  return [...options.wantedNames()].filter(
    (jobName) =>
      before.rows.get(jobName) !== now.rows.get(jobName) ||
      // Its date need not move there, so only a single read can tell that a call was carried out.
      (now.inDatabase === true && options.isPending(jobName)),
  );
}

/** When to look next: after the interval, or in growing ticks while something is pending. */
function createSchedule({ clock, random, intervalMs, wantedNames, isPending }: BulkPollOptions) {
  let tickMs = tick.firstMs;
  let dueAt = Number.POSITIVE_INFINITY;
  let notBefore = 0;
  let wake = new AbortController();
  return {
    async pause(signal: AbortSignal): Promise<void> {
      const pending = [...wantedNames()].some(isPending);
      const waitMs = pending ? Math.min(tickMs, intervalMs) : intervalMs;
      tickMs = pending ? Math.min(tickMs * tick.growth, tick.maxMs) : tick.firstMs;
      const nextAt = clock.elapsed() + (pending ? waitMs : jittered(random, waitMs, jitterPart));
      // Somebody may have been in a hurry during the reading; what the service asked for goes before.
      dueAt = Math.max(Math.min(dueAt, nextAt), notBefore);
      while (!signal.aborted && clock.elapsed() < dueAt) {
        wake = new AbortController();
        const either = AbortSignal.any([signal, wake.signal]);
        await sleep(clock, dueAt - clock.elapsed(), either).catch(() => {});
      }
      dueAt = Number.POSITIVE_INFINITY;
    },
    /** The service asked to be left alone. */
    holdOff(ms: number): void {
      notBefore = clock.elapsed() + ms;
    },
    hurry(): void {
      tickMs = tick.firstMs;
      const soon = Math.max(clock.elapsed() + tick.firstMs, notBefore);
      if (soon >= dueAt) return;
      dueAt = soon;
      wake.abort(sooner); // an error made for it would cost more than the whole wait
    },
  };
}
