/**
 * Bugs, planted by giving the operator one altered part: the simulation has to catch each of them.
 * Every entry is a mistake that real operators have shipped.
 */
import { readFileSync } from 'node:fs';
import { createIntentAnnotation } from '../../src/api/annotations.ts';
import { type DataJob, jobNameOf } from '../../src/api/data-job.ts';
import { ControlServiceError } from '../../src/control-service/errors.ts';
import type { KubeClient, WatchEvent } from '../../src/kube/client.ts';
import { createLeaderElection } from '../../src/kube/lease.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { createReflector } from '../../src/kube/reflector.ts';
import { createWorkqueue, type WorkqueueOptions } from '../../src/kube/workqueue.ts';
import type { OperatorParts, OperatorPorts } from '../../src/operator.ts';
import type { Clock } from '../../src/platform/clock.ts';
import { dispositionOf, messageOf, OperatorError } from '../../src/platform/errors.ts';
import { createBulkPoll } from '../../src/reconcile/bulk-poll.ts';
import { createDataJobCache } from '../../src/reconcile/datajob/cache.ts';
import { createDataJobObjects } from '../../src/reconcile/datajob/objects.ts';
import { createReconciler } from '../../src/reconcile/datajob/reconciler.ts';
import type { AnswerFault } from './faults/answers.ts';
import type { WatchFault } from './faults/watch-lines.ts';
import type { Altered, NetworkTransport } from './instance.ts';
import type { Plan } from './plan.ts';
import { scenario } from './scenarios.ts';
import { tokens } from './serve.ts';
import { aSpec } from './specs.ts';
import { swarmPlan } from './swarm.ts';

export interface Mutation {
  readonly bug: string;
  readonly altered: Altered;
  /** Where it shows; tried in order until an oracle speaks. */
  readonly plans: readonly Plan[];
}

const shipped: OperatorParts = {
  createBulkPoll,
  createDataJobCache,
  createDataJobObjects,
  createReconciler,
  createReflector,
  createWorkqueue,
};

type Service = OperatorPorts['service'];

const parts = (changed: Partial<OperatorParts>): Altered => ({ parts: { ...shipped, ...changed } });
const ports = (change: (ports: OperatorPorts) => Partial<OperatorPorts>): Altered => ({
  ports: (given) => ({ ...given, ...change(given) }),
});
const service = (change: (service: Service) => Partial<Service>): Altered =>
  ports((given) => ({ service: { ...given.service, ...change(given.service) } }));
type Events = AsyncIterable<WatchEvent<KubeObject>>;
/** A plan that once failed. */
const kept = (name: string): Plan =>
  JSON.parse(readFileSync(new URL(`regressions/${name}.json`, import.meta.url), 'utf8')).plan;
const watching = (change: (events: Events) => Events): Altered =>
  ports(({ kube }) => ({
    kube: {
      ...kube,
      // The events are those that were asked for, whatever their kind.
      watch: (async (...args: Parameters<KubeClient['watch']>) =>
        change(await kube.watch(...args))) as KubeClient['watch'],
    },
  }));
const objects = (
  change: (
    objects: ReturnType<typeof createDataJobObjects>,
    tick: () => string,
  ) => Partial<ReturnType<typeof createDataJobObjects>>,
): Altered =>
  parts({
    createDataJobObjects: (client, onWritten, shard) => {
      const plain = createDataJobObjects(client, onWritten, shard);
      return { ...plain, ...change(plain, createTicks()) };
    },
  });
const queue = (change: (options: WorkqueueOptions) => Partial<WorkqueueOptions>): Altered =>
  parts({ createWorkqueue: (options) => createWorkqueue({ ...options, ...change(options) }) });

const at = (
  name: string,
  kind: NonNullable<Plan['faults']>[number]['kind'],
  applied = false,
  requests: readonly number[] = [],
): readonly Plan[] =>
  requests.map((request) => scenario(name, { faults: [{ request, kind, applied }] }));
const boundaries = (count: number) => Array.from({ length: count }, (_, index) => index);
const swarms = (count: number) => Array.from({ length: count }, (_, index) => swarmPlan(index + 1));

