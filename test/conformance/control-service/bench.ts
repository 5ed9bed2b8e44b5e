/**
 * What a case works with: names of its own, calls, waiting, and the cleaning up of all that it
 * made. One bench is one case's.
 */
import assert from 'node:assert/strict';
import { strToU8, zipSync } from 'fflate';
import {
  type ControlServiceClient,
  createControlServiceClient,
} from '../../../src/control-service/client.ts';
import {
  camelCase,
  type OperationId,
  operationOf,
  pathParameters,
  type ResultOf,
  standardDeploymentId,
} from '../../../src/control-service/contract.ts';
import { readBytes } from '../../../src/platform/http.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { type Answer, isEmpty, isStatus } from './answer.ts';
import { clear } from './clear.ts';
import type { Facts } from './facts.ts';
import type { Target } from './target.ts';

/** A job by its two names; it need not exist. */
export interface Job {
  readonly teamName: string;
  readonly jobName: string;
}

export interface SendOptions {
  /** Anything but text and bytes is sent as JSON. */
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of the good one; undefined sends none. */
  readonly token?: string | undefined;
}

/** What a path can be made of. */
export interface PathValues extends Partial<Job> {
  readonly deploymentId?: string;
  readonly executionId?: string;
  readonly newTeam?: string;
}

type Body = Readonly<Record<string, unknown>>;
export type Deployment = ResultOf<'deploymentList'>[number];
export type Execution = ResultOf<'dataJobExecutionRead'>;

export interface Bench {
  readonly facts: Facts;
  readonly powers: NonNullable<Target['powers']>;
  readonly client: ControlServiceClient;
  readonly team: string;
  readonly otherTeam: string;
  readonly now: () => number;
  /** A request of an operation, by the contract, with nothing read into the answer. */
  send(id: OperationId, values: PathValues, options?: SendOptions): Promise<Answer>;
  /** Any other request; `path` is sent as it is. */
  call(method: string, path: string, options?: SendOptions): Promise<Answer>;
  /** Names a job of this case's team, or of another, and remembers to clean up after it. */
  nameJob(jobName?: string, teamName?: string): Job;
  createJob(config?: Body, more?: Body): Promise<Job>;
  /** Uploads a zip, or one that is made of some words, and returns its version. */
  upload(job: Job, content?: string | Uint8Array): Promise<string>;
  /** POST of a deployment, which must be accepted. */
  post(job: Job, body: Body): Promise<void>;
  patch(job: Job, body: Body): Promise<void>;
  /** A job with a deployment that is visible. */
  deployedJob(body?: Body, config?: Body): Promise<Job & { readonly version: string }>;
  deployment(job: Job): Promise<Deployment | undefined>;
  /** Waits until the deployment shows these values. */
  deployedAs(job: Job, wanted: Body): Promise<Deployment>;
  gauge(job: Job): Promise<number | undefined>;
  gaugeBecomes(job: Job, value: number): Promise<void>;
  /** Starts a run; returns its id. */
  start(job: Job, body?: Body): Promise<string>;
  execution(job: Job, executionId: string): Promise<Execution>;
  /** Waits until a run has this state. */
  executionBecomes(job: Job, executionId: string, status: string): Promise<Execution>;
  jobsOf(query: string, variables?: Body): Promise<QueryData>;
  eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T>;
  /** Checks again and again for as long as a deployment could still come. */
  staysSo(check: () => Promise<void>): Promise<void>;
  pass(ms: number): Promise<void>;
  clear(): Promise<void>;
}

export interface QueryData {
  readonly content: readonly Readonly<Record<string, unknown>>[] | null;
  readonly totalItems: number;
  readonly totalPages: number;
}

/** Room for the largest body of any case. */
const bodyMaxBytes = 16 * 1024 * 1024;
/** A request is answered in this time, or the service is not well. */
const requestTimeoutMs = 60_000;
/** First looks are close together, so that quick services are judged quickly. */
const pauses = { firstMs: 50, maxMs: 2_000 };
/** The shortest wait for something that should not come. */
const settleMinMs = 500;
/** How much longer than a deployment takes one that should not come is waited for. */
const settleFactor = 1.5;

