/** JSON merge patch (RFC 7386): the smallest one that turns one document into another. */

type Json = unknown;

/** `undefined` when nothing differs. A member that is `undefined` counts as missing. */
export function mergePatchOf(from: Json, to: Json): Json | undefined {
  if (!isObject(from) || !isObject(to)) return sameJson(from, to) ? undefined : to;
  const patch: Record<string, Json> = {};
  for (const name of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const before = from[name];
    const after = to[name];
    if (after === undefined) {
      if (before !== undefined) patch[name] = null;
      continue;
    }
    const change = before === undefined ? after : mergePatchOf(before, after);
    if (change !== undefined) patch[name] = change;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function isObject(value: Json): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sameJson(a: Json, b: Json): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
  }
  if (isObject(a) && isObject(b)) return mergePatchOf(a, b) === undefined;
  return a === b;
}
