/**
 * From an HTTP answer to the result of an operation. Tolerant towards what a newer or older service
 * may send, strict towards what is no answer of it at all: a page of a proxy must not become data.
 */
import type { z } from 'zod';
import { type HttpResponse, readBytes } from '../platform/http.ts';
import type { Success } from './contract/operation.ts';
import { type OperationId, operationOf } from './contract.ts';
import { readErrorBody } from './error-body.ts';
import { type ControlServiceError, errorOfAnswer } from './errors.ts';
import { cleanText } from './untrusted-text.ts';

/** Lists of runs and large property sets are a few MB; beyond this something is wrong. */
const jsonBytesMax = 32 * 1024 * 1024;
/** A whole log comes in one piece. */
const logBytesMax = 128 * 1024 * 1024;
/** The source of one job; repositories of more are not what the service is for. */
const downloadBytesMax = 256 * 1024 * 1024;
/** Of an error's text only the beginning is shown; the rest is not worth the memory. */
const errorBytesMax = 256 * 1024;

export interface CallContext {
  readonly operationId: OperationId;
  readonly opId: string;
  readonly secrets: readonly string[];
  /** Wall clock, for a Retry-After that is a date. */
  readonly nowMs: number;
}

export async function readAnswer(response: HttpResponse, call: CallContext): Promise<unknown> {
  const { success, documentedOnly = [] } = operationOf(call.operationId);
  const good = [success.status, ...documentedOnly.map(({ status }) => status)];
  if (response.status < 200 || response.status >= 300) throw await readFailure(response, call);
  const bytes = await readBytes(response, bytesMax(call.operationId, success));
  const isEmpty = bytes.byteLength === 0;
  if (!good.includes(response.status)) throw unexpected(response, bytes, call);
  if (isEmpty && success.body !== 'none' && !success.mayBeEmpty) {
    throw unexpected(response, bytes, call);
  }
  if (success.locationId !== undefined) return readLocation(response, success.locationId, call);
  if (success.body === 'none') {
    if (isHtml(response)) throw unexpected(response, bytes, call);
    return undefined;
  }
  if (success.body === 'bytes') {
    if (isHtml(response)) throw unexpected(response, bytes, call);
    return bytes;
  }
  return decode(response, bytes, success.body, call);
}

function bytesMax(id: OperationId, success: Success): number {
  if (success.body === 'bytes') return downloadBytesMax;
  return id === 'dataJobLogsDownload' ? logBytesMax : jsonBytesMax;
}

function decode(response: HttpResponse, bytes: Uint8Array, schema: z.ZodType, call: CallContext) {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw unexpected(response, bytes, call); // the parser's own words quote the body
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.map(String).join('.') || 'the body';
  throw unexpected(response, bytes, call, `${where}: ${issue?.message ?? 'wrong type'}`);
}

/** The last segment of `Location` is the id that the service gave. */
function readLocation(response: HttpResponse, name: string, call: CallContext) {
  const location = response.headers.get('location') ?? '';
  const id = decoded(location.replace(/\/+$/, '').replace(/^.*\//, ''));
  if (id === '') {
    throw unexpected(response, new Uint8Array(), call, 'no Location header with the new id');
  }
  return { [name]: id, location };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** A success that is none: says what was received, never what was in it, as it may be secret. */
function unexpected(
  response: HttpResponse,
  bytes: Uint8Array,
  call: CallContext,
  why?: string,
): ControlServiceError {
  const received = why ?? describeSize(response, bytes.byteLength);
  // Only where a body is missing can it be a refused token; otherwise it is no answer of the service.
  const isEmpty = bytes.byteLength === 0 && why === undefined;
  return errorOfAnswer(
    {
      ...call,
      status: response.status,
      body: { kind: isEmpty ? 'empty' : isHtml(response) ? 'html' : 'json' },
      fromService: response.headers.has('x-opid'),
      received: `received ${cleanText(received, call.secrets)}`,
    },
    call.secrets,
  );
}

async function readFailure(response: HttpResponse, call: CallContext) {
  const text = await readBeginning(response, errorBytesMax);
  const contentType = response.headers.get('content-type');
  const beginning = cleanText(
    text.replace(/<style[\s\S]*?<\/style>|<[^>]*>/g, ' '),
    call.secrets,
    80,
  );
  const location = response.headers.get('location');
  const received = [
    describeSize(response, text.length),
    ...(beginning === '' ? [] : [`beginning "${beginning}"`]),
    ...(location === undefined ? [] : [`pointing to ${originOf(location)}`]),
  ].join(', ');
  return errorOfAnswer(
    {
      ...call,
      status: response.status,
      body: readErrorBody(text, contentType),
      fromService: response.headers.has('x-opid'),
      retryAfterMs: retryAfterMs(response.headers.get('retry-after'), call.nowMs),
      received,
    },
    call.secrets,
  );
}

/** Without path and query: a redirect to a login page carries more than anyone should see. */
function originOf(location: string): string {
  return URL.canParse(location) ? new URL(location).origin : 'another path';
}

function describeSize(response: HttpResponse, size: number): string {
  if (size === 0) return 'no body';
  const type = cleanText(response.headers.get('content-type') ?? 'no type', [], 60);
  return `a body of ${size} bytes (${type})`;
}

function isHtml(response: HttpResponse): boolean {
  return response.headers.get('content-type')?.includes('html') ?? false;
}

async function readBeginning(response: HttpResponse, bytesMax: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size >= bytesMax) break;
  }
  return new TextDecoder().decode(Buffer.concat(chunks).subarray(0, bytesMax));
}

/** Longer than this is no wish to be left alone for a while but an outage: our own pace is better. */
const retryAfterMaxMs = 15 * 60_000;

function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), retryAfterMaxMs) : undefined;
}
