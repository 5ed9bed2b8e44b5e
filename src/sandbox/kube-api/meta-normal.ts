/**
 * The real server reads typed parts into structures: null there is the same as absent, and so is an
 * empty list or map. What is kept without being read stays as it is. Pure.
 */
import { metadataSchema } from './builtin/schema-words.ts';
import { type ApiObject, asMap } from './json.ts';
import { isObject, setOwn } from './schema/json-value.ts';
import type { JsonSchema } from './served-resource.ts';

/** undefined when nothing is left of the value. */
export function normalized(schema: JsonSchema, value: unknown): unknown {
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return value;
  if (Array.isArray(value)) {
    const items = asMap(schema.items);
    return value.length === 0 ? undefined : value.map((item) => normalized(items, item));
  }
  if (!isObject(value)) return value === null ? undefined : value;
  const properties = asMap(schema.properties);
  const values = asMap(schema.additionalProperties);
  const result: Record<string, unknown> = {};
  for (const [name, child] of Object.entries(value)) {
    const kept = normalized(asMap(properties[name] ?? values), child);
    if (kept !== undefined) setOwn(result, name, kept);
  }
  const isEmptyMap = schema.additionalProperties !== undefined && Object.keys(result).length === 0;
  return isEmptyMap ? undefined : result;
}

/** Metadata is typed for every kind, also where the rest of the object is not. */
export function withNormalMeta(object: ApiObject): ApiObject {
  const metadata = normalized(metadataSchema, object.metadata) as ApiObject['metadata'];
  return { ...object, metadata };
}
