/** Deployments that the service shows as its cluster has them: persistence K8S, and BOTH. */
import assert from 'node:assert/strict';
import { isEmpty, isFourFields, isJson } from '../answer.ts';
import type { Bench, Job } from '../bench.ts';
import type { ConformanceCase, Need } from '../case.ts';
import { isNotDeployed, notDeployed } from './deployments.ts';

type Case = Omit<ConformanceCase, 'needs'> & { readonly needs?: readonly Need[] };

export const clusterDeploymentCases: readonly ConformanceCase[] = [
  ...shown(),
  ...patched(),
  ...overlapping(),
].map((each: Case) => ({ ...each, needs: ['cluster', ...(each.needs ?? [])] }));

const patch = (b: Bench, job: Job, body: unknown) => b.send('deploymentPatch', job, { body });

function shown(): readonly Case[] {
  return [
    {
      name: 'in the cluster a deployment has no id, schedule, contacts nor resources, but a vdk version',
      covers: ['deploymentRead'],
      traps: [33],
      async run(b) {
        const job = await b.deployedJob({}, { schedule: { schedule_cron: '1 1 1 1 *' } });
        const answer = await b.send('deploymentRead', job);
        isJson(answer, 200, { id: null, schedule: null, contacts: null, resources: null });
        assert.equal(typeof (answer.json as { vdk_version: unknown }).vdk_version, 'string');
      },
    },
    {
      name: 'in the cluster a first deployment can be a disabled one',
      covers: ['deploymentUpdate', 'deploymentList'],
      async run(b) {
        const job = await b.createJob();
        const job_version = await b.upload(job);
        await b.post(job, { job_version, enabled: false });
        await b.deployedAs(job, { job_version, enabled: false });
      },
    },
    {
      name: 'in the cluster a first deployment without `enabled` is enabled, a later one keeps what was',
      covers: ['deploymentUpdate', 'deploymentList'],
      async run(b) {
        const job = await b.createJob();
        const job_version = await b.upload(job);
        await b.post(job, { job_version });
        await b.deployedAs(job, { job_version, enabled: true });
        isEmpty(await patch(b, job, { enabled: false }), 202);
        const next = await b.upload(job, 'second');
        await b.post(job, { job_version: next });
        await b.deployedAs(job, { job_version: next, enabled: false });
      },
    },
    {
      name: 'in the cluster a vdk version counts from the first POST on',
      covers: ['deploymentUpdate', 'deploymentList'],
      traps: [11],
      async run(b) {
        const job = await b.createJob();
        const job_version = await b.upload(job);
        await b.post(job, { job_version, vdk_version: 'mine', enabled: true });
        await b.deployedAs(job, { job_version, vdk_version: 'mine' });
      },
    },
    {
      name: 'in the cluster another python version brings its own vdk version, over one that was sent',
      covers: ['deploymentUpdate', 'deploymentPatch', 'deploymentList'],
      traps: [10],
      needs: ['secondPython'],
      async run(b) {
        const [, python_version] = b.facts.pythonVersions;
        const job = await b.deployedJob({ vdk_version: 'mine' });
        await b.post(job, { python_version, vdk_version: 'mine', enabled: true });
        const seen = await b.deployedAs(job, { python_version });
        assert.notEqual(seen.vdk_version, 'mine');
        isEmpty(await patch(b, job, { vdk_version: 'mine', enabled: true }), 202);
        await b.deployedAs(job, { python_version, vdk_version: 'mine' });
      },
    },
    {
      name: 'in the cluster a deleted deployment is gone at once',
      covers: ['deploymentDelete', 'deploymentList', 'deploymentRead'],
      async run(b) {
        const job = await b.deployedJob();
        isEmpty(await b.send('deploymentDelete', job), 202);
        await isNotDeployed(b, job);
        isEmpty(await b.send('deploymentRead', job), 404);
      },
    },
  ];
}

