/**
 * One pass over an object that is being deleted: deals with its job as the policy says, then lets
 * the object go. Jobs of others are never touched; a job that cannot be dealt with now is told in a
 * condition and tried again.
 */
import { externalJobFinalizer, orphanOnDeleteAnnotation } from '../../api/annotations.ts';
import { conditionOf } from '../../api/conditions.ts';
import { type DataJob, jobNameOf } from '../../api/data-job.ts';
import { dispositionOf } from '../../platform/errors.ts';
import { act, type Work } from './act.ts';
import { isWithin } from './age.ts';
import { mayComeUntil } from './create-intent.ts';
import { effectivePolicy, planDeletion } from './deletion.ts';
import type { PassDeps } from './deps.ts';
import { desiredState } from './desired.ts';
import { observe } from './observe.ts';
import { ownershipOf } from './ownership.ts';
import { noEffects, type Pass, type Verdict } from './pass.ts';
import { recordedState } from './recorded.ts';

/** Undeploy, delete, see it gone; one more for a service that takes its time to undeploy. */
const roundsMax = 4;

/** What the service removes takes a build's time at most; not gone by then, the call was lost. */
export const removalWithinMs = 5 * 60_000;

/** The finalizer is off when the verdict is `released`, and nobody reads the status any more. */
export async function finish(deps: PassDeps, dataJob: DataJob, signal: AbortSignal): Promise<Pass> {
  const effects = noEffects();
  const pass = (verdict: Verdict): Pass => ({ verdict, actions: [], effects, owned: false });
  if (dataJob.metadata.finalizers?.includes(externalJobFinalizer) !== true) {
    return pass({ kind: 'released' });
  }
  try {
    const leftAlone = whyLeftAlone(dataJob);
    const waitingFor =
      leftAlone === undefined ? await clear(deps, dataJob, effects, signal) : undefined;
    if (waitingFor !== undefined) {
      return pass({ kind: 'deleting', waitingFor, isRemoval: waitingFor === removal });
    }
    await deps.objects.release(dataJob, signal);
    const moved = effects.done.length === 0 ? whyNotFound(deps, dataJob) : undefined;
    return pass({ kind: 'released', leftAlone: leftAlone ?? moved });
  } catch (error) {
    if (dispositionOf(error, signal) === 'cancelled') throw error;
    return pass({ kind: 'failed', error });
  }
}

/** Why this deletion touches nothing, if so. */
function whyLeftAlone({ metadata, spec, status }: DataJob): string | undefined {
  if (metadata.annotations?.[orphanOnDeleteAnnotation] === 'true') {
    return `annotation ${orphanOnDeleteAnnotation}`;
  }
  if (spec.managementPolicy === 'Observe') return 'managementPolicy Observe';
  if (spec.suspend) return 'suspended';
  const policy = effectivePolicy(spec, status?.job?.ownership);
  return policy === 'Orphan' ? 'deletion policy Orphan' : undefined;
}

/** The job was this object's, and is another team's now: people should know that it goes on. */
function whyNotFound({ poll }: PassDeps, dataJob: DataJob): string | undefined {
  const hint = poll.hintOf(jobNameOf(dataJob));
  const team = hint === 'none' ? undefined : hint.row?.config?.team;
  const isMoved = dataJob.status?.job !== undefined && team != null && team !== dataJob.spec.team;
  return isMoved ? `it was moved to team ${team}` : undefined;
}

/** What the deletion still waits for; undefined = it is done. */
async function clear(
  deps: PassDeps,
  dataJob: DataJob,
  effects: Pass['effects'],
  signal: AbortSignal,
): Promise<string | undefined> {
  const desired = desiredState(dataJob, deps.clusterId, '');
  const policy = effectivePolicy(dataJob.spec, dataJob.status?.job?.ownership);
  let isAsked = false;
  let wasSeen = false;
  for (let round = 1; round <= roundsMax; round += 1) {
    const observed = await observe(deps.service, desired, signal);
    if (observed.job === undefined) return lateCreate(deps, dataJob, wasSeen);
    const recorded = recordedState(dataJob, desired, observed, deps.clock.now());
    // A job of others under this name is none of this deletion's business.
    if (ownershipOf(desired, observed.job, recorded).kind !== 'ours') return undefined;
    wasSeen = true;
    isAsked ||= wasAsked(deps, dataJob);
    const pending = isAsked ? 'none' : recorded.pending;
    const actions = planDeletion(policy, observed, { pending });
    if (actions.length === 0) return undefined;
    if (isAsked && actions[0]?.kind === 'undeploy') return removal; // it is still shown
    const seen = { desired, observed, recorded, files: [], isRepair: false };
    const confirm: Work['confirm'] = (...args) => deps.objects.confirm(dataJob, ...args);
    const work = { ...seen, deploymentsInDatabase: false, confirm };
    try {
      await act(deps.service, work, actions, effects, signal);
    } finally {
      deps.poll.touched(desired.jobName);
    }
    if (actions.some(({ kind }) => kind === 'undeploy')) {
      isAsked = true;
      deps.removals.note(dataJob.metadata.uid ?? '', deps.clock.now());
    }
  }
  return removal;
}

const removal = 'Waiting for the service to remove the deployment; the job goes after it.';

/** Nobody would remove the job that comes about after its object is gone. */
function lateCreate(
  { silentCreates, clock }: PassDeps,
  dataJob: DataJob,
  wasSeen: boolean,
): string | undefined {
  const nowMs = clock.now();
  const silentAtMs = silentCreates.lastAt(dataJob.metadata.uid ?? '', nowMs);
  const until = mayComeUntil(dataJob, wasSeen, silentAtMs, nowMs);
  if (until === undefined) return undefined;
  return (
    `A create of the job may still take effect until ${until}; what comes of it is removed. ` +
    `Annotation ${orphanOnDeleteAnnotation}: "true" lets the object go at once.`
  );
}

/** An earlier pass has asked for the removal of the deployment, not too long ago. */
function wasAsked({ removals, clock }: PassDeps, { metadata, status }: DataJob): boolean {
  const nowMs = clock.now();
  if (removals.lastAt(metadata.uid ?? '', nowMs) !== undefined) return true;
  // Of an earlier process. When it was asked for again does not show there.
  const told = conditionOf(status?.conditions, 'Deployed');
  const sinceMs = Date.parse(told?.lastTransitionTime ?? '');
  return told?.reason === 'Deleting' && isWithin(removalWithinMs, sinceMs, nowMs);
}
