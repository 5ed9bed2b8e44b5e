/**
 * Whether a deployment call of ours is still open. The service answers 202 and never says how it
 * ended: what tells is a date that moved, or, where the date need not move, that all it shows is as wanted.
 */
import { isWithin } from './age.ts';
import type { Desired, Observed, ObservedDeployment, Recorded } from './model.ts';

/**
 * How long a deployment may take to appear. A normal build takes minutes, but a failing one is
 * noticed by the service only after its own half hour.
 */
export const deploymentTimeoutMs = 45 * 60_000;

/** Sends of one deployment after the first, before a person has to look. */
export const deploymentRetries = 2;

/** An open call, as the status keeps it. */
export interface OpenCall {
  readonly requestedAtMs: number;
  /** `lastDeployedDate` as it was before the call. */
  readonly dateBefore?: string | undefined;
}

/** `isCurrent`: the manifest has not changed since the call. */
export function pendingOf(
  call: (OpenCall & { readonly isCurrent: boolean }) | undefined,
  desired: Pick<Desired, 'enabled' | 'pythonVersion' | 'config'>,
  observed: Observed,
  wantedVersion: string | undefined,
  nowMs: number,
): Recorded['pending'] {
  if (call === undefined || observed.job === undefined) return 'none';
  const { deployment } = observed;
  if (deployment !== undefined) {
    if (deployment.lastDeployedDate !== call.dateBefore) return 'none';
    // A database takes the next call at any time, and the last one wins. Whether one that belongs
    // to an older manifest was carried out may never show.
    const isDone = !call.isCurrent || asWanted(desired, deployment, wantedVersion);
    if (!deployment.dateMovesOnEveryCall && isDone) return 'none';
  }
  return isOverdue(call, nowMs) ? 'expired' : 'waiting';
}

/** Longer than we wait. */
export function isOverdue({ requestedAtMs }: OpenCall, nowMs: number): boolean {
  return !isWithin(deploymentTimeoutMs, requestedAtMs, nowMs);
}

function asWanted(
  desired: Pick<Desired, 'enabled' | 'pythonVersion' | 'config'>,
  deployment: ObservedDeployment,
  wantedVersion: string | undefined,
): boolean {
  return (
    deployment.jobVersion === wantedVersion &&
    deployment.enabled === desired.enabled &&
    deployment.schedule === desired.config.schedule &&
    (desired.pythonVersion === undefined || deployment.pythonVersion === desired.pythonVersion)
  );
}
