import { describe, expect, test } from 'vitest';
import { apiTokenAuth, clientCredentialsAuth } from '../../../src/control-service/auth/oauth.ts';
import { createControlServiceClient } from '../../../src/control-service/client.ts';
import type { ControlServiceError } from '../../../src/control-service/errors.ts';
import { type HttpHandler, handlerTransport } from '../../../src/platform/http.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { systemRandom } from '../../../src/platform/random.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const apiToken = 'canary-refresh-token';
const authorizationUrl = 'https://issuer.test/token?key=canary-key';

/** A token endpoint that counts, and gives token-1, token-2 … */
function anIssuer(answer?: (count: number, request: Request) => Response | Promise<Response>) {
  const requests: Request[] = [];
  const standard = (count: number) =>
    Response.json({ access_token: `token-${count}`, expires_in: 600 });
  const transport = handlerTransport(async (request) => {
    requests.push(request.clone());
    return await (answer ?? standard)(requests.length, request);
  });
  return { requests, transport };
}

function anApiTokenAuth(answer?: Parameters<typeof anIssuer>[0]) {
  const clock = createManualClock();
  const issuer = anIssuer(answer);
  const auth = apiTokenAuth({ authorizationUrl, apiToken, transport: issuer.transport, clock });
  return { auth, clock, ...issuer };
}

const signal = new AbortController().signal;

async function failureOf(work: Promise<unknown>): Promise<ControlServiceError> {
  return (await work.then(
    () => expect.unreachable('it did not fail'),
    (error: unknown) => error,
  )) as ControlServiceError;
}

