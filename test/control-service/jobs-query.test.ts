import { expect, expectTypeOf, test } from 'vitest';
import type { ControlServiceClient } from '../../src/control-service/client.ts';
import {
  type JobsQuery,
  jobsQueryText,
  type QueryableJob,
  queryJobs,
  type Selected,
  type Selection,
} from '../../src/control-service/jobs-query.ts';

/** What the operator's poll asks for. */
const pollSelection = {
  jobName: true,
  config: { team: true, description: true, schedule: { scheduleCron: true } },
  deployments: {
    enabled: true,
    jobVersion: true,
    jobPythonVersion: true,
    lastDeployedDate: true,
    lastDeployedBy: true,
    vdkVersion: true,
  },
} as const;

function pagesOf(...pages: readonly unknown[]) {
  const queries: string[] = [];
  const client: Pick<ControlServiceClient, 'jobsQuery'> = {
    jobsQuery: async ({ query = '' }) => {
      queries.push(query);
      const content = pages[queries.length - 1];
      return { errors: [], data: { content: content as Record<string, unknown>[] } };
    },
  };
  return { client, queries };
}

async function all<const S extends Selection<QueryableJob>>(
  client: Pick<ControlServiceClient, 'jobsQuery'>,
  query: Omit<JobsQuery<S>, 'teamName'>,
): Promise<Selected<QueryableJob, S>[]> {
  const rows: Selected<QueryableJob, S>[] = [];
  for await (const row of queryJobs<S>(client, { teamName: 't', ...query })) rows.push(row);
  return rows;
}

test('pages are read until a short one', async () => {
  const { client, queries } = pagesOf([{ jobName: 'a' }, { jobName: 'b' }], [{ jobName: 'c' }]);
  const rows = await all(client, { select: { jobName: true }, pageSize: 2 });
  expect(rows.map(({ jobName }) => jobName)).toEqual(['a', 'b', 'c']);
  expect(queries).toEqual([
    '{jobs(pageNumber:1,pageSize:2){content{jobName}}}',
    '{jobs(pageNumber:2,pageSize:2){content{jobName}}}',
  ]);
});

test('a last page that is exactly full is followed by an empty one', async () => {
  const { client, queries } = pagesOf([{ jobName: 'a' }], []);
  expect(await all(client, { select: { jobName: true }, pageSize: 1 })).toHaveLength(1);
  expect(queries).toHaveLength(2);
});

test('leaving the loop early asks for no further page', async () => {
  const { client, queries } = pagesOf([{ jobName: 'a' }], [{ jobName: 'b' }]);
  const query = { teamName: 't', select: { jobName: true }, pageSize: 1 } as const;
  for await (const _ of queryJobs(client, query)) break;
  expect(queries).toHaveLength(1);
});

test('the selection is the text of the query and the type of the rows', async () => {
  const { client, queries } = pagesOf([
    {
      jobName: 'a',
      config: { team: 'x', description: null, schedule: { scheduleCron: null } },
      deployments: null,
    },
  ]);
  const [row] = await all(client, { select: pollSelection });
  expect(queries[0]).toContain(
    '{content{jobName config{team description schedule{scheduleCron}} deployments{enabled jobVersion jobPythonVersion lastDeployedDate lastDeployedBy vdkVersion}}}',
  );
  expect(row).toEqual({ jobName: 'a', config: { team: 'x', schedule: {} } });
  expectTypeOf(row?.config?.schedule?.scheduleCron).toEqualTypeOf<string | undefined>();
  expectTypeOf(row?.deployments?.[0]?.enabled).toEqualTypeOf<boolean | undefined>();
  // @ts-expect-error it was not selected
  expect(row?.config?.sourceUrl).toBeUndefined();
});

test('filters and search cannot break out of their quotes', () => {
  const text = jobsQueryText(
    {
      select: { jobName: true },
      filter: [
        { property: 'config.team', pattern: 'a"}]{b\\' },
        { property: 'jobName', sort: 'DESC' },
      ],
      search: 'line\nbreak',
    },
    1,
    5,
  );
  expect(text).toBe(
    '{jobs(pageNumber:1,pageSize:5,filter:[{property:"config.team",pattern:"a\\"}]{b\\\\"},{property:"jobName",sort:DESC}],search:"line\\nbreak"){content{jobName}}}',
  );
});

test('a query that no address can hold is refused before it is sent', async () => {
  const { client, queries } = pagesOf([]);
  const search = 'ü'.repeat(1_200);
  await expect(all(client, { select: { jobName: true }, search })).rejects.toMatchObject({
    disposition: 'terminal',
    reason: 'InvalidQuery',
  });
  expect(queries).toEqual([]);
});

test.each([
  ['no rows at all', undefined],
  ['a row whose team is a number', [{ config: { team: 5 } }]],
])('%s is an outage: an empty service and a broken answer must differ', async (_, content) => {
  const { client } = pagesOf(content);
  await expect(all(client, { select: pollSelection })).rejects.toMatchObject({
    disposition: 'transient',
    reason: 'ControlServiceUnavailable',
  });
});
