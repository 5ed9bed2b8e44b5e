/** What is kept for jobs and teams: properties, secrets and OAuth credentials; eight operations. */
import { z } from 'zod';
import { badBody, neverSent, trap, undocumented } from './errors-of-operations.ts';
import { listOf } from './fields.ts';
import { jobPath, type Operation } from './operation.ts';
import { schemas } from './schemas.ts';

const deploymentPath = `${jobPath}/deployments/{deployment_id}` as const;
const teamPath = '/data-jobs/teams/{team_name}/oauth-credentials';

const badObject = undocumented(400, 'fourField', 'the body is missing or is no JSON object');
const noSecretStore = undocumented(501, 'fourField', 'the service has no secret store');
const noSecretStoreForTeams = undocumented(501, 'empty', 'the service has no secret store');
const noCredentials = { status: 404, body: 'empty', when: 'the team has none' } as const;

export const stateOperations = {
  dataJobPropertiesRead: {
    tag: 'Data Jobs Properties',
    method: 'GET',
    path: `${deploymentPath}/properties`,
    summary: 'Reads all properties of a job',
    doc: 'Kept by job name alone: neither job nor team is checked, and they outlive the job.',
    stability: 'unmarked',
    query: {},
    success: {
      status: 200,
      body: schemas.DataJobProperties,
      doc: 'The set, {} when there is none',
    },
    errors: [],
    safeToRepeat: true,
  },
  dataJobPropertiesUpdate: {
    tag: 'Data Jobs Properties',
    method: 'PUT',
    path: `${deploymentPath}/properties`,
    summary: 'Replaces all properties of a job',
    doc:
      'The whole set, without any guard against others: running jobs write here too, so a merge can ' +
      'lose what they wrote a moment ago. Numbers pass through a double (1.0 reads back as 1) and ' +
      'nulls inside nested objects vanish.',
    stability: 'unmarked',
    query: {},
    request: {
      mediaType: 'application/json',
      schema: schemas.DataJobProperties,
      required: true,
      requiredInDocument: true,
    },
    success: { status: 204, body: 'none', doc: 'Replaced' },
    errors: [badObject],
    safeToRepeat: true,
    documentedOnly: neverSent('the service makes no difference between new and old', 201),
  },
  dataJobSecretsRead: {
    tag: 'Data Jobs Secrets',
    method: 'GET',
    path: `${deploymentPath}/secrets`,
    summary: 'Reads all secrets of a job',
    doc: 'Their values are in the answer in clear. Kept by team and job name, neither of which is checked.',
    stability: 'unmarked',
    query: {},
    success: { status: 200, body: schemas.DataJobSecrets, doc: 'The set, {} when there is none' },
    errors: [noSecretStore],
    safeToRepeat: true,
  },
  dataJobSecretsUpdate: {
    tag: 'Data Jobs Secrets',
    method: 'PUT',
    path: `${deploymentPath}/secrets`,
    summary: 'Replaces all secrets of a job',
    doc: 'The whole set, stored when it returns. They outlive the job, and a team change leaves them behind.',
    stability: 'unmarked',
    query: {},
    request: {
      mediaType: 'application/json',
      schema: schemas.DataJobSecrets,
      required: true,
      requiredInDocument: true,
      secret: true,
    },
    success: { status: 202, body: 'none', doc: 'Replaced' },
    errors: [
      badObject,
      { status: 413, body: 'fourField', when: 'the set is larger than the service allows (1 MiB)' },
      noSecretStore,
    ],
    safeToRepeat: true,
    documentedOnly: neverSent('the service makes no difference between new and old', 204),
  },
  oauthCredentialsGet: {
    tag: 'Data Jobs Secrets',
    method: 'GET',
    path: teamPath,
    summary: 'Reads the OAuth application credentials of a team',
    doc: 'The secret is in the answer in clear. Another replica may show an older value until it restarts.',
    stability: 'stable',
    query: {},
    success: { status: 200, body: schemas.OauthTeamCredentials, doc: 'The credentials' },
    errors: [noCredentials, noSecretStoreForTeams],
    safeToRepeat: true,
  },
  oauthCredentialsPut: {
    tag: 'Data Jobs Secrets',
    method: 'PUT',
    path: teamPath,
    summary: 'Sets the OAuth application credentials of a team',
    doc: 'Creates or replaces them.',
    stability: 'stable',
    query: {},
    request: {
      mediaType: 'application/json',
      schema: schemas.OauthCredentials,
      required: true,
      requiredInDocument: false,
      secret: true,
    },
    success: { status: 202, body: 'none', doc: 'Stored' },
    errors: [
      { ...badBody, when: 'a value is missing or blank' },
      trap('the body is missing'),
      noSecretStoreForTeams,
    ],
    safeToRepeat: true,
    documentedOnly: neverSent('a team is only a word: there is no unknown one', 404),
  },
  clientIdGet: {
    tag: 'Data Jobs Secrets',
    method: 'GET',
    path: `${teamPath}/client-id`,
    summary: 'Reads the id of the OAuth application of a team',
    doc: 'Needs no token.',
    stability: 'stable',
    query: {},
    success: { status: 200, body: schemas.OauthTeamClientId, doc: 'The id' },
    errors: [noCredentials, noSecretStoreForTeams],
    safeToRepeat: true,
    open: true,
  },
  getTeamIdsForClientIds: {
    tag: 'Data Jobs Secrets',
    method: 'POST',
    path: '/data-jobs/oauth-credentials/client-ids',
    summary: 'Looks up the teams to which OAuth applications belong',
    doc: 'Answers only for those that are known. Needs no token.',
    stability: 'unmarked',
    query: {},
    request: {
      mediaType: 'application/json',
      schema: z.array(z.string()),
      required: true,
      requiredInDocument: true,
    },
    success: { status: 200, body: listOf(schemas.OauthTeamClientId), doc: 'The known ones' },
    errors: [badBody, noSecretStoreForTeams],
    safeToRepeat: true,
    open: true,
    documentedOnly: neverSent('unknown ids are left out of the answer', 404),
  },
} as const satisfies Readonly<Record<string, Operation>>;
