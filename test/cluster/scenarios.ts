/**
 * The life of data jobs, as scenarios that any test can run on a world whose operator is running:
 * as an administrator, with the chart's own rights, with one of them taken away. Each has a job of
 * its own and throws when something is not as promised.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { conditionOf } from '../../src/api/conditions.ts';
import { eventually } from './programs.ts';
import { type ClusterWorld, pollIntervalMs, soonMs } from './world.ts';

export interface Scenario {
  readonly name: string;
  run(world: ClusterWorld): Promise<void>;
}

/** Long enough to see that nothing happens. */
const quietMs = 6 * pollIntervalMs;

const configMapType = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
} as const;

export const scenarios: readonly Scenario[] = [
  {
    name: 'an applied job is created, uploaded, deployed, Ready, and told in events',
    async run(world) {
      await readyJob(world, 'create-orders');
      expect(world.writesFor('create-orders')).toEqual([
        'dataJobCreate',
        'sourcesUpload',
        'deploymentUpdate',
      ]);
      const { status } = await world.dataJob('create-orders');
      expect(await world.deployment('create-orders')).toMatchObject({
        enabled: true,
        job_version: status?.source?.jobVersion,
      });
      const told = async () => {
        const reasons = (await world.eventsFor('create-orders')).map(({ reason }) => reason);
        return ['JobCreated', 'SourceUploaded', 'Deployed'].every((each) => reasons.includes(each));
      };
      await until(told, 'events tell what was done');
    },
  },
  {
    name: 'a changed schedule is one PUT of the job and one PATCH of the deployment',
    async run(world) {
      await readyJob(world, 'schedule-orders');
      const before = world.writesFor('schedule-orders').length;
      await world.apply(
        { deployment: { enabled: true, schedule: '5 5 * * *' } },
        'schedule-orders',
      );
      await untilReady(world, 'schedule-orders');
      const writes = world.writesFor('schedule-orders').slice(before);
      expect(writes).toEqual(['dataJobUpdate', 'deploymentPatch']);
      expect((await world.job('schedule-orders')).body).toMatchObject({
        config: { schedule: { schedule_cron: '5 5 * * *' } },
      });
    },
  },
  {
    name: 'files in a ConfigMap that change are uploaded and deployed',
    async run(world) {
      const { kube, namespace } = world;
      const metadata = { name: 'files-orders', namespace };
      const data = { '10_load.sql': 'SELECT 1' };
      await kube.create(configMapType, {
        ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata },
        ...{ data },
      });
      await readyJob(world, 'files-orders', { source: { configMapRef: { name: 'files-orders' } } });
      const first = await world.deployment('files-orders');
      await kube.patch(configMapType, metadata, {
        kind: 'merge',
        body: { data: { '10_load.sql': 'SELECT 2' } },
      });
      const isNew = async () => {
        const { job_version: version } = (await world.deployment('files-orders')) ?? {};
        return version !== undefined && version !== first?.job_version;
      };
      await until(isNew, 'the new files are deployed');
      await untilReady(world, 'files-orders');
    },
  },
  {
    name: 'drift is healed: a job disabled by hand, and one deleted by hand',
    async run(world) {
      await readyJob(world, 'drift-orders');
      const path = world.pathOf('drift-orders');
      await world.call('PATCH', `${path}/deployments/production`, { enabled: false });
      const isEnabled = async () => (await world.deployment('drift-orders'))?.enabled === true;
      await until(isEnabled, 'the deployment is enabled again');
      await world.call('DELETE', path);
      await until(isEnabled, 'the job is there again');
      await untilReady(world, 'drift-orders');
      const corrected = async () =>
        (await world.eventsFor('drift-orders')).some(({ reason }) => reason === 'DriftCorrected');
      await until(corrected, 'an event tells of the drift');
    },
  },
  {
    name: 'a status written while a person changes the object is written all the same',
    async run(world) {
      await readyJob(world, 'hurried-orders');
      const changed = async (schedule: string) =>
        await world.apply({ deployment: { enabled: true, schedule } }, 'hurried-orders');
      // Faster than a pass, so that some status is written onto an object that is not the same any more.
      for (let minute = 0; minute < 60; minute += 1) await changed(`${minute} 3 * * *`);
      await changed('7 7 * * *');
      await untilReady(world, 'hurried-orders');
      expect((await world.job('hurried-orders')).body).toMatchObject({
        config: { schedule: { schedule_cron: '7 7 * * *' } },
      });
    },
  },
  {
    name: 'a suspended job is left alone and caught up with afterwards',
    async run(world) {
      await readyJob(world, 'suspend-orders');
      await world.apply({ suspend: true }, 'suspend-orders');
      const isSuspended = () => world.conditionIs('Suspended', 'True', 'suspend-orders');
      await until(isSuspended, 'the job is suspended');
      const before = world.writesFor('suspend-orders').length;
      const deployment = `${world.pathOf('suspend-orders')}/deployments/production`;
      await world.call('PATCH', deployment, { enabled: false });
      await sleep(quietMs);
      expect(world.writesFor('suspend-orders')).toHaveLength(before);
      await world.apply({}, 'suspend-orders');
      const isEnabled = async () => (await world.deployment('suspend-orders'))?.enabled === true;
      await until(isEnabled, 'what was missed is caught up with');
      await untilReady(world, 'suspend-orders');
    },
  },
  {
    name: 'Observe writes nothing at the service and holds nothing back',
    async run(world) {
      await readyJob(world, 'observe-orders', { managementPolicy: 'Observe' });
      const { metadata, status } = await world.dataJob('observe-orders');
      expect(status?.pendingChanges?.map(({ action }) => action)).toContain('createJob');
      expect(metadata.finalizers ?? []).toEqual([]);
      await world.remove('observe-orders');
      await until(() => world.isGone('observe-orders'), 'the object is gone');
      expect(world.writesFor('observe-orders')).toEqual([]);
    },
  },
  {
    name: 'a deleted object takes its job with it, and is gone only afterwards',
    async run(world) {
      await readyJob(world, 'delete-orders');
      await world.remove('delete-orders');
      await until(() => world.isGone('delete-orders'), 'the object is gone');
      expect((await world.job('delete-orders')).status).toBe(404);
    },
  },
  {
    name: 'with policy Orphan the job stays as it is',
    async run(world) {
      await readyJob(world, 'orphan-orders', { deletionPolicy: 'Orphan' });
      const before = await world.deployment('orphan-orders');
      await world.remove('orphan-orders');
      await until(() => world.isGone('orphan-orders'), 'the object is gone');
      expect(await world.deployment('orphan-orders')).toEqual(before);
    },
  },
  {
    name: "another team's job of the same name is never written to",
    async run(world) {
      await world.call('POST', '/data-jobs/for-team/finance/jobs', {
        ...{ job_name: 'foreign-orders', team: 'finance', description: '', config: {} },
      });
      const before = await world.job('foreign-orders', 'finance');
      await world.apply({}, 'foreign-orders');
      const isStalled = () => world.conditionIs('Stalled', 'True', 'foreign-orders');
      await until(isStalled, 'the job is refused');
      const { status } = await world.dataJob('foreign-orders');
      expect(conditionOf(status?.conditions, 'Stalled')).toMatchObject({
        reason: 'NameConflict',
        message: expect.stringContaining('finance'),
      });
      await world.remove('foreign-orders');
      await until(() => world.isGone('foreign-orders'), 'the object is gone');
      expect(await world.job('foreign-orders', 'finance')).toEqual(before);
    },
  },
];

