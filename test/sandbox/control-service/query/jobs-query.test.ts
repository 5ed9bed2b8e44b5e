/** jobsQuery: filters, sorting, search and paging, as they were observed. */
import { describe, expect, test } from 'vitest';
import { createHarness, type Harness, jobsPath } from '../harness.ts';

const names = ['alpha-job', 'beta-job', 'gamma-job'];

/** alpha: enabled, python 3.9; beta: disabled, python 3.11; gamma: not deployed. */
async function threeJobs(): Promise<Harness> {
  const h = createHarness({ deployTimeMs: 0, runTimeMs: 1_000, podStartMs: 0 });
  await h.createJob('beta-job', { schedule: { schedule_cron: '0 0 1 1 *' } });
  await h.createJob('alpha-job', { contacts: { notified_on_job_deploy: ['a@example.com'] } });
  await h.call('POST', '/data-jobs/for-team/team-b/jobs', {
    job_name: 'gamma-job',
    description: 'The Third',
    config: { generate_keytab: false },
  });
  await h.call('POST', h.job('alpha-job', '/deployments'), { job_version: 'a', enabled: true });
  const disabled = { job_version: 'b', enabled: false, python_version: '3.11' };
  await h.call('POST', h.job('beta-job', '/deployments'), disabled);
  await h.clock.advance(1_000);
  return h;
}

const query = (h: Harness, text: string, more: Record<string, string> = {}) =>
  h.call('GET', `${jobsPath}?${new URLSearchParams({ query: text, ...more })}`);

async function found(
  h: Harness,
  filter: string,
  fields = 'deployments { enabled }',
): Promise<string[]> {
  const text = `{ jobs(pageNumber: 1, filter: [${filter}]) { content { jobName ${fields} } } }`;
  const { json } = await query(h, text);
  return json.data.content.map((each: { jobName: string }) => each.jobName);
}

describe('filters', () => {
  test.each([
    ['{property: "jobName", pattern: "ALPHA-JOB"}', ['alpha-job'], 'the whole name, ignoring case'],
    ['{property: "jobName", pattern: "alpha"}', [], 'not a part of it'],
    ['{property: "jobName", pattern: "*a-job"}', names, 'a star stands for any text'],
    ['{property: "jobName", pattern: "bet?-*"}', ['beta-job'], '? for one character beside a star'],
    ['{property: "jobName", pattern: "bet?-job"}', [], 'and for itself without'],
    ['{property: "config.team", pattern: "TEAM-A"}', ['alpha-job', 'beta-job'], 'ignoring case'],
    ['{property: "config.team", pattern: "%-b"}', ['gamma-job'], '% stands for any text'],
    ['{property: "config.team", pattern: "team-b|team-c"}', ['gamma-job'], 'a regular expression'],
    ['{property: "config.team", pattern: ""}', [], 'an empty pattern matches nothing'],
    ['{property: "config.description", pattern: "third"}', ['gamma-job'], 'contains'],
    [
      '{property: "deployments.enabled", pattern: "enabled"}',
      ['alpha-job'],
      'deployed and enabled',
    ],
    ['{property: "deployments.enabled", pattern: "not_deployed"}', ['gamma-job'], 'no deployment'],
    ['{property: "deployments.jobPythonVersion", pattern: "11"}', ['beta-job'], 'contains'],
    ['{property: "deployments.lastExecutionDuration", pattern: "1"}', [], 'never matches'],
    ['{property: "config.schedule.scheduleCron", pattern: "x"}', names, 'has no effect'],
    [
      '{property: "config.team", pattern: "team-a"}, {property: "deployments.enabled", pattern: "disabled"}',
      ['beta-job'],
      'all must hold',
    ],
  ])('%s', async (filter, want, why) => {
    expect(await found(await threeJobs(), filter), why).toEqual(want);
  });

  test('without deployments in the selection every job counts as not deployed', async () => {
    const h = await threeJobs();
    const filter = '{property: "deployments.enabled", pattern: "not_deployed"}';
    expect(await found(h, filter, '')).toEqual(names);
  });

  test('the next run is looked at only when it is selected', async () => {
    const h = await threeJobs();
    const filter = '{property: "config.schedule.nextRunEpochSeconds", pattern: "1-2000000000"}';
    expect(await found(h, filter)).toEqual([]);
    expect(await found(h, filter, 'config { schedule { nextRunEpochSeconds } }')).toEqual([
      'beta-job',
    ]);
  });

  test('the last execution is looked for by its state in lower case', async () => {
    const h = await threeJobs();
    await h.call('POST', h.job('alpha-job', '/deployments/x/executions'), {});
    await h.clock.advance(2_000);
    const filter = (state: string) =>
      `{property: "deployments.lastExecutionStatus", pattern: "${state}"}`;
    expect(await found(h, filter('succeeded'))).toEqual(['alpha-job']);
    expect(await found(h, filter('SUCCEEDED'))).toEqual([]);
  });

  test.each([
    ['{property: "team", pattern: "x"}', 'Provided filter for team is either not valid'],
    ['{property: "toString", pattern: "x"}', 'Provided filter for toString is either not valid'],
    ['{property: "config.team", pattern: "("}', 'regular expression'],
    ['{property: "deployments.lastExecutionTime", pattern: "soon"}', 'from-to'],
    ['{property: "deployments.jobPythonVersion", sort: ASC}', 'is not deployed'],
  ])('%s is a 400', async (filter, words) => {
    const h = await threeJobs();
    const text = `{ jobs(pageNumber: 1, filter: [${filter}]) { content { jobName deployments { id } } } }`;
    const { status, json } = await query(h, text);
    expect([status, json.data]).toEqual([400, null]);
    expect(json.errors[0].message).toContain(words);
  });
});

