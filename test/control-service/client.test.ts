import { describe, expect, test } from 'vitest';
import type { Auth } from '../../src/control-service/auth/auth.ts';
import {
  type ControlServiceClientOptions,
  createControlServiceClient,
} from '../../src/control-service/client.ts';
import { ControlServiceError, isNotFound } from '../../src/control-service/errors.ts';
import { type HttpHandler, handlerTransport } from '../../src/platform/http.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createManualClock } from '../support/manual-clock.ts';

const job = { teamName: 'a team', jobName: 'some-job' };
const canary = 'canary-token-7f3a';

function aClient(handler: HttpHandler, changes: Partial<ControlServiceClientOptions> = {}) {
  const clock = createManualClock();
  const seen: Request[] = [];
  const client = createControlServiceClient({
    baseUrl: 'http://vdk.test:8092',
    transport: handlerTransport(async (request) => {
      seen.push(request.clone());
      return await handler(request);
    }),
    clock,
    random: { next: () => 0.5, uuid: () => 'uuid', hex: (bytes) => 'ab'.repeat(bytes) },
    log: silentLog,
    ...changes,
  });
  return { client, clock, seen };
}

const answering =
  (
    body: ConstructorParameters<typeof Response>[0],
    status = 200,
    headers: Record<string, string> = { 'X-OPID': '1' },
  ) =>
  async () =>
    new Response(body, { status, headers });
const json = (value: unknown, status = 200) =>
  answering(JSON.stringify(value), status, {
    'X-OPID': '1',
    'content-type': 'application/json',
  });

async function failureOf(call: Promise<unknown>): Promise<ControlServiceError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ControlServiceError);
  return error as ControlServiceError;
}

describe('what is sent', () => {
  test('path segments are encoded one by one, and the headers name the call', async () => {
    const { client, seen } = aClient(json({ job_name: 'some-job' }));
    await client.dataJobRead({ teamName: 'a team ü?#', jobName: 'some-job' });
    expect(seen[0]?.url).toBe(
      'http://vdk.test:8092/data-jobs/for-team/a%20team%20%C3%BC%3F%23/jobs/some-job',
    );
    expect(Object.fromEntries(seen[0]?.headers ?? [])).toMatchObject({
      'x-opid': 'abababababababab',
      accept: 'application/json',
      'user-agent': 'datajob-operator',
    });
  });

  test('query arguments, the body and the standard deployment id reach their places', async () => {
    const { client, seen } = aClient(answering(null, 202));
    const body = { job_version: 'v1', enabled: true };
    await client.deploymentUpdate({ ...job, sendNotification: false, body });
    await client.deploymentPatch({ ...job, body });
    expect(seen.map(({ method, url }) => [method, url.replace(/.*some-job/, '')])).toEqual([
      ['POST', '/deployments?send_notification=false'],
      ['PATCH', '/deployments/production'],
    ]);
    expect(await seen[0]?.json()).toEqual(body);
  });

  test('variables of a query travel as JSON text, states one by one', async () => {
    const { client, seen } = aClient(json([]));
    await client.dataJobExecutionList({ ...job, executionStatus: ['running', 'submitted'] });
    expect(new URL(seen[0]?.url ?? '').searchParams.getAll('execution_status')).toEqual([
      'running',
      'submitted',
    ]);
    const other = aClient(json({ errors: [], data: null }));
    await other.client.jobsQuery({ teamName: 't', query: '{x}', variables: { size: 5 } });
    expect(new URL(other.seen[0]?.url ?? '').searchParams.get('variables')).toBe('{"size":5}');
  });

  test.each(['..', '.', 'a/b', 'a;b', 'a%b', 'a\\b', 'a\u0000b', '\ud800', ''])(
    'a name that would leave its place in the path is refused before anything is sent: %j',
    async (jobName) => {
      const { client, seen } = aClient(json({}));
      const error = await failureOf(client.dataJobDelete({ teamName: 't', jobName }));
      expect(error.disposition).toBe('terminal');
      expect(error.reason).toBe('InvalidSpec');
      expect(seen).toEqual([]);
    },
  );

  test('a quote in the arguments of a run is refused, as the service would run it in a shell', async () => {
    const { client, seen } = aClient(answering(null, 202));
    const body = { args: { deep: [{ "it's": 1 }] } };
    const error = await failureOf(client.dataJobExecutionStart({ ...job, body }));
    expect(error.message).toMatch(/single quote/);
    expect(seen).toEqual([]);
  });
});

