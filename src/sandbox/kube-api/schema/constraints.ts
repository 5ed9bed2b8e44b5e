/** The bounds of one value: lengths, patterns, formats, ranges, counts. */

import { type FieldError, invalid, noField, tooLong, tooMany, typeInvalid } from './field-error.ts';
import { hasFormat } from './formats.ts';
import type { Schema } from './json-schema.ts';
import { canonicalJson, isObject } from './json-value.ts';
import { parsePattern } from './regex.ts';

export function boundErrors(schema: Schema, value: unknown, path: string): readonly FieldError[] {
  if (typeof value === 'string') return textErrors(schema, value, path);
  if (typeof value === 'number') return numberErrors(schema, value, path);
  if (Array.isArray(value)) return listErrors(schema, value, path);
  if (isObject(value)) return sizeErrors(schema, Object.keys(value).length, path);
  return [];
}

function textErrors(schema: Schema, text: string, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const length = [...text].length; // code points, whatever the server's word "bytes" says
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    errors.push(tooLong(path, schema.maxLength));
  }
  if (schema.minLength !== undefined && length < schema.minLength) {
    errors.push(
      invalid(path, text, `${path} in body should be at least ${schema.minLength} chars long`),
    );
  }
  if (schema.pattern !== undefined) {
    const pattern = parsePattern(schema.pattern);
    if (pattern.kind === 'refused' || !pattern.matches(text)) {
      errors.push(invalid(path, text, `${path} in body should match '${schema.pattern}'`));
    }
  }
  if (schema.format !== undefined && !hasFormat(schema.format, text)) {
    const why = `${path} in body must be of type ${schema.format}: ${JSON.stringify(text)}`;
    errors.push(typeInvalid(path, text, why));
  }
  return errors;
}

function numberErrors(schema: Schema, value: number, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const should = (what: string) => errors.push(invalid(path, value, `${path} in body ${what}`));
  if (schema.type === 'integer' && !fitsInteger(schema.format, value)) {
    const format = Number.isInteger(value) && schema.format ? `with format ${schema.format}` : '';
    const what = `integer ${format || '(default format)'}`;
    errors.push(invalid(noField, '', `Checked value must be of type ${what} in ${path}`));
  }
  if (schema.multipleOf !== undefined && !isMultiple(value, schema.multipleOf)) {
    should(`should be a multiple of ${schema.multipleOf}`);
  }
  const { maximum, minimum } = schema;
  if (maximum !== undefined) {
    if (schema.exclusiveMaximum) {
      if (value >= maximum) should(`should be less than ${maximum}`);
    } else if (value > maximum) should(`should be less than or equal to ${maximum}`);
  }
  if (minimum !== undefined) {
    if (schema.exclusiveMinimum) {
      if (value <= minimum) should(`should be greater than ${minimum}`);
    } else if (value < minimum) should(`should be greater than or equal to ${minimum}`);
  }
  return errors;
}

function fitsInteger(format: string | undefined, value: number): boolean {
  const bits = format === 'int32' ? 31 : 63;
  return Number.isInteger(value) && value >= -(2 ** bits) && value < 2 ** bits;
}

/** With room for binary fractions: 0.3 is a multiple of 0.1. */
function isMultiple(value: number, of: number): boolean {
  const quotient = value / of;
  return Math.abs(quotient - Math.round(quotient)) < 1e-9;
}

function listErrors(schema: Schema, list: readonly unknown[], path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const count = list.length;
  if (schema.minItems !== undefined && count < schema.minItems) {
    errors.push(
      invalid(path, count, `${path} in body should have at least ${schema.minItems} items`),
    );
  }
  if (schema.maxItems !== undefined && count > schema.maxItems) {
    errors.push(tooMany(path, count, schema.maxItems));
  }
  if (schema.uniqueItems && new Set(list.map(canonicalJson)).size < count) {
    errors.push(invalid(path, '', `${path} in body shouldn't contain duplicates`));
  }
  return errors;
}

function sizeErrors(schema: Schema, size: number, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (schema.minProperties !== undefined && size < schema.minProperties) {
    const why = `${path} in body should have at least ${schema.minProperties} properties`;
    errors.push(invalid(path, size, why));
  }
  if (schema.maxProperties !== undefined && size > schema.maxProperties) {
    errors.push(tooMany(path, size, schema.maxProperties));
  }
  return errors;
}
