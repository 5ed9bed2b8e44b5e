/**
 * Both embedded servers and the shipped operator in one process on a manual clock. An operator can
 * be killed at any request: before the server sees it, or after it took effect and before its
 * answer. A killed operator does nothing any more; a new one starts from what the servers hold.
 */
import { dataJobCrd } from '../../src/api/crd.ts';
import { type DataJob, dataJobType } from '../../src/api/data-job.ts';
import { createControlServiceClient } from '../../src/control-service/client.ts';
import { createKubeClient } from '../../src/kube/client.ts';
import { isConflict } from '../../src/kube/errors.ts';
import { mergePatchOf } from '../../src/kube/merge-patch.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { createOperator } from '../../src/operator.ts';
import type { Clock } from '../../src/platform/clock.ts';
import { type HttpRequest, type HttpTransport, handlerTransport } from '../../src/platform/http.ts';
import { silentLog } from '../../src/platform/log.ts';
import {
  type ControlServiceSettings,
  createControlService,
} from '../../src/sandbox/control-service/service.ts';
import { createKubeApi } from '../../src/sandbox/kube-api/kube-api.ts';
import type { Manifest } from './manifests.ts';
import { createManualClock } from './manual-clock.ts';
import { createSeededRandom } from './seeded-random.ts';

const kubeUrl = 'https://kubernetes.test';
export const serviceUrl = 'http://control-service.test';

/** Where an operator dies: at its request number `request` (from 0), before or after its effect. */
export interface Death {
  readonly request: number;
  readonly when: 'before' | 'after';
}

/**
 * What becomes of an operator's request: refused before it has an effect, or carried out and its
 * answer lost. undefined = nothing is wrong with it.
 */
export type Fault = (request: HttpRequest) => Harm | Promise<Harm>;
type Harm = 'refused' | 'answerLost' | Response | undefined;

export interface WorldOptions {
  readonly seed?: number;
  readonly deployTimeMs?: number;
  readonly pollIntervalMs?: number;
  readonly persistence?: 'K8S' | 'DB' | 'BOTH';
  /** How the embedded Control Service behaves beyond that. */
  readonly behaviour?: Partial<ControlServiceSettings>;
}

const crdType = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
} as const;

const eventType = {
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
};

interface Event extends KubeObject {
  readonly type: string;
  readonly reason: string;
  readonly note: string;
  readonly series?: { readonly count: number };
}

