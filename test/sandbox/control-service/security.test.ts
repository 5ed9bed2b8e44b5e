/** Security on: the issuer beside the service, and what its tokens open. */
import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { handlerTransport } from '../../../src/platform/http.ts';
import { createHarness } from './harness.ts';

const settings = {
  security: { apiTokens: { 'api-token': 'alice' }, clients: { operator: 's3cret' } },
};
const info = '/data-jobs/for-team/a/info';
const form = { 'Content-Type': 'application/x-www-form-urlencoded' };

test('an API token becomes an access token, and that opens the API', async () => {
  const h = createHarness(settings);
  expect((await h.call('GET', info)).status).toBe(401);
  const grant = 'grant_type=refresh_token&refresh_token=api-token';
  const { json } = await h.call('POST', '/issuer/token', grant, form);
  expect(json).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
  const Authorization = `Bearer ${json.access_token}`;
  expect((await h.call('GET', info, undefined, { Authorization })).status).toBe(200);
  await h.clock.advance(3_661_000);
  expect((await h.call('GET', info, undefined, { Authorization })).status).toBe(401);
});

test.each([
  { grant: 'grant_type=refresh_token&refresh_token=wrong', status: 400, error: 'invalid_grant' },
  { grant: 'grant_type=refresh_token&refresh_token=toString', status: 400, error: 'invalid_grant' },
  { grant: 'grant_type=password', status: 400, error: 'unsupported_grant_type' },
  {
    grant: 'grant_type=client_credentials&client_id=operator&client_secret=x',
    status: 401,
    error: 'invalid_client',
  },
])('the grant $grant is refused', async ({ grant, status, error }) => {
  const h = createHarness(settings);
  const answer = await h.call('POST', '/issuer/token', grant, form);
  expect([answer.status, answer.json]).toEqual([status, { error }]);
});

test('a client gets a token by its secret, in the form or as Basic', async () => {
  const h = createHarness(settings);
  const basic = { Authorization: `Basic ${Buffer.from('operator:s3cret').toString('base64')}` };
  const inForm = 'grant_type=client_credentials&client_id=operator&client_secret=s3cret';
  expect((await h.call('POST', '/issuer/token', inForm, form)).status).toBe(200);
  const asBasic = await h.call('POST', '/issuer/token', 'grant_type=client_credentials', {
    ...form,
    ...basic,
  });
  expect(asBasic.status).toBe(200);
});

test('the published keys verify the tokens, for whoever looks them up', async () => {
  const h = createHarness(settings);
  const discovery = (await h.call('GET', '/issuer/.well-known/openid-configuration')).json;
  const keys = createRemoteJWKSet(new URL(discovery.jwks_uri), {
    [customFetch]: (url: string) => h.service.handler(new Request(url)),
  });
  const token = await h.service.issueToken({ sub: 'x' }, discovery.issuer);
  const currentDate = new Date(h.clock.now());
  expect((await jwtVerify(token, keys, { currentDate })).payload.iss).toBe(discovery.issuer);
});

test('a token signed by someone else is refused', async () => {
  const [ours, theirs] = [createHarness(settings), createHarness(settings)];
  const issuer = 'http://service.test/issuer';
  await ours.service.issueToken({}, issuer);
  const Authorization = `Bearer ${await theirs.service.issueToken({ username: 'eve' }, issuer)}`;
  const answer = await ours.call('GET', info, undefined, { Authorization });
  expect(answer.status).toBe(401);
  expect(answer.headers.get('www-authenticate')).toContain('Invalid signature');
});

test('with a secret store a token without a user opens only the team whose client it names', async () => {
  const h = createHarness({ ...settings, secrets: 'on' });
  const issuer = 'http://service.test/issuer';
  const admin = {
    Authorization: `Bearer ${await h.service.issueToken({ username: 'root' }, issuer)}`,
  };
  const credentials = { clientId: 'ours', clientSecret: 'x' };
  await h.call('PUT', '/data-jobs/teams/team-a/oauth-credentials', credentials, admin);
  const client = {
    Authorization: `Bearer ${await h.service.issueToken({ sub: 'app:ours' }, issuer)}`,
  };
  const path = (team: string) => `/data-jobs/for-team/${team}/jobs`;
  const create = (team: string) =>
    h.call(
      'POST',
      path(team),
      { job_name: `job-of-${team}`, config: { generate_keytab: false } },
      client,
    );
  expect((await create('team-a')).status).toBe(201);
  const dropped = await create('team-b');
  expect([dropped.status, dropped.text], 'nothing is done and nothing said').toEqual([200, '']);
  expect((await h.call('GET', `${path('team-b')}/job-of-team-b`, undefined, admin)).status).toBe(
    404,
  );
});

test('webhooks are told who asks for what, and asked again only after a 5xx', async () => {
  const asked: { url: string; body: Record<string, unknown> }[] = [];
  let status = 500;
  const transport = handlerTransport(async (request) => {
    asked.push({ url: request.url, body: (await request.json()) as Record<string, unknown> });
    return new Response(null, { status });
  });
  const h = createHarness({ webhooks: { transport, postCreateUrl: 'http://hook.test/created' } });
  const path = '/data-jobs/for-team/team%20a/jobs';
  const body = { job_name: 'the-job', config: { generate_keytab: false } };
  expect((await h.call('POST', path, body)).status).toBe(503);
  expect(asked).toHaveLength(4);
  expect(asked[0]).toEqual({
    url: `http://hook.test/created${path}`,
    body: {
      requester_user_id: 'anonymousUser',
      requested_resource_team: 'team a',
      requested_resource_name: 'data-job',
      requested_resource_id: 'the-job',
      requested_http_path: '/data-jobs/for-team/team a/jobs',
      requested_http_verb: 'POST',
      requested_resource_new_team: null,
    },
  });
  status = 204;
  expect((await h.call('POST', path, body)).status).toBe(201);
});
