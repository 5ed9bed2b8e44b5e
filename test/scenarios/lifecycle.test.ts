/** One data job's life through the shipped operator, over both embedded servers, on a manual clock. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { conditionOf } from '../../src/api/conditions.ts';
import { dataJobType } from '../../src/api/data-job.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { aManifest, type Manifest } from '../support/manifests.ts';
import { createWorld, type Instance, type World } from '../support/world.ts';

const pollIntervalMs = 60_000;
/** A deployment of 3 s is seen within the first ticks of the deployment watch. */
const soonMs = 30_000;
const jobPath = '/data-jobs/for-team/sales/jobs/ingest-orders';

let world: World;
beforeEach(async () => {
  world = await createWorld({ pollIntervalMs });
});
afterEach(() => world.close());

const apply = (manifest: Manifest) => world.apply(manifest);
const conditionIs = async (type: 'Ready' | 'Stalled', status: string, name = 'ingest-orders') => {
  const dataJob = await world.dataJob(name);
  const condition = conditionOf(dataJob.status?.conditions, type);
  const current = condition?.observedGeneration === dataJob.metadata.generation;
  return current && condition?.status === status;
};
const isReady = (name?: string) => conditionIs('Ready', 'True', name);
const reasonOf = async (type: 'Ready' | 'Stalled' | 'Synced') =>
  conditionOf((await world.dataJob('ingest-orders')).status?.conditions, type)?.reason;
const writes = () =>
  world.service.record.filter(({ method }) => method !== 'GET').map(({ operation }) => operation);
const kubeWrites = () =>
  world.kubeApi.record
    .entries()
    .filter(
      ({ verb, userAgent }) =>
        !['get', 'list', 'watch'].includes(verb) && userAgent === 'datajob-operator',
    );
const eventType = {
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
};
const events = async () =>
  (await world.kube.list<KubeObject & { reason: string; note: string }>(eventType, {})).items;
const deployment = async () => {
  const list = await (await world.curl('GET', `${jobPath}/deployments`)).json();
  return (list as Record<string, unknown>[])[0];
};

async function readyJob(spec?: Record<string, unknown>): Promise<Instance> {
  const operator = world.start();
  await apply(aManifest(spec));
  expect(await world.until(isReady, soonMs)).toBe(true);
  await world.clock.advance(2 * pollIntervalMs); // whatever was left to do is done
  world.service.record.clear();
  world.kubeApi.record.clear();
  return operator;
}

test('an applied job is created, uploaded and deployed, and only then Ready', async () => {
  world.start();
  await apply(aManifest());
  await world.clock.advance(1_000);
  expect(await conditionIs('Ready', 'Unknown')).toBe(true);
  expect(await reasonOf('Ready')).toBe('DeploymentInProgress');
  expect(await world.until(isReady, soonMs)).toBe(true);
  expect(writes()).toEqual(['dataJobCreate', 'sourcesUpload', 'deploymentUpdate']);
  const { status, metadata } = await world.dataJob('ingest-orders');
  expect(await deployment()).toMatchObject({
    enabled: true,
    job_version: status?.source?.jobVersion,
  });
  expect(status).toMatchObject({
    observedGeneration: metadata.generation,
    job: { team: 'sales', ownership: 'Created', effectiveDeletionPolicy: 'Delete' },
  });
  expect(status?.deployment?.requestedAt).toBeUndefined();
  expect((await events()).map(({ reason }) => reason)).toEqual(
    expect.arrayContaining(['JobCreated', 'SourceUploaded', 'DeploymentRequested', 'Deployed']),
  );
});

test('a changed schedule is one PUT of the job and one PATCH of the deployment', async () => {
  await readyJob();
  await apply(aManifest({ deployment: { enabled: true, schedule: '5 5 * * *' } }));
  expect(await world.until(isReady, soonMs)).toBe(true);
  expect(writes()).toEqual(['dataJobUpdate', 'deploymentPatch']);
  const job = await (await world.curl('GET', jobPath)).json();
  expect(job).toMatchObject({ config: { schedule: { schedule_cron: '5 5 * * *' } } });
});

