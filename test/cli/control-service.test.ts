import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { systemFiles } from '../../src/platform/files.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';
import { createSeededRandom } from '../support/seeded-random.ts';

interface Started {
  readonly url: string;
  readonly clock: ManualClock;
  /** All that stands on standard output by now. */
  output(): string;
  /** Asks it to stop; the exit code. */
  stop(): Promise<number>;
}

const stops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

function commandLine(args: readonly string[]) {
  const stopping = new AbortController();
  const clock = createManualClock();
  const written = { stdout: '', stderr: '' };
  const outputTo = (name: 'stdout' | 'stderr') => ({
    write(text: string) {
      written[name] += text;
    },
    isTerminal: false,
    columns: undefined,
  });
  const code = runCommandLine({
    process: {
      args: ['control-service', ...args],
      env: {},
      workingDirectory: '/nonexistent',
      stdout: outputTo('stdout'),
      stderr: outputTo('stderr'),
      stop: stopping.signal,
    },
    files: systemFiles,
    clock,
    random: createSeededRandom(),
  });
  return { clock, written, code, stop: () => stopping.abort(new Error('asked to stop')) };
}

/** It starts in half a second; a machine that is busy with other tests needs longer. */
const startsWithinMs = 15_000;

async function start(...args: readonly string[]): Promise<Started> {
  const { clock, written, code, stop } = commandLine(['--port', '0', ...args]);
  const stopAndWait = () => {
    stop();
    return code;
  };
  stops.push(stopAndWait);
  await expect
    .poll(() => written.stdout + written.stderr, { timeout: startsWithinMs })
    .toMatch(/Ctrl-C|\.$/m);
  expect(written.stderr).toBe('');
  const [, url = ''] = /^Control Service {2}(http:\S+)$/m.exec(written.stdout) ?? [];
  return { url, clock, output: () => written.stdout, stop: stopAndWait };
}

