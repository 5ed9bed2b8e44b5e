/** Deployments in the three persistence modes: what was observed on the real service, as rules. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createHarness, type Harness } from './harness.ts';

const versionA = 'a'.repeat(40);
const versionB = 'b'.repeat(40);

const post = (h: Harness, body: unknown, name = 'the-job') =>
  h.call('POST', h.job(name, '/deployments'), body);
const patch = (h: Harness, body: unknown, name = 'the-job') =>
  h.call('PATCH', h.job(name, '/deployments/production'), body);
const put = (h: Harness, more: Record<string, unknown> = {}) =>
  h.call('PUT', h.job('the-job'), { job_name: 'the-job', ...more });

/** Deploys version A and lets it land. */
async function deployed(settings: Parameters<typeof createHarness>[0] = {}): Promise<Harness> {
  const h = createHarness({ deployTimeMs: 3_000, ...settings });
  await h.createJob('the-job', { schedule: { schedule_cron: '1 1 * * *' } });
  await post(h, { job_version: versionA, enabled: true });
  await h.clock.advance(10_000);
  return h;
}

describe('deployments kept in the cluster', () => {
  test('a deployment shows after its build, and the gauge tells that it went well', async () => {
    const h = createHarness({ deployTimeMs: 3_000 });
    await h.createJob('the-job');
    expect((await post(h, { job_version: versionA, enabled: true })).status).toBe(202);
    await h.clock.advance(2_999);
    expect(await h.deployments('the-job')).toEqual([]);
    expect(await h.gauge('the-job')).toBeUndefined();
    await h.clock.advance(1);
    expect(await h.deployments('the-job')).toMatchObject([{ job_version: versionA, id: null }]);
    expect(await h.gauge('the-job')).toBe(0);
  });

  test('a second POST within a moment of the first is lost without a trace', async () => {
    const h = createHarness({ deployTimeMs: 3_000 });
    await h.createJob('the-job');
    await post(h, { job_version: versionA, enabled: true });
    await h.clock.advance(300);
    expect((await post(h, { job_version: versionB, enabled: true })).status).toBe(202);
    expect(await h.gauge('the-job'), 'the loser shows on the gauge until the other lands').toBe(1);
    await h.clock.advance(60_000);
    expect(await h.deployments('the-job')).toMatchObject([{ job_version: versionA }]);
    expect(await h.gauge('the-job')).toBe(0);
  });

  test('a POST two seconds into a build takes its place', async () => {
    const h = createHarness({ deployTimeMs: 3_000 });
    await h.createJob('the-job');
    await post(h, { job_version: versionA, enabled: true });
    await h.clock.advance(2_000);
    await post(h, { job_version: versionB, enabled: true });
    await h.clock.advance(60_000);
    expect(await h.deployments('the-job')).toMatchObject([{ job_version: versionB }]);
  });

  test('a failing build shows only on the gauge, and only when its wait is over', async () => {
    const h = createHarness({ failDeployments: 'the-*', builderWaitMs: 15_000 });
    await h.createJob('the-job');
    await post(h, { job_version: versionA, enabled: true });
    await h.clock.advance(14_999);
    expect(await h.gauge('the-job')).toBeUndefined();
    await h.clock.advance(1);
    expect(await h.gauge('the-job')).toBe(1);
    expect(await h.deployments('the-job')).toEqual([]);
  });

  test('a first deployment without a version fails at once', async () => {
    const h = createHarness();
    await h.createJob('the-job');
    await post(h, { enabled: true });
    expect(await h.gauge('the-job')).toBe(1);
  });

  test('a cron that the cluster refuses leaves the old deployment, and 3 on the gauge', async () => {
    const h = await deployed();
    const [before] = await h.deployments('the-job');
    await put(h, { config: { schedule: { schedule_cron: 'every day' } } });
    expect((await patch(h, { enabled: false })).status, 'PATCH answers as if it had worked').toBe(
      202,
    );
    expect(await h.deployments('the-job')).toEqual([before]);
    expect(await h.gauge('the-job')).toBe(3);
  });

  test('a job PUT during a first deployment is undone when the build ends', async () => {
    const h = createHarness({ deployTimeMs: 3_000 });
    await h.createJob('the-job', { schedule: { schedule_cron: '1 1 * * *' } });
    await post(h, { job_version: versionA, enabled: true });
    await put(h, { description: 'new' });
    expect((await h.call('GET', h.job('the-job'))).json.description).toBe('new');
    await h.clock.advance(3_000);
    const { json } = await h.call('GET', h.job('the-job'));
    expect(json).toMatchObject({
      description: null,
      config: { schedule: { schedule_cron: '1 1 * * *' } },
    });
  });

  test('a job PUT during a later deployment stays', async () => {
    const h = await deployed();
    await post(h, { job_version: versionB, enabled: true });
    await put(h, { description: 'new', config: {} });
    await h.clock.advance(60_000);
    // PUT clears what the build compares with, so the build that held the old row must match it.
    expect((await h.call('GET', h.job('the-job'))).json.description).toBe('new');
  });

  test('disabling during a build shows at once, and is gone when the build lands', async () => {
    const h = await deployed();
    await post(h, { job_version: versionB, enabled: true });
    await patch(h, { enabled: false });
    expect(await h.deployments('the-job')).toMatchObject([
      { job_version: versionA, enabled: false },
    ]);
    await h.clock.advance(3_000);
    expect(await h.deployments('the-job')).toMatchObject([
      { job_version: versionB, enabled: true },
    ]);
  });

  test('removing a deployment ends its build, and the gauge says 0', async () => {
    const h = createHarness({ deployTimeMs: 3_000 });
    await h.createJob('the-job');
    await post(h, { job_version: versionA, enabled: true });
    expect((await h.call('DELETE', h.job('the-job', '/deployments/x'))).status).toBe(202);
    await h.clock.advance(60_000);
    expect(await h.deployments('the-job')).toEqual([]);
    expect(await h.gauge('the-job')).toBe(0);
  });

  test('a job deleted during its build leaves nothing to one created anew', async () => {
    const h = createHarness({ deployTimeMs: 3_000 });
    await h.createJob('the-job');
    await post(h, { job_version: versionA, enabled: true });
    await h.call('DELETE', h.job('the-job'));
    await h.createJob('the-job');
    await h.clock.advance(60_000);
    expect(await h.deployments('the-job')).toEqual([]);
  });

  test('another python version brings its own vdk version, whatever the request names', async () => {
    const h = await deployed();
    await post(h, { python_version: '3.11', vdk_version: 'mine' });
    await h.clock.advance(3_000);
    expect(await h.deployments('the-job')).toMatchObject([{ vdk_version: 'release-3.11' }]);
  });

  test('a POST keeps what it does not name', async () => {
    const h = await deployed();
    await patch(h, { enabled: false, vdk_version: 'mine' });
    await post(h, { job_version: versionB });
    await h.clock.advance(3_000);
    expect(await h.deployments('the-job')).toMatchObject([
      { job_version: versionB, enabled: false, vdk_version: 'mine', python_version: '3.9' },
    ]);
  });

  test('every PATCH moves the date, an empty one too', async () => {
    const h = await deployed();
    const [before] = await h.deployments('the-job');
    await patch(h, {});
    const [after] = await h.deployments('the-job');
    expect(Date.parse(String(after?.last_deployed_date))).toBeGreaterThanOrEqual(
      Date.parse(String(before?.last_deployed_date)),
    );
    expect(after?.last_deployed_date).not.toBe(before?.last_deployed_date);
  });

  test('an unsupported python version is refused before the job is looked for', async () => {
    const h = createHarness();
    expect((await post(h, { python_version: '2.7' }, 'no-such-job')).status).toBe(409);
  });
});

