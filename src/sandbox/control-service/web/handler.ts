/**
 * From a request to its response: odd URLs refused as the real web server does, the operation id,
 * routing, types, the body, the operation, errors, and the record of it all.
 */
import { Hono } from 'hono';
import { type OperationId, operations } from '../../../control-service/contract.ts';
import { sleep } from '../../../platform/clock.ts';
import { messageOf } from '../../../platform/errors.ts';
import type { HttpHandler } from '../../../platform/http.ts';
import type { HandledRequest } from '../request-record.ts';
import type { Settings } from '../settings.ts';
import { type Answer, empty, frameworkError, htmlPage, json, toResponse } from './answers.ts';
import type { Call, Operation } from './call.ts';
import { bug, externalSystem, ServiceFailure } from './failures.ts';
import { accepts, hasMedia, readRequestBody } from './reading.ts';
import { bodyRules } from './routes.ts';
import { refusedUrl } from './url-rules.ts';

/** A page outside the Data Jobs API: never asked for a token, never recorded as an operation. */
export type HelperPage = () => Answer;

/** What the security layer decides: go on as someone, or answer at once. */
export type Guard = (
  request: Request,
  opId: string,
) => Promise<{ readonly user: string | null } | { readonly answer: Answer }>;

export interface HandlerParts {
  readonly settings: Settings;
  readonly operations: Readonly<Record<OperationId, Operation>>;
  readonly pages: Readonly<Record<string, HelperPage>>;
  readonly guard: Guard;
  readonly onHandled: (handled: HandledRequest) => void;
}

/** What is known about a request while it is handled. */
interface Exchange {
  readonly opId: string;
  readonly path: string;
  user: string | null;
  operation: OperationId | undefined;
  body?: unknown;
}

type Env = { Bindings: { exchange: Exchange } };

