/**
 * The operator is killed a hundred times, without a warning and at random moments, while fifty
 * objects are made, changed, deleted and made again. In the end the service must have exactly what
 * the objects say, and must have been told to create each job once for each of its lives.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DataJob } from '../../src/api/data-job.ts';
import { isConflict } from '../../src/kube/errors.ts';
import { createSeededRandom } from '../support/seeded-random.ts';
import { eventually, stopProgram } from './programs.ts';
import { findTarget } from './real-api-server.ts';
import { useRealApiServer } from './use-real-api-server.ts';
import { type ClusterWorld, createClusterWorld, whenSynced } from './world.ts';

const objects = 50;
const kills = Number(process.env.KILLS ?? 100);
const seed = Number(process.env.SEED ?? 1);
/** From its start; a start takes about a second here, so some die before they are ready. */
const lifeMs = { least: 300, most: 2_500 };
/** A change every so often keeps every operator busy that lives. */
const changeEveryMs = 100;
/** All that is open when the killing ends. */
const settledWithinMs = 120_000;
const limitMs = 15 * 60_000;

const server = useRealApiServer();

describe.skipIf(findTarget().kind === 'none')('kill -9', () => {
  let world: ClusterWorld;
  beforeAll(async () => {
    world = await createClusterWorld(server());
  });
  afterAll(() => world?.close());

  test(
    `${kills} times: no duplicate, no orphan, nothing lost, all Ready (seed ${seed})`,
    async () => {
      const people = startPeople();
      const random = createSeededRandom(seed);
      let synced = 0;
      for (let count = 0; count < kills; count += 1) {
        const operator = world.startOperator();
        await sleep(lifeMs.least + random.next() * (lifeMs.most - lifeMs.least));
        expect(operator.hasEnded, operator.output()).toBe(false);
        if (operator.output().includes('"msg":"synced"')) synced += 1;
        operator.kill('SIGKILL');
        await operator.ended;
      }
      const lives = await people.stop();
      const atRest = world.startOperator();
      await whenSynced(atRest);
      const startedMs = performance.now();
      const isSettled = async () => (await different(lives)).length === 0;
      const settled = await eventually(isSettled, settledWithinMs, 500);
      expect(settled ? [] : await different(lives)).toEqual([]);
      const settledMs = Math.round(performance.now() - startedMs);
      expectCreatedOnce(lives);
      await stopProgram(atRest);
      const changes = people.changes();
      console.log(
        JSON.stringify({ kills, synced, changes, settledMs, requests: world.record.count() }),
      );
      // The record is a ring: a longer one would have forgotten its beginning.
      expect(world.record.count()).toBeLessThanOrEqual(10_000);
    },
    limitMs,
  );

  /** What people do all the while, and what they want in the end. */
  function startPeople() {
    const random = createSeededRandom(seed + 1_000);
    const lives = new Map<string, Life>();
    const stopping = new AbortController();
    let changes = 0;
    const names = Array.from({ length: objects }, (_, index) => `orders-${index + 1}`);
    const work = async () => {
      for (const name of names) await make(lives, name);
      while (!stopping.signal.aborted) {
        const name = names[Math.floor(random.next() * objects)] ?? '';
        await change(lives, name, random.next());
        changes += 1;
        await sleep(changeEveryMs);
      }
    };
    const working = work();
    return {
      changes: () => changes,
      async stop() {
        stopping.abort();
        await working;
        // Some stay deleted, so that what they would leave behind is seen.
        for (const name of names.slice(0, 5)) {
          if (lives.get(name)?.isWanted) await change(lives, name, 0);
        }
        return lives;
      },
    };
  }

  async function make(lives: Map<string, Life>, name: string): Promise<void> {
    const life = lives.get(name) ?? {
      isWanted: false,
      count: 0,
      schedule: '0 6 * * *',
      enabled: true,
    };
    if (life.isWanted) return;
    // An object that is still being deleted keeps its name.
    if (!(await world.isGone(name))) return;
    await write(name, life);
    lives.set(name, { ...life, isWanted: true, count: life.count + 1 });
  }

  async function change(lives: Map<string, Life>, name: string, dice: number): Promise<void> {
    const life = lives.get(name);
    if (life === undefined || !life.isWanted) return await make(lives, name);
    if (dice < 0.1) {
      await world.remove(name);
      lives.set(name, { ...life, isWanted: false });
      return;
    }
    const enabled = dice < 0.3 ? !life.enabled : life.enabled;
    const next = { ...life, enabled, schedule: `${Math.floor(dice * 60)} 6 * * *` };
    await write(name, next);
    lives.set(name, next);
  }

  async function write(name: string, { enabled, schedule }: Life): Promise<void> {
    for (;;) {
      try {
        await world.apply({ deployment: { enabled, schedule } }, name);
        return;
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
    }
  }

  /** What is not yet, or not any more, as people want it: one line each. */
  async function different(lives: ReadonlyMap<string, Life>): Promise<readonly string[]> {
    const dataJobs = new Map((await listDataJobs()).map((each) => [each.metadata.name, each]));
    const jobs = new Map((await listJobs()).map((each) => [each.jobName, each]));
    const unknown = [...jobs.keys()].filter((name) => !lives.has(name));
    const lines = [...lives].flatMap(([name, { isWanted, schedule, enabled }]) => {
      const dataJob = dataJobs.get(name);
      const job = jobs.get(name);
      if (!isWanted) {
        return [
          ...(dataJob === undefined ? [] : [`${name}: the object is still there`]),
          ...(job === undefined ? [] : [`${name}: the job is an orphan`]),
        ];
      }
      const ready = dataJob?.status?.conditions?.find(({ type }) => type === 'Ready');
      const isCurrent = ready?.observedGeneration === dataJob?.metadata.generation;
      if (ready?.status !== 'True' || !isCurrent) return [`${name}: ${JSON.stringify(ready)}`];
      const deployed = job?.deployments?.[0];
      const has = [job?.config.schedule.scheduleCron, deployed?.enabled, deployed?.jobVersion];
      const wants = [schedule, enabled, dataJob?.status?.source?.jobVersion];
      return JSON.stringify(has) === JSON.stringify(wants)
        ? []
        : [`${name}: has ${has}, wants ${wants}`];
    });
    return [...unknown.map((name) => `${name}: nobody asked for this job`), ...lines];
  }

  function expectCreatedOnce(lives: ReadonlyMap<string, Life>): void {
    const created = world.record.filter(
      ({ operation, status }) => operation === 'dataJobCreate' && status < 300,
    );
    const counts = Map.groupBy(created, ({ body }) => (body as { job_name: string }).job_name);
    for (const [name, { count }] of lives) {
      expect(counts.get(name)?.length, `${name} was created`).toBeLessThanOrEqual(count);
    }
    expect(created.length).toBeGreaterThanOrEqual(objects);
  }

  async function listDataJobs(): Promise<readonly DataJob[]> {
    const path = `/apis/versatiledatakit.io/v1alpha1/namespaces/${world.namespace}/datajobs`;
    return (await server().request('GET', path)).body.items;
  }

  async function listJobs(): Promise<readonly Row[]> {
    const query = `{ jobs(pageNumber: 1, pageSize: 200) { content { jobName
      config { schedule { scheduleCron } } deployments { enabled jobVersion } } } }`;
    const path = `/data-jobs/for-team/any/jobs?query=${encodeURIComponent(query)}`;
    return (await world.call('GET', path)).body.data.content;
  }
});

interface Life {
  readonly isWanted: boolean;
  /** How many objects of the name there have been. */
  readonly count: number;
  readonly schedule: string;
  readonly enabled: boolean;
}

interface Row {
  readonly jobName: string;
  readonly config: { readonly schedule: { readonly scheduleCron: string } };
  readonly deployments: readonly { enabled: boolean; jobVersion: string }[] | null;
}