function patched(): readonly Case[] {
  return [
    {
      name: 'in the cluster a PATCH is done when it is answered, and moves the date, an empty one too',
      covers: ['deploymentPatch', 'deploymentList'],
      async run(b) {
        const job = await b.deployedJob();
        const before = await b.deployment(job);
        isEmpty(await patch(b, job, { enabled: false }), 202);
        const disabled = await b.deployment(job);
        assert.equal(disabled?.enabled, false);
        assert.notEqual(disabled?.last_deployed_date, before?.last_deployed_date);
        isEmpty(await patch(b, job, {}), 202);
        const after = await b.deployment(job);
        assert.equal(after?.enabled, false);
        assert.notEqual(after?.last_deployed_date, disabled?.last_deployed_date);
      },
    },
    {
      name: 'in the cluster a PATCH with another version is refused, and nothing of it is done',
      covers: ['deploymentPatch', 'deploymentList'],
      async run(b) {
        const { version, ...job } = await b.deployedJob();
        const before = await b.deployment(job);
        const other = 'f'.repeat(40);
        isFourFields(await patch(b, job, { job_version: other, enabled: false }), 400, {
          what: 'Parameter job_version is not valid.',
          why: `It must be same as the current job version when using PATCH request., but was ${other}.`,
          countermeasures: 'Use POST HTTP request to change job version.',
        });
        assert.deepEqual(await b.deployment(job), before);
        isEmpty(await patch(b, job, { job_version: version, enabled: false }), 202);
      },
    },
    {
      name: 'in the cluster a PATCH with another python version is refused',
      covers: ['deploymentPatch', 'deploymentList'],
      needs: ['secondPython'],
      async run(b) {
        const job = await b.deployedJob();
        const before = await b.deployment(job);
        const other = b.facts.pythonVersions.find((each) => each !== before?.python_version);
        isFourFields(await patch(b, job, { python_version: other, enabled: false }), 400, {
          what: 'Parameter python_version is not valid.',
          why: `It must be same as the current python version -- ${before?.python_version} -- when using PATCH request., but was ${other}.`,
        });
        assert.deepEqual(await b.deployment(job), before);
      },
    },
    {
      name: 'in the cluster a PATCH whose schedule is refused is answered 202 all the same',
      covers: ['deploymentPatch', 'deploymentList'],
      traps: [13],
      async run(b) {
        const job = await b.deployedJob();
        const before = await b.deployment(job);
        const config = { schedule: { schedule_cron: 'every day' }, generate_keytab: false };
        await b.client.dataJobUpdate({ ...job, body: { job_name: job.jobName, config } });
        isEmpty(await patch(b, job, { enabled: false }), 202);
        assert.deepEqual(await b.deployment(job), before);
        await b.gaugeBecomes(job, 3);
      },
    },
    {
      name: 'in the cluster the schedule that counts is the one of the job, at the next POST or PATCH',
      covers: ['deploymentUpdate', 'deploymentPatch', 'dataJobExecutionList'],
      traps: [9],
      needs: ['simulation'],
      async run(b) {
        const schedule = { schedule_cron: '* * * * *' };
        const job = await b.deployedJob({ schedule: { schedule_cron: '' } }, { schedule });
        await b.eventually('a run was started by the schedule', async () =>
          (await b.client.dataJobExecutionList(job)).length > 0 ? true : undefined,
        );
        const config = { schedule: { schedule_cron: '' }, generate_keytab: false };
        await b.client.dataJobUpdate({ ...job, body: { job_name: job.jobName, config } });
        const { length } = await b.client.dataJobExecutionList(job);
        await b.eventually('the old schedule goes on', async () =>
          (await b.client.dataJobExecutionList(job)).length > length ? true : undefined,
        );
        isEmpty(await patch(b, job, { enabled: true, schedule }), 202);
        const then = (await b.client.dataJobExecutionList(job)).length;
        await b.pass(150_000);
        assert.equal((await b.client.dataJobExecutionList(job)).length, then);
      },
    },
  ];
}

