import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createPlainServer } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKubeClient } from '../../src/kube/client.ts';
import { openConnection } from '../../src/kube/connection.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { aWidget, widgets } from './scripted-api.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const clock = createManualClock();

interface Parts {
  server?: string;
  cluster?: object;
  user?: object;
  context?: object;
  currentContext?: string;
}

/** JSON is YAML. */
function kubeconfig(name: string, parts: Parts = {}): string {
  const path = join(folder, name);
  const body = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': parts.currentContext ?? 'main',
    clusters: [
      { name: 'c', cluster: { server: parts.server ?? 'https://127.0.0.1:1', ...parts.cluster } },
    ],
    users: [{ name: 'u', user: parts.user ?? { token: 'first' } }],
    contexts: [
      { name: 'main', context: { cluster: 'c', user: 'u', ...parts.context } },
      { name: 'other', context: { cluster: 'c', user: 'u', namespace: 'elsewhere' } },
    ],
  };
  writeFileSync(path, JSON.stringify(body));
  return path;
}

function written(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

describe('reading', () => {
  test('the context chosen decides the namespace', async () => {
    const path = kubeconfig('two');
    const one = await openConnection({ kubeconfig: path, clock });
    const two = await openConnection({ kubeconfig: path, context: 'other', clock });
    expect([one.baseUrl, one.namespace, two.namespace]).toEqual([
      'https://127.0.0.1:1',
      'default',
      'elsewhere',
    ]);
    await Promise.all([one.close(), two.close()]);
  });

  test('a path prefix stays, a slash at the end does not', async () => {
    const path = kubeconfig('prefix', { server: 'https://127.0.0.1:1/k8s/clusters/c-1/' });
    const connection = await openConnection({ kubeconfig: path, clock });
    expect(connection.baseUrl).toBe('https://127.0.0.1:1/k8s/clusters/c-1');
    await connection.close();
  });

  test('user and password become basic credentials', async () => {
    const path = kubeconfig('basic', { user: { username: 'me', password: 'pw' } });
    const connection = await openConnection({ kubeconfig: path, clock });
    expect(await connection.headers({ fresh: false })).toEqual({
      authorization: `Basic ${btoa('me:pw')}`,
    });
    await connection.close();
  });

  test('several files are read as one', async () => {
    const main = kubeconfig('merged-1', { context: { user: 'extra' } });
    const extra = written(
      'merged-2',
      JSON.stringify({
        clusters: [],
        contexts: [],
        users: [{ name: 'extra', user: { token: 'more' } }],
      }),
    );
    const connection = await openConnection({ kubeconfig: `${main}:${extra}`, clock });
    expect(await connection.headers({ fresh: false })).toEqual({ authorization: 'Bearer more' });
    await connection.close();
  });
});

describe('a file with the token', () => {
  test('goes before a token beside it, and is looked for beside the kubeconfig', async () => {
    written('token-1', 'from-file\n');
    const user = { tokenFile: 'token-1', token: 'older' };
    const connection = await openConnection({ kubeconfig: kubeconfig('token', { user }), clock });
    expect(await connection.headers({ fresh: false })).toEqual({
      authorization: 'Bearer from-file',
    });
    await connection.close();
  });

  test('is read again when the server did not take the token that was in it', async () => {
    const tokenFile = written('token-2', 'first');
    const path = kubeconfig('rotated', { user: { tokenFile } });
    const connection = await openConnection({ kubeconfig: path, clock });
    expect(await connection.headers({ fresh: false })).toEqual({ authorization: 'Bearer first' });
    written('token-2', 'second');
    expect(await connection.headers({ fresh: true })).toEqual({ authorization: 'Bearer second' });
    await connection.close();
  });

  test('may be that of a second kubeconfig', async () => {
    written('token-3', 'of-the-second');
    const main = kubeconfig('token-main', { context: { user: 'extra' } });
    const users = [{ name: 'extra', user: { tokenFile: 'token-3' } }];
    const extra = written('token-extra', JSON.stringify({ clusters: [], contexts: [], users }));
    const connection = await openConnection({ kubeconfig: `${main}:${extra}`, clock });
    expect(await connection.headers({ fresh: false })).toEqual({
      authorization: 'Bearer of-the-second',
    });
    await connection.close();
  });
});

describe('configurations that cannot work', () => {
  const cases = [
    {
      name: 'a missing file',
      path: () => join(folder, 'none'),
      want: /none cannot be read: ENOENT/,
    },
    { name: 'an empty file', path: () => written('empty', ''), want: /the input is empty/ },
    { name: 'no mapping', path: () => written('null', 'null'), want: /it is not a kubeconfig/ },
    {
      name: 'broken YAML',
      path: () => written('broken', 'a: [1\ntoken: secret-token\n'),
      want: /broken cannot be read: [^\n]+\.$/,
    },
    {
      name: 'an unknown context',
      path: () => kubeconfig('unknown', { currentContext: 'nowhere' }),
      want: /no complete context "nowhere".*contexts: main, other/,
    },
    {
      name: 'a context without its user',
      path: () => kubeconfig('user', { context: { user: 'nobody' } }),
      want: /no complete context "main"/,
    },
    {
      name: 'a server that is no address',
      path: () => kubeconfig('server', { server: 'api.example.com' }),
      want: /names the server "api.example.com", which is no http/,
    },
    {
      name: 'a proxy',
      path: () => kubeconfig('proxy', { cluster: { 'proxy-url': 'http://127.0.0.1:2' } }),
      want: /proxy-url\), which is not supported/,
    },
    {
      name: 'a token file that is missing',
      path: () => kubeconfig('token-gone', { user: { tokenFile: 'gone.token' } }),
      want: /credentials that cannot be used: ENOENT.*gone\.token/,
    },
    {
      name: 'a certificate file that is missing',
      path: () => kubeconfig('cert', { user: { 'client-certificate': 'gone.crt' } }),
      want: /credentials that cannot be used: ENOENT/,
    },
  ];
  test.each(cases)('$name is one sentence, and terminal', async ({ path, want }) => {
    const error = await openConnection({ kubeconfig: path(), clock }).catch((e: unknown) => e);
    expect(error).toMatchObject({ disposition: 'terminal', reason: 'InvalidKubeconfig' });
    expect((error as Error).message).toMatch(want);
    expect((error as Error).message).not.toContain('secret-token');
  });
});

