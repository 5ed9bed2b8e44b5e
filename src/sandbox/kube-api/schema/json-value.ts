/** Small pure helpers over decoded JSON, safe against own keys such as `__proto__`. */

export type JsonObject = Readonly<Record<string, unknown>>;

/** Go's decoder, which the real server uses, refuses deeper documents; ours must not overflow. */
export const nestingDepthMax = 1_000;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Sets an own property even for `__proto__`, where an assignment would change the prototype. */
export function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else {
    target[key] = value;
  }
}

/** The value under an own key; undefined for what is only inherited. */
export function own(value: JsonObject, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

/** Without recursion, so that a hostile document cannot overflow the stack. */
export function isNestedDeeperThan(value: unknown, depthMax: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > depthMax) return true;
    const next: unknown[] = [];
    for (const each of level) {
      if (typeof each !== 'object' || each === null) continue;
      for (const child of Array.isArray(each) ? each : Object.values(each)) next.push(child);
    }
    level = next;
  }
  return false;
}

/** Structural equality of JSON; callers bound the depth. */
export function jsonEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((each, i) => jsonEqual(each, b[i]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && jsonEqual(a[key], b[key]))
  );
}

/** JSON with sorted keys: how the API server writes a value into a message. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, each) =>
    isObject(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
