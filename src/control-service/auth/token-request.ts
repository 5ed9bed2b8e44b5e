/** One request to a token endpoint. Nothing that it answers is ever quoted but its error words. */
import { type HttpResponse, type HttpTransport, readText } from '../../platform/http.ts';
import { ControlServiceError } from '../errors.ts';
import { describeNetworkFailure } from '../network-failure.ts';
import { cleanText } from '../untrusted-text.ts';
import type { FetchedToken } from './refreshing.ts';
import { authenticationFailed, checkedToken } from './token.ts';

export interface TokenRequest {
  readonly url: string;
  readonly form: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly transport: HttpTransport;
  readonly secrets: readonly string[];
}

/** An answer holds a token of a few kB; more is no answer of a token endpoint. */
const answerBytesMax = 256 * 1024;
/** When the endpoint does not say how long a token works; a refusal before that renews it anyway. */
const assumedLifetimeMs = 5 * 60_000;
/** Longer lives are not believed: clocks stop, keys change. */
const lifetimeMaxMs = 24 * 3_600_000;

export async function requestToken(
  request: TokenRequest,
  signal: AbortSignal,
): Promise<FetchedToken> {
  const { url, form, headers, transport, secrets } = request;
  let response: HttpResponse;
  let text: string;
  try {
    response = await transport({
      method: 'POST',
      url,
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
        ...headers,
      },
      body: new URLSearchParams(form).toString(),
      signal,
    });
    text = await readText(response, answerBytesMax);
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    const { why, advice } = describeNetworkFailure(cause);
    throw unavailable(url, `gave no answer: ${cleanText(why, secrets)}`, advice);
  }
  const answer = parsed(text);
  if (response.status !== 200) throw refusal(url, response.status, answer, secrets);
  const { access_token: token, expires_in: expiresIn } = answer;
  if (typeof token !== 'string') {
    throw unavailable(
      url,
      'answered 200 without an access_token',
      'check that it is the token endpoint',
    );
  }
  return {
    token: checkedToken(token, `the access_token of ${originOf(url)}`),
    lifetimeMs: lifetimeMs(expiresIn),
  };
}

function lifetimeMs(expiresIn: unknown): number {
  const seconds = expiresIn === undefined || expiresIn === null ? Number.NaN : Number(expiresIn);
  if (!Number.isFinite(seconds)) return assumedLifetimeMs;
  return Math.min(Math.max(seconds * 1000, 0), lifetimeMaxMs);
}

/** These say that the credentials are wrong; everything else may pass by itself. */
const refusedStatuses = [400, 401, 403];

function refusal(
  url: string,
  status: number,
  answer: Readonly<Record<string, unknown>>,
  secrets: readonly string[],
): ControlServiceError {
  const said = [answer.error, answer.error_description]
    .filter((each) => typeof each === 'string')
    .map((each) => cleanText(each, secrets))
    .join(': ');
  const why = `answered ${status}${said === '' ? '' : ` (${said})`}`;
  if (refusedStatuses.includes(status)) {
    return authenticationFailed(
      `the token endpoint at ${originOf(url)} ${why}`,
      'check the API token or the client credentials; they may have expired',
    );
  }
  const advice =
    status >= 300 && status < 400
      ? 'redirects are not followed: use the address that it leads to, if it is right'
      : 'it is tried again; look at the token endpoint if this goes on';
  return unavailable(url, why, advice);
}

function unavailable(url: string, why: string, advice: string): ControlServiceError {
  return new ControlServiceError(
    'transient',
    'ControlServiceUnavailable',
    `the token endpoint at ${originOf(url)} ${why}. What to do: ${advice}.`,
    { why },
  );
}

/** Some endpoints have keys in their query. */
function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'an address that is no URL';
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
