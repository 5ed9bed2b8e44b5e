/** Deployments, as they are in every persistence mode. */
import assert from 'node:assert/strict';
import type { OperationId } from '../../../../src/control-service/contract.ts';
import { isEmpty, isFourFields, isJson, isStatus } from '../answer.ts';
import type { Bench, Job } from '../bench.ts';
import type { ConformanceCase } from '../case.ts';

const changes: readonly OperationId[] = ['deploymentUpdate', 'deploymentPatch'];

export const deploymentCases: readonly ConformanceCase[] = [
  ...reading(),
  ...refusing(),
  ...deploying(),
  ...removing(),
];

export const notDeployed = (b: Bench, job: Job) => async () => isNotDeployed(b, job);

export async function isNotDeployed(b: Bench, job: Job): Promise<void> {
  const list = await b.send('deploymentList', job);
  isStatus(list, 200);
  assert.deepEqual(list.json, []);
}

function reading(): readonly ConformanceCase[] {
  return [
    {
      name: 'a job that is not deployed has an empty list and no deployment to read',
      covers: ['deploymentList', 'deploymentRead'],
      traps: [3],
      async run(b) {
        const job = await b.createJob();
        await isNotDeployed(b, job);
        isEmpty(await b.send('deploymentRead', job), 404);
      },
    },
    {
      name: 'a job that is not there has neither list nor deployment: 404 without a body',
      covers: ['deploymentList', 'deploymentRead'],
      traps: [3],
      async run(b) {
        const job = await b.createJob();
        for (const absent of [b.nameJob(), { ...job, teamName: b.otherTeam }]) {
          isEmpty(await b.send('deploymentList', absent), 404);
          isEmpty(await b.send('deploymentRead', absent), 404);
        }
      },
    },
    {
      name: 'the id of a deployment means nothing',
      covers: ['deploymentRead', 'deploymentList', 'deploymentPatch', 'deploymentDelete'],
      traps: [24],
      async run(b) {
        const { version, ...job } = await b.deployedJob();
        for (const deploymentId of ['production', 'TODO', 'any thing']) {
          isJson(await b.send('deploymentRead', { ...job, deploymentId }), 200, {
            job_version: version,
          });
        }
        const query = { deployment_id: 'another' };
        assert.equal(((await b.send('deploymentList', job, { query })).json as []).length, 1);
        const other = { ...job, deploymentId: 'another' };
        isEmpty(await b.send('deploymentPatch', other, { body: { enabled: true } }), 202);
        isEmpty(await b.send('deploymentDelete', other), 202);
        await b.eventually('the deployment is gone', async () =>
          (await b.deployment(job)) === undefined ? true : undefined,
        );
      },
    },
    ...['release', 'testing', 'production'].map(
      (mode): ConformanceCase => ({
        name: `a list of deployments asked for with mode=${mode} is answered 500`,
        covers: ['deploymentList'],
        traps: [16],
        async run(b) {
          const answer = await b.send('deploymentList', await b.createJob(), { query: { mode } });
          isFourFields(answer, 500, { what: 'A coding error (bug) was found.' });
        },
      }),
    ),
    {
      name: 'a deployment shows what runs, and nothing of how it came about',
      covers: ['deploymentList', 'deploymentRead'],
      traps: [12],
      async run(b) {
        const { version, ...job } = await b.deployedJob();
        const read = await b.send('deploymentRead', job);
        const seen = read.json as Readonly<Record<string, unknown>>;
        assert.deepEqual(Object.keys(seen).sort(), [
          'contacts',
          'enabled',
          'id',
          'job_version',
          'last_deployed_by',
          'last_deployed_date',
          'mode',
          'python_version',
          'resources',
          'schedule',
          'vdk_version',
        ]);
        assert.partialDeepStrictEqual(seen, {
          job_version: version,
          mode: 'release',
          enabled: true,
        });
        assert.ok(b.facts.pythonVersions.includes(String(seen.python_version)));
        assert.match(
          String(seen.last_deployed_date),
          /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/,
        );
        assert.deepEqual((await b.send('deploymentList', job)).json, [seen]);
      },
    },
    {
      name: 'where no authorization webhook names the user, nobody has deployed',
      covers: ['deploymentRead'],
      needs: ['noSecurity'],
      async run(b) {
        const { json } = await b.send('deploymentRead', await b.deployedJob());
        assert.equal((json as { last_deployed_by: unknown }).last_deployed_by, null);
      },
    },
  ];
}

