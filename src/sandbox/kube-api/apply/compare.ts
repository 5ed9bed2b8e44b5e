/** Which fields two objects of one schema differ in, and which fields one object sets. Pure. */
import { asMap } from '../json.ts';
import { isObject, jsonEqual } from '../schema/json-value.ts';
import type { JsonSchema } from '../served-resource.ts';
import { type FieldSet, setOf } from './field-set.ts';
import {
  childSchema,
  fieldElement,
  fieldTypeOf,
  itemElement,
  itemSchema,
  itemsByElement,
} from './field-type.ts';

export interface Comparison {
  readonly added: FieldSet;
  readonly removed: FieldSet;
  readonly modified: FieldSet;
}

type Path = readonly string[];

interface Paths {
  readonly added: Path[];
  readonly removed: Path[];
  readonly modified: Path[];
}

export function compare(schema: JsonSchema, before: unknown, after: unknown): Comparison {
  const paths: Paths = { added: [], removed: [], modified: [] };
  walk(schema, before, after, [], paths);
  return {
    added: setOf(paths.added),
    removed: setOf(paths.removed),
    modified: setOf(paths.modified),
  };
}

function walk(schema: JsonSchema, before: unknown, after: unknown, path: Path, paths: Paths): void {
  if (before === after) return;
  const type = fieldTypeOf(schema, after ?? before);
  const otherType = fieldTypeOf(schema, before ?? after);
  // Empty on both sides is one piece, so that absent, null and empty stay apart.
  const bothEmpty = isEmptyValue(before) && isEmptyValue(after);
  if (type.kind === 'leaf' || type.kind !== otherType.kind || bothEmpty) {
    if (before === undefined) paths.added.push(path);
    else if (after === undefined) paths.removed.push(path);
    else if (!jsonEqual(before, after)) paths.modified.push(path);
    return;
  }
  if (type.kind === 'fields') {
    for (const name of new Set([...Object.keys(asMap(before)), ...Object.keys(asMap(after))])) {
      const child = childSchema(schema, name).schema;
      const at = [...path, fieldElement(name)];
      walk(child, asMap(before)[name], asMap(after)[name], at, paths);
    }
  } else {
    const old = itemsByElement(type, before);
    const now = itemsByElement(type, after);
    for (const element of new Set([...old.keys(), ...now.keys()])) {
      const at = [...path, element];
      walk(itemSchema(type), old.get(element), now.get(element), at, paths);
    }
  }
  if (before === undefined) paths.added.push(path);
  else if (after === undefined) paths.removed.push(path);
}

function isEmptyValue(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

/** What an applied configuration claims: its leaves, its list items, and the keys of its maps. */
export function fieldsOf(schema: JsonSchema, value: unknown): FieldSet {
  const paths: Path[] = [];
  collect(schema, value, [], paths);
  return setOf(paths);
}

function collect(schema: JsonSchema, value: unknown, path: Path, paths: Path[]): void {
  const type = fieldTypeOf(schema, value);
  if (type.kind === 'leaf') {
    paths.push(path);
    return;
  }
  if (type.kind === 'fields') {
    for (const [name, child] of Object.entries(asMap(value))) {
      const at = [...path, fieldElement(name)];
      const { schema: below, declared } = childSchema(schema, name);
      collect(below, child, at, paths);
      if (!declared || child === null || isEmptyMap(child)) paths.push(at);
    }
    return;
  }
  for (const item of value as readonly unknown[]) {
    const at = [...path, itemElement(type, item)];
    collect(itemSchema(type), item, at, paths);
    paths.push(at);
  }
}

function isEmptyMap(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length === 0;
}
