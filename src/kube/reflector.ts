/**
 * Keeps a store equal to what the API server has of one kind: reads all, then follows a watch,
 * for as long as `run` is left running. It promises to survive everything between the two ends:
 * watches that end, break, stay silent or send nonsense; forgotten history; servers that are
 * away, busy or behind; a kind that is not there yet. It reads from the start only when it has to.
 */
import { type Clock, sleep } from '../platform/clock.ts';
import { messageOf, OperatorError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import type { Random } from '../platform/random.ts';
import { abortable } from './abortable.ts';
import { type Backoff, backoffMs } from './backoff.ts';
import type { KubeClient } from './client.ts';
import { isExpired, isNotFound } from './errors.ts';
import { listAll } from './list-all.ts';
import type { KubeObject, ResourceType } from './object.ts';
import { resourceName } from './path.ts';
import { beginReading } from './reading.ts';
import type { ReflectedStore } from './store.ts';
import { follow, type Progress } from './watch-session.ts';

export interface ReflectorOptions<T extends KubeObject> {
  readonly client: KubeClient;
  readonly type: ResourceType;
  /** undefined = all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly store: ReflectedStore<T>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface Reflector {
  /** Returns when `signal` is aborted; never throws. */
  run(signal: AbortSignal): Promise<void>;
  /** The store has been complete at least once. */
  readonly synced: boolean;
  whenSynced(signal: AbortSignal): Promise<void>;
}

/**
 * The longest wait decides how long we are blind after a server is back. Kubernetes' own clients
 * wait up to 30 s, because a node or a proxy of it runs everywhere; of this program a cluster has a
 * few, so that one try in 10 s of each kind is nothing even to a server that is just starting.
 */
const backoff: Backoff = { baseMs: 1_000, maxMs: 10_000 };
/** A watch lives for minutes. One that ends sooner is a failure, however politely it ended. */
const steadyMs = 10_000;

export function createReflector<T extends KubeObject>(options: ReflectorOptions<T>): Reflector {
  const { clock, random } = options;
  const firstSync = Promise.withResolvers<void>();
  const progress: Progress = { position: undefined, streams: true, synced: false };
  const report = createReport(options);
  const onComplete = () => {
    progress.synced = true;
    report.works();
    firstSync.resolve();
  };

  const session = async (signal: AbortSignal) => {
    do {
      if (progress.position === undefined && !progress.streams) {
        const reading = beginReading(options, !progress.synced);
        const resourceVersion = await listAll(options, reading.put, signal);
        await reading.end(signal);
        progress.position = resourceVersion;
        onComplete();
      }
      await follow(options, progress, { onComplete, onResume: report.works }, signal);
    } while (progress.position === undefined); // streaming did not work out: list at once
  };

  return {
    get synced() {
      return progress.synced;
    },
    whenSynced: (signal) => abortable(signal, firstSync.promise),
    async run(signal) {
      let wasForgotten = false;
      for (let failures = 0; !signal.aborted; ) {
        const startedAt = clock.elapsed();
        let problem: unknown;
        try {
          await session(signal);
        } catch (error) {
          problem = error;
        }
        if (signal.aborted) return;
        const isSteady = clock.elapsed() - startedAt >= steadyMs;
        // Who says that history is gone is there again: what went before counts no more, once.
        const isForgotten = isExpired(problem) && progress.position !== undefined;
        if (isSteady || (isForgotten && !wasForgotten)) failures = 0;
        if (isSteady && problem === undefined) continue;
        wasForgotten = isForgotten;
        failures += 1;
        if (problem !== undefined) report.fails(problem);
        // A kind that comes back may be another one, so its history is gone as well.
        if (isExpired(problem) || isNotFound(problem)) progress.position = undefined;
        const askedMs = problem instanceof OperatorError ? (problem.retryAfterMs ?? 0) : 0;
        const waitMs = Math.max(backoffMs(backoff, failures, random), askedMs);
        await sleep(clock, waitMs, signal).catch(() => {});
      }
    },
  };
}

/** One line when something begins to fail or fails differently, one when it works again. */
function createReport({ type, log }: { readonly type: ResourceType; readonly log: Log }) {
  let last: string | undefined;
  const name = resourceName(type);
  return {
    fails(problem: unknown) {
      const message = isNotFound(problem)
        ? `the cluster does not serve ${name} ${type.version} yet; waiting for its CustomResourceDefinition`
        : messageOf(problem);
      if (isExpired(problem) || message === last) {
        log.debug(message, { kind: type.kind });
        return;
      }
      last = message;
      log.warn(message, { kind: type.kind });
    },
    works() {
      if (last !== undefined) log.info(`${name} can be watched again`, { kind: type.kind });
      last = undefined;
    },
  };
}
