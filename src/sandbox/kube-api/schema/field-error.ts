/**
 * A refused field, in the words of the Kubernetes API server: kubectl and people's scripts match
 * on them. `field` and `message` are the two halves of a Status cause.
 */

import { canonicalJson } from './json-value.ts';

export type FieldErrorReason =
  | 'FieldValueDuplicate'
  | 'FieldValueForbidden'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueRequired'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid';

export interface FieldError {
  /** Such as `spec.deployment.schedule`, or `<nil>` where the server has no field to name. */
  readonly field: string;
  readonly reason: FieldErrorReason;
  readonly message: string;
}

/** The server prints this for an error that belongs to no single field. */
export const noField = '<nil>';

export function required(field: string, detail = ''): FieldError {
  return {
    field,
    reason: 'FieldValueRequired',
    message: detail ? `Required value: ${detail}` : 'Required value',
  };
}

export function invalid(field: string, value: unknown, detail: string): FieldError {
  return {
    field,
    reason: 'FieldValueInvalid',
    message: `Invalid value: ${shown(value)}: ${detail}`,
  };
}

/** For objects and lists, whose values would drown the message. */
export function invalidWithoutValue(field: string, detail: string): FieldError {
  return { field, reason: 'FieldValueInvalid', message: `Invalid value: ${detail}` };
}

export function typeInvalid(field: string, value: unknown, detail: string): FieldError {
  return { ...invalid(field, value, detail), reason: 'FieldValueTypeInvalid' };
}

export function forbidden(field: string, detail: string): FieldError {
  return { field, reason: 'FieldValueForbidden', message: `Forbidden: ${detail}` };
}

export function duplicate(field: string, value: unknown): FieldError {
  return { field, reason: 'FieldValueDuplicate', message: `Duplicate value: ${shown(value)}` };
}

export function notSupported(
  field: string,
  value: unknown,
  supported: readonly unknown[],
): FieldError {
  const values = supported
    .map((each) => JSON.stringify(typeof each === 'string' ? each : canonicalJson(each)))
    .join(', ');
  return {
    field,
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: ${shown(value)}: supported values: ${values}`,
  };
}

export function tooLong(field: string, lengthMax: number): FieldError {
  return {
    field,
    reason: 'FieldValueTooLong',
    message: `Too long: may not be more than ${lengthMax} bytes`,
  };
}

export function tooMany(field: string, count: number, countMax: number): FieldError {
  return {
    field,
    reason: 'FieldValueTooMany',
    message: `Too many: ${count}: must have at most ${countMax} items`,
  };
}

/** All errors as the one text that follows `is invalid: `. */
export function describeFieldErrors(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(({ field, message }) => `${field}: ${message}`))];
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  return value === undefined ? 'null' : canonicalJson(value);
}

/** As Go quotes: what does not print is escaped, so that a message cannot be forged. */
function quoted(text: string): string {
  const escaped = [...text].map((char) => {
    const known = escapes[char];
    if (known !== undefined) return known;
    if (char === ' ' || !/[\p{C}\p{Z}]/u.test(char)) return char;
    const code = (char.codePointAt(0) ?? 0).toString(16);
    if (code.length <= 2 && code < '80') return `\\x${code.padStart(2, '0')}`;
    return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
  });
  return `"${escaped.join('')}"`;
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};
