/** Looking for a container engine, with one that only answers pings. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findContainerEngine } from './container-engine.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'engine-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function listening(listener: RequestListener, where: string | { port: number }) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    if (typeof where === 'string') server.listen(where, resolve);
    else server.listen(where.port, '127.0.0.1', resolve);
  });
  return server;
}

const pong: RequestListener = ({ url }, response) => {
  response.writeHead(url === '/_ping' ? 200 : 404).end('OK');
};

test('a socket that answers pings is an engine', async () => {
  const path = join(folder, 'docker.sock');
  const server = await listening(pong, path);
  const engine = { kind: 'running', address: `unix://${path}` };
  expect(await findContainerEngine({ DOCKER_HOST: `unix://${path}` })).toEqual(engine);
  expect(await findContainerEngine({ XDG_RUNTIME_DIR: folder })).toMatchObject({ kind: 'running' });
  server.close();
});

test('so is an address', async () => {
  const server = await listening(pong, { port: 0 });
  const address = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await findContainerEngine({ DOCKER_HOST: address })).toEqual({ kind: 'running', address });
  server.close();
});

test('one that is not well is none', async () => {
  const path = join(folder, 'ill.sock');
  const server = await listening((_, response) => response.writeHead(500).end(), path);
  const DOCKER_HOST = `unix://${path}`;
  expect(await findContainerEngine({ DOCKER_HOST })).toEqual({
    kind: 'none',
    lookedAt: [DOCKER_HOST],
  });
  server.close();
});

test.each([
  { name: 'a socket that is not there', DOCKER_HOST: 'unix:///nowhere/docker.sock' },
  { name: 'a port where nothing listens', DOCKER_HOST: 'tcp://127.0.0.1:1' },
  { name: 'a way that is not looked at', DOCKER_HOST: 'ssh://somebody@127.0.0.1' },
  { name: 'no address at all', DOCKER_HOST: 'nothing' },
])('$name is told as the only place that was looked at', async ({ DOCKER_HOST }) => {
  expect(await findContainerEngine({ DOCKER_HOST })).toEqual({
    kind: 'none',
    lookedAt: [DOCKER_HOST],
  });
});
