/** From an operation and its arguments to the HTTP request; refuses what the service cannot take. */
import type { HttpRequest } from '../platform/http.ts';
import type { QueryParameter, RequestBody } from './contract/operation.ts';
import {
  type BytesInput,
  camelCase,
  type OperationId,
  operationOf,
  pathParameters,
  standardDeploymentId,
} from './contract.ts';
import { ControlServiceError } from './errors.ts';
import { textsIn } from './untrusted-text.ts';

export type Arguments = Readonly<Record<string, unknown>>;

export interface BuiltRequest extends Pick<HttpRequest, 'method' | 'url' | 'body'> {
  readonly headers: Readonly<Record<string, string>>;
  /** Values in the body that must never be shown. */
  readonly secrets: readonly string[];
}

export function buildRequest(baseUrl: string, id: OperationId, args: Arguments): BuiltRequest {
  const operation = operationOf(id);
  let path = operation.path;
  for (const name of pathParameters(operation.path)) {
    const text = segment(id, name, args[camelCase(name)]);
    path = path.replace(`{${name}}`, () => text);
  }
  const query = Object.entries(operation.query).flatMap(([name, parameter]) =>
    queryTexts(parameter, args[camelCase(name)]).map(
      (text) => `${name}=${encoded(id, name, text)}`,
    ),
  );
  const { body, contentType, secrets } = requestBody(id, operation.request, args.body);
  return {
    method: operation.method,
    url: `${baseUrl}${path}${query.length === 0 ? '' : `?${query.join('&')}`}`,
    headers: { accept: acceptOf(id), ...contentType },
    ...(body === undefined ? {} : { body }),
    secrets,
  };
}

/** Downloads take any type: with only their own one, errors would come without their text. */
function acceptOf(id: OperationId): string {
  return operationOf(id).success.body === 'bytes'
    ? 'application/octet-stream, application/json, */*;q=0.1'
    : 'application/json';
}

/** Characters that the service's web server refuses in a path, even encoded. */
const refusedInPath = /[/\\;%]|\p{Cc}/u;

function segment(id: OperationId, name: string, value: unknown): string {
  const text = value === undefined && name === 'deployment_id' ? standardDeploymentId : value;
  if (typeof text !== 'string' || text === '') throw invalid(id, `${name} is missing`);
  // A dot segment would lead to another path, encoded or not.
  if (text === '.' || text === '..' || refusedInPath.test(text)) {
    throw invalid(id, `${name} may not be "." or ".." nor hold / \\ ; % or control characters`);
  }
  return encoded(id, name, text);
}

function encoded(id: OperationId, name: string, text: string): string {
  if (!text.isWellFormed()) throw invalid(id, `${name} holds half of a character (lone surrogate)`);
  return encodeURIComponent(text);
}

function queryTexts(parameter: QueryParameter, value: unknown): readonly string[] {
  if (value === undefined || value === null || parameter.unusable !== undefined) return [];
  if (parameter.json) return [JSON.stringify(value)];
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

interface EncodedBody {
  readonly body?: HttpRequest['body'];
  readonly contentType: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

function requestBody(
  id: OperationId,
  request: RequestBody | undefined,
  given: unknown,
): EncodedBody {
  if (request === undefined) return { contentType: {}, secrets: [] };
  const body = given ?? (request.emptyByDefault ? {} : undefined);
  if (body === undefined) throw invalid(id, 'the body is missing');
  const refusal = request.refuse?.(body);
  if (refusal !== undefined) throw invalid(id, refusal);
  return {
    body: request.schema === 'bytes' ? (body as BytesInput) : JSON.stringify(body),
    contentType: { 'content-type': request.mediaType },
    secrets: request.secret ? textsIn(body) : [],
  };
}

function invalid(operationId: OperationId, why: string): ControlServiceError {
  return new ControlServiceError(
    'terminal',
    'InvalidSpec',
    `${operationId} was not sent: ${why}.`,
    {
      operationId,
      why,
    },
  );
}
