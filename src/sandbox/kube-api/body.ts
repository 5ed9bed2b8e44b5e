/** Reading a request's body as an object, with the refusals that the real server gives. */
import { dump, load } from 'js-yaml';
import { badRequest, bodyTooLarge, invalid, unsupportedMediaType } from './api-error.ts';
import { duplicateFields } from './duplicate-fields.ts';
import { type ApiObject, asMap, type JsonMap } from './json.ts';
import { apiVersionOf, type Kind } from './kind.ts';
import { mediaTypeOf } from './negotiation.ts';
import { decodeProtobuf } from './protobuf.ts';
import { messageOf } from './protobuf-messages.ts';
import { invalid as invalidField } from './schema/field-error.ts';
import { isObject } from './schema/json-value.ts';

/** The real server's limit; etcd would not take more either. */
const bodyBytesMax = 3 * 1024 * 1024;

async function readBytes(request: Request): Promise<Uint8Array> {
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > bodyBytesMax) throw bodyTooLarge(bodyBytesMax);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export async function readText(request: Request): Promise<string> {
  return new TextDecoder().decode(await readBytes(request));
}

const json = 'application/json';
const yaml = 'application/yaml';
const protobuf = 'application/vnd.kubernetes.protobuf';

export interface GivenObject {
  readonly object: ApiObject;
  /** Fields that the document has twice. */
  readonly duplicates: readonly string[];
}

/** The object of a POST or PUT: JSON, YAML as people type it, or kubectl's binary form. */
export async function readObject(request: Request, kind: Kind): Promise<GivenObject> {
  const type = mediaTypeOf(request);
  if (type === protobuf && !kind.custom) {
    const value = decodeProtobuf(await readBytes(request), messageOf);
    return { object: withType(kind, value, ''), duplicates: [] };
  }
  if (type !== json && type !== yaml && type !== '') {
    throw unsupportedMediaType(kind.custom ? [json, yaml] : [json, yaml, protobuf]);
  }
  const text = await readText(request);
  const object = withType(kind, parse(kind, text, type === yaml), text);
  return { object, duplicates: type === yaml ? [] : duplicateFields(text) };
}

/** DeleteOptions, when the client sends some. */
export async function readOptions(request: Request): Promise<JsonMap | undefined> {
  const bytes = await readBytes(request);
  if (bytes.length === 0) return undefined;
  if (mediaTypeOf(request) === protobuf) return decodeProtobuf(bytes, messageOf);
  try {
    return asMap(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (error) {
    throw badRequest(
      `the options cannot be read: ${error instanceof Error ? error.message : error}`,
    );
  }
}

function parse(kind: Kind, text: string, isYaml: boolean): JsonMap {
  let value: unknown;
  try {
    // Of a key that is there twice, the last one counts, as in JSON.
    value = isYaml ? load(text, { json: true }) : JSON.parse(text);
  } catch (error) {
    const why =
      text === ''
        ? 'unexpected end of JSON input'
        : error instanceof Error
          ? error.message
          : String(error);
    throw unrecognized(kind, `couldn't get version/kind; json parse error: ${why}`, text);
  }
  if (!isObject(value)) {
    const found = Array.isArray(value) ? 'array' : typeof value;
    const why = `couldn't get version/kind; json parse error: json: cannot unmarshal ${found} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`;
    throw unrecognized(kind, why, text);
  }
  return value;
}

/** Checks the object's kind against the path's; built-in kinds may leave theirs out. */
function withType(kind: Kind, value: JsonMap, text: string): ApiObject {
  const { served } = kind;
  const expected = apiVersionOf(served);
  const apiVersion = typeof value.apiVersion === 'string' ? value.apiVersion : '';
  const named = typeof value.kind === 'string' ? value.kind : '';
  if (kind.custom && named === '') {
    throw unrecognized(kind, `Object 'Kind' is missing in '${text.trim()}'`, text);
  }
  if (apiVersion !== expected && (kind.custom || apiVersion !== '')) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
    );
  }
  if (kind.custom) requireType(kind, value);
  if (named !== '' && named !== served.kind) {
    throw badRequest(
      `${named} in version "${served.version}" cannot be handled as a ${served.kind}: converting (${served.version}.${named}) to (${internalPackage(served.group)}.${served.kind}): unknown conversion`,
    );
  }
  const metadata = isObject(value.metadata) ? value.metadata : {};
  return { ...value, apiVersion: expected, kind: served.kind, metadata } as unknown as ApiObject;
}

/** Custom resources are refused for another type as for any other wrong value. */
export function requireType({ served }: Kind, value: JsonMap): void {
  const expected = { apiVersion: apiVersionOf(served), kind: served.kind };
  const errors = Object.entries(expected)
    .filter(([field, wanted]) => value[field] !== wanted)
    .map(([field, wanted]) => invalidField(field, value[field], `must be ${wanted}`));
  if (errors.length === 0) return;
  const name = String(asMap(value.metadata).name ?? '');
  const [group = ''] = String(value.apiVersion).split('/');
  throw invalid({ group, kind: String(value.kind) }, name, errors);
}

/** How the real server names a group's own package in such a message. */
function internalPackage(group: string): string {
  return group === '' ? 'core' : (group.split('.')[0] as string);
}

const shownMax = 30;

function unrecognized({ served }: Kind, why: string, text: string) {
  const body = text === '' ? '<empty>' : text.trim();
  const shown = body.length > shownMax ? `${body.slice(0, shownMax)} ...` : body;
  return badRequest(
    `the object provided is unrecognized (must be of type ${served.kind}): ${why} (${shown})`,
  );
}

/** A value in the format that was agreed with the client. */
export function serialize(value: unknown, format: 'json' | 'yaml', pretty: boolean): string {
  if (format === 'yaml') return dump(value, { noRefs: true });
  return pretty ? `${JSON.stringify(value, null, 2)}\n` : `${JSON.stringify(value)}\n`;
}
