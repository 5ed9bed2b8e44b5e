/**
 * The security layer: a bearer token that one of the issuers signed, a claim and a role when they
 * are asked for, and the authorization webhook for tokens that name a user.
 */
import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { credentialsOf } from '../operations/secrets.ts';
import { type Answer, empty } from '../web/answers.ts';
import type { Guard } from '../web/handler.ts';
import { askAuthorization } from '../webhooks.ts';
import { type Base, instant } from '../world.ts';
import type { Issuer } from './issuer.ts';

/** How far clocks may be apart. */
const skewSeconds = 60;

/** Paths that need no token, besides the issuer's own. */
const openPaths = [
  /^\/data-jobs\/debug(\/|$)/,
  /^\/data-jobs\/(api-docs|swagger-ui)/,
  /^\/data-jobs\/oauth-credentials\/client-ids$/,
  /^\/data-jobs\/teams\/[^/]+\/oauth-credentials\/client-id$/,
];

const tooFewRights = 'The request requires higher privileges than provided by the access token.';

export function createGuard(base: Base, issuer: Issuer): Guard {
  const { settings } = base;
  return async (request) => {
    const { pathname } = new URL(request.url);
    const own = await issuer.respond(request);
    if (own !== undefined) return { answer: { kind: 'raw', response: own } };
    if (openPaths.some((pattern) => pattern.test(pathname))) return { user: null };
    const checked = await checkToken(base, issuer, request);
    if ('answer' in checked) return checked;
    const { claims } = checked;
    if (!hasRole(claims, settings.security?.requiredRoles)) {
      return { answer: challenge(403, `insufficient_scope`, tooFewRights) };
    }
    const user = claims.username;
    if (typeof user !== 'string') return applicationToken(base, pathname, claims);
    if (settings.webhooks?.authorizationUrl === undefined) return { user: null };
    const said = await askAuthorization(settings.webhooks, request, user);
    return said.status < 400 ? { user } : { answer: webhookAnswer(said.status, said.text) };
  };
}

/**
 * A token without a user is let through; where teams have credentials it must be that team's, and
 * otherwise nothing is done and nothing said, with status 200.
 */
function applicationToken(base: Base, pathname: string, claims: JWTPayload) {
  if (base.settings.secrets === 'off') return { user: null };
  const team = decodeURIComponent(pathname.split('/')[3] ?? '');
  const client = String(claims.sub ?? '')
    .split(':')
    .at(-1);
  const allowed = credentialsOf(base, team)?.clientId === client;
  return allowed ? { user: null } : { answer: empty(200) };
}

async function checkToken(
  { settings }: Base,
  issuer: Issuer,
  request: Request,
): Promise<{ readonly claims: JWTPayload } | { readonly answer: Answer }> {
  const header = request.headers.get('authorization') ?? '';
  if (!/^bearer\b/i.test(header)) return { answer: challenge(401) };
  const refuse = (why: string) => ({ answer: challenge(401, 'invalid_token', why) });
  const decoding = (why: string) =>
    refuse(`An error occurred while attempting to decode the Jwt: ${why}`);
  const token = /^bearer ([a-z0-9._~+/-]+=*)$/i.exec(header)?.[1];
  if (token === undefined) return refuse('Bearer token is malformed');
  if (!token.includes('.')) {
    return refuse('Invalid JWT serialization: Missing dot delimiter(s)');
  }
  const claims = payloadOf(token);
  if (claims === undefined) return decoding('Malformed token');
  if (!issuer.isOurs(claims.iss)) return refuse('Invalid issuer');
  const { iat, exp, nbf } = claims;
  const now = settings.clock.now() / 1000;
  const at = (seconds: number) => instant(seconds * 1e6);
  if (exp !== undefined && iat !== undefined && exp <= iat) {
    return decoding('expiresAt must be after issuedAt');
  }
  try {
    const key = await issuer.publicKey();
    await jwtVerify(token, key, { currentDate: new Date(now * 1000), clockTolerance: skewSeconds });
  } catch (error) {
    if (error instanceof errors.JWTExpired) return decoding(`Jwt expired at ${at(exp ?? 0)}`);
    if (error instanceof errors.JWTClaimValidationFailed && nbf !== undefined) {
      return decoding(`Jwt used before ${at(nbf)}`);
    }
    return decoding('Signed JWT rejected: Invalid signature');
  }
  const claim = settings.security?.requiredClaim;
  if (claim !== undefined && !claim.values.includes(String(claims[claim.name]))) {
    return decoding(tooFewRights);
  }
  return { claims };
}

/** The claims of a token that looks like one; nothing is checked yet. */
function payloadOf(token: string): JWTPayload | undefined {
  try {
    decodeProtectedHeader(token);
    const text = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
    const claims: unknown = JSON.parse(text);
    return typeof claims === 'object' && claims !== null ? (claims as JWTPayload) : undefined;
  } catch {
    return undefined;
  }
}

function hasRole(claims: JWTPayload, required: readonly string[] | undefined): boolean {
  if (required === undefined || required.length === 0) return true;
  const given = [claims.roles ?? [], String(claims.scope ?? '').split(' ')].flat();
  return required.some((role) => given.includes(role));
}

/** Refusals of this layer carry no operation id. */
function challenge(status: number, error?: string, description?: string): Answer {
  const details =
    error === undefined
      ? ''
      : ` error="${error}", error_description="${description}", error_uri="https://tools.ietf.org/html/rfc6750#section-3.1"`;
  const headers = { 'WWW-Authenticate': `Bearer${details}`, 'Content-Length': '0' };
  return { kind: 'raw', response: new Response(null, { status, headers }) };
}

function webhookAnswer(status: number, text: string): Answer {
  const bytes = new TextEncoder().encode(text);
  const headers = { 'Content-Length': String(bytes.length) };
  return { kind: 'raw', response: new Response(bytes, { status, headers }) };
}