describe('order, search and pages', () => {
  test.each([
    ['{property: "jobName", sort: DESC}', ['gamma-job', 'beta-job', 'alpha-job'], 'backwards'],
    [
      '{property: "deployments.enabled", sort: DESC}',
      ['gamma-job', 'beta-job', 'alpha-job'],
      'by state',
    ],
    [
      '{property: "config.contacts.present", sort: DESC}',
      ['alpha-job', 'beta-job', 'gamma-job'],
      'with first',
    ],
    [
      '{property: "jobName", sort: ASC}, {property: "config.team", sort: DESC}',
      ['gamma-job', 'alpha-job', 'beta-job'],
      'only the last sort counts',
    ],
  ])('%s', async (filter, want, why) => {
    expect(await found(await threeJobs(), filter), why).toEqual(want);
  });

  test('search looks only into what is selected', async () => {
    const h = await threeJobs();
    const search = async (fields: string) => {
      const text = `{ jobs(pageNumber: 1, search: "third") { content { jobName ${fields} } } }`;
      return (await query(h, text)).json.data.content.length;
    };
    expect([await search(''), await search('config { description }')]).toEqual([0, 1]);
  });

  test.each([
    [1, 2, ['alpha-job', 'beta-job'], 2],
    [2, 2, ['gamma-job'], 2],
    [3, 2, [], 2],
    [1, 3, names, 1],
  ])('page %i of %i jobs each', async (page, size, want, pages) => {
    const h = await threeJobs();
    const text = `{ jobs(pageNumber: ${page}, pageSize: ${size}) { content { jobName } totalItems totalPages } }`;
    const { data } = (await query(h, text)).json;
    expect(data.content.map((each: { jobName: string }) => each.jobName)).toEqual(want);
    expect([data.totalItems, data.totalPages]).toEqual([3, pages]);
  });

  test('without a query the first twenty jobs are told', async () => {
    const { json } = await (await threeJobs()).call('GET', jobsPath);
    expect(json.data).toMatchObject({ totalItems: 3, totalPages: 1 });
    expect(json.data.content[0]).toEqual({
      jobName: 'alpha-job',
      config: { team: 'team-a', description: null, schedule: { scheduleCron: null } },
    });
  });
});

describe('executions', () => {
  async function twoRuns(): Promise<Harness> {
    const h = await threeJobs();
    for (const name of ['alpha-job', 'beta-job']) {
      await h.call('POST', h.job(name, '/deployments/x/executions'), {});
      await h.clock.advance(2_000);
    }
    return h;
  }

  test.each([
    ['executions { content { jobName } }', ['alpha-job', 'beta-job']],
    ['executions(filter: {jobNameIn: ["beta-job"]}) { content { jobName } }', ['beta-job']],
    ['executions(filter: {teamNameIn: ["team-b"]}) { content { jobName } }', []],
    ['executions(filter: {statusIn: [FAILED_BY_NAME]}) { content { jobName } }', undefined],
    ['executions(pageNumber: 1) { content { jobName } }', undefined],
    [
      'executions(pageNumber: 1, pageSize: 1, order: {property: "startTime", direction: DESC}) { content { jobName } }',
      ['beta-job'],
    ],
    ['executions(filter: {startTimeGte: "2999-01-01T00:00:00Z"}) { content { jobName } }', []],
  ])('%s', async (text, want) => {
    const { status, json } = await query(await twoRuns(), `{ ${text} }`);
    const got = json.data?.content.map((each: { jobName: string }) => each.jobName);
    expect([status, got]).toEqual([want === undefined ? 400 : 200, want]);
  });

  test('are inside the deployments of a page too, through fragments', async () => {
    const text = `query q { jobs(pageNumber: 1) { content { ...j } } }
      fragment j on DataJob { jobName deployments { executions { status } successfulExecutions } }`;
    const { json } = await query(await twoRuns(), text);
    expect(json.data.content[0]).toEqual({
      jobName: 'alpha-job',
      deployments: [{ executions: [{ status: 'SUCCEEDED' }], successfulExecutions: 1 }],
    });
  });
});

test.each([
  ['{ jobs(pageNumber: 1) { content { jobName } }', 'InvalidSyntax'],
  ['{ jobs(pageNumber: 1) { content } }', 'ValidationError'],
  ['{ jobs(pageNumber: "x") { totalItems } }', 'ValidationError'],
  ['{ jobs(nope: 1) { totalItems } }', 'ValidationError'],
  ['subscription { jobs { totalItems } }', 'OperationNotSupported'],
])('%s is a 400 of the kind %s', async (text, errorType) => {
  const { status, json } = await query(createHarness(), text);
  expect([status, json.errors[0].errorType, json.data]).toEqual([400, errorType, null]);
});
