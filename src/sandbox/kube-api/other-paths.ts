/** Everything that is no resource: health, version, discovery, OpenAPI, and what is not there. */
import type { Server } from './call.ts';
import { discoveryDocument } from './discovery.ts';
import { openApiDocument } from './openapi.ts';

export function answerOther({ registry }: Server, request: Request, url: URL): Response {
  const path = url.pathname.replace(/(.)\/+$/, '$1');
  if (isHealthPath(path)) return text('ok', 200);
  if (request.method !== 'GET' && request.method !== 'HEAD') return text(nothingHere, 404);
  if (path === '/version') return json(version);
  const resources = registry.resources();
  const accept = request.headers.get('accept') ?? undefined;
  const discovery = discoveryDocument({ path, accept, serverAddress: url.host, resources });
  if (discovery !== undefined) return json(discovery.body, discovery.contentType);
  const openApi = openApiDocument({ path, resources });
  return openApi === undefined ? text(nothingHere, 404) : json(openApi);
}

/** Probes need no token, as on the real server. */
export function isHealthPath(path: string): boolean {
  return /^\/(healthz|livez|readyz)(\/.*)?$/.test(path);
}

/** What kubectl prints as the server's version, and decides by what it may use. */
const version = {
  major: '1',
  minor: '37',
  emulationMajor: '1',
  emulationMinor: '37',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '36',
  gitVersion: 'v1.37.2',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2026-01-01T00:00:00Z',
  goVersion: 'none',
  compiler: 'none',
  platform: 'embedded',
};

const nothingHere = '404 page not found\n';

function json(value: unknown, contentType = 'application/json'): Response {
  return new Response(JSON.stringify(value), { headers: { 'content-type': contentType } });
}

function text(body: string, status: number): Response {
  return new Response(body, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } });
}