test('changed files are one upload and one deployment', async () => {
  await readyJob();
  const before = await deployment();
  await apply(aManifest({ source: { inline: { files: { '20_new.sql': 'SELECT 1' } } } }));
  expect(await world.until(isReady, soonMs)).toBe(true);
  expect(writes()).toEqual(['sourcesUpload', 'deploymentUpdate']);
  expect((await deployment())?.job_version).not.toBe(before?.job_version);
});

test('quiet means quiet: ten polls with all Ready are ten bulk reads and no write anywhere', async () => {
  await readyJob({ interval: '0' });
  await world.clock.advance(10 * pollIntervalMs * 1.05);
  expect(world.service.record.writes()).toBe(0);
  expect(kubeWrites()).toEqual([]);
  expect(world.service.record.count('jobsQuery')).toBeGreaterThanOrEqual(10);
  expect(world.service.record.count('jobsQuery')).toBeLessThanOrEqual(11);
  expect(world.service.record.count()).toBe(world.service.record.count('jobsQuery'));
});

test('a restart with all Ready reads pages, not jobs, and writes nothing', async () => {
  const operator = await readyJob();
  operator.kill();
  world.start();
  await world.clock.advance(5_000);
  expect(kubeWrites()).toEqual([]);
  expect(world.service.record.map(({ operation }) => operation)).toEqual(['jobsQuery']);
});

describe('drift is healed within one poll, with an event that names the field', () => {
  const cases = [
    {
      name: 'the deployment was disabled',
      change: () => world.curl('PATCH', `${jobPath}/deployments/production`, { enabled: false }),
      names: 'spec.deployment.enabled',
      healed: async () => (await deployment())?.enabled === true,
    },
    {
      name: 'the schedule was changed, and the marker lost with it',
      change: () =>
        world.curl('PUT', jobPath, {
          job_name: 'ingest-orders',
          config: { schedule: { schedule_cron: '1 1 1 1 1' } },
        }),
      names: 'spec.deployment.schedule',
      healed: async () => {
        const job = await (await world.curl('GET', jobPath)).json();
        return (
          (job as { config: { schedule: { schedule_cron: string } } }).config.schedule
            .schedule_cron === '0 6 * * *'
        );
      },
    },
    {
      name: 'the job was deleted',
      change: () => world.curl('DELETE', jobPath),
      names: 'job',
      healed: async () => (await deployment())?.enabled === true,
    },
    {
      name: 'another version was deployed',
      change: () =>
        world.curl('POST', `${jobPath}/deployments`, {
          job_version: 'f'.repeat(40),
          enabled: true,
        }),
      names: 'deployment.jobVersion',
      healed: async () =>
        (await deployment())?.job_version ===
        (await world.dataJob('ingest-orders')).status?.source?.jobVersion,
    },
  ] as const;

  test.each(cases)('$name', async ({ change, names, healed }) => {
    await readyJob();
    expect((await change()).ok).toBe(true);
    await world.clock.advance(4_000); // a deployment made by hand takes its time too
    await world.clock.advance(pollIntervalMs * 1.05);
    expect(await world.until(async () => (await healed()) && (await isReady()), 15_000)).toBe(true);
    const corrected = (await events()).filter(({ reason }) => reason === 'DriftCorrected');
    expect(corrected.map(({ note }) => note).join()).toContain(names);
  });
});

