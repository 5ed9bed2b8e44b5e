/** jobsQuery: GraphQL, with the habits of this service. */
import assert from 'node:assert/strict';
import { queryJobs } from '../../../../src/control-service/jobs-query.ts';
import { isFourFields, isJson, isStatus } from '../answer.ts';
import type { Bench, QueryData } from '../bench.ts';
import type { ConformanceCase } from '../case.ts';

export const queryCases: readonly ConformanceCase[] = [
  ...answers(),
  ...paging(),
  ...errors(),
  ...filtering(),
  ...deploymentsShown(),
  ...executionsShown(),
];

const ask = (b: Bench, query: Record<string, string>) =>
  b.send('jobsQuery', { teamName: b.team }, { query });

/** Jobs of this case's team, as the filter of a query. */
const ours = (b: Bench, more = '') =>
  `filter:[{property:"config.team",pattern:"${b.team}"}${more}]`;
const names = (data: QueryData) => (data.content ?? []).map(({ jobName }) => jobName);

async function someJobs(b: Bench, count: number): Promise<readonly string[]> {
  const jobs = [];
  for (let i = 0; i < count; i += 1) jobs.push(await b.createJob());
  return jobs.map(({ jobName }) => jobName).sort();
}

function answers(): readonly ConformanceCase[] {
  return [
    {
      name: 'the root of a query is unwrapped, and errors are always there',
      covers: ['jobsQuery'],
      traps: [21],
      async run(b) {
        const [jobName] = await someJobs(b, 1);
        const query = `{jobs(pageNumber:1,${ours(b)}){content{jobName} totalItems totalPages}}`;
        const answer = await ask(b, { query });
        isJson(answer, 200, {});
        assert.deepEqual(answer.json, {
          errors: [],
          data: { content: [{ jobName }], totalItems: 1, totalPages: 1 },
        });
      },
    },
    {
      name: 'what is not selected is 0 or null',
      covers: ['jobsQuery'],
      async run(b) {
        const all = await someJobs(b, 2);
        const rows = await b.jobsOf(`{jobs(pageNumber:1,${ours(b)}){content{jobName}}}`);
        assert.deepEqual(rows, {
          content: all.map((jobName) => ({ jobName })),
          totalItems: 0,
          totalPages: 0,
        });
        const totals = await b.jobsOf(`{jobs(pageNumber:1,${ours(b)}){totalItems}}`);
        assert.deepEqual(totals, { content: null, totalItems: 2, totalPages: 0 });
      },
    },
    {
      name: 'without a query the first 20 jobs of the service are shown, an empty one is none',
      covers: ['jobsQuery'],
      async run(b) {
        await someJobs(b, 1);
        for (const query of [{}, { query: '' }] as readonly Record<string, string>[]) {
          const answer = await ask(b, query);
          isStatus(answer, 200);
          const { data } = answer.json as { data: QueryData };
          assert.ok(data.content !== null && data.content.length >= 1 && data.content.length <= 20);
          assert.ok(data.totalItems >= data.content.length);
          const [row] = data.content;
          assert.deepEqual(Object.keys(row ?? {}), ['jobName', 'config']);
          assert.deepEqual(Object.keys(row?.config ?? {}), ['team', 'description', 'schedule']);
        }
      },
    },
    {
      name: 'the team in the path filters nothing',
      covers: ['jobsQuery'],
      traps: [21],
      async run(b) {
        const all = await someJobs(b, 1);
        const query = `{jobs(pageNumber:1,${ours(b)}){content{jobName}}}`;
        const other = { teamName: b.otherTeam };
        const { json } = await b.send('jobsQuery', other, { query: { query } });
        assert.deepEqual(names((json as { data: QueryData }).data), all);
      },
    },
    {
      name: 'a job shows its configuration, and null where it has nothing',
      covers: ['jobsQuery'],
      async run(b) {
        const job = await b.createJob({
          schedule: { schedule_cron: '1 2 3 4 *' },
          contacts: { notified_on_job_success: ['a@example.com'] },
        });
        const { content } = await b.jobsOf(
          `{jobs(pageNumber:1,${ours(b)}){content{jobName deployments{id} config{team description
            generateKeytab sourceUrl logsUrl schedule{scheduleCron nextRunEpochSeconds}
            contacts{notifiedOnJobSuccess notifiedOnJobDeploy}}}}}`,
        );
        const [row] = content ?? [];
        const config = row?.config as Readonly<Record<string, unknown>>;
        assert.partialDeepStrictEqual(row, {
          jobName: job.jobName,
          deployments: null,
          config: {
            team: job.teamName,
            description: null,
            generateKeytab: false,
            logsUrl: null,
            schedule: { scheduleCron: '1 2 3 4 *' },
            contacts: { notifiedOnJobSuccess: ['a@example.com'], notifiedOnJobDeploy: [] },
          },
        });
        assert.match(String(config.sourceUrl), new RegExp(`/tree/[^/]+/${job.jobName}$`));
        const { nextRunEpochSeconds } = config.schedule as { nextRunEpochSeconds: number };
        assert.ok(nextRunEpochSeconds > b.now() / 1_000);
      },
    },
    {
      name: 'the next run is -1 where there is no schedule or one of no sense',
      covers: ['jobsQuery'],
      async run(b) {
        await b.createJob();
        await b.createJob({ schedule: { schedule_cron: 'every day' } });
        await b.createJob({ schedule: { schedule_cron: '@hourly' } });
        const { content } = await b.jobsOf(
          `{jobs(pageNumber:1,${ours(b)}){content{config{schedule{nextRunEpochSeconds}}}}}`,
        );
        const never = { config: { schedule: { nextRunEpochSeconds: -1 } } };
        assert.deepEqual(content, [never, never, never]);
      },
    },
    {
      name: 'variables are a JSON object as text; of several operations the first runs, or the named one',
      covers: ['jobsQuery'],
      async run(b) {
        const all = await someJobs(b, 1);
        const query = `query A($team:String){jobs(pageNumber:1,filter:[{property:"config.team",pattern:$team}]){content{jobName}}}
          query B{jobs(pageNumber:1,pageSize:1,filter:[{property:"jobName",pattern:"no-such-job"}]){content{jobName}}}`;
        const found = async (more: Record<string, string>) => {
          const variables = JSON.stringify({ team: b.team });
          const { json } = await ask(b, { query, variables, ...more });
          return names((json as { data: QueryData }).data);
        };
        assert.deepEqual(await found({}), all);
        assert.deepEqual(await found({ operation_name: 'A' }), all);
        assert.deepEqual(await found({ operation_name: '"A"' }), all);
        assert.deepEqual(await found({ operation_name: 'B' }), []);
        assert.deepEqual(await found({ operationName: 'B' }), all, 'another name is ignored');
      },
    },
    {
      name: 'an alias of the root and questions about the schema are answered with no data',
      covers: ['jobsQuery'],
      async run(b) {
        for (const query of [
          '{mine:jobs(pageNumber:1,pageSize:1){content{jobName}}}',
          '{__schema{queryType{name}}}',
        ]) {
          const answer = await ask(b, { query });
          isStatus(answer, 200);
          assert.deepEqual(answer.json, { errors: [], data: null });
        }
      },
    },
  ];
}

