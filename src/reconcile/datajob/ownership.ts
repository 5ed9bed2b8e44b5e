/**
 * Decides whose job it is. Pure. Names are global over teams and the service has no labels, so
 * proof is the marker in the description, or a record in our own status.
 */
import { type DataJob, jobNameOf } from '../../api/data-job.ts';
import { OperatorError } from '../../platform/errors.ts';
import { sameMarker, sameObject } from './marker.ts';
import type { Desired, Marker, ObservedJob, Recorded } from './model.ts';

export type Ownership =
  /** The name is free. */
  | { readonly kind: 'free' }
  | { readonly kind: 'ours' }
  /** Somebody else's; never write to it. */
  | { readonly kind: 'foreign'; readonly error: OperatorError };

/** Whether there is such a DataJob in this cluster; undefined = it is not one that we would see. */
export type IsHere = (name: Pick<Marker, 'namespace' | 'name'>) => boolean | undefined;

export function ownershipOf(
  desired: Pick<Desired, 'team' | 'jobName' | 'marker'>,
  job: ObservedJob | undefined,
  recorded: Recorded,
  isHere: IsHere = () => undefined,
): Ownership {
  if (job === undefined) return { kind: 'free' };
  const { marker } = job;
  if (marker === undefined) {
    // A job that this very object made stays ours when somebody rewrites its description.
    return recorded.ownership === undefined ? unmarked(desired) : { kind: 'ours' };
  }
  if (sameMarker(marker, desired.marker)) return { kind: 'ours' };
  // The same object made anew (restored, or applied again after a deletion that left the job).
  if (sameObject(marker, desired.marker)) return { kind: 'ours' };
  const isOfCluster = marker.clusterId === desired.marker.clusterId;
  const isLeft = isOfCluster && isHere(marker) === false;
  const message = isLeft ? leftBehind(desired, marker) : managed(desired, marker, isOfCluster);
  return { kind: 'foreign', error: new OperatorError('terminal', 'ManagementConflict', message) };
}

/** A job name is for an object's life. */
const anotherName = 'another jobName takes a new object';

type Named = Pick<Desired, 'team' | 'jobName'>;

function managed({ team, jobName }: Named, marker: Marker, isOfCluster: boolean): string {
  const where = isOfCluster ? 'in this cluster' : `in cluster ${marker.clusterId}`;
  return (
    `Data job ${jobName} of team ${team} is managed by DataJob ${marker.namespace}/${marker.name} ` +
    `${where}. Nothing was written to it. Delete one of the two; ${anotherName}.`
  );
}

function leftBehind({ team, jobName }: Named, marker: Marker): string {
  return (
    `Data job ${jobName} of team ${team} was left behind by DataJob ${marker.namespace}/${marker.name}, ` +
    'which is gone. Nothing was written to it. Apply that DataJob again, and it takes the job back; ' +
    `or delete the job at the service, and this object makes it anew; ${anotherName}.`
  );
}

function unmarked({ team, jobName }: Named): Ownership {
  return {
    kind: 'foreign',
    error: new OperatorError(
      'terminal',
      'AlreadyExists',
      `Team ${team} already has a data job ${jobName} that no DataJob manages. Nothing was ` +
        `written to it. Delete that job, and this object makes it anew; ${anotherName}.`,
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
      `Nothing was written to it; ${anotherName}.`,
  );
}

/** Another object here names the same job. */
export function resourceConflict(dataJob: DataJob, { metadata: holder }: DataJob): OperatorError {
  return new OperatorError(
    'terminal',
    'ResourceConflict',
    `DataJob ${holder.namespace}/${holder.name} is older and has the job ${jobNameOf(dataJob)} already. ` +
      `Delete one of the two; ${anotherName}.`,
  );
}