export function createHandler(parts: HandlerParts): HttpHandler {
  const { settings } = parts;
  const app = createRouter(parts);
  return async (request) => {
    const url = new URL(request.url);
    const path = request.url.slice(url.origin.length).replace(/#.*$/, '') || '/';
    const opId = request.headers.get('x-opid') || `0${Math.trunc(settings.clock.now())}`;
    const exchange: Exchange = { opId, path, user: null, operation: undefined };
    const response = await respond(parts, app, request, exchange);
    parts.onHandled({
      operation: exchange.operation,
      method: request.method,
      path,
      status: response.status,
      opId,
      ...(request.headers.has('user-agent')
        ? { userAgent: request.headers.get('user-agent') ?? '' }
        : {}),
      ...('body' in exchange ? { body: exchange.body } : {}),
    });
    return response;
  };
}

async function respond(
  parts: HandlerParts,
  app: Hono<Env>,
  request: Request,
  exchange: Exchange,
): Promise<Response> {
  const { settings } = parts;
  const rawPath = exchange.path.replace(/\?.*$/s, '');
  if (settings.latencyMs > 0) await sleep(settings.clock, settings.latencyMs, request.signal);
  const refused = refusedUrl(request, exchange.path);
  if (refused === 'page') return htmlPage(400, 'Bad Request');
  if (refused === 'error') {
    const answer = frameworkError(settings.clock.now(), 500, rawPath);
    return toResponse(answer, exchange.opId, request);
  }
  try {
    const guarded = await parts.guard(request, exchange.opId);
    if ('answer' in guarded) return toResponse(guarded.answer, exchange.opId, request);
    exchange.user = guarded.user;
    return await app.fetch(request, { exchange });
  } catch (error) {
    return toResponse(failureAnswer(error, settings), exchange.opId, request);
  }
}

function createRouter(parts: HandlerParts): Hono<Env> {
  const app = new Hono<Env>({ strict: false });
  for (const [path, page] of Object.entries(parts.pages)) {
    app.get(path, (context) => toResponse(page(), context.env.exchange.opId, context.req.raw));
  }
  for (const [path, byMethod] of operationsByPath()) {
    const pattern = path.replace(/\{(\w+)\}/g, ':$1');
    app.all(pattern, async (context) => {
      const { exchange } = context.env;
      const params = context.req.param() as unknown as Call['params'];
      const answer = await dispatch(parts, context.req.raw, exchange, byMethod, params);
      return toResponse(answer, exchange.opId, context.req.raw);
    });
  }
  app.notFound((context) => {
    const { exchange } = context.env;
    return toResponse(
      refusal(parts, context.req.raw, exchange, 404),
      exchange.opId,
      context.req.raw,
    );
  });
  app.onError((error, context) =>
    toResponse(failureAnswer(error, parts.settings), context.env.exchange.opId, context.req.raw),
  );
  return app;
}

function operationsByPath(): Map<string, Map<string, OperationId>> {
  const paths = new Map<string, Map<string, OperationId>>();
  for (const [id, { method, path }] of Object.entries(operations)) {
    const byMethod = paths.get(path) ?? new Map<string, OperationId>();
    paths.set(path, byMethod.set(method, id as OperationId));
  }
  return paths;
}

async function dispatch(
  parts: HandlerParts,
  request: Request,
  exchange: Exchange,
  byMethod: ReadonlyMap<string, OperationId>,
  params: Call['params'],
): Promise<Answer> {
  const { settings } = parts;
  const allowed = [...byMethod.keys()].join(', ');
  if (request.method === 'OPTIONS') return withHeader(empty(200), { Allow: `${allowed}, OPTIONS` });
  const id = byMethod.get(request.method === 'HEAD' ? 'GET' : request.method);
  if (id === undefined) {
    return withHeader(refusal(parts, request, exchange, 405), { Allow: allowed });
  }
  exchange.operation = id;
  const rule = bodyRules[id];
  if (rule !== undefined && !hasMedia(request, rule)) {
    return withHeader(refusal(parts, request, exchange, 415), { Accept: rule.media });
  }
  const bytes = id === 'dataJobSourcesDownload' || id === 'dataJobKeytabDownload';
  const types = bytes ? ['application/json', 'application/octet-stream'] : ['application/json'];
  if (!accepts(request, ...types)) return refusal(parts, request, exchange, 406);
  if (settings.faultRate > 0 && settings.random.next() < settings.faultRate) {
    throw externalSystem('KUBERNETES', 'a fault made on purpose, nothing was done');
  }
  const read = await readRequestBody(request, rule, settings);
  recordBody(exchange, id, read.text);
  return await parts.operations[id]({
    request,
    opId: exchange.opId,
    user: exchange.user,
    params,
    query: new URL(request.url).searchParams,
    body: read.body,
    json: read.json,
    bytes: read.bytes,
    baseUrl: settings.baseUrl ?? new URL(request.url).origin,
  });
}

/** The framework's refusal, as far as the caller's `Accept` lets it have a body. */
function refusal(
  { settings }: HandlerParts,
  request: Request,
  exchange: Exchange,
  status: number,
): Answer {
  const path = exchange.path.replace(/\?.*$/s, '');
  if (status !== 406 && accepts(request, 'application/json')) {
    return frameworkError(settings.clock.now(), status, path);
  }
  if (!accepts(request, 'text/html')) return empty(status);
  return { kind: 'raw', response: htmlPage(status, 'Whitelabel Error Page') };
}

function withHeader(answer: Answer, headers: Readonly<Record<string, string>>): Answer {
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

function failureAnswer(error: unknown, settings: Settings): Answer {
  if (error instanceof ServiceFailure) return json(error.fields, error.status);
  settings.log.error('the embedded Control Service failed on a request', {
    error: messageOf(error),
  });
  return json(bug(messageOf(error)).fields, 500);
}

/** Larger bodies are not kept: the record is for looking at, and bounded. */
const recordedBodyMaxChars = 16_384;
const secretOperations: ReadonlySet<string> = new Set([
  'dataJobSecretsUpdate',
  'oauthCredentialsPut',
]);

function recordBody(exchange: Exchange, id: OperationId, text: string | undefined): void {
  if (text === undefined || text.length > recordedBodyMaxChars || secretOperations.has(id)) return;
  try {
    exchange.body = JSON.parse(text);
  } catch {
    exchange.body = text;
  }
}
