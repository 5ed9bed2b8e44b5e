/**
 * The main thread of `run`: it starts the operator in a thread beside it and keeps watch. One that
 * shows no sign of life is blocked by work that never pauses. It is ended and replaced, and the
 * next ones find out whose work it was, so that this one object is left alone and not all of them.
 */

import { backoffMs } from '../kube/backoff.ts';
import type { WorkWatch } from '../operator-watch.ts';
import { type Clock, sleep } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import type { LogFields } from '../platform/log.ts';
import type { Random } from '../platform/random.ts';
import type { StartThread, Thread, ThreadEnd } from '../platform/threads.ts';
import { exitCodes } from './context.ts';
import { beatMs, type FromThread, type Inheritance, stopWord } from './supervised.ts';

export interface SupervisorOptions {
  readonly start: StartThread;
  readonly clock: Clock;
  readonly random: Random;
  /** What went wrong, for the log. */
  readonly tell: (message: string, fields: LogFields) => Promise<void>;
  /** Ends the process with all its threads, whatever they do. */
  readonly abort: () => Promise<unknown>;
  readonly stop: AbortSignal;
}

/** As long as the lease is certain: a thread that was silent for this long leads no more. */
const silentTicksMax = 10_000 / beatMs;
/**
 * A tick that comes later than this found the whole process standing still, stopped or without a
 * processor; the thread could not beat either, so it proves nothing.
 */
const lateTickMs = 2 * beatMs;
/** Ends what cannot be interrupted, like a file system that does not answer, with the process. */
const terminateWithinMs = 5_000;
/**
 * The wait before the next thread, when several were blocked one soon after the other; the first
 * is replaced at once. Kubernetes restarts a pod that does not answer for a minute.
 */
const restarts = { baseMs: 1_000, maxMs: 20_000 };
/** A thread that worked for this long was fine to begin with. */
const soonMs = 5 * 60_000;

type InWork = ReadonlyMap<string, string>;

type End =
  | ({ readonly kind: 'ended' } & ThreadEnd)
  | { readonly kind: 'blocked'; readonly inWork: InWork; readonly begun: ReadonlySet<string> };

/** Until the operator ends or is told to; the result is the exit code. */
export async function supervise(options: SupervisorOptions): Promise<number> {
  const { clock, random, tell, stop } = options;
  const instance = random.uuid();
  let inheritance: Inheritance = { instance, suspects: [], guilty: new Map() };
  for (let blocks = 0; ; ) {
    const startedAt = clock.elapsed();
    const { thread, ended } = watchThread(options, inheritance);
    const end = await ended;
    if (end.kind === 'ended') {
      if (end.error !== undefined) await tell('the operator failed and ends', failure(end.error));
      return end.code;
    }
    const hasEnded = await terminate(thread, clock);
    const inWork = [...end.inWork.keys()];
    if (!hasEnded || stop.aborted) {
      const why = hasEnded ? 'it was told to stop' : 'even its thread cannot be ended';
      await tell(`blocked by work that never pauses; ending, as ${why}`, { inWork });
      if (!hasEnded) await options.abort();
      return exitCodes.differs;
    }
    blocks = clock.elapsed() - startedAt > soonMs ? 1 : blocks + 1;
    const waitMs = blocks === 1 ? 0 : backoffMs(restarts, blocks - 1, random);
    const next = judge(inheritance, end.inWork, end.begun);
    const leftAlone = [...next.guilty.keys()].filter((key) => end.inWork.has(key));
    await tell('blocked by work that never pauses; starting anew', {
      inWork,
      ...(next.guilty === inheritance.guilty ? {} : { leftAlone }),
      restartInMs: Math.round(waitMs),
    });
    inheritance = next;
    await sleep(clock, waitMs, stop).catch(() => {});
    if (stop.aborted) return exitCodes.done;
  }
}

/**
 * Of several in work any may be the one, so each has its turn alone in the next thread. One that
 * blocked a thread by itself, having been in work the time before too, is the one.
 */
function judge(before: Inheritance, inWork: InWork, begun: ReadonlySet<string>): Inheritance {
  const untried = before.suspects.filter((key) => !begun.has(key));
  const [[key, version] = ['', '']] = inWork;
  if (inWork.size === 1 && before.suspects.includes(key)) {
    const mayTell = before.guilty.get(key)?.version !== version;
    const guilty: WorkWatch['guilty'] = new Map(before.guilty).set(key, { version, mayTell });
    return { ...before, suspects: untried, guilty };
  }
  return { ...before, suspects: [...inWork.keys(), ...untried] };
}

function watchThread(
  { start, clock, stop }: SupervisorOptions,
  inheritance: Inheritance,
): { readonly thread: Thread; readonly ended: Promise<End> } {
  const inWork = new Map<string, string>();
  const begun = new Set<string>();
  const { promise: ended, resolve } = Promise.withResolvers<End>();
  let silentTicks = 0;
  const thread = start(inheritance, {
    onMessage(message) {
      silentTicks = 0;
      const said = message as FromThread;
      if (said.kind === 'begins') {
        inWork.set(said.key, said.version);
        if (inheritance.suspects.includes(said.key)) begun.add(said.key);
      }
      if (said.kind === 'ends') inWork.delete(said.key);
    },
    onEnd: (end) => resolve({ kind: 'ended', ...end }),
  });
  let tickedAt = clock.elapsed();
  const tick = () => {
    const isLate = clock.elapsed() - tickedAt > lateTickMs;
    tickedAt = clock.elapsed();
    if (!isLate) silentTicks += 1;
    if (silentTicks >= silentTicksMax) resolve({ kind: 'blocked', inWork, begun });
    else cancel = clock.after(beatMs, tick);
  };
  let cancel = clock.after(beatMs, tick);
  const onStop = () => thread.post(stopWord);
  if (stop.aborted) onStop();
  stop.addEventListener('abort', onStop);
  const done = ended.finally(() => {
    cancel();
    stop.removeEventListener('abort', onStop);
  });
  return { thread, ended: done };
}

/** False = it goes on. */
async function terminate(thread: Thread, clock: Clock): Promise<boolean> {
  const late = new AbortController();
  const patience = sleep(clock, terminateWithinMs, late.signal).then(
    () => false,
    () => true,
  );
  const hasEnded = await Promise.race([thread.terminate().then(() => true), patience]);
  late.abort();
  return hasEnded;
}

function failure(error: unknown): LogFields {
  return { error: messageOf(error), ...(error instanceof Error ? { stack: error.stack } : {}) };
}
