/**
 * The composition root: the one file that knows every part. No part knows this file. Production,
 * the sandbox and the simulation all build the operator here, with other ports.
 */
import { reconcileRequestOf } from './api/annotations.ts';
import { type DataJob, dataJobType, jobNameOf } from './api/data-job.ts';
import type { ControlServiceClient } from './control-service/client.ts';
import type { KubeClient } from './kube/client.ts';
import { createEventRecorder } from './kube/events.ts';
import { type KubeObject, keyOf } from './kube/object.ts';
import { createReflector } from './kube/reflector.ts';
import { createStore, type ReflectedStore, type Store } from './kube/store.ts';
import {
  createWorkqueue,
  type Lane,
  type WorkqueueStats,
  type WorkReport,
} from './kube/workqueue.ts';
import { createContainment, unwatched, type WorkWatch } from './operator-watch.ts';
import type { Clock } from './platform/clock.ts';
import type { Log } from './platform/log.ts';
import type { Random } from './platform/random.ts';
import { together } from './platform/together.ts';
import { createBulkPoll } from './reconcile/bulk-poll.ts';
import { awaitClusterId } from './reconcile/cluster-id.ts';
import { readAllJobs, teamOfJob } from './reconcile/datajob/bulk-read.ts';
import {
  createDataJobCache,
  type DataJobCache,
  hasLetGo,
  isHere,
} from './reconcile/datajob/cache.ts';
import { configMapMetadata, createConfigMaps } from './reconcile/datajob/config-maps.ts';
import { takesEffectWithinMs } from './reconcile/datajob/create-intent.ts';
import { removalWithinMs } from './reconcile/datajob/finish.ts';
import { createDataJobObjects } from './reconcile/datajob/objects.ts';
import { createRecent } from './reconcile/datajob/recent.ts';
import { createReconciler } from './reconcile/datajob/reconciler.ts';
import { isAwaited } from './reconcile/datajob/recorded.ts';

/** As events name who reports them. */
const controller = 'datajob-operator';

export interface OperatorPorts {
  readonly kube: KubeClient;
  readonly service: ControlServiceClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Hears of every finished pass. */
  readonly onWorked?: (report: WorkReport) => void;
  /** Who would see that a pass blocks this thread. */
  readonly watch?: WorkWatch | undefined;
}

export interface OperatorSettings {
  /** undefined = all. */
  readonly namespaces?: readonly string[];
  /** Of the objects to look after, which other operators then leave alone; undefined = all. */
  readonly labelSelector?: string | undefined;
  /** Passes at once. */
  readonly concurrency: number;
  readonly pollIntervalMs: number;
  /** undefined = the UID of the kube-system namespace. */
  readonly clusterId?: string;
}

export interface Operator {
  /** Works until `signal` is aborted and what is in flight has ended. */
  run(signal: AbortSignal): Promise<void>;
  /** The caches are filled and work has begun. */
  readonly synced: boolean;
  /** Work is due, and no pass has ended for so long that only a restart can help. */
  readonly isStuck: boolean;
  /** undefined while it does not run. */
  stats(): OperatorStats | undefined;
}

/** Plain numbers, as of now. */
export interface OperatorStats {
  readonly queue: WorkqueueStats;
  readonly concurrency: number;
  readonly objects: number;
}

/** Longer than the longest pass that the queue lets run. */
const stuckAfterMs = 20 * 60_000;

/** What makes the parts. Others than the shipped ones serve to see the simulation catch a bug. */
export const shippedParts = {
  createBulkPoll,
  createDataJobCache,
  createDataJobObjects,
  createReconciler,
  createReflector,
  createWorkqueue,
};

export type OperatorParts = typeof shippedParts;

export function createOperator(
  ports: OperatorPorts,
  settings: OperatorSettings,
  parts: OperatorParts = shippedParts,
): Operator {
  const { kube, clock, log } = ports;
  let synced = false;
  let lastWorkedAt = 0;
  let stats: (() => OperatorStats) | undefined;
  const onWorked = (report: WorkReport) => {
    lastWorkedAt = clock.elapsed();
    ports.onWorked?.(report);
  };
  return {
    get synced() {
      return synced;
    },
    get isStuck() {
      const waitingMs = stats?.().queue.oldestWaitMs ?? 0;
      return Math.min(waitingMs, clock.elapsed() - lastWorkedAt) > stuckAfterMs;
    },
    stats: () => stats?.(),
    async run(signal) {
      const clusterId = settings.clusterId ?? (await awaitClusterId(kube, clock, log, signal));
      const assembled = assemble({ ...ports, onWorked }, settings, parts, clusterId);
      const { reflectors, events, poll, queue, known } = assembled;
      const { concurrency } = settings;
      stats = () => ({ queue: queue.stats(), concurrency, objects: known.size });
      const work = async (stop: AbortSignal) => {
        await Promise.all(reflectors.map((reflector) => reflector.whenSynced(stop)));
        const polling = poll.run(stop);
        await poll.firstReading; // before it, every pass would read its job on its own
        synced = true;
        log.info('synced', { dataJobs: known.size });
        await Promise.all([polling, queue.run(stop)]);
      };
      try {
        await together(signal, (stop) => [
          ...reflectors.map((reflector) => reflector.run(stop)),
          events.run(stop),
          work(stop),
        ]);
      } finally {
        synced = false;
        stats = undefined;
      }
    },
  };
}

