/**
 * Removes the fields that a schema does not know and says which they were, sorted, as
 * `fieldValidation=Strict` and `Warn` report them. Pure, and idempotent.
 */

import type { JsonSchema } from '../served-resource.ts';
import { asSchema, propertyOf, type Schema, valuesOf } from './json-schema.ts';
import { isObject, nestingDepthMax, setOwn } from './json-value.ts';

export interface Pruned {
  readonly value: unknown;
  /** Such as `spec.items[0].colour`. */
  readonly dropped: readonly string[];
}

export function prune(schema: JsonSchema, value: unknown): Pruned {
  const dropped: string[] = [];
  const root: Schema = { ...asSchema(schema), 'x-kubernetes-embedded-resource': true };
  return { value: pruned(root, value, '', 0, dropped), dropped: dropped.sort() };
}

const typeMeta = new Set(['apiVersion', 'kind']);

/** Every field of metadata; the server knows them whatever a CRD's own schema says. */
const objectMetaFields = new Set([
  'annotations',
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'finalizers',
  'generateName',
  'generation',
  'labels',
  'managedFields',
  'name',
  'namespace',
  'ownerReferences',
  'resourceVersion',
  'selfLink',
  'uid',
]);

function pruned(
  schema: Schema | undefined,
  value: unknown,
  path: string,
  depth: number,
  dropped: string[],
): unknown {
  if (depth > nestingDepthMax) return value; // validation refuses such a document
  if (Array.isArray(value)) {
    const items = keepsUnknown(schema) ? keeping(schema?.items) : schema?.items;
    return value.map((each, i) => pruned(items, each, `${path}[${i}]`, depth + 1, dropped));
  }
  if (!isObject(value)) return value;
  const result: Record<string, unknown> = {};
  for (const [name, child] of Object.entries(value)) {
    const childPath = path === '' ? name : `${path}.${name}`;
    if (schema?.['x-kubernetes-embedded-resource'] && typeMeta.has(name)) {
      setOwn(result, name, child);
    } else if (schema?.['x-kubernetes-embedded-resource'] && name === 'metadata') {
      setOwn(result, name, knownMetadata(child, childPath, dropped));
    } else {
      const known = propertyOf(schema, name) ?? valuesOf(schema);
      const anyValue = schema?.additionalProperties === true;
      if (known) setOwn(result, name, pruned(known, child, childPath, depth + 1, dropped));
      else if (anyValue || keepsUnknown(schema)) setOwn(result, name, child);
      else dropped.push(childPath);
    }
  }
  return result;
}

function knownMetadata(metadata: unknown, path: string, dropped: string[]): unknown {
  if (!isObject(metadata)) return metadata;
  const known = Object.entries(metadata).filter(([name]) => {
    if (!objectMetaFields.has(name)) dropped.push(`${path}.${name}`);
    return objectMetaFields.has(name);
  });
  return Object.fromEntries(known);
}

function keepsUnknown(schema: Schema | undefined): boolean {
  return schema?.['x-kubernetes-preserve-unknown-fields'] === true;
}

/** The elements of a list below a free-form node are free-form too. */
function keeping(items: Schema | undefined): Schema {
  return { ...items, 'x-kubernetes-preserve-unknown-fields': true };
}
