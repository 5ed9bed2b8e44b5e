/** The service as a whole: the record of calls, limits, faults, sources, what stays and what goes. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { strToU8, unzipSync, zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { operationIds, operationOf } from '../../../src/control-service/contract.ts';
import { anUpload, createHarness, jobsPath } from './harness.ts';

describe('the record', () => {
  test('holds every request with what the caller sent, and counts past its own size', async () => {
    const h = createHarness();
    await h.call(
      'POST',
      jobsPath,
      { job_name: 'the-job' },
      { 'X-OPID': 'op-1', 'User-Agent': 'me' },
    );
    await h.call('GET', '/data-jobs/nowhere');
    expect([...h.service.record]).toEqual([
      {
        operation: 'dataJobCreate',
        method: 'POST',
        path: jobsPath,
        status: 201,
        opId: 'op-1',
        userAgent: 'me',
        body: { job_name: 'the-job' },
      },
      expect.objectContaining({ operation: undefined, status: 404 }),
    ]);
    expect([h.service.record.count(), h.service.record.count('dataJobCreate')]).toEqual([2, 1]);
    expect(h.service.record.writes()).toBe(1);
    h.service.record.clear();
    expect([h.service.record.length, h.service.record.count()]).toEqual([0, 0]);
  });

  test('keeps the newest requests and forgets the oldest', async () => {
    const h = createHarness();
    for (let i = 0; i < 10_001; i += 1) await h.call('GET', `/n/${i}`);
    expect([h.service.record.length, h.service.record[0]?.path]).toEqual([10_000, '/n/1']);
    expect(h.service.record.count()).toBe(10_001);
  });

  test('never holds the bodies of secrets', async () => {
    const h = createHarness({ secrets: 'on' });
    await h.call('PUT', `${jobsPath}/the-job/deployments/x/secrets`, { password: 'canary' });
    expect(JSON.stringify(h.service.record)).not.toContain('canary');
  });
});

describe('limits and faults', () => {
  test('a body over the limit is refused before it is read to its end', async () => {
    const h = createHarness({ bodyMaxBytes: 1_000 });
    let pulled = 0;
    const endless = new ReadableStream({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(500));
      },
    });
    const request = new Request(`http://service.test${jobsPath}`, {
      method: 'POST',
      body: endless,
      headers: { 'Content-Type': 'application/json' },
      duplex: 'half',
    } as RequestInit);
    expect((await h.service.handler(request)).status).toBe(413);
    expect(pulled).toBeLessThan(10);
  });

  test('a zip that would unpack to more than memory holds is refused', async () => {
    const h = createHarness();
    await h.createJob('the-job');
    const bomb = zipSync({ 'job/zeros': new Uint8Array(1024) });
    // The size in the directory is what a reader allocates: claim four gigabytes.
    const at = bomb.length - 22 - 46 - 'job/zeros'.length + 24;
    new DataView(bomb.buffer, bomb.byteOffset).setUint32(at, 0xfffffff0, true);
    expect((await h.call('POST', h.job('the-job', '/sources'), bomb)).status).toBe(503);
  });

  test.each([
    ['/data-jobs/for-team/a%2Fb/jobs', 400, 'an encoded slash'],
    ['/data-jobs/for-team/a%5Cb/jobs', 400, 'an encoded backslash'],
    ['/data-jobs/for-team/a%zz/jobs', 400, 'no percent code'],
    ['/data-jobs/for-team/a%FF/jobs', 400, 'no UTF-8'],
    ['/data-jobs/for-team/a;b/jobs', 500, 'a semicolon'],
    ['/data-jobs/for-team/a%00b/jobs', 500, 'a NUL'],
    ['/data-jobs/for-team//jobs', 500, 'an empty part'],
    [`/data-jobs/for-team/a/jobs?query=${'x'.repeat(8_200)}`, 400, 'a line over 8 KB'],
  ])('the path %s is answered %i', async (path, status, why) => {
    const h = createHarness();
    const answer = await h.call('GET', path);
    expect(answer.status, why).toBe(status);
    // The web server's own page, or the framework's error body.
    expect(answer.headers.has('x-opid')).toBe(status === 500);
  });

  test('faults and latency are as large as they are set', async () => {
    const slow = createHarness({ latencyMs: 200 });
    const answer = slow.call('GET', '/data-jobs/for-team/a/info');
    await slow.clock.settle();
    expect(slow.clock.asleepForMs()).toEqual([200]);
    await slow.clock.advance(200);
    expect((await answer).status).toBe(200);
    const faulty = createHarness({ faultRate: 0.6 });
    expect((await faulty.call('POST', jobsPath, { job_name: 'the-job' })).status).toBe(503);
    expect((await createHarness({ faultRate: 0.4 }).call('GET', jobsPath)).status).toBe(200);
  });

  test('deeply nested JSON is a 400 and not the end of the process', async () => {
    const h = createHarness();
    const deep = '['.repeat(100_000);
    expect(
      (await h.call('PUT', h.job('a-job', '/deployments/x/properties'), `{"a":${deep}`)).status,
    ).toBe(400);
  });
});

describe('creating', () => {
  test('creates of one name at one moment all succeed, and the last one stands', async () => {
    const h = createHarness();
    const answers = await Promise.all(
      [1, 2, 3, 4].map((n) =>
        h.call('POST', jobsPath, { job_name: 'the-job', description: `${n}` }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect((await h.call('GET', h.job('the-job'))).json.description).toBe('4');
  });

  test('one after the other only the first does', async () => {
    const h = createHarness();
    await h.createJob('the-job');
    expect((await h.call('POST', jobsPath, { job_name: 'the-job' })).status).toBe(409);
  });
});

describe('sources', () => {
  const upload = async (h: ReturnType<typeof createHarness>, zip: Uint8Array) =>
    (await h.call('POST', h.job('the-job', '/sources'), zip)).json.version_sha as string;

  test('a version is a function of the history, and the same upload twice is one version', async () => {
    const h = createHarness();
    await h.createJob('the-job');
    const [a, b] = [anUpload('job/a.py'), anUpload('job/b.py')];
    const versions = [
      await upload(h, a),
      await upload(h, a),
      await upload(h, b),
      await upload(h, a),
    ];
    expect(versions[1]).toBe(versions[0]);
    expect(new Set(versions).size).toBe(3);
    await h.call('DELETE', h.job('the-job', '/sources'));
    expect(versions).not.toContain(await upload(h, a));
  });

  test('the download has the folder of the job, without what Git leaves out', async () => {
    const h = createHarness();
    await h.createJob('the-job');
    const zip = zipSync({
      'x/.gitignore': strToU8('*.log\n/build/\n!keep.log\n'),
      'x/a.py': strToU8('a'),
      'x/sub/run.log': strToU8('l'),
      'x/keep.log': strToU8('k'),
      'x/build/out.py': strToU8('o'),
      'x/sub/build/in.py': strToU8('i'),
      'x/.git/HEAD': strToU8('h'),
      'x/empty/': new Uint8Array(),
    });
    await upload(h, zip);
    const response = await h.service.handler(
      new Request(`http://service.test${h.job('the-job', '/sources')}`),
    );
    const names = Object.keys(unzipSync(new Uint8Array(await response.arrayBuffer()))).sort();
    expect(names).toEqual([
      'the-job/',
      'the-job/.gitignore',
      'the-job/a.py',
      'the-job/keep.log',
      'the-job/sub/',
      'the-job/sub/build/',
      'the-job/sub/build/in.py',
    ]);
  });

  test.each([
    { zip: anUpload('a.py', 'b.py'), status: 500, why: 'a file at the top' },
    { zip: zipSync({}), status: 500, why: 'nothing in it' },
    { zip: strToU8('no zip'), status: 503, why: 'no zip at all' },
    { zip: anUpload('job/../../evil.py'), status: 503, why: 'a name that leaves the folder' },
    { zip: anUpload('/job/evil.py'), status: 503, why: 'a name from the root' },
  ])('an upload with $why is answered $status', async ({ zip, status }) => {
    const h = createHarness();
    await h.createJob('the-job');
    expect((await h.call('POST', h.job('the-job', '/sources'), zip)).status).toBe(status);
  });
});

test('properties and secrets survive their job, its executions and sources do not', async () => {
  const h = createHarness({ secrets: 'on' });
  await h.createJob('the-job');
  await h.call('PUT', h.job('the-job', '/deployments/x/properties'), { a: 1 });
  await h.call('PUT', h.job('the-job', '/deployments/x/secrets'), { b: 2 });
  await h.call('POST', h.job('the-job', '/sources'), anUpload());
  await h.call('DELETE', h.job('the-job'));
  await h.createJob('the-job');
  expect((await h.call('GET', h.job('the-job', '/deployments/x/properties'))).json).toEqual({
    a: 1,
  });
  expect((await h.call('GET', h.job('the-job', '/deployments/x/secrets'))).json).toEqual({ b: 2 });
  expect((await h.call('GET', h.job('the-job', '/sources'))).status).toBe(404);
});

test('secrets over their limit are refused with 413 and the old ones stay', async () => {
  const h = createHarness({ secrets: 'on', secretsMaxBytes: 20 });
  const path = h.job('the-job', '/deployments/x/secrets');
  expect((await h.call('PUT', path, { a: 'x'.repeat(12) })).status).toBe(202);
  expect((await h.call('PUT', path, { a: 'y'.repeat(13) })).status).toBe(413);
  expect((await h.call('GET', path)).json).toEqual({ a: 'x'.repeat(12) });
});

test('a team move leaves the secrets behind', async () => {
  const h = createHarness({ secrets: 'on' });
  await h.createJob('the-job');
  await h.call('PUT', h.job('the-job', '/deployments/x/secrets'), { b: 2 });
  expect((await h.call('PUT', h.job('the-job', '/team/team%20b'))).status).toBe(200);
  const moved = '/data-jobs/for-team/team%20b/jobs/the-job';
  expect((await h.call('GET', moved)).json.team).toBe('team b');
  expect((await h.call('GET', `${moved}/deployments/x/secrets`)).json).toEqual({});
});

test('every operation of the contract has a route of its own', async () => {
  const h = createHarness();
  for (const id of operationIds) {
    const { method, path, request } = operationOf(id);
    const url = path.replace(/\{\w+\}/g, 'some-name');
    const body = request?.mediaType === 'application/octet-stream' ? anUpload() : request && {};
    await h.call(method, url, body);
    expect(h.service.record.at(-1)?.operation).toBe(id);
  }
});

test('over a socket answers are chunked or say their length, as the real ones do', async () => {
  const h = createHarness();
  const server = createServer(getRequestListener(h.service.handler));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const info = await fetch(`${base}/data-jobs/for-team/a/info`);
  expect([info.headers.get('transfer-encoding'), info.headers.get('content-length')]).toEqual([
    'chunked',
    null,
  ]);
  expect((await info.json()) as object).toHaveProperty('api_version');
  const created = await fetch(`${base}${jobsPath}`, {
    method: 'POST',
    body: JSON.stringify({ job_name: 'the-job' }),
    headers: { 'Content-Type': 'application/json' },
  });
  expect(created.headers.get('location')).toBe(`${base}${jobsPath}/the-job`);
  expect(created.headers.get('content-length')).toBe('0');
  server.close();
});