export const mutations: readonly Mutation[] = [
  {
    bug: 'an own write overwrites what the watch has brought since',
    altered: parts({
      createDataJobCache: () => {
        const cache = createDataJobCache();
        return {
          ...cache,
          wrote(dataJob) {
            const key = `${dataJob.metadata.namespace}/${dataJob.metadata.name}`;
            if (cache.get(key)?.metadata.uid !== dataJob.metadata.uid) return;
            cache.seen(key, undefined);
            cache.seen(key, dataJob);
          },
        };
      },
    }),
    plans: boundaries(20).map((seed) => scenario('disable', { seed })),
  },
  {
    bug: 'objects are told apart by name, not by uid',
    altered: parts({
      createDataJobCache: () => {
        const cache = createDataJobCache();
        const uids = new Map<string, string | undefined>();
        const named = (key: string, dataJob: DataJob): DataJob => {
          if (!uids.has(key)) uids.set(key, dataJob.metadata.uid);
          return { ...dataJob, metadata: { ...dataJob.metadata, uid: uids.get(key) as string } };
        };
        return {
          ...cache,
          seen: (key, dataJob) => cache.seen(key, dataJob && named(key, dataJob)),
        };
      },
    }),
    plans: [scenario('recreate'), scenario('recreate at once')],
  },
  {
    bug: 'a job is created without having been looked for',
    altered: service((plain) => {
      const known = new Set<string>();
      const looked = (jobName: string) => {
        if (!known.has(jobName)) throw notFound();
      };
      return {
        dataJobRead: async (args, options) => {
          looked(args.jobName);
          return await plain.dataJobRead(args, options);
        },
        deploymentList: async (args, options) => {
          looked(args.jobName);
          return await plain.deploymentList(args, options);
        },
        sourcesUpload: async (args, options) => {
          known.add(args.jobName);
          return await plain.sourcesUpload(args, options);
        },
      };
    }),
    plans: [scenario('create')],
  },
  {
    bug: 'an object that has let go of its job and is kept by others still holds the name',
    altered: parts({
      createDataJobCache: () => {
        const cache = createDataJobCache();
        const bornAt = ({ metadata }: DataJob) => metadata.creationTimestamp ?? '';
        return {
          ...cache,
          olderHolderOf: (dataJob) =>
            cache
              .keysOf(jobNameOf(dataJob))
              .map(cache.get)
              .find((rival) => rival !== undefined && bornAt(rival) < bornAt(dataJob)),
        };
      },
    }),
    plans: [scenario('the older of two lets go and is kept by others')],
  },
  {
    bug: 'a deletion does not know of a create whose answer was lost',
    altered: objects((plain) => ({
      claim: (dataJob, _absentAtMs, signal) => plain.claim(dataJob, undefined, signal),
    })),
    plans: at('delete during the create', 'late', true, [7]),
  },
  {
    bug: 'a second create makes the first, whose answer was lost, forgotten',
    altered: objects((plain) => ({
      claim: (dataJob, absentAtMs, signal) => {
        const { [createIntentAnnotation]: _, ...annotations } = dataJob.metadata.annotations ?? {};
        const metadata = { ...dataJob.metadata, annotations };
        return plain.claim({ ...dataJob, metadata }, absentAtMs, signal);
      },
    })),
    plans: at('delete soon after the create', 'late', true, [7]),
  },
  {
    bug: 'a refused create that is asked for again, and not answered, is forgotten',
    altered: parts({
      createReconciler: (deps) => {
        const silentCreates = { note: () => undefined, lastAt: () => undefined };
        return createReconciler({ ...deps, silentCreates });
      },
    }),
    plans: [kept('refused-create-comes-late')],
  },
  {
    bug: 'the reading of all jobs ignores Retry-After',
    altered: parts({
      createBulkPoll: (options) =>
        createBulkPoll({
          ...options,
          async *read(signal) {
            try {
              yield* options.read(signal);
            } catch (error) {
              throw new OperatorError('transient', 'Failed', messageOf(error));
            }
          },
        }),
    }),
    plans: at('create', 'rateSeconds', false, [3]),
  },
  {
    bug: 'the finalizer is put on after the job was created',
    altered: objects((plain) => ({
      claim: async (dataJob) => dataJob,
      writeStatus: async (dataJob, statusOf, signal) => {
        const claimed = await plain.claim(dataJob, undefined, signal);
        return await plain.writeStatus(claimed, statusOf, signal);
      },
    })),
    plans: [scenario('create')],
  },
  {
    bug: 'the finalizer is never put on',
    altered: objects(() => ({ claim: async (dataJob) => dataJob })),
    plans: [scenario('create')],
  },
  {
    bug: 'what a repair writes to the job is not noted before it is written',
    altered: objects(() => ({ doubt: async (dataJob) => dataJob })),
    plans: at('drift: schedule', 'kill', true, [4]),
  },
  {
    bug: 'a time is written into the status at each pass',
    altered: objects((plain, tick) => ({
      writeStatus: (dataJob, statusOf, signal) =>
        plain.writeStatus(
          dataJob,
          (current) => ({ ...statusOf(current), nextRunAt: tick() }),
          signal,
        ),
    })),
    plans: [scenario('create')],
  },
  {
    bug: 'the transition time of a condition moves with each write',
    altered: objects((plain, tick) => ({
      writeStatus: (dataJob, statusOf, signal) =>
        plain.writeStatus(
          dataJob,
          (current) => {
            const status = statusOf(current);
            const lastTransitionTime = tick();
            const conditions = status.conditions?.map((each) => ({ ...each, lastTransitionTime }));
            return conditions === undefined ? status : { ...status, conditions };
          },
          signal,
        ),
    })),
    plans: [scenario('update of the schedule')],
  },
  {
    bug: 'Ready is said before the service shows it',
    altered: objects((plain) => ({
      writeStatus: (dataJob, statusOf, signal) =>
        plain.writeStatus(
          dataJob,
          (current) => {
            const status = statusOf(current);
            const conditions = status.conditions?.map((each) =>
              each.reason === 'DeploymentInProgress' && each.type === 'Ready'
                ? { ...each, status: 'True' as const }
                : each,
            );
            return conditions === undefined ? status : { ...status, conditions };
          },
          signal,
        ),
    })),
    plans: [scenario('create'), scenario('source change inline')],
  },
  {
    bug: 'a watch resumes where the last object changed, not where the list ended',
    altered: watching(oldPositions),
    plans: [
      ...at('history is compacted', 'kill', false, [2, 5]),
      scenario('history is compacted'),
      ...swarms(40),
    ],
  },
  {
    bug: 'what the bulk read does not show is treated as deleted',
    altered: service((plain) => {
      let rows = 'nothing read yet';
      const shown = (jobName: string) => {
        if (!rows.includes(jobName) && rows !== 'nothing read yet') throw notFound();
      };
      return {
        jobsQuery: async (args, options) => {
          const answer = await plain.jobsQuery(args, options);
          rows = JSON.stringify(answer);
          return answer;
        },
        dataJobRead: async (args, options) => {
          const job = await plain.dataJobRead(args, options);
          shown(args.jobName);
          return job;
        },
        deploymentList: async (args, options) => {
          const list = await plain.deploymentList(args, options);
          shown(args.jobName);
          return list;
        },
      };
    }),
    plans: [emptyBulkReadThenDelete()],
  },
  {
    bug: 'a create is repeated blindly, and "taken" is a success',
    altered: service((plain) => ({
      dataJobCreate: async (args, options) => {
        try {
          return await plain.dataJobCreate(args, options);
        } catch {
          return await plain.dataJobCreate(args, options).catch(() => undefined as never);
        }
      },
    })),
    plans: [scenario('foreign job stays')],
  },
  {
    bug: 'Retry-After is ignored',
    altered: parts({
      createReconciler: (deps) => {
        const { reconcile } = createReconciler(deps);
        return {
          reconcile: async (key, signal) => {
            try {
              return await reconcile(key, signal);
            } catch (error) {
              if (!(error instanceof OperatorError) || error.retryAfterMs === undefined)
                throw error;
              throw new OperatorError(error.disposition, error.reason, error.message);
            }
          },
        };
      },
    }),
    plans: [shortOutage('rateAbsurd', 30_000)],
  },
  {
    bug: 'a job that is not ours is deleted with its object',
    altered: parts({
      createReconciler: (deps) => {
        const { reconcile } = createReconciler(deps);
        return {
          reconcile: async (key, signal) => {
            const dataJob = deps.get(key);
            if (dataJob?.metadata.deletionTimestamp !== undefined) {
              const jobName = dataJob.spec.jobName ?? dataJob.metadata.name;
              const team = await deps.teamOf(jobName, signal);
              if (team !== undefined) {
                await deps.service.dataJobDelete({ teamName: team, jobName }, { signal });
              }
            }
            return await reconcile(key, signal);
          },
        };
      },
    }),
    plans: [
      scenario('foreign job of another team'),
      scenario('two objects for one job'),
      ...swarms(40),
    ],
  },
  {
    bug: 'the younger of two objects takes the job along when it goes',
    altered: parts({
      createReconciler: (deps) =>
        createReconciler({
          ...deps,
          olderHolderOf: () => undefined,
          service: {
            ...deps.service,
            dataJobRead: async (args, options) => {
              const job = await deps.service.dataJobRead(args, options);
              return {
                ...job,
                description: (job.description ?? '')
                  .replace(/uid \S+$/, '')
                  .replace(/object \S+/, ''),
              };
            },
          },
          get: (key) => {
            const dataJob = deps.get(key);
            const job = { ownership: 'Created' as const };
            return (
              dataJob && { ...dataJob, status: { observedGeneration: 0, ...dataJob.status, job } }
            );
          },
        }),
    }),
    plans: [scenario('two objects for one job')],
  },
  {
    bug: 'an error is swallowed',
    altered: queue(({ handle }) => ({
      handle: async (key, signal) => await handle(key, signal).catch(() => ({})),
    })),
    plans: at('create', 'reset', false, boundaries(12)),
  },
  {
    bug: 'a failure comes back without a back-off',
    altered: queue(({ handle }) => ({
      handle: async (key, signal) => {
        try {
          return await handle(key, signal);
        } catch (error) {
          if (dispositionOf(error, signal) === 'cancelled') throw error;
          return { requeueAfterMs: 1 };
        }
      },
    })),
    plans: [shortOutage()],
  },
  {
    bug: 'the version of the first source is deployed for ever',
    altered: service((plain) => {
      const first = new Map<string, string>();
      return {
        sourcesUpload: async (args, options) => {
          const answer = await plain.sourcesUpload(args, options);
          if (!first.has(args.jobName)) first.set(args.jobName, String(answer.version_sha));
          return { ...answer, version_sha: first.get(args.jobName) as string };
        },
      };
    }),
    plans: [scenario('source change inline')],
  },
  {
    bug: 'a request is logged with its headers when it fails',
    altered: ports((given) => ({
      service: {
        ...given.service,
        dataJobRead: async (args, options) => {
          try {
            return await given.service.dataJobRead(args, options);
          } catch (error) {
            given.log.warn('read failed', {
              headers: { authorization: `Bearer ${tokens.service}` },
            });
            throw error;
          }
        },
      },
    })),
    plans: [scenario('create')],
  },
  {
    bug: 'an error holds all that the service said',
    altered: objects((plain) => ({
      writeStatus: (dataJob, statusOf, signal) =>
        plain.writeStatus(
          dataJob,
          (current) => {
            const status = statusOf(current);
            const conditions = status.conditions?.map((each) =>
              each.reason === 'ProgressingWithRetry'
                ? { ...each, message: each.message.repeat(30) }
                : each,
            );
            return conditions === undefined ? status : { ...status, conditions };
          },
          signal,
        ),
    })),
    plans: at('create', 'echo', false, boundaries(12)),
  },
  {
    bug: '410 is swallowed: the watch goes on from where it was',
    altered: watching(withoutExpired),
    plans: [scenario('history is compacted'), ...lineFaultPlans('source change inline', 'lost')],
  },
  {
    bug: 'a rename of a file is not seen: the digest is over contents alone',
    altered: parts({
      createDataJobCache: () => {
        const cache = createDataJobCache();
        return {
          ...cache,
          get(key) {
            const dataJob = cache.get(key);
            const files = dataJob?.spec.source.inline?.files;
            if (dataJob === undefined || files === undefined) return dataJob;
            const renamed = Object.fromEntries(
              Object.values(files)
                .sort()
                .map((content, index) => [`${index}_step.sql`, content]),
            );
            return {
              ...dataJob,
              spec: { ...dataJob.spec, source: { inline: { files: renamed } } },
            };
          },
        };
      },
    }),
    plans: [scenario('source change inline')],
  },
  {
    bug: 'a watch may be silent for ever',
    altered: parts({
      createReflector: (options) =>
        createReflector({ ...options, clock: withoutTimers(options.clock, 150_000) }),
    }),
    plans: lineFaultPlans('source change inline', 'silent'),
  },
  {
    bug: 'the finalizer comes off when the service refuses us (403)',
    altered: service((plain) => ({
      dataJobRead: async (args, options) => {
        try {
          return await plain.dataJobRead(args, options);
        } catch (error) {
          if (error instanceof OperatorError && error.reason === 'AuthorizationDenied')
            throw notFound();
          throw error;
        }
      },
      deploymentList: async (args, options) => {
        try {
          return await plain.deploymentList(args, options);
        } catch (error) {
          if (error instanceof OperatorError && error.reason === 'AuthorizationDenied')
            throw notFound();
          throw error;
        }
      },
    })),
    plans: [
      ...boundaries(6).map((request) =>
        scenario('delete', {
          faults: [
            { request, kind: 'status403', applied: false },
            { request: request + 1, kind: 'status403', applied: false },
          ],
        }),
      ),
    ],
  },
  {
    bug: 'calls go on for an object that has left its shard',
    altered: objects(() => ({ confirm: async () => {} })),
    plans: boundaries(10).map((seed) =>
      scenario('moved to another shard in the middle of a change', { seed, latencyMs: [5, 60] }),
    ),
  },
  {
    bug: 'two workers at once for one key',
    altered: queue(({ handle }) => ({
      handle: async (key, signal) => {
        const [result] = await Promise.all([handle(key, signal), handle(key, signal)]);
        return result;
      },
    })),
    plans: [scenario('create')],
  },
  {
    bug: 'deadlines and back-offs go by the wall clock',
    altered: queue(({ clock }) => ({ clock: byWallClock(clock) })),
    plans: [
      scenario('the wall clock jumps', {
        faults: boundaries(16).map(
          (request) => ({ request, kind: 'reset', applied: false }) as const,
        ),
      }),
      scenario('outage of the service, and return', {
        steps: [
          { do: 'start' },
          ...scenario('create').steps.filter((step) => step.do === 'apply'),
          { do: 'settle' },
          { do: 'outage', side: 'service', ms: 60_000, kind: 'status503' },
          { do: 'annotate', name: 'ingest-orders', value: '1' },
          { do: 'wait', ms: 5_000 },
          { do: 'jump', ms: -3 * 3_600_000 },
          { do: 'wait', ms: 60_000 },
        ],
      }),
    ],
  },
  {
    bug: 'redirects are followed, token and all',
    altered: {
      network:
        (transport): NetworkTransport =>
        async (request) => {
          const response = await transport(request);
          const location = response.headers.get('location');
          if (response.status !== 302 || location === undefined) return response;
          return await transport({ ...request, url: location });
        },
    },
    plans: at('create', 'redirect', false, boundaries(12)),
  },
  {
    bug: 'all Secrets are listed, to have them at hand',
    altered: ports(({ kube }) => ({
      kube: {
        ...kube,
        get: (async (...args: Parameters<KubeClient['get']>) => {
          await kube.list({ ...args[0], group: '', version: 'v1', plural: 'secrets' }, {}, args[2]);
          return await kube.get(...args);
        }) as KubeClient['get'],
      },
    })),
    plans: [scenario('create')],
  },
  {
    bug: 'the schedule is not sent again after the job was updated',
    altered: service(() => ({ deploymentPatch: async () => undefined as never })),
    plans: [scenario('update of the schedule')],
  },
  {
    bug: 'a job PUT goes out while a deployment is pending',
    altered: parts({
      createReconciler: (deps) =>
        createReconciler({
          ...deps,
          get: (key) => {
            const dataJob = deps.get(key);
            if (dataJob?.status?.deployment?.requestedAt === undefined) return dataJob;
            const { requestedAt: _, ...deployment } = dataJob.status.deployment;
            return { ...dataJob, status: { ...dataJob.status, deployment } };
          },
        }),
    }),
    plans: [scenario('create'), scenario('update of everything, and back'), ...swarms(40)],
  },
  {
    bug: 'suspension is not looked at',
    altered: parts({
      createReconciler: (deps) =>
        createReconciler({
          ...deps,
          get: (key) => {
            const dataJob = deps.get(key);
            return dataJob && { ...dataJob, spec: { ...dataJob.spec, suspend: false } };
          },
        }),
    }),
    plans: [scenario('suspend')],
  },
  {
    bug: 'the lease is looked at before a pass, and not before each write',
    altered: {
      election: (options) => ({
        ...createLeaderElection(options),
        guard: (transport) => transport,
      }),
    },
    plans: boundaries(20).map((seed) => scenario('the leader stands still', { seed })),
  },
  {
    bug: 'a lease that another one holds is taken when it is first seen',
    altered: {
      election: (options) =>
        createLeaderElection({ ...options, client: holderless(options.client) }),
    },
    plans: [scenario('the leader is told to stop')],
  },
  {
    bug: 'a pass goes on after the operator was told to stop',
    altered: queue(({ handle }) => ({
      handle: async (key) => await handle(key, new AbortController().signal),
    })),
    plans: at('create', 'stop', true, boundaries(12)),
  },
  {
    bug: 'a timer is left running at the end',
    altered: queue(({ clock, handle }) => ({
      handle: async (key, signal) => {
        clock.after(10 * 3_600_000, () => {});
        return await handle(key, signal);
      },
    })),
    plans: [scenario('create')],
  },
  {
    bug: 'retries have no jitter: all who failed together come back together',
    altered: ports(({ random }) => ({ random: { ...random, next: () => 0.5 } })),
    plans: [massOutage()],
  },
];

