import { expect, test } from 'vitest';
import { type OperationId, operationIds } from '../../src/control-service/contract.ts';
import { readErrorBody } from '../../src/control-service/error-body.ts';
import { judge } from '../../src/control-service/verdict.ts';

interface Case {
  readonly name: string;
  readonly why: string;
  readonly operation: OperationId;
  readonly status: number;
  /** As received; an object is JSON. */
  readonly body?: string | object;
  readonly type?: string;
  /** Whether the answer carries X-OPID; the service's own ones do. */
  readonly fromService?: boolean;
  readonly want: readonly [disposition: string, reason: string];
}

const fourField = (what = 'Something', why = '') => ({
  what,
  why,
  consequences: '',
  countermeasures: '',
});
const unavailable = ['transient', 'ControlServiceUnavailable'] as const;

const cases: readonly Case[] = [
  {
    name: 'a webhook that refuses a job',
    why: 'its status is passed on, so 404 or 409 here says nothing about jobs',
    operation: 'dataJobDelete',
    status: 404,
    body: fourField('Post Delete Web Hook call associated with this request returns client error.'),
    want: ['terminal', 'WebhookRejected'],
  },
  {
    name: 'a webhook that refuses a new job with 409',
    why: 'a taken name is a 409 without a body',
    operation: 'dataJobCreate',
    status: 409,
    body: fourField('Post Create Web Hook call associated with this request returns client error.'),
    want: ['terminal', 'WebhookRejected'],
  },
  {
    name: 'a token that is not accepted',
    why: 'the security layer answers without X-OPID and without a body',
    operation: 'dataJobRead',
    status: 401,
    fromService: false,
    want: ['terminal', 'AuthenticationFailed'],
  },
  {
    name: 'a token without the role',
    why: 'trying again changes nothing',
    operation: 'dataJobRead',
    status: 403,
    fromService: false,
    want: ['terminal', 'AuthorizationDenied'],
  },
  {
    name: 'an authorization webhook that says 404',
    why: 'its text comes without a type; taken for a missing job it would lose one',
    operation: 'dataJobDelete',
    status: 404,
    body: 'gone',
    fromService: false,
    want: ['terminal', 'AuthorizationDenied'],
  },
  {
    name: 'a job that is not there',
    why: 'the service says so with an empty 404; the caller looks again, then knows',
    operation: 'dataJobRead',
    status: 404,
    want: ['transient', 'NotFound'],
  },
  {
    name: 'a run that is not there',
    why: 'runs are reported missing with four fields',
    operation: 'dataJobExecutionRead',
    status: 404,
    body: fourField('The Data Job execution does not exist.'),
    want: ['transient', 'NotFound'],
  },
  {
    name: 'a job without a deployment to patch',
    why: 'the one deployment call with a four-field 404',
    operation: 'deploymentPatch',
    status: 404,
    body: fourField('The Data Job is not deployed.'),
    want: ['transient', 'NotFound'],
  },
  {
    name: 'a path that the service does not know',
    why: 'a wrong address must not look like a missing job',
    operation: 'dataJobRead',
    status: 404,
    body: { timestamp: 't', status: 404, error: 'Not Found', path: '/x' },
    type: 'application/json',
    want: unavailable,
  },
  {
    name: 'an empty 404 without X-OPID',
    why: 'a proxy says it, not the service',
    operation: 'dataJobRead',
    status: 404,
    fromService: false,
    want: unavailable,
  },
  {
    name: 'a 404 where the operation has none',
    why: 'properties exist for any name',
    operation: 'dataJobPropertiesRead',
    status: 404,
    want: unavailable,
  },
  {
    name: 'a taken name',
    why: 'some team has it; the caller finds out which',
    operation: 'dataJobCreate',
    status: 409,
    want: ['terminal', 'NameConflict'],
  },
  {
    name: 'a python version that the service cannot build for',
    why: 'only another version or another service helps',
    operation: 'deploymentUpdate',
    status: 409,
    body: fourField("Not supported python version: '2'"),
    want: ['terminal', 'UnsupportedPythonVersion'],
  },
  {
    name: 'a run that is going on',
    why: 'it ends some time',
    operation: 'dataJobExecutionStart',
    status: 409,
    body: fourField('The Data Job is currently being executed.'),
    want: ['transient', 'AlreadyRunning'],
  },
  {
    name: 'CPU or memory that may not be set',
    why: 'most installations refuse them',
    operation: 'deploymentPatch',
    status: 400,
    body: fourField('The setting of job resources like CPU and memory is not allowed.'),
    want: ['terminal', 'ResourcesNotSupported'],
  },
  {
    name: 'another 400 of a deployment',
    why: 'the version cannot be patched',
    operation: 'deploymentPatch',
    status: 400,
    body: fourField('Parameter job_version is not valid.'),
    want: ['terminal', 'InvalidSpec'],
  },
  {
    name: 'an upload with forbidden files',
    why: 'the source must change',
    operation: 'sourcesUpload',
    status: 400,
    body: fourField('The Data Job upload is invalid .'),
    want: ['terminal', 'InvalidSource'],
  },
  {
    name: 'an upload that met another one in Git',
    why: 'seen with parallel uploads; it passes',
    operation: 'sourcesUpload',
    status: 503,
    body: fourField('Git encountered an error'),
    want: unavailable,
  },
  {
    name: 'cancelling a run that has ended',
    why: 'the wanted state is there',
    operation: 'dataJobExecutionCancel',
    status: 400,
    body: fourField('cannot be cancelled'),
    want: ['terminal', 'NotRunning'],
  },
  {
    name: 'a wrong query',
    why: 'it will not get better by itself',
    operation: 'jobsQuery',
    status: 400,
    body: { errors: [{ message: 'no such field' }], data: null },
    want: ['terminal', 'InvalidQuery'],
  },
  {
    name: 'a proxy that waited too long for us',
    why: 'nothing is wrong with the request',
    operation: 'sourcesUpload',
    status: 408,
    fromService: false,
    want: unavailable,
  },
  {
    name: 'secrets that are too large',
    why: 'the same set is always too large',
    operation: 'dataJobSecretsUpdate',
    status: 413,
    body: fourField(),
    want: ['terminal', 'PayloadTooLarge'],
  },
  {
    name: 'a proxy that limits bodies',
    why: 'the same source is always too large',
    operation: 'sourcesUpload',
    status: 413,
    body: '<html></html>',
    type: 'text/html',
    fromService: false,
    want: ['terminal', 'PayloadTooLarge'],
  },
  {
    name: 'a proxy that limits calls',
    why: 'the service itself never does',
    operation: 'dataJobRead',
    status: 429,
    fromService: false,
    want: ['transient', 'RateLimited'],
  },
  {
    name: 'any other refusal in the words of the service',
    why: 'the request is at fault',
    operation: 'dataJobCreate',
    status: 400,
    body: fourField('Parameter dataJob.jobName is not valid.'),
    want: ['terminal', 'InvalidSpec'],
  },
  {
    name: 'an HTML page with 400',
    why: 'a web server or proxy that does not know the API',
    operation: 'dataJobRead',
    status: 400,
    body: '<!doctype html><html></html>',
    type: 'text/html;charset=utf-8',
    fromService: false,
    want: unavailable,
  },
  {
    name: 'no secret store, in four fields',
    why: 'operators must set one up',
    operation: 'dataJobSecretsRead',
    status: 501,
    body: fourField('Secrets encountered an error: Not Configured.'),
    want: ['terminal', 'SecretStorageDisabled'],
  },
  {
    name: 'no secret store, without a body',
    why: 'so it is for the credentials of teams',
    operation: 'oauthCredentialsGet',
    status: 501,
    want: ['terminal', 'SecretStorageDisabled'],
  },
  {
    name: '501 of a proxy',
    why: 'a job has nothing that could be switched off',
    operation: 'dataJobRead',
    status: 501,
    fromService: false,
    want: unavailable,
  },
  {
    name: 'a dropped request',
    why: 'so the service refuses the tokens of OAuth applications',
    operation: 'deploymentUpdate',
    status: 200,
    want: ['terminal', 'AuthenticationFailed'],
  },
  {
    name: 'a success that is none of the operation',
    why: 'something else answered',
    operation: 'dataJobRead',
    status: 204,
    want: unavailable,
  },
  {
    name: 'a redirect',
    why: 'following it could carry the token away',
    operation: 'dataJobRead',
    status: 302,
    fromService: false,
    want: unavailable,
  },
  {
    name: 'a bug of the service',
    why: 'often it is an outage of what is behind it',
    operation: 'dataJobCreate',
    status: 500,
    body: fourField('A coding error (bug) was found.'),
    want: unavailable,
  },
  {
    name: 'a gateway without a service',
    why: 'it comes back',
    operation: 'dataJobRead',
    status: 502,
    body: '<html>bad gateway</html>',
    type: 'text/html',
    fromService: false,
    want: unavailable,
  },
];

test.each(cases)(
  '$name: $want',
  ({ operation, status, body = '', type, fromService, want, why }) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const { disposition, reason } = judge({
      operationId: operation,
      status,
      body: readErrorBody(text, type),
      fromService: fromService ?? true,
    });
    expect([disposition, reason], why).toEqual(want);
  },
);

test('every status of every operation has a verdict, and 5xx outside secrets is always an outage', () => {
  for (const operationId of operationIds) {
    for (const status of [300, 400, 404, 409, 418, 500, 502, 503, 504, 599]) {
      const verdict = judge({ operationId, status, body: { kind: 'html' }, fromService: false });
      expect(verdict.disposition, `${operationId} ${status}`).toBe('transient');
    }
  }
});