export async function createWorld(options: WorldOptions = {}) {
  const { deployTimeMs = 3_000, pollIntervalMs = 60_000, persistence = 'K8S' } = options;
  const clock = createManualClock();
  const random = createSeededRandom(options.seed);
  const common = { clock, random, log: silentLog };
  const kubeApi = createKubeApi(common);
  const service = createControlService({
    ...common,
    deployTimeMs,
    persistence,
    baseUrl: serviceUrl,
    ...options.behaviour,
  });
  const kube = createKubeClient({
    ...common,
    baseUrl: kubeUrl,
    transport: handlerTransport(kubeApi.handler),
    userAgent: 'a-person',
  });
  await clock.settle();
  await kube.create(crdType, dataJobCrd);
  const operators: Instance[] = [];
  const cuts = new Set<AbortController>();
  const faults: { kube?: Fault | undefined; service?: Fault | undefined } = {};
  const world = {
    /** Of all operators, from when they are set. */
    faults,
    /** Ends every watch that is open. */
    cutWatches() {
      for (const cut of cuts) cut.abort();
    },
    clock,
    kube,
    kubeApi,
    service,
    /** Calls the service as somebody else would: `curl` in a test. */
    curl: async (method: string, path: string, body?: unknown) =>
      await service.handler(
        new Request(`${serviceUrl}${path}`, {
          method,
          ...(body === undefined
            ? {}
            : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
        }),
      ),
    start(death?: Death, shard: Shard = {}): Instance {
      const instance = createInstance(clock, death, {
        ...shard,
        kube: faulty(cuttable(handlerTransport(kubeApi.handler), cuts), () => faults.kube),
        service: faulty(handlerTransport(service.handler), () => faults.service),
        pollIntervalMs,
      });
      operators.push(instance);
      return instance;
    },
    /** Creates the object, or puts this spec in place of the one it has. */
    async apply(manifest: Manifest): Promise<void> {
      try {
        await kube.create(dataJobType, manifest);
      } catch (error) {
        if (!isConflict(error)) throw error;
        const { spec } = await kube.get<DataJob>(dataJobType, manifest.metadata);
        const body = mergePatchOf({ spec }, { spec: manifest.spec }) ?? {};
        await kube.patch(dataJobType, manifest.metadata, { kind: 'merge', body });
      }
    },
    events: async () => (await kube.list<Event>(eventType, {})).items,
    dataJob: async (name: string, namespace = 'default') =>
      await kube.get<DataJob>(dataJobType, { namespace, name }),
    /** Lets time pass in steps until `holds`, or until `ms` have passed; tells whether it holds. */
    async until(holds: () => Promise<boolean>, ms: number, stepMs = 500): Promise<boolean> {
      for (let passed = 0; passed <= ms; passed += stepMs) {
        if (await holds()) return true;
        await clock.advance(stepMs);
      }
      return await holds();
    },
    async close() {
      for (const operator of operators) operator.kill();
      kubeApi.close();
      service.close();
      await clock.settle();
    },
  };
  return world;
}

export type World = Awaited<ReturnType<typeof createWorld>>;

export interface Instance {
  /** From this moment it does nothing any more, and hears of nothing. */
  kill(): void;
  readonly isDead: boolean;
  /** How many requests it has begun, watches included. */
  readonly requests: number;
  /** Asks it to stop in good order. */
  stop(): Promise<void>;
}

/** What is different about one of several operators. */
export interface Shard {
  readonly labelSelector?: string;
  /** As both servers see it. */
  readonly userAgent?: string;
}

interface InstancePorts extends Shard {
  readonly kube: HttpTransport;
  readonly service: HttpTransport;
  readonly pollIntervalMs: number;
}

function faulty(transport: HttpTransport, current: () => Fault | undefined): HttpTransport {
  return async (request) => {
    const fault = await current()?.(request);
    if (fault instanceof Response) return await handlerTransport(async () => fault)(request);
    if (fault !== 'refused') {
      const response = await transport(request);
      if (fault === undefined) return response;
    }
    throw Object.assign(new Error('the connection was cut'), { code: 'ECONNRESET' });
  };
}

function cuttable(transport: HttpTransport, cuts: Set<AbortController>): HttpTransport {
  return async (request) => {
    if (!/[?&]watch=/.test(request.url)) return await transport(request);
    const cut = new AbortController();
    cuts.add(cut);
    const { signal = cut.signal } = request;
    return await transport({ ...request, signal: AbortSignal.any([signal, cut.signal]) });
  };
}

/** Never settles: what a dead process waits for. */
const never = () => new Promise<never>(() => {});

function createInstance(clock: Clock, death: Death | undefined, ports: InstancePorts): Instance {
  const { pollIntervalMs, labelSelector, userAgent = 'datajob-operator' } = ports;
  let isDead = false;
  let requests = 0;
  const stopping = new AbortController();
  const gone = new AbortController();
  const kill = () => {
    isDead = true;
    gone.abort();
  };
  const mortal =
    (transport: HttpTransport): HttpTransport =>
    async (request) => {
      if (isDead) return await never();
      const dies = death?.request === requests;
      requests += 1;
      if (dies && death?.when === 'before') {
        kill();
        return await never();
      }
      // Its connections end with the process, so that the servers let go of its watches.
      const signal =
        request.signal === undefined ? gone.signal : AbortSignal.any([request.signal, gone.signal]);
      const response = await transport({ ...request, signal });
      if (dies) kill();
      return isDead ? await never() : response;
    };
  const own: Clock = {
    now: clock.now,
    elapsed: clock.elapsed,
    after: (delayMs, task) => clock.after(delayMs, () => (isDead ? undefined : task())),
  };
  const common = { clock: own, random: createSeededRandom(requests + 7), log: silentLog };
  const operator = createOperator(
    {
      ...common,
      kube: createKubeClient({
        ...common,
        baseUrl: kubeUrl,
        transport: mortal(ports.kube),
        userAgent,
      }),
      service: createControlServiceClient({
        ...common,
        baseUrl: serviceUrl,
        transport: mortal(ports.service),
        userAgent,
      }),
    },
    { concurrency: 4, pollIntervalMs, labelSelector },
  );
  const running = operator.run(stopping.signal).catch(() => {});
  return {
    kill,
    get isDead() {
      return isDead;
    },
    get requests() {
      return requests;
    },
    async stop() {
      stopping.abort(new Error('told to stop'));
      await running;
    },
  };
}