function paging(): readonly ConformanceCase[] {
  return [
    {
      name: 'pages are cut from 1 on, and one after the last is empty',
      covers: ['jobsQuery'],
      traps: [21],
      async run(b) {
        const all = await someJobs(b, 5);
        const page = (number: number) =>
          b.jobsOf(
            `{jobs(pageNumber:${number},pageSize:2,${ours(b)}){content{jobName} totalItems totalPages}}`,
          );
        assert.deepEqual(names(await page(1)), all.slice(0, 2));
        assert.deepEqual(names(await page(3)), all.slice(4));
        assert.deepEqual(await page(9), { content: [], totalItems: 5, totalPages: 3 });
      },
    },
    {
      name: 'no rows are one page, and none where a page holds one row',
      covers: ['jobsQuery'],
      async run(b) {
        const none = (size: number) =>
          b.jobsOf(
            `{jobs(pageNumber:1,pageSize:${size},${ours(b)}){content{jobName} totalItems totalPages}}`,
          );
        assert.deepEqual(await none(10), { content: [], totalItems: 0, totalPages: 1 });
        assert.deepEqual(await none(1), { content: [], totalItems: 0, totalPages: 0 });
      },
    },
    {
      name: 'the client reads all pages, with the fields that it names',
      covers: ['jobsQuery'],
      async run(b) {
        const all = await someJobs(b, 5);
        const found: unknown[] = [];
        for await (const row of queryJobs(b.client, {
          teamName: b.team,
          pageSize: 2,
          select: { jobName: true, config: { team: true } },
          filter: [{ property: 'config.team', pattern: b.team }],
        })) {
          found.push(row);
        }
        assert.deepEqual(
          found,
          all.map((jobName) => ({ jobName, config: { team: b.team } })),
        );
      },
    },
  ];
}

