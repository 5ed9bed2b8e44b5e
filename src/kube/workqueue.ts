/**
 * Runs work by key: however often a key is added, it waits once and runs once at a time; what is
 * added while it runs makes it run again. Failures come back after a growing wait of their own
 * key, so that one bad key costs the others nothing but its turns. Nothing is ever lost: a key
 * leaves only by success, by a terminal error, or when the queue stops.
 */
import PQueue from 'p-queue';
import { type Clock, withDeadline } from '../platform/clock.ts';
import { type Disposition, dispositionOf, messageOf } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import type { Random } from '../platform/random.ts';
import { whenAborted } from '../platform/together.ts';
import { createDelays } from './delays.ts';
import { createFailures, type FailureBook, type Next } from './failures.ts';
import { createLanes, type Lane, type Lanes, moreUrgent, type Turn } from './lanes.ts';
import { paced } from './paced.ts';

export type { Lane } from './lanes.ts';

/** undefined = not again until something adds it. */
export interface WorkResult {
  readonly requeueAfterMs?: number;
}

/** One finished run, for metrics. */
export interface WorkReport {
  readonly lane: Lane;
  readonly waitedMs: number;
  readonly tookMs: number;
  readonly outcome: 'done' | Disposition;
}

export interface WorkqueueOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Runs at once. */
  readonly concurrency: number;
  /** These run before all others, and no two runs at once before they have ended. */
  readonly first?: readonly string[];
  /** Is awaited whatever happens; the signal tells it to end. */
  readonly handle: (key: string, signal: AbortSignal) => Promise<WorkResult>;
  readonly onDone?: (report: WorkReport) => void;
}

/** Plain numbers, as of now. */
export interface WorkqueueStats {
  readonly waiting: Readonly<Record<Lane, number>>;
  readonly running: number;
  readonly delayed: number;
  /** Since the start: keys that began to wait, and runs that failed and will be tried again. */
  readonly adds: number;
  readonly retries: number;
  readonly oldestWaitMs: number;
  readonly longestRunMs: number;
}

export interface Workqueue {
  add(key: string, lane: Lane): void;
  /** Adds it later. Of several such wishes for a key the earliest counts, which serves them all. */
  addAfter(key: string, ms: number, lane: Lane): void;
  /** Works until `signal` is aborted and what runs has ended; a second call would be a mistake. */
  run(signal: AbortSignal): Promise<void>;
  /** Keys that wait for a turn. */
  readonly depth: number;
  stats(): WorkqueueStats;
  /** Resolves when nothing waits or runs; keys that are due later do not count. */
  idle(): Promise<void>;
}

/** No honest run takes this long; one that does is told to end, so that it frees its place. */
const runDeadlineMs = 15 * 60_000;
/** One that is told and does not end within this keeps its key, but not its place. */
const deafAfterMs = 60_000;
/** What has to run alone may take this long; nobody else waits for longer. */
const aloneMaxMs = 60_000;

interface Running {
  readonly startedAt: number;
  again?: Lane;
}

export function createWorkqueue(given: WorkqueueOptions): Workqueue {
  const { clock } = given;
  const options = { ...given, handle: paced(clock, given.handle) };
  const pool = new PQueue({ concurrency: options.concurrency, autoStart: false });
  const alone = runAlone(pool, options);
  const lanes = createLanes(clock);
  const failures = createFailures(options);
  const running = new Map<string, Running>();
  let adds = 0;
  let stop: AbortSignal | undefined;

  const add = (key: string, lane: Lane) => {
    if (stop?.aborted) return;
    if (lane !== 'change' && own.isFirm(key)) return; // it comes back by itself, and not sooner
    const run = running.get(key);
    if (run !== undefined) {
      run.again = moreUrgent(lane, run.again);
      return;
    }
    if (!lanes.put(key, lane)) return;
    adds += 1;
    offerTurn();
  };
  /** What the queue itself wants to do later, and what others asked for. */
  const own = createDelays(clock, add);
  const asked = createDelays(clock, add);

  const takeTurn = async (turn: Turn, onDeaf: () => void) => {
    if (stop === undefined || stop.aborted) return;
    const { key, lane, since } = turn;
    const run: Running = { startedAt: clock.elapsed() };
    own.cancel(key); // this run decides anew
    running.set(key, run);
    const { outcome, next } = await perform(options, failures, turn, stop, onDeaf);
    running.delete(key);
    alone.hasRun(key);
    const tookMs = clock.elapsed() - run.startedAt;
    if (next?.afterMs === 0) run.again = moreUrgent(next.lane, run.again);
    else if (next !== undefined && !stop.aborted)
      own.set(key, next.afterMs, next.lane, next.isAsked);
    if (run.again !== undefined) add(key, run.again);
    options.onDone?.({ lane, waitedMs: run.startedAt - since, tookMs, outcome });
  };
  const offerTurn = offersTurns(pool, lanes, options, takeTurn);

  return {
    add,
    addAfter(key, ms, lane) {
      if (!stop?.aborted) asked.set(key, ms, lane);
    },
    async run(signal) {
      stop = signal;
      const cancel = alone.begin(add);
      pool.start();
      await whenAborted(signal);
      for (const end of [cancel, own.clear, asked.clear]) end();
      await pool.onIdle();
    },
    get depth() {
      return sum(Object.values(lanes.depth));
    },
    stats: () => ({
      waiting: { ...lanes.depth },
      running: running.size,
      delayed: own.size + asked.size,
      adds,
      retries: failures.retries,
      oldestWaitMs: lanes.oldestWaitMs(),
      longestRunMs: longestRunMs(running, clock),
    }),
    idle: () => pool.onIdle(),
  };
}

