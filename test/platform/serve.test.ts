import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { discard, readLines, readText, undiciTransport } from '../../src/platform/http.ts';
import { type HttpServer, serveHttp } from '../../src/platform/serve.ts';
import { createServingCertificate } from '../../src/sandbox/kube-api/certificate.ts';

let server: HttpServer | undefined;
const options = { connections: 2, headersTimeoutMs: 5000, bodyTimeoutMs: 5000 };
let transport = undiciTransport(options);

afterEach(async () => {
  await transport.close();
  await server?.close();
  transport = undiciTransport(options);
});

async function serve(handler: (request: Request) => Promise<Response>): Promise<string> {
  server = await serveHttp({ handler, host: '127.0.0.1', port: 0 });
  return server.url;
}

test('method, path, headers and body arrive, and the answer comes back', async () => {
  const url = await serve(async (request) =>
    Response.json(
      { method: request.method, path: new URL(request.url).pathname, got: await request.text() },
      { status: 201, headers: { 'x-seen': request.headers.get('x-sent') ?? '' } },
    ),
  );
  const response = await transport({
    method: 'POST',
    url: `${url}/a/b?c=d`,
    headers: { 'x-sent': 'yes' },
    body: 'hello',
  });
  expect(response.status).toBe(201);
  expect(response.headers.get('x-seen')).toBe('yes');
  expect(JSON.parse(await readText(response, 1000))).toEqual({
    method: 'POST',
    path: '/a/b',
    got: 'hello',
  });
});

test('a line arrives before the body ends, and headers before the first line', async () => {
  let send: (text: string) => void = () => {};
  const url = await serve(async () => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        send = (text) => controller.enqueue(new TextEncoder().encode(text));
      },
    });
    return new Response(body);
  });
  const response = await transport({ method: 'GET', url });
  const lines = readLines(response, 1000);
  send('one\n');
  expect((await lines.next()).value).toBe('one');
  send('two\n');
  expect((await lines.next()).value).toBe('two');
  await lines.return(undefined);
});

test('a client that goes away aborts the signal of its request and the body', async () => {
  const seen: Promise<unknown>[] = [];
  const url = await serve(async (request) => {
    seen.push(new Promise((resolve) => request.signal.addEventListener('abort', resolve)));
    return new Response(
      new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new Uint8Array([65, 10])),
      }),
    );
  });
  await discard(await transport({ method: 'GET', url }));
  expect(seen).toHaveLength(1);
  await seen[0];
});

test('a handler that throws is answered 500, without its words', async () => {
  const url = await serve(async () => {
    throw new Error('a secret');
  });
  const response = await transport({ method: 'GET', url });
  expect(response.status).toBe(500);
  expect(await readText(response, 1000)).not.toContain('secret');
});

test('closing ends a stream that would never end', async () => {
  const url = await serve(async () => new Response(new ReadableStream<Uint8Array>({})));
  const response = await transport({ method: 'GET', url });
  await server?.close();
  await expect(readText(response, 1000)).rejects.toThrow();
});

test('a port that is taken is an error, not a crash', async () => {
  await serve(async () => new Response());
  const port = server?.port ?? 0;
  const handler = async () => new Response();
  await expect(serveHttp({ handler, host: '127.0.0.1', port })).rejects.toThrow('EADDRINUSE');
});

test('over TLS a client that trusts the certificate is answered, another is not', async () => {
  const tls = await createServingCertificate();
  const handler = async () => new Response('over TLS');
  server = await serveHttp({ handler, host: '127.0.0.1', port: 0, tls });
  const trusting = undiciTransport({ ...options, tls: { ca: tls.cert } });
  const response = await trusting({ method: 'GET', url: server.url });
  expect(await readText(response, 1000)).toBe('over TLS');
  await trusting.close();
  await expect(transport({ method: 'GET', url: server.url })).rejects.toThrow('self-signed');
});

/** As sent: clients of the ordinary kind would mend it. */
async function answerTo(url: string, lines: readonly string[]): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.end(`${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`);
  return await text(socket);
}

test('a path with two slashes at its start is a path, not another host', async () => {
  const url = await serve(async (request) => new Response(new URL(request.url).pathname));
  expect(await answerTo(url, ['GET //else.where/a HTTP/1.1', 'Host: here'])).toMatch(
    /\/\/else\.where\/a/,
  );
});

test.each([
  { name: 'TRACE', lines: ['TRACE / HTTP/1.1', 'Host: here'], status: 405 },
  { name: 'a host that is none', lines: ['GET / HTTP/1.1', 'Host: he re'], status: 400 },
  { name: 'a target that is none', lines: ['GET * HTTP/1.1', 'Host: here'], status: 400 },
])('$name is refused before the handler', async ({ lines, status }) => {
  const url = await serve(async () => new Response('handled'));
  const answer = await answerTo(url, lines);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(answer).not.toContain('handled');
});