describe('deployments kept in the database', () => {
  const database = {
    persistence: 'DB',
    synchronizerIntervalMs: 2_000,
    synchronizerStartMs: 2_000,
    deployTimeMs: 300,
  } as const;
  const run = (h: Harness) => h.clock.advance(2_400);

  async function started(): Promise<Harness> {
    const h = createHarness(database);
    await h.createJob('the-job', { schedule: { schedule_cron: '1 1 * * *' } });
    return h;
  }

  async function running(): Promise<Harness> {
    const h = await started();
    await post(h, { job_version: versionA, enabled: true });
    await run(h);
    expect(await h.deployments('the-job')).toMatchObject([
      { id: 'the-job', job_version: versionA, vdk_version: null, enabled: true },
    ]);
    return h;
  }

  test('PATCH and DELETE are carried out by the next run', async () => {
    const h = await running();
    await patch(h, { enabled: false, schedule: { schedule_cron: '' } });
    expect(await h.deployments('the-job')).toMatchObject([{ enabled: true }]);
    await run(h);
    expect(await h.deployments('the-job')).toMatchObject([
      { enabled: false, schedule: { schedule_cron: '' } },
    ]);
    await h.call('DELETE', h.job('the-job', '/deployments/x'));
    expect(await h.deployments('the-job')).toHaveLength(1);
    await run(h);
    expect(await h.deployments('the-job')).toEqual([]);
  });

  test('PATCH works as soon as there was a POST, not before', async () => {
    const h = await started();
    expect((await patch(h, { enabled: true })).json.what).toBe(
      "The Data Job 'the-job' is not deployed.",
    );
    await post(h, { job_version: versionA, enabled: true });
    expect((await patch(h, { enabled: true })).status).toBe(202);
  });

  test('a PATCH without a schedule goes back to that of the job, one without enabled enables', async () => {
    const h = await running();
    await patch(h, { enabled: false, schedule: { schedule_cron: '5 5 * * *' } });
    await run(h);
    await patch(h, {});
    await run(h);
    expect(await h.deployments('the-job')).toMatchObject([
      { enabled: true, schedule: { schedule_cron: '1 1 * * *' } },
    ]);
  });

  test('a first deployment that is disabled fails until one is enabled', async () => {
    const h = await started();
    await post(h, { job_version: versionA, enabled: false });
    await run(h);
    expect([await h.deployments('the-job'), await h.gauge('the-job')]).toEqual([[], 1]);
    await run(h);
    expect(await h.gauge('the-job'), 'a failed row is left alone').toBe(1);
    await patch(h, { enabled: true });
    await run(h);
    expect([(await h.deployments('the-job')).length, await h.gauge('the-job')]).toEqual([1, 0]);
  });

  test('a job PUT makes the next run fail, until a PATCH says enabled', async () => {
    const h = await running();
    await put(h, { config: { schedule: { schedule_cron: '2 2 * * *' } } });
    await run(h);
    expect(await h.gauge('the-job')).toBe(1);
    expect(await h.deployments('the-job')).toMatchObject([
      { schedule: { schedule_cron: '1 1 * * *' } },
    ]);
    await patch(h, { enabled: true });
    await run(h);
    expect(await h.gauge('the-job')).toBe(0);
    expect(await h.deployments('the-job')).toMatchObject([
      { schedule: { schedule_cron: '2 2 * * *' } },
    ]);
  });

  test('a job PUT during a first build makes it come to nothing', async () => {
    const h = await started();
    await post(h, { job_version: versionA, enabled: true });
    await h.clock.advance(2_100);
    await put(h);
    await run(h);
    expect([await h.deployments('the-job'), await h.gauge('the-job')]).toEqual([[], 1]);
  });

  test('the last of two POSTs wins, and a PATCH during a build is not lost', async () => {
    const h = await running();
    await post(h, { job_version: versionB, enabled: true });
    await h.clock.advance(1_950);
    await patch(h, { enabled: false });
    await run(h);
    await run(h);
    expect(await h.deployments('the-job')).toMatchObject([
      { job_version: versionB, enabled: false },
    ]);
  });

  test('a failing build of one job holds up all others', async () => {
    const h = createHarness({ ...database, failDeployments: 'bad-job', builderWaitMs: 15_000 });
    await h.createJob('bad-job');
    await h.createJob('quick-job');
    await h.createJob('the-job');
    await post(h, { job_version: versionA, enabled: true }, 'bad-job');
    await post(h, { job_version: versionA, enabled: true }, 'quick-job');
    await h.clock.advance(2_500);
    await post(h, { job_version: versionA, enabled: true });
    await h.clock.advance(14_000);
    expect(await h.deployments('the-job')).toEqual([]);
    await h.clock.advance(6_000);
    expect(await h.deployments('the-job')).toHaveLength(1);
    expect(await h.gauge('bad-job')).toBe(1);
  });

  test('the first POST drops the vdk version: the same one sent again is a change', async () => {
    const h = await started();
    await post(h, { job_version: versionA, enabled: true, vdk_version: 'mine' });
    await run(h);
    const before = await h.deployments('the-job');
    await patch(h, { enabled: true, vdk_version: 'mine' });
    await run(h);
    expect(await h.deployments('the-job')).not.toEqual(before);
  });

  test('the date stays where it is while nothing changes', async () => {
    const h = await running();
    const before = await h.deployments('the-job');
    await patch(h, { enabled: true });
    await run(h);
    await run(h);
    expect(await h.deployments('the-job')).toEqual(before);
  });
});

