/**
 * The reconciler of data jobs. Level-driven: it is told which object, never what happened to it.
 * Looks, acts, writes the status once and last, and says when to look again.
 */
import { reconcileRequestOf } from '../../api/annotations.ts';
import type { DataJob } from '../../api/data-job.ts';
import { parseDuration } from '../../api/duration.ts';
import type { WorkResult } from '../../kube/workqueue.ts';
import { dispositionOf, messageOf, OperatorError } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { jittered } from '../../platform/random.ts';
import { bring, nothingFound } from './bring.ts';
import type { PassDeps } from './deps.ts';
import { finish } from './finish.ts';
import { notesOf } from './narrate.ts';
import type { DataJobObjects } from './objects.ts';
import type { Pass } from './pass.ts';
import { deploymentTimeoutMs } from './pending.ts';
import { isSent, openCallOf } from './recorded.ts';
import { nextStatus } from './status.ts';

export interface ReconcilerDeps extends PassDeps {
  /** The newest object known, own writes included. */
  readonly get: (key: string) => DataJob | undefined;
  readonly log: Log;
  /** Why an object is not worked on at all, if so. */
  readonly objectionTo: (key: string) => OperatorError | undefined;
}

export interface Reconciler {
  reconcile(key: string, signal: AbortSignal): Promise<WorkResult>;
}

/** In logs, beside the object's name. */
const controller = 'datajob';

/** Spreads the checks of objects that were applied together. */
const intervalJitter = 0.1;

/** A shorter interval would keep the service busy with this one object. */
const intervalMinMs = 10_000;

/** How soon what is not as it should be is looked at again where the interval says never. */
const recheckMs = 10 * 60_000;

/** When a deletion looks again for what a service removes in its own time: later as it takes longer. */
const deletionRecheck = { firstMs: 5_000, maxMs: 60_000, partOfAge: 0.1 };

export function createReconciler(deps: ReconcilerDeps): Reconciler {
  /** When every field of an object was last read, on the monotonic clock. */
  const lookedAt = new Map<string, number>();
  /** What passes did at the service and the API server did not take down yet. */
  const owed = new Map<string, Entry>();
  const { clock } = deps;

  const mayTrustRow = (key: string, dataJob: DataJob): boolean => {
    const { metadata, status } = dataJob;
    if (!isSent(dataJob)) return false;
    const token = reconcileRequestOf(metadata.annotations);
    if (token !== undefined && token !== status?.lastHandledReconcileAt) return false;
    if (deps.poll.deploymentsInDatabase && openCallOf(status) !== undefined) return false;
    const never = openCallOf(status) === undefined ? Number.POSITIVE_INFINITY : recheckMs;
    // After a restart the age of the last look is unknown: the next interval tells, not a storm.
    const since = lookedAt.get(key) ?? clock.elapsed();
    lookedAt.set(key, since);
    return clock.elapsed() - since < (intervalOf(dataJob) ?? never) * (1 - intervalJitter);
  };

  /** Nothing more is done for an object before what was done is noted: it would be done again. */
  const settle = async (key: string, signal: AbortSignal) => {
    const entry = owed.get(key);
    const dataJob = deps.get(key);
    if (entry !== undefined && dataJob !== undefined && dataJob.metadata.uid === entry.uid) {
      await entry.write(dataJob, signal);
    }
    owed.delete(key);
  };

  /** Status, events, and when to look again. Throws the failure again, once the status tells it. */
  const conclude = async (
    key: string,
    before: DataJob,
    current: DataJob,
    pass: Pass,
    signal: AbortSignal,
  ): Promise<WorkResult> => {
    const nowMs = clock.now();
    tellLog(deps.log, before, pass);
    const entry = entryOf(deps, before, current, pass, nowMs);
    try {
      await entry.write(current, signal);
    } catch (error) {
      if (pass.effects.done.length > 0) owed.set(key, entry);
      throw withWishOf(pass, error);
    }
    return again(deps, before, pass, nowMs);
  };

  return {
    async reconcile(key, signal) {
      await settle(key, signal);
      const dataJob = deps.get(key);
      if (dataJob === undefined) {
        lookedAt.delete(key);
        return {};
      }
      const error = deps.objectionTo(key);
      if (error !== undefined) {
        const pass: Pass = { ...nothingFound(), verdict: { kind: 'failed', error } };
        return await conclude(key, dataJob, dataJob, pass, signal);
      }
      if (dataJob.metadata.deletionTimestamp !== undefined) {
        const pass = await finish(deps, dataJob, signal);
        return await conclude(key, dataJob, dataJob, pass, signal);
      }
      const brought = await bring(deps, dataJob, mayTrustRow(key, dataJob), signal);
      if (brought.looked) lookedAt.set(key, clock.elapsed());
      return await conclude(key, dataJob, brought.dataJob, brought.pass, signal);
    },
  };
}

