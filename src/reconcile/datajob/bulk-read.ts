/** The bulk read of a connection: just the fields that are compared, in few big pages. */
import type { ControlServiceClient } from '../../control-service/client.ts';
import { queryJobs } from '../../control-service/jobs-query.ts';
import type { BulkRow } from './wire.ts';

/** A row is about half a kilobyte: a page of this size stays well under a megabyte. */
const pageSize = 1_000;

/** The team in the path filters nothing; upstream's own tools send this word when they mean all. */
const anyTeam = 'no-team-specified';

const select = {
  jobName: true,
  config: {
    team: true,
    description: true,
    generateKeytab: true,
    schedule: { scheduleCron: true },
    contacts: {
      notifiedOnJobDeploy: true,
      notifiedOnJobSuccess: true,
      notifiedOnJobFailureUserError: true,
      notifiedOnJobFailurePlatformError: true,
    },
  },
  deployments: {
    id: true,
    enabled: true,
    jobVersion: true,
    jobPythonVersion: true,
    vdkVersion: true,
    lastDeployedDate: true,
    lastDeployedBy: true,
  },
} as const;

type QueryClient = Pick<ControlServiceClient, 'jobsQuery'>;

/** Every job of the service, whatever its team. */
export async function* readAllJobs(
  client: QueryClient,
  signal: AbortSignal,
): AsyncGenerator<BulkRow> {
  for await (const { jobName, ...rest } of queryJobs(
    client,
    { teamName: anyTeam, select, pageSize },
    { signal },
  )) {
    if (jobName !== undefined) yield { jobName, ...rest };
  }
}

/** Who has the name, for a message; undefined = nobody that the service shows. */
export async function teamOfJob(
  client: QueryClient,
  jobName: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const query = {
    teamName: anyTeam,
    select: { jobName: true, config: { team: true } },
    filter: [{ property: 'jobName', pattern: jobName }],
  } as const;
  for await (const row of queryJobs(client, query, { signal })) {
    if (row.jobName === jobName) return row.config?.team;
  }
  return undefined;
}
