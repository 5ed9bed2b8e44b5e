/** A small client of the embedded API server for tests: JSON in, JSON out, watches as lists. */
import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import type { HttpHandler } from '../../../src/platform/http.ts';
import { silentLog } from '../../../src/platform/log.ts';
import type { Random } from '../../../src/platform/random.ts';
import {
  createKubeApi,
  type EmbeddedKubeApi,
  type KubeApiSettings,
} from '../../../src/sandbox/kube-api/kube-api.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';

// Answers of any kind are read here, in many shapes; a test says what it expects of them.
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
export type Answer = any;

export interface Reply {
  readonly status: number;
  readonly body: Answer;
  readonly headers: Headers;
}

export interface WatchedEvent {
  readonly type: string;
  readonly object: Answer;
}

export interface OpenedWatch {
  readonly status: number;
  /** Events read so far, after letting what is on its way arrive. */
  events(): Promise<readonly WatchedEvent[]>;
  ended(): boolean;
  stop(): void;
}

export interface ApiClient {
  request(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Reply>;
  get(path: string): Promise<Reply>;
  post(path: string, body: unknown): Promise<Reply>;
  put(path: string, body: unknown): Promise<Reply>;
  patch(path: string, body: unknown, type?: string): Promise<Reply>;
  delete(path: string, options?: unknown): Promise<Reply>;
  watch(path: string): Promise<OpenedWatch>;
}

export interface TestApi extends ApiClient {
  readonly api: EmbeddedKubeApi;
  readonly clock: ManualClock;
}

export function startApi(settings: Partial<KubeApiSettings> = {}): TestApi {
  const clock = createManualClock();
  const api = createKubeApi({ clock, random: countingRandom(), log: silentLog, ...settings });
  return { api, clock, ...clientOf(api.handler) };
}

function clientOf(handler: HttpHandler, token?: string): ApiClient {
  const request: ApiClient['request'] = async (method, path, body, headers = {}) => {
    const response = await handler(
      new Request(`http://kube.test${path}`, {
        method,
        headers: {
          'user-agent': 'test/1.0',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
        },
        ...(body === undefined
          ? {}
          : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    return {
      status: response.status,
      body: isJson ? JSON.parse(text) : text,
      headers: response.headers,
    };
  };
  return {
    request,
    get: (path) => request('GET', path),
    post: (path, body) => request('POST', path, body),
    put: (path, body) => request('PUT', path, body),
    patch: (path, body, type = 'application/merge-patch+json') =>
      request('PATCH', path, body, { 'content-type': type }),
    delete: (path, options) => request('DELETE', path, options),
    watch: (path) => openWatch(handler, path),
  };
}

async function openWatch(handler: HttpHandler, path: string): Promise<OpenedWatch> {
  const stopper = new AbortController();
  const response = await handler(
    new Request(`http://kube.test${path}`, { signal: stopper.signal }),
  );
  const seen: WatchedEvent[] = [];
  let done = false;
  const reading = async () => {
    let rest = '';
    for await (const chunk of response.body ?? []) {
      rest += new TextDecoder().decode(chunk);
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      seen.push(...lines.map((line) => JSON.parse(line)));
    }
  };
  reading()
    .catch(() => {})
    .finally(() => {
      done = true;
    });
  return {
    status: response.status,
    async events() {
      for (let round = 0; round < 5; round += 1) await new Promise((r) => setImmediate(r));
      return seen;
    },
    ended: () => done,
    stop: () => stopper.abort(),
  };
}

/** Ids that count up, so that runs are equal. */
function countingRandom(): Random {
  let count = 0;
  return {
    next: () => {
      count += 1;
      return (count % 97) / 97;
    },
    uuid: () => {
      count += 1;
      return `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`;
    },
    hex: (bytes) => 'a'.repeat(bytes * 2),
  };
}

export const jobsPath = '/apis/versatiledatakit.io/v1alpha1/namespaces/default/datajobs';

function dataJobCrd(): Answer {
  const file = new URL('../../../crds/versatiledatakit.io_datajobs.yaml', import.meta.url);
  return load(readFileSync(file, 'utf8'));
}

export async function installDataJobs(client: ApiClient): Promise<void> {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const { status, body } = await client.post(path, dataJobCrd());
  if (status !== 201) throw new Error(`the CRD was refused: ${body.message}`);
}

export function aDataJob(name: string, spec: Record<string, unknown> = {}): Answer {
  return {
    apiVersion: 'versatiledatakit.io/v1alpha1',
    kind: 'DataJob',
    metadata: { name },
    spec: { team: 'sales', source: { inline: { files: { '10_a.sql': 'select 1' } } }, ...spec },
  };
}
