/**
 * Fills in a schema's defaults, as the API server does when it decodes an object: a null where the
 * schema allows none counts as absent. Pure; defaulting twice equals defaulting once.
 */

import type { JsonSchema } from '../served-resource.ts';
import { asSchema, propertyOf, type Schema, valuesOf } from './json-schema.ts';
import { isObject, setOwn } from './json-value.ts';

export function applyDefaults(schema: JsonSchema, value: unknown): unknown {
  return filled(asSchema(schema), value);
}

function filled(schema: Schema | undefined, value: unknown): unknown {
  if (schema === undefined) return value;
  if (Array.isArray(value)) {
    return value.map((each) => filled(schema.items, orDefault(schema.items, each)));
  }
  if (!isObject(value)) return value;
  const result: Record<string, unknown> = {};
  for (const [name, raw] of Object.entries(value)) {
    const child = propertyOf(schema, name) ?? valuesOf(schema);
    const present = orDefault(child, raw);
    if (isRefusedNull(child, present)) continue;
    setOwn(result, name, filled(child, present));
  }
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    if (child.default === undefined || child.default === null) continue;
    if (!Object.hasOwn(result, name)) setOwn(result, name, filled(child, copyOf(child.default)));
  }
  return result;
}

function orDefault(schema: Schema | undefined, value: unknown): unknown {
  if (!isRefusedNull(schema, value)) return value;
  return schema?.default === undefined ? value : copyOf(schema.default);
}

function isRefusedNull(schema: Schema | undefined, value: unknown): boolean {
  return value === null && schema !== undefined && schema.nullable !== true;
}

/** Defaults are handed out as copies: a later edit of an object must not change the schema. */
function copyOf(value: unknown): unknown {
  return typeof value === 'object' ? structuredClone(value) : value;
}
