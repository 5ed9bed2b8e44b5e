/**
 * Decides whose job it is. Pure. Names are global over teams and the service has no labels, so
 * proof is the marker in the description, or a record in our own status.
 */
import { type DataJob, jobNameOf } from '../../api/data-job.ts';
import { OperatorError } from '../../platform/errors.ts';
import { sameMarker } from './marker.ts';
import type { Desired, ObservedJob, Recorded } from './model.ts';

export type Ownership =
  /** The name is free. */
  | { readonly kind: 'free' }
  | { readonly kind: 'ours' }
  /** Somebody else's; never write to it. */
  | { readonly kind: 'foreign'; readonly error: OperatorError };

export function ownershipOf(
  desired: Pick<Desired, 'team' | 'jobName' | 'marker'>,
  job: ObservedJob | undefined,
  recorded: Recorded,
): Ownership {
  if (job === undefined) return { kind: 'free' };
  const { marker } = job;
  if (marker === undefined) {
    // A job that this very object made stays ours when somebody rewrites its description.
    return recorded.ownership === undefined ? unmarked(desired) : { kind: 'ours' };
  }
  if (sameMarker(marker, desired.marker)) return { kind: 'ours' };
  const sameObject =
    marker.clusterId === desired.marker.clusterId &&
    marker.namespace === desired.marker.namespace &&
    marker.name === desired.marker.name;
  // The same object made anew (restored, or applied again after a deletion that left the job).
  if (sameObject) return { kind: 'ours' };
  const where =
    marker.clusterId === desired.marker.clusterId
      ? 'in this cluster'
      : `in cluster ${marker.clusterId}`;
  return {
    kind: 'foreign',
    error: new OperatorError(
      'terminal',
      'ManagementConflict',
      `Data job ${desired.jobName} of team ${desired.team} is managed by DataJob ` +
        `${marker.namespace}/${marker.name} ${where}. Nothing was written to it. ` +
        'Delete one of the two, or give this one another jobName.',
    ),
  };
}

function unmarked({ team, jobName }: Pick<Desired, 'team' | 'jobName'>): Ownership {
  return {
    kind: 'foreign',
    error: new OperatorError(
      'terminal',
      'AlreadyExists',
      `Team ${team} already has a data job ${jobName} that was not made by this operator. ` +
        'Nothing was written to it. Give this object another jobName, or delete that job first.',
    ),
  };
}

/** A create was answered "taken", and the job is not readable under our team. */
export function nameConflict(jobName: string, holder: string | undefined): OperatorError {
  const who = holder === undefined ? 'another team' : `team ${holder}`;
  return new OperatorError(
    'terminal',
    'NameConflict',
    `The name ${jobName} belongs to a data job of ${who}: job names are unique over all teams. ` +
      'Nothing was written to it. Choose another jobName.',
  );
}

/** Another object here names the same job. */
export function resourceConflict(dataJob: DataJob, { metadata: holder }: DataJob): OperatorError {
  return new OperatorError(
    'terminal',
    'ResourceConflict',
    `DataJob ${holder.namespace}/${holder.name} is older and has the job ${jobNameOf(dataJob)} already. ` +
      'Give this object another jobName, or delete one of the two.',
  );
}
