/**
 * The embedded Kubernetes API server: a `Request → Response` handler that kubectl and the operator
 * take for a real one. Everything is in memory and in order; time and randomness come from outside.
 */
import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import type { HttpHandler } from '../../platform/http.ts';
import type { Log } from '../../platform/log.ts';
import type { Random } from '../../platform/random.ts';
import { ApiError, methodNotAllowed, noSuchResource, notFound, unauthorized } from './api-error.ts';
import { serialize } from './body.ts';
import { builtinKinds } from './builtin/builtin-kinds.ts';
import { namespaceStorage } from './builtin/namespace-kind.ts';
import type { Call, Server } from './call.ts';
import { createControllers } from './controllers.ts';
import { createStored } from './internal-write.ts';
import { apiVersionOf } from './kind.ts';
import { negotiate, type Representation } from './negotiation.ts';
import { answerOther, isHealthPath } from './other-paths.ts';
import { createRecord, type RequestRecord } from './record.ts';
import { createRegistry } from './registry.ts';
import { type RequestInfo, requestInfo } from './request-info.ts';
import { createStore } from './store.ts';
import { type Answer, answer } from './verbs.ts';
import { createWatchHub } from './watch-hub.ts';

export interface KubeApiSettings {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** When given, every request must carry it as a bearer token. */
  readonly token?: string;
  /** Changes of one resource that are remembered; a watch from before them is told 410. */
  readonly watchHistory?: number;
}

export interface EmbeddedKubeApi {
  /** Callers in this process use it directly. */
  readonly handler: HttpHandler;
  readonly record: RequestRecord;
  /** Watches that are open now. */
  openWatches(): number;
  /** Forgets all history, as etcd's compaction does. */
  compact(): void;
  /** All objects, as JSON; `restore` takes them back, and older watches are told 410. */
  snapshot(): unknown;
  restore(state: unknown): void;
  /** Ends all watches. */
  close(): void;
}

/** Room for every object of a large test to change once while a client reads its pages. */
const watchHistoryDefault = 10_000;

const initialNamespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

export function createKubeApi(settings: KubeApiSettings): EmbeddedKubeApi {
  const { clock, random, log } = settings;
  const store = createStore(settings.watchHistory ?? watchHistoryDefault);
  const registry = createRegistry(builtinKinds());
  const server: Server = { clock, random, log, store, registry };
  const hub = createWatchHub();
  const controllers = createControllers(server, hub);
  const record = createRecord();
  makeNamespaces(server);
  controllers.settle();

  const handler: HttpHandler = async (request) => {
    const url = new URL(request.url);
    const info = requestInfo(request.method, url);
    const userAgent = request.headers.get('user-agent') ?? '';
    const response = await respond(request, url, info, userAgent);
    record.add({
      method: request.method,
      path: url.pathname,
      resource: info?.plural ?? '',
      ...(info?.namespace === undefined ? {} : { namespace: info.namespace }),
      ...(info?.name === undefined ? {} : { name: info.name }),
      ...(info?.subresource === undefined ? {} : { subresource: info.subresource }),
      verb: info?.verb ?? request.method.toLowerCase(),
      status: response.status,
      userAgent,
    });
    return response;
  };

  const respond = async (
    request: Request,
    url: URL,
    info: RequestInfo | undefined,
    userAgent: string,
  ): Promise<Response> => {
    const warnings: string[] = [];
    let representation: Representation = defaultRepresentation;
    try {
      if (!isHealthPath(url.pathname) && !isAllowed(request, settings.token)) throw unauthorized();
      if (info === undefined) return answerOther(server, request, url);
      const call = callOf(server, info, url, userAgent, warnings);
      if (call === undefined) return answerOther(server, request, url);
      if (info.verb === undefined) throw methodNotAllowed();
      representation = negotiate(request, url.searchParams);
      const result = await answer(call, info.verb, request, representation, hub);
      return responseOf(result, representation, warnings);
    } catch (error) {
      return errorResponse(error, representation, warnings, log);
    } finally {
      controllers.settle();
    }
  };

  return {
    handler,
    record,
    openWatches: () => hub.size(),
    compact: () => store.compact(),
    snapshot: () => store.snapshot(),
    restore(state) {
      hub.endAll();
      store.restore(state);
      controllers.reset();
    },
    close: () => hub.endAll(),
  };
}

const defaultRepresentation: Representation = {
  as: 'object',
  format: 'json',
  contentType: 'application/json',
  pretty: false,
};

function isAllowed(request: Request, token: string | undefined): boolean {
  return token === undefined || request.headers.get('authorization') === `Bearer ${token}`;
}

/** undefined when no API group of that name is served at all. */
function callOf(
  server: Server,
  info: RequestInfo,
  url: URL,
  userAgent: string,
  warnings: string[],
): Call | undefined {
  const kind = server.registry.find(info.group, info.version, info.plural);
  if (kind === undefined) {
    if (!server.registry.hasBuiltinGroup(info.group)) return undefined;
    throw noSuchResource();
  }
  const { served } = kind;
  const { subresource } = info;
  const isNamespace = served.plural === 'namespaces' && served.group === '';
  const known =
    subresource === undefined ||
    (subresource === 'status' && served.subresources.status) ||
    (subresource === 'finalize' && isNamespace);
  if (!known && kind.custom) throw notFound(served, info.name ?? '');
  if (!known || (!served.namespaced && info.namespace !== undefined)) throw noSuchResource();
  if (served.namespaced && info.namespace === undefined) {
    const reads = info.verb === 'list' || info.verb === 'watch';
    if (!reads || info.name !== undefined) {
      // Custom resources and built-in kinds differ in how they do not have such a path.
      if (kind.custom) return undefined;
      throw info.name === undefined ? methodNotAllowed() : noSuchResource();
    }
  }
  return {
    server,
    kind,
    namespace: info.namespace,
    name: info.name ?? '',
    subresource,
    query: url.searchParams,
    userAgent,
    warnings,
  };
}

function responseOf(
  result: Answer,
  { format, contentType, pretty }: Representation,
  warnings: readonly string[],
): Response {
  const headers = headersOf(contentType, warnings);
  if (result.kind === 'stream') return new Response(result.stream, { headers });
  return new Response(serialize(result.value, format, pretty), { status: result.status, headers });
}

function headersOf(contentType: string, warnings: readonly string[]): Headers {
  const headers = new Headers({
    'content-type': contentType,
    'cache-control': 'no-cache, private',
  });
  for (const warning of new Set(warnings)) {
    headers.append('warning', `299 - ${JSON.stringify(warning)}`);
  }
  return headers;
}

function errorResponse(
  error: unknown,
  representation: Representation,
  warnings: readonly string[],
  log: Log,
): Response {
  if (!(error instanceof ApiError)) {
    log.error('the embedded Kubernetes API failed', { error: messageOf(error) });
  }
  const { status } =
    error instanceof ApiError ? error : new ApiError(500, 'InternalError', messageOf(error));
  const body = serialize(status, representation.format, representation.pretty);
  const headers = headersOf(representation.contentType, warnings);
  const { retryAfterSeconds } = status.details ?? {};
  if (retryAfterSeconds !== undefined) headers.set('retry-after', String(retryAfterSeconds));
  return new Response(body, { status: status.code, headers });
}

function makeNamespaces(server: Server): void {
  const kind = server.registry.byStorage(namespaceStorage);
  if (kind === undefined) return;
  const typeMeta = { apiVersion: apiVersionOf(kind.served), kind: kind.served.kind };
  for (const name of initialNamespaces) {
    createStored(server, kind, kind.withDefaults({ ...typeMeta, metadata: { name } }));
  }
}
