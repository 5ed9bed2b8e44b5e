/** Executions: six operations. */
import { z } from 'zod';
import { badBody, neverSent, trap, undocumented } from './errors-of-operations.ts';
import { listOf } from './fields.ts';
import { type ErrorAnswer, jobPath, type Operation } from './operation.ts';
import { schemas } from './schemas.ts';

const executionPath = `${jobPath}/executions/{execution_id}` as const;

const ofThisState = {
  execution_status: {
    schema: z.array(z.string()),
    doc: 'Only runs in one of these states, in lower case; repeated for several',
  },
};
const executions = {
  status: 200,
  body: listOf(schemas.DataJobExecution),
  doc: 'The runs',
} as const;
const listErrors: readonly ErrorAnswer[] = [
  { status: 404, body: 'fourField', when: 'the team has no such job, or a state is unknown' },
];
const noSuchRun: ErrorAnswer = {
  status: 404,
  body: 'fourField',
  when: 'the team has no such job, or there is no such run',
};

export const executionOperations = {
  dataJobExecutionList: {
    tag: 'Data Jobs Execution',
    method: 'GET',
    path: `${jobPath}/executions`,
    summary: 'Lists the recent runs of a job',
    doc:
      'In no promised order and not in pages; at most about 100 finished runs of the last 14 days. ' +
      'A filter with running leaves out rows that Kubernetes knows nothing of. An unknown state is ' +
      'answered 404.',
    stability: 'unmarked',
    query: ofThisState,
    success: executions,
    errors: listErrors,
    safeToRepeat: true,
  },
  dataJobDeploymentExecutionList: {
    tag: 'Data Jobs Execution',
    method: 'GET',
    path: `${jobPath}/deployments/{deployment_id}/executions`,
    summary: 'Lists the recent runs of a job, addressed by deployment',
    doc: 'The same as dataJobExecutionList, as a job has one deployment.',
    stability: 'unmarked',
    query: ofThisState,
    success: executions,
    errors: listErrors,
    safeToRepeat: true,
  },
  dataJobExecutionStart: {
    tag: 'Data Jobs Execution',
    method: 'POST',
    path: `${jobPath}/deployments/{deployment_id}/executions`,
    summary: 'Starts a run of the deployed version',
    doc:
      'A disabled deployment can be started too. The run is readable as soon as this returns. A ' +
      'cancelled run can still block the next start for a moment. Arguments are used, whatever the ' +
      "service's own document says, and put into a shell line between single quotes.",
    stability: 'unmarked',
    query: {},
    request: {
      mediaType: 'application/json',
      schema: schemas.DataJobExecutionRequest,
      required: true,
      requiredInDocument: false,
      emptyByDefault: true,
      refuse: quotedArguments,
    },
    success: { status: 202, body: 'none', doc: 'Started', locationId: 'executionId' },
    errors: [
      { ...badBody, when: 'the arguments cannot become JSON, or the body cannot be read' },
      undocumented(404, 'fourField', 'the team has no such job, or it is not deployed'),
      {
        status: 409,
        body: 'fourField',
        when: 'a run is going on, or a cancelled one is not yet gone',
      },
      trap('the body is missing'),
    ],
    safeToRepeat: false,
  },
  dataJobExecutionRead: {
    tag: 'Data Jobs Execution',
    method: 'GET',
    path: executionPath,
    summary: 'Reads a run',
    doc:
      'Looked up by its id alone, so it may belong to another job. "succeeded" with the message ' +
      '"Status is set by VDK Control Service" says that the service lost sight of the run: its real ' +
      'outcome is unknown. platform_error can still change while Kubernetes tries again.',
    stability: 'unmarked',
    query: {},
    success: { status: 200, body: schemas.DataJobExecution, doc: 'The run' },
    errors: [noSuchRun],
    safeToRepeat: true,
  },
  dataJobExecutionCancel: {
    tag: 'Data Jobs Execution',
    method: 'DELETE',
    path: executionPath,
    summary: 'Cancels a run',
    doc: 'Reads as cancelled at once; its pods may go a little later.',
    stability: 'unmarked',
    query: {},
    success: { status: 200, body: 'none', doc: 'Cancelled' },
    errors: [
      undocumented(400, 'fourField', 'the run is neither submitted nor running (any more)'),
      noSuchRun,
    ],
    safeToRepeat: false,
  },
  dataJobLogsDownload: {
    tag: 'Data Jobs Execution',
    method: 'GET',
    path: `${executionPath}/logs`,
    summary: 'Reads the log of a run',
    doc:
      'The whole log at once, without following it. Empty when the pods are gone, which is up to an ' +
      'hour after the end; older logs are behind logs_url. A run whose container has not started is ' +
      'a 503.',
    stability: 'unmarked',
    query: {
      tail_lines: {
        schema: z.number().meta({ type: 'integer', default: 0 }),
        doc: 'Only that many of the last lines; 0 or less means all',
      },
    },
    success: { status: 200, body: schemas.DataJobExecutionLogs, doc: 'The log' },
    errors: [
      noSuchRun,
      trap('tail_lines is no number'),
      undocumented(503, 'fourField', 'the container of the run has not started'),
    ],
    safeToRepeat: true,
    documentedOnly: neverSent('a number of lines that cannot be read is a 500', 400),
  },
} as const satisfies Readonly<Record<string, Operation>>;

/** The service would break out of its own shell quotes: an argument must never do that. */
function quotedArguments(body: unknown): string | undefined {
  const args = typeof body === 'object' && body !== null && 'args' in body ? body.args : undefined;
  if (args === undefined || !JSON.stringify(args).includes("'")) return undefined;
  return "arguments of a run may not hold a single quote ('): the service puts them into a shell line unescaped; use another character";
}
