/**
 * The one error of the Control Service client: what was called, what came back, what it means and
 * what to do. Everything in it that the service said has been cleaned and shortened.
 */
import { type Disposition, OperatorError } from '../platform/errors.ts';
import type { OperationId } from './contract.ts';
import type { BodyKind, ErrorBody } from './error-body.ts';
import { cleanText } from './untrusted-text.ts';
import { judge, type Reason, type Verdict } from './verdict.ts';

export interface ControlServiceErrorFields {
  /** Absent when the call never got to an operation: the token could not be had. */
  readonly operationId?: OperationId | undefined;
  /** Absent when no answer came. */
  readonly status?: number | undefined;
  /** The id of the call, for the service's log. */
  readonly opId?: string | undefined;
  readonly body?: BodyKind | undefined;
  readonly what?: string | undefined;
  readonly why?: string | undefined;
  readonly countermeasures?: string | undefined;
}

export class ControlServiceError extends OperatorError implements ControlServiceErrorFields {
  declare readonly reason: Reason;
  readonly operationId: OperationId | undefined;
  readonly status: number | undefined;
  readonly opId: string | undefined;
  readonly body: BodyKind | undefined;
  /** The service's own words. */
  readonly what: string | undefined;
  readonly why: string | undefined;
  readonly countermeasures: string | undefined;

  constructor(
    disposition: Disposition,
    reason: Reason,
    message: string,
    fields: ControlServiceErrorFields & ErrorOptions & { retryAfterMs?: number | undefined } = {},
  ) {
    super(disposition, reason, message, fields);
    this.name = 'ControlServiceError';
    this.operationId = fields.operationId;
    this.status = fields.status;
    this.opId = fields.opId;
    this.body = fields.body;
    this.what = fields.what;
    this.why = fields.why;
    this.countermeasures = fields.countermeasures;
  }
}

/** The job, deployment or run is not there, and it is the service itself that says so. */
export function isNotFound(error: unknown): error is ControlServiceError {
  return hasReason(error, 'NotFound');
}

/** Worth asking again soon: what is not there, by contrast, does not appear by itself. */
export function mayPass(error: unknown): error is OperatorError {
  return (
    error instanceof OperatorError &&
    error.disposition === 'transient' &&
    error.reason !== 'NotFound'
  );
}

export function hasReason(error: unknown, reason: Reason): error is ControlServiceError {
  return error instanceof ControlServiceError && error.reason === reason;
}

export interface FailedAnswer {
  readonly operationId: OperationId;
  readonly opId: string;
  readonly status: number;
  readonly body: ErrorBody;
  readonly fromService: boolean;
  readonly retryAfterMs?: number | undefined;
  /** What came, in our words, when it says nothing itself. */
  readonly received: string;
}

/** The error for an answer that is not the wanted one. */
export function errorOfAnswer(answer: FailedAnswer, secrets: readonly string[]) {
  const { operationId, opId, status, body, retryAfterMs } = answer;
  const verdict = judge(answer);
  const clean = (text: string | undefined) =>
    text === undefined ? undefined : cleanText(text, secrets) || undefined;
  const words = {
    what: clean(body.what),
    why: clean(body.why),
    countermeasures: clean(body.countermeasures),
  };
  return new ControlServiceError(
    verdict.disposition,
    verdict.reason,
    sentence(operationId, status, words, answer.received, verdict),
    { operationId, opId, status, body: body.kind, retryAfterMs, ...words },
  );
}

/** Without the id of the call: the same trouble must read the same each time it is met. */
function sentence(
  operationId: OperationId,
  status: number,
  { what, why, countermeasures }: Pick<ErrorBody, 'what' | 'why' | 'countermeasures'>,
  received: string,
  verdict: Verdict,
): string {
  const words = [what, why].filter((part) => part !== undefined).join(' ');
  const said = words === '' ? `${verdict.means} (${received})` : words;
  const advice = countermeasures ?? verdict.advice;
  return `${operationId} was answered ${status}: ${withStop(said)} What to do: ${withStop(advice)}`;
}

function withStop(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
