/**
 * The data jobs known here: what the watch delivered, overlaid with our own writes until the watch
 * has caught up with them. Without that, a pass right after a write would act on the past.
 */
import { externalJobFinalizer } from '../../api/annotations.ts';
import { type DataJob, jobNameOf } from '../../api/data-job.ts';
import { keyOf } from '../../kube/object.ts';
import { createKeyIndex } from './key-index.ts';

export interface DataJobCache {
  get(key: string): DataJob | undefined;
  /** From the watch; undefined = deleted. */
  seen(key: string, dataJob: DataJob | undefined): void;
  /** Our own write, as the API server answered it. */
  wrote(dataJob: DataJob): void;
  /** Whether this, from the watch, is newer than all we know and no echo of our own writes. */
  isNews(dataJob: DataJob): boolean;
  /**
   * An own write begins; its echo may come before its answer, so until the end nothing counts as
   * news. The end tells whether anything was: `written` is the answer, undefined when it failed.
   */
  writing(key: string): (written: DataJob | undefined) => boolean;
  /** Keys of all objects that name this job. */
  keysOf(jobName: string): readonly string[];
  jobNames(): Iterable<string>;
  /** An older object (by creation, then uid) that names the same job and has not let go of it. */
  olderHolderOf(dataJob: DataJob): DataJob | undefined;
  /** Keys in a namespace whose source is this ConfigMap. */
  usersOfConfigMap(namespace: string, name: string): readonly string[];
}

export function createDataJobCache(): DataJobCache {
  const objects = new Map<string, DataJob>();
  const byJob = createKeyIndex(jobNameOf);
  const byConfigMap = createKeyIndex(sourceKeyOf);
  /** What the watch showed of objects that are being written. */
  const shown = new Map<string, DataJob[]>();

  const put = (key: string, dataJob: DataJob | undefined) => {
    for (const index of [byJob, byConfigMap]) index.moved(key, objects.get(key), dataJob);
    if (dataJob === undefined) objects.delete(key);
    else objects.set(key, dataJob);
  };
  return {
    get: (key) => objects.get(key),
    seen(key, dataJob) {
      const known = objects.get(key);
      const behind = dataJob !== undefined && known !== undefined && isOlder(dataJob, known);
      if (!behind) put(key, dataJob);
    },
    wrote(dataJob) {
      const key = keyOf(dataJob.metadata);
      const known = objects.get(key);
      // Gone, taken by another object, or changed by others since: the watch knows better.
      if (known === undefined || known.metadata.uid !== dataJob.metadata.uid) return;
      if (!isOlder(dataJob, known)) put(key, dataJob);
    },
    isNews(dataJob) {
      const key = keyOf(dataJob.metadata);
      const known = objects.get(key);
      shown.get(key)?.push(dataJob);
      return !shown.has(key) && (known === undefined || isNewer(dataJob, known));
    },
    writing(key) {
      shown.set(key, []);
      return (written) => {
        const meanwhile = shown.get(key) ?? [];
        shown.delete(key);
        return meanwhile.some((each) => written === undefined || isNewer(each, written));
      };
    },
    keysOf: byJob.keysOf,
    jobNames: byJob.names,
    olderHolderOf(dataJob) {
      const rivals = byJob.keysOf(jobNameOf(dataJob)).map((key) => objects.get(key));
      return rivals.find((rival) => rival && !hasLetGo(rival) && precedes(rival, dataJob));
    },
    usersOfConfigMap: (namespace, name) => byConfigMap.keysOf(keyOf({ namespace, name })),
  };
}

function sourceKeyOf({ metadata: { namespace = '' }, spec }: DataJob): string | undefined {
  const name = spec.source.configMapRef?.name;
  return name === undefined ? undefined : keyOf({ namespace, name });
}

/** Whether it is deleted as far as we are concerned: others may keep the object for long after. */
export function hasLetGo({ metadata }: DataJob): boolean {
  const isBound = metadata.finalizers?.includes(externalJobFinalizer) === true;
  return metadata.deletionTimestamp !== undefined && !isBound;
}

/** Whether there is such an object; undefined = if so, another operator would see it. */
export function isHere(
  cache: Pick<DataJobCache, 'get'>,
  watched: { readonly namespaces?: readonly string[]; readonly labelSelector?: string | undefined },
  name: { readonly namespace: string; readonly name: string },
): boolean | undefined {
  const found = cache.get(keyOf(name));
  if (found !== undefined) return !hasLetGo(found);
  const isSeen = watched.namespaces?.includes(name.namespace) ?? true;
  return isSeen && watched.labelSelector === undefined ? false : undefined;
}

function precedes(a: DataJob, b: DataJob): boolean {
  if (a.metadata.uid === b.metadata.uid) return false;
  const createdA = a.metadata.creationTimestamp ?? '';
  const createdB = b.metadata.creationTimestamp ?? '';
  if (createdA !== createdB) return createdA < createdB;
  return (a.metadata.uid ?? '') < (b.metadata.uid ?? '');
}

function isNewer(a: DataJob, b: DataJob): boolean {
  return a.metadata.uid !== b.metadata.uid || isOlder(b, a);
}

/** Of one object, by resourceVersion: since Kubernetes 1.35 these may be compared as numbers. */
function isOlder(a: DataJob, b: DataJob): boolean {
  if (a.metadata.uid !== b.metadata.uid) return false;
  const versionA = a.metadata.resourceVersion ?? '';
  const versionB = b.metadata.resourceVersion ?? '';
  return versionA.length === versionB.length
    ? versionA < versionB
    : versionA.length < versionB.length;
}
