/** Deployments that the service keeps in its database, and brings about run by run. */
import assert from 'node:assert/strict';
import { isEmpty, isFourFields, isJson } from '../answer.ts';
import type { Bench, Job } from '../bench.ts';
import type { ConformanceCase, Need } from '../case.ts';
import { isNotDeployed, notDeployed } from './deployments.ts';

type Case = Omit<ConformanceCase, 'needs'> & { readonly needs?: readonly Need[] };

export const databaseDeploymentCases: readonly ConformanceCase[] = [
  ...shown(),
  ...patched(),
  ...failed(),
  ...overlapping(),
].map((each: Case) => ({ ...each, needs: ['database', ...(each.needs ?? [])] }));

const cron = (schedule_cron: string) => ({ schedule: { schedule_cron } });
const replaced = (b: Bench, { jobName, teamName }: Job, config: Record<string, unknown> = {}) =>
  b.client.dataJobUpdate({
    jobName,
    teamName,
    body: { job_name: jobName, config: { generate_keytab: false, ...config } },
  });

function shown(): readonly Case[] {
  return [
    {
      name: 'in the database a deployment has the name of its job as id, schedule, contacts and resources, but no vdk version',
      covers: ['deploymentRead'],
      traps: [11, 33],
      async run(b) {
        const contacts = { notified_on_job_deploy: ['a@example.com'] };
        const config = { contacts, ...cron('1 1 1 1 *') };
        const job = await b.deployedJob({ vdk_version: 'mine' }, config);
        isJson(await b.send('deploymentRead', job), 200, {
          id: job.jobName,
          vdk_version: null,
          contacts,
          ...cron('1 1 1 1 *'),
        });
        const { resources } = (await b.send('deploymentRead', job)).json as {
          resources: Readonly<Record<string, unknown>>;
        };
        assert.deepEqual(Object.keys(resources).sort(), [
          'cpu_limit',
          'cpu_request',
          'memory_limit',
          'memory_request',
        ]);
        assert.ok(Object.values(resources).every((value) => typeof value === 'number'));
      },
    },
    {
      name: 'in the database a single memory value changes that one and leaves the others',
      covers: ['deploymentPatch', 'deploymentList'],
      traps: [8],
      async run(b) {
        const job = await b.deployedJob();
        const before = (await b.deployment(job))?.resources;
        await b.patch(job, { enabled: true, resources: { memory_limit: 1234 } });
        await b.deployedAs(job, { resources: { ...before, memory_limit: 1234 } });
      },
    },
    {
      name: 'in the database the schedule of a deployment wins over that of its job, "" means never',
      covers: ['deploymentUpdate', 'deploymentList'],
      traps: [9],
      async run(b) {
        const job = await b.deployedJob(cron('2 2 2 2 *'), cron('1 1 1 1 *'));
        await b.deployedAs(job, cron('2 2 2 2 *'));
        await b.post(job, { enabled: true, ...cron('') });
        await b.deployedAs(job, cron(''));
      },
    },
    {
      name: 'in the database contacts follow the job at once',
      covers: ['deploymentRead', 'dataJobUpdate'],
      async run(b) {
        const job = await b.deployedJob();
        const contacts = { notified_on_job_deploy: ['new@example.com'] };
        await replaced(b, job, { contacts });
        isJson(await b.send('deploymentRead', job), 200, { contacts });
      },
    },
    {
      name: 'in the database a vdk version in the first POST is dropped: the same one again is a change',
      covers: ['deploymentUpdate', 'deploymentPatch', 'deploymentList'],
      traps: [11],
      async run(b) {
        const job = await b.deployedJob({ vdk_version: 'mine' });
        const before = await b.deployment(job);
        await b.patch(job, { enabled: true, vdk_version: 'mine' });
        await b.eventually('the deployment has changed', async () =>
          (await b.deployment(job))?.last_deployed_date === before?.last_deployed_date
            ? undefined
            : true,
        );
      },
    },
    {
      name: 'in the database a vdk version sent with another python version is used',
      covers: ['deploymentPatch', 'deploymentList'],
      traps: [10],
      needs: ['secondPython'],
      async run(b) {
        const job = await b.deployedJob();
        const [, python_version] = b.facts.pythonVersions;
        await b.patch(job, { enabled: true, python_version, vdk_version: 'mine' });
        const before = await b.deployedAs(job, { python_version });
        await b.patch(job, { enabled: true, vdk_version: 'mine' });
        await b.staysSo(async () => {
          const after = await b.deployment(job);
          assert.equal(after?.last_deployed_date, before.last_deployed_date);
        });
      },
    },
    {
      name: 'in the database the date stands still while nothing changes',
      covers: ['deploymentPatch', 'deploymentUpdate', 'deploymentList'],
      async run(b) {
        const job = await b.deployedJob();
        const before = await b.deployment(job);
        await b.patch(job, { enabled: true });
        await b.staysSo(async () => assert.deepEqual(await b.deployment(job), before));
      },
    },
  ];
}

