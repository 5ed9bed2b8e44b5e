/** Executions: start, read, list, cancel, logs. */
import { notDeployed } from '../deployments/checks.ts';
import type { ExecutionRow, ExecutionStatus, JobRow } from '../model.ts';
import { reachCluster } from '../outside.ts';
import { unreported } from '../runs/schedule.ts';
import { type Answer, empty, json } from '../web/answers.ts';
import type { ExecutionRequestBody } from '../web/bodies.ts';
import { type Call, jobUrl, type Operation } from '../web/call.ts';
import { bug, externalSystem, nullReference, ServiceFailure } from '../web/failures.ts';
import { findJob, type World } from '../world.ts';
import { executionJson } from './execution-json.ts';

type ExecutionOperationId =
  | 'dataJobExecutionList'
  | 'dataJobDeploymentExecutionList'
  | 'dataJobExecutionStart'
  | 'dataJobExecutionRead'
  | 'dataJobExecutionCancel'
  | 'dataJobLogsDownload';

export function executionOperations(world: World): Record<ExecutionOperationId, Operation> {
  const list: Operation = (call) => {
    const job = existingJob(world, call);
    const wanted = statusesOf(call);
    // Rows that the cluster knows nothing of any more are left out when running ones are asked for.
    const known = !world.settings.isDown('KUBERNETES') && world.runs.isBusy(job.name);
    const stuck = wanted.includes('running') && !known;
    const rows = world.store.executions
      .of(job.name)
      .filter(({ status }) => wanted.length === 0 || wanted.includes(status))
      .filter(({ status }) => !(stuck && status === 'running'))
      .sort((a, b) => b.startUs - a.startUs);
    return json(rows.map((row) => executionJson(world.settings, row)));
  };
  return {
    dataJobExecutionList: list,
    dataJobDeploymentExecutionList: list,
    dataJobExecutionStart: (call) => start(world, call),
    dataJobExecutionRead: (call) => {
      existingJob(world, call);
      return json(executionJson(world.settings, existingExecution(world, call)));
    },
    dataJobExecutionCancel: (call) => cancel(world, call),
    dataJobLogsDownload: (call) => logs(world, call),
  };
}

function existingJob({ store }: World, { params }: Call): JobRow {
  const job = findJob(store, params.team_name, params.job_name);
  if (job !== undefined) return job;
  throw new ServiceFailure(
    404,
    `The Data Job '${params.job_name}' does not exist.`,
    'The Data Job must be existing.',
    'The Data Job will not be started.',
    'Provide a Data Job that already exists or create a new one and try again.',
  );
}

/** Found by its id alone: it may be another job's than the path's. */
function existingExecution({ store }: World, { params }: Call): ExecutionRow {
  const row = store.executions.get(params.execution_id);
  if (row !== undefined) return row;
  throw new ServiceFailure(
    404,
    `The Data Job execution '${params.execution_id}' does not exist.`,
    'Likely the Data Job execution have not started or it has expired.',
    'The Data Job execution will not be returned.',
    'Provide a Data Job execution that already exists or trigger one and try again.',
  );
}

const statuses: readonly ExecutionStatus[] = [
  'submitted',
  'running',
  'succeeded',
  'cancelled',
  'skipped',
  'user_error',
  'platform_error',
];

/** Repeated, or one text with commas; an empty value counts as none. */
function statusesOf({ query }: Call): readonly ExecutionStatus[] {
  const given = query.getAll('execution_status');
  const words = given.flatMap((text) => text.split(',')).filter((text) => text !== '');
  return words.map((word) => {
    const status = statuses.find((each) => each === word);
    if (status !== undefined) return status;
    throw new ServiceFailure(
      404,
      `The Execution Status '${word}' is not valid.`,
      'The Execution Status must be valid.',
      'The Data Job Execution(s) will not be returned.',
      `Provide a valid Execution Status. Valid statuses are: [${statuses.join(', ')}].`,
    );
  });
}

