/** Secrets of jobs, and OAuth credentials of teams. */
import assert from 'node:assert/strict';
import { isEmpty, isFourFields, isJson, isStatus } from '../answer.ts';
import type { ConformanceCase } from '../case.ts';
import { values } from './properties.ts';

export const secretCases: readonly ConformanceCase[] = [
  ...secrets(),
  ...credentials(),
  ...withoutStore(),
];

function secrets(): readonly ConformanceCase[] {
  return [
    {
      name: 'secrets of a job that has none, and of one that is not there, are an empty object',
      covers: ['dataJobSecretsRead'],
      traps: [18],
      needs: ['secretStore'],
      async run(b) {
        for (const job of [await b.createJob(), b.nameJob()]) {
          const answer = await b.send('dataJobSecretsRead', job);
          isJson(answer, 200, {});
          assert.deepEqual(answer.json, {});
        }
      },
    },
    {
      name: 'secrets are written with 202 without a body, replace the whole set, and are there at once',
      covers: ['dataJobSecretsUpdate', 'dataJobSecretsRead'],
      traps: [18],
      needs: ['secretStore'],
      async run(b) {
        const job = b.nameJob();
        isEmpty(await b.send('dataJobSecretsUpdate', job, { body: { a: '1', b: '2' } }), 202);
        isEmpty(await b.send('dataJobSecretsUpdate', job, { body: { b: '3' } }), 202);
        assert.deepEqual(await b.client.dataJobSecretsRead(job), { b: '3' });
      },
    },
    {
      name: 'secrets belong to team and job together',
      covers: ['dataJobSecretsUpdate', 'dataJobSecretsRead'],
      traps: [24],
      needs: ['secretStore'],
      async run(b) {
        const job = b.nameJob();
        const theirs = b.nameJob(job.jobName, b.otherTeam);
        await b.client.dataJobSecretsUpdate({ ...job, deploymentId: 'TODO', body: { a: '1' } });
        assert.deepEqual(await b.client.dataJobSecretsRead(theirs), {});
        assert.deepEqual(await b.client.dataJobSecretsRead(job), { a: '1' });
      },
    },
    {
      name: 'secrets survive their job',
      covers: ['dataJobDelete', 'dataJobSecretsRead'],
      traps: [18],
      needs: ['secretStore'],
      async run(b) {
        const job = await b.createJob();
        await b.client.dataJobSecretsUpdate({ ...job, body: { a: '1' } });
        await b.client.dataJobDelete(job);
        assert.deepEqual(await b.client.dataJobSecretsRead(job), { a: '1' });
      },
    },
    ...values.map(
      ([what, sent, read]): ConformanceCase => ({
        name: `secrets keep ${what}`,
        covers: ['dataJobSecretsUpdate', 'dataJobSecretsRead'],
        traps: [18],
        needs: ['secretStore'],
        async run(b) {
          const job = b.nameJob();
          isEmpty(await b.send('dataJobSecretsUpdate', job, { body: sent }), 202);
          assert.deepEqual((await b.send('dataJobSecretsRead', job)).json, read);
        },
      }),
    ),
    {
      name: 'secrets that are no object are answered 400',
      covers: ['dataJobSecretsUpdate'],
      needs: ['secretStore'],
      async run(b) {
        for (const body of ['[1]', '{"a":']) {
          isFourFields(await b.send('dataJobSecretsUpdate', b.nameJob(), { body }), 400);
        }
      },
    },
    {
      name: 'secrets of a blank team or job are answered 400',
      covers: ['dataJobSecretsUpdate', 'dataJobSecretsRead'],
      needs: ['secretStore'],
      async run(b) {
        const { teamName, jobName } = b.nameJob();
        for (const blank of [
          { teamName, jobName: ' ' },
          { teamName: ' ', jobName },
        ]) {
          isFourFields(await b.send('dataJobSecretsRead', blank), 400);
          isFourFields(await b.send('dataJobSecretsUpdate', blank, { body: { a: 1 } }), 400);
        }
      },
    },
    {
      name: 'secrets over the limit are answered 413, and the old ones stay',
      covers: ['dataJobSecretsUpdate', 'dataJobSecretsRead'],
      needs: ['secretStore'],
      async run(b) {
        const job = b.nameJob();
        await b.client.dataJobSecretsUpdate({ ...job, body: { a: '1' } });
        // The standard limit of the service is a mebibyte.
        const body = { a: 'x'.repeat(1_048_577) };
        isFourFields(await b.send('dataJobSecretsUpdate', job, { body }), 413);
        assert.deepEqual(await b.client.dataJobSecretsRead(job), { a: '1' });
      },
    },
  ];
}

