/**
 * The operator killed at each request of a create, an update and a deletion, before the request
 * takes effect and after, and started again. Every boundary is tried, none is sampled.
 */
import { describe, expect, test } from 'vitest';
import { externalJobFinalizer } from '../../src/api/annotations.ts';
import { conditionOf } from '../../src/api/conditions.ts';
import { dataJobType } from '../../src/api/data-job.ts';
import { isNotFound } from '../../src/kube/errors.ts';
import { aManifest } from '../support/manifests.ts';
import { createWorld, type Death, type World } from '../support/world.ts';

const name = { namespace: 'default', name: 'ingest-orders' };
const changed = aManifest({
  deployment: { enabled: false, schedule: '5 5 * * *' },
  source: { inline: { files: { '20_new.sql': 'SELECT 1' } } },
});
/** Long enough for a lost deployment call to be noticed and every back-off to end. */
const settledWithinMs = 10 * 60_000;
/** How often the world is looked at: nobody here is in a hurry. */
const lookEveryMs = 5_000;

const modes = ['K8S', 'DB'] as const;

interface Scenario {
  readonly name: string;
  /** Brings the world to where the operator that dies is started. */
  prepare(world: World): Promise<void>;
  /** Whether everything is as it has to be in the end. */
  isDone(world: World): Promise<boolean>;
  expectEnd(world: World): Promise<void>;
}

const scenarios: readonly Scenario[] = [
  {
    name: 'create',
    prepare: (world) => world.apply(aManifest()),
    isDone: isReady,
    async expectEnd(world) {
      await expectDeployed(world, { enabled: true, schedule: '0 6 * * *' });
      expect(succeeded(world, 'dataJobCreate'), 'one create took effect').toBe(1);
      expect(succeeded(world, 'dataJobDelete')).toBe(0);
    },
  },
  {
    name: 'update of schedule, flag and files',
    async prepare(world) {
      await makeReady(world);
      await world.apply(changed);
    },
    isDone: isReady,
    async expectEnd(world) {
      await expectDeployed(world, { enabled: false, schedule: '5 5 * * *' });
      expect(succeeded(world, 'dataJobCreate')).toBe(1);
      expect(succeeded(world, 'dataJobDelete')).toBe(0);
    },
  },
  {
    name: 'delete',
    async prepare(world) {
      await makeReady(world);
      await world.kube.remove(dataJobType, name);
    },
    isDone: isGone,
    async expectEnd(world) {
      expect((await jobs(world)).map(({ jobName }) => jobName)).toEqual(['of-others']);
      expect(succeeded(world, 'dataJobCreate')).toBe(1);
    },
  },
];

/** The boundaries of a run are shared out, so that each test is a matter of a second or two. */
const parts = [0, 1, 2, 3];
const shares = modes.flatMap((mode) => parts.map((part) => ({ mode, part })));

describe.each(scenarios)('$name', (scenario) => {
  test.each(shares)(
    'before and after each request, mode $mode, part $part',
    async ({ mode, part }) => {
      const { requests, end } = await run(scenario, mode, undefined);
      expect(requests, 'the reference run made requests').toBeGreaterThan(parts.length);
      for (let request = part; request < requests; request += parts.length) {
        for (const when of ['before', 'after'] as const) {
          const survived = await run(scenario, mode, { request, when });
          expect(survived.end, `killed ${when} request ${request}`).toEqual(end);
        }
      }
    },
  );
});

/** Runs a scenario with or without a death; returns what the world looks like in the end. */
async function run(scenario: Scenario, persistence: 'K8S' | 'DB', death: Death | undefined) {
  const world = await createWorld({ persistence });
  try {
    await world.curl('POST', '/data-jobs/for-team/others/jobs', {
      job_name: 'of-others',
      config: { schedule: { schedule_cron: '7 7 * * *' } },
    });
    await scenario.prepare(world);
    const mortal = world.start(death);
    const at = `killed ${death?.when} request ${death?.request}`;
    if (death === undefined) {
      expect(await world.until(() => scenario.isDone(world), settledWithinMs, lookEveryMs)).toBe(
        true,
      );
    } else {
      expect(await world.until(async () => mortal.isDead, settledWithinMs, lookEveryMs), at).toBe(
        true,
      );
      await expectGuarded(world, at); // a deletion at this very moment would find the job
      world.start();
      expect(
        await world.until(() => scenario.isDone(world), settledWithinMs, lookEveryMs),
        at,
      ).toBe(true);
    }
    await expectGuarded(world, at);
    const { requests } = mortal;
    await world.clock.advance(3 * 60_000); // nothing may be left to do
    expect(await scenario.isDone(world), at).toBe(true);
    await scenario.expectEnd(world);
    return { requests, end: (await jobs(world)).map(withoutTimes) };
  } finally {
    await world.close();
  }
}

async function makeReady(world: World): Promise<void> {
  const first = world.start();
  await world.apply(aManifest());
  expect(await world.until(() => isReady(world), settledWithinMs, lookEveryMs)).toBe(true);
  await world.clock.advance(1_000);
  first.kill();
}

async function isReady(world: World): Promise<boolean> {
  const { metadata, status } = await world.dataJob(name.name);
  const ready = conditionOf(status?.conditions, 'Ready');
  const finalized = metadata.finalizers?.includes(externalJobFinalizer) === true;
  const current = ready?.observedGeneration === metadata.generation;
  return finalized && current && ready?.status === 'True';
}

async function isGone(world: World): Promise<boolean> {
  try {
    await world.dataJob(name.name);
    return false;
  } catch (error) {
    if (isNotFound(error)) return true;
    throw error;
  }
}

/** A job at the service has an object whose finalizer will not let it be forgotten. */
async function expectGuarded(world: World, at: string): Promise<void> {
  const made = (await jobs(world)).some(({ jobName }) => jobName === name.name);
  if (!made) return;
  expect(await isGone(world), `${at}: the job is left and its object gone`).toBe(false);
  const { metadata } = await world.dataJob(name.name);
  expect(metadata.finalizers, at).toContain(externalJobFinalizer);
}

function succeeded(world: World, operation: string): number {
  return world.service.record.filter(
    (request) =>
      request.operation === operation && request.status < 300 && request.path.includes('sales'),
  ).length;
}

async function expectDeployed(
  world: World,
  want: { readonly enabled: boolean; readonly schedule: string },
): Promise<void> {
  const { status } = await world.dataJob(name.name);
  const [job] = (await jobs(world)).filter(({ jobName }) => jobName === name.name);
  expect(job?.config.schedule.scheduleCron).toBe(want.schedule);
  expect(job?.deployments?.[0]).toMatchObject({
    enabled: want.enabled,
    jobVersion: status?.source?.jobVersion,
  });
}

interface Row {
  readonly jobName: string;
  readonly config: { readonly schedule: { readonly scheduleCron: string } };
  readonly deployments: readonly Record<string, unknown>[] | null;
}

/** Everything that the service has, of whatever team. */
async function jobs(world: World): Promise<readonly Row[]> {
  const query = `{ jobs(pageNumber: 1, pageSize: 100) { content { jobName
    config { team description schedule { scheduleCron } }
    deployments { enabled jobVersion jobPythonVersion lastDeployedDate } } } }`;
  const path = `/data-jobs/for-team/any/jobs?query=${encodeURIComponent(query)}`;
  const answer = (await (await world.curl('GET', path)).json()) as { data: { content: Row[] } };
  return answer.data.content;
}

function withoutTimes(row: Row) {
  const deployments = row.deployments?.map(({ lastDeployedDate: _, ...rest }) => rest);
  return { ...row, deployments };
}
