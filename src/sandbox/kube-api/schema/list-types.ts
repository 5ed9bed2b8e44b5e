/** Lists declared as sets or keyed lists hold no element twice. */

import { keyOfElement } from './correlation.ts';
import { duplicate, type FieldError, invalid } from './field-error.ts';
import { propertyOf, type Schema, valuesOf } from './json-schema.ts';
import { canonicalJson, isObject } from './json-value.ts';

export function listTypeErrors(
  schema: Schema | undefined,
  value: unknown,
  path: string,
): readonly FieldError[] {
  if (schema === undefined) return [];
  if (Array.isArray(value)) {
    const inner = value.flatMap((each, i) => listTypeErrors(schema.items, each, `${path}[${i}]`));
    return [...ownErrors(schema, value, path), ...inner];
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, child]) => {
    const property = propertyOf(schema, name);
    if (property) return listTypeErrors(property, child, path === '' ? name : `${path}.${name}`);
    return listTypeErrors(valuesOf(schema), child, `${path}[${name}]`);
  });
}

function ownErrors(schema: Schema, list: readonly unknown[], path: string): readonly FieldError[] {
  const type = schema['x-kubernetes-list-type'];
  if (type === 'set') return repeated(list, path);
  if (type !== 'map') return [];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const stranger = list.findIndex((each) => each !== null && !isObject(each));
  if (stranger >= 0) {
    const why = 'must be an object for an array of list-type map';
    return [invalid(`${path}[${stranger}]`, list[stranger], why)];
  }
  const keyed = list.map((each) => keyOfElement(keys, each));
  return repeated(keyed, path);
}

/** Each value that comes again is named once, at its second place. */
function repeated(list: readonly unknown[], path: string): readonly FieldError[] {
  const seen = new Map<string, number>();
  return list.flatMap((each, i) => {
    const text = canonicalJson(each);
    const times = (seen.get(text) ?? 0) + 1;
    seen.set(text, times);
    return times === 2 ? [duplicate(`${path}[${i}]`, each)] : [];
  });
}
