/**
 * One request to the API server: credentials, deadline, the second try after 401, and every way
 * it can fail as a `KubeError`. Knows nothing of kinds.
 */
import { DeadlineError, withDeadline } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import { type HttpResponse, type HttpTransport, readText } from '../platform/http.ts';
import { abortable } from './abortable.ts';
import type { KubeClientOptions } from './client.ts';
import { errorOfAnswer, errorOfFailure, errorOfNonsense, KubeError } from './errors.ts';

export interface KubeRequest {
  /** For errors: "list widgets.example.com". */
  readonly what: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** With its question mark. */
  readonly query?: string;
  readonly body?: object;
  readonly contentType?: string;
  /** Other than plain JSON. */
  readonly accept?: string;
}

export interface Requester {
  readonly baseUrl: string;
  /** Sends, and decodes the answer. */
  send<T>(request: KubeRequest, signal: AbortSignal | undefined): Promise<T>;
  /** Sends on the watch transport; the successful answer's body is the caller's until `signal`. */
  open(request: KubeRequest, signal: AbortSignal): Promise<HttpResponse>;
}

/** The API server itself gives up on a request after 60 s; who waits here has other work. */
const requestDeadlineMs = 30_000;
/** A page of 500 objects of 100 kB fits; what does not would fill the memory. */
const answerMaxBytes = 64 * 2 ** 20;
/** Refusals are a Status of a few kB; more than this is not read. */
const refusalMaxBytes = 256 * 2 ** 10;

export function createRequester(options: KubeClientOptions): Requester {
  const { baseUrl, clock } = options;
  return {
    baseUrl,
    async send<T>(request: KubeRequest, signal: AbortSignal | undefined): Promise<T> {
      try {
        return await withDeadline(clock, request.what, requestDeadlineMs, signal, async (both) => {
          const response = await exchange(options, request, options.transport, both);
          const text = await abortable(both, readText(response, answerMaxBytes));
          return decoded<T>(request.what, baseUrl, response, text);
        });
      } catch (error) {
        signal?.throwIfAborted();
        throw errorOfFailure(request.what, baseUrl, error);
      }
    },
    async open(request, signal) {
      // The deadline is for the answer's head only, so it must not reach into the body.
      const late = new AbortController();
      const cancel = clock.after(requestDeadlineMs, () =>
        late.abort(new DeadlineError(request.what, requestDeadlineMs)),
      );
      try {
        const both = AbortSignal.any([signal, late.signal]);
        const transport = options.watchTransport ?? options.transport;
        return await exchange(options, request, transport, both);
      } catch (error) {
        signal.throwIfAborted();
        throw errorOfFailure(request.what, baseUrl, error);
      } finally {
        cancel();
      }
    },
  };
}

/** A successful answer; a refused one is thrown. */
async function exchange(
  options: KubeClientOptions,
  request: KubeRequest,
  transport: HttpTransport,
  signal: AbortSignal,
): Promise<HttpResponse> {
  let response = await sendOnce(options, request, transport, false, signal);
  if (isSuccess(response)) return response;
  let text = await abortable(signal, readText(response, refusalMaxBytes));
  if (response.status === 401 && options.headers !== undefined) {
    response = await sendOnce(options, request, transport, true, signal);
    if (isSuccess(response)) return response;
    text = await abortable(signal, readText(response, refusalMaxBytes));
  }
  throw errorOfAnswer(
    request.what,
    options.baseUrl,
    {
      status: response.status,
      contentType: typeOf(response),
      retryAfter: response.headers.get('retry-after'),
      text,
    },
    options.clock.now(),
  );
}

async function sendOnce(
  options: KubeClientOptions,
  request: KubeRequest,
  transport: HttpTransport,
  fresh: boolean,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const { method, path, query = '', body } = request;
  const { contentType = 'application/json', accept = 'application/json' } = request;
  const startedAt = options.clock.elapsed();
  const credentials = await abortable(signal, credentialsOf(options, fresh));
  const response = await abortable(
    signal,
    transport({
      method,
      url: `${options.baseUrl}${path}${query}`,
      headers: {
        accept,
        'user-agent': options.userAgent,
        ...(body === undefined ? {} : { 'content-type': contentType }),
        ...credentials,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
    }),
  );
  const ms = Math.round(options.clock.elapsed() - startedAt);
  options.log.debug('kubernetes request', { method, path, status: response.status, ms });
  return response;
}

async function credentialsOf(
  { headers }: KubeClientOptions,
  fresh: boolean,
): Promise<Readonly<Record<string, string>>> {
  try {
    return (await headers?.({ fresh })) ?? {};
  } catch (error) {
    throw new KubeError(
      'transient',
      'NoCredentials',
      `Cannot get credentials for the Kubernetes API server: ${messageOf(error)}. Check the user in the kubeconfig: its files, its exec command, its sign-in.`,
      { cause: error },
    );
  }
}

const isSuccess = ({ status }: HttpResponse): boolean => status >= 200 && status < 300;
const typeOf = ({ headers }: HttpResponse): string => headers.get('content-type') ?? '';

function decoded<T>(what: string, baseUrl: string, response: HttpResponse, text: string): T {
  const nonsense = () =>
    errorOfNonsense(what, baseUrl, {
      status: response.status,
      contentType: typeOf(response),
      text,
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw nonsense();
  }
  // Anything else would be somebody else's JSON: an object of Kubernetes names its kind.
  if (typeof value !== 'object' || value === null || !('kind' in value)) throw nonsense();
  return value as T;
}
