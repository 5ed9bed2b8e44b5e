/**
 * Built-in kinds are read into typed structures by the real server, which refuses a value of a
 * wrong type when decoding, before any rule is asked. This finds the first such value.
 */
import { badRequest } from '../api-error.ts';
import { asMap } from '../json.ts';
import { apiVersionOf } from '../kind.ts';
import { isObject } from '../schema/json-value.ts';
import type { JsonSchema, ServedResource } from '../served-resource.ts';

/** `structure` is how the real server calls what it reads `value` into. */
export function rejectWrongTypes(
  served: ServedResource,
  schema: JsonSchema,
  value: unknown,
  structure = served.kind,
): void {
  const wrong = firstWrong(schema, value, structure);
  if (wrong !== undefined) {
    const { kind } = served;
    throw badRequest(
      `${kind} in version "${apiVersionOf(served).split('/').at(-1)}" cannot be handled as a ${kind}: ${wrong}`,
    );
  }
}

function firstWrong(schema: JsonSchema, value: unknown, path: string): string | undefined {
  const found = typeOf(value);
  const wanted = schema.type;
  if (value === null || wanted === undefined || schema['x-kubernetes-int-or-string'] === true)
    return undefined;
  if (!fits(wanted, found, value)) {
    return `json: cannot unmarshal ${found} into Go struct field ${path} of type ${goType(schema)}`;
  }
  if (schema.format === 'byte') return illegalBase64(String(value));
  if (Array.isArray(value)) {
    const items = asMap(schema.items);
    return firstOf(value.map((item) => () => firstWrong(items, item, path)));
  }
  if (!isObject(value)) return undefined;
  const properties = asMap(schema.properties);
  const values = asMap(schema.additionalProperties);
  return firstOf(
    Object.entries(value).map(([name, child]) => () => {
      const known = properties[name];
      // The real decoder does not name the key of a map's entry.
      if (known === undefined) return firstWrong(values, child, path);
      const structure = name === 'metadata' ? 'ObjectMeta' : path;
      return firstWrong(asMap(known), child, `${structure}.${name}`);
    }),
  );
}

function firstOf(checks: readonly (() => string | undefined)[]): string | undefined {
  for (const check of checks) {
    const wrong = check();
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value;
}

function fits(wanted: unknown, found: string, value: unknown): boolean {
  if (wanted === 'integer') return found === 'number' && Number.isInteger(value);
  if (wanted === 'boolean') return found === 'bool';
  return wanted === found;
}

function goType(schema: JsonSchema): string {
  switch (schema.type) {
    case 'string':
      if (schema.format === 'date-time') return 'time.Time';
      return schema.format === 'byte' ? '[]uint8' : 'string';
    case 'boolean':
      return 'bool';
    case 'integer':
      return String(schema.format ?? 'int32');
    case 'array':
      return `[]${goType(asMap(schema.items))}`;
    default:
      return schema.additionalProperties === undefined
        ? 'map[string]interface {}'
        : `map[string]${goType(asMap(schema.additionalProperties))}`;
  }
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function illegalBase64(value: string): string | undefined {
  const compact = value.replace(/[\r\n]/g, '');
  if (base64.test(compact)) return undefined;
  const legal = /^(?:[A-Za-z0-9+/]{4})*[A-Za-z0-9+/]*/.exec(compact)?.[0].length ?? 0;
  return `illegal base64 data at input byte ${legal === compact.length ? legal - (legal % 4) : legal}`;
}
