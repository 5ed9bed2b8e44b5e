/**
 * The typed client of the Data Jobs API for any program: `datajob-operator/client`. Needs no
 * Kubernetes. What the operator gets injected (time, network, files) is the real thing here.
 */
import { type Auth, noAuth } from './control-service/auth/auth.ts';
import { bearerAuth } from './control-service/auth/bearer.ts';
import { authFromEnvironment } from './control-service/auth/from-environment.ts';
import { apiTokenAuth, clientCredentialsAuth } from './control-service/auth/oauth.ts';
import { tokenFileAuth } from './control-service/auth/token-file.ts';
import {
  type ControlServiceClient,
  createControlServiceClient,
  type Timeouts,
} from './control-service/client.ts';
import {
  type JobsQuery,
  type QueryableJob,
  queryJobs,
  type Selected,
  type Selection,
} from './control-service/jobs-query.ts';
import { withRetries } from './control-service/retry.ts';
import { type EnvironmentSettings, readEnvironment } from './control-service/settings.ts';
import {
  type ControlServiceStreams,
  createControlServiceStreams,
} from './control-service/streams.ts';
import {
  type Deployment,
  type EndedExecution,
  type WantedDeployment,
  type WantedExecution,
  waitForDeployment,
  waitForExecution,
} from './control-service/wait.ts';
import { systemClock } from './platform/clock.ts';
import { systemFiles } from './platform/files.ts';
import { type HttpTransport, undiciTransport } from './platform/http.ts';
import { type Log, silentLog } from './platform/log.ts';
import { systemEnvironment } from './platform/process.ts';
import { systemRandom } from './platform/random.ts';

export type { ControlServiceClient, Timeouts } from './control-service/client.ts';
export type { ArgumentsOf, OperationId, ResultOf } from './control-service/contract.ts';
export { ControlServiceError, isNotFound } from './control-service/errors.ts';
export type { QueryableJob, Selected, Selection } from './control-service/jobs-query.ts';
export type { ControlServiceStreams, Download } from './control-service/streams.ts';

/** How to prove who we are. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'bearer'; readonly token: string }
  /** VDK's API token, exchanged at the authorization URL. */
  | { readonly kind: 'apiToken'; readonly apiToken: string; readonly authorizationUrl: string }
  | {
      readonly kind: 'clientCredentials';
      readonly tokenUrl: string;
      readonly clientId: string;
      readonly clientSecret: string;
      readonly scopes?: readonly string[];
    }
  /** A file that somebody else keeps fresh. */
  | { readonly kind: 'tokenFile'; readonly path: string };

export interface OpenOptions {
  /** Without `/data-jobs`; `VDK_CONTROL_SERVICE_REST_API_URL` unless given. */
  readonly baseUrl?: string;
  /** VDK's variables unless given. */
  readonly credentials?: Credentials;
  readonly timeouts?: Partial<Timeouts>;
  readonly userAgent?: string;
  /** Repeats what is safe to repeat when a failure may pass; 0 unless given or set for VDK. */
  readonly retries?: number;
  /** Where VDK's variables are read; the process's own environment unless given. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly log?: Log;
}

export interface WaitLimits {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly pollMs?: number;
}

export interface OpenedClient {
  /** All 30 operations. */
  readonly api: ControlServiceClient;
  /** Downloads that are never held as a whole. */
  readonly streams: ControlServiceStreams;
  /** Jobs of all teams, page by page, with the fields selected. */
  jobs<const S extends Selection<QueryableJob>>(
    query: JobsQuery<S>,
    signal?: AbortSignal,
  ): AsyncIterable<Selected<QueryableJob, S>>;
  waitForDeployment(wanted: WantedDeployment, limits?: WaitLimits): Promise<Deployment>;
  waitForExecution(wanted: WantedExecution, limits?: WaitLimits): Promise<EndedExecution>;
  /** Ends the connections. */
  close(): Promise<void>;
}

/** Connections to one service at one time; it serves its callers by a small pool of its own. */
const connectionsStandard = 8;
/** Calls have deadlines of their own: this only ends a silence that outlasts them all. */
const silenceMs = 20 * 60_000;

/** Throws a sentence per problem when the options, or VDK's variables, cannot work. */
export function openClient(options: OpenOptions = {}): OpenedClient {
  const vdk = readEnvironment(options.env ?? systemEnvironment());
  const baseUrl = options.baseUrl ?? vdk.baseUrl;
  if (vdk.problems.length > 0) throw new Error(vdk.problems.join('\n'));
  if (baseUrl === undefined) {
    throw new Error(
      'Which Control Service? Give baseUrl, or set VDK_CONTROL_SERVICE_REST_API_URL.',
    );
  }
  const transport = undiciTransport({
    connections: vdk.connections ?? connectionsStandard,
    headersTimeoutMs: silenceMs,
    bodyTimeoutMs: silenceMs,
    connectTimeoutMs: vdk.connectTimeoutMs,
    tls: { rejectUnauthorized: vdk.verifyTls },
  });
  const clock = systemClock;
  const settings = {
    baseUrl,
    transport,
    clock,
    random: systemRandom,
    log: options.log ?? silentLog,
    auth: authOf(options.credentials, vdk, transport),
    userAgent: options.userAgent ?? vdk.userAgent,
    timeouts: { ...vdk.timeouts, ...options.timeouts },
    opId: vdk.opId,
  };
  const retries = options.retries ?? vdk.retries ?? 0;
  const plain = createControlServiceClient(settings);
  const api = retries === 0 ? plain : withRetries(plain, { clock, random: systemRandom, retries });
  return {
    api,
    streams: createControlServiceStreams(settings),
    jobs: (query, signal) => queryJobs(api, query, { signal }),
    waitForDeployment: (wanted, limits) => waitForDeployment(api, wanted, { clock, ...limits }),
    waitForExecution: (wanted, limits) => waitForExecution(api, wanted, { clock, ...limits }),
    close: transport.close,
  };
}

function authOf(
  credentials: Credentials | undefined,
  vdk: EnvironmentSettings,
  transport: HttpTransport,
): Auth {
  const clock = systemClock;
  switch (credentials?.kind) {
    case undefined:
      return authFromEnvironment(vdk, { transport, clock });
    case 'none':
      return noAuth;
    case 'bearer':
      return bearerAuth(credentials.token);
    case 'apiToken':
      return apiTokenAuth({ ...credentials, transport, clock });
    case 'clientCredentials':
      return clientCredentialsAuth({ ...credentials, transport, clock });
    case 'tokenFile':
      return tokenFileAuth({ ...credentials, readFile: systemFiles.readText, clock });
    default:
      return credentials satisfies never;
  }
}
