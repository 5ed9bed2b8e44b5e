/**
 * One pass over an object that is to exist: observe, plan, act. Reads as a sequence; what to do is
 * decided in plan.ts and ownership.ts. Never throws for what can go wrong at the service: that is a
 * verdict, so that the status can tell it.
 */
import { externalJobFinalizer } from '../../api/annotations.ts';
import { cronProblem } from '../../api/cron.ts';
import { type DataJob, jobNameOf } from '../../api/data-job.ts';
import { hasReason } from '../../control-service/errors.ts';
import { dispositionOf, OperatorError } from '../../platform/errors.ts';
import { act, type Work } from './act.ts';
import { configDigest } from './config-digest.ts';
import type { PassDeps } from './deps.ts';
import { desiredState } from './desired.ts';
import { sameObject } from './marker.ts';
import type { Action, Desired, Observed, Recorded } from './model.ts';
import { isRepair } from './narrate.ts';
import { observe, observedInRow } from './observe.ts';
import { nameConflict, type Ownership, ownershipOf, resourceConflict } from './ownership.ts';
import { noEffects, type Pass, type Source, type SourceContent, type Verdict } from './pass.ts';
import { deploymentRetries } from './pending.ts';
import { plan } from './plan.ts';
import { isSentAgain, openCallOf, recordedState } from './recorded.ts';
import { sourceOf } from './source.ts';
import { jobOfRow } from './wire.ts';

export interface Brought {
  /** As last written. */
  readonly dataJob: DataJob;
  readonly pass: Pass;
  /** Every field was read, not only those of the bulk row. */
  readonly looked: boolean;
}

export type Findings = { -readonly [K in keyof Omit<Pass, 'verdict'>]: Pass[K] };

/** What looking needs; it writes nothing anywhere. */
export type LookDeps = Pick<
  PassDeps,
  'service' | 'configMaps' | 'olderHolderOf' | 'isHere' | 'clusterId' | 'clock'
> & { readonly poll: Pick<PassDeps['poll'], 'hintOf'> };

export function nothingFound(): Findings {
  return { actions: [], effects: noEffects(), owned: false };
}

/** `mayTrustRow`: earlier passes have seen every field, so that the bulk row can vouch for the rest. */
export async function bring(
  deps: PassDeps,
  start: DataJob,
  mayTrustRow: boolean,
  signal: AbortSignal,
): Promise<Brought> {
  const findings = nothingFound();
  const progress = { dataJob: start, looked: false };
  let verdict: Verdict;
  try {
    verdict = await sequence(deps, progress, findings, mayTrustRow, signal);
  } catch (error) {
    if (dispositionOf(error, signal) === 'cancelled') throw error;
    verdict = { kind: 'failed', error };
  }
  return { ...progress, pass: { ...findings, verdict } };
}

async function sequence(
  deps: PassDeps,
  progress: { dataJob: DataJob; looked: boolean },
  findings: Findings,
  mayTrustRow: boolean,
  signal: AbortSignal,
): Promise<Verdict> {
  const { dataJob } = progress;
  const verdict = await look(deps, progress, findings, mayTrustRow, signal);
  if (verdict !== undefined) {
    const isManaged = verdict.kind === 'inSync' || verdict.kind === 'waiting';
    // Whoever took the finalizer off would otherwise leave a job that nobody deletes.
    if (isManaged) progress.dataJob = await deps.objects.claim(dataJob, undefined, signal);
    return verdict;
  }
  const { desired, observed, recorded, source } = findings;
  if (!(desired && observed && recorded && source)) throw new Error('a plan rests on nothing');
  refuseEndlessRetries(dataJob, recorded, findings.actions);
  const absentAt = observed.job === undefined ? deps.clock.now() : undefined;
  progress.dataJob = await deps.objects.claim(dataJob, absentAt, signal);
  const isNoted = progress.dataJob !== dataJob;
  if (leavesNoTrace(desired, recorded, findings.actions)) {
    progress.dataJob = await deps.objects.doubt(progress.dataJob, signal);
  }
  const seen = { desired, observed, recorded, source };
  try {
    await carryOut(deps, progress.dataJob, findings, seen, signal);
  } catch (error) {
    const isSilent = absentAt !== undefined && isSilentCreate(error, findings, signal);
    if (isSilent && !isNoted) deps.silentCreates.note(dataJob.metadata.uid ?? '', absentAt);
    throw error;
  }
  return { kind: 'waiting' }; // every plan ends with a deployment call
}

