/**
 * Tells people what happened to an object, as events.k8s.io/v1. The same thing again is counted
 * in the event that is there already. Recording never waits and never fails: when the API server
 * does not take events, or there are too many, they are dropped and counted.
 */
import { type Clock, sleep } from '../platform/clock.ts';
import { dispositionOf, messageOf, OperatorError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import type { Random } from '../platform/random.ts';
import { abortable } from './abortable.ts';
import { type Backoff, backoffMs } from './backoff.ts';
import type { KubeClient } from './client.ts';
import { isNamespaceEnding, isNotFound, KubeError } from './errors.ts';
import { type EventNote, eventOf, microTime } from './event-body.ts';
import type { ObjectName, ResourceType } from './object.ts';

export interface EventRecorderOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Who reports, as a name that Kubernetes accepts. */
  readonly controller: string;
  /** Which of several that report; the controller's name without one. */
  readonly instance?: string;
}

export interface EventRecorder {
  record(note: EventNote): void;
  /** Writes what is recorded until `signal` is aborted; what then still waits is dropped. */
  run(signal: AbortSignal): Promise<void>;
  readonly dropped: number;
}

const eventType: ResourceType = {
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
};

/** The same event within this time is the same series; it is what client-go takes. */
const seriesWindowMs = 6 * 60_000;
/** How often a series that goes on is written: people look at minutes. */
const seriesWriteMs = 60_000;
/** Remembered for counting; the oldest is forgotten, and would begin a new series. */
const seriesMax = 2_000;
/** Waiting to be written; more than this in one go is a flood that nobody reads. */
const queueMax = 500;
const attemptsMax = 3;
/** Of an object's name in an event's: both may have 253 characters. */
const nameMaxChars = 200;
const backoff: Backoff = { baseMs: 2_000, maxMs: 10_000 };

interface Series {
  readonly key: string;
  readonly note: EventNote;
  readonly startedAt: number;
  count: number;
  /** On the wall clock, as all times in an event. */
  seenAt: number;
  /** Of the event that is there, once it is. */
  name: ObjectName | undefined;
  writtenAt: number;
  /** Whether it waits to be written, now or later. */
  isDue: boolean;
}

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { clock, log } = options;
  const known = new Map<string, Series>();
  const queue: Series[] = [];
  const timers = new Set<() => void>();
  let dropped = 0;
  let wake = () => {};

  const drop = (why: string, { note }: Series) => {
    dropped += 1;
    log[dropped === 1 ? 'warn' : 'debug']('an event was dropped', { reason: note.reason, why });
  };
  const enqueue = (series: Series) => {
    if (queue.length >= queueMax) {
      series.isDue = false;
      drop('too many events at once', series);
      return;
    }
    queue.push(series);
    wake();
  };
  const schedule = (series: Series) => {
    if (series.isDue) return;
    series.isDue = true;
    const waitMs =
      series.name === undefined ? 0 : series.writtenAt + seriesWriteMs - clock.elapsed();
    if (waitMs <= 0) {
      enqueue(series);
      return;
    }
    const cancel = clock.after(waitMs, () => {
      timers.delete(cancel);
      enqueue(series);
    });
    timers.add(cancel);
  };

  return {
    get dropped() {
      return dropped;
    },
    record: (note) => schedule(counted(known, note, clock.now())),
    async run(signal) {
      while (!signal.aborted) {
        const series = queue.shift();
        if (series === undefined) {
          const news = new Promise<void>((resolve) => {
            wake = resolve;
          });
          await abortable(signal, news).catch(() => {});
          continue;
        }
        series.isDue = false;
        const problem = await write(options, series, signal);
        series.writtenAt = clock.elapsed();
        // Nobody looks for news in a namespace that is being deleted.
        if (isNamespaceEnding(problem)) log.debug('an event had no namespace any more');
        else if (problem !== undefined && !signal.aborted) drop(messageOf(problem), series);
      }
      for (const cancel of timers) cancel();
    },
  };
}

/** The series that the note belongs to, one longer. */
function counted(known: Map<string, Series>, note: EventNote, nowMs: number): Series {
  const { metadata } = note.regarding;
  const about = metadata.uid ?? `${metadata.namespace}/${metadata.name}`;
  const key = JSON.stringify([about, note.type, note.reason, note.action, note.note]);
  const before = known.get(key);
  known.delete(key); // and back at the end: the first is always the one not seen for longest
  const isSame = before !== undefined && nowMs - before.seenAt < seriesWindowMs;
  const series: Series = isSame
    ? before
    : {
        key,
        note,
        startedAt: nowMs,
        count: 0,
        seenAt: 0,
        name: undefined,
        writtenAt: 0,
        isDue: false,
      };
  series.count += 1;
  series.seenAt = nowMs;
  known.set(key, series);
  const [oldest] = known.keys();
  if (known.size > seriesMax && oldest !== undefined) known.delete(oldest);
  return series;
}

/** Returns what made it impossible, if anything did. */
async function write(
  options: EventRecorderOptions,
  series: Series,
  signal: AbortSignal,
): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await writeOnce(options, series, signal);
      return undefined;
    } catch (error) {
      if (attempt === attemptsMax || !isWorthRepeating(error, signal)) return error;
      const askedMs = error instanceof OperatorError ? (error.retryAfterMs ?? 0) : 0;
      const waitMs = Math.max(askedMs, backoffMs(backoff, attempt, options.random));
      await sleep(options.clock, waitMs, signal).catch(() => {});
    }
  }
}

/** A missing permission or a namespace that is going away will not have changed in seconds. */
function isWorthRepeating(error: unknown, signal: AbortSignal): boolean {
  const isRefused = error instanceof KubeError && (error.status === 403 || error.status === 404);
  return dispositionOf(error, signal) === 'transient' && !isRefused;
}

async function writeOnce(
  { client, clock, random, controller, instance }: EventRecorderOptions,
  series: Series,
  signal: AbortSignal,
): Promise<void> {
  const { note, count, name } = series;
  const counting = { series: { count, lastObservedTime: microTime(series.seenAt) } };
  if (name !== undefined) {
    try {
      await client.patch(eventType, name, { kind: 'merge', body: counting }, signal);
      return;
    } catch (error) {
      // The API server forgets events after an hour.
      if (!isNotFound(error)) throw error;
    }
  }
  const event = {
    ...eventOf(note, series.startedAt, controller, instance ?? controller),
    metadata: {
      // The end makes it unique, the time makes names sort as the events did.
      name: `${note.regarding.metadata.name.slice(0, nameMaxChars)}.${clock.now().toString(16)}${random.hex(4)}`,
      namespace: note.regarding.metadata.namespace ?? 'default',
    },
    ...(count > 1 ? counting : {}),
  };
  await client.create(eventType, event, signal);
  series.name = event.metadata;
}
