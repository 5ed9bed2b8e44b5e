import { expect, test } from 'vitest';
import { createControlServiceClient } from '../../src/control-service/client.ts';
import { withRetries } from '../../src/control-service/retry.ts';
import { handlerTransport } from '../../src/platform/http.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createManualClock } from '../support/manual-clock.ts';

const job = { teamName: 't', jobName: 'some-job' };

function aRetryingClient(answers: readonly Response[], retries = 2) {
  const clock = createManualClock();
  const random = { next: () => 0.5, uuid: () => 'u', hex: () => 'ab' };
  let calls = 0;
  const transport = handlerTransport(async () => {
    calls += 1;
    return (answers[calls - 1] ?? answers.at(-1) ?? new Response()).clone();
  });
  const client = createControlServiceClient({
    baseUrl: 'http://vdk.test',
    transport,
    clock,
    random,
    log: silentLog,
  });
  return { client: withRetries(client, { clock, random, retries }), clock, calls: () => calls };
}

const outage = new Response(null, { status: 503 });

test('an outage is waited out, with doubled pauses', async () => {
  const { client, clock } = aRetryingClient([outage, outage, Response.json({ job_name: 'a' })]);
  const call = client.dataJobRead(job);
  await clock.settle();
  expect(clock.asleepForMs()).toEqual([2000]);
  await clock.advance(2000);
  expect(clock.asleepForMs()).toEqual([4000]);
  await clock.advance(4000);
  expect(await call).toEqual({ job_name: 'a' });
});

test('Retry-After is obeyed', async () => {
  const busy = new Response(null, { status: 429, headers: { 'Retry-After': '30' } });
  const { client, clock } = aRetryingClient([busy, Response.json({ job_name: 'a' })]);
  const call = client.dataJobRead(job);
  await clock.settle();
  expect(clock.asleepForMs()).toEqual([30_000]);
  await clock.advance(30_000);
  await call;
});

test('in the end the last failure is told', async () => {
  const { client, clock, calls } = aRetryingClient([outage]);
  const failure = expect(client.dataJobRead(job)).rejects.toThrow(/503/);
  await clock.advance(10_000);
  await failure;
  expect(calls()).toBe(3);
});

test.each([
  ['a call that is not safe to repeat', outage, 'dataJobExecutionStart'],
  [
    'a job that is not there',
    new Response(null, { status: 404, headers: { 'X-OPID': '1' } }),
    'dataJobRead',
  ],
  ['a refusal', new Response(null, { status: 403 }), 'dataJobRead'],
] as const)('%s is not tried again', async (_, answer, operation) => {
  const { client, calls } = aRetryingClient([answer]);
  await expect(client[operation](job)).rejects.toThrow();
  expect(calls()).toBe(1);
});
