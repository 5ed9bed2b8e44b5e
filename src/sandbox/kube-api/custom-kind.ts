/** A kind that a CustomResourceDefinition describes: its schema says all there is to say. */
import { metadataSchema } from './builtin/schema-words.ts';
import { rejectWrongTypes } from './builtin/typed-decoding.ts';
import { type ApiObject, asMap, without } from './json.ts';
import { apiVersionOf, type Kind, storageOf } from './kind.ts';
import { withNormalMeta } from './meta-normal.ts';
import { applyDefaults } from './schema/defaults.ts';
import { jsonEqual, own } from './schema/json-value.ts';
import { prune } from './schema/prune.ts';
import { validate } from './schema/validate.ts';
import type { JsonSchema, ServedResource } from './served-resource.ts';

/** `storedVersion` is the version in which objects are kept: conversion changes only its name. */
export function customKind(
  served: ServedResource,
  storedVersion: string,
  storedSchema?: JsonSchema,
): Kind {
  const schema = served.schema ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const apiVersion = apiVersionOf(served);
  const storedApiVersion = apiVersionOf({ group: served.group, version: storedVersion });
  const withDefaults = (object: ApiObject) =>
    applyDefaults(schema, withNormalMeta(object)) as ApiObject;
  // Reading prunes and defaults too: the schema may have changed since the object was written. The
  // memo goes with the kind, which is made anew when its definition changes.
  const presented = new WeakMap<ApiObject, ApiObject>();
  const fitted = (object: ApiObject) => withDefaults(prune(schema, object).value as ApiObject);
  const selectable = new Map(
    (served.selectableFields ?? []).map(({ jsonPath }) => [jsonPath.slice(1), jsonPath.slice(1)]),
  );
  return {
    served,
    storage: storageOf(served),
    custom: true,
    nameRule: 'subdomain',
    hasGeneration: true,
    unconditionalUpdate: false,
    createOnUpdate: false,
    emptyObject: { apiVersion, kind: served.kind },
    present(stored) {
      let object = presented.get(stored);
      if (object === undefined) {
        object = fitted({ ...stored, apiVersion });
        presented.set(stored, object);
      }
      return object;
    },
    // Another version's fields that the stored version does not know are not kept.
    accept: (object) =>
      storedApiVersion === apiVersion || storedSchema === undefined
        ? object
        : { ...(prune(storedSchema, object).value as ApiObject), apiVersion: storedApiVersion },
    decode(object) {
      const { value, dropped } = prune(schema, object);
      rejectWrongTypes(served, metadataSchema, object.metadata, 'ObjectMeta');
      return { object: withDefaults(value as ApiObject), unknownFields: dropped };
    },
    withDefaults,
    prepare(next, old) {
      if (!served.subresources.status) return next;
      const rest = without(next, 'status');
      // Status comes through its subresource only; of a new object it is not stored at all.
      if (old === undefined) return rest;
      return old.status === undefined ? rest : { ...rest, status: old.status };
    },
    validate: (next, old) => validate(schema, next, old),
    valueOf(object, field) {
      if (field === 'metadata.name') return object.metadata.name;
      if (field === 'metadata.namespace') return object.metadata.namespace ?? '';
      const path = selectable.get(field);
      return path === undefined ? undefined : textAt(object, path.split('.'));
    },
    unknownField: (field) => `field label not supported: ${field}`,
  };
}

/** The specification for the generation's purpose: everything but metadata and reported status. */
export function sameSpecification(kind: Kind, a: ApiObject, b: ApiObject): boolean {
  const aside = kind.served.subresources.status ? ['metadata', 'status'] : ['metadata'];
  return jsonEqual(without(a, ...aside), without(b, ...aside));
}

function textAt(object: ApiObject, path: readonly string[]): string {
  let value: unknown = object;
  for (const part of path) value = own(asMap(value), part);
  return value === undefined || value === null ? '' : String(value);
}