function start(world: World, call: Call): Answer {
  const { settings, store, runs, cluster } = world;
  const body = call.body as ExecutionRequestBody | null;
  if (body === null) {
    const model = 'com.vmware.taurus.controlplane.model.data.DataJobExecutionRequest';
    throw nullReference(`${model}.getArgs()`, '"jobExecutionRequest"');
  }
  const job = existingJob(world, call);
  reachCluster(settings);
  const deployed = cluster.get(job.name);
  if (deployed === undefined) throw notDeployed(job.name);
  if (runs.isBusy(job.name)) {
    throw new ServiceFailure(
      409,
      `The Data Job '${job.name}' is currently being executed.`,
      'Simultaneous execution of the same Data Job are not allowed.',
      'The Data Job will not be started. The ongoing Data Job execution will continue to run.',
      'Wait for the current Data Job execution to complete or cancel it and try again.',
    );
  }
  const id = `${job.name}-${Math.floor(settings.clock.now() / 1000)}`;
  refuseBadLabel(job.name, id, deployed.jobVersion);
  const startedBy = body.started_by == null ? null : `${body.started_by}/${call.user}`;
  store.transaction(() => {
    const row: ExecutionRow = {
      id,
      jobName: job.name,
      status: 'submitted',
      type: 'manual',
      startUs: world.stampUs(),
      endUs: null,
      startedBy,
      message: null,
      opId: call.opId,
      deployment: unreported,
    };
    store.executions.put(id, row, job.name);
    runs.start(deployed, { id, type: 'manual', opId: call.opId, args: body.args ?? {} });
  });
  const { team_name: team } = call.params;
  return empty(202, `${jobUrl(call.baseUrl, team, job.name)}/executions/${id}`);
}

/** The version becomes a label of the run, and the cluster looks at it only then. */
function refuseBadLabel(jobName: string, id: string, version: string): void {
  if (version.length <= 63 && /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/.test(version)) return;
  const why =
    `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end ` +
    `with an alphanumeric character`;
  throw externalSystem(
    'KUBERNETES',
    `Cannot start a Data Job '${jobName}' execution with execution id '${id}'\nKubernetes API Exception Details: \n` +
      `response body: Job.batch "${id}" is invalid: metadata.labels: Invalid value: "${version}": ${why}`,
  );
}

function cancel(world: World, call: Call): Answer {
  const { params } = call;
  const job = findJob(world.store, params.team_name, params.job_name);
  const row = world.store.executions.get(params.execution_id);
  const refuse = (status: number, why: string, countermeasures: string) =>
    new ServiceFailure(
      status,
      `The Data Job execution '${params.execution_id}' cannot be cancelled.`,
      why,
      'API request to cancel Data Job Execution failed.',
      countermeasures,
    );
  if (job === undefined) {
    throw refuse(
      404,
      'Specified data job does not exist.',
      'Make sure the provided team and data job name are correct.',
    );
  }
  if (row?.jobName !== job.name) {
    throw refuse(
      404,
      'Specified data job execution does not exist.',
      'The provided data job execution does not exist. Make sure the provided execution id is correct. ' +
        'List all data job executions of the data job and make sure you specify one that exists.',
    );
  }
  if (row.status !== 'submitted' && row.status !== 'running') {
    throw refuse(
      400,
      'Specified data job execution is not in running or submitted state.',
      'List recent and/or current executions of the Data Job. Make sure you specify a valid execution in running or submitted state.',
    );
  }
  reachCluster(world.settings);
  world.store.transaction(() => world.runs.cancel(row));
  return empty(200);
}

function logs(world: World, call: Call): Answer {
  const job = existingJob(world, call);
  const { id } = existingExecution(world, call);
  const whose = `job: ${job.name}, team: ${job.team}`;
  reachCluster(world.settings, `Failed to get logs for job execution ${id} (${whose})`);
  const tail = call.query.get('tail_lines') ?? '';
  if (!/^(-?\d+)?$/.test(tail)) {
    throw bug(
      `Failed to convert value of type 'java.lang.String' to required type 'java.lang.Integer'; ` +
        `nested exception is java.lang.NumberFormatException: For input string: "${tail}"`,
    );
  }
  const run = world.runs.get(id);
  if (run === undefined || run.phase === 'deleting') return json({ logs: '' });
  if (run.phase === 'pending') {
    throw externalSystem('KUBERNETES', `the container of ${id} has not started`);
  }
  const lines = run.script.logs.replace(/\n$/, '').split('\n');
  const count = Number(tail);
  return json({ logs: (count > 0 ? lines.slice(-count) : lines).join('\n') });
}
