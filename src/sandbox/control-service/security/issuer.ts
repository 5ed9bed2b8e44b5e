/**
 * A small token issuer beside the service, so that logging in can be tried without anything else:
 * discovery, keys, and a token endpoint with the refresh-token and client-credentials grants.
 */
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import type { Settings } from '../settings.ts';

export interface Issuer {
  /** The public key, for whoever checks tokens. */
  readonly publicKey: () => Promise<Awaited<ReturnType<typeof generateKeyPair>>['publicKey']>;
  /** Whether a token that names `issuer` is one of ours. */
  isOurs(issuer: unknown): boolean;
  /** A token with these claims; `iss`, `iat` and `exp` are added unless given. */
  issue(claims: JWTPayload, issuer: string): Promise<string>;
  /** Answers a request to one of the issuer's pages. */
  respond(request: Request): Promise<Response | undefined>;
}

export const issuerPath = '/issuer';
const algorithm = 'ES256';
const keyId = 'sandbox';
/** As short as real identity providers have it, long enough for a person to look at. */
const tokenLifetimeSeconds = 3_600;
/** A token request is a short form. */
const formMaxChars = 16 * 1024;

export function createIssuer(settings: Settings): Issuer {
  let keys: ReturnType<typeof generateKeyPair> | undefined;
  const keyPair = () => {
    keys ??= generateKeyPair(algorithm, { extractable: true });
    return keys;
  };
  /** A service is reached by several names; a token is good under any that it was issued under. */
  const names = new Set<string>();
  const nameFor = (request: Request) =>
    `${settings.baseUrl ?? new URL(request.url).origin}${issuerPath}`;

  const issue = async (claims: JWTPayload, issuer: string) => {
    names.add(issuer);
    const { privateKey } = await keyPair();
    const now = Math.trunc(settings.clock.now() / 1000);
    const lifetime = settings.security?.tokenLifetimeSeconds ?? tokenLifetimeSeconds;
    return await new SignJWT({ iss: issuer, iat: now, exp: now + lifetime, ...claims })
      .setProtectedHeader({ alg: algorithm, kid: keyId })
      .sign(privateKey);
  };
  return {
    publicKey: async () => (await keyPair()).publicKey,
    isOurs: (issuer) => typeof issuer === 'string' && names.has(issuer),
    issue,
    async respond(request) {
      const name = nameFor(request);
      switch (new URL(request.url).pathname) {
        case `${issuerPath}/.well-known/openid-configuration`:
          return Response.json(discovery(name));
        case `${issuerPath}/jwks`: {
          const jwk = await exportJWK((await keyPair()).publicKey);
          return Response.json({ keys: [{ ...jwk, kid: keyId, use: 'sig', alg: algorithm }] });
        }
        case `${issuerPath}/token`:
          return await tokenAnswer(settings, request, (claims) => issue(claims, name));
        default:
          return undefined;
      }
    },
  };
}

function discovery(issuer: string) {
  return {
    issuer,
    jwks_uri: `${issuer}/jwks`,
    token_endpoint: `${issuer}/token`,
    response_types_supported: ['token'],
    subject_types_supported: ['public'],
    grant_types_supported: ['refresh_token', 'client_credentials'],
    id_token_signing_alg_values_supported: [algorithm],
    token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post'],
  };
}

async function tokenAnswer(
  { security }: Settings,
  request: Request,
  issue: (claims: JWTPayload) => Promise<string>,
): Promise<Response> {
  const refuse = (error: string, status = 400) =>
    Response.json({ error }, { status, headers: { 'Cache-Control': 'no-store' } });
  if (request.method !== 'POST') return refuse('invalid_request', 405);
  const form = new URLSearchParams((await request.text()).slice(0, formMaxChars));
  const claims = claimsFor(security, form, request.headers.get('authorization') ?? '');
  if (typeof claims === 'string') return refuse(claims, claims === 'invalid_client' ? 401 : 400);
  return Response.json(
    {
      access_token: await issue(claims),
      token_type: 'Bearer',
      expires_in: security?.tokenLifetimeSeconds ?? tokenLifetimeSeconds,
    },
    { headers: { 'Cache-Control': 'no-store' } },
  );
}

/** The claims that a grant stands for, or the error's code. */
function claimsFor(
  security: Settings['security'],
  form: URLSearchParams,
  authorization: string,
): JWTPayload | string {
  switch (form.get('grant_type')) {
    case 'refresh_token': {
      const user = own(security?.apiTokens, form.get('refresh_token') ?? '');
      return user === undefined ? 'invalid_grant' : { sub: user, username: user };
    }
    case 'client_credentials': {
      const basic = Buffer.from(authorization.replace(/^Basic /i, ''), 'base64').toString();
      const [basicId = '', basicSecret = ''] = basic.split(':').map(decodeURIComponent);
      const id = form.get('client_id') ?? basicId;
      const secret = form.get('client_secret') ?? basicSecret;
      const known = own(security?.clients, id);
      return known === undefined || known !== secret ? 'invalid_client' : { sub: `client:${id}` };
    }
    default:
      return 'unsupported_grant_type';
  }
}

function own(values: Readonly<Record<string, string>> | undefined, key: string) {
  return values !== undefined && Object.hasOwn(values, key) ? values[key] : undefined;
}
