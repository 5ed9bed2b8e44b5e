/** JSON Patch (RFC 6902). Pure: the whole patch applies, or `JsonPatchError` says why not. */
import { isObject, type JsonObject, jsonEqual, setOwn } from './schema/json-value.ts';

export class JsonPatchError extends Error {}

/** The real server's limit of operations in one patch. */
const operationsMax = 10_000;

export function jsonPatch(target: unknown, patch: readonly unknown[]): unknown {
  if (patch.length > operationsMax) {
    throw new JsonPatchError(`The allowed maximum operations in a JSON patch is ${operationsMax}`);
  }
  return patch.reduce(applyOne, target);
}

function applyOne(document: unknown, operation: unknown): unknown {
  const { op, path, from, value } = isObject(operation) ? operation : ({} as JsonObject);
  const at = pointer(path);
  switch (op) {
    case 'add':
      return write(document, at, value, 'insert');
    case 'remove':
      return write(document, at, undefined, 'remove');
    case 'replace':
      return write(document, at, value, 'replace');
    case 'move': {
      const source = pointer(from);
      const moved = read(document, source);
      return write(write(document, source, undefined, 'remove'), at, moved, 'insert');
    }
    case 'copy':
      return write(document, at, read(document, pointer(from)), 'insert');
    case 'test':
      if (!jsonEqual(read(document, at), value)) {
        throw new JsonPatchError(`testing value ${String(path)} failed`);
      }
      return document;
    default:
      throw new JsonPatchError(`Unexpected kind: ${String(op)}`);
  }
}

function pointer(path: unknown): readonly string[] {
  if (typeof path !== 'string' || (path !== '' && !path.startsWith('/'))) {
    throw new JsonPatchError(`not a JSON pointer: ${JSON.stringify(path)}`);
  }
  const parts = path.split('/').slice(1);
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function read(document: unknown, path: readonly string[]): unknown {
  let value = document;
  for (const part of path) {
    value = Array.isArray(value) ? value[indexIn(value, part)] : memberOf(value, part);
    if (value === undefined) throw missing(part);
  }
  return value;
}

type Mode = 'insert' | 'replace' | 'remove';

function write(node: unknown, path: readonly string[], value: unknown, mode: Mode): unknown {
  const [part, ...rest] = path;
  if (part === undefined) return value;
  if (Array.isArray(node)) return writeItem(node, part, rest, value, mode);
  if (!isObject(node)) throw missing(part);
  const present = Object.hasOwn(node, part);
  if (!present && (rest.length > 0 || mode !== 'insert')) throw missing(part);
  const copy: Record<string, unknown> = { ...node };
  if (rest.length === 0 && mode === 'remove') delete copy[part];
  else setOwn(copy, part, write(copy[part], rest, value, mode));
  return copy;
}

function writeItem(
  list: readonly unknown[],
  part: string,
  rest: readonly string[],
  value: unknown,
  mode: Mode,
): unknown {
  const inserting = rest.length === 0 && mode === 'insert';
  const index = inserting && part === '-' ? list.length : indexIn(list, part, inserting);
  if (rest.length > 0) return list.with(index, write(list[index], rest, value, mode));
  if (mode === 'replace') return list.with(index, value);
  return mode === 'insert' ? list.toSpliced(index, 0, value) : list.toSpliced(index, 1);
}

function indexIn(list: readonly unknown[], part: string, atEnd = false): number {
  const index = /^-?\d+$/.test(part) ? Number(part) : Number.NaN;
  const counted = index < 0 ? index + list.length : index;
  if (counted >= 0 && counted < list.length + (atEnd ? 1 : 0)) return counted;
  throw missing(part);
}

function memberOf(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function missing(part: string): JsonPatchError {
  return new JsonPatchError(`Unable to find nonexistent key: ${part}`);
}
