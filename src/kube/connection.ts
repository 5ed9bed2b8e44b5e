/**
 * The way to a cluster, as kubectl finds it: kubeconfig file, KUBECONFIG, ~/.kube/config, or the
 * pod's own account. The library reads files, runs exec plugins and renews tokens; requests are
 * our own. A configuration that cannot work is one readable sentence.
 */
import { dirname } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Clock } from '../platform/clock.ts';
import { messageOf, OperatorError } from '../platform/errors.ts';
import { type HttpTransport, undiciTransport } from '../platform/http.ts';
import type { KubeClientOptions } from './client.ts';
import { withTokenFiles } from './token-file.ts';

export interface ConnectionOptions {
  /** Path, or several with colons in between; undefined = what KUBECONFIG or the pod says. */
  readonly kubeconfig?: string | undefined;
  /** undefined = the current one. */
  readonly context?: string | undefined;
  readonly clock: Clock;
}

/** Everything that `createKubeClient` needs to know of a cluster. */
export interface Connection {
  readonly baseUrl: string;
  readonly transport: HttpTransport;
  readonly watchTransport: HttpTransport;
  readonly headers: NonNullable<KubeClientOptions['headers']>;
  /** That of the context, or of the pod. */
  readonly namespace: string;
  close(): Promise<void>;
}

/** Enough for every worker of this program; the API server counts requests, not connections. */
const apiConnections = 8;
/** A watch keeps its connection, and one that finds none free would wait for ever. */
const watchConnections = 128;
const apiHeadersTimeoutMs = 15_000;
const apiBodyTimeoutMs = 30_000;
/** The server answers a watch at once, even when nothing happens. */
const watchHeadersTimeoutMs = 30_000;
/** Asking the library means reading files, so not for every request. */
const credentialsFreshMs = 10_000;

export async function openConnection(options: ConnectionOptions): Promise<Connection> {
  const config = await readConfig(options);
  const baseUrl = serverOf(config);
  const tls = await tlsOf(config);
  const api = undiciTransport({
    connections: apiConnections,
    headersTimeoutMs: apiHeadersTimeoutMs,
    bodyTimeoutMs: apiBodyTimeoutMs,
    tls,
  });
  const watches = undiciTransport({
    connections: watchConnections,
    headersTimeoutMs: watchHeadersTimeoutMs,
    bodyTimeoutMs: 0,
    tls,
  });
  return {
    baseUrl,
    transport: api,
    watchTransport: watches,
    headers: cachedHeaders(options, config),
    namespace: config.getContextObject(config.currentContext)?.namespace || 'default',
    async close() {
      await Promise.all([api.close(), watches.close()]);
    },
  };
}

async function readConfig({ kubeconfig, context }: ConnectionOptions): Promise<KubeConfig> {
  // The whole library is 80 MB in memory: who has no cluster to reach does not pay for it.
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js');
  const config = knowingTokenFiles(new KubeConfig());
  const [first, ...others] = kubeconfig?.split(':').filter((path) => path !== '') ?? [];
  try {
    if (first === undefined) config.loadFromDefault();
    else config.loadFromFile(first);
    for (const path of others) {
      const other = knowingTokenFiles(new KubeConfig());
      other.loadFromFile(path);
      config.mergeConfig(other, true);
    }
  } catch (error) {
    throw invalid(kubeconfig, `cannot be read: ${reasonOf(error)}`, error);
  }
  if (context !== undefined) config.setCurrentContext(context);
  // What the library assumes when it finds no file and is not in a pod.
  if (config.currentContext === 'loaded-context') {
    throw new OperatorError(
      'terminal',
      'NoKubeconfig',
      'There is no kubeconfig and this is no pod: name one with --kubeconfig or KUBECONFIG, or put it at ~/.kube/config.',
    );
  }
  const cluster = config.getCurrentCluster();
  if (cluster === null || config.getCurrentUser() === null) {
    const known = config.contexts.map((each) => each.name).join(', ') || 'none';
    throw invalid(
      kubeconfig,
      `has no complete context "${config.currentContext ?? ''}" with cluster and user (contexts: ${known})`,
    );
  }
  if (cluster.proxyUrl !== undefined) {
    throw invalid(kubeconfig, 'asks for a proxy (proxy-url), which is not supported: remove it');
  }
  return withoutTlsWhereNone(config);
}

