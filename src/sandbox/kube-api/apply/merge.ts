/** Merging an applied configuration into an object, and removing fields from one. Pure. */
import { asList, asMap } from '../json.ts';
import { setOwn } from '../schema/json-value.ts';
import type { JsonSchema } from '../served-resource.ts';
import type { FieldSet } from './field-set.ts';
import {
  childSchema,
  type FieldType,
  fieldElement,
  fieldTypeOf,
  itemElement,
  itemSchema,
  itemsByElement,
} from './field-type.ts';

/** `live` with everything that `applied` says put over it. */
export function merge(schema: JsonSchema, live: unknown, applied: unknown): unknown {
  if (applied === undefined) return live;
  if (live === undefined) return applied;
  const type = fieldTypeOf(schema, applied);
  if (type.kind === 'leaf' || fieldTypeOf(schema, live).kind !== type.kind) return applied;
  if (type.kind === 'fields') {
    const result: Record<string, unknown> = { ...asMap(live) };
    for (const [name, value] of Object.entries(asMap(applied))) {
      const current = Object.hasOwn(result, name) ? result[name] : undefined;
      setOwn(result, name, merge(childSchema(schema, name).schema, current, value));
    }
    return result;
  }
  return mergeLists(type, asList(live), asList(applied));
}

/** Items in the order of the configuration; those that only the object has stay where they were. */
function mergeLists(
  type: Extract<FieldType, { kind: 'keyed' | 'set' }>,
  live: readonly unknown[],
  applied: readonly unknown[],
): readonly unknown[] {
  const liveItems = itemsByElement(type, live);
  const appliedItems = itemsByElement(type, applied);
  const merged = (element: string) =>
    merge(itemSchema(type), liveItems.get(element), appliedItems.get(element));
  const waiting = [...appliedItems.keys()];
  const result: unknown[] = [];
  for (const item of live) {
    const element = itemElement(type, item);
    if (!appliedItems.has(element)) result.push(item);
    else if (waiting.includes(element)) {
      // Everything that the configuration puts before this item comes before it.
      for (const next of waiting.splice(0, waiting.indexOf(element) + 1)) result.push(merged(next));
    }
  }
  return [...result, ...waiting.map(merged)];
}

/** The object without these fields and everything below them. */
export function removeFields(schema: JsonSchema, value: unknown, fields: FieldSet): unknown {
  if (fields.children.size === 0) return value;
  const type = fieldTypeOf(schema, value);
  if (type.kind === 'leaf') return value;
  if (type.kind === 'fields') {
    const result: Record<string, unknown> = {};
    for (const [name, child] of Object.entries(asMap(value))) {
      const below = fields.children.get(fieldElement(name));
      const kept = without(childSchema(schema, name).schema, child, below);
      if (kept !== undefined) setOwn(result, name, kept);
    }
    return result;
  }
  return asList(value)
    .map((item) => without(itemSchema(type), item, fields.children.get(itemElement(type, item))))
    .filter((item) => item !== undefined);
}

function without(schema: JsonSchema, value: unknown, fields: FieldSet | undefined): unknown {
  if (fields === undefined) return value;
  return fields.member ? undefined : removeFields(schema, value, fields);
}
