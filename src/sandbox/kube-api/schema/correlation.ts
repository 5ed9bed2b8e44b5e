/** Which old value a new one is compared with: by name in objects, by key in keyed lists. */

import type { Schema } from './json-schema.ts';
import { isObject, jsonEqual, own } from './json-value.ts';

export function childOf(old: unknown, name: string): unknown {
  return isObject(old) ? own(old, name) : undefined;
}

/** Only a list of type `map` has elements with an identity; elsewhere positions say nothing. */
export function elementOf(schema: Schema, old: unknown, element: unknown): unknown {
  const keys = schema['x-kubernetes-list-map-keys'];
  if (schema['x-kubernetes-list-type'] !== 'map' || !keys || !Array.isArray(old)) return undefined;
  const wanted = keyOfElement(keys, element);
  return old.find((each) => jsonEqual(keyOfElement(keys, each), wanted));
}

/** The key fields that an element of a keyed list has. */
export function keyOfElement(keys: readonly string[], element: unknown): Record<string, unknown> {
  if (!isObject(element)) return {};
  return Object.fromEntries(
    keys.filter((key) => Object.hasOwn(element, key)).map((key) => [key, element[key]]),
  );
}
