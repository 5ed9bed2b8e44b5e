/**
 * Decides what a deletion still has to do at the service. Pure, and asked again after each round:
 * the job goes only once its deployment is seen gone, the finalizer only once nothing is left to do.
 */
import type { DataJob, DeletionPolicy } from '../../api/data-job.ts';
import type { Action, Observed, Recorded } from './model.ts';

type DeletionSpec = Pick<DataJob['spec'], 'managementPolicy' | 'suspend' | 'deletionPolicy'>;

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

/**
 * What a deletion would do now. Hands that are off the job stay off. Otherwise an object that made
 * its job takes it along, and one that was given a job leaves it behind, unless the spec says so.
 */
export function effectivePolicy(
  { managementPolicy, suspend, deletionPolicy }: DeletionSpec,
  ownership: Recorded['ownership'],
): DeletionPolicy {
  if (managementPolicy === 'Observe' || suspend) return 'Orphan';
  return deletionPolicy ?? (ownership === 'Adopted' ? 'Orphan' : 'Delete');
}
