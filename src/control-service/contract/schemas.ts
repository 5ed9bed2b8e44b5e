/**
 * The 24 schemas of the Data Jobs API, named as the service's own document names them, with their
 * fields as on the wire, and the two error bodies that the service really sends. A field is
 * mandatory here only where the service is known to fill it always: decoding must not fail on less.
 */
import { z } from 'zod';
import { dateTime, flag, float, int32, integer, listOf, maybe, oneOf, text } from './fields.ts';

const jobModes = ['testing', 'release'] as const;
const executionStatuses = [
  'submitted',
  'running',
  'succeeded',
  'cancelled',
  'skipped',
  'user_error',
  'platform_error',
] as const;
const executionTypes = ['manual', 'scheduled'] as const;

const addresses = (about: string) => maybe(listOf(z.string())).describe(about);

const DataJobApiInfo = z
  .looseObject({
    api_version: text('Product, version, commit and host of the service, as a user agent has them'),
    supported_python_versions: listOf(z.string()).describe(
      'The exact words that a deployment may use as python_version, such as 3.11',
    ),
  })
  .describe('Which service answers, and the Python versions it can build for');

const DataJobMode = oneOf(jobModes, 'A label without effect; deployments always read as release');

const DataJobDeploymentId = z
  .string()
  .describe('Free text without effect: a job has one deployment. Clients send "production"');

const DataJobSchedule = z
  .looseObject({
    schedule_cron: maybe(
      text('Five-field cron in UTC, not checked on write; empty or null means never by itself'),
    ),
  })
  .describe('When a job runs by itself');

const DataJobContacts = z
  .looseObject({
    notified_on_job_failure_user_error: addresses('Told when a run fails through the job itself'),
    notified_on_job_failure_platform_error: addresses('Told when a run fails through the platform'),
    notified_on_job_success: addresses('Told when a run succeeds'),
    notified_on_job_deploy: addresses('Told how a deployment ended'),
  })
  .describe('Who gets mail about a job. An address with ";" in it reads back as two');

const DataJobConfig = z
  .looseObject({
    db_default_type: maybe(text('The database that SQL steps use, such as TRINO or IMPALA')),
    contacts: maybe(DataJobContacts),
    schedule: maybe(DataJobSchedule),
    generate_keytab: maybe(
      flag('Makes credentials when the job is created, later only stored; null is a 500', true),
    ),
    enable_execution_notifications: maybe(flag('Whether runs cause mail at all', true)),
    notification_delay_period_minutes: maybe(
      int32('Minutes a run may be late before the delay metric raises an alert', 240),
    ),
  })
  .describe('Settings of a job, replaced as a whole by every update');

const DataJob = z
  .looseObject({
    job_name: text('6 to 50 of a-z, 0-9 and "-", first a letter; unique over all teams'),
    description: maybe(text('Free text')),
    config: maybe(DataJobConfig),
    team: maybe(text('The owning team; changed only by dataJobTeamUpdate')),
  })
  .describe('A data job and its settings');

const DataJobSummary = z
  .looseObject({
    job_name: text('Name of the job'),
    team: text('Owning team'),
    description: maybe(text('Free text')),
    source_url: maybe(text('Where the source can be looked at')),
  })
  .describe('A job in short. Declared by the service and used by no operation');

const DataJobResources = z
  .looseObject({
    cpu_request: maybe(float('CPU cores asked for')),
    cpu_limit: maybe(float('CPU cores at most')),
    memory_request: maybe(int32('Memory asked for, in MiB')),
    memory_limit: maybe(int32('Memory at most, in MiB')),
  })
  .describe('CPU and memory of a run. Shown by the service; refused in most requests');

const DataJobDeployment = z
  .looseObject({
    vdk_version: maybe(text('Tag of the VDK image')),
    job_version: maybe(text('Source version, as an upload returned it')),
    python_version: maybe(text('One of the versions that info lists')),
    mode: maybe(DataJobMode),
    id: maybe(DataJobDeploymentId),
    enabled: maybe(
      flag('Whether the schedule is obeyed. Leaving it out can mean true: always send it'),
    ),
    deployed_by: maybe(text('Who deployed; only filled inside executions')),
    deployed_date: maybe(dateTime('When it was deployed; only filled inside executions')),
    schedule: maybe(DataJobSchedule),
    resources: maybe(DataJobResources),
  })
  .describe('What to run: the body of a deployment request, and the snapshot inside an execution');

const DataJobDeploymentStatus = z
  .looseObject({
    vdk_version: maybe(text('Tag of the VDK image; null where the database keeps deployments')),
    job_version: maybe(text('Source version that runs now: the sign that a deployment is done')),
    python_version: maybe(text('Python version of the image')),
    mode: maybe(DataJobMode),
    id: maybe(DataJobDeploymentId),
    enabled: maybe(flag('Whether the schedule is obeyed')),
    contacts: maybe(DataJobContacts),
    schedule: maybe(DataJobSchedule),
    resources: maybe(DataJobResources),
    last_deployed_date: maybe(text('When the deployment last changed, RFC 3339')),
    last_deployed_by: maybe(text('Who changed it, when the service knows its users')),
  })
  .describe('A deployment as it stands. It has no state and no error: see the operation');

