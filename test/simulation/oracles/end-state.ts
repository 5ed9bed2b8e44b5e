/** What has to be in the end: every object where its spec leads, and nothing else at the service. */
import { reconcileRequestOf } from '../../../src/api/annotations.ts';
import { type ConditionType, conditionOf } from '../../../src/api/conditions.ts';
import { type DataJob, jobNameOf } from '../../../src/api/data-job.ts';
import type { KnownObject, Truth } from '../truth.ts';
import { differences } from './safety.ts';

/** Whether this object says that it has come to rest; cheap, so that it can be asked often. */
export function isAtRest({ object }: KnownObject): boolean {
  const { metadata, status, spec } = object;
  if (metadata.deletionTimestamp !== undefined) return false;
  const told = (type: ConditionType) => {
    const condition = conditionOf(status?.conditions, type);
    return condition?.observedGeneration === metadata.generation ? condition : undefined;
  };
  if (spec.suspend) return told('Suspended')?.status === 'True';
  if (status?.observedGeneration !== metadata.generation) return false;
  const ready = told('Ready');
  const retrying = told('Reconciling');
  if (retrying?.reason === 'ProgressingWithRetry') {
    // Only a ConfigMap that is missing may be waited for, and nothing else may have come in between.
    const source = told('SourceReady');
    return source?.reason === 'DependencyNotReady' && source.message === retrying.message;
  }
  const request = reconcileRequestOf(metadata.annotations);
  if (request !== undefined && status?.lastHandledReconcileAt !== request) return false;
  return told('Stalled')?.status === 'True' || ready?.status === 'True';
}

/** What is not as it has to be; empty when all is. */
export async function wrongInTheEnd(truth: Truth): Promise<readonly string[]> {
  const found: string[] = [];
  for (const known of truth.objects.values()) {
    if (!isAtRest(known)) {
      found.push(`${known.key} has not come to rest: ${saysOf(known.object)}`);
      continue;
    }
    for (const what of await wrongWith(truth, known)) found.push(`${known.key}: ${what}`);
  }
  for (const job of truth.jobs.values()) {
    if (['person', 'lookalike'].includes(job.by) || truth.holdersOf(job.name).length > 0) continue;
    if (truth.wasLeft(job.name)) continue;
    found.push(`the job ${job.name} is left at the service and belongs to nobody`);
  }
  return found;
}

async function wrongWith(
  truth: Truth,
  { object, uid, key }: KnownObject,
): Promise<readonly string[]> {
  const { spec, metadata } = object;
  const jobName = jobNameOf(object);
  if (spec.suspend) return [];
  const stalled = conditionOf(object.status?.conditions, 'Stalled')?.reason;
  const ready = conditionOf(object.status?.conditions, 'Ready');
  const isMissing =
    spec.source.inline === undefined &&
    truth.configMap(metadata.namespace, spec.source.configMapRef?.name ?? '') === undefined;
  const [oldest] = truth.holdersOf(jobName);
  const expectStall = (...reasons: readonly string[]) =>
    stalled !== undefined && reasons.includes(stalled)
      ? []
      : [`it has to be stalled with ${reasons.join(' or ')}, but ${saysOf(object)}`];
  const isPoison = spec.deployment.schedule === poisonSchedule;
  const { creationTimestamp = '' } = metadata;
  const isNoYounger = creationTimestamp <= (oldest?.object.metadata.creationTimestamp ?? '');
  // Then it finds out when it may act, and before that what is wrong with itself.
  if (oldest?.uid !== uid && isNoYounger && (isMissing || isPoison)) return [];
  if (oldest?.uid !== uid) return expectStall('ResourceConflict', 'ManagementConflict');
  if (isPoison) return expectStall('InvalidSpec');
  const sourceReady = conditionOf(object.status?.conditions, 'SourceReady');
  if (isMissing && stalled === undefined && sourceReady?.reason === 'DependencyNotReady') return [];
  if (spec.managementPolicy === 'Observe') {
    const { markerUid } = truth.jobs.get(jobName) ?? {};
    // What another object has left behind is that one's to take back.
    if (
      markerUid !== undefined &&
      truth.byUid(markerUid)?.key !== key &&
      stalled === 'ManagementConflict'
    )
      return [];
    return ready?.reason === 'Observed' ? [] : [`it only observes, but ${saysOf(object)}`];
  }
  if (truth.jobs.get(jobName)?.by === 'person') {
    return expectStall('AlreadyExists', 'NameConflict', 'ManagementConflict');
  }
  // Another object let go of the job: nobody manages it, and it may not be adopted.
  const marked = truth.byUid(truth.jobs.get(jobName)?.markerUid ?? '');
  const isAnothers = truth.wasLeft(jobName) && marked?.key !== key;
  if (isAnothers && ['AlreadyExists', 'ManagementConflict'].includes(stalled ?? '')) {
    return [];
  }
  // Somebody wiped the marker before the status could say whose job it is: nobody can tell any more.
  const isUnproven =
    object.status?.job?.ownership === undefined || truth.jobs.get(jobName)?.by === 'lookalike';
  if (isUnproven && stalled === 'AlreadyExists') {
    const job = await truth.readJob(spec.team, jobName);
    if (job !== undefined && job.marker === undefined) return [];
  }
  if (ready?.status !== 'True') return [`it has to be Ready, but ${saysOf(object)}`];
  return await differences(truth, object, 'now');
}

/** Passes the CRD's rule of the shape, and is no schedule: its range runs backwards. */
export const poisonSchedule = '50-10 0 * * *';

export function saysOf({ status, metadata }: DataJob): string {
  const says = (status?.conditions ?? []).map(
    ({ type, status: value, reason, observedGeneration, message }) =>
      `${type}=${value} ${reason}@${observedGeneration} (${message})`,
  );
  const deleting = metadata.deletionTimestamp === undefined ? '' : ', being deleted';
  return `generation ${metadata.generation}${deleting} says ${says.join('; ') || 'nothing'}`;
}