/**
 * The pool's tasks are turns, not keys: whose it is, the lanes say when a place is free. A task is
 * ten times as large as a waiting key, so no more of them wait than could begin at once.
 */
function offersTurns(
  pool: PQueue,
  lanes: Lanes,
  { concurrency, log }: WorkqueueOptions,
  take: (turn: Turn, onDeaf: () => void) => Promise<void>,
): () => void {
  const begin = async () => {
    const turn = lanes.take();
    if (sum(Object.values(lanes.depth)) > 0) offer();
    if (turn !== undefined) await untilDeaf((onDeaf) => take(turn, onDeaf));
  };
  const reportBug = (error: unknown) =>
    log.error('the work queue failed', { error: messageOf(error) });
  const offer = () => {
    if (pool.size < concurrency) pool.add(begin).catch(reportBug);
  };
  return offer;
}

/** Leaves the pool one place until all that come first have run, or for as long as that may take. */
function runAlone(pool: PQueue, { clock, concurrency, first }: WorkqueueOptions) {
  const left = new Set(first);
  const end = () => {
    pool.concurrency = concurrency;
  };
  return {
    begin(add: Workqueue['add']): () => void {
      if (left.size === 0) return () => {};
      for (const key of left) add(key, 'change');
      pool.concurrency = 1;
      return clock.after(aloneMaxMs, end);
    },
    hasRun(key: string): void {
      if (left.delete(key) && left.size === 0) end();
    },
  };
}

/** Ends with the work, or before it when nothing makes that end. */
function untilDeaf(work: (onDeaf: () => void) => Promise<void>): Promise<void> {
  const deaf = Promise.withResolvers<void>();
  return Promise.race([work(deaf.resolve), deaf.promise]);
}

async function perform(
  { clock, log, handle }: WorkqueueOptions,
  failures: FailureBook,
  turn: Turn,
  signal: AbortSignal,
  onDeaf: () => void,
): Promise<{ readonly outcome: WorkReport['outcome']; readonly next: Next | undefined }> {
  const { key } = turn;
  let cancel = () => {};
  const listen = () => {
    if (signal.aborted) return; // the end of all work waits for each run
    cancel = clock.after(deafAfterMs, () => {
      log.error('work does not end although it was told to; others get its place', { key });
      onDeaf();
    });
  };
  try {
    const what = `the work on ${key}`;
    const { requeueAfterMs: afterMs } = await withDeadline(
      clock,
      what,
      runDeadlineMs,
      signal,
      async (both) => {
        both.addEventListener('abort', listen, { once: true });
        return handle(key, both);
      },
    );
    failures.forget(key);
    return {
      outcome: 'done',
      next: afterMs === undefined ? undefined : { afterMs, lane: 'periodic' },
    };
  } catch (error) {
    const outcome = dispositionOf(error, signal);
    return { outcome, next: failures.judge(turn, error, outcome) };
  } finally {
    cancel();
  }
}

function longestRunMs(running: ReadonlyMap<string, Running>, clock: Clock): number {
  const since = [...running.values()].map((run) => run.startedAt);
  return since.length === 0 ? 0 : clock.elapsed() - Math.min(...since);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
