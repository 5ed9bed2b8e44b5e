/**
 * How a value is owned and merged, read from its schema: as one piece (leaf), field by field, item
 * by item by their keys, or as a set. Where the schema says nothing, maps are split and lists not.
 */
import { metadataSchema } from '../builtin/schema-words.ts';
import { asList, asMap } from '../json.ts';
import { canonicalJson, isObject } from '../schema/json-value.ts';
import type { JsonSchema } from '../served-resource.ts';

export type FieldType =
  | { readonly kind: 'leaf'; readonly schema: JsonSchema }
  | { readonly kind: 'fields'; readonly schema: JsonSchema }
  | { readonly kind: 'keyed'; readonly keys: readonly string[]; readonly items: JsonSchema }
  | { readonly kind: 'set' };

/** A schema that says nothing: what is below free-form nodes. */
const unknownSchema: JsonSchema = { 'x-kubernetes-preserve-unknown-fields': true };

/** The schema of a whole object, with what every object has filled in. */
export function objectRootSchema(schema: JsonSchema): JsonSchema {
  return {
    ...schema,
    properties: {
      ...asMap(schema.properties),
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: metadataSchema,
    },
  };
}

export function fieldTypeOf(schema: JsonSchema, value: unknown): FieldType {
  const leaf = { kind: 'leaf', schema } as const;
  if (Array.isArray(value)) {
    if (schema.type !== 'array') return leaf;
    const listType = schema['x-kubernetes-list-type'];
    if (listType === 'set') return { kind: 'set' };
    if (listType !== 'map') return leaf;
    const keys = asList(schema['x-kubernetes-list-map-keys']).map(String);
    return { kind: 'keyed', keys, items: itemsOf(schema) };
  }
  if (!isObject(value) || schema['x-kubernetes-map-type'] === 'atomic') return leaf;
  return { kind: 'fields', schema };
}

/** The schema of one field, and whether it is declared by name (not as a map's value). */
export function childSchema(
  schema: JsonSchema,
  name: string,
): { readonly schema: JsonSchema; readonly declared: boolean } {
  const properties = asMap(schema.properties);
  if (Object.hasOwn(properties, name)) return { schema: asMap(properties[name]), declared: true };
  const { additionalProperties } = schema;
  return {
    schema: isObject(additionalProperties) ? additionalProperties : unknownSchema,
    declared: false,
  };
}

/** The schema of a list's items; where the list says nothing of them, they may be anything. */
export function itemsOf(schema: JsonSchema): JsonSchema {
  return isObject(schema.items) ? schema.items : unknownSchema;
}

/** True when the schema has no place for a field of this name. */
export function isUndeclared(schema: JsonSchema, name: string): boolean {
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return false;
  if (schema.additionalProperties !== undefined && schema.additionalProperties !== false) {
    return false;
  }
  return !Object.hasOwn(asMap(schema.properties), name);
}

export function fieldElement(name: string): string {
  return `f:${name}`;
}

/** The element that names an item of a keyed list; a key that is absent has its default. */
export function itemElement(
  type: Extract<FieldType, { kind: 'keyed' | 'set' }>,
  item: unknown,
): string {
  if (type.kind === 'set') return `v:${canonicalJson(item)}`;
  const properties = asMap(type.items.properties);
  const entries = type.keys.map((key) => [key, asMap(item)[key] ?? asMap(properties[key]).default]);
  return `k:${canonicalJson(Object.fromEntries(entries))}`;
}

export function itemSchema(type: Extract<FieldType, { kind: 'keyed' | 'set' }>): JsonSchema {
  return type.kind === 'keyed' ? type.items : {};
}

/** Items by their element; of two with the same keys the first counts. */
export function itemsByElement(
  type: Extract<FieldType, { kind: 'keyed' | 'set' }>,
  list: unknown,
): ReadonlyMap<string, unknown> {
  const items = new Map<string, unknown>();
  for (const item of asList(list)) {
    const element = itemElement(type, item);
    if (!items.has(element)) items.set(element, item);
  }
  return items;
}