function errors(): readonly ConformanceCase[] {
  const refused = [
    ['no number of a page', '{jobs(pageSize:10){content{jobName}}}', /Page cannot be less than 1$/],
    ['the page 0', '{jobs(pageNumber:0){content{jobName}}}', /Page cannot be less than 1$/],
    [
      'pages of no size',
      '{jobs(pageNumber:1,pageSize:0){content{jobName}}}',
      /Page size cannot be less than 1$/,
    ],
    ['an unknown field', '{jobs(pageNumber:1){content{noSuchField}}}', /noSuchField/],
    ['an unknown root', '{things{id}}', /things/],
    ['no end', '{jobs(', /./],
    [
      'a filter of an unknown property',
      '{jobs(pageNumber:1,filter:[{property:"team",pattern:"x"}]){content{jobName}}}',
      /Provided filter for team is either not valid or currently not supported/,
    ],
    [
      'a filter without pattern and sort',
      '{jobs(pageNumber:1,filter:[{property:"jobName"}]){content{jobName}}}',
      /Provided filter for jobName is either not valid or currently not supported/,
    ],
    [
      'the same filter twice',
      '{jobs(pageNumber:1,filter:[{property:"jobName",pattern:"x"},{property:"jobName",pattern:"x"}]){content{jobName}}}',
      /./,
    ],
    [
      'a team that is no regular expression',
      '{jobs(pageNumber:1,filter:[{property:"config.team",pattern:"a("}]){content{jobName}}}',
      /./,
    ],
    [
      'a range of seconds that is none',
      '{jobs(pageNumber:1,filter:[{property:"deployments.lastExecutionTime",pattern:"today"}]){content{jobName}}}',
      /./,
    ],
    ['a moment that is none', '{executions(filter:{startTimeGte:"today"}){content{id}}}', /today/],
    ['half of a page of executions', '{executions(pageNumber:1){content{id}}}', /./],
    [
      'an order of executions without direction',
      '{executions(order:{property:"id"}){content{id}}}',
      /./,
    ],
  ] as const;
  return [
    ...refused.map(
      ([what, query, message]): ConformanceCase => ({
        name: `a query with ${what} is answered 400 with errors and no data`,
        covers: ['jobsQuery'],
        traps: [21],
        async run(b) {
          const answer = await ask(b, { query });
          isJson(answer, 400, { data: null });
          const [error] = (answer.json as { errors: Record<string, unknown>[] }).errors;
          assert.match(String(error?.message), message);
          for (const member of ['message', 'locations', 'path', 'extensions', 'errorType']) {
            assert.ok(error !== undefined && member in error, `an error without ${member}`);
          }
        },
      }),
    ),
    {
      name: 'an unknown operation and variables that are no JSON are answered 500',
      covers: ['jobsQuery'],
      async run(b) {
        const query = 'query A{jobs(pageNumber:1,pageSize:1){totalItems}}';
        isFourFields(await ask(b, { query, operation_name: 'B' }), 500);
        isFourFields(await ask(b, { query, variables: '{"a":' }), 500);
      },
    },
  ];
}

