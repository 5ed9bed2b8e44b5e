/**
 * Which events a pass deserves. Pure. Transitions only, past tense, a word as the reason; a pass
 * that found all as it was says nothing.
 */
import { conditionOf } from '../../api/conditions.ts';
import type { DataJob, DataJobStatus } from '../../api/data-job.ts';
import { shortDigest } from '../../source/digest.ts';
import type { Action } from './model.ts';
import type { Pass } from './pass.ts';
import { bringsNewSource, wasInForce } from './recorded.ts';
import { shortVersion, shownChanges } from './text.ts';

export interface Note {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly action: string;
  readonly note: string;
}

/** `after` is absent when the status is not written, so that no failure is told either. */
export function notesOf(
  before: DataJob,
  pass: Pass,
  after: DataJobStatus | undefined,
): readonly Note[] {
  const repair = isRepair(before, pass.effects.done);
  return [
    ...(repair ? [driftNote(pass.effects.done)] : []),
    ...pass.effects.done.flatMap((action) => actionNote(action, pass)),
    ...deployedNote(before, pass),
    ...driftSeenNote(before, pass),
    ...releasedNote(pass),
    ...(after === undefined ? [] : failureNote(before, after)),
  ];
}

/**
 * Work at a generation, and with a source, that was seen in force before: what it undoes is not
 * the manifest's doing.
 */
export function isRepair(dataJob: DataJob, actions: readonly Action[]): boolean {
  const isDeleted = dataJob.metadata.deletionTimestamp !== undefined;
  return actions.length > 0 && !isDeleted && wasInForce(dataJob) && !bringsNewSource(actions);
}

function driftNote(done: readonly Action[]): Note {
  const changes = [...new Map(done.flatMap((a) => a.changes).map((c) => [c.path, c])).values()];
  return {
    type: 'Normal',
    reason: 'DriftCorrected',
    action: 'Correct',
    note: `Undid what was changed at the service: ${shownChanges(changes)}.`,
  };
}

function actionNote({ kind, changes }: Action, pass: Pass): readonly Note[] {
  const note = (reason: string, text: string): readonly Note[] => [
    { type: 'Normal', reason, action: kind, note: text },
  ];
  switch (kind) {
    case 'createJob':
      return note('JobCreated', `Created data job ${pass.desired?.team}/${pass.desired?.jobName}.`);
    case 'uploadSource':
      return note(
        'SourceUploaded',
        `Uploaded source ${shortDigest(pass.source?.digest ?? '')} as version ` +
          `${shortVersion(pass.effects.uploadedVersion ?? '')}.`,
      );
    case 'updateJob':
      return note('JobUpdated', `Updated the job: ${shownChanges(changes)}.`);
    case 'deploy':
    case 'patchDeployment':
      return note('DeploymentRequested', `Requested a deployment: ${shownChanges(changes)}.`);
    case 'undeploy':
      return note('Undeployed', 'Removed the deployment.');
    case 'releaseJob':
      return note('JobOrphaned', 'Took the ownership marker off the job, which stays undeployed.');
    case 'deleteJob':
      return note('JobDeleted', 'Deleted the data job.');
    default:
      return kind satisfies never;
  }
}

function deployedNote({ status }: DataJob, { verdict, observed }: Pass): readonly Note[] {
  if (verdict.kind !== 'inSync' || status?.deployment?.requestedAt === undefined) return [];
  const version = shortVersion(observed?.deployment?.jobVersion ?? '');
  const note = `The service shows version ${version} as deployed.`;
  return [{ type: 'Normal', reason: 'Deployed', action: 'Observe', note }];
}

function driftSeenNote({ status }: DataJob, { verdict }: Pass): readonly Note[] {
  if (verdict.kind !== 'observed' || verdict.planned.length === 0) return [];
  const paths = verdict.planned.flatMap(({ changes }) => changes);
  if (conditionOf(status?.conditions, 'Synced')?.status === 'False') return []; // already told
  const note = `The service differs, and Observe writes nothing: ${shownChanges(paths)}.`;
  return [{ type: 'Warning', reason: 'DriftDetected', action: 'Observe', note }];
}

function releasedNote({ verdict }: Pass): readonly Note[] {
  if (verdict.kind !== 'released' || verdict.leftAlone === undefined) return [];
  const note = `Let go without touching the job at the service: ${verdict.leftAlone}.`;
  return [{ type: 'Normal', reason: 'JobOrphaned', action: 'Release', note }];
}

/** A failure is told when its reason is new, not at each try. */
function failureNote({ status }: DataJob, after: DataJobStatus): readonly Note[] {
  const trouble = (conditions: DataJobStatus['conditions']) =>
    conditionOf(conditions, 'Stalled') ??
    [conditionOf(conditions, 'Reconciling')].find((c) => c?.reason === 'ProgressingWithRetry');
  const now = trouble(after.conditions);
  if (now === undefined || trouble(status?.conditions)?.message === now.message) return [];
  return [{ type: 'Warning', reason: now.reason, action: 'Reconcile', note: now.message }];
}
