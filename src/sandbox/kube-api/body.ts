/** Reading a request's body as an object, with the refusals that the real server gives. */
import { dump, load } from 'js-yaml';
import { badRequest, bodyTooLarge, invalid, unsupportedMediaType } from './api-error.ts';
import { type ApiObject, asMap, type JsonMap } from './json.ts';
import { apiVersionOf, type Kind } from './kind.ts';
import { mediaTypeOf } from './negotiation.ts';
import { invalid as invalidField } from './schema/field-error.ts';
import { isObject } from './schema/json-value.ts';

/** The real server's limit; etcd would not take more either. */
const bodyBytesMax = 3 * 1024 * 1024;

export async function readBody(request: Request): Promise<string> {
  if (request.body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > bodyBytesMax) throw bodyTooLarge(bodyBytesMax);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const bodyTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

/** The object of a POST or PUT: JSON, or YAML as people type it. */
export function parseObject(request: Request, kind: Kind, text: string): ApiObject {
  const type = mediaTypeOf(request);
  if (type !== 'application/json' && type !== 'application/yaml' && type !== '') {
    throw unsupportedMediaType(kind.custom ? bodyTypes.slice(0, 2) : bodyTypes);
  }
  return withType(kind, parse(kind, text, type === 'application/yaml'), text);
}

export function parse(kind: Kind, text: string, yaml: boolean): JsonMap {
  let value: unknown;
  try {
    // Of a key that is there twice, the last one counts, as in JSON.
    value = yaml ? load(text, { json: true }) : JSON.parse(text);
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
export function withType(kind: Kind, value: JsonMap, text: string): ApiObject {
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
