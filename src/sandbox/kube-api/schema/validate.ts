/**
 * Validates an object against a CRD's schema, in the API server's order and words: structure, then
 * sets and keyed lists, then CEL rules. As on the server, rules do not run on an object whose types
 * or required fields are wrong; a last error then says that they did not. Never throws.
 */

import type { JsonSchema } from '../served-resource.ts';
import { hasRules, ruleErrors } from './cel-rules.ts';
import {
  type FieldError,
  type FieldErrorReason,
  invalidWithoutValue,
  noField,
} from './field-error.ts';
import { asSchema } from './json-schema.ts';
import { isNestedDeeperThan, nestingDepthMax } from './json-value.ts';
import { listTypeErrors } from './list-types.ts';
import { structureErrors } from './structure.ts';

/** `old` is the stored object on an update: transition rules and unchanged parts depend on it. */
export function validate(schema: JsonSchema, value: unknown, old?: unknown): readonly FieldError[] {
  const typed = asSchema(schema);
  if (isNestedDeeperThan(value, nestingDepthMax)) {
    const why = `nested more than ${nestingDepthMax} levels deep; flatten the document`;
    return [invalidWithoutValue(noField, why)];
  }
  const errors = [...structureErrors(typed, value, '', old), ...listTypeErrors(typed, value, '')];
  if (!hasRules(typed)) return errors;
  if (errors.some(({ reason }) => blocking.has(reason))) return [...errors, rulesNotChecked];
  return [...errors, ...ruleErrors(typed, value, old)];
}

/** With these, a rule would read values of another type than it was compiled for. */
const blocking: ReadonlySet<FieldErrorReason> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

const rulesNotChecked: FieldError = {
  field: noField,
  reason: 'FieldValueInvalid',
  message:
    'Invalid value: null: some validation rules were not checked because the object was invalid; ' +
    'correct the existing errors to complete validation',
};
