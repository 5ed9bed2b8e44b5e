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
import { bring } from './bring.ts';
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
}

export interface Reconciler {
  reconcile(key: string, signal: AbortSignal): Promise<WorkResult>;
}

/** In logs, beside the object's name. */
const controller = 'datajob';

/** Spreads the checks of objects that were applied together. */
const intervalJitter = 0.1;

/** How soon a deletion looks again for what a service removes in its own time. */
const deletionRecheckMs = 5_000;

export function createReconciler(deps: ReconcilerDeps): Reconciler {
  /** When every field of an object was last read, on the monotonic clock. */
  const lookedAt = new Map<string, number>();
  const { clock } = deps;

  const mayTrustRow = (key: string, dataJob: DataJob): boolean => {
    const { metadata, spec, status } = dataJob;
    if (!isSent(dataJob)) return false;
    const token = reconcileRequestOf(metadata.annotations);
    if (token !== undefined && token !== status?.lastHandledReconcileAt) return false;
    if (deps.poll.deploymentsInDatabase && openCallOf(status) !== undefined) return false;
    const intervalMs = parseDuration(spec.interval) ?? 0;
    // After a restart the age of the last look is unknown: the next interval tells, not a storm.
    const since = lookedAt.get(key) ?? clock.elapsed();
    lookedAt.set(key, since);
    return intervalMs === 0 || clock.elapsed() - since < intervalMs * (1 - intervalJitter);
  };

  return {
    async reconcile(key, signal) {
      const dataJob = deps.get(key);
      if (dataJob === undefined) {
        lookedAt.delete(key);
        return {};
      }
      if (dataJob.metadata.deletionTimestamp !== undefined) {
        const pass = await finish(deps, dataJob, signal);
        return await conclude(deps, dataJob, dataJob, pass, signal);
      }
      const brought = await bring(deps, dataJob, mayTrustRow(key, dataJob), signal);
      if (brought.looked) lookedAt.set(key, clock.elapsed());
      return await conclude(deps, dataJob, brought.dataJob, brought.pass, signal);
    },
  };
}

/** Status, events, and when to look again. Throws the failure again, now that the status tells it. */
async function conclude(
  deps: ReconcilerDeps,
  before: DataJob,
  current: DataJob,
  pass: Pass,
  signal: AbortSignal,
): Promise<WorkResult> {
  const nowMs = deps.clock.now();
  // The pass speaks of the generation it has seen, even if the object has moved on meanwhile.
  const { generation } = before.metadata;
  const statusOf = (now: DataJob) =>
    nextStatus(
      { ...now, spec: before.spec, metadata: { ...now.metadata, generation } },
      pass,
      nowMs,
    );
  tellLog(deps.log, before, pass);
  const after = needsStatus(pass) ? statusOf(current) : undefined;
  const notes = notesOf(before, pass, after);
  if (after !== undefined) await tellStatus(deps, current, statusOf, signal);
  for (const note of notes) deps.tell(before, note);
  return again(deps, before, pass, nowMs);
}

/** A status that was refused is told nowhere else: giving up would leave the object as it is for good. */
async function tellStatus(
  { objects }: ReconcilerDeps,
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

function again(deps: ReconcilerDeps, dataJob: DataJob, pass: Pass, nowMs: number): WorkResult {
  const { verdict } = pass;
  const intervalMs = parseDuration(dataJob.spec.interval) ?? 0;
  const checked =
    intervalMs === 0 ? {} : { requeueAfterMs: jittered(deps.random, intervalMs, intervalJitter) };
  switch (verdict.kind) {
    case 'inSync':
    case 'observed':
      return checked;
    case 'suspended':
    case 'released':
      return {};
    case 'deleting':
      return { requeueAfterMs: deletionRecheckMs };
    case 'waiting': {
      // The bulk poll wakes it when the service shows something; this is for when it never does.
      const before = pass.effects.deploymentRequested ? undefined : openCallOf(dataJob.status);
      const requestedAtMs = before?.requestedAtMs ?? nowMs;
      return { requeueAfterMs: Math.max(requestedAtMs + deploymentTimeoutMs - nowMs, 0) + 1_000 };
    }
    case 'failed':
      if (dispositionOf(verdict.error) === 'terminal') return checked;
      throw verdict.error;
    default:
      return verdict satisfies never;
  }
}