describe('hands off', () => {
  test('Observe writes nothing at the service, ever, and says what Manage would do', async () => {
    world.start();
    await apply(aManifest({ managementPolicy: 'Observe' }));
    expect(await world.until(isReady, soonMs)).toBe(true);
    await world.clock.advance(5 * pollIntervalMs);
    const { status, metadata } = await world.dataJob('ingest-orders');
    expect(status?.pendingChanges?.map(({ action }) => action)).toEqual([
      'createJob',
      'uploadSource',
      'deploy',
    ]);
    expect(metadata.finalizers ?? []).toEqual([]);
    await world.kube.remove(dataJobType, metadata);
    await world.clock.advance(5_000);
    expect(world.service.record.writes()).toBe(0);
  });

  test('a suspended job is left alone, whatever happens to it, and caught up with afterwards', async () => {
    await readyJob();
    await apply(aManifest({ suspend: true }));
    await world.clock.advance(1_000);
    await world.curl('PATCH', `${jobPath}/deployments/production`, { enabled: false });
    world.service.record.clear();
    await apply(aManifest({ suspend: true, deployment: { enabled: true, schedule: '9 9 * * *' } }));
    await world.clock.advance(5 * pollIntervalMs);
    expect(world.service.record.writes()).toBe(0);
    const conditions = (await world.dataJob('ingest-orders')).status?.conditions;
    expect(conditionOf(conditions, 'Suspended')?.status).toBe('True');
    await apply(aManifest({ deployment: { enabled: true, schedule: '9 9 * * *' } }));
    expect(await world.until(isReady, soonMs)).toBe(true);
    expect(writes()).toEqual(['dataJobUpdate', 'deploymentPatch']);
    expect((await deployment())?.enabled).toBe(true);
  });
});

describe('a foreign job of the same name is never written to, and the condition names who has it', () => {
  const create = (team: string, description: string) =>
    world.curl('POST', `/data-jobs/for-team/${team}/jobs`, {
      job_name: 'ingest-orders',
      team,
      description,
      config: {},
    });
  const cases = [
    {
      name: 'of our team, made by hand',
      team: 'sales',
      description: 'by hand',
      reason: 'AlreadyExists',
      says: /sales/,
    },
    {
      name: 'of another team',
      team: 'finance',
      description: '',
      reason: 'NameConflict',
      says: /team finance/,
    },
    {
      name: 'of our team, managed from another cluster',
      team: 'sales',
      description:
        'x\n\nmanaged by datajob-operator: cluster other object prod/ingest-orders uid 1',
      reason: 'ManagementConflict',
      says: /prod\/ingest-orders in cluster other/,
    },
  ] as const;
  test.each(cases)('$name', async ({ team, description, reason, says }) => {
    await create(team, description);
    const before = await (
      await world.curl('GET', `/data-jobs/for-team/${team}/jobs/ingest-orders`)
    ).json();
    world.start();
    await apply(aManifest());
    expect(await world.until(() => conditionIs('Stalled', 'True'), soonMs)).toBe(true);
    await world.clock.advance(5 * pollIntervalMs);
    const stalled = conditionOf(
      (await world.dataJob('ingest-orders')).status?.conditions,
      'Stalled',
    );
    expect(stalled).toMatchObject({ reason, message: expect.stringMatching(says) });
    await world.kube.remove(dataJobType, { namespace: 'default', name: 'ingest-orders' });
    await world.clock.advance(5_000);
    await expect(world.dataJob('ingest-orders')).rejects.toThrow(/not found/);
    const after = await (
      await world.curl('GET', `/data-jobs/for-team/${team}/jobs/ingest-orders`)
    ).json();
    expect(after).toEqual(before);
  });

  test('of an older object here; when that one goes, the younger takes over', async () => {
    world.start();
    await apply(aManifest());
    expect(await world.until(isReady, soonMs)).toBe(true);
    await apply(aManifest({ jobName: 'ingest-orders' }, 'second-orders'));
    expect(await world.until(() => conditionIs('Stalled', 'True', 'second-orders'), soonMs)).toBe(
      true,
    );
    const second = conditionOf((await world.dataJob('second-orders')).status?.conditions, 'Ready');
    expect(second).toMatchObject({
      reason: 'ResourceConflict',
      message: expect.stringMatching(/default\/ingest-orders/),
    });
    await world.kube.remove(dataJobType, { namespace: 'default', name: 'ingest-orders' });
    expect(await world.until(() => isReady('second-orders'), soonMs)).toBe(true);
  });

  test('of an older object here that lets go and is kept by others; the younger takes over all the same', async () => {
    const first = { namespace: 'default', name: 'ingest-orders' };
    await readyJob();
    const { finalizers = [] } = (await world.dataJob(first.name)).metadata;
    const body = { metadata: { finalizers: [...finalizers, 'example.com/hold'] } };
    await world.kube.patch(dataJobType, first, { kind: 'merge', body });
    await apply(aManifest({ jobName: 'ingest-orders' }, 'second-orders'));
    expect(await world.until(() => conditionIs('Stalled', 'True', 'second-orders'), soonMs)).toBe(
      true,
    );
    await world.clock.advance(1.5 * pollIntervalMs); // the next poll, which would find it, is not near
    await world.kube.remove(dataJobType, first);
    const isStalled = () => conditionIs('Stalled', 'True', 'second-orders');
    expect(await world.until(async () => !(await isStalled()), 3_000)).toBe(true);
    expect(await world.until(() => isReady('second-orders'), soonMs)).toBe(true);
    expect((await world.dataJob(first.name)).metadata.finalizers).toEqual(['example.com/hold']);
  });
});

