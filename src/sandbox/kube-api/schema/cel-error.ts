/** CEL's errors in the API server's words. */

import { EvaluationError } from '@marcbachmann/cel-js';

/** With `rule`, the way the server reports a rule that could not be evaluated. */
export function celErrorText(error: unknown, rule?: string): string {
  if (!(error instanceof Error)) return String(error);
  const summary = 'summary' in error ? String(error.summary) : error.message;
  const code = error instanceof EvaluationError ? error.code : '';
  const text = worded(code, summary);
  if (rule === undefined) return text;
  if (text.startsWith('no such overload')) {
    const why = 'call arguments did not match a supported operator, function or macro signature';
    return `'${text}': ${why} for rule: ${rule}`;
  }
  return `${text} evaluating rule: ${rule}`;
}

function worded(code: string, summary: string): string {
  switch (code) {
    case 'no_such_key':
      return summary.replace('No such key', 'no such key');
    case 'index_out_of_bounds':
      return `index out of bounds: ${/index (-?\d+)/.exec(summary)?.[1] ?? '?'}`;
    case 'no_such_overload':
    case 'no_matching_overload':
      return 'no such overload';
    default:
      return summary;
  }
}
