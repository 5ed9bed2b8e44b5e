/**
 * What can go wrong between us and a Kubernetes API server, as errors that say what to do. Which
 * answer means what is one pure table; every sentence names the request, the cause and the remedy.
 */
import { DeadlineError } from '../platform/clock.ts';
import { type Disposition, messageOf, OperatorError } from '../platform/errors.ts';
import { BodyTooLargeError } from '../platform/http.ts';

export class KubeError extends OperatorError {
  /** HTTP status of the answer; undefined when none came. */
  readonly status: number | undefined;

  constructor(
    disposition: Disposition,
    reason: string,
    message: string,
    options: ErrorOptions & { status?: number; retryAfterMs?: number | undefined } = {},
  ) {
    super(disposition, reason, message, options);
    this.name = 'KubeError';
    this.status = options.status;
  }
}

/** What the API server sends instead of an object when it refuses. */
export interface KubeStatus {
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: {
    readonly retryAfterSeconds?: number;
    /** What the refusal is about: of a missing namespace, not what was to be created in it. */
    readonly kind?: string;
    readonly causes?: readonly { readonly reason?: string }[] | null;
  };
}

/** The thing is not there, or the API does not serve its kind. */
export const isNotFound = (error: unknown): boolean => hasStatus(error, 404);
/** Somebody else wrote first, or the name is taken. */
export const isConflict = (error: unknown): boolean => hasStatus(error, 409);
/** Nothing new is created there: the namespace is being deleted, or is gone. */
export const isNamespaceEnding = (error: unknown): boolean =>
  error instanceof KubeError && error.reason === namespaceEnding;
/**
 * The server cannot serve this resourceVersion or continue token: it forgot it, or (restored from
 * a backup, or behind) does not have it yet. Only reading from the start helps.
 */
export const isExpired = (error: unknown): boolean =>
  hasStatus(error, 410) ||
  (hasStatus(error, 504) && /too large resource version/i.test(messageOf(error)));

function hasStatus(error: unknown, status: number): boolean {
  return error instanceof KubeError && error.status === status;
}

/**
 * Client errors that the same request would meet again are terminal. 401, 403 and 404 are not
 * among them: tokens are rotated, roles are granted and kinds are installed without a change to
 * the object at hand, so only trying again finds out.
 */
export function dispositionOfStatus(status: number): Disposition {
  if (status === 409) return 'conflict';
  if (status >= 500 || status < 400) return 'transient';
  return [401, 403, 404, 408, 410, 425, 429].includes(status) ? 'transient' : 'terminal';
}

/** Longer wishes of a server (or of a proxy in between) are taken for mistakes. */
const retryAfterMaxMs = 5 * 60_000;
/** Server text is quoted, not trusted: enough for every message of the real API server. */
const quoteMaxChars = 1_000;

/** The error for an answer that is not a success. `what` reads like "list widgets.example.com". */
export function errorOfAnswer(
  what: string,
  baseUrl: string,
  answer: { status: number; contentType: string; retryAfter: string | undefined; text: string },
  nowMs: number,
): KubeError {
  const body = statusIn(answer.text);
  const retryAfterMs =
    retryAfterOf(answer.retryAfter, nowMs) ?? secondsToMs(body?.details?.retryAfterSeconds);
  if (body === undefined && isWebPage(answer)) return webPageError(what, baseUrl, answer.status);
  return errorOfStatus(what, body ?? {}, answer.status, retryAfterMs);
}

/** The error for a Status object, from a refused request or from inside a watch. */
export function errorOfStatus(
  what: string,
  body: KubeStatus,
  status: number,
  retryAfterMs?: number,
): KubeError {
  const reason = /^[A-Z][A-Za-z]{1,60}$/.test(body.reason ?? '') ? body.reason : undefined;
  const said = body.message ? `: ${quoted(body.message)}` : '';
  const isEnding = speaksOfEndingNamespace(body, status);
  const advice = isEnding ? '' : adviceFor(status);
  return new KubeError(
    dispositionOfStatus(status),
    isEnding ? namespaceEnding : (reason ?? reasonOf(status)),
    `The Kubernetes API server refused to ${what} (${status}${reason ? ` ${reason}` : ''})${said}${advice}`,
    { status, retryAfterMs },
  );
}

/** The word of the API server itself, which it gives as a cause only. */
const namespaceEnding = 'NamespaceTerminating';

/** Refused like a missing permission (403), and once it is gone like a missing object (404). */
function speaksOfEndingNamespace({ details }: KubeStatus, status: number): boolean {
  const isEnding = details?.causes?.some?.(({ reason }) => reason === namespaceEnding) === true;
  return (status === 403 && isEnding) || (status === 404 && details?.kind === 'namespaces');
}

