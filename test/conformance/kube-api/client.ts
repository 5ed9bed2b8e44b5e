/** A plain client of a Kubernetes API for tests: JSON in, JSON out, over any transport. */
import { type HttpTransport, readLines, readText } from '../../../src/platform/http.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
export type Answer = any;

export interface Reply {
  readonly status: number;
  readonly body: Answer;
  readonly headers: ReadonlyMap<string, string>;
}

export interface WatchedEvent {
  readonly type: string;
  readonly object: Answer;
}

export interface OpenedWatch {
  /** The next `count` events, in order; rejects when they do not come. */
  take(count: number): Promise<readonly WatchedEvent[]>;
  /** Resolves when the server has ended the watch, with the events nobody took. */
  rest(): Promise<readonly WatchedEvent[]>;
  stop(): void;
}

export type Headers = Readonly<Record<string, string>>;

export interface ApiClient {
  request(
    method: string,
    path: string,
    body?: unknown,
    headers?: Headers,
    attempt?: number,
  ): Promise<Reply>;
  get(path: string, headers?: Headers): Promise<Reply>;
  post(path: string, body: unknown): Promise<Reply>;
  put(path: string, body: unknown): Promise<Reply>;
  /** A merge patch unless another type is named. */
  patch(path: string, body: unknown, type?: string): Promise<Reply>;
  /** A server-side apply. */
  apply(path: string, body: unknown): Promise<Reply>;
  delete(path: string, options?: unknown): Promise<Reply>;
  watch(path: string, headers?: Headers): Promise<OpenedWatch>;
}

export interface Endpoint {
  readonly transport: HttpTransport;
  readonly baseUrl: string;
  headers(): Promise<Headers>;
}

const answerBytesMax = 64 * 1024 * 1024;
const attemptsMax = 10;
/** Events of a server on the same machine: longer means that they will not come. */
const eventsWithinMs = 10_000;

export function createApiClient(endpoint: Endpoint): ApiClient {
  const send = async (
    method: string,
    path: string,
    body: unknown,
    headers: Headers,
    signal?: AbortSignal,
  ) =>
    await endpoint.transport({
      method,
      url: `${endpoint.baseUrl}${path}`,
      headers: {
        'user-agent': 'conformance/1.0',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(await endpoint.headers()),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  const request: ApiClient['request'] = async (method, path, body, headers = {}, attempt = 1) => {
    const response = await send(method, path, body, headers);
    const text = await readText(response, answerBytesMax);
    // A server that was just started asks for patience while it fills its caches.
    if (response.status === 429 && attempt < attemptsMax) {
      const seconds = Number(response.headers.get('retry-after') ?? 1);
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      return request(method, path, body, headers, attempt + 1);
    }
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    const { status } = response;
    return { status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
  };
  return {
    request,
    get: (path, headers) => request('GET', path, undefined, headers),
    post: (path, body) => request('POST', path, body),
    put: (path, body) => request('PUT', path, body),
    patch: (path, body, type = 'application/merge-patch+json') =>
      request('PATCH', path, body, { 'content-type': type }),
    apply: (path, body) =>
      request('PATCH', path, body, { 'content-type': 'application/apply-patch+yaml' }),
    delete: (path, options) => request('DELETE', path, options),
    watch: async (path, headers = {}) => {
      const stopper = new AbortController();
      const response = await send('GET', path, undefined, headers, stopper.signal);
      if (response.status !== 200) throw new Error(`the watch was answered ${response.status}`);
      return reading(readLines(response, answerBytesMax), stopper);
    },
  };
}

function reading(lines: AsyncGenerator<string>, stopper: AbortController): OpenedWatch {
  const seen: WatchedEvent[] = [];
  let wake = () => {};
  const ended = (async () => {
    try {
      for await (const line of lines) {
        seen.push(JSON.parse(line));
        wake();
      }
    } catch (error) {
      if (!stopper.signal.aborted) throw error;
    } finally {
      wake();
    }
  })();
  ended.catch(() => {}); // told to whoever takes or waits for the end
  return {
    async take(count) {
      const deadline = AbortSignal.timeout(eventsWithinMs);
      while (seen.length < count) {
        await Promise.race([
          new Promise<void>((resolve) => {
            wake = resolve;
          }),
          ended,
          new Promise((resolve) => deadline.addEventListener('abort', resolve, { once: true })),
        ]);
        if (seen.length >= count) break;
        if (deadline.aborted) {
          const types = seen.map(({ type }) => type).join(', ');
          throw new Error(`only ${seen.length} of ${count} events came: ${types}`);
        }
      }
      return seen.splice(0, count);
    },
    async rest() {
      await ended;
      return seen.splice(0);
    },
    stop: () => stopper.abort(),
  };
}
