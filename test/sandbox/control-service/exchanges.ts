/** The recorded exchanges of the real Control Service, and the requests that they hold. */
import { readFileSync } from 'node:fs';
import { strToU8, type Zippable, zipSync } from 'fflate';
import type { HttpHandler } from '../../../src/platform/http.ts';

export interface Exchange {
  /** When it was made, in ms since the epoch. */
  readonly at: number;
  readonly mode: 'K8S' | 'DB' | 'BOTH';
  readonly setup?: string;
  readonly case: string;
  readonly method: string;
  readonly path: string;
  readonly request_headers?: Readonly<Record<string, string>>;
  readonly request_content_type?: string;
  readonly request_body?: unknown;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly cut?: boolean;
}

export function readExchanges(file: 'exchanges' | 'exchanges-setups'): readonly Exchange[] {
  const url = new URL(`../../fixtures/control-service/${file}.jsonl`, import.meta.url);
  const [, ...lines] = readFileSync(url, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Exchange);
}

/** The part of an exchange that is sent; steps between recorded ones have no more than this. */
export type Sent = Pick<
  Exchange,
  'at' | 'method' | 'path' | 'request_headers' | 'request_content_type' | 'request_body'
>;

/** Sends a request as it was recorded: to the same host, its JSON spaced as the recorder's was. */
export function send(handler: HttpHandler, sent: Sent): Promise<Response> {
  const headers = new Headers(sent.request_headers);
  if (sent.request_content_type) headers.set('Content-Type', sent.request_content_type);
  const body = sent.request_body === undefined ? null : bodyOf(sent.request_body);
  if (body !== null && !headers.has('Content-Type'))
    headers.set('Content-Type', 'application/json');
  const request = new Request(`http://localhost:18092${sent.path}`, {
    method: sent.method,
    headers,
    body,
  });
  if (!sent.request_content_type && body === null && !sent.request_headers?.['Content-Type']) {
    request.headers.delete('Content-Type');
  }
  return handler(request);
}

function bodyOf(body: unknown): string | Uint8Array<ArrayBuffer> {
  if (typeof body === 'string') return body;
  const zip = (body as { zip?: readonly string[] } | null)?.zip;
  return zip === undefined ? spaced(body) : zipOf(zip);
}

/** Every file's content is its own name, so that the same names make the same upload. */
export function zipOf(names: readonly string[]): Uint8Array<ArrayBuffer> {
  const entries: Zippable = {};
  for (const name of names) entries[name] = name.endsWith('/') ? new Uint8Array() : strToU8(name);
  return new Uint8Array(zipSync(entries));
}

function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(
      ([key, each]) => `${JSON.stringify(key)}: ${spaced(each)}`,
    );
    return `{${members.join(', ')}}`;
  }
  return JSON.stringify(value);
}
