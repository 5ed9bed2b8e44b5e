/**
 * One call of the Data Jobs API: token, deadline, one replay after a refused token, and every way
 * it can fail as a `ControlServiceError`. What becomes of the answer is said by who calls.
 */
import { type Clock, withDeadline } from '../platform/clock.ts';
import type { HttpResponse, HttpTransport } from '../platform/http.ts';
import type { Log } from '../platform/log.ts';
import type { Random } from '../platform/random.ts';
import type { CallContext } from './answer.ts';
import { type Auth, noAuth } from './auth/auth.ts';
import { parseBaseUrl } from './base-url.ts';
import { type OperationId, operationOf } from './contract.ts';
import { ControlServiceError, hasReason } from './errors.ts';
import { describeNetworkFailure } from './network-failure.ts';
import { type Arguments, type BuiltRequest, buildRequest } from './request.ts';
import { untilAborted } from './until-aborted.ts';

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

/** Makes a result of an answer, or throws; reads the body or hands it on. */
export type ReadAnswer<T> = (response: HttpResponse, context: CallContext) => Promise<T>;

export type Call = <T>(
  id: OperationId,
  args: Arguments,
  options: CallOptions,
  read: ReadAnswer<T>,
) => Promise<T>;

/** Throws when the address is none. */
export function createCall(options: ControlServiceClientOptions): Call {
  const baseUrl = parseBaseUrl(options.baseUrl);
  const { clock, random, log, auth = noAuth } = options;
  const timeouts = { ...standardTimeouts, ...options.timeouts };
  return async (id, args, callOptions, read) => {
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
        untilAborted(signal, sendWithToken({ ...options, auth, read }, id, opId, request, signal)),
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

type Sender<T> = ControlServiceClientOptions & {
  readonly auth: Auth;
  readonly read: ReadAnswer<T>;
};

/** Sends with the current token; a refused one is renewed once, and the call sent again if it may. */
async function sendWithToken<T>(
  sender: Sender<T>,
  id: OperationId,
  opId: string,
  request: BuiltRequest,
  signal: AbortSignal,
): Promise<T> {
  const token = await sender.auth.token(signal);
  try {
    return await send(sender, id, opId, request, token, signal);
  } catch (error) {
    if (token === undefined || !hasReason(error, 'AuthenticationFailed')) throw error;
    const renewed = await sender.auth.renew(token, signal);
    if (renewed === undefined) throw error;
    if (!mayRepeat(id, request)) throw renewedButNotRepeated(error);
    return await send(sender, id, opId, request, renewed, signal);
  }
}

/** A stream has been used up by the first try. */
function mayRepeat(id: OperationId, { body }: BuiltRequest): boolean {
  const isWhole = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
  return operationOf(id).safeToRepeat && isWhole;
}

async function send<T>(
  { transport, auth, userAgent = 'datajob-operator', clock, read }: Sender<T>,
  id: OperationId,
  opId: string,
  request: BuiltRequest,
  token: string | undefined,
  signal: AbortSignal,
): Promise<T> {
  const { secrets, ...rest } = request;
  const headers = {
    ...rest.headers,
    'user-agent': userAgent,
    'x-opid': opId,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const response = await transport({ ...rest, headers, signal });
  return await read(response, {
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