export function createBench(target: Target, facts: Facts): Bench {
  const { baseUrl, clock, random, auth, prefix, pass, signal } = target;
  const jobs: Job[] = [];
  const client = createControlServiceClient({
    baseUrl,
    transport: target.transport,
    clock,
    random,
    auth,
    log: silentLog,
    timeouts: { readMs: requestTimeoutMs, writeMs: requestTimeoutMs, transferMs: requestTimeoutMs },
  });

  const call: Bench['call'] = async (method, path, options = {}) => {
    const ended = AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]);
    const token = 'token' in options ? options.token : await auth.token(ended);
    const body = bodyOf(options.body);
    const query = options.query === undefined ? '' : `?${new URLSearchParams(options.query)}`;
    const response = await target.transport({
      method,
      url: `${baseUrl}${path}${query}`,
      headers: {
        ...(options.body === undefined ? {} : { 'content-type': typeOf(options.body) }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...options.headers,
      },
      ...(body === undefined ? {} : { body }),
      signal: ended,
    });
    const bytes = Uint8Array.from(await readBytes(response, bodyMaxBytes));
    const text = new TextDecoder().decode(bytes);
    const { status, headers } = response;
    return { of: `${method} ${path}`, status, headers, bytes, text, json: parsed(text) };
  };

  const send: Bench['send'] = (id, values, options) => {
    const operation = operationOf(id);
    let path = operation.path;
    for (const name of pathParameters(path)) {
      const standard = name === 'deployment_id' ? standardDeploymentId : '';
      const value = values[camelCase(name) as keyof PathValues] ?? standard;
      path = path.replace(`{${name}}`, () => encodeURIComponent(value));
    }
    return call(operation.method, path, options);
  };

  const eventually: Bench['eventually'] = async (what, look) => {
    const endMs = clock.elapsed() + target.patienceMs;
    for (let pauseMs = pauses.firstMs; ; pauseMs = Math.min(pauseMs * 2, pauses.maxMs)) {
      const seen = await look();
      if (seen !== undefined) return seen;
      const leftMs = endMs - clock.elapsed();
      if (leftMs <= 0) throw new Error(`waited ${target.patienceMs / 1000} s in vain: ${what}`);
      await pass(Math.min(pauseMs, leftMs));
    }
  };

  const bench: Bench = {
    facts,
    client,
    team: `${prefix}team of ${random.hex(3)}`,
    otherTeam: `${prefix}other team of ${random.hex(3)}`,
    get powers() {
      if (target.powers !== undefined) return target.powers;
      throw new Error('this case uses powers that it does not say it needs');
    },
    now: clock.now,
    send,
    call,
    eventually,
    pass,
    nameJob(jobName = `${prefix}${random.hex(4)}`, teamName = bench.team) {
      const job = { jobName, teamName };
      jobs.push(job);
      return job;
    },
    async createJob(config = {}, more = {}) {
      const job = bench.nameJob();
      const body = {
        job_name: job.jobName,
        config: { generate_keytab: false, ...config },
        ...more,
      };
      isEmpty(await send('dataJobCreate', job, { body }), 201);
      return job;
    },
    async upload(job, content = 'first') {
      const body = typeof content === 'string' ? aZip(content) : content;
      const answer = await eventually('an upload is taken', async () => {
        const tried = await send('sourcesUpload', job, { body });
        return isDisturbedUpload(tried) ? undefined : tried;
      });
      isStatus(answer, 200);
      return (answer.json as { version_sha: string }).version_sha;
    },
    async post(job, body) {
      isEmpty(await send('deploymentUpdate', job, { body }), 202);
    },
    async patch(job, body) {
      isEmpty(await send('deploymentPatch', job, { body }), 202);
    },
    async deployedJob(body = {}, config = {}) {
      const job = await bench.createJob(config);
      const version = await bench.upload(job);
      await bench.post(job, { job_version: version, enabled: true, ...body });
      await bench.deployedAs(job, { job_version: version });
      return { ...job, version };
    },
    deployment: async (job) => (await client.deploymentList(job))[0],
    deployedAs: (job, wanted) =>
      eventually(`the deployment shows ${JSON.stringify(wanted)}`, async () => {
        const seen = await bench.deployment(job);
        return seen !== undefined && holds(seen, wanted) ? seen : undefined;
      }),
    async gauge({ jobName }) {
      const { text } = await call('GET', '/data-jobs/debug/prometheus');
      const line = new RegExp(
        `^taurus_deployment_status_gauge\\{[^}]*dataJob="${jobName}"[^}]*\\} (\\S+)$`,
        'm',
      );
      const value = line.exec(text)?.[1];
      return value === undefined ? undefined : Number(value);
    },
    async gaugeBecomes(job, value) {
      if (!facts.gauge) return;
      await eventually(`the gauge of the deployment reads ${value}`, async () =>
        (await bench.gauge(job)) === value ? true : undefined,
      );
    },
    async start(job, body = {}) {
      return (await client.dataJobExecutionStart({ ...job, body })).executionId;
    },
    execution: (job, executionId) => client.dataJobExecutionRead({ ...job, executionId }),
    executionBecomes: (job, executionId, status) =>
      eventually(`the run is ${status}`, async () => {
        const seen = await bench.execution(job, executionId);
        return seen.status === status ? seen : undefined;
      }),
    async jobsOf(query, variables) {
      const parameters = { teamName: bench.team, jobName: '' };
      const answer = await send('jobsQuery', parameters, {
        query: {
          query,
          ...(variables === undefined ? {} : { variables: JSON.stringify(variables) }),
        },
      });
      isStatus(answer, 200);
      const { errors, data } = answer.json as { errors: unknown; data: QueryData };
      assert.deepEqual(errors, []);
      return data;
    },
    async staysSo(check) {
      const endMs = clock.elapsed() + Math.max(facts.deployMs * settleFactor, settleMinMs);
      while (true) {
        await check();
        const leftMs = endMs - clock.elapsed();
        if (leftMs <= 0) return;
        await pass(Math.min(leftMs, settleMinMs));
      }
    },
    clear: () => clear(target, facts, jobs),
  };
  return bench;
}

/** Uploads can disturb each other, whatever their jobs are, and other cases upload too. */
export function isDisturbedUpload({ status, json }: Answer): boolean {
  const { what } = (json ?? {}) as { what?: unknown };
  return status === 503 && String(what).startsWith('Git encountered an error');
}

function aZip(words: string): Uint8Array {
  return zipSync({ 'job/10_step.sql': strToU8(`-- ${words}\nselect 1;\n`) });
}

function bodyOf(body: unknown): Uint8Array | undefined {
  if (body === undefined || body instanceof Uint8Array) return body;
  // As bytes also when it is text: a request given a text would get a type by itself.
  return new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
}

function typeOf(body: unknown): string {
  return body instanceof Uint8Array ? 'application/octet-stream' : 'application/json';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function holds(seen: object, wanted: Body): boolean {
  try {
    assert.partialDeepStrictEqual(seen, wanted);
    return true;
  } catch {
    return false;
  }
}
