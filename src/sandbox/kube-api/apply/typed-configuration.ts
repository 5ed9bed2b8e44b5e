/** Finds what keeps a configuration from having the types that its schema declares. Pure. */
import { asList } from '../json.ts';
import { isObject } from '../schema/json-value.ts';
import type { JsonSchema } from '../served-resource.ts';
import { pathText } from './field-set.ts';
import { childSchema, fieldTypeOf, isUndeclared, itemsByElement, itemsOf } from './field-type.ts';

/** The first problem, as the real server words it; undefined when there is none. */
export function typedProblem(
  schema: JsonSchema,
  value: unknown,
  path: readonly string[] = [],
): string | undefined {
  if (value === null || value === undefined) return undefined;
  const expected = expectation(schema, value);
  if (expected !== undefined) return `${pathText(path)}: ${expected}`;
  if (isObject(value)) {
    for (const [name, child] of Object.entries(value)) {
      const at = [...path, `f:${name}`];
      if (isUndeclared(schema, name)) return `${pathText(at)}: field not declared in schema`;
      const problem = typedProblem(childSchema(schema, name).schema, child, at);
      if (problem !== undefined) return problem;
    }
  }
  return Array.isArray(value) ? listProblem(schema, value, path) : undefined;
}

function listProblem(
  schema: JsonSchema,
  value: readonly unknown[],
  path: readonly string[],
): string | undefined {
  const type = fieldTypeOf(schema, value);
  if (type.kind === 'keyed' || type.kind === 'set') {
    const elements = itemsByElement(type, value);
    if (elements.size < value.length) {
      const seen = [...elements.keys()].map((element) => pathText([element]))[0];
      return `${pathText(path)}: duplicate entries for key ${seen}`;
    }
  }
  for (const [index, item] of asList(value).entries()) {
    const problem = typedProblem(itemsOf(schema), item, path);
    if (problem !== undefined)
      return problem.replace(pathText(path), `${pathText(path)}[${index}]`);
  }
  return undefined;
}

function expectation(schema: JsonSchema, value: unknown): string | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) return undefined;
  const shown = `got &{${goValue(value)}}`;
  switch (schema.type) {
    case 'string':
      // The real server prints this one differently from the others.
      return typeof value === 'string'
        ? undefined
        : `expected string, got &value.valueUnstructured{Value:${goValue(value)}}`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, ${shown}`;
    case 'integer':
    case 'number':
      return typeof value === 'number'
        ? undefined
        : `expected numeric (int or float), got ${typeof value}`;
    case 'array':
      return Array.isArray(value) ? undefined : `expected list, ${shown}`;
    case 'object':
      return isObject(value) ? undefined : `expected map, ${shown}`;
    default:
      return undefined;
  }
}

/** A value in the notation in which the real server prints it. */
function goValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`;
  if (!isObject(value)) return String(value);
  const entries = Object.entries(value).map(([key, child]) => `${key}:${goValue(child)}`);
  return `map[${entries.sort().join(' ')}]`;
}
