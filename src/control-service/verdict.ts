/**
 * What an answer means for the caller: one pure table, read from the top, over operation, status
 * and body. Nothing else in the program looks at a status code. An answer that cannot be the
 * service's own (it puts `X-OPID` on every one) is never taken for a fact about a job.
 */
import type { Disposition } from '../platform/errors.ts';
import { type OperationId, operationOf } from './contract.ts';
import type { BodyKind, ErrorBody } from './error-body.ts';

export type Reason =
  | 'ControlServiceUnavailable'
  | 'RateLimited'
  | 'AuthenticationFailed'
  | 'AuthorizationDenied'
  | 'NotFound'
  | 'NameConflict'
  | 'AlreadyRunning'
  | 'NotRunning'
  | 'UnsupportedPythonVersion'
  | 'ResourcesNotSupported'
  | 'InvalidSource'
  | 'InvalidQuery'
  | 'InvalidSpec'
  | 'WebhookRejected'
  | 'PayloadTooLarge'
  | 'SecretStorageDisabled';

export interface Answer {
  readonly operationId: OperationId;
  readonly status: number;
  readonly body: ErrorBody;
  /** Whether it carries the service's own `X-OPID`. */
  readonly fromService: boolean;
}

export interface Verdict {
  readonly disposition: Disposition;
  readonly reason: Reason;
  /** What it means, for an answer that says nothing itself. */
  readonly means: string;
  /** What a person can do, for when the service does not say it. */
  readonly advice: string;
}

interface Row extends Verdict {
  readonly status: number | readonly [first: number, last: number];
  readonly operations?: readonly OperationId[];
  readonly body?: readonly BodyKind[];
  readonly fromService?: true;
  /** Opening of the four-field error's `what`. */
  readonly what?: RegExp;
  /** Only where the contract knows this status with this body for the operation. */
  readonly inContract?: true;
}

const deploying: readonly OperationId[] = ['deploymentUpdate', 'deploymentPatch'];

const terminal = (reason: Reason, means: string, advice: string): Verdict => ({
  disposition: 'terminal',
  reason,
  means,
  advice,
});
const transient = (reason: Reason, means: string, advice: string): Verdict => ({
  disposition: 'transient',
  reason,
  means,
  advice,
});
const unavailable = (means: string, advice: string) =>
  transient('ControlServiceUnavailable', means, advice);
const refusedToken = terminal(
  'AuthenticationFailed',
  'the token was refused',
  'check the token and where it comes from',
);
const refusedUser = terminal(
  'AuthorizationDenied',
  'the user of this token may not do that',
  'ask the operators of the Control Service for the right to do this in this team',
);
const retried = unavailable(
  'the service does not work at the moment',
  'it is tried again; look at the Control Service if this goes on',
);

const noAnswerOfIt = unavailable(
  'that is no answer of a Control Service',
  'check the address, and any proxy before it',
);

const rows: readonly Row[] = [
  // A webhook's status is passed on, so its words are looked for before any status is believed.
  {
    status: [400, 499],
    body: ['fourField'],
    what: /^Post \w+ Web Hook call/i,
    ...terminal(
      'WebhookRejected',
      'a webhook refuses it',
      'ask the operators what their webhook demands',
    ),
  },
  { status: 401, ...refusedToken },
  { status: 403, ...refusedUser },
  // An authorization webhook's refusal comes with any 4xx, its text and no type.
  { status: [400, 499], body: ['bare'], ...refusedUser },
  {
    status: 404,
    inContract: true,
    fromService: true,
    ...transient(
      'NotFound',
      'there is no such thing in this team',
      'check the names of team and job',
    ),
  },
  { status: 404, ...noAnswerOfIt },
  {
    status: 409,
    operations: ['dataJobCreate'],
    body: ['empty'],
    fromService: true,
    ...terminal(
      'NameConflict',
      'a job of that name exists already; names are unique over all teams',
      'choose another name',
    ),
  },
  {
    status: 409,
    operations: deploying,
    body: ['fourField'],
    ...terminal(
      'UnsupportedPythonVersion',
      'the service does not support that Python version',
      'choose one that it supports',
    ),
  },
  {
    status: 409,
    operations: ['dataJobExecutionStart'],
    body: ['fourField'],
    ...transient('AlreadyRunning', 'the job is running', 'wait until the run ends, or cancel it'),
  },
  {
    status: 400,
    operations: deploying,
    body: ['fourField'],
    what: /^The setting of job resources/i,
    ...terminal('ResourcesNotSupported', 'resources may not be set', 'leave CPU and memory out'),
  },
  {
    status: 400,
    operations: ['sourcesUpload'],
    body: ['fourField'],
    ...terminal('InvalidSource', 'the source is not acceptable', 'correct the files of the job'),
  },
  {
    status: 400,
    operations: ['dataJobExecutionCancel'],
    body: ['fourField'],
    ...terminal('NotRunning', 'the run is not going on', 'there is nothing left to cancel'),
  },
  {
    status: 400,
    operations: ['jobsQuery'],
    body: ['query'],
    ...terminal('InvalidQuery', 'the query is wrong', 'correct the query'),
  },
  { status: 408, ...retried },
  {
    status: 413,
    ...terminal('PayloadTooLarge', 'it is too large', 'send less, or have the limit raised'),
  },
  {
    status: 429,
    ...transient('RateLimited', 'there were too many calls', 'it is tried again later'),
  },
  {
    status: [400, 499],
    body: ['fourField'],
    ...terminal('InvalidSpec', 'the request is not acceptable', 'correct what the service names'),
  },
  { status: [400, 499], ...noAnswerOfIt },
  {
    status: 501,
    body: ['fourField', 'empty'],
    ...terminal(
      'SecretStorageDisabled',
      'the service has no secret store',
      'ask its operators to set one up (Vault)',
    ),
    operations: [
      'dataJobSecretsRead',
      'dataJobSecretsUpdate',
      'oauthCredentialsGet',
      'oauthCredentialsPut',
      'clientIdGet',
      'getTeamIdsForClientIds',
    ],
  },
  // The service drops a request of a refused application token and answers 200 without a body.
  { status: 200, body: ['empty'], ...refusedToken },
  { status: [200, 299], ...noAnswerOfIt },
  {
    status: [300, 399],
    ...unavailable(
      'it leads somewhere else, and redirects are not followed',
      'use the address that it leads to, if it is right',
    ),
  },
];

export function judge(answer: Answer): Verdict {
  return rows.find((row) => matches(row, answer)) ?? retried;
}

function matches(row: Row, { operationId, status, body, fromService }: Answer): boolean {
  const [first, last] = typeof row.status === 'number' ? [row.status, row.status] : row.status;
  return (
    status >= first &&
    status <= last &&
    (row.operations?.includes(operationId) ?? true) &&
    (row.body?.includes(body.kind) ?? true) &&
    (row.fromService !== true || fromService) &&
    (row.what?.test(body.what ?? '') ?? true) &&
    (row.inContract !== true || isInContract(operationId, status, body.kind))
  );
}

function isInContract(operationId: OperationId, status: number, kind: BodyKind): boolean {
  return operationOf(operationId).errors.some(
    (each) => each.status === status && each.body === kind,
  );
}