function patched(): readonly Case[] {
  return [
    {
      name: 'in the database PATCH and DELETE are carried out later',
      covers: ['deploymentPatch', 'deploymentDelete', 'deploymentList'],
      needs: ['simulation'],
      async run(b) {
        const job = await b.deployedJob();
        await b.patch(job, { enabled: false });
        assert.equal((await b.deployment(job))?.enabled, true);
        await b.deployedAs(job, { enabled: false });
        isEmpty(await b.send('deploymentDelete', job), 202);
        assert.notEqual(await b.deployment(job), undefined);
        await b.eventually('the deployment is gone', async () =>
          (await b.deployment(job)) === undefined ? true : undefined,
        );
      },
    },
    {
      name: 'in the database a PATCH is taken as soon as there was a POST',
      covers: ['deploymentUpdate', 'deploymentPatch'],
      async run(b) {
        const job = await b.createJob();
        const job_version = await b.upload(job);
        await b.post(job, { job_version, enabled: true });
        await b.patch(job, { enabled: true, ...cron('3 3 3 3 *') });
        await b.deployedAs(job, { job_version, ...cron('3 3 3 3 *') });
      },
    },
    {
      name: 'in the database a deployment taken away can no longer be patched, though it still shows',
      covers: ['deploymentDelete', 'deploymentPatch'],
      async run(b) {
        const job = await b.deployedJob();
        isEmpty(await b.send('deploymentDelete', job), 202);
        isFourFields(await b.send('deploymentPatch', job, { body: { enabled: true } }), 404, {
          what: `The Data Job '${job.jobName}' is not deployed.`,
        });
        await b.eventually('the deployment is gone', async () =>
          (await b.deployment(job)) === undefined ? true : undefined,
        );
      },
    },
    {
      name: 'in the database a PATCH may bring another version',
      covers: ['deploymentPatch', 'deploymentList'],
      async run(b) {
        const job = await b.deployedJob();
        const job_version = await b.upload(job, 'second');
        await b.patch(job, { job_version, enabled: true });
        await b.deployedAs(job, { job_version });
      },
    },
    ...(['deploymentUpdate', 'deploymentPatch'] as const).map(
      (id): Case => ({
        name: `in the database ${id} without enabled and schedule enables, and takes the schedule of the job`,
        covers: [id, 'deploymentList'],
        traps: [9, 31],
        async run(b) {
          const job = await b.deployedJob(cron('2 2 2 2 *'), cron('1 1 1 1 *'));
          await b.patch(job, { enabled: false, ...cron('2 2 2 2 *') });
          await b.deployedAs(job, { enabled: false, ...cron('2 2 2 2 *') });
          isEmpty(await b.send(id, job, { body: {} }), 202);
          await b.deployedAs(job, { enabled: true, ...cron('1 1 1 1 *') });
        },
      }),
    ),
  ];
}

