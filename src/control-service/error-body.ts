/** What kind of body an answer has: the service, its framework and what stands before it differ. */

/**
 * fourField: the service itself. framework: the web framework below it. query: a wrong GraphQL
 * query. bare: text without a type, as an authorization webhook's answer is passed on.
 */
export type BodyKind =
  | 'empty'
  | 'fourField'
  | 'framework'
  | 'query'
  | 'json'
  | 'html'
  | 'bare'
  | 'text';

export interface ErrorBody {
  readonly kind: BodyKind;
  readonly what?: string | undefined;
  readonly why?: string | undefined;
  readonly countermeasures?: string | undefined;
}

export function readErrorBody(text: string, contentType: string | undefined): ErrorBody {
  if (text.trim() === '') return { kind: 'empty' };
  const value = parsed(text);
  if (isRecord(value)) return readErrorObject(value);
  if (value !== undefined && contentType?.includes('json')) return { kind: 'json' };
  if (contentType?.includes('html') || /^\s*<(!doctype|html)/i.test(text)) return { kind: 'html' };
  return { kind: contentType === undefined ? 'bare' : 'text', why: text };
}

function readErrorObject(value: Readonly<Record<string, unknown>>): ErrorBody {
  const { what, why, countermeasures, errors, error, status, path } = value;
  if (typeof what === 'string') {
    return { kind: 'fourField', what, why: textOf(why), countermeasures: textOf(countermeasures) };
  }
  if (typeof status === 'number' && typeof error === 'string') {
    return { kind: 'framework', what: error, why: textOf(path) };
  }
  if (Array.isArray(errors) && 'data' in value) {
    const messages = errors.map((each) => (isRecord(each) ? textOf(each.message) : undefined));
    return { kind: 'query', what: messages.find((message) => message !== undefined) };
  }
  return { kind: 'json', why: textOf(value.message) };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