/** What a pass has to tell: in the object's status, and then in events. */
interface Entry {
  readonly uid: string | undefined;
  write(current: DataJob, signal: AbortSignal): Promise<void>;
}

function entryOf(
  { objects, tell }: ReconcilerDeps,
  before: DataJob,
  current: DataJob,
  pass: Pass,
  nowMs: number,
): Entry {
  // The pass speaks of the manifest it has seen, even if the object has moved on meanwhile.
  const { spec, metadata } = before;
  const statusOf = (now: DataJob) => nextStatus({ ...now, spec, metadata }, pass, nowMs);
  const after = needsStatus(pass) ? statusOf(current) : undefined;
  const notes = notesOf(before, pass, after);
  return {
    uid: metadata.uid,
    async write(now, signal) {
      if (after !== undefined) await tellStatus(objects, now, statusOf, signal);
      for (const note of notes) tell(before, note);
    },
  };
}

/** A status that was refused is told nowhere else: giving up would leave the object as it is for good. */
async function tellStatus(
  objects: DataJobObjects,
  current: DataJob,
  statusOf: Parameters<DataJobObjects['writeStatus']>[1],
  signal: AbortSignal,
): Promise<void> {
  try {
    await objects.writeStatus(current, statusOf, signal);
  } catch (error) {
    if (dispositionOf(error, signal) !== 'terminal') throw error;
    throw new OperatorError('transient', 'ProgressingWithRetry', messageOf(error), {
      cause: error,
    });
  }
}

/** That the service asked to be left alone holds, even if the status cannot tell it. */
function withWishOf({ verdict }: Pass, error: unknown): unknown {
  const cause = verdict.kind === 'failed' ? verdict.error : undefined;
  const retryAfterMs = cause instanceof OperatorError ? cause.retryAfterMs : undefined;
  if (retryAfterMs === undefined) return error;
  return new OperatorError('transient', 'RateLimited', messageOf(error), { cause, retryAfterMs });
}

/** Not an object that is gone, nor one that is looked at again at once. */
function needsStatus({ verdict }: Pass): boolean {
  if (verdict.kind === 'released') return false;
  return verdict.kind !== 'failed' || dispositionOf(verdict.error) !== 'conflict';
}

/** What was done and what came of it; a pass that did nothing says nothing. Failures are the queue's. */
function tellLog(log: Log, { metadata }: DataJob, { effects, verdict }: Pass): void {
  if (effects.done.length === 0) return;
  const { namespace, name, generation } = metadata;
  const actions = effects.done.map(({ kind }) => kind);
  log.info('acted', { controller, namespace, name, generation, actions, verdict: verdict.kind });
}

/** undefined = never. */
function intervalOf({ spec }: DataJob): number | undefined {
  const intervalMs = parseDuration(spec.interval) ?? 0;
  return intervalMs === 0 ? undefined : Math.max(intervalMs, intervalMinMs);
}

function again(deps: ReconcilerDeps, dataJob: DataJob, pass: Pass, nowMs: number): WorkResult {
  const { verdict } = pass;
  const intervalMs = intervalOf(dataJob);
  const spread = (ms: number) => jittered(deps.random, ms, intervalJitter);
  switch (verdict.kind) {
    case 'inSync':
    case 'observed':
      return intervalMs === undefined ? {} : { requeueAfterMs: spread(intervalMs) };
    case 'suspended':
    case 'released':
      return {};
    case 'deleting':
      return { requeueAfterMs: deletionRecheckMs(dataJob, nowMs) };
    case 'waiting': {
      // The bulk poll wakes it when the service shows something; this is for when that never comes.
      const before = pass.effects.deploymentRequested ? undefined : openCallOf(dataJob.status);
      const requestedAtMs = before?.requestedAtMs ?? nowMs;
      const expiresInMs = Math.max(requestedAtMs + deploymentTimeoutMs - nowMs, 0) + 1_000;
      return { requeueAfterMs: Math.min(expiresInMs, spread(intervalMs ?? recheckMs)) };
    }
    case 'failed':
      // Its cause may be gone without a word to us: credentials, rights, a webhook's opinion.
      if (dispositionOf(verdict.error) !== 'terminal') throw verdict.error;
      return { requeueAfterMs: spread(intervalMs ?? recheckMs) };
    default:
      return verdict satisfies never;
  }
}

function deletionRecheckMs({ metadata }: DataJob, nowMs: number): number {
  const { firstMs, maxMs, partOfAge } = deletionRecheck;
  const ageMs = nowMs - Date.parse(metadata.deletionTimestamp ?? '');
  return Math.min(maxMs, Math.max(firstMs, ageMs * partOfAge));
}
