/** Executions: start, life, list, cancel, logs. */
import assert from 'node:assert/strict';
import { isEmpty, isFourFields, isJson, isStatus } from '../answer.ts';
import type { Bench, Job } from '../bench.ts';
import type { ConformanceCase } from '../case.ts';
import type { RunOrders } from '../target.ts';

const lists = ['dataJobExecutionList', 'dataJobDeploymentExecutionList'] as const;

export const executionCases: readonly ConformanceCase[] = [
  ...starting(),
  ...living(),
  ...listing(),
  ...cancelling(),
  ...logging(),
  ...simulated(),
];

const absentRun = 'no-such-run-1';

function starting(): readonly ConformanceCase[] {
  return [
    {
      name: 'a run needs a job and a deployment: 404 with the four fields',
      covers: ['dataJobExecutionStart'],
      traps: [3],
      async run(b) {
        const absent = b.nameJob();
        isFourFields(await b.send('dataJobExecutionStart', absent, { body: {} }), 404, {
          what: `The Data Job '${absent.jobName}' does not exist.`,
        });
        const job = await b.createJob();
        isFourFields(await b.send('dataJobExecutionStart', job, { body: {} }), 404, {
          what: `The Data Job '${job.jobName}' is not deployed.`,
        });
      },
    },
    {
      name: 'a start is answered 202 with the place of the run, whose id is made of job and second',
      covers: ['dataJobExecutionStart', 'dataJobExecutionRead'],
      async run(b) {
        const job = await b.deployedJob();
        const headers = { 'x-opid': 'start-of-a-run' };
        const body = { started_by: 'manual/conformance' };
        const answer = await b.send('dataJobExecutionStart', job, { body, headers });
        isEmpty(answer, 202);
        const { pathname } = new URL(answer.headers.get('location') ?? '');
        const [, executionId = ''] = /\/executions\/([^/]+)$/.exec(pathname) ?? [];
        assert.equal(
          pathname,
          `/data-jobs/for-team/${encodeURIComponent(job.teamName)}/jobs/${job.jobName}/executions/${executionId}`,
        );
        assert.match(executionId, new RegExp(`^${job.jobName}-\\d{10}$`));
        const run = await b.execution(job, executionId);
        assert.partialDeepStrictEqual(run, {
          id: executionId,
          job_name: job.jobName,
          type: 'manual',
          op_id: 'start-of-a-run',
        });
        assert.match(String(run.started_by), /^manual\/conformance\/.+/);
        if (!b.facts.security) assert.equal(run.started_by, 'manual/conformance/null');
      },
    },
    {
      name: 'a run is readable as soon as it is started, and everything unknown is null',
      covers: ['dataJobExecutionStart', 'dataJobExecutionRead'],
      needs: ['simulation'],
      async run(b) {
        const job = await b.deployedJob();
        const executionId = await b.start(job);
        const { json } = await b.send('dataJobExecutionRead', { ...job, executionId });
        assert.partialDeepStrictEqual(json, {
          status: 'submitted',
          end_time: null,
          message: null,
          started_by: null,
          deployment: {
            id: 'release',
            mode: 'release',
            enabled: true,
            job_version: null,
            vdk_version: null,
            schedule: { schedule_cron: null },
            resources: { cpu_request: null, memory_limit: null },
          },
        });
      },
    },
    {
      name: 'while a run goes on another one is refused with 409',
      covers: ['dataJobExecutionStart'],
      async run(b) {
        const job = await b.deployedJob();
        await b.start(job);
        isFourFields(await b.send('dataJobExecutionStart', job, { body: {} }), 409, {
          what: `The Data Job '${job.jobName}' is currently being executed.`,
        });
      },
    },
    {
      name: 'a disabled deployment can be started',
      covers: ['dataJobExecutionStart', 'deploymentPatch'],
      async run(b) {
        const job = await b.deployedJob();
        await b.patch(job, { enabled: false });
        await b.deployedAs(job, { enabled: false });
        await b.start(job);
      },
    },
  ];
}

