/** The root field `jobs`: rows become GraphQL objects, a page at a time. */
import type { GraphQLResolveInfo } from 'graphql';
import { nextRunEpochSeconds } from '../cron.ts';
import type { Contacts, DeployedRow, JobRow } from '../model.ts';
import { readDeployment } from '../operations/deployments.ts';
import { instant, type World } from '../world.ts';
import { FetchProblem } from './errors.ts';
import { type ExecutionArguments, graphExecution, nestedExecutions } from './executions.ts';
import { type JobView, type Predicate, selectJobs } from './job-filters.ts';
import { totals } from './paging.ts';
import { selectedPaths } from './selection.ts';

interface JobArguments {
  readonly pageNumber: number;
  readonly pageSize: number;
  readonly filter?: readonly (Predicate | null)[] | null;
  readonly search?: string | null;
}

export function fetchJobs(world: World, args: JobArguments, info: GraphQLResolveInfo): unknown {
  if (args.pageNumber < 1) throw new FetchProblem('Page cannot be less than 1');
  if (args.pageSize < 1) throw new FetchProblem('Page size cannot be less than 1');
  const selected = selectedPaths(info);
  const nowMs = world.settings.clock.now();
  // A cluster out of reach looks like jobs without deployments.
  const unseen = world.settings.persistence !== 'DB' && world.settings.isDown('KUBERNETES');
  const readable = selected.has('content.deployments') && !unseen;
  const wantsNextRun = selected.has('content.config.schedule.nextRunEpochSeconds');
  const views = world.store.jobs.all().map((job): JobView => {
    let deployed: { readonly row: DeployedRow | undefined } | undefined;
    return {
      job,
      // Read when it is looked at: most queries want it for the rows of one page only.
      get deployed() {
        deployed ??= { row: readable ? readDeployment(world, job.name) : undefined };
        return deployed.row;
      },
      nextRun: wantsNextRun ? nextRunEpochSeconds(job.schedule, nowMs) : undefined,
    };
  });
  const kept = selectJobs(views, args.filter ?? [], args.search ?? '', selected);
  const first = (args.pageNumber - 1) * args.pageSize;
  return {
    content: kept.slice(first, first + args.pageSize).map((view) => graphJob(world, view)),
    ...totals(kept.length, args.pageSize),
  };
}

function graphJob(world: World, { job, deployed, nextRun }: JobView): unknown {
  return {
    jobName: job.name,
    config: {
      team: job.team,
      description: job.description,
      schedule: { scheduleCron: job.schedule, nextRunEpochSeconds: nextRun },
      contacts: graphContacts(job.contacts),
      generateKeytab: job.generateKeytab,
      sourceUrl: `https://git.example.com/data-jobs/tree/main/${job.name}`,
      logsUrl: null,
    },
    deployments: deployed === undefined ? null : [graphDeployment(world, job, deployed)],
  };
}

/** Fields that exist but never hold a value are null here as they are there. */
function graphDeployment(world: World, job: JobRow, row: DeployedRow): unknown {
  const fromDatabase = world.settings.persistence === 'DB';
  const { resources, jobName } = row;
  const countOf = (...statuses: readonly string[]) =>
    world.store.executions.of(jobName).filter(({ status }) => statuses.includes(status)).length;
  return {
    id: fromDatabase ? null : jobName,
    enabled: row.enabled,
    contacts: {},
    jobVersion: row.jobVersion,
    jobPythonVersion: row.pythonVersion,
    lastDeployedDate: instant(row.deployedAtUs),
    lastDeployedBy: row.deployedBy,
    mode: 'release',
    resources: fromDatabase
      ? {
          cpuLimit: resources.cpu_limit,
          cpuRequest: resources.cpu_request,
          memoryLimit: resources.memory_limit,
          memoryRequest: resources.memory_request,
        }
      : null,
    schedule: {},
    vdkVersion: fromDatabase ? null : row.vdkVersion,
    status: null,
    lastExecutionStatus: job.lastExecution?.status.toUpperCase() ?? null,
    lastExecutionTime: job.lastExecution?.time ?? null,
    lastExecutionDuration: job.lastExecution?.durationSeconds ?? null,
    successfulExecutions: () => countOf('succeeded'),
    failedExecutions: () => countOf('user_error', 'platform_error'),
    executions: (args: ExecutionArguments) =>
      nestedExecutions(world, jobName, args).map((each) => graphExecution(world, each)),
  };
}

function graphContacts(contacts: Contacts): unknown {
  return {
    notifiedOnJobFailureUserError: contacts.notified_on_job_failure_user_error,
    notifiedOnJobFailurePlatformError: contacts.notified_on_job_failure_platform_error,
    notifiedOnJobSuccess: contacts.notified_on_job_success,
    notifiedOnJobDeploy: contacts.notified_on_job_deploy,
  };
}
