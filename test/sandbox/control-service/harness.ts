/** An embedded service on a manual clock, and short ways to call it. */
import { silentLog } from '../../../src/platform/log.ts';
import {
  type ControlServiceSettings,
  createControlService,
  type EmbeddedControlService,
} from '../../../src/sandbox/control-service/service.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';
import { zipOf } from './exchanges.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  readonly json: any;
}

export interface Harness {
  readonly service: EmbeddedControlService;
  readonly clock: ManualClock;
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** Path of a job of the team `team-a`, or of what is below it. */
  job(name: string, rest?: string): string;
  createJob(name: string, config?: Record<string, unknown>): Promise<void>;
  deployments(name: string): Promise<readonly Record<string, unknown>[]>;
  /** The deployment gauge on the metrics page. */
  gauge(name: string): Promise<number | undefined>;
}

export const jobsPath = '/data-jobs/for-team/team-a/jobs';

export function createHarness(
  settings: Partial<ControlServiceSettings> = {},
  clock = createManualClock(),
): Harness {
  let uuids = 0;
  const random = {
    next: () => 0.5,
    uuid: () => `00000000-0000-4000-8000-${String(uuids++).padStart(12, '0')}`,
    hex: (bytes: number) => 'ab'.repeat(bytes),
  };
  const service = createControlService({ clock, random, log: silentLog, ...settings });
  const call: Harness['call'] = async (method, path, body, headers = {}) => {
    const bytes = body instanceof Uint8Array;
    const text =
      body === undefined || bytes || typeof body === 'string' ? body : JSON.stringify(body);
    const type = bytes ? 'application/octet-stream' : 'application/json';
    const request = new Request(`http://service.test${path}`, {
      method,
      body: (text as string | undefined) ?? null,
      headers: { ...(body === undefined ? {} : { 'Content-Type': type }), ...headers },
    });
    return await answerOf(await service.handler(request));
  };
  const job = (name: string, rest = '') => `${jobsPath}/${name}${rest}`;
  return {
    service,
    clock,
    call,
    job,
    async createJob(name, config = {}) {
      const body = { job_name: name, config: { generate_keytab: false, ...config } };
      const { status } = await call('POST', jobsPath, body);
      if (status !== 201) throw new Error(`creating ${name} answered ${status}`);
    },
    deployments: async (name) => (await call('GET', job(name, '/deployments'))).json,
    async gauge(name) {
      const { text } = await call('GET', '/data-jobs/debug/prometheus');
      const line = new RegExp(
        `^taurus_deployment_status_gauge{dataJob="${name}",[^}]*} (\\S+)$`,
        'm',
      );
      const value = line.exec(text)?.[1];
      return value === undefined ? undefined : Number(value);
    },
  };
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.status, headers: response.headers, text, json };
}

export const anUpload = (...names: string[]) =>
  zipOf(names.length === 0 ? ['job/10_step.py', 'job/config.ini'] : names);