function living(): readonly ConformanceCase[] {
  return [
    {
      name: 'a run is submitted, running, and then succeeded for good',
      covers: ['dataJobExecutionStart', 'dataJobExecutionRead'],
      async run(b) {
        const { version, ...job } = await b.deployedJob();
        const executionId = await b.start(job);
        const seen = new Set<string>();
        const end = await b.eventually('the run has succeeded', async () => {
          const run = await b.execution(job, executionId);
          seen.add(String(run.status));
          return run.status === 'succeeded' ? run : undefined;
        });
        assert.deepEqual(
          [...seen].filter((status) => !['submitted', 'running', 'succeeded'].includes(status)),
          [],
        );
        assert.equal(end.message, 'Success');
        assert.equal(typeof end.logs_url, 'string');
        assert.ok(Date.parse(String(end.end_time)) >= Date.parse(String(end.start_time)) - 1_000);
        assert.partialDeepStrictEqual(end.deployment, {
          id: 'release',
          mode: 'release',
          enabled: true,
          job_version: version,
        });
        assert.equal(typeof end.deployment?.resources?.cpu_limit, 'number');
      },
    },
    {
      name: 'a running one says so, and shows what it runs',
      covers: ['dataJobExecutionRead'],
      needs: ['simulation'],
      async run(b) {
        const { version, ...job } = await b.deployedJob();
        const executionId = await b.start(job);
        await b.executionBecomes(job, executionId, 'running');
        const { json } = await b.send('dataJobExecutionRead', { ...job, executionId });
        assert.partialDeepStrictEqual(json, {
          message: 'Running',
          end_time: null,
          logs_url: '',
          deployment: { job_version: version, vdk_version: '' },
        });
      },
    },
    {
      name: 'a run is found by its id alone, under the path of any job that is there',
      covers: ['dataJobExecutionRead', 'dataJobLogsDownload', 'dataJobExecutionCancel'],
      async run(b) {
        const job = await b.deployedJob();
        const executionId = await b.start(job);
        const other = await b.createJob();
        const theirs = { ...other, executionId };
        isJson(await b.send('dataJobExecutionRead', theirs), 200, { job_name: job.jobName });
        isFourFields(await b.send('dataJobExecutionCancel', theirs), 404, {
          what: `The Data Job execution '${executionId}' cannot be cancelled.`,
          why: 'Specified data job execution does not exist.',
        });
        const absent = { ...b.nameJob(), executionId };
        isFourFields(await b.send('dataJobExecutionRead', absent), 404, {
          what: `The Data Job '${absent.jobName}' does not exist.`,
        });
        await b.executionBecomes(job, executionId, 'succeeded');
        isStatus(await b.send('dataJobLogsDownload', theirs), 200);
      },
    },
    {
      name: 'a run that is not there is 404 with the four fields, and that is normal',
      covers: ['dataJobExecutionRead', 'dataJobLogsDownload', 'dataJobExecutionCancel'],
      traps: [3, 26],
      async run(b) {
        const job = { ...(await b.createJob()), executionId: absentRun };
        const what = `The Data Job execution '${absentRun}' does not exist.`;
        isFourFields(await b.send('dataJobExecutionRead', job), 404, { what });
        isFourFields(await b.send('dataJobLogsDownload', job), 404, { what });
        isFourFields(await b.send('dataJobExecutionCancel', job), 404, {
          what: `The Data Job execution '${absentRun}' cannot be cancelled.`,
        });
      },
    },
    {
      name: 'the executions of a job go with it, and do not come back with its name',
      covers: ['dataJobDelete', 'dataJobExecutionRead', 'dataJobExecutionList'],
      async run(b) {
        const job = await b.deployedJob();
        const executionId = await b.start(job);
        await b.executionBecomes(job, executionId, 'succeeded');
        await b.client.dataJobDelete(job);
        isFourFields(await b.send('dataJobExecutionRead', { ...job, executionId }), 404);
        isEmpty(await b.send('dataJobCreate', job, { body: { job_name: job.jobName } }), 201);
        assert.deepEqual(await b.client.dataJobExecutionList(job), []);
      },
    },
    {
      name: 'the page of metrics tells how the last run of a job ended',
      covers: ['dataJobExecutionStart'],
      needs: ['gauge'],
      async run(b) {
        const job = await b.deployedJob();
        const executionId = await b.start(job);
        await b.executionBecomes(job, executionId, 'succeeded');
        await b.eventually('the page of metrics says 0 for the run', async () => {
          const { text } = await b.call('GET', '/data-jobs/debug/prometheus');
          const line = text
            .split('\n')
            .filter((each) => each.startsWith('taurus_datajob_termination_status{'))
            .find((each) => each.includes(`execution_id="${executionId}"`));
          return line?.includes(`data_job="${job.jobName}"`) && / 0(\.0)?$/.test(line)
            ? true
            : undefined;
        });
      },
    },
    {
      name: 'a replaced job forgets how its last run ended',
      covers: ['dataJobUpdate', 'jobsQuery'],
      traps: [4],
      async run(b) {
        const job = await b.deployedJob();
        await b.executionBecomes(job, await b.start(job), 'succeeded');
        const last = async () => {
          const fields = 'deployments{lastExecutionStatus lastExecutionTime lastExecutionDuration}';
          const filter = `filter:[{property:"jobName",pattern:"${job.jobName}"}]`;
          const { content } = await b.jobsOf(
            `{jobs(pageNumber:1,${filter}){content{jobName ${fields}}}}`,
          );
          return (content?.[0]?.deployments as Record<string, unknown>[] | undefined)?.[0];
        };
        await b.eventually('the query shows how the run ended', async () =>
          (await last())?.lastExecutionStatus === 'SUCCEEDED' ? true : undefined,
        );
        isEmpty(await b.send('dataJobUpdate', job, { body: { job_name: job.jobName } }), 200);
        assert.deepEqual(await last(), {
          lastExecutionStatus: null,
          lastExecutionTime: null,
          lastExecutionDuration: null,
        });
      },
    },
  ];
}

