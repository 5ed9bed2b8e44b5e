/** What happens to fields that a kind does not know, as `fieldValidation` asks for it. */
import { badRequest } from './api-error.ts';
import type { Call } from './call.ts';
import type { FieldValidation } from './options.ts';

/** More problems than this are not listed one by one. */
const problemsShownMax = 100;

export function judgeFields(
  { kind, warnings }: Call,
  unknownFields: readonly string[],
  duplicateFields: readonly string[],
  validation: FieldValidation,
): void {
  if (validation === 'Ignore') return;
  const unknown = unknownFields.map((field) => `unknown field "${field}"`);
  const read = duplicateFields.filter((field) => kind.custom || !unknownFields.includes(field));
  const duplicate = read.map((field) => `duplicate field "${field}"`);
  const all = kind.custom ? [...duplicate, ...unknown] : [...unknown, ...duplicate];
  const problems = all.slice(0, problemsShownMax);
  if (problems.length === 0) return;
  if (validation === 'Warn') {
    warnings.push(...problems);
    return;
  }
  const { kind: name, version } = kind.served;
  throw badRequest(
    `${name} in version "${version}" cannot be handled as a ${name}: strict decoding error: ${problems.join(', ')}`,
  );
}
