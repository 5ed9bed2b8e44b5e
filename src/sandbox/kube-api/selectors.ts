/**
 * Label and field selectors, as list, watch and deletecollection take them. Parsing is strict and
 * fails with the real server's words; the result is a predicate over objects.
 */
import { badRequest } from './api-error.ts';
import type { ApiObject } from './json.ts';

export type Predicate = (object: ApiObject) => boolean;

interface Requirement {
  readonly key: string;
  readonly operator: 'in' | 'notin' | 'exists' | 'absent' | 'gt' | 'lt';
  readonly values: readonly string[];
}

/** undefined when the selector selects everything. */
export function labelPredicate(selector: string | null): Predicate | undefined {
  const requirements = parseLabels(selector ?? '');
  if (requirements.length === 0) return undefined;
  return ({ metadata }) => requirements.every((each) => holds(each, metadata.labels?.[each.key]));
}

function holds({ operator, values }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case 'exists':
      return value !== undefined;
    case 'absent':
      return value === undefined;
    case 'in':
      return value !== undefined && values.includes(value);
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'lt':
      return value !== undefined && Number(value) < Number(values[0]);
  }
}

const word = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?)/;

function parseLabels(text: string): readonly Requirement[] {
  const requirements: Requirement[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const [requirement, after] = parseRequirement(rest);
    requirements.push(requirement);
    if (after !== '' && !after.startsWith(',')) {
      throw badRequest(`found '${after[0]}', expected: ',' or 'end of string'`);
    }
    rest = after.slice(1).trim();
    if (after !== '' && rest === '') {
      throw badRequest("found '', expected: identifier after ','");
    }
  }
  return requirements;
}

function parseRequirement(text: string): readonly [Requirement, string] {
  const absent = text.startsWith('!');
  const afterBang = absent ? text.slice(1).trimStart() : text;
  const key = word.exec(afterBang)?.[0];
  if (key === undefined) {
    throw badRequest(
      `unable to parse requirement: found '${afterBang[0] ?? ''}', expected: !, identifier, or 'end of string'`,
    );
  }
  const rest = afterBang.slice(key.length).trimStart();
  if (absent) return [{ key, operator: 'absent', values: [] }, rest];
  if (rest === '' || rest.startsWith(',')) return [{ key, operator: 'exists', values: [] }, rest];
  const set = /^(in|notin)\s*\(([^)]*)\)\s*/.exec(rest);
  if (set) {
    const values = (set[2] ?? '').split(',').map((value) => value.trim());
    return [{ key, operator: set[1] as 'in' | 'notin', values }, rest.slice(set[0].length)];
  }
  if (/^(in|notin)\s*\(/.test(rest)) {
    throw badRequest("unable to parse requirement: found '', expected: ',' or ')'");
  }
  const compared = /^(==|=|!=|>|<)\s*/.exec(rest);
  if (!compared) {
    const found = /^\S+/.exec(rest)?.[0] ?? '';
    throw badRequest(
      `unable to parse requirement: found '${found}', expected: in, notin, =, ==, !=, gt, lt`,
    );
  }
  const afterSign = rest.slice(compared[0].length);
  const value = word.exec(afterSign)?.[0] ?? '';
  const operators = { '=': 'in', '==': 'in', '!=': 'notin', '>': 'gt', '<': 'lt' } as const;
  const operator = operators[compared[1] as keyof typeof operators];
  return [{ key, operator, values: [value] }, afterSign.slice(value.length).trimStart()];
}

/** What a kind lets its field selectors name, and the words it refuses other names with. */
export interface SelectableFields {
  /** undefined: this kind does not know the field. */
  valueOf(object: ApiObject, field: string): string | undefined;
  unknownField(field: string): string;
}

/** undefined when the selector selects everything. */
export function fieldPredicate(
  selector: string | null,
  fields: SelectableFields,
): Predicate | undefined {
  const terms = parseFields(selector ?? '');
  if (terms.length === 0) return undefined;
  const probe: ApiObject = { apiVersion: '', kind: '', metadata: { name: '' } };
  for (const { field } of terms) {
    if (fields.valueOf(probe, field) === undefined) throw badRequest(fields.unknownField(field));
  }
  return (object) =>
    terms.every(({ field, equal, value }) => (fields.valueOf(object, field) === value) === equal);
}

function parseFields(text: string) {
  const terms = text.match(/(?:\\.|[^,\\])+/g) ?? [];
  return terms.map((term) => {
    const match = /^((?:[^=!\\])*)(==|=|!=)([\s\S]*)$/.exec(term);
    if (!match) {
      throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    }
    const value = (match[3] ?? '').replace(/\\(.)/g, '$1');
    return { field: (match[1] ?? '').trim(), equal: match[2] !== '!=', value };
  });
}