/** Counting takes a minute: the same event again is written no more often than that. */
export const countedEvents: Scenario = {
  name: 'the same event again is counted in the one that is there',
  async run(world) {
    await readyJob(world, 'counted-orders');
    const deployment = `${world.pathOf('counted-orders')}/deployments/production`;
    const isEnabled = async () => (await world.deployment('counted-orders'))?.enabled === true;
    for (let count = 0; count < 2; count += 1) {
      await world.call('PATCH', deployment, { enabled: false });
      await until(isEnabled, 'the deployment is enabled again');
    }
    const isCounted = async () =>
      (await world.eventsFor('counted-orders')).some(({ series }) => (series?.count ?? 0) > 1);
    expect(await eventually(isCounted, 90_000, 500), 'an event is counted').toBe(true);
  },
};

async function readyJob(
  world: ClusterWorld,
  name: string,
  spec: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await world.apply(spec, name);
  await untilReady(world, name);
}

async function untilReady(world: ClusterWorld, name: string): Promise<void> {
  await until(
    () => world.conditionIs('Ready', 'True', name),
    `${name} is Ready`,
    async () => {
      const { status } = await world.dataJob(name);
      return JSON.stringify(status?.conditions);
    },
  );
}

async function until(
  holds: () => Promise<boolean>,
  what: string,
  explain: () => Promise<string | undefined> = async () => '',
): Promise<void> {
  if (await eventually(holds, soonMs)) return;
  throw new Error(`not within ${soonMs / 1000} s: ${what} ${await explain()}`);
}