function overlapping(): readonly Case[] {
  return [
    {
      name: 'in the cluster a second POST within a moment of the first is lost without a trace',
      covers: ['deploymentUpdate', 'deploymentList'],
      traps: [7, 30],
      async run(b) {
        const job = await b.createJob();
        const first = await b.upload(job, 'first');
        const second = await b.upload(job, 'second');
        await b.post(job, { job_version: first, enabled: true });
        await b.post(job, { job_version: second, enabled: true });
        await b.deployedAs(job, { job_version: first });
        await b.staysSo(async () => {
          assert.equal((await b.deployment(job))?.job_version, first);
        });
        await b.gaugeBecomes(job, 0);
      },
    },
    {
      name: 'in the cluster a POST well into a build takes its place',
      covers: ['deploymentUpdate', 'deploymentList'],
      traps: [7],
      needs: ['simulation'],
      async run(b) {
        const job = await b.createJob();
        const first = await b.upload(job, 'first');
        const second = await b.upload(job, 'second');
        await b.post(job, { job_version: first, enabled: true });
        await b.pass(2_000);
        await b.post(job, { job_version: second, enabled: true });
        await b.deployedAs(job, { job_version: second });
        await b.staysSo(async () => {
          assert.equal((await b.deployment(job))?.job_version, second);
        });
      },
    },
    {
      name: 'in the cluster a PATCH during a build shows at once, and is overwritten when the build lands',
      covers: ['deploymentUpdate', 'deploymentPatch', 'deploymentList'],
      traps: [30],
      async run(b) {
        const { version, ...job } = await b.deployedJob();
        const next = await b.upload(job, 'second');
        await b.post(job, { job_version: next, enabled: true });
        isEmpty(await patch(b, job, { enabled: false }), 202);
        assert.partialDeepStrictEqual(await b.deployment(job), {
          job_version: version,
          enabled: false,
        });
        await b.deployedAs(job, { job_version: next, enabled: true });
      },
    },
    {
      name: 'in the cluster a PATCH before the first build is done finds no deployment',
      covers: ['deploymentUpdate', 'deploymentPatch'],
      async run(b) {
        const job = await b.createJob();
        const job_version = await b.upload(job);
        await b.post(job, { job_version, enabled: true });
        isFourFields(await patch(b, job, { enabled: false }), 404, { what: /is not deployed\.$/ });
        await b.deployedAs(job, { job_version, enabled: true });
      },
    },
    {
      name: 'in the cluster a job replaced during its first deployment is put back when that lands',
      covers: ['dataJobUpdate', 'dataJobRead', 'deploymentUpdate'],
      traps: [6],
      async run(b) {
        const job = await b.createJob({ schedule: { schedule_cron: '1 1 1 1 *' } });
        const job_version = await b.upload(job);
        await b.post(job, { job_version, enabled: true });
        const body = { job_name: job.jobName, description: 'new' };
        isEmpty(await b.send('dataJobUpdate', job, { body }), 200);
        assert.equal((await b.client.dataJobRead(job)).description, 'new');
        await b.deployedAs(job, { job_version });
        isJson(await b.send('dataJobRead', job), 200, {
          description: null,
          config: { schedule: { schedule_cron: '1 1 1 1 *' } },
        });
      },
    },
    {
      name: 'in the cluster a job replaced during a later deployment keeps its new values',
      covers: ['dataJobUpdate', 'dataJobRead', 'deploymentUpdate'],
      traps: [6],
      async run(b) {
        const job = await b.deployedJob();
        const job_version = await b.upload(job, 'second');
        await b.post(job, { job_version, enabled: true });
        const body = { job_name: job.jobName, description: 'new' };
        isEmpty(await b.send('dataJobUpdate', job, { body }), 200);
        await b.deployedAs(job, { job_version });
        assert.equal((await b.client.dataJobRead(job)).description, 'new');
      },
    },
    {
      name: 'in the cluster a POST after a cancelled build is deployed',
      covers: ['deploymentDelete', 'deploymentUpdate', 'deploymentList'],
      async run(b) {
        const job = await b.createJob();
        const first = await b.upload(job, 'first');
        await b.post(job, { job_version: first, enabled: true });
        isEmpty(await b.send('deploymentDelete', job), 202);
        await notDeployed(b, job)();
        const second = await b.upload(job, 'second');
        await b.post(job, { job_version: second, enabled: true });
        await b.deployedAs(job, { job_version: second });
      },
    },
  ];
}
