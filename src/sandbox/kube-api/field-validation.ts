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
  const problems = [
    ...unknownFields.map((field) => `unknown field "${field}"`),
    ...duplicateFields.map((field) => `duplicate field "${field}"`),
  ].slice(0, problemsShownMax);
  if (problems.length === 0) return;
  if (validation === 'Warn') {
    warnings.push(...problems);
    return;
  }
  const { kind: name, version } = kind.served;
  const strict = `strict decoding error: ${problems.join(', ')}`;
  throw badRequest(
    kind.custom
      ? strict
      : `${name} in version "${version}" cannot be handled as a ${name}: ${strict}`,
  );
}
