/**
 * Decides what a deletion still has to do at the service. Pure, and asked again after each round:
 * the job goes only once its deployment is seen gone, the finalizer only once nothing is left to do.
 */
import type { DeletionPolicy } from '../../api/data-job.ts';
import type { Action, Observed, Recorded } from './model.ts';

export function planDeletion(
  policy: DeletionPolicy,
  observed: Observed,
  recorded: Pick<Recorded, 'pending'>,
): readonly Action[] {
  if (policy === 'Orphan' || observed.job === undefined) return [];
  const because = [{ path: 'metadata.deletionTimestamp', to: `deletion policy ${policy}` }];
  // A build that is still running would bring the deployment back: its removal cancels it.
  if (observed.deployment !== undefined || recorded.pending !== 'none') {
    return [{ kind: 'undeploy', changes: because }];
  }
  if (policy === 'Delete') return [{ kind: 'deleteJob', changes: because }];
  return observed.job.marker === undefined ? [] : [{ kind: 'releaseJob', changes: because }];
}

/** An object that made its job takes it along; one that was given a job leaves it behind. */
export function effectivePolicy(
  wanted: DeletionPolicy | undefined,
  ownership: Recorded['ownership'],
): DeletionPolicy {
  return wanted ?? (ownership === 'Adopted' ? 'Orphan' : 'Delete');
}