function knowingTokenFiles(config: KubeConfig): KubeConfig {
  const [fromFile, fromString] = [config.loadFromFile, config.loadFromString];
  let folder = '.';
  config.loadFromFile = (file, ...more) => {
    folder = dirname(file);
    fromFile.call(config, file, ...more);
  };
  config.loadFromString = (text, ...more) => {
    fromString.call(config, withTokenFiles(text, folder), ...more);
  };
  return config;
}

/** The library refuses plain http unless told that certificates do not matter; there are none. */
function withoutTlsWhereNone(config: KubeConfig): KubeConfig {
  config.clusters = config.clusters.map((cluster) =>
    cluster.server.startsWith('http:') ? { ...cluster, skipTLSVerify: true } : cluster,
  );
  return config;
}

function serverOf(config: KubeConfig): string {
  const server = config.getCurrentCluster()?.server ?? '';
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    throw invalid(undefined, `names the server "${server}", which is no http or https address`);
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/** What the library fills in of Node's own request options. */
interface RequestOptions {
  ca?: Buffer;
  cert?: string | Buffer;
  key?: string | Buffer;
  servername?: string;
  rejectUnauthorized?: boolean;
  /** user:password */
  auth?: string;
  headers?: Record<string, string>;
}

async function requestOptionsOf(config: KubeConfig): Promise<RequestOptions> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options as Parameters<KubeConfig['applyToHTTPSOptions']>[0]);
  return options;
}

type Tls = NonNullable<Parameters<typeof undiciTransport>[0]['tls']>;

async function tlsOf(config: KubeConfig): Promise<Tls> {
  try {
    const { ca, cert, key, servername, rejectUnauthorized } = await requestOptionsOf(config);
    return {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(servername === undefined ? {} : { servername }),
      ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    };
  } catch (error) {
    throw invalid(undefined, `has credentials that cannot be used: ${reasonOf(error)}`, error);
  }
}

function cachedHeaders(options: ConnectionOptions, first: KubeConfig): Connection['headers'] {
  let config = first;
  let cached: { readonly headers: Record<string, string>; readonly untilMs: number } | undefined;
  return async ({ fresh }) => {
    if (!fresh && cached !== undefined && options.clock.elapsed() < cached.untilMs) {
      return cached.headers;
    }
    // The library has a cache of its own; a configuration read anew starts without.
    if (fresh) config = await readConfig(options);
    const headers = headersOf(await requestOptionsOf(config), serverOf(config));
    cached = { headers, untilMs: options.clock.elapsed() + credentialsFreshMs };
    return headers;
  };
}

function headersOf({ auth, headers = {} }: RequestOptions, server: string): Record<string, string> {
  // As kubectl does: nobody on the way may read a token.
  if (server.startsWith('http:')) return {};
  const found = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.trim()]);
  const basic =
    auth === undefined ? {} : { authorization: `Basic ${Buffer.from(auth).toString('base64')}` };
  return { ...basic, ...Object.fromEntries(found) };
}

function invalid(path: string | undefined, problem: string, cause?: unknown): OperatorError {
  const file = path === undefined ? 'The kubeconfig' : `The kubeconfig ${path}`;
  return new OperatorError('terminal', 'InvalidKubeconfig', `${file} ${problem}.`, { cause });
}

/** One line: parsers go on to quote the file, which may hold a token. */
function reasonOf(error: unknown): string {
  // The library does not look before it reads fields of an empty file.
  if (error instanceof TypeError) return 'it is not a kubeconfig';
  return messageOf(error).replace(/\n.*/s, '');
}
