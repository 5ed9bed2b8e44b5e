/** Reads back from an object's status what earlier passes left there. Pure. */
import type { DataJob } from '../../api/data-job.ts';
import type { Desired, Observed, Recorded } from './model.ts';
import { type OpenCall, pendingOf } from './pending.ts';

export function recordedState(
  { status }: DataJob,
  desired: Desired,
  observed: Observed,
  nowMs: number,
): Recorded {
  const call = openCallOf(status);
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
