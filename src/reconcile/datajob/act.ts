/**
 * Carries out a plan, one call per action, in its order. Each call can be repeated after a crash:
 * "already gone" succeeds, uploads are idempotent by content, and a create is never repeated blindly
 * (the next pass looks first). What took effect is noted as it happens, so that a failure in the
 * middle loses nothing.
 */
import { isNotFound } from '../../control-service/errors.ts';
import type { SourceFile } from '../../source/files.ts';
import { zipSource } from '../../source/zip.ts';
import { deploymentId, type JobCalls } from './calls.ts';
import type { Action, ActionKind, Desired, Observed, Recorded } from './model.ts';
import { jobBody, releasedJobBody } from './wire.ts';

/** What acting brought about so far; filled while acting. */
export interface Effects {
  readonly done: Action[];
  uploadedVersion?: string;
  /** A deployment call was accepted: the service will show its result later. */
  deploymentRequested: boolean;
}

export interface Work {
  readonly desired: Desired;
  readonly observed: Observed;
  readonly recorded: Recorded;
  readonly files: readonly SourceFile[];
  /** Repairs send no mail to people who changed nothing. */
  readonly isRepair: boolean;
  /**
   * The service keeps deployments in its database, where a first deployment cannot be disabled.
   * undefined = nothing is deployed so far that would tell.
   */
  readonly deploymentsInDatabase: boolean | undefined;
  /** Before each call; throws when the job is no longer ours to write to. */
  readonly confirm: (isFirst: boolean, signal: AbortSignal) => Promise<void>;
}

export async function act(
  service: JobCalls,
  work: Work,
  actions: readonly Action[],
  effects: Effects,
  signal: AbortSignal,
): Promise<void> {
  for (const action of actions) {
    signal.throwIfAborted();
    await work.confirm(effects.done.length === 0, signal);
    await perform(service, work, action.kind, effects, signal);
    effects.done.push(action);
  }
}

async function perform(
  service: JobCalls,
  work: Work,
  kind: ActionKind,
  effects: Effects,
  signal: AbortSignal,
): Promise<void> {
  const { team: teamName, jobName } = work.desired;
  const job = { teamName, jobName };
  switch (kind) {
    case 'createJob':
      await service.dataJobCreate({ ...job, body: jobBody(asSent(work)) }, { signal });
      return;
    case 'uploadSource': {
      const body = zipSource(jobName, work.files);
      const reason = 'Uploaded by datajob-operator';
      const version = await service.sourcesUpload({ ...job, reason, body }, { signal });
      effects.uploadedVersion = version.version_sha;
      return;
    }
    case 'updateJob':
      await service.dataJobUpdate({ ...job, body: jobBody(asSent(work)) }, { signal });
      return;
    case 'deploy':
      await service.deploymentUpdate(
        { ...job, sendNotification: !work.isRepair, body: deploymentBody(work, effects) },
        { signal },
      );
      effects.deploymentRequested = true;
      return;
    case 'patchDeployment':
      await service.deploymentPatch(
        { ...job, deploymentId, body: inForce(work.desired) },
        { signal },
      );
      effects.deploymentRequested = true;
      return;
    case 'undeploy':
      await goneIsFine(service.deploymentDelete({ ...job, deploymentId }, { signal }));
      return;
    case 'releaseJob':
      await goneIsFine(
        service.dataJobUpdate({ ...job, body: releasedJobBody(work.desired) }, { signal }),
      );
      return;
    case 'deleteJob':
      await goneIsFine(service.dataJobDelete(job, { signal }));
      return;
    default:
      kind satisfies never;
  }
}

function deploymentBody(work: Work, effects: Effects) {
  const { desired, recorded, observed } = work;
  const version = effects.uploadedVersion ?? recorded.source?.jobVersion;
  const python =
    desired.pythonVersion === undefined ? {} : { python_version: desired.pythonVersion };
  const first = observed.deployment === undefined;
  // A database never carries out a first deployment that is disabled: it goes in enabled with no
  // schedule, so that nothing runs, and the next pass disables it.
  const settings =
    first && !desired.enabled && (work.deploymentsInDatabase || isAsleep(work))
      ? { enabled: true, schedule: { schedule_cron: '' } }
      : inForce(desired);
  return { job_version: version, ...python, ...settings };
}

/**
 * Kubernetes takes the schedule from the job itself. While it is not known who keeps deployments, a
 * job whose first one has to go in enabled therefore has no schedule until that has been seen.
 */
function isAsleep({ desired, observed, deploymentsInDatabase }: Work): boolean {
  return (
    !desired.enabled &&
    deploymentsInDatabase === undefined &&
    observed.deployment === undefined &&
    (observed.job === undefined || observed.job.config.schedule === '')
  );
}

function asSent(work: Work): Desired {
  const { desired } = work;
  return isAsleep(work) ? { ...desired, config: { ...desired.config, schedule: '' } } : desired;
}

/** Always both: a service that does not get one of them puts in its own (traps 8 and 31). */
function inForce({ enabled, config }: Desired) {
  return { enabled, schedule: { schedule_cron: config.schedule } };
}

async function goneIsFine(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