/** Leases look as if nobody had them. */
function holderless(client: KubeClient): KubeClient {
  return {
    ...client,
    get: (async (...args: Parameters<KubeClient['get']>) => {
      const lease = await client.get(...args);
      return { ...lease, spec: {} };
    }) as KubeClient['get'],
  };
}

function notFound(): ControlServiceError {
  return new ControlServiceError('transient', 'NotFound', 'there is no such thing');
}

/** A moment that is never the same twice. */
function createTicks(): () => string {
  let moment = Date.UTC(2026, 0, 1);
  return () => {
    moment += 1_000;
    return new Date(moment).toISOString();
  };
}

/** Every event and bookmark as if nothing had moved on since the first. */
async function* oldPositions(
  events: AsyncIterable<WatchEvent<KubeObject>>,
): AsyncGenerator<WatchEvent<KubeObject>> {
  let first: string | undefined;
  for await (const event of events) {
    if (event.type !== 'BOOKMARK') {
      yield event;
      continue;
    }
    first ??= event.object.metadata.resourceVersion;
    const metadata = { ...event.object.metadata, resourceVersion: first ?? '' };
    yield { ...event, object: { ...event.object, metadata } };
  }
}

async function* withoutExpired(
  events: AsyncIterable<WatchEvent<KubeObject>>,
): AsyncGenerator<WatchEvent<KubeObject>> {
  for await (const event of events) if (event.type !== 'ERROR') yield event;
}