describe('VDK API tokens', () => {
  test('the API token is exchanged by a plain form post without any client identity', async () => {
    const { auth, requests } = anApiTokenAuth();
    expect(await auth.token(signal)).toBe('token-1');
    const [request] = requests;
    expect(request?.headers.get('content-type')).toBe('application/x-www-form-urlencoded');
    expect(request?.headers.get('authorization')).toBeNull();
    expect(await request?.text()).toBe(
      'grant_type=refresh_token&refresh_token=canary-refresh-token',
    );
  });

  test('a token is kept until a minute before its end, then fetched anew', async () => {
    const { auth, clock, requests } = anApiTokenAuth();
    await auth.token(signal);
    await clock.advance(539_000);
    expect(await auth.token(signal)).toBe('token-1');
    await clock.advance(1_000);
    expect(await auth.token(signal)).toBe('token-2');
    expect(requests).toHaveLength(2);
  });

  test('a jump of the wall clock neither ends nor prolongs a token', async () => {
    const { auth, clock } = anApiTokenAuth();
    await auth.token(signal);
    clock.jumpWallClock(86_400_000);
    expect(await auth.token(signal)).toBe('token-1');
  });

  test.each([
    { name: 'missing', expiresIn: undefined, laterMs: 200_000, want: 'token-1' },
    { name: 'text', expiresIn: '600', laterMs: 500_000, want: 'token-1' },
    { name: 'short', expiresIn: 40, laterMs: 25_000, want: 'token-1' },
    { name: 'short and nearly over', expiresIn: 40, laterMs: 35_000, want: 'token-2' },
    { name: 'zero', expiresIn: 0, laterMs: 0, want: 'token-2' },
    { name: 'nonsense', expiresIn: { a: 1 }, laterMs: 200_000, want: 'token-1' },
  ])('expires_in that is $name is understood', async ({ expiresIn, laterMs, want }) => {
    const { auth, clock } = anApiTokenAuth((count) =>
      Response.json({ access_token: `token-${count}`, expires_in: expiresIn }),
    );
    await auth.token(signal);
    await clock.advance(laterMs);
    expect(await auth.token(signal)).toBe(want);
  });

  test('200 calls over an expiring token cause one refresh', async () => {
    const { auth, clock, requests } = anApiTokenAuth();
    await auth.token(signal);
    await clock.advance(599_000);
    const tokens = await Promise.all(Array.from({ length: 200 }, () => auth.token(signal)));
    expect(new Set(tokens)).toEqual(new Set(['token-2']));
    expect(requests).toHaveLength(2);
  });

  test('200 calls that meet the same refusal renew once and all succeed', async () => {
    const { auth, clock, requests } = anApiTokenAuth();
    const service: HttpHandler = async (request) =>
      request.headers.get('authorization') === 'Bearer token-2'
        ? Response.json({ job_name: 'some-job' })
        : new Response(null, { status: 401 });
    const client = createControlServiceClient({
      baseUrl: 'http://vdk.test',
      transport: handlerTransport(service),
      clock,
      random: systemRandom,
      log: silentLog,
      auth,
    });
    const calls = Array.from({ length: 200 }, () =>
      client.dataJobRead({ teamName: 't', jobName: 'some-job' }),
    );
    expect(await Promise.all(calls)).toHaveLength(200);
    expect(requests).toHaveLength(2);
  });

  test('a refusal of a token that has been renewed meanwhile asks for no other one', async () => {
    const { auth, requests } = anApiTokenAuth();
    await auth.token(signal);
    expect(await auth.renew('token-1', signal)).toBe('token-2');
    expect(await auth.renew('token-1', signal)).toBe('token-2');
    expect(requests).toHaveLength(2);
  });

  test('a caller that gives up does not take the refresh of the others with it', async () => {
    let answer: (response: Response) => void = () => {};
    const { auth, requests } = anApiTokenAuth(
      () => new Promise<Response>((resolve) => (answer = resolve)),
    );
    const giving = new AbortController();
    const first = auth.token(giving.signal);
    const second = auth.token(signal);
    giving.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    answer(Response.json({ access_token: 'token-1', expires_in: 600 }));
    expect(await second).toBe('token-1');
    expect(requests).toHaveLength(1);
  });

  test('a failing issuer is no matter while the old token still works, and is left in peace', async () => {
    const { auth, clock, requests } = anApiTokenAuth((count) =>
      count === 2
        ? new Response(null, { status: 503 })
        : Response.json({ access_token: `token-${count}`, expires_in: 600 }),
    );
    await auth.token(signal);
    await clock.advance(545_000);
    expect(await auth.token(signal)).toBe('token-1');
    expect(await auth.token(signal)).toBe('token-1');
    expect(requests).toHaveLength(2);
    await clock.advance(5_000);
    expect(await auth.token(signal)).toBe('token-3');
  });

  test('an issuer that never answers is given up', async () => {
    const { auth, clock } = anApiTokenAuth(() => new Promise(() => {}));
    const failure = failureOf(auth.token(signal));
    await clock.advance(30_000);
    const error = await failure;
    expect([error.disposition, error.reason]).toEqual(['transient', 'ControlServiceUnavailable']);
    expect(error.message).toContain('getting a token took longer than 30 s');
  });

  const answers = [
    {
      name: 'a refused API token',
      answer: () =>
        Response.json(
          { error: 'invalid_grant', error_description: `no ${apiToken}` },
          { status: 400 },
        ),
      want: ['terminal', 'AuthenticationFailed', /answered 400 \(invalid_grant: no \[removed\]\)/],
    },
    {
      name: 'an outage',
      answer: () => new Response('<html>', { status: 502 }),
      want: ['transient', 'ControlServiceUnavailable', /answered 502/],
    },
    {
      name: 'a redirect to another host',
      answer: () => new Response(null, { status: 307, headers: { Location: 'https://evil.test' } }),
      want: ['transient', 'ControlServiceUnavailable', /redirects are not followed/],
    },
    {
      name: 'a page instead of a token',
      answer: () => new Response('<html>log in</html>'),
      want: ['transient', 'ControlServiceUnavailable', /without an access_token/],
    },
    {
      name: 'a token that would smuggle a header in',
      answer: () => Response.json({ access_token: 'a\r\nX-Evil: 1' }),
      want: ['terminal', 'AuthenticationFailed', /no token has/],
    },
  ] as const;
  test.each(answers)('$name is said so, without secrets', async ({ answer, want }) => {
    const { auth, requests } = anApiTokenAuth(answer);
    const error = await failureOf(auth.token(signal));
    expect([error.disposition, error.reason]).toEqual(want.slice(0, 2));
    expect(error.message).toMatch(want[2]);
    expect(`${error.message}${JSON.stringify(error)}`).not.toMatch(/canary/);
    expect(requests).toHaveLength(1);
  });
});

test('client credentials go into a Basic header, form-encoded as the standard wants', async () => {
  const { requests, transport } = anIssuer();
  const auth = clientCredentialsAuth({
    tokenUrl: 'https://issuer.test/token',
    clientId: 'an id',
    clientSecret: 's:e/c',
    scopes: ['jobs', 'more'],
    transport,
    clock: createManualClock(),
  });
  expect(await auth.token(signal)).toBe('token-1');
  const basic = requests[0]?.headers.get('authorization')?.replace('Basic ', '') ?? '';
  expect(Buffer.from(basic, 'base64').toString()).toBe('an+id:s%3Ae%2Fc');
  expect(await requests[0]?.text()).toBe('grant_type=client_credentials&scope=jobs+more');
  expect(auth.secrets()).toContain(basic);
});
