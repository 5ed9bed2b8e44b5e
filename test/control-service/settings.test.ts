import { expect, test } from 'vitest';
import { authFromEnvironment } from '../../src/control-service/auth/from-environment.ts';
import { type Environment, readEnvironment } from '../../src/control-service/settings.ts';
import { handlerTransport } from '../../src/platform/http.ts';
import { createManualClock } from '../support/manual-clock.ts';

test("the variables of VDK's own tools set everything up", () => {
  const settings = readEnvironment({
    VDK_CONTROL_SERVICE_REST_API_URL: ' http://vdk.test:8092 ',
    VDK_API_TOKEN: 'a-token',
    VDK_API_TOKEN_AUTHORIZATION_URL: 'https://issuer.test/token',
    VDK_CONTROL_HTTP_CONNECT_TIMEOUT_SECONDS: '2.5',
    VDK_CONTROL_HTTP_READ_TIMEOUT_SECONDS: '90',
    VDK_CONTROL_HTTP_CONNECT_RETRIES: '4',
    VDK_CONTROL_HTTP_TOTAL_RETRIES: '7',
    VDK_CONTROL_HTTP_CONNECTION_POOL_MAXSIZE: '3',
    VDK_CONTROL_HTTP_VERIFY_SSL: 'False',
    VDK_OP_ID_OVERRIDE: 'trace-1',
    VDK_CONTROL_SERVICE_USER_AGENT: 'mine/1',
  });
  expect(settings).toEqual({
    baseUrl: 'http://vdk.test:8092',
    apiToken: { token: 'a-token', authorizationUrl: 'https://issuer.test/token' },
    timeouts: { readMs: 90_000, writeMs: 90_000, transferMs: 90_000 },
    connectTimeoutMs: 2500,
    connections: 3,
    verifyTls: false,
    opId: 'trace-1',
    userAgent: 'mine/1',
    retries: 4,
    problems: [],
  });
});

test('an empty environment is a good one', () => {
  const settings = readEnvironment({ VDK_API_TOKEN: '' });
  expect(settings).toMatchObject({ verifyTls: true, timeouts: {}, problems: [] });
});

const wrong: readonly { env: Environment; problem: RegExp }[] = [
  { env: { VDK_CONTROL_SERVICE_REST_API_URL: 'vdk.test' }, problem: /API_URL is wrong: .* no URL/ },
  { env: { VDK_CONTROL_SERVICE_REST_API_URL: 'ftp://a' }, problem: /begin with http/ },
  {
    env: { VDK_CONTROL_SERVICE_REST_API_URL: 'http://a/data-jobs' },
    problem: /without \/data-jobs/,
  },
  { env: { VDK_CONTROL_SERVICE_REST_API_URL: 'http://u:canary@a' }, problem: /user or a password/ },
  { env: { VDK_API_TOKEN: 'canary' }, problem: /AUTHORIZATION_URL is not: set both/ },
  { env: { VDK_API_TOKEN_AUTHORIZATION_URL: 'https://a' }, problem: /VDK_API_TOKEN is not/ },
  {
    env: { VDK_API_TOKEN: 'canary', VDK_API_TOKEN_AUTHORIZATION_URL: 'file:///x' },
    problem: /is no URL/,
  },
  {
    env: { VDK_API_TOKEN: 'canary token', VDK_API_TOKEN_AUTHORIZATION_URL: 'https://a' },
    problem: /no token has/,
  },
  {
    env: { VDK_CONTROL_HTTP_READ_TIMEOUT_SECONDS: '-1' },
    problem: /number of seconds, but is "-1"/,
  },
  { env: { VDK_CONTROL_HTTP_READ_TIMEOUT_SECONDS: 'Infinity' }, problem: /number of seconds/ },
  { env: { VDK_CONTROL_HTTP_READ_RETRIES: '1.5' }, problem: /whole number of at least 0/ },
  { env: { VDK_CONTROL_HTTP_CONNECTION_POOL_MAXSIZE: '0' }, problem: /at least 1/ },
  { env: { VDK_CONTROL_HTTP_VERIFY_SSL: 'maybe' }, problem: /true or false, but is "maybe"/ },
  { env: { VDK_OP_ID_OVERRIDE: 'a\nb' }, problem: /becomes a header/ },
];
test.each(wrong)('$problem', ({ env, problem }) => {
  const { problems } = readEnvironment(env);
  expect(problems).toEqual([expect.stringMatching(problem)]);
  expect(problems.join()).not.toContain('canary');
});

test('several wrong settings are several sentences', () => {
  const { problems } = readEnvironment({
    VDK_CONTROL_HTTP_VERIFY_SSL: 'maybe',
    VDK_CONTROL_SERVICE_REST_API_URL: 'nowhere',
  });
  expect(problems).toHaveLength(2);
});

test('the environment decides how the client proves who it is', async () => {
  const transport = handlerTransport(async () => Response.json({ access_token: 'from-issuer' }));
  const deps = { transport, clock: createManualClock() };
  const signal = new AbortController().signal;
  const apiToken = { token: 'a-token', authorizationUrl: 'https://issuer.test' };
  expect(await authFromEnvironment({ apiToken }, deps).token(signal)).toBe('from-issuer');
  expect(await authFromEnvironment({ apiToken: undefined }, deps).token(signal)).toBeUndefined();
});
