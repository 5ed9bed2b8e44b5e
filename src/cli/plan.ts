/**
 * `plan`: what a pass of the operator would do once these manifests are applied. The same observe
 * and plan run here, on the manifest's spec and the status that the cluster has; nothing is written.
 */
import PQueue from 'p-queue';
import type { DataJob } from '../api/data-job.ts';
import { dataJobType } from '../api/data-job.ts';
import { decodeDataJob } from '../api/validate.ts';
import { ControlServiceError } from '../control-service/errors.ts';
import { withRetries } from '../control-service/retry.ts';
import type { KubeClient } from '../kube/client.ts';
import { isNotFound, KubeError } from '../kube/errors.ts';
import type { KubeObject } from '../kube/object.ts';
import { messageOf } from '../platform/errors.ts';
import { silentLog } from '../platform/log.ts';
import { readClusterId } from '../reconcile/cluster-id.ts';
import { type PreviewDeps, previewDataJob } from '../reconcile/datajob/preview.ts';
import type { ConfigMapContent } from '../source/files.ts';
import { connect } from './connect.ts';
import { type Context, exitCodes } from './context.ts';
import { type LoadedManifest, loadManifests } from './manifests.ts';
import type { planOptions } from './options.ts';
import { changesSomething, type PlannedObject, planAsJson, planLines } from './plan-report.ts';
import { paintFor } from './print.ts';
import type { SettingsOf } from './settings.ts';
import { UsageError } from './usage-error.ts';

/** Reads at one time: quick for many manifests, and no load for the service. */
const concurrency = 8;

/** After the first try; VDK's variables may say otherwise. */
const standardRetries = 2;

const configMapType = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
} as const;

export async function plan(
  context: Context,
  settings: SettingsOf<typeof planOptions>,
): Promise<number> {
  const { process, files, clock, random } = context;
  if (settings.file === undefined) {
    throw new UsageError('plan needs manifests: -f FILE, or -f FOLDER for all files in it.');
  }
  const loaded = await loadManifests(files, settings.file);
  const manifests = loaded.map((each) => withNamespace(each, settings.namespace));
  const jobs = manifests.filter(({ manifest }) => manifest.kind === dataJobType.kind);
  if (jobs.length === 0) throw new UsageError(`${settings.file} holds no DataJob.`);
  refuseInvalid(jobs);
  const clients = await connect(context, settings, silentLog);
  try {
    const { kube } = clients;
    // Nobody else tries again here: a service that is just starting deserves a second question.
    const retries = clients.vdk.retries ?? standardRetries;
    const service = withRetries(clients.service, { clock, random, retries });
    const clusterId = settings.clusterId ?? (await readClusterId(kube, process.stop));
    const readConfigMap = configMapReader(kube, manifests);
    const deps = { service, clusterId, clock, readConfigMap };
    const queue = new PQueue({ concurrency });
    const planned = await queue.addAll(
      jobs.map((job) => () => planOne(deps, kube, job, process.stop)),
    );
    report(context, settings.output, planned);
    if (planned.some(({ error }) => error !== undefined)) return exitCodes.failed;
    return changesSomething(planned) ? exitCodes.differs : exitCodes.done;
  } finally {
    await clients.close();
  }
}

function report(context: Context, format: 'text' | 'json', planned: readonly PlannedObject[]) {
  const { stdout, env } = context.process;
  const text =
    format === 'json' ? planAsJson(planned) : planLines(planned, paintFor(stdout, env)).join('\n');
  stdout.write(`${text}\n`);
}

/** All problems of all manifests at once, before anybody is asked. */
function refuseInvalid(jobs: readonly LoadedManifest[]): void {
  const problems = jobs.flatMap(({ manifest, where }) => {
    const decoded = decodeDataJob(manifest);
    if (decoded.kind === 'valid') return [];
    return decoded.problems.map(({ field, message }) => `${where}: ${field}: ${message}`);
  });
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
}

async function planOne(
  deps: PreviewDeps,
  kube: KubeClient,
  { manifest, where }: LoadedManifest,
  signal: AbortSignal,
): Promise<PlannedObject> {
  const { kind, metadata } = manifest;
  const base = { kind, namespace: metadata.namespace ?? '', name: metadata.name };
  try {
    const live = await readLive(kube, base, signal);
    const decoded = decodeDataJob(manifest, live);
    if (decoded.kind === 'invalid') {
      const problems = decoded.problems.map(({ field, message }) => `${field}: ${message}`);
      return { ...base, actions: [], withheld: [], error: `${where}: ${problems.join('; ')}` };
    }
    const { actions, held } = await previewDataJob(deps, merged(decoded.dataJob, live), signal);
    return held === undefined
      ? { ...base, actions, withheld: [] }
      : { ...base, actions: [], withheld: actions };
  } catch (error) {
    signal.throwIfAborted();
    // Who cannot be reached for one object cannot be for any: said once, for all.
    if (isOutage(error)) throw error;
    return { ...base, actions: [], withheld: [], error: messageOf(error) };
  }
}

function isOutage(error: unknown): boolean {
  const fromOutside = error instanceof ControlServiceError || error instanceof KubeError;
  return fromOutside && error.disposition === 'transient';
}

/** What applying the manifest would make of the object in the cluster. */
function merged(dataJob: DataJob, live: DataJob | undefined): DataJob {
  if (live === undefined) return dataJob;
  const { annotations, labels } = dataJob.metadata;
  const metadata = {
    ...live.metadata,
    annotations: { ...live.metadata.annotations, ...annotations },
    labels: { ...live.metadata.labels, ...labels },
  };
  const { status } = live;
  return { ...dataJob, metadata, ...(status === undefined ? {} : { status }) };
}

async function readLive(
  kube: KubeClient,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<DataJob | undefined> {
  return await absentWhenNotFound(kube.get<DataJob>(dataJobType, { namespace, name }, signal));
}

/** A ConfigMap among the manifests counts as applied; any other is read from the cluster. */
function configMapReader(
  kube: KubeClient,
  manifests: readonly LoadedManifest[],
): PreviewDeps['readConfigMap'] {
  const given = new Map(
    manifests
      .filter(({ manifest }) => manifest.kind === configMapType.kind)
      .map(({ manifest }) => [
        `${manifest.metadata.namespace}/${manifest.metadata.name}`,
        manifest,
      ]),
  );
  return async (namespace, name, signal) => {
    const manifest = given.get(`${namespace}/${name}`);
    if (manifest !== undefined) {
      return { revision: 'manifest', content: manifest as ConfigMapContent };
    }
    const found = await absentWhenNotFound(
      kube.get<KubeObject & ConfigMapContent>(configMapType, { namespace, name }, signal),
    );
    if (found === undefined) return undefined;
    return { revision: found.metadata.resourceVersion ?? '', content: found };
  };
}

async function absentWhenNotFound<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function withNamespace({ manifest, where }: LoadedManifest, namespace: string): LoadedManifest {
  const metadata = { namespace, ...manifest.metadata };
  return { where, manifest: { ...manifest, metadata } };
}
