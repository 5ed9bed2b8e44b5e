/**
 * The network as a dependency: one request in, one response out. Production puts undici behind
 * it, tests and the simulation put the embedded servers' handlers behind it; both clients (of
 * Kubernetes and of the Control Service) use nothing else. Redirects are never followed.
 */
import { Readable } from 'node:stream';
import { Agent } from 'undici';

export interface HttpRequest {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream is sent as it comes, in chunks of unknown total length. */
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** Must be read to its end or given to `discard`, or the connection is lost. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Rejects when no response came: connection refused, reset, time-out, TLS failure, abort. */
export type HttpTransport = (request: HttpRequest) => Promise<HttpResponse>;

export interface UndiciTransportOptions {
  /** Connections to one origin; more requests than that wait. */
  readonly connections: number;
  /** 0 = no limit. */
  readonly headersTimeoutMs: number;
  /** The longest silence inside a body; 0 = no limit (watches). */
  readonly bodyTimeoutMs: number;
  /** For a connection to stand, TLS included; undici's own 10 s unless given. */
  readonly connectTimeoutMs?: number | undefined;
  readonly tls?: {
    readonly ca?: string | Buffer;
    readonly cert?: string | Buffer;
    readonly key?: string | Buffer;
    readonly servername?: string;
    readonly rejectUnauthorized?: boolean;
  };
}

/** Probes idle connections, so that one cut by a firewall is noticed before a request needs it. */
const keepAliveInitialDelayMs = 30_000;

/** HTTP/1.1 over pooled connections. HTTP/2 is off: undici's GOAWAY handling loses requests. */
export function undiciTransport(
  options: UndiciTransportOptions,
): HttpTransport & { close(): Promise<void> } {
  const agent = new Agent({
    connections: options.connections,
    pipelining: 1,
    allowH2: false,
    headersTimeout: options.headersTimeoutMs,
    bodyTimeout: options.bodyTimeoutMs,
    connect: {
      ...options.tls,
      ...(options.connectTimeoutMs === undefined ? {} : { timeout: options.connectTimeoutMs }),
      keepAlive: true,
      keepAliveInitialDelay: keepAliveInitialDelayMs,
    },
  });
  const transport = async (request: HttpRequest): Promise<HttpResponse> => {
    const url = new URL(request.url);
    const response = await agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: request.method as 'GET',
      headers: { ...request.headers },
      body: undiciBody(request.body),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    const headers = new Map<string, string>();
    for (const [name, value] of Object.entries(response.headers)) {
      if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
    }
    return { status: response.statusCode, headers, body: response.body };
  };
  return Object.assign(transport, { close: () => agent.destroy() });
}

/** A web-standard request handler: what both embedded servers are. */
export type HttpHandler = (request: Request) => Promise<Response>;

/** Calls a handler in this process, with no socket in between. */
export function handlerTransport(handler: HttpHandler): HttpTransport {
  return async (request) => {
    request.signal?.throwIfAborted();
    const response = await handler(
      new Request(request.url, {
        method: request.method,
        redirect: 'manual',
        headers: { ...request.headers },
        ...webBody(request.body),
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      }),
    );
    const body = response.body ?? emptyBody();
    return { status: response.status, headers: new Map(response.headers), body };
  };
}

function isStream(body: HttpRequest['body']): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && !(body instanceof Uint8Array);
}

function undiciBody(body: HttpRequest['body']): string | Uint8Array | Readable | null {
  if (body === undefined) return null;
  return isStream(body) ? Readable.from(body, { objectMode: false }) : body;
}

function webBody(body: HttpRequest['body']) {
  if (!isStream(body)) return { body: body ?? null };
  return { body: ReadableStream.from(body), duplex: 'half' as const };
}

async function* emptyBody(): AsyncGenerator<Uint8Array> {}

/** A body was larger than the reader allows. */
export class BodyTooLargeError extends Error {
  constructor(maxBytes: number) {
    super(`the answer is larger than ${maxBytes} bytes`);
    this.name = 'BodyTooLargeError';
  }
}

export async function readBytes(response: HttpResponse, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new BodyTooLargeError(maxBytes); // leaving the loop closes the body
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export async function readText(response: HttpResponse, maxBytes: number): Promise<string> {
  return new TextDecoder().decode(await readBytes(response, maxBytes));
}

/** Lets go of a body that nobody wants to read. */
export async function discard(response: HttpResponse): Promise<void> {
  for await (const _ of response.body) break;
}

/** The body's lines as they arrive, without their ends; a last line without an end counts. */
export async function* readLines(
  response: HttpResponse,
  maxLineBytes: number,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body) {
    rest += decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', start)) {
      yield rest.slice(start, end);
      start = end + 1;
    }
    rest = rest.slice(start);
    if (rest.length > maxLineBytes) throw new BodyTooLargeError(maxLineBytes);
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