/**
 * Whether the job would be made right by a call that needs a deployment call after it, and nothing
 * would tell a later pass that this one has not come about.
 */
function leavesNoTrace(desired: Desired, recorded: Recorded, actions: readonly Action[]): boolean {
  const writesJob = actions.some(({ kind }) => kind === 'updateJob');
  return writesJob && recorded.configDigest === configDigest(desired);
}

/**
 * Observe and plan. A verdict when nothing is to be done here and now; otherwise undefined, with
 * the plan in the findings. Throws what stands in the way.
 */
export async function look(
  deps: LookDeps,
  progress: { readonly dataJob: DataJob; looked: boolean },
  findings: Findings,
  mayTrustRow: boolean,
  signal: AbortSignal,
): Promise<Verdict | undefined> {
  const { dataJob } = progress;
  if (dataJob.spec.suspend) return { kind: 'suspended' };
  refuse(deps, dataJob);
  const source = await sourceOf(dataJob, deps.configMaps, signal);
  findings.source = source;
  const desired = desiredState(dataJob, deps.clusterId, source.digest);
  findings.desired = desired;

  const hint = mayTrustRow ? deps.poll.hintOf(desired.jobName) : undefined;
  if (hint === 'none' && openCallOf(dataJob.status) !== undefined) {
    return { kind: 'waiting' }; // nothing was read since the call: the next bulk reading wakes us
  }
  const row = hint === 'none' ? undefined : hint?.row;
  if (row !== undefined && row.config?.team === desired.team) {
    // A hint: what it shows is a finding only when it leaves nothing to be done.
    const hinted: Findings = { ...findings };
    const verdict = conclude(deps, dataJob, hinted, observedInRow(row));
    if (verdict !== undefined) {
      Object.assign(findings, hinted);
      return verdict;
    }
  }
  const observed = await observe(deps.service, desired, signal);
  progress.looked = true;
  const verdict = conclude(deps, dataJob, findings, observed);
  if (verdict !== undefined) return verdict;
  return dataJob.spec.managementPolicy === 'Observe'
    ? { kind: 'observed', planned: findings.actions }
    : undefined;
}

/** What no look at the service could change. */
function refuse(deps: LookDeps, dataJob: DataJob): void {
  const holder = deps.olderHolderOf(dataJob);
  const madeNothing = dataJob.metadata.finalizers?.includes(externalJobFinalizer) !== true;
  if (holder !== undefined && madeNothing && !seemsLeftToIt(deps, dataJob)) {
    throw resourceConflict(dataJob, holder);
  }
  const problem = cronProblem(dataJob.spec.deployment.schedule ?? '');
  if (problem !== undefined) {
    throw new OperatorError('terminal', 'InvalidSpec', `spec.deployment.schedule: ${problem}`);
  }
}

/** Applied again after a deletion that left its job: nobody else may have that one, however old. */
function seemsLeftToIt({ poll, clusterId }: LookDeps, dataJob: DataJob): boolean {
  const hint = poll.hintOf(jobNameOf(dataJob));
  const { marker } = hint === 'none' || !hint.row ? {} : jobOfRow(hint.row);
  return marker !== undefined && sameObject(marker, { ...dataJob.metadata, clusterId });
}

/**
 * Plans on what was seen. A verdict when nothing is to be done; otherwise undefined, with the plan
 * in the findings. Throws when the job is somebody else's.
 */