/** The error when no answer came at all, or none that could be read to its end. */
export function errorOfFailure(what: string, baseUrl: string, cause: unknown): KubeError {
  if (cause instanceof KubeError) return cause;
  if (cause instanceof DeadlineError) {
    return new KubeError(
      'transient',
      'Timeout',
      `The Kubernetes API server at ${baseUrl} took too long to ${what}. It may be overloaded, or a firewall drops the connection.`,
      { cause },
    );
  }
  if (cause instanceof BodyTooLargeError) {
    return new KubeError(
      'transient',
      'AnswerTooLarge',
      `The Kubernetes API server's answer to ${what} was not read: ${cause.message}.`,
      { cause },
    );
  }
  return new KubeError(
    'transient',
    'Unreachable',
    `Cannot ${what}: no answer from the Kubernetes API server at ${baseUrl} (${networkCause(cause)}).`,
    { cause },
  );
}

/** The error for a success that is not what a Kubernetes API server sends. */
export function errorOfNonsense(
  what: string,
  baseUrl: string,
  answer: { status: number; contentType: string; text: string },
): KubeError {
  if (isWebPage(answer)) return webPageError(what, baseUrl, answer.status);
  return new KubeError(
    'transient',
    'UnreadableAnswer',
    `The answer of ${baseUrl} to ${what} is not a whole JSON object (${answer.text.length} characters of "${quoted(answer.contentType) || 'no type'}"). Check that the address is a Kubernetes API server and that no proxy cuts its answers.`,
    { status: answer.status },
  );
}

function webPageError(what: string, baseUrl: string, status: number): KubeError {
  return new KubeError(
    'transient',
    'NotKubernetes',
    `${baseUrl} answered with a web page (${status}) when asked to ${what}. That is no Kubernetes API server: check the address, and whether a proxy or a login page stands in between.`,
    { status },
  );
}

function isWebPage({ contentType, text }: { contentType: string; text: string }): boolean {
  return contentType.includes('html') || /^\s*</.test(text);
}

function adviceFor(status: number): string {
  if (status === 401) {
    return '. Check the token or certificate in the kubeconfig, or that the service account still exists; new credentials are picked up without a restart.';
  }
  if (status === 403) {
    return '. If a permission is missing, grant it to this account with a Role or ClusterRole; work goes on by itself.';
  }
  if (status >= 300 && status < 400) {
    return '. Redirects are not followed: check the server address in the kubeconfig.';
  }
  return '';
}

function reasonOf(status: number): string {
  if (status === 401) return 'Unauthorized';
  if (status === 403) return 'Forbidden';
  if (status === 404) return 'NotFound';
  if (status === 409) return 'Conflict';
  if (status === 410) return 'Expired';
  if (status === 429) return 'TooManyRequests';
  return status >= 500 ? 'ServerError' : 'RequestRefused';
}

function statusIn(text: string): KubeStatus | undefined {
  try {
    const body: unknown = JSON.parse(text);
    const isStatus = typeof body === 'object' && body !== null && 'kind' in body;
    return isStatus && body.kind === 'Status' ? (body as KubeStatus) : undefined;
  } catch {
    return undefined;
  }
}

function retryAfterOf(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header.trim())) return secondsToMs(Number(header));
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : secondsToMs((at - nowMs) / 1000);
}

function secondsToMs(seconds: number | undefined): number | undefined {
  if (typeof seconds !== 'number' || !(seconds > 0)) return undefined;
  return Math.min(seconds * 1000, retryAfterMaxMs);
}

/** One line without control characters, cut to what a person reads. */
function quoted(text: string): string {
  const line = text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  return line.length > quoteMaxChars ? `${line.slice(0, quoteMaxChars)}…` : line;
}

const networkCauses: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused: nothing listens there; is the cluster running?',
  ENOTFOUND: 'no such host: check the server address in the kubeconfig and the name service',
  EAI_AGAIN: 'the name service does not answer: check the network',
  EHOSTUNREACH: 'no route to the host: check the network or VPN',
  ENETUNREACH: 'no route to the network: check the network or VPN',
  ETIMEDOUT: 'the connection timed out: check firewall, network or VPN',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out: check firewall, network or VPN',
  UND_ERR_HEADERS_TIMEOUT: 'it accepted the request and then stayed silent',
  UND_ERR_BODY_TIMEOUT: 'it stopped in the middle of its answer',
  ECONNRESET: 'it closed the connection: it may be restarting',
  UND_ERR_SOCKET: 'it closed the connection: it may be restarting',
  EPIPE: 'it closed the connection: it may be restarting',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name',
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted(),
  SELF_SIGNED_CERT_IN_CHAIN: untrusted(),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted(),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted(),
};

function untrusted(): string {
  return 'its certificate is not trusted: check certificate-authority in the kubeconfig';
}

function networkCause(error: unknown): string {
  const code = codeOf(error);
  return (code !== undefined && networkCauses[code]) || quoted(messageOf(error));
}

/** The code, which several failed attempts (IPv6, IPv4) or a wrapping error may hide. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return codeOf(error instanceof AggregateError ? error.errors[0] : error.cause);
}
