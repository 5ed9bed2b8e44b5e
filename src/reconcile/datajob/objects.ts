/**
 * The writes to DataJob objects: claim (finalizer and create intent, before anything outside), doubt
 * (before a call that needs another after it), status (once per pass, only what differs) and release. Each carries the uid and resourceVersion of
 * the object it was decided on: a foreign change in between is a conflict, and the pass is run anew.
 */
import { createIntentAnnotation, externalJobFinalizer } from '../../api/annotations.ts';
import { type DataJob, type DataJobStatus, dataJobType } from '../../api/data-job.ts';
import type { KubeClient } from '../../kube/client.ts';
import { isConflict, isNotFound } from '../../kube/errors.ts';
import { parseLabelSelector, selectsLabels } from '../../kube/label-selector.ts';
import { mergePatchOf } from '../../kube/merge-patch.ts';
import { type Clock, withDeadline } from '../../platform/clock.ts';
import { OperatorError } from '../../platform/errors.ts';
import { nextIntent } from './create-intent.ts';

/** Writes of one status; somebody who is faster that often will be asked again in a new pass. */
const statusWritesMax = 3;

/** An answer proves nothing for longer than it took. As for the lease, so that both fail together. */
const confirmWithinMs = 4_000;

export interface DataJobObjects {
  /**
   * Puts the finalizer on; `absentAtMs` also records that the job was read as absent then and is
   * about to be created. Returns the object as written, or as given when nothing was missing.
   */
  claim(dataJob: DataJob, absentAtMs: number | undefined, signal: AbortSignal): Promise<DataJob>;
  /**
   * Notes that the job may from now on differ from what its deployment took along, so that a pass
   * that is cut short after writing the job is followed by a deployment call.
   */
  doubt(dataJob: DataJob, signal: AbortSignal): Promise<DataJob>;
  /**
   * Writes what differs; resolves to the object as it is then. When somebody else wrote in between,
   * the object is read anew and asked again: what a pass did at the service must be noted even if
   * the manifest has moved on meanwhile. undefined when it has gone or left, or was away and a newer
   * manifest was spoken of.
   */
  writeStatus(
    dataJob: DataJob,
    statusOf: (current: DataJob) => DataJobStatus,
    signal: AbortSignal,
  ): Promise<DataJob | undefined>;
  /**
   * Before each call to the service: throws when the object is another shard's by now. Its watch may
   * tell late, and what a pass writes to an object is guarded by versions, but what it writes to a
   * job is not. `isFirst`: also when it has changed at all, as another shard may have had it meanwhile
   * and done what this one does not know of.
   */
  confirm(dataJob: DataJob, isFirst: boolean, signal: AbortSignal): Promise<void>;
  /** Takes the finalizer off: the API server then lets the object go. */
  release(dataJob: DataJob, signal: AbortSignal): Promise<void>;
}

/** The objects of one operator among several: what the selector does not select is another's. */
export interface ShardOptions {
  readonly labelSelector: string;
  readonly clock: Clock;
}

/**
 * `onWritten` gets each object as the API server answered it, ahead of the watch. Without a shard
 * all objects are this operator's.
 */
