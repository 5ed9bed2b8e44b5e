/** The way to prove who we are that a VDK user's environment sets up. */
import type { EnvironmentSettings } from '../settings.ts';
import { type Auth, noAuth } from './auth.ts';
import { type ApiTokenOptions, apiTokenAuth } from './oauth.ts';

/** VDK's API token where one is set, else none. Look at `problems` first. */
export function authFromEnvironment(
  { apiToken }: Pick<EnvironmentSettings, 'apiToken'>,
  deps: Pick<ApiTokenOptions, 'transport' | 'clock'>,
): Auth {
  if (apiToken === undefined) return noAuth;
  const { token, authorizationUrl } = apiToken;
  return apiTokenAuth({ ...deps, apiToken: token, authorizationUrl });
}
