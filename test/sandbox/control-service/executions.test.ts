/** Executions: their life in the simulated cluster, and what the service shows of it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createHarness, type Harness } from './harness.ts';

async function deployed(
  settings: Parameters<typeof createHarness>[0] = {},
  schedule = '',
): Promise<Harness> {
  const h = createHarness({ deployTimeMs: 100, podStartMs: 1_000, runTimeMs: 5_000, ...settings });
  await h.createJob('the-job', { schedule: { schedule_cron: schedule } });
  await h.call('POST', h.job('the-job', '/deployments'), { job_version: 'abc', enabled: true });
  await h.clock.advance(1_000);
  return h;
}

const start = (h: Harness, body: unknown = {}) =>
  h.call('POST', h.job('the-job', '/deployments/x/executions'), body);
const list = async (h: Harness, query = '') =>
  (await h.call('GET', h.job('the-job', `/executions${query}`))).json;
const idOf = (location: string | null) => location?.split('/').at(-1) ?? '';

test('a run is submitted, runs, succeeds and leaves its log', async () => {
  const h = await deployed();
  const started = await start(h, { started_by: 'manual/test' });
  const id = idOf(started.headers.get('location'));
  const read = async () => (await h.call('GET', h.job('the-job', `/executions/${id}`))).json;
  expect(await read()).toMatchObject({ status: 'submitted', message: null, end_time: null });
  expect((await h.call('GET', h.job('the-job', `/executions/${id}/logs`))).status).toBe(503);
  await h.clock.advance(1_000);
  expect(await read()).toMatchObject({ status: 'running', started_by: 'manual/test/null' });
  await h.clock.advance(5_000);
  expect(await read()).toMatchObject({ status: 'succeeded', message: 'Success' });
  const logs = await h.call('GET', h.job('the-job', `/executions/${id}/logs?tail_lines=1`));
  expect(logs.json).toEqual({ logs: `end of ${id}` });
});

test('only one run of a job at a time, and the next one after it', async () => {
  const h = await deployed();
  await start(h);
  expect((await start(h)).status).toBe(409);
  await h.clock.advance(6_000);
  expect((await start(h)).status).toBe(202);
});

test('a cancelled run blocks the next until its pod is gone', async () => {
  const h = await deployed();
  const id = idOf((await start(h)).headers.get('location'));
  await h.clock.advance(1_500);
  expect((await h.call('DELETE', h.job('the-job', `/executions/${id}`))).status).toBe(200);
  expect(await list(h)).toMatchObject([{ status: 'cancelled' }]);
  expect((await start(h)).status).toBe(409);
  await h.clock.advance(300);
  expect((await start(h)).status).toBe(202);
  expect((await h.call('DELETE', h.job('the-job', `/executions/${id}`))).status).toBe(400);
});

test.each([
  { terminationMessage: '{"status":"User error"}', want: 'user_error', why: 'VDK says so' },
  { terminationMessage: '{"status":"Skipped"}', want: 'skipped', why: 'VDK found another run' },
  { terminationMessage: 'Traceback', want: 'platform_error', why: 'it is no JSON' },
  {
    terminationMessage: '{"status":"Great"}',
    want: 'platform_error',
    why: 'nobody knows the word',
  },
  { terminationMessage: 'null', want: 'platform_error', why: 'it says nothing' },
  { terminationMessage: '', want: 'succeeded', why: 'a complete run without a message did well' },
])(
  'the termination message $terminationMessage means $want',
  async ({ terminationMessage, want, why }) => {
    const h = await deployed({ simulateRun: () => ({ terminationMessage }) });
    await start(h);
    await h.clock.advance(10_000);
    expect(await list(h), why).toMatchObject([{ status: want }]);
  },
);

test('a failed run goes on reading as running, and ends as succeeded in the words of the service', async () => {
  const h = await deployed({ simulateRun: () => ({ ending: 'failed' }) });
  await start(h);
  await h.clock.advance(3_600_000);
  expect(await list(h)).toMatchObject([{ status: 'running' }]);
  expect(await list(h, '?execution_status=running')).toEqual([]);
  await h.clock.advance(600_000);
  expect(await list(h)).toMatchObject([
    { status: 'succeeded', message: 'Status is set by VDK Control Service' },
  ]);
});

test('the schedule starts runs named by the minute, and a run that goes on forbids the next', async () => {
  const h = await deployed({ runTimeMs: 70_000 }, '* * * * *');
  await h.clock.advance(5 * 60_000);
  const runs: readonly { id: string; type: string; op_id: string }[] = await list(h);
  expect(runs).toHaveLength(3);
  expect(runs.every(({ id, type, op_id }) => type === 'scheduled' && id === op_id)).toBe(true);
  expect(runs[0]?.id).toMatch(/^the-job-\d{8}$/);
});

test('a disabled deployment is not run by its schedule, but can be started', async () => {
  const h = await deployed({}, '* * * * *');
  await h.call('PATCH', h.job('the-job', '/deployments/x'), { enabled: false });
  await h.clock.advance(10 * 60_000);
  expect(await list(h)).toEqual([]);
  expect((await start(h)).status).toBe(202);
});

test('a manual run outlives its job and turns up in the next one of that name', async () => {
  const h = await deployed();
  await start(h, { started_by: 'manual/test' });
  await h.clock.advance(1_500);
  await h.call('DELETE', h.job('the-job'));
  await h.createJob('the-job');
  expect(await list(h)).toEqual([]);
  await h.clock.advance(10_000);
  expect(await list(h)).toMatchObject([{ status: 'succeeded', started_by: null }]);
});

test('a run goes on over a restart of the service', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'control-service-'));
  const databaseFile = join(folder, 'state.db');
  const before = await deployed({ databaseFile });
  await start(before);
  await before.clock.advance(2_000);
  before.service.close();
  const after = createHarness({ databaseFile, runTimeMs: 5_000 }, before.clock);
  await after.clock.advance(10_000);
  expect(await list(after)).toMatchObject([{ status: 'succeeded' }]);
  after.service.close();
  rmSync(folder, { recursive: true });
});

test('at most a hundred finished executions are kept', async () => {
  const h = await deployed({ podStartMs: 0, runTimeMs: 0 });
  for (let i = 0; i < 103; i += 1) {
    await start(h);
    await h.clock.advance(1_000);
  }
  expect(await list(h)).toHaveLength(100);
});

test('the metrics page tells the last execution of each job', async () => {
  const h = await deployed();
  await start(h);
  await h.clock.advance(1_500);
  const page = (await h.call('GET', '/data-jobs/debug/prometheus')).text;
  expect(page).toMatch(/taurus_datajob_termination_status{data_job="the-job",[^}]*} 5\.0/);
});