const DataJobExecutionRequest = z
  .looseObject({
    started_by: maybe(text('Who or what starts the run; the service appends the user')),
    args: maybe(z.record(z.string(), z.unknown())).describe(
      'Arguments of the run. They reach a shell between single quotes, so none may hold one',
    ),
  })
  .describe('How to start a run; an empty object is enough');

const DataJobExecution = z
  .looseObject({
    id: text('Unique over all jobs'),
    job_name: maybe(text('The job that runs')),
    status: maybe(oneOf(executionStatuses, 'State of the run')),
    type: maybe(oneOf(executionTypes, 'Started by hand or by its schedule')),
    start_time: maybe(dateTime('When it was asked for or started')),
    end_time: maybe(dateTime('When it ended; null while it runs')),
    started_by: maybe(text('Who or what started it')),
    logs_url: maybe(text('Where old logs are kept, when operators set that up')),
    message: maybe(text('How it went, in words')),
    op_id: maybe(text('Operation id that ties together what belongs to one call')),
    deployment: maybe(DataJobDeployment),
  })
  .describe('One run of a job');

const DataJobExecutionLogs = z
  .looseObject({ logs: maybe(text('The log; empty when its pods are gone')) })
  .describe('The log of a run');

const anyMembers = (about: string) => z.looseObject({}).describe(about);

const DataJobProperties = anyMembers('State that a job keeps between runs: any JSON members');
const DataJobSecrets = anyMembers('Secret settings of a job: any JSON members');

const OauthCredentials = z
  .looseObject({ clientId: text('Id of the application'), clientSecret: text('Its secret') })
  .describe('OAuth application credentials');

const OauthTeamCredentials = z
  .looseObject({
    teamName: text('Name of the team'),
    clientId: text('Id of the application'),
    clientSecret: text('Its secret'),
  })
  .describe('OAuth application credentials of a team');

const OauthTeamClientId = z
  .looseObject({ teamName: text('Name of the team'), clientId: text('Id of the application') })
  .describe('Which OAuth application belongs to a team');

const DataJobVersion = z
  .looseObject({ version_sha: text('Commit of the uploaded source: the job_version to deploy') })
  .describe('What an upload became');

const anything = z.record(z.string(), z.unknown());

const DataJobPage = z
  .looseObject({
    content: maybe(listOf(anything)).describe('The rows, with the fields that were asked for'),
    totalItems: maybe(integer('Rows over all pages; 0 unless asked for')),
    totalPages: maybe(integer('Number of pages; 0 unless asked for')),
  })
  .describe('A page of query results; the root field of the query is already unwrapped');

const queryAnswer = () =>
  z.looseObject({
    errors: maybe(listOf(anything)).describe('What is wrong with the query; [] when nothing is'),
    data: maybe(DataJobPage),
  });

const DataJobQueryResponse = queryAnswer().describe('Answer to a query');
const DataJobQueryResponseWithError = queryAnswer().describe('Answer to a query that is wrong');

const ErrorMessages = z
  .looseObject({ messages: listOf(z.string()).describe('What is wrong') })
  .describe('Declared by the service and never sent; see FourFieldError');

const FourFieldError = z
  .looseObject({
    what: maybe(text('What did not work')),
    why: maybe(text('Why')),
    consequences: maybe(text('What that means for the caller')),
    countermeasures: maybe(text('What to do')),
  })
  .describe('The error that the service itself sends');

const FrameworkError = z
  .looseObject({
    timestamp: maybe(text('When')),
    status: maybe(integer('The status code again')),
    error: maybe(text('Its name')),
    path: maybe(text('The path that was asked for')),
  })
  .describe('The error of the framework below the service: unknown path, wrong method or type');

/** By the names that the service's own document gives them. */
export const schemas = {
  DataJobApiInfo,
  DataJobSummary,
  DataJob,
  Error: ErrorMessages,
  DataJobDeployment,
  DataJobDeploymentStatus,
  DataJobExecutionRequest,
  DataJobExecution,
  DataJobExecutionLogs,
  DataJobProperties,
  DataJobSecrets,
  OauthCredentials,
  OauthTeamCredentials,
  OauthTeamClientId,
  DataJobMode,
  DataJobDeploymentId,
  DataJobResources,
  DataJobConfig,
  DataJobSchedule,
  DataJobContacts,
  DataJobVersion,
  DataJobQueryResponse,
  DataJobQueryResponseWithError,
  DataJobPage,
} as const;

/** Bodies that the service sends although its document does not know them. */
export const errorSchemas = { FourFieldError, FrameworkError } as const;

/**
 * Fields that decoding does without: the service's document calls them required although it takes
 * and shows null for them, or it has no such schema and they are always sent.
 */
export const requiredInDocument: Readonly<Record<string, readonly string[]>> = {
  DataJob: ['description', 'config'],
  DataJobSummary: ['description'],
  FourFieldError: ['what', 'why', 'consequences', 'countermeasures'],
  FrameworkError: ['timestamp', 'status', 'error', 'path'],
};
