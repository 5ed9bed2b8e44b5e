/**
 * What an end-to-end test stands on: a namespace of its own on a real API server, the embedded
 * Control Service behind a socket of its own, and operators as processes of their own, started
 * through the command line. Time is real, so everything is waited for, with a limit.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { conditionOf } from '../../src/api/conditions.ts';
import { type DataJob, dataJobType } from '../../src/api/data-job.ts';
import { isConflict, isNotFound } from '../../src/kube/errors.ts';
import { mergePatchOf } from '../../src/kube/merge-patch.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import type { HandledRequest } from '../../src/sandbox/control-service/request-record.ts';
import { startControlService } from '../../src/sandbox/servers.ts';
import { aManifest, type Manifest } from '../support/manifests.ts';
import { onThisMachine } from '../support/on-this-machine.ts';
import { eventually, type Program, projectFolder, startProgram, stopProgram } from './programs.ts';
import type { RealApiServer } from './real-api-server.ts';

export interface OperatorOptions {
  /** An administrator's unless told. */
  readonly kubeconfigFile?: string;
  /** The command with what it is told before the defaults of tests; these win. */
  readonly command?: readonly string[];
  /** After the defaults. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly logLevel?: 'debug' | 'info';
  /** The namespaces it looks after; that of the world unless told, [] for all. */
  readonly namespaces?: readonly string[];
}

export interface ClusterWorldOptions {
  readonly deployTimeMs?: number;
}

export type ClusterWorld = Awaited<ReturnType<typeof createClusterWorld>>;

/** Often, so that tests need not wait long for drift to be seen. */
export const pollIntervalMs = 500;
/** A build that is seen as one, and soon over. */
const deployTimeDefaultMs = 200;
/** Two cores with an API server, etcd and an operator on them: this only ends what hangs. */
export const soonMs = 30_000;

const core = { group: '', version: 'v1' } as const;
const namespaceType = { ...core, plural: 'namespaces', kind: 'Namespace', namespaced: false };
const eventType = {
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
};

type Event = KubeObject & {
  readonly reason: string;
  readonly note: string;
  readonly series?: { readonly count: number };
  readonly regarding: { readonly name: string };
};

export async function createClusterWorld(
  server: RealApiServer,
  { deployTimeMs = deployTimeDefaultMs }: ClusterWorldOptions = {},
) {
  const { kube } = server;
  const namespace = `test-${randomBytes(4).toString('hex')}`;
  await kube.create(namespaceType, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  });
  const service = await startControlService({
    ...onThisMachine,
    deployTimeMs,
  });
  const operators = new Set<Program>();
  let isClosed = false;
  const dataJob = async (name: string) => await kube.get<DataJob>(dataJobType, { namespace, name });
  return {
    server,
    kube,
    namespace,
    dataJob,
    serviceUrl: service.url,
    record: service.service.record,
    /** What an operator was told to write at the service for one job: operations in order. */
    writesFor: (name: string) => writesFor(service.service.record, name),
    ...serviceCalls(service.url),

    startOperator(options: OperatorOptions = {}): Program {
      const program = startOperator(
        options.kubeconfigFile ?? server.kubeconfigFile,
        service.url,
        options.namespaces ?? [namespace],
        options,
      );
      operators.add(program);
      void program.ended.then(() => operators.delete(program));
      return program;
    },

    /** Creates the object, or puts this spec in place of the one it has. */
    async apply(
      spec: Manifest['spec'],
      name: string,
      labels: Readonly<Record<string, string>> = {},
    ): Promise<void> {
      if (isClosed) throw new Error('this world is closed');
      const manifest = aManifest(spec, name);
      const metadata = { ...manifest.metadata, namespace, labels };
      try {
        await kube.create(dataJobType, { ...manifest, metadata });
      } catch (error) {
        if (!isConflict(error)) throw error;
        const { spec: before } = await dataJob(name);
        const body = mergePatchOf({ spec: before }, { spec: manifest.spec }) ?? {};
        await kube.patch(dataJobType, metadata, { kind: 'merge', body });
      }
    },

    async remove(name: string): Promise<void> {
      await kube.remove(dataJobType, { namespace, name });
    },

    async conditionIs(type: 'Ready' | 'Stalled' | 'Suspended', status: string, name: string) {
      const { metadata, status: told } = await dataJob(name);
      const condition = conditionOf(told?.conditions, type);
      const current = condition?.observedGeneration === metadata.generation;
      return current && condition?.status === status;
    },

    async isGone(name: string): Promise<boolean> {
      try {
        await dataJob(name);
        return false;
      } catch (error) {
        if (isNotFound(error)) return true;
        throw error;
      }
    },

    async eventsFor(name: string): Promise<readonly Event[]> {
      const { items } = await kube.list<Event>(eventType, { namespace });
      return items.filter(({ regarding }) => regarding.name === name);
    },

    async close(): Promise<void> {
      isClosed = true; // a scenario may still be running
      await Promise.all([...operators].map((each) => stopProgram(each)));
      // Without an operator nobody else would take the finalizers off, and without a namespace
      // controller nobody would remove what is in the namespace.
      const { items } = await kube.list<DataJob>(dataJobType, { namespace });
      for (const { metadata } of items) {
        const body = { metadata: { finalizers: null } };
        // What the list shows as going may be gone: the operator's last call was to let go of it.
        await unlessGone(() => kube.patch(dataJobType, metadata, { kind: 'merge', body }));
        if (metadata.deletionTimestamp === undefined) {
          await unlessGone(() => kube.remove(dataJobType, metadata));
        }
      }
      await kube.remove(namespaceType, { name: namespace });
      await service.close();
    },
  };
}

