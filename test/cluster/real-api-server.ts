/**
 * The real Kubernetes API server that tests run against: the cluster that TEST_KUBECONFIG names, or
 * else one of the test's own, started from the programs in the folder KUBEBUILDER_ASSETS. Where
 * there is neither, k3s may be started (announce.ts), and otherwise the reason is told.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { loadManifests } from '../../src/cli/manifests.ts';
import { createKubeClient, type KubeClient } from '../../src/kube/client.ts';
import { type Connection, openConnection } from '../../src/kube/connection.ts';
import { isConflict } from '../../src/kube/errors.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { systemFiles } from '../../src/platform/files.ts';
import { readText } from '../../src/platform/http.ts';
import { silentLog } from '../../src/platform/log.ts';
import { kubeconfigFor } from '../../src/sandbox/kube-api/kubeconfig.ts';
import { type OwnServer, startOwnServer } from './own-server.ts';
import { eventually, projectFolder } from './programs.ts';

/** Where a real API server comes from on this machine. */
export type Target =
  | { readonly kind: 'kubeconfig'; readonly file: string }
  | { readonly kind: 'assets'; readonly folder: string }
  /** Configured: somebody has named one, and it is not there. */
  | { readonly kind: 'none'; readonly reason: string; readonly isConfigured: boolean };

export interface RealApiServer {
  readonly url: string;
  readonly version: string;
  /** Of an administrator. */
  readonly kubeconfigFile: string;
  /** An administrator's client. */
  readonly kube: KubeClient;
  readonly connection: Connection;
  /** undefined = a cluster that was there before: nobody here may restart it. */
  readonly own: OwnServer | undefined;
  /** A folder that goes with the server. */
  readonly folder: string;
  /** Any request of an administrator; the answer as it came. */
  request(method: string, path: string, body?: unknown): Promise<RawAnswer>;
  /** A kubeconfig file for another token; `name` is that of the file. */
  kubeconfigWith(name: string, parts: KubeconfigParts): string;
  close(): Promise<void>;
}

export interface KubeconfigParts {
  readonly token: string;
  /** That its owner is at home in. */
  readonly namespace?: string;
  /** Another way to the server than the direct one. */
  readonly url?: string;
}

export interface RawAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers of any kind, looked at by tests only.
  readonly body: any;
}

export interface RealApiServerOptions {
  /** Garbage collection, deletion of namespaces, accounts of new namespaces. */
  readonly controllers?: boolean;
  /** False for who installs them by other means. */
  readonly crds?: boolean;
  /** More for kube-apiserver, where it is one of the test's own. */
  readonly args?: readonly string[];
}

const crdType = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
} as const;

const answerMaxBytes = 256 * 2 ** 20;

export function findTarget(env: NodeJS.ProcessEnv = process.env): Target {
  const { TEST_KUBECONFIG: file, KUBEBUILDER_ASSETS: folder } = env;
  if (file) {
    if (existsSync(file)) return { kind: 'kubeconfig', file };
    const reason = `TEST_KUBECONFIG names ${file}, which is not there`;
    return { kind: 'none', reason, isConfigured: true };
  }
  if (!folder) {
    const reason =
      'neither TEST_KUBECONFIG nor KUBEBUILDER_ASSETS is set; "node scripts/kube-tools/build.ts" prints a folder for the second';
    return { kind: 'none', reason, isConfigured: false };
  }
  const missing = ['kube-apiserver', 'etcd'].filter((name) => !existsSync(join(folder, name)));
  if (missing.length === 0) return { kind: 'assets', folder };
  const reason = `KUBEBUILDER_ASSETS is ${folder}, without ${missing.join(', ')}`;
  return { kind: 'none', reason, isConfigured: true };
}

/** A program beside the API server's (kubectl, helm), if it is there. */
export function findProgram(name: string): string | undefined {
  const { KUBEBUILDER_ASSETS: folder } = process.env;
  const path = folder === undefined ? undefined : join(folder, name);
  return path !== undefined && existsSync(path) ? path : undefined;
}

export async function startRealApiServer(
  target: Exclude<Target, { kind: 'none' }>,
  { controllers, crds = true, args }: RealApiServerOptions = {},
): Promise<RealApiServer> {
  const folder = mkdtempSync(join(tmpdir(), 'datajob-operator-cluster-'));
  const own =
    target.kind === 'assets'
      ? await startOwnServer({
          assets: target.folder,
          folder: join(folder, 'server'),
          controllers,
          args,
        })
      : undefined;
  try {
    const file = target.kind === 'assets' ? undefined : target.file;
    const server = await connected(file, own, folder);
    if (crds) await installCrds(server);
    return server;
  } catch (error) {
    await own?.close();
    throw error;
  }
}

async function connected(
  file: string | undefined,
  own: OwnServer | undefined,
  folder: string,
): Promise<RealApiServer> {
  const kubeconfigFile = own?.kubeconfigFile ?? file ?? '';
  const clock = systemClock;
  const connection = await openConnection({ kubeconfig: kubeconfigFile, clock });
  const log = silentLog;
  const kube = createKubeClient({ ...connection, clock, log, userAgent: 'a-person' });
  const request = requester(connection);
  return {
    url: connection.baseUrl,
    version: (await request('GET', '/version')).body.gitVersion,
    kubeconfigFile,
    kube,
    connection,
    own,
    folder,
    request,
    kubeconfigWith(name, parts) {
      const path = join(folder, `kubeconfig-${name}`);
      const ca = authorityIn(kubeconfigFile);
      const trust = ca === undefined ? {} : { ca };
      const text = kubeconfigFor({ url: connection.baseUrl, ...trust, ...parts });
      writeFileSync(path, text, { mode: 0o600 });
      return path;
    },
    async close() {
      await connection.close();
      await own?.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function requester({ transport, baseUrl, headers }: Connection): RealApiServer['request'] {
  return async (method, path, body) => {
    const patch = 'application/merge-patch+json';
    const type = method === 'PATCH' ? patch : 'application/json';
    const response = await transport({
      method,
      url: `${baseUrl}${path}`,
      headers: { ...(await headers({ fresh: false })), 'content-type': type },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await readText(response, answerMaxBytes);
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    return { status: response.status, body: isJson ? JSON.parse(text) : text };
  };
}

/** Those in `crds/`, and waits until they are served. */
async function installCrds({ kube, request }: RealApiServer): Promise<void> {
  const loaded = await loadManifests(systemFiles, join(projectFolder, 'crds'));
  for (const { manifest } of loaded) {
    const crd = manifest as KubeObject;
    try {
      await kube.create(crdType, crd);
    } catch (error) {
      if (!isConflict(error)) throw error;
      await kube.patch(crdType, crd.metadata, { kind: 'merge', body: crd });
    }
    const { group, names, versions } = manifest.spec as {
      readonly group: string;
      readonly names: { readonly plural: string };
      readonly versions: readonly { readonly name: string }[];
    };
    const path = `/apis/${group}/${versions[0]?.name}/${names.plural}?limit=1`;
    const isServed = await eventually(
      async () => (await request('GET', path)).status === 200,
      30_000,
    );
    if (!isServed) throw new Error(`${names.plural}.${group} is not served`);
  }
}

function authorityIn(kubeconfigFile: string): string | undefined {
  const config = load(readFileSync(kubeconfigFile, 'utf8')) as {
    readonly clusters: readonly { readonly cluster: Record<string, string> }[];
  };
  const { cluster = {} } = config.clusters[0] ?? {};
  const { 'certificate-authority-data': data, 'certificate-authority': file } = cluster;
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
  return file === undefined ? undefined : readFileSync(file, 'utf8');
}