function refusing(): readonly ConformanceCase[] {
  const refusedResources = [
    ['cpu_request', { cpu_request: 1 }],
    ['cpu_limit', { cpu_limit: 1 }],
    ['both memory values', { memory_request: 500, memory_limit: 1000 }],
  ] as const;
  return [
    ...changes.flatMap((id): readonly ConformanceCase[] => [
      {
        name: `${id} refuses an unsupported python version with 409, before it looks for the job`,
        covers: [id],
        traps: [15],
        async run(b) {
          const body = { python_version: '2.7', resources: { cpu_request: 1 } };
          for (const job of [b.nameJob(), await b.createJob()]) {
            isFourFields(await b.send(id, job, { body }), 409, {
              what: "Not supported python version: '2.7'",
              countermeasures: new RegExp(b.facts.pythonVersions[0] ?? ''),
            });
          }
        },
      },
      ...refusedResources.map(
        ([what, resources]): ConformanceCase => ({
          name: `${id} refuses ${what} with 400, before it looks for the job`,
          covers: [id],
          traps: [8],
          async run(b) {
            isFourFields(await b.send(id, b.nameJob(), { body: { resources } }), 400, {
              what: 'The setting of job resources like CPU and memory is not allowed.',
            });
          },
        }),
      ),
      {
        name: `${id} lets a single memory value and empty resources pass`,
        covers: [id],
        traps: [8],
        async run(b) {
          for (const resources of [{}, { memory_limit: 1000 }, { memory_request: 500 }]) {
            isEmpty(await b.send(id, b.nameJob(), { body: { resources } }), 404);
          }
        },
      },
      {
        name: `${id} of a job that is not there is 404 without a body`,
        covers: [id],
        traps: [3],
        async run(b) {
          const job = await b.createJob();
          const body = { job_version: 'x', enabled: true };
          isEmpty(await b.send(id, b.nameJob(), { body }), 404);
          isEmpty(await b.send(id, { ...job, teamName: b.otherTeam }, { body }), 404);
        },
      },
    ]),
    {
      name: 'a PATCH of a job without a deployment is 404 with the four fields',
      covers: ['deploymentPatch'],
      traps: [3],
      async run(b) {
        const job = await b.createJob();
        isFourFields(await b.send('deploymentPatch', job, { body: { enabled: true } }), 404, {
          what: `The Data Job '${job.jobName}' is not deployed.`,
        });
      },
    },
  ];
}