async function unlessGone(change: () => Promise<unknown>): Promise<void> {
  try {
    await change();
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** The shipped program, by the launcher that `bin` names. */
function startOperator(
  kubeconfigFile: string,
  serviceUrl: string,
  namespaces: readonly string[],
  { command = ['run'], args = [], env, logLevel = 'info' }: OperatorOptions,
): Program {
  const launcher = join(projectFolder, 'src/cli/launch.mjs');
  const image = memorySettings();
  return startProgram(
    process.execPath,
    [
      ...image.flags,
      launcher,
      ...command,
      `--kubeconfig=${kubeconfigFile}`,
      `--control-service-url=${serviceUrl}`,
      ...namespaces.map((each) => `--namespace=${each}`),
      `--poll-interval=${pollIntervalMs}ms`,
      `--log-level=${logLevel}`,
      // Several of them share one machine.
      '--metrics-bind-address=0',
      '--health-probe-bind-address=0',
      ...args,
    ],
    { ...image.env, ...env },
  );
}

/** Those of the image, so that what is measured is what is shipped. */
function memorySettings() {
  const dockerfile = readFileSync(join(projectFolder, 'Dockerfile'), 'utf8');
  const entrypoint = /^ENTRYPOINT (.*)$/m.exec(dockerfile)?.[1] ?? '[]';
  const variables = dockerfile.matchAll(/^ENV (MALLOC_\w+)=(.*)$/gm);
  return {
    flags: (JSON.parse(entrypoint) as string[]).filter((each) => each.startsWith('--')),
    env: Object.fromEntries([...variables].map(([, name = '', value = '']) => [name, value])),
  };
}

/** It has read everything and works. */
export async function whenSynced(operator: Program, withinMs = soonMs): Promise<void> {
  const isSynced = () => operator.hasEnded || /"msg":"synced"/.test(operator.output());
  const synced = await eventually(isSynced, withinMs, 20);
  if (!synced || operator.hasEnded) throw new Error(`not synced:\n${operator.output()}`);
}

/** The service as somebody else uses it. */
function serviceCalls(url: string) {
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { 'user-agent': 'a-person', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : parsed(text) };
  };
  const pathOf = (name: string, team = 'sales') => `/data-jobs/for-team/${team}/jobs/${name}`;
  return {
    call,
    pathOf,
    job: async (name: string, team?: string) => await call('GET', pathOf(name, team)),
    async deployment(name: string) {
      const { body } = await call('GET', `${pathOf(name)}/deployments`);
      return Array.isArray(body) ? (body[0] as Record<string, unknown> | undefined) : undefined;
    },
  };
}

function writesFor(record: readonly HandledRequest[], name: string): readonly string[] {
  const isOfJob = ({ path, body }: HandledRequest) =>
    new RegExp(`/jobs/${name}(/|\\?|$)`).test(path) || nameIn(body) === name;
  return record
    .filter((request) => request.method !== 'GET' && request.userAgent === 'datajob-operator')
    .filter(isOfJob)
    .map(({ operation = '' }) => operation);
}

function nameIn(body: unknown): unknown {
  return typeof body === 'object' && body !== null && 'job_name' in body
    ? body.job_name
    : undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: answers of any kind, looked at by tests only.
function parsed(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
