/**
 * Strategic merge patch: a merge patch that knows, from the schema, which lists are merged item by
 * item, and obeys the directives that kubectl puts into its patches. Pure.
 */
import { childSchema } from './apply/field-type.ts';
import { asList, asMap, type JsonMap } from './json.ts';
import { isObject, jsonEqual, setOwn } from './schema/json-value.ts';
import type { JsonSchema } from './served-resource.ts';

const directive = '$patch';
const retainKeys = '$retainKeys';
const orderPrefix = '$setElementOrder/';
const removalPrefix = '$deleteFromPrimitiveList/';

export function strategicPatch(schema: JsonSchema, target: unknown, patch: JsonMap): unknown {
  if (patch[directive] === 'replace') return withoutDirectives(patch);
  if (patch[directive] === 'delete') return {};
  const result: Record<string, unknown> = { ...asMap(target) };
  const retained = patch[retainKeys];
  if (Array.isArray(retained)) {
    for (const key of Object.keys(result)) if (!retained.includes(key)) delete result[key];
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) continue;
    const below = childSchema(schema, key).schema;
    if (value === null) delete result[key];
    else if (Array.isArray(value)) setOwn(result, key, patchedList(below, result[key], value));
    else if (isObject(value)) setOwn(result, key, strategicPatch(below, result[key], value));
    else setOwn(result, key, value);
  }
  for (const [key, values] of withPrefix(patch, removalPrefix)) {
    if (result[key] !== undefined) {
      result[key] = asList(result[key]).filter((item) => !includes(values, item));
    }
  }
  for (const [key, order] of withPrefix(patch, orderPrefix)) {
    if (result[key] === undefined) continue;
    const mergeKey = childSchema(schema, key).schema['x-kubernetes-patch-merge-key'];
    result[key] = ordered(asList(result[key]), order, mergeKey as string | undefined);
  }
  return result;
}

function withPrefix(
  patch: JsonMap,
  prefix: string,
): readonly (readonly [string, readonly unknown[]])[] {
  return Object.entries(patch)
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => [key.slice(prefix.length), asList(value)] as const);
}

function patchedList(
  schema: JsonSchema,
  target: unknown,
  patch: readonly unknown[],
): readonly unknown[] {
  if (schema['x-kubernetes-patch-strategy'] !== 'merge') return patch;
  const mergeKey = schema['x-kubernetes-patch-merge-key'];
  if (typeof mergeKey !== 'string') {
    const current = asList(target);
    return [...current, ...patch.filter((item) => !includes(current, item))];
  }
  if (patch.some((item) => asMap(item)[directive] === 'replace')) {
    return patch.filter((item) => asMap(item)[directive] !== 'replace').map(withoutDirectives);
  }
  const result = [...asList(target)];
  for (const item of patch.map(asMap)) {
    const index = result.findIndex((each) => jsonEqual(asMap(each)[mergeKey], item[mergeKey]));
    if (item[directive] === 'delete') {
      if (index >= 0) result.splice(index, 1);
    } else if (index >= 0) {
      result[index] = strategicPatch(asMap(schema.items), result[index], item);
    } else result.push(withoutDirectives(item));
  }
  return result;
}

/** Named items in the order given; others stay behind the item that they followed. */
function ordered(
  list: readonly unknown[],
  order: readonly unknown[],
  mergeKey: string | undefined,
): readonly unknown[] {
  const keyOf = (item: unknown) => (mergeKey === undefined ? item : asMap(item)[mergeKey]);
  const wanted = order.map(keyOf);
  const named = list.filter((item) => includes(wanted, keyOf(item)));
  const rank = (item: unknown) => wanted.findIndex((key) => jsonEqual(key, keyOf(item)));
  const sorted = [...named].sort((a, b) => rank(a) - rank(b));
  return list.map((item) => (named.includes(item) ? sorted.shift() : item));
}

function includes(list: readonly unknown[], value: unknown): boolean {
  return list.some((each) => jsonEqual(each, value));
}

function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(
    ([key, child]) => !key.startsWith('$') && child !== null,
  );
  return Object.fromEntries(kept.map(([key, child]) => [key, withoutDirectives(child)]));
}