function credentials(): readonly ConformanceCase[] {
  return [
    {
      name: 'a team without credentials is 404 without a body',
      covers: ['oauthCredentialsGet', 'clientIdGet'],
      traps: [3],
      needs: ['secretStore'],
      async run(b) {
        const team = { teamName: b.team };
        isEmpty(await b.send('oauthCredentialsGet', team), 404);
        isEmpty(await b.send('clientIdGet', team), 404);
      },
    },
    {
      name: 'credentials of a team are stored, shown, and replaced',
      covers: ['oauthCredentialsPut', 'oauthCredentialsGet', 'clientIdGet'],
      needs: ['secretStore', 'credentials'],
      async run(b) {
        const { team: teamName } = b;
        const team = { teamName };
        for (const clientId of [`${teamName} 1`, `${teamName} 2`]) {
          const body = { clientId, clientSecret: 'x' };
          isEmpty(await b.send('oauthCredentialsPut', team, { body }), 202);
          const shown = (await b.send('oauthCredentialsGet', team)).json;
          assert.deepEqual(shown, { teamName, clientId, clientSecret: 'x' });
          assert.deepEqual((await b.send('clientIdGet', team)).json, { teamName, clientId });
        }
      },
    },
    {
      name: 'client ids are turned into teams, as far as they are known, without a token',
      covers: ['getTeamIdsForClientIds', 'oauthCredentialsPut', 'clientIdGet'],
      needs: ['secretStore', 'credentials'],
      async run(b) {
        const { team: teamName } = b;
        const clientId = `client of ${teamName}`;
        await b.client.oauthCredentialsPut({ teamName, body: { clientId, clientSecret: 'x' } });
        const team = { teamName };
        const asked = { body: [clientId, 'no such client'], token: undefined };
        const answer = await b.send('getTeamIdsForClientIds', team, asked);
        isStatus(answer, 200);
        assert.deepEqual(answer.json, [{ teamName, clientId }]);
        const id = await b.send('clientIdGet', team, { token: undefined });
        assert.deepEqual(id.json, { teamName, clientId });
      },
    },
    {
      name: 'unknown client ids are of no team',
      covers: ['getTeamIdsForClientIds'],
      needs: ['secretStore'],
      async run(b) {
        for (const body of [['no such client'], []]) {
          assert.deepEqual(await b.client.getTeamIdsForClientIds({ body }), []);
        }
      },
    },
    {
      name: 'credentials with something blank or missing are answered 400, and none are stored',
      covers: ['oauthCredentialsPut', 'oauthCredentialsGet'],
      needs: ['secretStore'],
      async run(b) {
        const team = { teamName: b.team };
        for (const body of [
          { clientId: 'x' },
          { clientSecret: 'x' },
          { clientId: ' ', clientSecret: 'x' },
          { clientId: 'x', clientSecret: '' },
        ]) {
          isFourFields(await b.send('oauthCredentialsPut', team, { body }), 400);
        }
        isEmpty(await b.send('oauthCredentialsGet', team), 404);
      },
    },
  ];
}

function withoutStore(): readonly ConformanceCase[] {
  const notConfigured = { what: 'Secrets encountered an error: Not Configured.' };
  return [
    {
      name: 'without a store secrets are answered 501 with the four fields',
      covers: ['dataJobSecretsRead', 'dataJobSecretsUpdate'],
      needs: ['noSecretStore'],
      async run(b) {
        const job = b.nameJob();
        isFourFields(await b.send('dataJobSecretsRead', job), 501, notConfigured);
        const body = { a: 1 };
        isFourFields(await b.send('dataJobSecretsUpdate', job, { body }), 501, notConfigured);
      },
    },
    {
      name: 'without a store credentials are answered 501 without a body',
      covers: [
        'oauthCredentialsGet',
        'oauthCredentialsPut',
        'clientIdGet',
        'getTeamIdsForClientIds',
      ],
      needs: ['noSecretStore'],
      async run(b) {
        const team = { teamName: b.team };
        const body = { clientId: 'x', clientSecret: 'x' };
        isEmpty(await b.send('oauthCredentialsGet', team), 501);
        isEmpty(await b.send('oauthCredentialsPut', team, { body }), 501);
        isEmpty(await b.send('clientIdGet', team), 501);
        isEmpty(await b.send('getTeamIdsForClientIds', team, { body: ['x'] }), 501);
      },
    },
  ];
}
