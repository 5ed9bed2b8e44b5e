/**
 * Puts a socket in front of a `Request → Response` handler: node:http and nothing else. Bodies
 * stream in both directions, headers go out before the first byte of a body, and the request's
 * signal is aborted when the client goes away.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { HttpHandler } from './http.ts';

export interface ServeOptions {
  readonly handler: HttpHandler;
  readonly host: string;
  /** 0 = a free one. */
  readonly port: number;
  /** PEM; without it the server speaks plain HTTP. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

export interface HttpServer {
  readonly url: string;
  readonly port: number;
  /** Ends open connections too: a watch would keep the server for ever. */
  close(): Promise<void>;
}

/** Rejects when the port cannot be had. */
export async function serveHttp(options: ServeOptions): Promise<HttpServer> {
  const { handler, host, port, tls } = options;
  const scheme = tls === undefined ? 'http' : 'https';
  const listener = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    void exchange(handler, scheme, incoming, outgoing);
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `${scheme}://${host}:${bound}`,
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function exchange(
  handler: HttpHandler,
  scheme: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) gone.abort(new Error('the client went away'));
  });
  // A client that resets its connection is no news: the 'close' event tells what matters.
  outgoing.on('error', () => {});
  const request = requestOf(scheme, incoming, gone.signal);
  if (request === undefined) {
    refuse(outgoing);
    return;
  }
  try {
    const response = await handler(request);
    await send(response, incoming.method === 'HEAD', outgoing, gone.signal);
  } catch (error) {
    // A body that broke off must not look complete.
    if (outgoing.headersSent || gone.signal.aborted) {
      outgoing.destroy(error instanceof Error ? error : undefined);
      return;
    }
    outgoing.writeHead(500, { 'content-type': 'text/plain' });
    outgoing.end('the server failed to answer this request\n');
  }
}

/** Undefined for what the web's own types do not know: TRACE, or a host that is none. */
function requestOf(
  scheme: string,
  incoming: IncomingMessage,
  signal: AbortSignal,
): Request | undefined {
  const { method = 'GET', headers, url = '/' } = incoming;
  const flat = Object.entries(headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ]);
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const init: RequestInit & { duplex?: 'half' } = {
    method,
    headers: Object.fromEntries(flat.filter(([name]) => !name?.startsWith(':'))),
    signal,
    ...(hasBody ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' } : {}),
  };
  const origin = `${scheme}://${headers.host ?? 'localhost'}`;
  // Joined as text: a path that starts with two slashes names no other host.
  const target = url.startsWith('/') ? `${origin}${url}` : url;
  try {
    return new Request(target, init);
  } catch {
    return undefined;
  }
}

function refuse(outgoing: ServerResponse): void {
  // No handler could say more: they are all given the web's types.
  const unknown = outgoing.req.method === 'TRACE';
  outgoing.writeHead(unknown ? 405 : 400, {
    'content-type': 'text/plain',
    ...(unknown ? { allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS' } : {}),
  });
  outgoing.end(unknown ? 'this method is not served\n' : 'this is no request to this server\n');
}

async function send(
  response: Response,
  headersOnly: boolean,
  outgoing: ServerResponse,
  gone: AbortSignal,
): Promise<void> {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null || headersOnly) {
    await response.body?.cancel();
    outgoing.end();
    return;
  }
  outgoing.flushHeaders();
  for await (const chunk of response.body) {
    if (gone.aborted) return;
    if (!outgoing.write(chunk)) await drained(outgoing, gone);
  }
  outgoing.end();
}

function drained(outgoing: ServerResponse, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      outgoing.off('drain', done);
      gone.removeEventListener('abort', done);
      resolve();
    };
    outgoing.once('drain', done);
    gone.addEventListener('abort', done, { once: true });
    if (gone.aborted) done();
  });
}
