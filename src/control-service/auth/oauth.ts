/**
 * Tokens from an OAuth token endpoint: VDK's API token (a refresh token, sent without any client
 * identity) and client credentials. A form post by hand: OAuth libraries insist on a client id and
 * on their own fetch, and the first flow has no client, and the network here is a dependency.
 */
import type { Clock } from '../../platform/clock.ts';
import type { HttpTransport } from '../../platform/http.ts';
import type { Auth } from './auth.ts';
import { refreshingAuth } from './refreshing.ts';
import { checkedToken } from './token.ts';
import { requestToken } from './token-request.ts';

export interface ApiTokenOptions {
  /** The token endpoint. */
  readonly authorizationUrl: string;
  readonly apiToken: string;
  readonly transport: HttpTransport;
  readonly clock: Clock;
}

/** What `VDK_API_TOKEN` and `VDK_API_TOKEN_AUTHORIZATION_URL` set up. */
export function apiTokenAuth({
  authorizationUrl,
  apiToken,
  transport,
  clock,
}: ApiTokenOptions): Auth {
  const secrets = [checkedToken(apiToken, 'the API token')];
  const form = { grant_type: 'refresh_token', refresh_token: apiToken.trim() };
  return refreshingAuth({
    clock,
    secrets,
    fetchToken: (signal) =>
      requestToken({ url: authorizationUrl, form, transport, secrets }, signal),
  });
}

export interface ClientCredentialsOptions {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes?: readonly string[] | undefined;
  readonly transport: HttpTransport;
  readonly clock: Clock;
}

export function clientCredentialsAuth(options: ClientCredentialsOptions): Auth {
  const { tokenUrl, clientId, clientSecret, scopes = [], transport, clock } = options;
  const credentials = `${formEncoded(clientId)}:${formEncoded(clientSecret)}`;
  const basic = Buffer.from(credentials).toString('base64');
  const secrets = [clientSecret, formEncoded(clientSecret), basic];
  const form = {
    grant_type: 'client_credentials',
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
  };
  const headers = { authorization: `Basic ${basic}` };
  return refreshingAuth({
    clock,
    secrets,
    fetchToken: (signal) =>
      requestToken({ url: tokenUrl, form, headers, transport, secrets }, signal),
  });
}

/** RFC 6749 wants id and secret form-encoded before they are joined. */
function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}
