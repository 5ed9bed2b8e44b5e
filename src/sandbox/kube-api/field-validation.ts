/** What happens to fields that a kind does not know, as `fieldValidation` asks for it. */
import { badRequest, invalid } from './api-error.ts';
import type { Call } from './call.ts';
import type { FieldValidation } from './options.ts';
import { invalid as invalidField } from './schema/field-error.ts';

/** More problems than this are not listed one by one. */
const problemsShownMax = 100;

export interface StrangeFields {
  readonly unknown: readonly string[];
  readonly duplicate: readonly string[];
}

/** Of an object that was sent whole. */
export function judgeFields(call: Call, fields: StrangeFields, validation: FieldValidation): void {
  const problem = strictProblem(call, fields, validation);
  if (problem === undefined) return;
  const { kind: name, version } = call.kind.served;
  throw badRequest(`${name} in version "${version}" cannot be handled as a ${name}: ${problem}`);
}

/** Of a patched object; `shown` is how the real server quotes what it could not take. */
export function judgePatchedFields(
  call: Call,
  fields: StrangeFields,
  validation: FieldValidation,
  shown: () => string,
): void {
  const problem = strictProblem(call, fields, validation);
  if (problem === undefined) return;
  // It is the patch that is wrong, and a patch has neither kind nor name.
  throw invalid({ group: '', kind: '' }, '', [invalidField('patch', shown(), problem)]);
}

/** A sentence where strictness was asked for; otherwise at most warnings. */
function strictProblem(
  { kind, warnings }: Call,
  { unknown, duplicate }: StrangeFields,
  validation: FieldValidation,
): string | undefined {
  if (validation === 'Ignore') return undefined;
  const unknownProblems = unknown.map((field) => `unknown field "${field}"`);
  const read = duplicate.filter((field) => kind.custom || !unknown.includes(field));
  const duplicateProblems = read.map((field) => `duplicate field "${field}"`);
  const all = kind.custom
    ? [...duplicateProblems, ...unknownProblems]
    : [...unknownProblems, ...duplicateProblems];
  const problems = all.slice(0, problemsShownMax);
  if (problems.length === 0) return undefined;
  if (validation === 'Strict') return `strict decoding error: ${problems.join(', ')}`;
  warnings.push(...problems);
  return undefined;
}
