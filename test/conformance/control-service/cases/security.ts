/** Security: what is refused without a good token, and what is open to all. */
import assert from 'node:assert/strict';
import type { JWTPayload } from 'jose';
import { isEmpty, isRefusedToken, isStatus } from '../answer.ts';
import type { ConformanceCase } from '../case.ts';

export const securityCases: readonly ConformanceCase[] = [...refused(), ...ownTokens(), ...open()];

function refused(): readonly ConformanceCase[] {
  const headers = [
    ['no token', undefined],
    ['another scheme', 'Basic YWxpY2U6cHc='],
    ['no text after the scheme', 'Bearer'],
    ['a token that is none', 'Bearer garbage'],
    ['a token that only looks like one', 'Bearer aaa.bbb.ccc'],
  ] as const;
  return [
    ...headers.map(
      ([what, authorization]): ConformanceCase => ({
        name: `with security on ${what} is refused with 401 without a body or an operation id`,
        covers: [],
        needs: ['security'],
        async run(b) {
          const answer = await b.send(
            'info',
            { teamName: b.team },
            {
              token: undefined,
              ...(authorization === undefined ? {} : { headers: { authorization } }),
            },
          );
          isRefusedToken(answer, 401);
          const invalid = answer.headers.get('www-authenticate')?.includes('error="invalid_token"');
          assert.equal(invalid, authorization?.startsWith('Bearer') ?? false);
        },
      }),
    ),
    {
      name: 'with security on unknown paths and writes are refused alike without a token',
      covers: ['dataJobRead'],
      needs: ['security'],
      async run(b) {
        isRefusedToken(await b.call('GET', '/data-jobs/nowhere', { token: undefined }), 401);
        const job = b.nameJob();
        const body = { job_name: job.jobName };
        isRefusedToken(await b.send('dataJobCreate', job, { body, token: undefined }), 401);
        isEmpty(await b.send('dataJobRead', job), 404);
      },
    },
    {
      name: 'with security off a token is not looked at',
      covers: ['info'],
      needs: ['noSecurity'],
      async run(b) {
        isStatus(await b.send('info', { teamName: b.team }, { token: 'garbage' }), 200);
      },
    },
  ];
}

function ownTokens(): readonly ConformanceCase[] {
  const claims = (now: number) =>
    ({
      'that expired two minutes ago': [{ iat: now - 600, exp: now - 120 }, 401],
      'that expired half a minute ago': [{ iat: now - 600, exp: now - 30 }, 200],
      'that is not yet valid': [{ nbf: now + 300 }, 401],
      'without an end': [{ exp: undefined }, 200],
      'of another issuer': [{ iss: 'http://localhost:1/issuer' }, 401],
    }) as const satisfies Record<string, readonly [JWTPayload, number]>;
  return [
    ...Object.keys(claims(0)).map(
      (what): ConformanceCase => ({
        name: `a token ${what} is answered ${claims(0)[what as keyof ReturnType<typeof claims>][1]}`,
        covers: [],
        needs: ['ownTokens'],
        async run(b) {
          const now = Math.trunc(b.now() / 1_000);
          const [own, status] = claims(now)[what as keyof ReturnType<typeof claims>];
          const token = await b.powers.issueToken({ username: 'alice', ...own });
          const answer = await b.send('info', { teamName: b.team }, { token });
          if (status === 200) isStatus(answer, 200);
          else isRefusedToken(answer, status);
        },
      }),
    ),
    {
      name: 'a token of an application opens only its team: elsewhere nothing is done and nothing said, with 200',
      covers: ['dataJobCreate', 'dataJobRead', 'oauthCredentialsPut'],
      traps: [23],
      needs: ['ownTokens', 'secretStore'],
      async run(b) {
        const clientId = `client of ${b.team}`;
        const body = { clientId, clientSecret: 'x' };
        await b.client.oauthCredentialsPut({ teamName: b.team, body });
        const token = await b.powers.issueToken({ sub: `app:${clientId}` });
        const create = async (teamName: string) => {
          const job = b.nameJob(undefined, teamName);
          const config = { generate_keytab: false };
          const made = { job_name: job.jobName, config };
          return { job, answer: await b.send('dataJobCreate', job, { body: made, token }) };
        };
        const here = await create(b.team);
        isEmpty(here.answer, 201);
        const elsewhere = await create(b.otherTeam);
        isEmpty(elsewhere.answer, 200);
        isEmpty(await b.send('dataJobRead', elsewhere.job), 404);
      },
    },
    {
      name: 'a token without a user is let through where there is no secret store',
      covers: ['info'],
      needs: ['ownTokens', 'noSecretStore'],
      async run(b) {
        const token = await b.powers.issueToken({ sub: 'someone' });
        isStatus(await b.send('info', { teamName: b.team }, { token }), 200);
      },
    },
    {
      name: 'where a webhook is asked about users, a deployment and a run tell who it was',
      covers: ['deploymentUpdate', 'deploymentList', 'dataJobExecutionStart'],
      needs: ['ownTokens', 'webhooks'],
      async run(b) {
        const token = await b.powers.issueToken({ username: 'alice' });
        const job = await b.createJob();
        const job_version = await b.upload(job);
        const deployed = { job_version, enabled: true };
        isEmpty(await b.send('deploymentUpdate', job, { body: deployed, token }), 202);
        const { last_deployed_by } = await b.deployedAs(job, { job_version });
        assert.equal(last_deployed_by, 'alice');
        const body = { started_by: 'manual/conformance' };
        const { headers } = await b.send('dataJobExecutionStart', job, { body, token });
        const executionId = headers.get('location')?.replace(/^.*\//, '') ?? '';
        const { started_by } = await b.execution(job, executionId);
        assert.equal(started_by, 'manual/conformance/alice');
      },
    },
  ];
}

function open(): readonly ConformanceCase[] {
  return [
    {
      name: 'client ids and helper pages are open without a token, whatever they say',
      covers: ['clientIdGet', 'getTeamIdsForClientIds'],
      needs: ['security'],
      async run(b) {
        const team = { teamName: b.team };
        const answers = [
          await b.send('clientIdGet', team, { token: undefined }),
          await b.send('getTeamIdsForClientIds', team, { token: undefined, body: ['x'] }),
          await b.call('GET', '/data-jobs/debug/health', { token: undefined }),
          await b.call('GET', '/data-jobs/debug/no-such-page', { token: undefined }),
        ];
        for (const { status, of } of answers) assert.notEqual(status, 401, of);
        const path = `/data-jobs/teams/${encodeURIComponent(b.team)}/oauth-credentials`;
        isRefusedToken(await b.call('GET', path, { token: undefined }), 401);
      },
    },
  ];
}