describe('what is understood', () => {
  test('null is missing, while unknown fields and enum values survive', async () => {
    const { client } = aClient(
      json([{ id: 'r-1', status: 'paused', end_time: null, colour: 'red', deployment: null }]),
    );
    const [run] = await client.dataJobExecutionList(job);
    expect(run).toEqual({ id: 'r-1', status: 'paused', colour: 'red' });
  });

  test('a start returns the id that its Location names', async () => {
    const location = 'http://vdk.test/data-jobs/for-team/t/jobs/some-job/executions/some-job-17';
    const { client } = aClient(answering(null, 202, { 'X-OPID': '1', Location: location }));
    expect(await client.dataJobExecutionStart(job)).toEqual({
      executionId: 'some-job-17',
      location,
    });
  });

  test('bytes come back as they are, and an empty keytab is one', async () => {
    const { client } = aClient(answering(new Uint8Array([80, 75, 0, 255])));
    expect([...(await client.dataJobSourcesDownload(job))]).toEqual([80, 75, 0, 255]);
    expect(await aClient(answering(null)).client.dataJobKeytabDownload(job)).toHaveLength(0);
  });

  test.each([
    ['html', answering('<html>log in</html>', 200, { 'content-type': 'text/html' })],
    ['a list instead of an object', json([])],
    ['a number instead of a name', json({ job_name: 5 })],
    ['half of it', answering('{"job_name": "so', 200, { 'content-type': 'application/json' })],
  ])('%s instead of a job is an outage, not a job', async (_, handler) => {
    const error = await failureOf(aClient(handler).client.dataJobRead(job));
    expect([error.disposition, error.reason]).toEqual(['transient', 'ControlServiceUnavailable']);
  });

  test('an empty 200 where a body or another success belongs is a refused token', async () => {
    const { client } = aClient(answering(null));
    const calls = [
      client.dataJobRead(job),
      client.deploymentDelete(job),
      client.dataJobSourcesDownload(job),
    ];
    for (const call of calls) {
      expect((await failureOf(call)).reason).toBe('AuthenticationFailed');
    }
  });

  test('a 404 counts as "not there" only when the service itself says it', async () => {
    const fromService = aClient(answering(null, 404)).client;
    expect(isNotFound(await failureOf(fromService.dataJobRead(job)))).toBe(true);
    const fromProxy = aClient(answering('not here', 404, { 'content-type': 'text/plain' })).client;
    expect(isNotFound(await failureOf(fromProxy.dataJobRead(job)))).toBe(false);
    const noId = aClient(answering(null, 404, {})).client;
    expect(isNotFound(await failureOf(noId.dataJobRead(job)))).toBe(false);
  });

  test('an error carries the words of the service, cleaned, and what to do', async () => {
    const what = `Parameter\u001b[31m team is not valid. ${'x'.repeat(1000)}`;
    const { client } = aClient(
      json({ what, why: 'It must be.', consequences: 'c', countermeasures: 'Write it.' }, 400),
    );
    const error = await failureOf(client.dataJobUpdate({ ...job, body: { job_name: 'some-job' } }));
    expect(error).toMatchObject({ status: 400, operationId: 'dataJobUpdate', body: 'fourField' });
    expect(error.what?.length).toBeLessThanOrEqual(400);
    expect(error.message).not.toContain('\u001b');
    expect(error.message).toContain('It must be. What to do: Write it.');
  });

  test('Retry-After is obeyed as seconds and as a date', async () => {
    const limited = (value: string) => aClient(answering(null, 429, { 'Retry-After': value }));
    const seconds = await failureOf(limited('7').client.dataJobRead(job));
    expect([seconds.reason, seconds.retryAfterMs]).toEqual(['RateLimited', 7000]);
    const date = await failureOf(
      limited(new Date(Date.UTC(2026, 0, 1, 0, 0, 9)).toUTCString()).client.dataJobRead(job),
    );
    expect(date.retryAfterMs).toBe(9000);
    const forever = await failureOf(limited('99999999').client.dataJobRead(job));
    expect(forever.retryAfterMs).toBe(15 * 60_000);
  });
});

describe('what goes wrong on the way', () => {
  test('a refused connection says where and what to check', async () => {
    const { client } = aClient(json({}), {
      transport: async () => {
        throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
      },
    });
    const error = await failureOf(client.dataJobRead(job));
    expect(error.disposition).toBe('transient');
    expect(error.message).toContain('no answer from http://vdk.test:8092: connection refused');
  });

  test('a service that never answers is given up at the deadline', async () => {
    const { client, clock } = aClient(() => new Promise(() => {}));
    const failure = failureOf(client.dataJobRead(job));
    await clock.advance(59_000);
    expect(clock.asleepForMs()).toEqual([1000]);
    await clock.advance(1000);
    expect((await failure).message).toContain('took longer than 60 s');
    expect(clock.asleepForMs()).toEqual([]);
  });

  test('a body that never ends its silence is given up too', async () => {
    const { client, clock } = aClient(async () => new Response(new ReadableStream({})));
    const failure = failureOf(client.dataJobRead(job));
    await clock.advance(60_000);
    expect((await failure).reason).toBe('ControlServiceUnavailable');
  });

  test('cancelling ends the call with the reason of who cancelled', async () => {
    const { client } = aClient(() => new Promise(() => {}));
    const controller = new AbortController();
    const call = client.dataJobRead(job, { signal: controller.signal });
    const reason = new Error('shutting down');
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
  });

  test('an answer without an end is cut off', async () => {
    const chunk = new Uint8Array(8 * 1024 * 1024);
    const { client } = aClient(
      async () => new Response(new ReadableStream({ pull: (stream) => stream.enqueue(chunk) })),
    );
    expect((await failureOf(client.dataJobRead(job))).message).toContain('larger than');
  });
});

