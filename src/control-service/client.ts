/**
 * The typed client of the Data Jobs API, made from the contract: one method per operation, named
 * by its id. It never retries by itself, but for one replay after a refused token; deadlines,
 * bounds and cancelling hold on every call.
 */
import { type Clock, withDeadline } from '../platform/clock.ts';
import type { HttpTransport } from '../platform/http.ts';
import type { Log } from '../platform/log.ts';
import type { Random } from '../platform/random.ts';
import { readAnswer } from './answer.ts';
import { type Auth, noAuth } from './auth/auth.ts';
import { parseBaseUrl } from './base-url.ts';
import {
  type ArgumentsOf,
  type OperationId,
  operationIds,
  operationOf,
  type ResultOf,
} from './contract.ts';
import { ControlServiceError, hasReason } from './errors.ts';
import { describeNetworkFailure } from './network-failure.ts';
import { type Arguments, type BuiltRequest, buildRequest } from './request.ts';
import { untilAborted } from './until-aborted.ts';

export type ControlServiceClient = {
  readonly [Id in OperationId]: (
    args: ArgumentsOf<Id>,
    options?: CallOptions,
  ) => Promise<ResultOf<Id>>;
};

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Instead of the operation's own time-out. */
  readonly timeoutMs?: number | undefined;
  /** The id by which the service's log knows the call; 16 random hex digits unless given. */
  readonly opId?: string | undefined;
}

export interface Timeouts {
  /** GET of JSON. */
  readonly readMs: number;
  /** Everything that changes something: webhooks of the service take their time. */
  readonly writeMs: number;
  /** Uploads, downloads and logs: the service clones a repository or reads a whole log for them. */
  readonly transferMs: number;
}

const standardTimeouts: Timeouts = {
  readMs: 60_000,
  writeMs: 5 * 60_000,
  transferMs: 15 * 60_000,
};

export interface ControlServiceClientOptions {
  /** Without `/data-jobs`. */
  readonly baseUrl: string;
  readonly transport: HttpTransport;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly auth?: Auth | undefined;
  readonly userAgent?: string | undefined;
  readonly timeouts?: Partial<Timeouts> | undefined;
  /** One id for all calls, so that the service's log shows them as one piece of work. */
  readonly opId?: string | undefined;
}

/** Half of what the service's own clients use: 16 hex digits. */
const opIdBytes = 8;

export function createControlServiceClient(
  options: ControlServiceClientOptions,
): ControlServiceClient {
  const baseUrl = parseBaseUrl(options.baseUrl);
  const call = callWith(options, baseUrl);
  const methods = operationIds.map((id) => [
    id,
    (args: Arguments, callOptions: CallOptions = {}) => call(id, args, callOptions),
  ]);
  return Object.fromEntries(methods) as ControlServiceClient;
}

function callWith(options: ControlServiceClientOptions, baseUrl: string) {
  const { clock, random, log, auth = noAuth } = options;
  const timeouts = { ...standardTimeouts, ...options.timeouts };
  return async (id: OperationId, args: Arguments, callOptions: CallOptions) => {
    const opId = callOptions.opId ?? options.opId ?? random.hex(opIdBytes);
    const request = buildRequest(baseUrl, id, args);
    const timeoutMs = callOptions.timeoutMs ?? timeoutOf(id, timeouts);
    const startedMs = clock.elapsed();
    const outcome = (result: string) =>
      log.debug('called the Control Service', {
        operation: id,
        opId,
        result,
        ms: Math.round(clock.elapsed() - startedMs),
      });
    try {
      const result = await withDeadline(clock, id, timeoutMs, callOptions.signal, (signal) =>
        untilAborted(signal, sendWithToken({ ...options, auth }, id, opId, request, signal)),
      );
      outcome('ok');
      return result;
    } catch (error) {
      outcome(error instanceof ControlServiceError ? error.reason : 'failed');
      callOptions.signal?.throwIfAborted();
      if (error instanceof ControlServiceError) throw error;
      throw unreachable(id, opId, baseUrl, error);
    }
  };
}

type Sender = ControlServiceClientOptions & { readonly auth: Auth };

/** Sends with the current token; a refused one is renewed once, and the call sent again if it may. */
async function sendWithToken(
  sender: Sender,
  id: OperationId,
  opId: string,
  request: BuiltRequest,
  signal: AbortSignal,
): Promise<unknown> {
  const token = await sender.auth.token(signal);
  try {
    return await send(sender, id, opId, request, token, signal);
  } catch (error) {
    if (token === undefined || !hasReason(error, 'AuthenticationFailed')) throw error;
    const renewed = await sender.auth.renew(token, signal);
    if (renewed === undefined) throw error;
    if (!operationOf(id).safeToRepeat) throw renewedButNotRepeated(error);
    return await send(sender, id, opId, request, renewed, signal);
  }
}

async function send(
  { transport, auth, userAgent = 'datajob-operator', clock }: Sender,
  id: OperationId,
  opId: string,
  request: BuiltRequest,
  token: string | undefined,
  signal: AbortSignal,
): Promise<unknown> {
  const { secrets, ...rest } = request;
  const headers = {
    ...rest.headers,
    'user-agent': userAgent,
    'x-opid': opId,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const response = await transport({ ...rest, headers, signal });
  return await readAnswer(response, {
    operationId: id,
    opId,
    secrets: [...secrets, ...auth.secrets(), ...(token === undefined ? [] : [token])],
    nowMs: clock.now(),
  });
}

/** Nothing was done, but the caller must look before it repeats: so not at once, and not never. */
function renewedButNotRepeated(refused: ControlServiceError): ControlServiceError {
  const message = `${refused.message} The token has been renewed; the next try uses the new one.`;
  return new ControlServiceError('transient', 'AuthenticationFailed', message, refused);
}

function timeoutOf(id: OperationId, timeouts: Timeouts): number {
  const { method, success, request } = operationOf(id);
  const transfers =
    success.body === 'bytes' || request?.schema === 'bytes' || id === 'dataJobLogsDownload';
  if (transfers) return timeouts.transferMs;
  return method === 'GET' ? timeouts.readMs : timeouts.writeMs;
}

/** Without its cause, whose words differ from one time to the next and add nothing for a person. */
function unreachable(operationId: OperationId, opId: string, baseUrl: string, cause: unknown) {
  const { why, advice } = describeNetworkFailure(cause);
  return new ControlServiceError(
    'transient',
    'ControlServiceUnavailable',
    `${operationId} got no answer from ${baseUrl}: ${why}. What to do: ${advice}.`,
    { operationId, opId, why },
  );
}