describe('deletion', () => {
  const remove = () =>
    world.kube.remove(dataJobType, { namespace: 'default', name: 'ingest-orders' });
  const isGone = async () => (await world.curl('GET', jobPath)).status === 404;

  test('waits for the finalizer, and the job is gone at the service', async () => {
    await readyJob();
    await remove();
    await world.clock.advance(1_000);
    await expect(world.dataJob('ingest-orders')).rejects.toThrow(/not found/);
    expect(await isGone()).toBe(true);
    expect(writes()).toEqual(['deploymentDelete', 'dataJobDelete']);
  });

  test('with policy Undeploy leaves the job, undeployed and unmarked', async () => {
    await readyJob({ deletionPolicy: 'Undeploy' });
    await remove();
    await world.clock.advance(1_000);
    await expect(world.dataJob('ingest-orders')).rejects.toThrow(/not found/);
    const job = await (await world.curl('GET', jobPath)).json();
    expect(job).toMatchObject({ description: 'Loads the orders of yesterday' });
    expect(await deployment()).toBeUndefined();
  });

  test('with policy Orphan, or with the annotation, touches nothing', async () => {
    await readyJob({ deletionPolicy: 'Orphan' });
    await remove();
    await world.clock.advance(1_000);
    await expect(world.dataJob('ingest-orders')).rejects.toThrow(/not found/);
    expect(world.service.record.writes()).toBe(0);
    expect((await deployment())?.enabled).toBe(true);
  });

  test('of its whole namespace takes the job along', async () => {
    const namespaces = { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace' };
    const namespaceType = { ...namespaces, namespaced: false };
    const leaving = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'leaving' } };
    await world.kube.create(namespaceType, leaving);
    world.start();
    const manifest = aManifest();
    await apply({ ...manifest, metadata: { ...manifest.metadata, namespace: 'leaving' } });
    await world.clock.advance(soonMs);
    expect((await deployment())?.enabled).toBe(true);
    await world.kube.remove(namespaceType, leaving.metadata);
    await world.clock.advance(soonMs);
    await expect(world.kube.get(namespaceType, leaving.metadata)).rejects.toThrow(/not found/);
    expect(await isGone()).toBe(true);
  });

  test('during a build cancels it and leaves nothing', async () => {
    world.start();
    await apply(aManifest());
    await world.clock.advance(1_000);
    await remove();
    await world.clock.advance(pollIntervalMs);
    await expect(world.dataJob('ingest-orders')).rejects.toThrow(/not found/);
    expect(await isGone()).toBe(true);
  });
});