function conclude(
  deps: LookDeps,
  dataJob: DataJob,
  findings: Findings,
  observed: Observed,
): Verdict | undefined {
  const { desired } = findings;
  if (desired === undefined) return undefined;
  const recorded = recordedState(dataJob, desired, observed, deps.clock.now());
  const ownership = ownershipOf(desired, observed.job, recorded, deps.isHere);
  findings.observed = observed;
  findings.recorded = recorded;
  // Age decides who may take the name. Whose job it is already, the job itself says: of two objects
  // of one moment, or one that was seen late, the younger may have made it.
  const holder = ownership.kind === 'ours' ? undefined : deps.olderHolderOf(dataJob);
  if (holder !== undefined) throw resourceConflict(dataJob, holder);
  if (ownership.kind === 'foreign') throwUnlessPreview(dataJob, ownership);
  findings.owned = ownership.kind === 'ours';
  findings.actions = plan(desired, observed, recorded);
  if (findings.actions.length > 0) return undefined;
  if (recorded.pending === 'waiting') return { kind: 'waiting' };
  if (dataJob.spec.managementPolicy === 'Observe') return { kind: 'observed', planned: [] };
  return { kind: 'inSync' };
}

/** Observe writes nothing, so it may compare with a job that nobody manages. */
function throwUnlessPreview(dataJob: DataJob, { error }: Ownership & { kind: 'foreign' }): void {
  const preview = dataJob.spec.managementPolicy === 'Observe' && error.reason === 'AlreadyExists';
  if (!preview) throw error;
}

function refuseEndlessRetries(
  dataJob: DataJob,
  recorded: Recorded,
  actions: readonly Action[],
): void {
  const attempts = dataJob.status?.deployment?.attempts ?? 0;
  if (attempts > deploymentRetries && isSentAgain(dataJob, recorded, actions)) {
    throw new OperatorError(
      'terminal',
      'DeploymentTimedOut',
      `The service was asked ${attempts} times and does not show the deployment. It gives no ` +
        'reason; look into the mail it sends to notifiedOnJobDeploy, or its log. It may still ' +
        'come; changing the manifest or the source tries again.',
    );
  }
}

async function carryOut(
  deps: PassDeps,
  dataJob: DataJob,
  findings: Findings,
  seen: { desired: Desired; observed: Observed; recorded: Recorded; source: Source },
  signal: AbortSignal,
): Promise<void> {
  const { actions, effects } = findings;
  const { desired, source } = seen;
  const uploads = actions.some(({ kind }) => kind === 'uploadSource');
  const content = uploads ? await source.read() : undefined;
  if (content !== undefined) findings.source = { ...source, ...identityOf(content) };
  const work: Work = {
    desired,
    observed: seen.observed,
    recorded: seen.recorded,
    files: content?.files ?? [],
    isRepair: isRepair(dataJob, actions),
    deploymentsInDatabase: deps.poll.deploymentsInDatabase,
    confirm: (...args) => deps.objects.confirm(dataJob, ...args),
  };
  try {
    await act(deps.service, work, actions, effects, signal);
  } catch (error) {
    throw isTakenName(error, actions, effects.done) ? await whoseName(deps, seen, signal) : error;
  } finally {
    deps.poll.touched(desired.jobName);
    if (effects.deploymentRequested) deps.poll.hurry();
  }
}

function identityOf({ digest, revision }: SourceContent) {
  return { digest, revision };
}

function isTakenName(error: unknown, actions: readonly Action[], done: readonly Action[]): boolean {
  return actions[done.length]?.kind === 'createJob' && hasReason(error, 'NameConflict');
}

/** It may still take effect. */
function isSilentCreate(
  error: unknown,
  { actions, effects }: Findings,
  signal: AbortSignal,
): boolean {
  const disposition = dispositionOf(error, signal);
  const isFinal = disposition === 'terminal' || disposition === 'conflict';
  return actions[effects.done.length]?.kind === 'createJob' && !isFinal;
}

/** The name was free when we looked and is taken now: by an earlier call of ours, or by others. */
async function whoseName(
  deps: PassDeps,
  { desired, recorded }: { desired: Desired; recorded: Recorded },
  signal: AbortSignal,
): Promise<OperatorError> {
  const { job } = await observe(deps.service, desired, signal);
  const ownership = ownershipOf(desired, job, recorded, deps.isHere);
  if (ownership.kind === 'foreign') return ownership.error;
  if (ownership.kind === 'ours') {
    return new OperatorError('conflict', 'Progressing', 'The job exists by now: looking again.');
  }
  return nameConflict(desired.jobName, await deps.teamOf(desired.jobName, signal));
}
