/** Secrets of jobs and OAuth credentials of teams: kept when there is a store for them, else 501. */
import { storedText } from '../stored-json.ts';
import { empty, json, notFound } from '../web/answers.ts';
import { readMapBody } from '../web/bind.ts';
import type { Call, Operation } from '../web/call.ts';
import { externalSystem, nullReference, ServiceFailure } from '../web/failures.ts';
import { authorizationNotConfigured } from '../webhooks.ts';
import type { Base, World } from '../world.ts';

type SecretOperationId =
  | 'dataJobSecretsRead'
  | 'dataJobSecretsUpdate'
  | 'oauthCredentialsGet'
  | 'oauthCredentialsPut'
  | 'clientIdGet'
  | 'getTeamIdsForClientIds';

interface Credentials {
  readonly teamName: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export function secretOperations(world: World): Record<SecretOperationId, Operation> {
  const { store, settings } = world;
  const withStore =
    (work: Operation): Operation =>
    (call) =>
      settings.secrets === 'on' ? work(call) : empty(501);
  return {
    dataJobSecretsRead: (call) => {
      refuseWithoutStore(world);
      return { kind: 'json-text', text: store.values.get(secretsKey(call)) ?? '{}' };
    },
    dataJobSecretsUpdate: (call) => {
      refuseWithoutStore(world);
      const key = secretsKey(call);
      const text = storedText(readMapBody(call));
      if (Buffer.byteLength(text) > settings.secretsMaxBytes) throw tooLarge(world, call);
      store.values.put(key, text);
      return empty(202);
    },
    oauthCredentialsGet: withStore(({ params }) => {
      const found = credentialsOf(world, params.team_name);
      return found === undefined ? notFound : json(found);
    }),
    oauthCredentialsPut: withStore((call) => putCredentials(world, call)),
    clientIdGet: withStore(({ params }) => {
      const found = credentialsOf(world, params.team_name);
      return found === undefined ? notFound : json(clientIdOf(found));
    }),
    getTeamIdsForClientIds: withStore(({ body }) => {
      const wanted = new Set(body as readonly (string | null)[]);
      const teams = world.store.values.of(credentialsOwner).map((text) => parsed(text));
      return json(teams.filter(({ clientId }) => wanted.has(clientId)).map(clientIdOf));
    }),
  };
}

/** Credentials have an owner of their own, so that all teams' can be listed. */
const credentialsOwner = 'oauth';
const credentialsKey = (team: string) => `oauth:${team}`;

const parsed = (text: string) => JSON.parse(text) as Credentials;
const clientIdOf = ({ teamName, clientId }: Credentials) => ({ teamName, clientId });

export function credentialsOf({ store }: Base, team: string): Credentials | undefined {
  const text = store.values.get(credentialsKey(team));
  return text === undefined ? undefined : parsed(text);
}

/**
 * A job that wants a keytab needs its team's credentials, where there is a store for them. A team
 * without gets some from the installation's OAuth application, or the call fails.
 */
export function provideCredentials(base: Base, team: string): void {
  const { settings } = base;
  if (settings.secrets === 'off' || credentialsOf(base, team) !== undefined) return;
  if (!settings.oauthApplications) throw authorizationNotConfigured();
  saveCredentials(base, {
    teamName: team,
    clientId: settings.random.uuid(),
    clientSecret: settings.random.hex(16),
  });
}

function saveCredentials({ store }: Base, credentials: Credentials): void {
  const key = credentialsKey(credentials.teamName);
  store.values.put(key, JSON.stringify(credentials), credentialsOwner);
}

function putCredentials(world: World, call: Call) {
  const body = call.body as Readonly<Record<string, string | null | undefined>> | null;
  if (body === null) {
    const model = 'com.vmware.taurus.controlplane.model.data.OauthCredentials';
    throw nullReference(`${model}.getClientId()`, '"oauthCredentials"');
  }
  const { clientId, clientSecret } = body;
  const teamName = call.params.team_name;
  const blank = (name: string, value: string | null | undefined) =>
    new ServiceFailure(
      400,
      `Exception processing secrets for team '${value ?? 'null'}'.`,
      `${name} cannot be blank`,
      'Unable to process team secrets.',
      'Contact the service operator',
    );
  if (teamName.trim() === '') throw blank('TeamName', teamName);
  if (clientId == null || clientId.trim() === '') throw blank('ClientId', clientId);
  if (clientSecret == null || clientSecret.trim() === '') throw blank('ClientSecret', clientSecret);
  saveCredentials(world, { teamName, clientId, clientSecret });
  return empty(202);
}

function refuseWithoutStore({ settings }: World): void {
  if (settings.secrets === 'off') throw externalSystem('Secrets', 'Not Configured', 501);
}

/** Kept by team and job: neither must exist, and a team move leaves them behind. */
function secretsKey({ params }: Call): string {
  const { team_name: team, job_name: job } = params;
  const blank = (value: string, what: string) =>
    new ServiceFailure(
      400,
      `Exception processing secrets for '${value}' data job.`,
      `${what} cannot be blank`,
      'Unable to process data job secrets.',
      'Try re-creating the data job secrets or contact the service operator',
    );
  if (team.trim() === '') throw blank(team, 'Team Name');
  if (job.trim() === '') throw blank(job, 'Data Job Name');
  return `secrets:${JSON.stringify([team, job])}`;
}

function tooLarge({ settings }: World, { params }: Call): ServiceFailure {
  return new ServiceFailure(
    413,
    `Exception processing secrets for '${params.job_name}' data job.`,
    `The secrets are larger than the limit of ${settings.secretsMaxBytes} bytes`,
    'Unable to process data job secrets.',
    'Reduce the size of the secrets and try again',
  );
}
