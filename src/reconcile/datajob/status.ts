/**
 * What an object says of itself after a pass. Pure: from the object, the pass and the time to the
 * next status. Nothing moves by itself in it, so equal findings give an equal status and no write.
 */

import { reconcileRequestOf } from '../../api/annotations.ts';
import { type DataJob, type DataJobStatus, jobNameOf } from '../../api/data-job.ts';
import { pendingChangesMax } from '../../api/data-job-status.ts';
import { dispositionOf } from '../../platform/errors.ts';
import { shortDigest } from '../../source/digest.ts';
import { conditionsAfter } from './conditions.ts';
import { configDigest } from './config-digest.ts';
import { effectivePolicy } from './deletion.ts';
import type { Action } from './model.ts';
import type { Pass } from './pass.ts';
import { isSentAgain } from './recorded.ts';
import { shortVersion, shownValue } from './text.ts';

export function nextStatus(dataJob: DataJob, pass: Pass, nowMs: number): DataJobStatus {
  const before = dataJob.status;
  const status: DataJobStatus = {
    ...before,
    observedGeneration: generationAfter(dataJob, pass),
    conditions: conditionsAfter(dataJob, pass, nowMs),
    job: jobAfter(dataJob, pass),
    source: sourceAfter(before?.source, pass),
    deployment: deploymentAfter(dataJob, pass, nowMs),
    pendingChanges: pendingAfter(dataJob, pass),
    lastHandledReconcileAt: tokenAfter(dataJob, pass),
  };
  return status;
}

/** A suspended spec was read and not dealt with: tools that compare generations have to see that. */
function generationAfter({ metadata, status }: DataJob, { verdict }: Pass): number {
  if (verdict.kind === 'suspended') return status?.observedGeneration ?? -1;
  return metadata.generation ?? 0;
}

function jobAfter(dataJob: DataJob, { owned }: Pass): DataJobStatus['job'] {
  const before = dataJob.status?.job;
  if (!owned && before === undefined) return undefined;
  const ownership = before?.ownership ?? 'Created';
  return {
    ...before,
    name: jobNameOf(dataJob),
    team: dataJob.spec.team,
    ownership,
    effectiveDeletionPolicy: effectivePolicy(dataJob.spec, ownership),
  };
}

function sourceAfter(
  before: DataJobStatus['source'],
  { source, effects }: Pass,
): DataJobStatus['source'] {
  if (source === undefined) return before;
  const { revision, digest } = source;
  const uploaded =
    effects.uploadedVersion === undefined
      ? before
      : { digest, jobVersion: effects.uploadedVersion, appliedRevision: shortDigest(digest) };
  // Only a revision whose content the digest speaks of: the next pass does not read it again.
  return uploaded?.digest === digest && revision !== undefined
    ? { ...uploaded, attemptedRevision: revision }
    : uploaded;
}

/** As the schema of the status allows: what others deployed may be of any length. */
const textMax = 100;
const pythonVersionMax = 20;

function cut<T extends string | undefined>(text: T, charsMax = textMax) {
  return text?.slice(0, charsMax) as T;
}

type Deployment = NonNullable<DataJobStatus['deployment']>;

function deploymentAfter(dataJob: DataJob, pass: Pass, nowMs: number): Deployment | undefined {
  const before = dataJob.status?.deployment;
  const { desired, observed, recorded, effects } = pass;
  if (desired === undefined || observed === undefined) return before; // nothing was seen
  const call = effects.deploymentRequested
    ? {
        requestedAt: new Date(nowMs).toISOString(),
        attempts: isSentAgain(dataJob, recorded, pass.actions) ? (before?.attempts ?? 1) + 1 : 1,
        configDigest: configDigest(desired),
      }
    : {
        ...(recorded?.pending === 'none'
          ? {}
          : { requestedAt: before?.requestedAt, attempts: before?.attempts }),
        configDigest: isStillInForce(pass) ? before?.configDigest : undefined,
      };
  const seen = observed.deployment;
  if (seen === undefined) {
    // An open call is known by the date that it has to move, also while nothing is shown.
    const dateBefore = call.requestedAt === undefined ? undefined : before?.lastDeployedDate;
    const left = { lastDeployedDate: dateBefore, ...call };
    return anyDefined(left) ? left : undefined;
  }
  const inSync = pass.verdict.kind === 'inSync';
  return {
    jobVersion: cut(seen.jobVersion),
    shortVersion: shortVersion(seen.jobVersion),
    enabled: seen.enabled,
    // Where the service does not show it, a call of ours that was carried out is the evidence.
    schedule: cut(seen.schedule ?? (inSync ? desired.config.schedule : before?.schedule)),
    pythonVersion: cut(seen.pythonVersion, pythonVersionMax),
    vdkVersion: cut(seen.vdkVersion),
    lastDeployedDate: seen.lastDeployedDate,
    lastDeployedBy: cut(seen.lastDeployedBy),
    ...call,
  };
}

/**
 * What our last call took along is not in force any more once somebody else deployed, or once the
 * job was written and the call that has to follow did not come about.
 */
function isStillInForce({ observed, recorded, effects }: Pass): boolean {
  if (effects.done.some(({ kind }) => kind === 'updateJob')) return false;
  if (recorded === undefined || recorded.pending !== 'none') return true;
  return observed?.deployment?.lastDeployedDate === recorded.lastDeployedDate;
}

function pendingAfter({ metadata, status }: DataJob, { verdict }: Pass) {
  const isOfThis = status?.observedGeneration === metadata.generation;
  if (verdict.kind === 'failed' && isOfThis) return status?.pendingChanges; // nothing newer is known
  if (verdict.kind !== 'observed' || verdict.planned.length === 0) return undefined;
  return verdict.planned.flatMap(shownChanges).slice(0, pendingChangesMax);
}

function shownChanges({ kind, changes }: Action) {
  return changes.map(({ path, from, to }) => ({
    action: kind,
    path,
    ...(from === undefined ? {} : { from: shownValue(from) }),
    ...(to === undefined ? {} : { to: shownValue(to) }),
  }));
}

/** A request is handled when a pass came to a verdict of its own, good or bad. */
function tokenAfter(dataJob: DataJob, { verdict }: Pass): string | undefined {
  const before = dataJob.status?.lastHandledReconcileAt;
  const isOpen = verdict.kind === 'failed' && dispositionOf(verdict.error) !== 'terminal';
  if (verdict.kind === 'suspended' || isOpen) return before;
  return reconcileRequestOf(dataJob.metadata.annotations) ?? before;
}

function anyDefined(record: object): boolean {
  return Object.values(record).some((value) => value !== undefined);
}
