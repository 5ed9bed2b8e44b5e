/** Reads back from an object's status what earlier passes left there. Pure. */
import { conditionOf } from '../../api/conditions.ts';
import type { DataJob } from '../../api/data-job.ts';
import type { Action, Desired, Observed, Recorded } from './model.ts';
import { isOverdue, type OpenCall, pendingOf } from './pending.ts';

export function recordedState(
  dataJob: DataJob,
  desired: Desired,
  observed: Observed,
  nowMs: number,
): Recorded {
  const { status } = dataJob;
  const open = openCallOf(status);
  const call = open && { ...open, isCurrent: isSent(dataJob) };
  const pending = pendingOf(call, desired, observed, status?.source?.jobVersion, nowMs);
  // A call of ours that has landed is why the date moved: no hand of others is behind that.
  const landed = call !== undefined && pending === 'none';
  const digest = status?.source?.digest;
  const jobVersion = status?.source?.jobVersion;
  return {
    ownership: status?.job?.ownership,
    source: digest === undefined || jobVersion === undefined ? undefined : { digest, jobVersion },
    configDigest: status?.deployment?.configDigest,
    lastDeployedDate: landed
      ? observed.deployment?.lastDeployedDate
      : status?.deployment?.lastDeployedDate,
    pending,
  };
}

/** The deployment call that the service has yet to carry out, if the last pass left one. */
export function openCallOf(status: DataJob['status']): OpenCall | undefined {
  const requestedAt = status?.deployment?.requestedAt;
  if (requestedAt === undefined) return undefined;
  return {
    requestedAtMs: Date.parse(requestedAt),
    dateBefore: status?.deployment?.lastDeployedDate,
  };
}

/** Whether a deployment call may be carried out any moment, so that looking often pays. */
export function isAwaited(status: DataJob['status'], nowMs: number): boolean {
  const call = openCallOf(status);
  return call !== undefined && !isOverdue(call, nowMs);
}

/** Whether all that this generation asks for has been sent to the service. */
export function isSent({ metadata, status }: DataJob): boolean {
  const synced = conditionOf(status?.conditions, 'Synced');
  return synced?.status === 'True' && synced.observedGeneration === metadata.generation;
}

/** Whether a plan sends an expired call once more, and nothing that was not in it. */
export function isSentAgain(
  dataJob: DataJob,
  recorded: Recorded | undefined,
  actions: readonly Action[],
): boolean {
  return recorded?.pending === 'expired' && isSent(dataJob) && !bringsNewSource(actions);
}

/**
 * Whether all of this generation was seen in force: then it is others who changed what is not so
 * any more. Kept over failed attempts to undo it.
 */
export function wasInForce({ metadata, status }: DataJob): boolean {
  const deployed = conditionOf(status?.conditions, 'Deployed');
  return (
    (deployed?.status === 'True' || deployed?.reason === 'NotDeployed') &&
    deployed.observedGeneration === metadata.generation
  );
}

/** Files that are others than before. */
export function bringsNewSource(actions: readonly Action[]): boolean {
  return actions.some(
    ({ kind, changes }) =>
      kind === 'uploadSource' && changes.some(({ from }) => from !== undefined),
  );
}
