/** Secrets of jobs and OAuth credentials of teams: kept when there is a store for them, else 501. */
import { empty } from '../web/answers.ts';
import type { Operation } from '../web/call.ts';
import { externalSystem } from '../web/failures.ts';
import type { World } from '../world.ts';

type SecretOperationId =
  | 'dataJobSecretsRead'
  | 'dataJobSecretsUpdate'
  | 'oauthCredentialsGet'
  | 'oauthCredentialsPut'
  | 'clientIdGet'
  | 'getTeamIdsForClientIds';

export function secretOperations(_world: World): Record<SecretOperationId, Operation> {
  const notConfigured: Operation = () => {
    throw externalSystem('Secrets', 'Not Configured', 501);
  };
  const absent: Operation = () => empty(501);
  return {
    dataJobSecretsRead: notConfigured,
    dataJobSecretsUpdate: notConfigured,
    oauthCredentialsGet: absent,
    oauthCredentialsPut: absent,
    clientIdGet: absent,
    getTeamIdsForClientIds: absent,
  };
}