function deploying(): readonly ConformanceCase[] {
  return [
    {
      name: 'a deployment is accepted without a word before it is built, and shows when it is done',
      covers: ['deploymentUpdate', 'deploymentList'],
      async run(b) {
        const job = await b.createJob();
        const version = await b.upload(job);
        const body = { job_version: version, enabled: true };
        const answer = await b.send('deploymentUpdate', job, { body });
        isEmpty(answer, 202);
        assert.equal(answer.headers.get('location'), undefined);
        await b.deployedAs(job, { job_version: version, enabled: true });
        await b.gaugeBecomes(job, 0);
      },
    },
    {
      name: 'send_notification is a matter of mails only',
      covers: ['deploymentUpdate'],
      async run(b) {
        const job = await b.createJob();
        const job_version = await b.upload(job);
        await b.client.deploymentUpdate({
          ...job,
          sendNotification: false,
          body: { job_version, enabled: true },
        });
        await b.deployedAs(job, { job_version });
      },
    },
    {
      name: 'the gauge of a job is not there before its first outcome',
      covers: ['dataJobCreate'],
      needs: ['gauge'],
      async run(b) {
        const job = await b.createJob();
        // It may be refreshed now and then only.
        await b.staysSo(async () => assert.equal(await b.gauge(job), undefined));
      },
    },
    {
      name: 'a new version takes the place of the old one, which shows until then',
      covers: ['deploymentUpdate', 'deploymentList'],
      async run(b) {
        const { version, ...job } = await b.deployedJob();
        const next = await b.upload(job, 'second');
        await b.post(job, { job_version: next, enabled: true });
        await b.eventually('the new version is deployed', async () => {
          const seen = (await b.deployment(job))?.job_version;
          assert.ok(seen === version || seen === next, `the deployment shows ${seen}`);
          return seen === next ? true : undefined;
        });
      },
    },
    {
      name: 'a POST keeps the versions that it does not name',
      covers: ['deploymentUpdate', 'deploymentList'],
      needs: ['secondPython'],
      async run(b) {
        const [, python_version] = b.facts.pythonVersions;
        const { version, ...job } = await b.deployedJob({ python_version });
        const next = await b.upload(job, 'second');
        await b.post(job, { job_version: next, enabled: true });
        await b.deployedAs(job, { job_version: next, python_version });
        await b.post(job, { enabled: false });
        await b.deployedAs(job, { job_version: next, python_version, enabled: false });
        assert.notEqual(version, next);
      },
    },
    {
      name: 'the same version can be deployed again',
      covers: ['deploymentUpdate', 'deploymentList'],
      async run(b) {
        const { version, ...job } = await b.deployedJob();
        await b.post(job, { job_version: version, enabled: true });
        await b.post(job, { enabled: true });
        await b.staysSo(async () => {
          assert.equal((await b.deployment(job))?.job_version, version);
        });
        await b.gaugeBecomes(job, 0);
      },
    },
    {
      name: 'a first deployment without a version never shows, but for 1 on the gauge; a good POST helps',
      covers: ['deploymentUpdate', 'deploymentList'],
      traps: [12],
      async run(b) {
        const job = await b.createJob();
        await b.post(job, { enabled: true });
        await b.gaugeBecomes(job, 1);
        await b.staysSo(notDeployed(b, job));
        const job_version = await b.upload(job);
        await b.post(job, { job_version, enabled: true });
        await b.deployedAs(job, { job_version });
        await b.gaugeBecomes(job, 0);
      },
    },
    {
      name: 'a first deployment with a schedule that makes no sense never shows: the gauge reads 3',
      covers: ['deploymentUpdate', 'deploymentList'],
      traps: [12, 13],
      async run(b) {
        const job = await b.createJob({ schedule: { schedule_cron: 'every day' } });
        await b.post(job, { job_version: await b.upload(job), enabled: true });
        await b.gaugeBecomes(job, 3);
        await b.staysSo(notDeployed(b, job));
      },
    },
    {
      name: 'a job replaced under a deployment shows as replaced, and its deployment goes on',
      covers: ['dataJobUpdate', 'deploymentList', 'dataJobRead'],
      traps: [5],
      async run(b) {
        const { version, ...job } = await b.deployedJob();
        await b.client.dataJobUpdate({
          ...job,
          body: { job_name: job.jobName, description: 'new', config: { generate_keytab: false } },
        });
        await b.staysSo(async () => {
          assert.equal((await b.client.dataJobRead(job)).description, 'new');
          assert.equal((await b.deployment(job))?.job_version, version);
        });
      },
    },
    {
      name: 'a failing build shows only on the gauge, and only when its wait is over',
      covers: ['deploymentUpdate', 'deploymentList'],
      traps: [7, 12],
      needs: ['simulation', 'gauge'],
      async run(b) {
        const job = b.nameJob(`${b.powers.failingPrefix}${b.team.slice(-6)}`);
        const body = { job_name: job.jobName };
        isEmpty(await b.send('dataJobCreate', job, { body }), 201);
        await b.post(job, { job_version: await b.upload(job), enabled: true });
        await b.pass(b.facts.deployMs);
        assert.equal(await b.gauge(job), undefined);
        await b.gaugeBecomes(job, 1);
        await b.staysSo(notDeployed(b, job));
      },
    },
    {
      name: 'a version that cannot be a label is deployed, and only starting a run fails',
      covers: ['deploymentUpdate', 'dataJobExecutionStart', 'dataJobExecutionList'],
      needs: ['simulation'],
      async run(b) {
        const job = await b.createJob();
        const job_version = 'x'.repeat(64);
        await b.post(job, { job_version, enabled: true });
        await b.deployedAs(job, { job_version });
        isFourFields(await b.send('dataJobExecutionStart', job, { body: {} }), 503, {
          what: /^KUBERNETES encountered an error: .*metadata\.labels: Invalid value/s,
        });
        assert.deepEqual(await b.client.dataJobExecutionList(job), []);
      },
    },
  ];
}