describe('a restart of the service', () => {
  test.each([
    { persistence: 'K8S', why: 'a running build is nowhere stored', want: [] },
    { persistence: 'DB', why: 'the wanted row is stored', want: [versionA] },
  ] as const)(
    'a deployment under way: $persistence, for $why',
    async ({ persistence, want, why }) => {
      const folder = mkdtempSync(join(tmpdir(), 'control-service-'));
      const settings = { persistence, databaseFile: join(folder, 'state.db'), deployTimeMs: 5_000 };
      const before = createHarness(settings);
      await before.createJob('the-job');
      await post(before, { job_version: versionA, enabled: true });
      before.service.close();
      const after = createHarness(settings, before.clock);
      await after.clock.advance(120_000);
      const versions = (await after.deployments('the-job')).map((each) => each.job_version);
      expect(versions, why).toEqual(want);
      after.service.close();
      rmSync(folder, { recursive: true });
    },
  );

  test('a deployment made before the database was used has no wanted row: PATCH finds none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'control-service-'));
    const databaseFile = join(folder, 'state.db');
    const before = await deployed({ databaseFile });
    before.service.close();
    const both = createHarness({ databaseFile, persistence: 'BOTH' }, before.clock);
    expect((await patch(both, { enabled: false })).status).toBe(404);
    expect(await both.deployments('the-job'), 'the cluster was changed all the same').toMatchObject(
      [{ enabled: false }],
    );
    both.service.close();
    rmSync(folder, { recursive: true });
  });
});
