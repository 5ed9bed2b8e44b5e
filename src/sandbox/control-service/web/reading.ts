/** Reads what a request carries: its types, and its body within a limit. */
import type { ControlServiceSettings } from '../settings.ts';
import { bindBody, readBody } from './bind.ts';
import { bodyProblem, bodyTooLarge } from './failures.ts';
import type { JsonNode } from './json.ts';
import type { BodyRule } from './routes.ts';

export interface ReadBody {
  readonly body: unknown;
  readonly json: JsonNode | undefined;
  readonly bytes: Uint8Array;
  /** A JSON body as sent, to be recorded. */
  readonly text: string | undefined;
}

/** Whether the caller takes `type`, or any type when it does not say. */
export function accepts(request: Request, ...types: readonly string[]): boolean {
  const wanted = (request.headers.get('accept') ?? '*/*')
    .split(',')
    .map((each) => each.split(';')[0]?.trim().toLowerCase() ?? '');
  return types.some((type) =>
    wanted.some((each) => each === '*/*' || each === type || each === `${type.split('/')[0]}/*`),
  );
}

/** Without a content type a body counts as bytes, as the framework has it. */
export function hasMedia(request: Request, rule: BodyRule): boolean {
  const type = request.headers.get('content-type') ?? 'application/octet-stream';
  return type.split(';')[0]?.trim().toLowerCase() === rule.media;
}

export async function readRequestBody(
  request: Request,
  rule: BodyRule | undefined,
  settings: Required<Pick<ControlServiceSettings, 'bodyMaxBytes'>>,
): Promise<ReadBody> {
  const bytes = await boundedBytes(request, settings.bodyMaxBytes);
  const none = { body: null, json: undefined, bytes, text: undefined };
  if (rule === undefined) return none;
  if (rule.media === 'application/octet-stream') {
    if (bytes.length === 0) throw missingBody(rule);
    return none;
  }
  const text = new TextDecoder().decode(bytes);
  const json = rule.shape === undefined ? readBody(text) : undefined;
  const body = rule.shape === undefined ? undefined : bindBody(text, rule.shape);
  const absent = rule.shape === undefined ? (json?.kind ?? 'null') === 'null' : body == null;
  if (absent && rule.requiredBy !== undefined) throw missingBody(rule);
  return { body: body ?? null, json, bytes, text };
}

function missingBody(rule: BodyRule) {
  return bodyProblem(`Required request body is missing: ${rule.requiredBy}`);
}

/** Stops reading as soon as the limit is passed, so that memory stays bounded. */
async function boundedBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw bodyTooLarge(maxBytes);
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (request.body !== null) {
    for await (const chunk of request.body as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength;
      if (size > maxBytes) throw bodyTooLarge(maxBytes);
      chunks.push(chunk);
    }
  }
  return Buffer.concat(chunks);
}