function removing(): readonly ConformanceCase[] {
  return [
    {
      name: 'a deployment can be taken away, also when there is none, and twice',
      covers: ['deploymentDelete', 'deploymentList'],
      async run(b) {
        const job = await b.deployedJob();
        isEmpty(await b.send('deploymentDelete', job), 202);
        isEmpty(await b.send('deploymentDelete', job), 202);
        await b.eventually('the deployment is gone', async () =>
          (await b.deployment(job)) === undefined ? true : undefined,
        );
        isEmpty(await b.send('deploymentDelete', job), 202);
        isStatus(await b.send('dataJobSourcesDownload', job), 200);
      },
    },
    {
      name: 'taking away a deployment of a job that is not there is 404 without a body',
      covers: ['deploymentDelete'],
      traps: [3],
      async run(b) {
        const job = await b.createJob();
        isEmpty(await b.send('deploymentDelete', b.nameJob()), 404);
        isEmpty(await b.send('deploymentDelete', { ...job, teamName: b.otherTeam }), 404);
      },
    },
    {
      name: 'the gauge reads 0 after a deployment was taken away that never was',
      covers: ['deploymentDelete'],
      needs: ['gauge'],
      async run(b) {
        const job = await b.createJob();
        isEmpty(await b.send('deploymentDelete', job), 202);
        await b.gaugeBecomes(job, 0);
      },
    },
    {
      name: 'a build that is under way when its deployment is taken away comes to nothing',
      covers: ['deploymentDelete', 'deploymentList'],
      async run(b) {
        const job = await b.createJob();
        await b.post(job, { job_version: await b.upload(job), enabled: true });
        isEmpty(await b.send('deploymentDelete', job), 202);
        await b.staysSo(notDeployed(b, job));
      },
    },
    {
      name: 'a job that is deleted during its build leaves no deployment to one made anew',
      covers: ['dataJobDelete', 'deploymentList'],
      async run(b) {
        const job = await b.createJob();
        await b.post(job, { job_version: await b.upload(job), enabled: true });
        isEmpty(await b.send('dataJobDelete', job), 200);
        const body = { job_name: job.jobName };
        isEmpty(await b.send('dataJobCreate', job, { body }), 201);
        await b.staysSo(notDeployed(b, job));
      },
    },
    {
      name: 'a deleted job takes its deployment along',
      covers: ['dataJobDelete', 'deploymentList'],
      async run(b) {
        const job = await b.deployedJob();
        isEmpty(await b.send('dataJobDelete', job), 200);
        isEmpty(await b.send('deploymentList', job), 404);
        const body = { job_name: job.jobName };
        isEmpty(await b.send('dataJobCreate', job, { body }), 201);
        await b.eventually('the old deployment is gone', async () =>
          (await b.deployment(job)) === undefined ? true : undefined,
        );
      },
    },
  ];
}
