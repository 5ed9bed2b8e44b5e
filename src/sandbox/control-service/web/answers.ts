/** What an operation hands back, and how it becomes a response with the service's headers. */

import { STATUS_CODES } from 'node:http';

export type Answer = { readonly headers?: Readonly<Record<string, string>> } & AnswerBody;

type AnswerBody =
  | { readonly kind: 'json'; readonly status: number; readonly value: unknown }
  /** JSON that is text already. */
  | { readonly kind: 'json-text'; readonly text: string }
  /** Status 204 has no length, all others say that theirs is zero. */
  | { readonly kind: 'empty'; readonly status: number; readonly location?: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'text'; readonly type: string; readonly text: string }
  /** As it is, without the headers that every other answer has. */
  | { readonly kind: 'raw'; readonly response: Response };

export const json = (value: unknown, status = 200): Answer => ({ kind: 'json', status, value });
export const empty = (status: number, location?: string): Answer =>
  location === undefined ? { kind: 'empty', status } : { kind: 'empty', status, location };
export const notFound: Answer = { kind: 'empty', status: 404 };

/** Every answer but that to a refused URL forbids caching. */
const noCaching = {
  'Cache-Control': 'no-cache, no-store, max-age=0, must-revalidate',
  Pragma: 'no-cache',
  Expires: '0',
  'X-Content-Type-Options': 'nosniff',
};

export function toResponse(answer: Answer, opId: string, request: Request): Response {
  if (answer.kind === 'raw') return answer.response;
  const headers: Record<string, string> = { 'X-OPID': opId, ...noCaching, ...answer.headers };
  switch (answer.kind) {
    case 'json':
      return jsonResponse(JSON.stringify(answer.value), answer.status, headers);
    case 'json-text':
      return jsonResponse(answer.text, 200, headers);
    case 'empty':
      if (answer.status !== 204) headers['Content-Length'] = '0';
      if (answer.location !== undefined) headers.Location = answer.location;
      return new Response(null, { status: answer.status, headers });
    case 'bytes':
      return bytesResponse(answer.bytes, headers, request);
    case 'text':
      headers['Content-Type'] = answer.type;
      headers['Content-Length'] = String(Buffer.byteLength(answer.text));
      return new Response(answer.text, { headers });
    default:
      return answer satisfies never;
  }
}

/** Answers are streamed by the real service: its clients see no length. */
function jsonResponse(text: string, status: number, headers: Record<string, string>): Response {
  headers['Content-Type'] = 'application/json';
  headers['Transfer-Encoding'] = 'chunked';
  return new Response(streamOf(text), { status, headers });
}

/** A text as a body would be given a length, which cannot stand beside a transfer encoding. */
function streamOf(text: string): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    },
  });
}

/** A client that asks for JSON gets its bytes labelled so. */
function bytesResponse(bytes: Uint8Array, headers: Record<string, string>, request: Request) {
  const accept = request.headers.get('accept') ?? '';
  headers['Content-Type'] = /application\/json/i.test(accept)
    ? 'application/json'
    : 'application/octet-stream';
  headers['Accept-Ranges'] = 'bytes';
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get('range') ?? '');
  const first = Number(range?.[1] ?? 0);
  const last = Math.min(Number(range?.[2] || bytes.length - 1), bytes.length - 1);
  if (range === null || first > last) {
    headers['Content-Length'] = String(bytes.length);
    return new Response(bytes.slice(), { headers });
  }
  headers['Content-Length'] = String(last - first + 1);
  headers['Content-Range'] = `bytes ${first}-${last}/${bytes.length}`;
  return new Response(bytes.slice(first, last + 1), { status: 206, headers });
}

/** The framework's own error body. */
export function frameworkError(nowMs: number, status: number, path: string): Answer {
  const timestamp = new Date(nowMs).toISOString().replace('Z', '+00:00');
  return json({ timestamp, status, error: reasonPhrases[status] ?? 'Error', path }, status);
}

/** The constant that Java's framework calls a status by. */
export function statusName(status: number): string {
  const name = STATUS_CODES[status] ?? 'Unknown';
  return name.toUpperCase().replace(/[^A-Z]+/g, '_');
}

const reasonPhrases: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  415: 'Unsupported Media Type',
  500: 'Internal Server Error',
};

/** The page of the web server in front of the framework: no operation id, no caching headers. */
export function htmlPage(status: number, reason: string): Response {
  const title = `HTTP Status ${status} – ${reason}`;
  const page = `<!doctype html><html lang="en"><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`;
  return new Response(page, {
    status,
    headers: {
      'Content-Type': 'text/html;charset=utf-8',
      'Content-Length': String(Buffer.byteLength(page)),
    },
  });
}