function filtering(): readonly ConformanceCase[] {
  const found = async (b: Bench, filter: string, select = 'jobName') => {
    const jobs = `jobs(pageNumber:1,pageSize:100,filter:[${filter}])`;
    return names(await b.jobsOf(`{${jobs}{content{${select}}}}`));
  };
  return [
    {
      name: 'names are filtered whole, without regard to case, with * for any text',
      covers: ['jobsQuery'],
      async run(b) {
        const all = await someJobs(b, 2);
        const name = all[0] ?? '';
        const named = (pattern: string) =>
          found(
            b,
            `{property:"jobName",pattern:"${pattern}"},{property:"config.team",pattern:"${b.team}"}`,
          );
        assert.deepEqual(await named(name), [name]);
        assert.deepEqual(await named(name.toUpperCase()), [name]);
        assert.deepEqual(await named(name.slice(0, -1)), []);
        assert.deepEqual(await named(`${name.slice(0, -1)}*`), [name]);
        assert.deepEqual(await named('*'), all);
        assert.deepEqual(await named(`${name.slice(0, -1)}?`), [], '? alone is no wildcard');
        assert.deepEqual(await named(`*${name.slice(3, -1)}?`), [name]);
        assert.deepEqual(await named(''), []);
      },
    },
    {
      name: 'teams are filtered whole, without regard to case, with % for any text, as a regular expression',
      covers: ['jobsQuery'],
      async run(b) {
        const all = await someJobs(b, 1);
        const of = (pattern: string) => found(b, `{property:"config.team",pattern:"${pattern}"}`);
        assert.deepEqual(await of(b.team.toUpperCase()), all);
        assert.deepEqual(await of(b.team.slice(0, -1)), []);
        assert.deepEqual(await of(`%${b.team.slice(5)}`), all);
        assert.deepEqual(await of(`no such team|${b.team}`), all);
        assert.deepEqual(await of(`${b.team.slice(0, -1)}.`), all);
      },
    },
    {
      name: 'descriptions are filtered by a part of them, without regard to case; all filters must hold',
      covers: ['jobsQuery'],
      async run(b) {
        const { jobName } = await b.createJob({}, { description: 'Loads the ORDERS of yesterday' });
        await b.createJob();
        const team = `{property:"config.team",pattern:"${b.team}"}`;
        const of = (pattern: string) =>
          found(b, `${team},{property:"config.description",pattern:"${pattern}"}`);
        assert.deepEqual(await of('the orders'), [jobName]);
        assert.deepEqual(await of('nothing of it'), []);
      },
    },
    {
      name: 'jobs come in the order of their names, or in another one',
      covers: ['jobsQuery'],
      async run(b) {
        const all = await someJobs(b, 3);
        const team = `{property:"config.team",pattern:"${b.team}"}`;
        assert.deepEqual(await found(b, team), all);
        assert.deepEqual(
          await found(b, `${team},{property:"jobName",sort:DESC}`),
          all.toReversed(),
        );
      },
    },
    {
      name: 'deployments are filtered by whether they are enabled, if they are selected',
      covers: ['jobsQuery'],
      async run(b) {
        const job = await b.deployedJob();
        const { jobName } = await b.createJob();
        const team = `{property:"config.team",pattern:"${b.team}"}`;
        const of = (pattern: string, select: string) =>
          found(b, `${team},{property:"deployments.enabled",pattern:"${pattern}"}`, select);
        const shown = 'jobName deployments{enabled}';
        assert.deepEqual(await of('enabled', shown), [job.jobName]);
        assert.deepEqual(await of('not_deployed', shown), [jobName]);
        assert.deepEqual(await of('disabled', shown), []);
        assert.deepEqual(await of('ENABLED', shown), []);
        const all = [jobName, job.jobName].sort();
        assert.deepEqual(await of('not_deployed', 'jobName'), all, 'not selected: not deployed');
      },
    },
    {
      name: 'the next run is filtered by a range of seconds, if it is selected',
      covers: ['jobsQuery'],
      async run(b) {
        const schedule = { schedule_cron: '1 2 3 4 *' };
        const { jobName } = await b.createJob({ schedule });
        await b.createJob();
        const team = `{property:"config.team",pattern:"${b.team}"}`;
        const of = (pattern: string, select: string) =>
          found(
            b,
            `${team},{property:"config.schedule.nextRunEpochSeconds",pattern:"${pattern}"}`,
            select,
          );
        const shown = 'jobName config{schedule{nextRunEpochSeconds}}';
        const now = Math.trunc(b.now() / 1_000);
        const year = 366 * 24 * 3_600;
        assert.deepEqual(await of(`${now}-${now + year}`, shown), [jobName]);
        assert.deepEqual(await of(`${now - year}-${now}`, shown), []);
      },
    },
    {
      name: 'deployments are filtered by how their last run ended: in lower case, though shown in capitals',
      covers: ['jobsQuery'],
      async run(b) {
        const job = await b.deployedJob();
        await b.executionBecomes(job, await b.start(job), 'succeeded');
        const team = `{property:"config.team",pattern:"${b.team}"}`;
        const of = (pattern: string) =>
          found(
            b,
            `${team},{property:"deployments.lastExecutionStatus",pattern:"${pattern}"}`,
            'jobName deployments{lastExecutionStatus}',
          );
        assert.deepEqual(await of('succeeded'), [job.jobName]);
        assert.deepEqual(await of('SUCCEEDED'), []);
        assert.deepEqual(await of('user_error'), []);
      },
    },
    {
      name: 'jobs with any contact come after those without',
      covers: ['jobsQuery'],
      async run(b) {
        const contacts = { notified_on_job_deploy: ['a@example.com'] };
        const { jobName } = await b.createJob({ contacts });
        await someJobs(b, 3);
        const team = `{property:"config.team",pattern:"${b.team}"}`;
        const sorted = (direction: string) =>
          found(b, `${team},{property:"config.contacts.present",sort:${direction}}`);
        assert.equal((await sorted('ASC')).at(-1), jobName);
        assert.equal((await sorted('DESC'))[0], jobName);
      },
    },
    {
      name: 'a search looks into all selected fields',
      covers: ['jobsQuery'],
      async run(b) {
        const { jobName } = await b.createJob({}, { description: 'Loads the ORDERS of yesterday' });
        await b.createJob();
        const search = async (text: string, select: string) =>
          names(
            await b.jobsOf(
              `{jobs(pageNumber:1,search:"${text}",${ours(b)}){content{jobName ${select}}}}`,
            ),
          );
        assert.deepEqual(await search('the orders', 'config{description}'), [jobName]);
        assert.deepEqual(await search('the orders', ''), []);
        assert.deepEqual(await search(jobName.toUpperCase(), ''), [jobName]);
      },
    },
  ];
}