function failed(): readonly Case[] {
  return [
    {
      name: 'in the database a first deployment that is disabled fails, until one is enabled',
      covers: ['deploymentUpdate', 'deploymentPatch', 'deploymentList'],
      traps: [14],
      async run(b) {
        const job = await b.createJob();
        const job_version = await b.upload(job);
        await b.post(job, { job_version, enabled: false });
        await b.gaugeBecomes(job, 1);
        await b.staysSo(notDeployed(b, job));
        await b.patch(job, { enabled: true });
        await b.deployedAs(job, { job_version, enabled: true });
        await b.gaugeBecomes(job, 0);
      },
    },
    {
      name: 'in the database a deployment that failed is left alone until the next POST',
      covers: ['deploymentUpdate', 'deploymentList'],
      traps: [12],
      async run(b) {
        const job = await b.createJob();
        await b.post(job, { enabled: true });
        await b.gaugeBecomes(job, 1);
        const job_version = await b.upload(job);
        await b.staysSo(notDeployed(b, job));
        await b.post(job, { job_version, enabled: true });
        await b.deployedAs(job, { job_version });
        await b.gaugeBecomes(job, 0);
      },
    },
    {
      name: 'in the database a schedule that is refused reads 3 on the gauge until a POST with a good one',
      covers: ['deploymentUpdate', 'deploymentList'],
      traps: [13],
      async run(b) {
        const job = await b.createJob();
        const job_version = await b.upload(job);
        await b.post(job, { job_version, enabled: true, ...cron('every day') });
        await b.gaugeBecomes(job, 3);
        await isNotDeployed(b, job);
        await b.post(job, { job_version, enabled: true, ...cron('4 4 4 4 *') });
        await b.deployedAs(job, cron('4 4 4 4 *'));
        await b.gaugeBecomes(job, 0);
      },
    },
    {
      name: 'in the database a replaced job makes its deployment fail, until a PATCH says enabled',
      covers: ['dataJobUpdate', 'deploymentPatch', 'deploymentList'],
      traps: [5],
      needs: ['gauge'],
      async run(b) {
        const { version, ...job } = await b.deployedJob({}, cron('1 1 1 1 *'));
        await replaced(b, job, cron('2 2 2 2 *'));
        await b.gaugeBecomes(job, 1);
        assert.partialDeepStrictEqual(await b.deployment(job), {
          job_version: version,
          ...cron('1 1 1 1 *'),
        });
        await b.patch(job, { enabled: true });
        await b.deployedAs(job, cron('2 2 2 2 *'));
        await b.gaugeBecomes(job, 0);
      },
    },
    {
      name: 'in the database a failing build of one job holds up all others',
      covers: ['deploymentUpdate', 'deploymentList'],
      needs: ['simulation', 'gauge'],
      async run(b) {
        const bad = b.nameJob(`${b.powers.failingPrefix}${b.team.slice(-6)}`);
        const body = { job_name: bad.jobName };
        isEmpty(await b.send('dataJobCreate', bad, { body }), 201);
        await b.post(bad, { job_version: await b.upload(bad), enabled: true });
        await b.pass(3_000);
        const job = await b.createJob();
        const job_version = await b.upload(job);
        await b.post(job, { job_version, enabled: true });
        await b.pass(b.facts.deployMs);
        await isNotDeployed(b, job);
        assert.equal(await b.gauge(bad), undefined);
        await b.deployedAs(job, { job_version });
        assert.equal(await b.gauge(bad), 1);
        // What has failed is left alone, and holds up nobody again.
        const next = await b.upload(job, 'second');
        await b.post(job, { job_version: next, enabled: true });
        await b.pass(b.facts.deployMs);
        assert.equal((await b.deployment(job))?.job_version, next);
      },
    },
  ];
}

function overlapping(): readonly Case[] {
  return [
    {
      name: 'in the database the last of two POSTs wins',
      covers: ['deploymentUpdate', 'deploymentList'],
      traps: [7, 30],
      async run(b) {
        const job = await b.createJob();
        const first = await b.upload(job, 'first');
        const second = await b.upload(job, 'second');
        await b.post(job, { job_version: first, enabled: true });
        await b.post(job, { job_version: second, enabled: true });
        await b.deployedAs(job, { job_version: second });
        await b.staysSo(async () => {
          assert.equal((await b.deployment(job))?.job_version, second);
        });
      },
    },
    {
      name: 'in the database a PATCH during a build is not lost',
      covers: ['deploymentUpdate', 'deploymentPatch', 'deploymentList'],
      traps: [30],
      async run(b) {
        const job = await b.deployedJob();
        const job_version = await b.upload(job, 'second');
        await b.post(job, { job_version, enabled: true });
        await b.patch(job, { enabled: false });
        await b.deployedAs(job, { job_version, enabled: false });
      },
    },
    {
      name: 'in the database a job replaced during its first build keeps its values, and loses the build',
      covers: ['dataJobUpdate', 'dataJobRead', 'deploymentUpdate', 'deploymentList'],
      traps: [6, 30],
      async run(b) {
        const job = await b.createJob();
        const job_version = await b.upload(job);
        await b.post(job, { job_version, enabled: true });
        await replaced(b, job, cron('5 5 5 5 *'));
        await b.gaugeBecomes(job, 1);
        await b.staysSo(notDeployed(b, job));
        assert.equal(
          (await b.client.dataJobRead(job)).config?.schedule?.schedule_cron,
          '5 5 5 5 *',
        );
        await b.patch(job, { enabled: true });
        await b.deployedAs(job, { job_version, ...cron('5 5 5 5 *') });
      },
    },
    {
      name: 'in the database a job replaced in the middle of its first build loses the build all the same',
      covers: ['dataJobUpdate', 'deploymentUpdate', 'deploymentList'],
      traps: [6, 30],
      needs: ['simulation', 'gauge'],
      async run(b) {
        const job = await b.createJob();
        await b.post(job, { job_version: await b.upload(job), enabled: true });
        // The synchronizer has begun by now, and needs longer than this to build.
        await b.pass(2_500);
        assert.equal(await b.gauge(job), undefined);
        await replaced(b, job);
        await b.gaugeBecomes(job, 1);
        await b.staysSo(notDeployed(b, job));
      },
    },
  ];
}
