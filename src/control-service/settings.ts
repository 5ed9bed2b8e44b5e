/**
 * The settings that VDK users have in their environment already, under the names that VDK's own
 * tools read. Every wrong one is a sentence of its own, and none ever shows a token.
 */
import { wrongWithBaseUrl } from './base-url.ts';
import type { Timeouts } from './client.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface EnvironmentSettings {
  readonly baseUrl: string | undefined;
  readonly apiToken: { readonly token: string; readonly authorizationUrl: string } | undefined;
  /** VDK's tools read this and never apply it; here it holds for every call. */
  readonly timeouts: Partial<Timeouts>;
  readonly connectTimeoutMs: number | undefined;
  /** Connections at one time. */
  readonly connections: number | undefined;
  readonly verifyTls: boolean;
  readonly opId: string | undefined;
  readonly userAgent: string | undefined;
  /** For `withRetries`: the least of what is set for all, for connections and for answers. */
  readonly retries: number | undefined;
  /** What is wrong, one sentence each; what they are about is left out above. */
  readonly problems: readonly string[];
}

const retryVariables = [
  'VDK_CONTROL_HTTP_TOTAL_RETRIES',
  'VDK_CONTROL_HTTP_CONNECT_RETRIES',
  'VDK_CONTROL_HTTP_READ_RETRIES',
];

export function readEnvironment(env: Environment): EnvironmentSettings {
  const reader = createReader(env);
  const readMs = reader.seconds('VDK_CONTROL_HTTP_READ_TIMEOUT_SECONDS');
  const retries = retryVariables
    .map((name) => reader.integer(name, 0))
    .filter((each) => each !== undefined);
  return {
    baseUrl: reader.baseUrl('VDK_CONTROL_SERVICE_REST_API_URL'),
    apiToken: reader.apiToken('VDK_API_TOKEN', 'VDK_API_TOKEN_AUTHORIZATION_URL'),
    timeouts: readMs === undefined ? {} : { readMs, writeMs: readMs, transferMs: readMs },
    connectTimeoutMs: reader.seconds('VDK_CONTROL_HTTP_CONNECT_TIMEOUT_SECONDS'),
    connections: reader.integer('VDK_CONTROL_HTTP_CONNECTION_POOL_MAXSIZE', 1),
    verifyTls: reader.flag('VDK_CONTROL_HTTP_VERIFY_SSL') ?? true,
    opId: reader.headerText('VDK_OP_ID_OVERRIDE'),
    userAgent: reader.headerText('VDK_CONTROL_SERVICE_USER_AGENT'),
    retries: retries.length === 0 ? undefined : Math.min(...retries),
    problems: reader.problems,
  };
}

function createReader(env: Environment) {
  const problems: string[] = [];
  const text = (name: string) => env[name]?.trim() || undefined;
  const wrong = (sentence: string) => {
    problems.push(sentence);
    return undefined;
  };
  const number = (name: string, isGood: (value: number) => boolean, rule: string) => {
    const value = text(name);
    if (value === undefined) return undefined;
    return isGood(Number(value))
      ? Number(value)
      : wrong(`${name} must be ${rule}, but is "${value}".`);
  };
  return {
    problems,
    integer: (name: string, least: number) =>
      number(
        name,
        (value) => Number.isSafeInteger(value) && value >= least,
        `a whole number of at least ${least}`,
      ),
    seconds(name: string) {
      const value = number(
        name,
        (each) => each > 0 && Number.isFinite(each),
        'a number of seconds',
      );
      return value === undefined ? undefined : value * 1000;
    },
    flag(name: string) {
      const value = text(name)?.toLowerCase();
      if (value === undefined) return undefined;
      if (['true', '1', 't', 'yes', 'y', 'on'].includes(value)) return true;
      if (['false', '0', 'f', 'no', 'n', 'off'].includes(value)) return false;
      return wrong(`${name} must be true or false, but is "${value}".`);
    },
    headerText(name: string) {
      const value = text(name);
      if (value === undefined || /^[\x20-\x7e]+$/.test(value)) return value;
      return wrong(`${name} may hold only plain ASCII characters: it becomes a header.`);
    },
    baseUrl(name: string) {
      const value = text(name);
      const problem = value === undefined ? undefined : wrongWithBaseUrl(value);
      return problem === undefined ? value : wrong(`${name} is wrong: ${problem}.`);
    },
    apiToken(tokenName: string, urlName: string) {
      const token = text(tokenName);
      const authorizationUrl = text(urlName);
      if (token === undefined && authorizationUrl === undefined) return undefined;
      if (token === undefined) return wrong(`${urlName} is set but ${tokenName} is not: set both.`);
      if (authorizationUrl === undefined) {
        return wrong(`${tokenName} is set but ${urlName} is not: set both.`);
      }
      if (!/^https?:$/.test(URL.parse(authorizationUrl)?.protocol ?? '')) {
        return wrong(`${urlName} is no URL; write it as https://host/path.`);
      }
      if (!/^[\x21-\x7e]+$/.test(token)) {
        return wrong(`${tokenName} holds characters that no token has: check how it was copied.`);
      }
      return { token, authorizationUrl };
    },
  };
}