const deploymentFields = `deployments{id enabled jobVersion jobPythonVersion vdkVersion mode status
  lastDeployedDate contacts{notifiedOnJobDeploy} schedule{scheduleCron} resources{cpuLimit}
  successfulExecutions failedExecutions executions{id}}`;

function deploymentsShown(): readonly ConformanceCase[] {
  const shown = async (b: Bench) => {
    const job = await b.deployedJob({}, { schedule: { schedule_cron: '1 1 1 1 *' } });
    const { content } = await b.jobsOf(
      `{jobs(pageNumber:1,${ours(b)}){content{jobName ${deploymentFields}}}}`,
    );
    const deployments = content?.[0]?.deployments as readonly Record<string, unknown>[];
    assert.equal(deployments.length, 1);
    return { job, deployment: deployments[0] ?? {} };
  };
  return [
    {
      name: 'a query shows a deployment, but never its status, contacts nor schedule',
      covers: ['jobsQuery'],
      traps: [21],
      async run(b) {
        const { job, deployment } = await shown(b);
        assert.partialDeepStrictEqual(deployment, {
          enabled: true,
          jobVersion: job.version,
          mode: 'release',
          status: null,
          contacts: { notifiedOnJobDeploy: null },
          schedule: { scheduleCron: null },
          successfulExecutions: 0,
          failedExecutions: 0,
          executions: [],
        });
      },
    },
    {
      name: 'in the cluster a query shows the name of the job as id, and no resources',
      covers: ['jobsQuery'],
      needs: ['cluster'],
      async run(b) {
        const { job, deployment } = await shown(b);
        assert.partialDeepStrictEqual(deployment, { id: job.jobName, resources: null });
        assert.equal(typeof deployment.vdkVersion, 'string');
      },
    },
    {
      name: 'in the database a query shows resources, but neither id nor vdk version',
      covers: ['jobsQuery'],
      needs: ['database'],
      async run(b) {
        const { deployment } = await shown(b);
        assert.partialDeepStrictEqual(deployment, { id: null, vdkVersion: null });
        assert.equal(typeof (deployment.resources as { cpuLimit: unknown }).cpuLimit, 'number');
      },
    },
  ];
}

function executionsShown(): readonly ConformanceCase[] {
  return [
    {
      name: 'a query shows runs: states in capitals, no python version, and as many as are asked for',
      covers: ['jobsQuery'],
      async run(b) {
        const { version, ...job } = await b.deployedJob();
        const id = await b.start(job);
        await b.executionBecomes(job, id, 'succeeded');
        const filter = `filter:{jobNameIn:["${job.jobName}"],statusIn:[SUCCEEDED]}`;
        const fields = `content{id type jobName status message
          deployment{id jobVersion jobPythonVersion status}} totalItems totalPages`;
        assert.deepEqual(await b.jobsOf(`{executions(${filter}){${fields}}}`), {
          content: [
            {
              id,
              type: 'MANUAL',
              jobName: job.jobName,
              status: 'SUCCEEDED',
              message: 'Success',
              deployment: {
                id: 'release',
                jobVersion: version,
                jobPythonVersion: null,
                status: null,
              },
            },
          ],
          totalItems: 1,
          totalPages: 1,
        });
        const cancelled = `filter:{jobNameIn:["${job.jobName}"],statusIn:[CANCELLED]}`;
        assert.deepEqual((await b.jobsOf(`{executions(${cancelled}){${fields}}}`)).content, []);
        const page = `pageNumber:1,pageSize:10,filter:{teamNameIn:["${b.team}"]},order:{property:"id",direction:DESC}`;
        assert.equal((await b.jobsOf(`{executions(${page}){${fields}}}`)).totalItems, 1);
      },
    },
    {
      name: 'runs inside of a job cannot be filtered by jobs',
      covers: ['jobsQuery'],
      async run(b) {
        const job = await b.deployedJob();
        const nested = `deployments{executions(filter:{jobNameIn:["${job.jobName}"]}){id}}`;
        const query = `{jobs(pageNumber:1,${ours(b)}){content{${nested}}}}`;
        isJson(await ask(b, { query }), 400, { data: null });
      },
    },
  ];
}