function send(url: string, method: string, path: string, body?: unknown, token?: string) {
  return fetch(`${url}/data-jobs/for-team/sales${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function deploy({ url }: Started, job: string): Promise<void> {
  expect((await send(url, 'POST', '/jobs', { job_name: job, config: {} })).status).toBe(201);
  const body = { job_version: 'v1', enabled: true };
  expect((await send(url, 'POST', `/jobs/${job}/deployments`, body)).status).toBe(202);
}

async function deployments({ url }: Started, job: string): Promise<readonly { id: unknown }[]> {
  return (await (await send(url, 'GET', `/jobs/${job}/deployments`)).json()) as { id: unknown }[];
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'control-service-'));
  stops.push(async () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('it says where it is and what to type next, answers, and ends with 0 when it is asked to', async () => {
  const service = await start();
  expect(service.output()).toBe(`Control Service  ${service.url}
  persistence K8S, security off, state in memory

Try this in a second terminal:

  export VDK_CONTROL_SERVICE_REST_API_URL=${service.url}
  vdkcli create -n hello-job -t my-team --cloud      # pip install vdk-control-cli
  vdkcli show -n hello-job -t my-team
  curl "${service.url}/data-jobs/for-team/my-team/info"

Ctrl-C ends the service, and with it all its state.
`);
  expect(new URL(service.url).hostname).toBe('127.0.0.1');
  const info = await (await send(service.url, 'GET', '/info')).json();
  expect(info).toMatchObject({ supported_python_versions: ['3.9', '3.11'] });
  expect(await service.stop()).toBe(0);
  await expect(send(service.url, 'GET', '/info')).rejects.toThrow();
});

test('with --auth it asks for a token, and prints how to get one', async () => {
  const { url, output } = await start('--auth', '-v');
  const [, apiToken = ''] = /^API token {8}(\S+) {2}\(user "developer"/m.exec(output()) ?? [];
  expect(apiToken).toMatch(/^[0-9a-f]{32}$/);
  expect(output()).toContain(`Issuer           ${url}/issuer\n`);
  expect(output()).toContain(`  vdkcli login -t api-token -a ${apiToken} -u ${url}/issuer/token\n`);
  expect((await send(url, 'GET', '/info')).status).toBe(401);
  const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: apiToken });
  const greeting = output();
  const token = await fetch(`${url}/issuer/token`, { method: 'POST', body: form });
  const { access_token: access } = (await token.json()) as { access_token: string };
  expect((await send(url, 'GET', '/info', undefined, access)).status).toBe(200);
  const lines = output().slice(greeting.length);
  expect(lines).not.toContain(apiToken);
  expect(lines).not.toContain(access);
});

test('-v prints one line for each request, however long its query is', async () => {
  const { url, output } = await start('-v');
  const greeting = output();
  await send(url, 'GET', '/info');
  await send(url, 'GET', '/jobs/no-such-job');
  await send(url, 'GET', `/jobs?query=${'%0a'.repeat(500)}`);
  const lines = output().slice(greeting.length).trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(
    /^\d\d:\d\d:\d\d\.\d{3} {2}200 {2}GET \/data-jobs\/for-team\/sales\/info {2}0 ms$/,
  );
  expect(lines[1]).toMatch(/ {2}404 {2}GET \S+\/no-such-job {2}0 ms$/);
  expect(lines[2]?.length).toBeLessThan(200);
});

test('--deploy-time is how long a deployment takes', async () => {
  const service = await start('--deploy-time', '1m');
  await deploy(service, 'some-job');
  await service.clock.advance(59_000);
  expect(await deployments(service, 'some-job')).toEqual([]);
  await service.clock.advance(1_000);
  expect(await deployments(service, 'some-job')).toHaveLength(1);
});

test.each([
  { persistence: 'K8S', id: null },
  { persistence: 'DB', id: 'some-job' },
  { persistence: 'BOTH', id: null },
])('--persistence $persistence shows in what a deployment is called', async (mode) => {
  const service = await start('--persistence', mode.persistence, '--deploy-time', '0s');
  await deploy(service, 'some-job');
  await service.clock.advance(1_000);
  expect(await deployments(service, 'some-job')).toMatchObject([{ id: mode.id }]);
});

test('--fail-deployments makes the builds of matching jobs fail, which the gauge tells after 5 s', async () => {
  const service = await start('--fail-deployments', 'bad-*', '--deploy-time', '0s');
  await deploy(service, 'bad-job');
  await deploy(service, 'good-job');
  await service.clock.advance(5_000);
  expect(await deployments(service, 'bad-job')).toEqual([]);
  expect(await deployments(service, 'good-job')).toHaveLength(1);
  const metrics = await (await fetch(`${service.url}/data-jobs/debug/prometheus`)).text();
  expect(metrics).toMatch(/taurus_deployment_status_gauge\{dataJob="bad-job",.*\} 1\.0/);
  expect(metrics).toMatch(/taurus_deployment_status_gauge\{dataJob="good-job",.*\} 0\.0/);
});

test('--run-time is how long a run takes', async () => {
  const service = await start('--run-time', '10m', '--deploy-time', '0s');
  await deploy(service, 'some-job');
  await service.clock.advance(0);
  const job = '/jobs/some-job';
  const path = `${job}/deployments/production/executions`;
  expect((await send(service.url, 'POST', path, {})).status).toBe(202);
  const state = async () => {
    const rows = await (await send(service.url, 'GET', `${job}/executions`)).json();
    return (rows as readonly { status: string }[]).map(({ status }) => status);
  };
  await service.clock.advance(9 * 60_000);
  expect(await state()).toEqual(['running']);
  await service.clock.advance(2 * 60_000);
  expect(await state()).toEqual(['succeeded']);
});

test('--latency holds every answer back', async () => {
  const { url, clock } = await start('--latency', '30s');
  let answered = false;
  const answer = send(url, 'GET', '/info').finally(() => {
    answered = true;
  });
  await expect.poll(() => clock.asleepForMs()).toContain(30_000);
  await clock.advance(29_000);
  expect(answered).toBe(false);
  await clock.advance(1_000);
  expect((await answer).status).toBe(200);
});

test('--fault-rate answers its part of the requests with 503, and nothing is done', async () => {
  const { url } = await start('--fault-rate', '0.5');
  const answers: number[] = [];
  for (let index = 0; index < 40; index += 1) {
    const body = { job_name: `some-job-${index}`, config: {} };
    answers.push((await send(url, 'POST', '/jobs', body)).status);
  }
  expect(new Set(answers)).toEqual(new Set([201, 503]));
  const failed = answers.filter((status) => status === 503).length;
  expect(failed).toBeGreaterThan(8);
  expect(failed).toBeLessThan(32);
});

test('--no-secrets answers as a service without a store for them', async () => {
  const path = '/jobs/some-job/deployments/production/secrets';
  expect((await send((await start()).url, 'GET', path)).status).toBe(200);
  expect((await send((await start('--no-secrets')).url, 'GET', path)).status).toBe(501);
});

test('--data keeps the state over a restart, in a file that nobody else may read', async () => {
  const file = join(temporaryFolder(), 'new/state.sqlite');
  const first = await start('--data', file);
  expect(first.output()).toContain(`state stays in ${file}.`);
  await send(first.url, 'POST', '/jobs', { job_name: 'some-job', config: {} });
  expect(await first.stop()).toBe(0);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const second = await start('--data', file);
  expect((await send(second.url, 'GET', '/jobs/some-job')).status).toBe(200);
});

test('a port that is taken is one sentence', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  stops.push(async () => taken.close());
  const { port } = taken.address() as { port: number };
  const { code, written } = commandLine(['--port', `${port}`]);
  expect(await code).toBe(2);
  expect(written).toEqual({
    stdout: '',
    stderr: `Port ${port} is in use already: choose another with --port (0 takes a free one).\n`,
  });
});

test.each([
  { name: 'no database', content: 'no database, but text', says: 'file is not a database' },
  { name: 'a folder', content: undefined, says: 'unable to open database file' },
])('a state file that is $name is one sentence', async ({ content, says }) => {
  const folder = temporaryFolder();
  const file = content === undefined ? folder : join(folder, 'state');
  if (content !== undefined) writeFileSync(file, content.repeat(100));
  const { code, written } = commandLine(['--port', '0', '--data', file]);
  expect(await code).toBe(2);
  expect(written).toEqual({
    stdout: '',
    stderr: `${file} cannot be used for the state (${says}): choose another file with --data.\n`,
  });
});

test.each([
  {
    args: ['--port', '65536'],
    says: '--port must be a whole number from 0 to 65535, not "65536".',
  },
  {
    args: ['--persistence', 'k8s'],
    says: '--persistence must be one of K8S, DB, BOTH, not "k8s".',
  },
  { args: ['--fault-rate', '1.1'], says: '--fault-rate must be a number from 0 to 1, not "1.1".' },
  {
    args: ['--fault-rate', 'half'],
    says: '--fault-rate must be a number from 0 to 1, not "half".',
  },
  {
    args: ['--latency', '5'],
    says: '--latency must be a duration like 500ms, 30s, 5m or 1h, not "5".',
  },
])('$args is refused in one sentence', async ({ args, says }) => {
  const { code, written } = commandLine(args);
  expect(await code).toBe(2);
  expect(written).toEqual({ stdout: '', stderr: `${says}\n` });
});