export function createDataJobObjects(
  kube: KubeClient,
  onWritten: (dataJob: DataJob) => void,
  shard?: ShardOptions,
): DataJobObjects {
  const isOfShard = shardOf(shard);
  const patch = async (
    { metadata }: DataJob,
    body: { readonly metadata?: object; readonly status?: unknown },
    subresource: 'status' | undefined,
    signal: AbortSignal,
  ): Promise<DataJob> => {
    const { name, namespace, uid, resourceVersion } = metadata;
    const preconditioned = { ...body, metadata: { ...body.metadata, uid, resourceVersion } };
    const options = subresource === undefined ? {} : { subresource };
    const written = await kube.patch<DataJob>(
      dataJobType,
      { name, namespace },
      { kind: 'merge', body: preconditioned, ...options },
      signal,
    );
    onWritten(written);
    return written;
  };
  return {
    async claim(dataJob, absentAtMs, signal) {
      const { finalizers = [] } = dataJob.metadata;
      const intent = absentAtMs === undefined ? undefined : nextIntent(dataJob, absentAtMs);
      const hasFinalizer = finalizers.includes(externalJobFinalizer);
      if (hasFinalizer && intent === undefined) return dataJob;
      const metadata = {
        ...(hasFinalizer ? {} : { finalizers: [...finalizers, externalJobFinalizer] }),
        ...(intent === undefined ? {} : { annotations: { [createIntentAnnotation]: intent } }),
      };
      return await patch(dataJob, { metadata }, undefined, signal);
    },
    async doubt(dataJob, signal) {
      if (dataJob.status?.deployment?.configDigest === undefined) return dataJob;
      const status = { deployment: { configDigest: null } };
      return await patch(dataJob, { status }, 'status', signal);
    },
    async writeStatus(dataJob, statusOf, signal) {
      let current = dataJob;
      for (let attempt = 1; ; attempt += 1) {
        const change = mergePatchOf(current.status ?? {}, statusOf(current));
        if (change === undefined) return current;
        try {
          return await patch(current, { status: change }, 'status', signal);
        } catch (error) {
          if (isNotFound(error)) return undefined;
          if (!isConflict(error) || attempt === statusWritesMax) throw error;
        }
        const fresh = await readAnew(kube, current, signal);
        // Whoever has it by now speaks for it: a pass that ends late would take back what that one said.
        if (fresh === undefined || !isOfShard(fresh)) return undefined;
        // It was another's and came back: that one has seen a newer manifest than this pass.
        const { observedGeneration: seen = 0 } = fresh.status ?? {};
        if (seen > (statusOf(fresh).observedGeneration ?? 0)) return undefined;
        current = fresh;
      }
    },
    async confirm(dataJob, isFirst, signal) {
      if (shard === undefined) return;
      const what = 'looking whether the object is still of this shard';
      const fresh = await withDeadline(shard.clock, what, confirmWithinMs, signal, (both) =>
        readAnew(kube, dataJob, both),
      );
      if (fresh === undefined || !isOfShard(fresh)) throw left(dataJob);
      if (isFirst && fresh.metadata.resourceVersion !== dataJob.metadata.resourceVersion) {
        throw changed(dataJob);
      }
    },
    async release(dataJob, signal) {
      const { finalizers = [] } = dataJob.metadata;
      const rest = finalizers.filter((finalizer) => finalizer !== externalJobFinalizer);
      if (rest.length === finalizers.length) return;
      await patch(dataJob, { metadata: { finalizers: rest } }, undefined, signal);
    },
  };
}

/** The same object, not another one that took its name. */
async function readAnew(
  kube: KubeClient,
  { metadata }: DataJob,
  signal: AbortSignal,
): Promise<DataJob | undefined> {
  try {
    const fresh = await kube.get<DataJob>(dataJobType, metadata, signal);
    return fresh.metadata.uid === metadata.uid ? fresh : undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function shardOf(shard: ShardOptions | undefined): (dataJob: DataJob) => boolean {
  const selected = parseLabelSelector(shard?.labelSelector ?? '');
  return ({ metadata }) => selectsLabels(selected, metadata.labels);
}

function changed({ metadata }: DataJob): OperatorError {
  const name = `${metadata.namespace}/${metadata.name}`;
  return new OperatorError(
    'conflict',
    'Progressing',
    `DataJob ${name} has changed: looking again.`,
  );
}

function left({ metadata }: DataJob): OperatorError {
  return new OperatorError(
    'cancelled',
    'ShardLeft',
    `DataJob ${metadata.namespace}/${metadata.name} is gone or another shard's by now: nothing more is done for it here.`,
  );
}
