/**
 * Label and field selectors, as list, watch and deletecollection take them. Parsing is strict and
 * fails with the real server's words; the result is a predicate over objects.
 */
import {
  type LabelRequirement,
  LabelSelectorError,
  parseLabelSelector,
  selectsLabels,
} from '../../kube/label-selector.ts';
import { badRequest } from './api-error.ts';
import type { ApiObject } from './json.ts';

export type Predicate = (object: ApiObject) => boolean;

/** undefined when the selector selects everything. */
export function labelPredicate(selector: string | null): Predicate | undefined {
  const requirements = parseLabels(selector ?? '');
  if (requirements.length === 0) return undefined;
  return ({ metadata }) => selectsLabels(requirements, metadata.labels);
}

function parseLabels(selector: string): readonly LabelRequirement[] {
  try {
    return parseLabelSelector(selector);
  } catch (error) {
    throw error instanceof LabelSelectorError ? badRequest(error.message) : error;
  }
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
