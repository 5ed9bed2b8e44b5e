/**
 * From `kubectl apply` to `kubectl apply --server-side` without conflicts: what the object still
 * has as kubectl's own annotation says it was applied, kubectl may take over. Pure.
 */
import { type ApiObject, asMap, withMeta } from '../json.ts';
import { canonicalJson } from '../schema/json-value.ts';
import type { JsonSchema } from '../served-resource.ts';
import { compare, fieldsOf } from './compare.ts';
import { difference, emptySet, type FieldSet, isEmpty } from './field-set.ts';
import type { Conflict } from './ownership.ts';

const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
/** Only kubectl's own default manager hands over; another name is a wish for conflicts. */
const kubectl = 'kubectl';

/** The conflicts that remain when kubectl takes over what it applied itself. */
export function beyondHandover(
  schema: JsonSchema,
  live: unknown,
  conflicts: readonly Conflict[],
  manager: string,
): readonly Conflict[] {
  if (manager !== kubectl || conflicts.length === 0) return conflicts;
  const own = unchangedSinceApplied(schema, live);
  return conflicts
    .map(({ manager: holder, fields }) => ({ manager: holder, fields: difference(fields, own) }))
    .filter(({ fields }) => !isEmpty(fields));
}

function unchangedSinceApplied(schema: JsonSchema, live: unknown): FieldSet {
  const text = asMap(asMap(asMap(live).metadata).annotations)[annotation];
  if (typeof text !== 'string') return emptySet;
  let applied: unknown;
  try {
    applied = JSON.parse(text);
  } catch {
    return emptySet; // somebody wrote into the annotation: then it proves nothing
  }
  const { added, removed, modified } = compare(schema, live, applied);
  return [added, removed, modified].reduce(difference, fieldsOf(schema, applied));
}

/** Keeps the annotation up to date, so that going back to client-side apply works. */
export function withLastApplied(
  next: ApiObject,
  current: ApiObject | undefined,
  configuration: ApiObject,
  manager: string,
): ApiObject {
  if (manager !== kubectl || current?.metadata.annotations?.[annotation] === undefined) return next;
  const { [annotation]: _, ...others } = asMap(configuration.metadata.annotations);
  const annotations = Object.keys(others).length === 0 ? undefined : others;
  const bare = withMeta(configuration, { annotations, managedFields: undefined } as object);
  const text = `${canonicalJson(bare)}\n`;
  return withMeta(next, { annotations: { ...next.metadata.annotations, [annotation]: text } });
}
