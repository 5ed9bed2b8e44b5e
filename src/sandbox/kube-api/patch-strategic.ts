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
    else if (Array.isArray(value)) {
      const order = asList(patch[orderPrefix + key] ?? value);
      setOwn(
        result,
        key,
        ordered(below, patchedList(below, result[key], value), order, target, key),
      );
    } else if (isObject(value)) setOwn(result, key, strategicPatch(below, result[key], value));
    else setOwn(result, key, value);
  }
  for (const [key, values] of withPrefix(patch, removalPrefix)) {
    if (result[key] !== undefined) {
      result[key] = asList(result[key]).filter((item) => !includes(values, item));
    }
  }
  for (const [key, order] of withPrefix(patch, orderPrefix)) {
    if (result[key] === undefined || patch[key] !== undefined) continue;
    result[key] = ordered(childSchema(schema, key).schema, asList(result[key]), order, target, key);
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

/**
 * Items that the patch names, in its order; between them the others, each before the first named
 * item that it stood before. A named item that is new comes as early as its order lets it.
 */
function ordered(
  schema: JsonSchema,
  list: readonly unknown[],
  order: readonly unknown[],
  target: unknown,
  field: string,
): readonly unknown[] {
  if (schema['x-kubernetes-patch-strategy'] !== 'merge') return list;
  const mergeKey = schema['x-kubernetes-patch-merge-key'];
  const keyOf = (item: unknown) =>
    typeof mergeKey === 'string' ? asMap(item)[mergeKey] : (item as unknown);
  const rankIn = (keys: readonly unknown[], item: unknown) =>
    keys.findIndex((key) => jsonEqual(key, keyOf(item)));
  const wanted = order.map(keyOf);
  const before = asList(asMap(target)[field]).map(keyOf);
  const named = list.filter((item) => rankIn(wanted, item) >= 0);
  named.sort((a, b) => rankIn(wanted, a) - rankIn(wanted, b));
  const others = list.filter((item) => rankIn(wanted, item) < 0);
  const result: unknown[] = [];
  for (const item of named) {
    const place = rankIn(before, item);
    while (others.length > 0 && rankIn(before, others[0]) < place) result.push(others.shift());
    result.push(item);
  }
  return [...result, ...others];
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