function listing(): readonly ConformanceCase[] {
  return lists.flatMap((id): readonly ConformanceCase[] => [
    {
      name: `${id} is of one job: none, or 404 with the four fields`,
      covers: [id],
      traps: [3],
      async run(b) {
        const job = await b.createJob();
        assert.deepEqual((await b.send(id, job)).json, []);
        const theirs = { ...job, teamName: b.otherTeam };
        isFourFields(await b.send(id, theirs), 404, {
          what: `The Data Job '${job.jobName}' does not exist.`,
        });
      },
    },
    {
      name: `${id} takes states repeated or with commas; an empty one is none`,
      covers: [id],
      async run(b) {
        const job = await b.deployedJob();
        const executionId = await b.start(job);
        await b.executionBecomes(job, executionId, 'succeeded');
        const found = async (query: string) => {
          const { json } = await b.send(id, { ...job, deploymentId: 'any' }, { query: {} });
          const ids = (rows: unknown) => (rows as { id: string }[]).map((row) => row.id);
          assert.deepEqual(ids(json), [executionId]);
          const path = pathOf(id, job);
          return ids((await b.call('GET', `${path}?${query}`)).json).length;
        };
        assert.equal(await found('execution_status=succeeded'), 1);
        assert.equal(await found('execution_status=cancelled&execution_status=succeeded'), 1);
        assert.equal(await found('execution_status=cancelled,succeeded'), 1);
        assert.equal(await found('execution_status='), 1);
        assert.equal(await found('execution_status=submitted&execution_status=running'), 0);
        const client = { ...job, executionStatus: ['running', 'succeeded'] };
        assert.equal((await b.client[id](client)).length, 1);
      },
    },
    ...['SUCCEEDED', 'Running', 'no_such_state'].map(
      (state): ConformanceCase => ({
        name: `${id} of the state ${state} is answered 404, with those that there are`,
        covers: [id],
        traps: [16],
        async run(b) {
          const query = { execution_status: state };
          isFourFields(await b.send(id, await b.createJob(), { query }), 404, {
            what: `The Execution Status '${state}' is not valid.`,
            countermeasures: /submitted.*running.*succeeded/,
          });
        },
      }),
    ),
  ]);
}