test('of an error only the beginning is read', async () => {
  let left = 40;
  const { client } = aClient(
    async () =>
      new Response(
        new ReadableStream({
          pull(stream) {
            left -= 1;
            if (left === 0) stream.close();
            else stream.enqueue(new Uint8Array(100_000).fill(65));
          },
        }),
        { status: 500 },
      ),
  );
  expect((await failureOf(client.dataJobRead(job))).status).toBe(500);
  expect(left).toBeGreaterThan(30);
});

describe('tokens', () => {
  function anAuth(tokens: readonly string[]): Auth & { renewals: number } {
    let at = 0;
    const auth = {
      renewals: 0,
      token: async () => tokens[at],
      renew: async () => {
        auth.renewals += 1;
        at += 1;
        return tokens[at];
      },
      secrets: () => tokens,
    };
    return auth;
  }
  const guarded =
    (good: string, success: () => Response): HttpHandler =>
    async (request) =>
      request.headers.get('authorization') === `Bearer ${good}`
        ? success()
        : new Response(null, { status: 401, headers: { 'WWW-Authenticate': 'Bearer' } });

  test('a refused token is renewed and a call that is safe to repeat sent once more', async () => {
    const auth = anAuth(['old-token', 'new-token']);
    const { client, seen } = aClient(
      guarded('new-token', () => Response.json({ job_name: 'some-job' })),
      { auth },
    );
    expect(await client.dataJobRead(job)).toEqual({ job_name: 'some-job' });
    expect([seen.length, auth.renewals]).toEqual([2, 1]);
  });

  test('a call that is not safe to repeat is left to the caller, who is told to try again', async () => {
    const auth = anAuth(['old-token', 'new-token']);
    const { client, seen } = aClient(
      guarded('new-token', () => new Response()),
      { auth },
    );
    const error = await failureOf(client.deploymentUpdate({ ...job, body: {} }));
    expect([error.disposition, error.reason]).toEqual(['transient', 'AuthenticationFailed']);
    expect(seen).toHaveLength(1);
  });

  test('a second refusal is final: no loop', async () => {
    const auth = anAuth(['one-token', 'two-token', 'three-token']);
    const { client, seen } = aClient(
      guarded('none', () => new Response()),
      { auth },
    );
    const error = await failureOf(client.dataJobRead(job));
    expect([error.disposition, error.reason]).toEqual(['terminal', 'AuthenticationFailed']);
    expect(seen).toHaveLength(2);
  });

  test('a redirect is an error that goes nowhere, and shows neither token nor target path', async () => {
    const { client, seen } = aClient(
      answering(null, 302, { Location: `https://evil.test/login?t=${canary}` }),
      { auth: anAuth([canary]) },
    );
    const error = await failureOf(client.dataJobRead(job));
    expect(error.message).toContain('pointing to https://evil.test');
    expect(error.message).not.toContain(canary);
    expect(seen).toHaveLength(1);
  });

  test.each([
    ['in clear', canary],
    ['in a header that the service quotes', `Authorization: Bearer ${canary}`],
    ['as JSON in a text', JSON.stringify({ token: canary })],
    ['beside the cut', `${'x'.repeat(390)}${canary}`],
  ])('a token that comes back %s shows in no part of the error', async (_, why) => {
    const { client } = aClient(json({ what: why, why, countermeasures: why }, 500), {
      auth: anAuth([canary]),
    });
    const error = await failureOf(client.dataJobRead(job));
    expect(`${JSON.stringify(error)}${error.message}${error.stack}`).not.toContain(
      canary.slice(0, 8),
    );
  });

  test('a token shows in no error even if its kind forgets to name it', async () => {
    const { client } = aClient(json({ what: `bad ${canary}` }, 500), {
      auth: { ...anAuth([canary]), secrets: () => [] },
    });
    expect((await failureOf(client.dataJobRead(job))).message).toContain('bad [removed]');
  });

  test('values of secrets that the service quotes back are removed', async () => {
    const { client } = aClient(json({ what: 'bad value hunter2-"x"', why: '' }, 400));
    const body = { nested: { password: 'hunter2-"x"' } };
    const error = await failureOf(client.dataJobSecretsUpdate({ ...job, body }));
    expect(error.message).toContain('bad value [removed]');
  });

  test('a damaged answer with secrets in it is not quoted', async () => {
    const { client } = aClient(answering('{"password": "hunter2hunter2"', 200));
    const error = await failureOf(client.dataJobSecretsRead(job));
    expect(`${error.message}${String(error.cause)}`).not.toContain('hunter2');
  });
});