function assemble(
  ports: OperatorPorts,
  settings: OperatorSettings,
  parts: OperatorParts,
  clusterId: string,
) {
  const { kube, service, clock, random, log, onWorked: onDone, watch = unwatched } = ports;
  const cache = parts.createDataJobCache();
  const containment = createContainment(watch, (key) => versionOf(cache.get(key)));
  const known = createStore<DataJob>(log);
  const configMaps = createStore<KubeObject>(log);
  const events = createEventRecorder({ client: kube, clock, random, log, controller });
  const isOpen = (key: string) => isAwaited(cache.get(key)?.status, clock.now());
  const wakeOne = (key: string, lane: Lane) => wake([key], lane);
  const poll = parts.createBulkPoll({
    read: (signal) => readAllJobs(service, signal),
    isWanted: (jobName) => cache.keysOf(jobName).length > 0,
    wantedNames: cache.jobNames,
    isPending: (jobName) => cache.keysOf(jobName).some(isOpen),
    onChanged: (jobName) => wake(cache.keysOf(jobName), 'repair'),
    intervalMs: settings.pollIntervalMs,
    clock,
    random,
    log,
  });
  const noting = notingWrites(kube, cache, wakeOne);
  const { labelSelector } = settings;
  const shard = labelSelector === undefined ? undefined : { labelSelector, clock };
  const { reconcile } = parts.createReconciler({
    service,
    clock,
    random,
    log,
    poll,
    clusterId,
    get: cache.get,
    objectionTo: containment.objectionTo,
    olderHolderOf: cache.olderHolderOf,
    isHere: (name) => isHere(cache, settings, name),
    objects: parts.createDataJobObjects(noting, cache.wrote, shard),
    configMaps: createConfigMaps(kube, configMaps),
    silentCreates: createRecent(takesEffectWithinMs),
    removals: createRecent(removalWithinMs),
    teamOf: (jobName, signal) => teamOfJob(service, jobName, signal),
    tell: (dataJob, note) => events.record({ regarding: dataJob, ...note }),
  });
  const { concurrency } = settings;
  const handle = containment.around(reconcile);
  const first = watch.suspects;
  const queue = parts.createWorkqueue({ clock, random, log, concurrency, first, handle, onDone });
  const wake = (keys: Iterable<string>, lane: Lane) => {
    for (const key of keys) queue.add(key, lane);
  };
  follow(known, configMaps, cache, wake);
  const reflectors = reflectorsOf(ports, settings, parts, known, configMaps);
  return { reflectors, events, poll, queue, known };
}

/** The same client; what others change during a write of an object is news at its end. */
function notingWrites(
  kube: KubeClient,
  cache: DataJobCache,
  wake: (key: string, lane: Lane) => void,
): KubeClient {
  return {
    ...kube,
    async patch<T extends KubeObject>(...[type, name, ...rest]: Parameters<KubeClient['patch']>) {
      const key = keyOf(name);
      const end = cache.writing(key);
      let written: T | undefined;
      try {
        written = await kube.patch<T>(type, name, ...rest);
        return written;
      } finally {
        // Without an answer it may be our own write that was seen; people's changes are seen as such.
        if (end(written as DataJob | undefined)) wake(key, written ? 'change' : 'repair');
      }
    },
  };
}

/** Objects and their sources wake passes; our own writes do not. */
function follow(
  dataJobs: Store<DataJob>,
  configMaps: Store<KubeObject>,
  cache: DataJobCache,
  wake: (keys: Iterable<string>, lane: Lane) => void,
): void {
  /** Whoever waited for the name of its job may have it now. */
  const waitingFor = (dataJob: DataJob) => cache.keysOf(jobNameOf(dataJob));
  dataJobs.subscribe({
    added(dataJob, initial) {
      const key = keyOf(dataJob.metadata);
      cache.seen(key, dataJob);
      wake([key], initial ? 'periodic' : 'change');
    },
    updated(dataJob, before) {
      const key = keyOf(dataJob.metadata);
      // A change by others may show only under a later write of our own.
      const isAsked = asksForMore(dataJob, before);
      const isNews = isAsked || cache.isNews(dataJob);
      cache.seen(key, dataJob);
      // Labels, a status, or a write of our own whose answer got lost: nobody waits for that.
      if (isNews) wake([key], isAsked ? 'change' : 'repair');
      if (hasLetGo(dataJob) && !hasLetGo(before)) wake(waitingFor(dataJob), 'change');
    },
    deleted(dataJob) {
      const key = keyOf(dataJob.metadata);
      cache.seen(key, undefined);
      wake([key, ...waitingFor(dataJob)], 'change');
    },
  });
  const sourceChanged = ({ metadata: { namespace = '', name } }: KubeObject) =>
    wake(cache.usersOfConfigMap(namespace, name), 'change');
  configMaps.subscribe({
    added: (configMap, initial) => initial || sourceChanged(configMap),
    updated: sourceChanged,
    deleted: sourceChanged,
  });
}

/** Whoever changes it asks for another try. */
function versionOf(dataJob: DataJob | undefined): string {
  const { uid, generation, annotations } = dataJob?.metadata ?? {};
  return [uid, generation, reconcileRequestOf(annotations)].join(' ');
}

function asksForMore({ metadata }: DataJob, { metadata: before }: DataJob): boolean {
  return (
    metadata.generation !== before.generation ||
    reconcileRequestOf(metadata.annotations) !== reconcileRequestOf(before.annotations)
  );
}

function reflectorsOf(
  { kube: client, clock, random, log }: OperatorPorts,
  { namespaces, labelSelector }: OperatorSettings,
  { createReflector: create }: OperatorParts,
  dataJobs: ReflectedStore<DataJob>,
  configMaps: ReflectedStore<KubeObject>,
) {
  const common = { client, clock, random, log };
  return (namespaces ?? [undefined]).flatMap((namespace) => [
    create({ ...common, type: dataJobType, namespace, labelSelector, store: dataJobs }),
    create({ ...common, type: configMapMetadata, namespace, store: configMaps }),
  ]);
}