function pathOf(id: (typeof lists)[number], { teamName, jobName }: Job): string {
  const job = `/data-jobs/for-team/${encodeURIComponent(teamName)}/jobs/${jobName}`;
  return id === 'dataJobExecutionList' ? `${job}/executions` : `${job}/deployments/x/executions`;
}

function cancelling(): readonly ConformanceCase[] {
  return [
    {
      name: 'a cancelled run reads so at once, for good, and cannot be cancelled again',
      covers: ['dataJobExecutionCancel', 'dataJobExecutionRead', 'dataJobLogsDownload'],
      async run(b) {
        const job = await b.deployedJob();
        const executionId = await b.start(job);
        isEmpty(await b.send('dataJobExecutionCancel', { ...job, executionId }), 200);
        const run = await b.execution(job, executionId);
        assert.equal(run.status, 'cancelled');
        assert.equal(run.message, 'Job execution cancelled by user.');
        assert.notEqual(run.end_time, undefined);
        isFourFields(await b.send('dataJobExecutionCancel', { ...job, executionId }), 400, {
          what: `The Data Job execution '${executionId}' cannot be cancelled.`,
          why: 'Specified data job execution is not in running or submitted state.',
        });
        await b.pass(1_000);
        assert.equal((await b.execution(job, executionId)).status, 'cancelled');
        assert.deepEqual(await b.client.dataJobLogsDownload({ ...job, executionId }), { logs: '' });
      },
    },
    {
      name: 'a run that has ended cannot be cancelled',
      covers: ['dataJobExecutionCancel'],
      async run(b) {
        const job = await b.deployedJob();
        const executionId = await b.start(job);
        await b.executionBecomes(job, executionId, 'succeeded');
        isFourFields(await b.send('dataJobExecutionCancel', { ...job, executionId }), 400);
      },
    },
    {
      name: 'a start right after a cancel can be refused for a moment, or share the id of the cancelled run',
      covers: ['dataJobExecutionCancel', 'dataJobExecutionStart', 'dataJobExecutionList'],
      traps: [32],
      async run(b) {
        const job = await b.deployedJob();
        const first = await b.start(job);
        isEmpty(await b.send('dataJobExecutionCancel', { ...job, executionId: first }), 200);
        const second = await b.eventually('a run can be started again', async () => {
          const answer = await b.send('dataJobExecutionStart', job, { body: {} });
          if (answer.status === 409) {
            isFourFields(answer, 409, { what: /is currently being executed\.$/ });
            return undefined;
          }
          isEmpty(answer, 202);
          return answer.headers.get('location')?.replace(/^.*\//, '');
        });
        const ids = (await b.client.dataJobExecutionList(job)).map(({ id }) => id).sort();
        assert.deepEqual(ids, [...new Set([first, second])].sort());
        assert.equal((await b.executionBecomes(job, second, 'succeeded')).id, second);
      },
    },
    {
      name: 'a run cancelled with its pod running blocks the next start until the pod is gone',
      covers: ['dataJobExecutionCancel', 'dataJobExecutionStart'],
      traps: [32],
      needs: ['simulation'],
      async run(b) {
        const job = await b.deployedJob();
        const executionId = await b.start(job);
        await b.executionBecomes(job, executionId, 'running');
        isEmpty(await b.send('dataJobExecutionCancel', { ...job, executionId }), 200);
        isFourFields(await b.send('dataJobExecutionStart', job, { body: {} }), 409);
        await b.eventually('a run can be started again', async () =>
          (await b.send('dataJobExecutionStart', job, { body: {} })).status === 202
            ? true
            : undefined,
        );
      },
    },
  ];
}

function logging(): readonly ConformanceCase[] {
  return [
    {
      name: 'logs are one text, without the last line end; as many lines from the end as wanted',
      covers: ['dataJobLogsDownload'],
      async run(b) {
        const job = await b.deployedJob();
        const executionId = await b.start(job);
        await b.executionBecomes(job, executionId, 'succeeded');
        const logs = async (query?: Record<string, string>) => {
          const answer = await b.send(
            'dataJobLogsDownload',
            { ...job, executionId },
            { query: query ?? {} },
          );
          isStatus(answer, 200);
          return (answer.json as { logs: string }).logs;
        };
        const all = await logs();
        assert.doesNotMatch(all, /\n$/);
        assert.equal(await logs({ tail_lines: '0' }), all);
        assert.equal(await logs({ tail_lines: '-1' }), all);
        assert.equal(await logs({ tail_lines: '1' }), all.split('\n').at(-1));
        const client = await b.client.dataJobLogsDownload({ ...job, executionId, tailLines: 1 });
        assert.deepEqual(client, { logs: all.split('\n').at(-1) });
      },
    },
    {
      name: 'a number of lines that is none is answered 500',
      covers: ['dataJobLogsDownload'],
      async run(b) {
        const job = await b.deployedJob();
        const executionId = await b.start(job);
        await b.executionBecomes(job, executionId, 'succeeded');
        const query = { tail_lines: 'abc' };
        isFourFields(await b.send('dataJobLogsDownload', { ...job, executionId }, { query }), 500);
      },
    },
  ];
}

const startWith = (b: Bench, job: Job, orders: RunOrders) =>
  b.start(job, { args: orders as Record<string, unknown> });

function simulated(): readonly ConformanceCase[] {
  const words = (status: string) => JSON.stringify({ status, vdk_version: '1.2.3' });
  const endings = [
    ['succeeded', words('Success'), 'Success', '1.2.3'],
    ['user_error', words('User error'), 'User error', '1.2.3'],
    ['platform_error', words('Platform error'), 'Platform error', '1.2.3'],
    [
      'skipped',
      words('Skipped'),
      'Skipping job execution due to another parallel running execution.',
      '1.2.3',
    ],
    ['succeeded', null, 'Success', ''],
    ['platform_error', 'no JSON', 'Platform error', ''],
    ['platform_error', words('Strange'), 'Platform error', '1.2.3'],
  ] as const;
  return [
    ...endings.map(
      ([status, terminationMessage, message, vdk_version]): ConformanceCase => ({
        name: `a run that leaves ${terminationMessage ?? 'nothing'} behind is ${status}`,
        covers: ['dataJobExecutionStart', 'dataJobExecutionRead'],
        needs: ['simulation'],
        async run(b) {
          const job = await b.deployedJob();
          const id = await startWith(b, job, { terminationMessage });
          const run = await b.executionBecomes(job, id, status);
          assert.equal(run.message, message);
          assert.equal(run.deployment?.vdk_version, vdk_version);
        },
      }),
    ),
    {
      name: 'a run that vanished is called succeeded in words of the service, after minutes',
      covers: ['dataJobExecutionStart', 'dataJobExecutionRead', 'dataJobExecutionList'],
      traps: [22],
      needs: ['simulation'],
      async run(b) {
        const job = await b.deployedJob();
        const other = await b.deployedJob();
        const id = await startWith(b, job, { ending: 'lost' });
        await b.executionBecomes(job, id, 'running');
        // The service looks each five minutes: once in the first three of one of the two.
        await b.pass(160_000);
        assert.equal((await b.execution(job, id)).status, 'running');
        const later = await startWith(b, other, { ending: 'lost' });
        await b.pass(170_000);
        assert.equal((await b.execution(other, later)).status, 'running');
        const filtered = { ...other, executionStatus: ['running'] };
        assert.deepEqual(await b.client.dataJobExecutionList(filtered), []);
        assert.equal((await b.client.dataJobExecutionList(other)).length, 1);
        await b.pass(5.5 * 60_000);
        for (const run of [await b.execution(job, id), await b.execution(other, later)]) {
          assert.equal(run.status, 'succeeded');
          assert.equal(run.message, 'Status is set by VDK Control Service');
        }
      },
    },
    {
      name: 'a failed run is still running for the service, yet another can be started, and it can be cancelled',
      covers: ['dataJobExecutionStart', 'dataJobExecutionRead', 'dataJobExecutionCancel'],
      needs: ['simulation'],
      async run(b) {
        const job = await b.deployedJob();
        const id = await startWith(b, job, { ending: 'failed', runTimeMs: 1_000 });
        await b.executionBecomes(job, id, 'running');
        await b.pass(10_000);
        assert.equal((await b.execution(job, id)).status, 'running');
        const next = await b.start(job);
        assert.notEqual(next, id);
        isEmpty(await b.send('dataJobExecutionCancel', { ...job, executionId: id }), 200);
        assert.equal((await b.execution(job, id)).status, 'cancelled');
      },
    },
    {
      name: 'runs by the schedule have the id of their minute, and nobody who started them',
      covers: ['dataJobExecutionList'],
      needs: ['simulation'],
      async run(b) {
        const schedule = { schedule_cron: '* * * * *' };
        const job = await b.deployedJob({ schedule }, { schedule });
        const [run] = await b.eventually('a run was started by the schedule', async () => {
          const runs = await b.client.dataJobExecutionList(job);
          return runs.length > 0 ? runs : undefined;
        });
        assert.match(String(run?.id), new RegExp(`^${job.jobName}-\\d{8}$`));
        assert.partialDeepStrictEqual(run, { type: 'scheduled', op_id: run?.id });
        assert.equal(run?.started_by, undefined);
      },
    },
    {
      name: 'a run that goes on while its job is made anew turns up in the new one',
      covers: ['dataJobDelete', 'dataJobExecutionList'],
      needs: ['simulation'],
      async run(b) {
        const job = await b.deployedJob();
        const id = await b.start(job, { started_by: 'manual/x', args: { runTimeMs: 60_000 } });
        await b.executionBecomes(job, id, 'running');
        await b.client.dataJobDelete(job);
        isEmpty(await b.send('dataJobCreate', job, { body: { job_name: job.jobName } }), 201);
        assert.deepEqual(await b.client.dataJobExecutionList(job), []);
        await b.pass(90_000);
        const [run, ...more] = await b.client.dataJobExecutionList(job);
        assert.deepEqual([run?.id, run?.started_by, more], [id, undefined, []]);
      },
    },
    {
      name: 'executions vanish when a hundred newer ones have ended',
      covers: ['dataJobExecutionList', 'dataJobExecutionRead'],
      traps: [26],
      // The same in every mode, and not short.
      needs: ['simulation', 'cluster', 'noSecurity'],
      async run(b) {
        const job = await b.deployedJob();
        const ids: string[] = [];
        for (let i = 0; i < 102; i += 1) {
          ids.push(await startWith(b, job, { runTimeMs: 0 }));
          await b.pass(1_500);
        }
        const left = (await b.client.dataJobExecutionList(job)).map(({ id }) => id).sort();
        assert.deepEqual(left, ids.slice(2).sort());
        const [executionId = ''] = ids;
        isFourFields(await b.send('dataJobExecutionRead', { ...job, executionId }), 404);
      },
    },
    {
      name: 'executions vanish after two weeks',
      covers: ['dataJobExecutionRead', 'dataJobExecutionList'],
      traps: [26],
      // A database's synchronizer would run half a million times in between.
      needs: ['simulation', 'cluster'],
      async run(b) {
        const job = await b.deployedJob();
        const old = await b.start(job);
        await b.executionBecomes(job, old, 'succeeded');
        await b.pass(15 * 24 * 3_600_000);
        const executionId = await b.start(job);
        await b.executionBecomes(job, executionId, 'succeeded');
        isFourFields(await b.send('dataJobExecutionRead', { ...job, executionId: old }), 404);
        assert.equal((await b.client.dataJobExecutionList(job)).length, 1);
      },
    },
  ];
}
