/**
 * What one process of `control-service` sustains on this machine: `bench-control-service.ts
 * [--seconds N] [--callers N] [--jobs N] [--data FILE]`. It starts the service through the command
 * line on a free port, fills it, and prints requests per second and latencies as JSON. The callers
 * are this process: on few cores they take their share of what is measured.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { zipSync } from 'fflate';
import { Pool } from 'undici';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    callers: { type: 'string', default: '16' },
    jobs: { type: 'string', default: '1000' },
    data: { type: 'string' },
  },
});
const seconds = Number(values.seconds);
const callers = Number(values.callers);
const jobs = Number(values.jobs);

interface Call {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: string | Uint8Array;
}

interface Measured {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Answers that are not 2xx. */
  readonly failed: number;
}

const team = '/data-jobs/for-team/bench/jobs';
const nameOf = (index: number) => `bench-job-${index}`;
const jobPath = (index: number) => `${team}/${nameOf(index)}`;
const source = zipSync({
  top: { '10_step.py': new TextEncoder().encode('print(1)\n'.repeat(50)) },
});
const page = encodeURIComponent(
  '{ jobs(pageNumber: 1, pageSize: 100, filter: [{ property: "config.team", pattern: "bench", sort: ASC }]) ' +
    '{ content { jobName config { team description schedule { scheduleCron } } deployments { enabled jobVersion } } totalItems } }',
);
const aJob = (name: string) =>
  JSON.stringify({
    job_name: name,
    team: 'bench',
    description: 'A job of the benchmark',
    config: { schedule: { schedule_cron: '0 6 * * *' }, generate_keytab: false },
  });
const properties = JSON.stringify(
  Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`key-${index}`, `value ${index}`])),
);

/** `turn` counts over all callers, so that no two calls of one scenario are about the same job. */
const scenarios: Readonly<Record<string, (turn: number) => Call>> = {
  dataJobRead: (turn) => ({ method: 'GET', path: jobPath(turn % jobs) }),
  deploymentList: (turn) => ({ method: 'GET', path: `${jobPath(turn % jobs)}/deployments` }),
  'jobsQuery, page of 100': () => ({ method: 'GET', path: `${team}?query=${page}` }),
  dataJobPropertiesUpdate: (turn) => ({
    method: 'PUT',
    path: `${jobPath(turn % jobs)}/deployments/production/properties`,
    body: properties,
  }),
  dataJobUpdate: (turn) => ({
    method: 'PUT',
    path: jobPath(turn % jobs),
    body: aJob(nameOf(turn % jobs)),
  }),
  'sourcesUpload, unchanged': (turn) => ({
    method: 'POST',
    path: `${jobPath(turn % jobs)}/sources`,
    body: source,
  }),
  dataJobCreate: (turn) => ({ method: 'POST', path: team, body: aJob(`bench-new-${turn}`) }),
  '4 reads to 1 write': (turn) =>
    turn % 5 === 0
      ? { method: 'PUT', path: jobPath(turn % jobs), body: aJob(nameOf(turn % jobs)) }
      : { method: 'GET', path: `${jobPath(turn % jobs)}${turn % 2 === 0 ? '' : '/deployments'}` },
};

async function main(): Promise<void> {
  const began = performance.now();
  const service = startService();
  try {
    const url = await urlOf(service);
    const startMs = Math.round(performance.now() - began);
    const pool = new Pool(url, { connections: callers });
    await fill(pool);
    const results: Record<string, Measured> = {};
    for (const [name, callOf] of Object.entries(scenarios)) {
      results[name] = await measure(pool, callOf);
    }
    await pool.close();
    const machine = { node: process.version, cores: cpus().length, cpu: cpus()[0]?.model };
    const state = values.data === undefined ? 'memory' : 'file';
    const settings = { seconds, callers, jobs, state };
    const peakRssMiB = peakRss(service.pid);
    console.log(JSON.stringify({ machine, settings, startMs, peakRssMiB, results }, null, 2));
  } finally {
    service.kill('SIGTERM');
    await once(service, 'close');
  }
}

function startService(): ChildProcess {
  const launcher = join(import.meta.dirname, '../src/cli/launch.mjs');
  const options = ['--port', '0', '--deploy-time', '0s'];
  const data = values.data === undefined ? [] : ['--data', values.data];
  return spawn(process.execPath, [launcher, 'control-service', ...options, ...data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function urlOf({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('the service has no output');
  for await (const line of createInterface({ input: stdout })) {
    const [, url] = /^Control Service\s+(http:\S+)/.exec(line) ?? [];
    if (url !== undefined) {
      stdout.resume();
      return url;
    }
  }
  throw new Error('the service ended before it said where it is');
}

/** Jobs with sources and a deployment. */
async function fill(pool: Pool): Promise<void> {
  let next = 0;
  const work = async () => {
    for (let index = next++; index < jobs; index = next++) {
      await send(pool, { method: 'POST', path: team, body: aJob(nameOf(index)) });
      await send(pool, { method: 'POST', path: `${jobPath(index)}/sources`, body: source });
      const body = JSON.stringify({ job_version: `v${index}`, enabled: true });
      await send(pool, { method: 'POST', path: `${jobPath(index)}/deployments`, body });
    }
  };
  await Promise.all(Array.from({ length: callers }, work));
}

async function measure(pool: Pool, callOf: (turn: number) => Call): Promise<Measured> {
  const latencies: number[] = [];
  let turn = 0;
  let failed = 0;
  const began = performance.now();
  const end = began + seconds * 1000;
  const caller = async () => {
    while (performance.now() < end) {
      const at = performance.now();
      const status = await send(pool, callOf(turn++));
      latencies.push(performance.now() - at);
      if (status >= 300) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const took = (performance.now() - began) / 1000;
  latencies.sort((a, b) => a - b);
  const at = (part: number) => round(latencies[Math.floor(latencies.length * part)] ?? 0);
  return {
    requests: latencies.length,
    perSecond: Math.round(latencies.length / took),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: round(latencies.at(-1) ?? 0),
    failed,
  };
}

async function send(pool: Pool, { method, path, body }: Call): Promise<number> {
  const type = typeof body === 'string' ? 'application/json' : 'application/octet-stream';
  const headers = body === undefined ? {} : { 'content-type': type };
  const response = await pool.request({ method, path, headers, body: body ?? null });
  await response.body.dump();
  return response.statusCode;
}

const round = (ms: number) => Math.round(ms * 100) / 100;

/** Known on Linux only. */
function peakRss(pid: number | undefined): number | undefined {
  try {
    const [, kib] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Math.round(Number(kib) / 1024);
  } catch {
    return undefined;
  }
}

await main();
