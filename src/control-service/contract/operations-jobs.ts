/** The service itself, and the jobs: eight operations. */
import { z } from 'zod';
import { badBody, neverSent, noSuchJob, trap } from './errors-of-operations.ts';
import { jobPath, type Operation } from './operation.ts';
import { schemas } from './schemas.ts';

export const jobOperations = {
  info: {
    tag: 'Data Jobs Service',
    method: 'GET',
    path: '/data-jobs/for-team/{team_name}/info',
    summary: 'Tells which service answers and the Python versions it supports',
    doc: 'The team is not checked, so any name will do. A good probe of address and token.',
    stability: 'stable',
    query: {},
    success: { status: 200, body: schemas.DataJobApiInfo, doc: 'The service and its versions' },
    errors: [],
    safeToRepeat: true,
  },
  jobsQuery: {
    tag: 'Data Jobs',
    method: 'GET',
    path: '/data-jobs/for-team/{team_name}/jobs',
    summary: 'Looks up jobs or executions with a GraphQL query',
    doc:
      'One root field, jobs or executions, which the answer leaves out: rows are in data.content. ' +
      'The team in the path filters nothing; filter by config.team. Pages start at 1 and pageNumber ' +
      'must be given. A page beyond the end is empty. The query travels in the address, which the ' +
      'service bounds at 8 KB with all headers. When the service cannot reach Kubernetes it still ' +
      'answers 200 and shows every job without deployments.',
    stability: 'unmarked',
    query: {
      query: { schema: z.string(), doc: 'The GraphQL document; without it the first 20 jobs' },
      operation_name: { schema: z.string(), doc: 'Which of several named operations to run' },
      variables: { schema: z.string(), doc: 'Variables, a JSON object as text', json: true },
    },
    success: { status: 200, body: schemas.DataJobQueryResponse, doc: 'One page' },
    errors: [
      { status: 400, body: 'query', when: 'the query is wrong: syntax, field, filter, page' },
      trap('variables is no JSON object, or operation_name names no operation of the query'),
    ],
    safeToRepeat: true,
  },
  dataJobCreate: {
    tag: 'Data Jobs',
    method: 'POST',
    path: '/data-jobs/for-team/{team_name}/jobs',
    summary: 'Creates a job',
    doc:
      'Names are unique over all teams, so a 409 may mean a job of another team; reading under the ' +
      'own team tells. Calls at one moment can all be answered 201, and the last one stands: read ' +
      'back before relying on it. Neither description nor schedule nor addresses are checked. A ' +
      'null for generate_keytab is a 500.',
    stability: 'stable',
    query: { name: { schema: z.string(), doc: 'The name again; must equal job_name when given' } },
    request: {
      mediaType: 'application/json',
      schema: schemas.DataJob,
      required: true,
      requiredInDocument: true,
    },
    success: { status: 201, body: 'none', doc: 'Created', locationId: 'jobName' },
    errors: [
      { ...badBody, when: 'name or team is not acceptable, or the body cannot be read' },
      {
        status: 409,
        body: 'empty',
        when: 'some team has a job of that name; with a body it is a webhook that refuses',
      },
      trap('generate_keytab is null, or a text holds a NUL character'),
    ],
    safeToRepeat: false,
  },
  dataJobRead: {
    tag: 'Data Jobs',
    method: 'GET',
    path: jobPath,
    summary: 'Reads a job',
    doc: 'Config, contacts and schedule are always there, their values may be null.',
    stability: 'stable',
    query: {},
    success: { status: 200, body: schemas.DataJob, doc: 'The job' },
    errors: [noSuchJob],
    safeToRepeat: true,
  },
  dataJobUpdate: {
    tag: 'Data Jobs',
    method: 'PUT',
    path: jobPath,
    summary: 'Replaces the settings of a job',
    doc:
      'Replaces everything: a field left out is erased or set to its default. Name and team cannot ' +
      'change. Nothing is scheduled anew until the next deployment call, which must follow with an ' +
      'explicit enabled: where the database keeps deployments the next run fails without it. While ' +
      'a first deployment is in flight the update can be undone silently.',
    stability: 'stable',
    query: {},
    request: {
      mediaType: 'application/json',
      schema: schemas.DataJob,
      required: true,
      requiredInDocument: true,
    },
    success: { status: 200, body: 'none', doc: 'Replaced' },
    errors: [
      { ...badBody, when: 'name or team differs from the job, or the body cannot be read' },
      noSuchJob,
      trap('generate_keytab is null, or a text holds a NUL character'),
    ],
    safeToRepeat: true,
    documentedOnly: neverSent('the service answers an update with 200', 201, 204),
  },
  dataJobDelete: {
    tag: 'Data Jobs',
    method: 'DELETE',
    path: jobPath,
    summary: 'Deletes a job with its deployment, executions and sources',
    doc:
      'Properties and secrets stay, and a later job of that name finds them: write {} to both first ' +
      'for a clean end. Sources go even when a webhook then refuses. A 503 can mean that the job is ' +
      'gone and only its sources are left; repeat and take 404 as done. Runs started by hand go on.',
    stability: 'stable',
    query: {},
    success: { status: 200, body: 'none', doc: 'Deleted' },
    errors: [noSuchJob],
    safeToRepeat: true,
  },
  dataJobKeytabDownload: {
    tag: 'Data Jobs',
    method: 'GET',
    path: `${jobPath}/keytab`,
    summary: 'Downloads the keytab of a job',
    doc: 'Without a credentials store behind the service the file is there and empty.',
    stability: 'stable',
    query: {},
    success: { status: 200, body: 'bytes', doc: 'The keytab', mayBeEmpty: true },
    errors: [{ status: 404, body: 'empty', when: 'the team has no such job or it has no keytab' }],
    safeToRepeat: true,
    documentedOnly: neverSent('a download has nothing that could be refused', 400),
  },
  dataJobTeamUpdate: {
    tag: 'Data Jobs',
    method: 'PUT',
    path: `${jobPath}/team/{new_team}`,
    summary: 'Moves a job to another team',
    doc:
      'From then on the job answers under the new team only. Secrets stay behind with the old team, ' +
      'properties follow. What is deployed keeps the old team until the next deployment call.',
    stability: 'stable',
    query: {},
    success: { status: 200, body: 'none', doc: 'Moved, or already there' },
    errors: [
      { status: 404, body: 'empty', when: 'the old team has no such job; the new one is blank' },
    ],
    safeToRepeat: false,
    documentedOnly: neverSent('nothing in the call is checked but the job', 400),
  },
} as const satisfies Readonly<Record<string, Operation>>;
