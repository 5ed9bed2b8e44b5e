/**
 * JSON as CEL sees it, guided by the schema: integers are 64-bit, date-times are timestamps, and a
 * field that the schema does not declare is not there. Field names that are no CEL identifiers are
 * spelled as Kubernetes escapes them.
 */

import { evaluate } from '@marcbachmann/cel-js';
import { propertyOf, type Schema, valuesOf } from './json-schema.ts';
import { isObject, type JsonObject } from './json-value.ts';

/** Only these two of metadata are visible to rules, whatever the schema says. */
const metadataSchema: Schema = {
  type: 'object',
  properties: { name: { type: 'string' }, generateName: { type: 'string' } },
};

/** What the root of an object, and an embedded one, declares without saying so. */
export function withObjectFields(schema: Schema): Schema {
  const properties: Record<string, Schema> = {
    ...schema.properties,
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: metadataSchema,
  };
  return { ...schema, properties };
}

export function toCel(schema: Schema, value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = schema.items ?? {};
    return value.map((each) => toCel(items, each));
  }
  if (isObject(value)) return objectToCel(schema, value);
  if (typeof value === 'number') return numberToCel(schema, value);
  if (typeof value === 'string') return textToCel(schema, value);
  return value;
}

function objectToCel(schema: Schema, value: JsonObject): ReadonlyMap<string, unknown> {
  const declared = schema['x-kubernetes-embedded-resource'] ? withObjectFields(schema) : schema;
  const values = valuesOf(declared);
  const result = new Map<string, unknown>();
  for (const [name, child] of Object.entries(value)) {
    if (values) {
      result.set(name, toCel(values, child));
      continue;
    }
    const property = propertyOf(declared, name);
    const identifier = escapeName(name);
    if (property && identifier !== undefined) result.set(identifier, toCel(property, child));
  }
  return result;
}

function numberToCel(schema: Schema, value: number): unknown {
  const integer = schema.type === 'integer' || schema['x-kubernetes-int-or-string'];
  return integer && Number.isInteger(value) ? BigInt(value) : value;
}

function textToCel(schema: Schema, text: string): unknown {
  if (schema.type !== 'string') return text;
  if (schema.format === 'byte') return Buffer.from(text, 'base64');
  if (schema.format === 'date' || schema.format === 'date-time') {
    const ms = Date.parse(text);
    return Number.isNaN(ms) ? text : new Date(ms);
  }
  return schema.format === 'duration' ? durationToCel(text) : text;
}

/** The library makes durations only by its own function. */
function durationToCel(text: string): unknown {
  try {
    return evaluate('duration(text)', { text });
  } catch {
    return text; // the format check refuses it
  }
}

const reservedNames = new Set(
  (
    'true false null in as break const continue else for function if import let loop package ' +
    'namespace return var void while'
  ).split(' '),
);

/** The name as a CEL identifier; undefined when rules cannot name the field at all. */
export function escapeName(name: string): string | undefined {
  if (!/^[A-Za-z_.\-/][A-Za-z0-9_.\-/]*$/.test(name)) return undefined;
  if (reservedNames.has(name)) return `__${name}__`;
  return name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__');
}