test('over TLS, with the authority of the kubeconfig, and a new token after 401', async () => {
  const pems = await generate([{ name: 'commonName', value: 'api' }], {
    keyType: 'ec',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
    ],
  });
  const tokens: (string | undefined)[] = [];
  const server = createServer({ key: pems.private, cert: pems.cert }, (request, response) => {
    tokens.push(request.headers.authorization);
    const isGood = request.headers.authorization === 'Bearer second';
    response.writeHead(isGood ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isGood ? aWidget('one') : { kind: 'Status', code: 401 }));
  });
  const port = await listen(server);
  const parts = {
    server: `https://127.0.0.1:${port}`,
    cluster: { 'certificate-authority-data': btoa(pems.cert) },
  };
  const path = kubeconfig('tls', parts);
  const connection = await openConnection({ kubeconfig: path, clock });
  const client = createKubeClient({ ...connection, clock, log: silentLog, userAgent: 'test/1' });
  kubeconfig('tls', { ...parts, user: { token: 'second' } });
  expect(await client.get(widgets, { namespace: 'a', name: 'one' })).toEqual(aWidget('one'));
  await client.get(widgets, { namespace: 'a', name: 'one' });
  expect(tokens).toEqual(['Bearer first', 'Bearer second', 'Bearer second']);

  const stranger = kubeconfig('stranger', { server: parts.server });
  const untrusting = await openConnection({ kubeconfig: stranger, clock });
  const refused = createKubeClient({ ...untrusting, clock, log: silentLog, userAgent: 'test/1' });
  await expect(refused.get(widgets, { namespace: 'a', name: 'one' })).rejects.toThrow(
    /its certificate is not trusted/,
  );
  await Promise.all([connection.close(), untrusting.close()]);
  server.close();
});

test('over plain http no token is sent, and a closed port is a readable error', async () => {
  const seen: (string | undefined)[] = [];
  const server = createPlainServer((request, response) => {
    seen.push(request.headers.authorization);
    response.end(JSON.stringify(aWidget('one')));
  });
  const port = await listen(server);
  const path = kubeconfig('plain', { server: `http://127.0.0.1:${port}` });
  const connection = await openConnection({ kubeconfig: path, clock });
  const client = createKubeClient({ ...connection, clock, log: silentLog, userAgent: 'test/1' });
  await client.get(widgets, { namespace: 'a', name: 'one' });
  expect(seen).toEqual([undefined]);
  await connection.close();
  server.close();

  const closed = await openConnection({
    kubeconfig: kubeconfig('closed', { server: 'https://127.0.0.1:1' }),
    clock,
  });
  const lost = createKubeClient({ ...closed, clock, log: silentLog, userAgent: 'test/1' });
  await expect(lost.get(widgets, { namespace: 'a', name: 'one' })).rejects.toThrow(
    /no answer from the Kubernetes API server at https:\/\/127\.0\.0\.1:1 \(connection refused/,
  );
  await closed.close();
});