function lineFaultPlans(name: string, kind: WatchFault): readonly Plan[] {
  return boundaries(6).map((line) => scenario(name, { watchFaults: [{ line, kind }] }));
}

/** Long timers of this length never fire. */
function withoutTimers(clock: Clock, ms: number): Clock {
  return {
    ...clock,
    after: (delayMs, task) =>
      Math.abs(delayMs - ms) < 1_000 ? () => {} : clock.after(delayMs, task),
  };
}

/** What is due is looked up on the wall clock each second. */
function byWallClock(clock: Clock): Clock {
  return {
    ...clock,
    elapsed: clock.now,
    after(delayMs, task) {
      const dueAt = clock.now() + delayMs;
      let cancel = () => {};
      const look = () => {
        if (clock.now() >= dueAt) task();
        else cancel = clock.after(Math.min(1_000, Math.max(1, dueAt - clock.now())), look);
      };
      cancel = clock.after(Math.min(1_000, delayMs), look);
      return () => cancel();
    },
  };
}

function shortOutage(kind: AnswerFault = 'status503', ms = 10_000): Plan {
  return scenario('create', {
    name: 'short outage',
    steps: [
      { do: 'start' },
      { do: 'wait', ms: 1_000 },
      { do: 'outage', side: 'service', ms, kind },
      { do: 'apply', name: 'ingest-orders', spec: aSpec() },
      { do: 'wait', ms: ms + 2_000 },
    ],
  });
}

function massOutage(): Plan {
  const names = boundaries(30).map((index) => `mass-job-${index}`);
  return scenario('create', {
    name: 'mass outage',
    concurrency: 32,
    steps: [
      { do: 'start' },
      { do: 'wait', ms: 1_000 },
      { do: 'outage', side: 'service', ms: 180_000, kind: 'status503' },
      ...names.map((name) => ({ do: 'apply', name, spec: aSpec() }) as const),
      { do: 'wait', ms: 200_000 },
    ],
  });
}

function emptyBulkReadThenDelete(): Plan {
  return scenario('delete', {
    steps: [
      { do: 'start' },
      { do: 'apply', name: 'ingest-orders', spec: aSpec() },
      { do: 'settle' },
      { do: 'mark' },
      { do: 'wait', ms: 70_000 },
      { do: 'remove', name: 'ingest-orders' },
      { do: 'wait', ms: 20_000 },
    ],
    faults: boundaries(30).map((request) => ({ request, kind: 'noRows', applied: false }) as const),
  });
}
