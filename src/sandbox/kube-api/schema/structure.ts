/**
 * Checks a value against the structure of a schema: types, bounds, required fields, combinators.
 * On an update, a part that did not change is not refused (the server calls this ratcheting), so
 * that a stricter schema does not lock old objects.
 */

import { boundErrors } from './constraints.ts';
import { childOf, elementOf } from './correlation.ts';
import type { FieldError } from './field-error.ts';
import { invalid, noField, notSupported, required, typeInvalid } from './field-error.ts';
import { propertyOf, type Schema, valuesOf } from './json-schema.ts';
import { isObject, type JsonObject, jsonEqual, own } from './json-value.ts';

/** `old` is undefined on creation, and where there is nothing to compare with. */
export function structureErrors(
  schema: Schema,
  value: unknown,
  path: string,
  old: unknown,
): readonly FieldError[] {
  if (old !== undefined && jsonEqual(value, old)) return [];
  const errors = [...typeErrors(schema, value, path), ...enumErrors(schema, value, path)];
  if (value === null) return errors;
  errors.push(...combinatorErrors(schema, value, path));
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items) {
      value.forEach((each, i) => {
        errors.push(...structureErrors(items, each, `${path}[${i}]`, elementOf(schema, old, each)));
      });
    }
  } else if (isObject(value)) {
    errors.push(...objectErrors(schema, value, path, old));
  }
  return [...errors, ...boundErrors(schema, value, path)];
}

function typeErrors(schema: Schema, value: unknown, path: string): FieldError[] {
  const wanted = wantedTypes(schema);
  if (wanted.length === 0) return [];
  if (value === null) {
    return schema.nullable ? [] : [wrongType(path, wanted.join(','), 'null')];
  }
  const actual = typeOf(value);
  const fits = wanted.includes(actual) || (actual === 'integer' && wanted.includes('number'));
  return fits ? [] : [wrongType(path, wanted.join(','), actual)];
}

function wantedTypes(schema: Schema): readonly string[] {
  if (schema['x-kubernetes-int-or-string']) return ['integer', 'string'];
  return schema.type === undefined ? [] : [schema.type];
}

function wrongType(path: string, wanted: string, actual: string): FieldError {
  return typeInvalid(
    path === '' ? noField : path,
    actual,
    `${path} in body must be of type ${wanted}: "${actual}"`,
  );
}

/** Integers beyond 64 bits are numbers to the server's decoder. */
function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value !== 'number') return value === null ? 'null' : typeof value;
  return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? 'integer' : 'number';
}

function enumErrors(schema: Schema, value: unknown, path: string): FieldError[] {
  if (!schema.enum || schema.enum.some((each) => jsonEqual(each, value))) return [];
  if (value === null && schema.nullable) return [];
  return [notSupported(path === '' ? noField : path, value, schema.enum)];
}

function objectErrors(
  schema: Schema,
  value: JsonObject,
  path: string,
  old: unknown,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  const at = (name: string) => (path === '' ? name : `${path}.${name}`);
  for (const [name, child] of Object.entries(value)) {
    const childSchema = propertyOf(schema, name) ?? valuesOf(schema);
    if (childSchema) {
      errors.push(...structureErrors(childSchema, child, at(name), childOf(old, name)));
    }
  }
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name)) errors.push(required(at(name)));
  }
  if (schema['x-kubernetes-embedded-resource']) {
    for (const name of ['apiVersion', 'kind']) {
      if (own(value, name) === undefined) errors.push(required(at(name)));
    }
  }
  return errors;
}

function combinatorErrors(schema: Schema, value: unknown, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const of = (branch: Schema) => structureErrors(branch, value, path, undefined);
  const say = (what: string) => errors.push(invalid(noField, '', `"${path}" ${what}`));
  if (schema.anyOf) {
    const results = schema.anyOf.map(of);
    if (!results.some((each) => each.length === 0)) {
      say('must validate at least one schema (anyOf)');
      errors.push(...fewest(results));
    }
  }
  if (schema.oneOf) {
    const results = schema.oneOf.map(of);
    const fitting = results.filter((each) => each.length === 0).length;
    const found = fitting === 0 ? 'Found none valid' : `Found ${fitting} valid alternatives`;
    if (fitting !== 1) say(`must validate one and only one schema (oneOf). ${found}`);
    if (fitting === 0) errors.push(...fewest(results));
  }
  if (schema.allOf) {
    const results = schema.allOf.map(of);
    const failing = results.filter((each) => each.length > 0);
    errors.push(...failing.flat());
    const none = failing.length === results.length ? '. None validated' : '';
    if (failing.length > 0) say(`must validate all the schemas (allOf)${none}`);
  }
  if (schema.not && of(schema.not).length === 0) say('must not validate the schema (not)');
  return errors;
}

/** The branch that came closest explains best. */
function fewest(results: readonly (readonly FieldError[])[]): readonly FieldError[] {
  return results.reduce<readonly FieldError[]>(
    (best, each) => (best.length === 0 || each.length < best.length ? each : best),
    [],
  );
}
