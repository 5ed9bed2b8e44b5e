/**
 * Server-side apply: a manager says which fields it wants and with what values. Its configuration
 * is merged into the object; what it no longer mentions and nobody else owns is removed; what others
 * own and it would change is a conflict, unless forced.
 */
import { ApiError } from '../api-error.ts';
import type { Call } from '../call.ts';
import { type ApiObject, timestamp, withMeta, without } from '../json.ts';
import { apiVersionOf } from '../kind.ts';
import type { WriteOptions } from '../options.ts';
import type { JsonSchema } from '../served-resource.ts';
import { compare, fieldsOf } from './compare.ts';
import {
  difference,
  differenceBelow,
  emptySet,
  type FieldSet,
  pathsOf,
  pathText,
  union,
} from './field-set.ts';
import { childSchema, itemsOf, objectRootSchema } from './field-type.ts';
import { beyondHandover, withLastApplied } from './handover.ts';
import { isSameManager, type Manager, managersOf, toManagedFields } from './managers.ts';
import { merge, removeFields } from './merge.ts';
import {
  afterChange,
  type Conflict,
  conflictsWith,
  isSame,
  outOfReach,
  withinReach,
} from './ownership.ts';

/** The object after the apply, with its owners; `current` is undefined when it is created. */
export function serverSideApply(
  call: Call,
  current: ApiObject | undefined,
  configuration: ApiObject,
  options: WriteOptions,
): ApiObject {
  const { kind, server, subresource } = call;
  const schema = objectRootSchema(kind.served.schema ?? {});
  const ignored = outOfReach(subresource, kind.served.subresources.status);
  const before = managersBefore(call, current, schema);
  const applier: Manager = {
    name: options.manager,
    operation: 'Apply',
    apiVersion: apiVersionOf(kind.served),
    subresource,
    time: undefined,
    fields: differenceBelow(fieldsOf(schema, configuration), ignored),
  };
  const last = before.find((manager) => isSameManager(manager, applier));
  const managers = [
    ...before.filter((manager) => manager !== last),
    { ...applier, time: last?.time },
  ];
  const live = current === undefined ? kind.emptyObject : withoutOwners(current);
  const merged = merge(schema, live, withoutOwners(configuration));
  const next = pruned(schema, merged, last?.fields ?? emptySet, managers) as ApiObject;
  const changes = withinReach(compare(schema, live, next), ignored);
  const conflicts = conflictsWith(managers, applier, changes);
  const refused = options.force ? [] : beyondHandover(schema, live, conflicts, options.manager);
  if (refused.length > 0) throw conflictError(refused);
  // Only a change of the object moves the applier's time.
  const now = isSame(changes) ? undefined : timestamp(server.clock.now());
  const after = afterChange(managers, applier, changes).map((manager) =>
    isSameManager(manager, applier) && now !== undefined ? { ...manager, time: now } : manager,
  );
  const noted = withLastApplied(next, current, configuration, options.manager);
  return withMeta(noted, { managedFields: toManagedFields(after) } as object);
}

/** An object that was never tracked belongs, so far, to one manager that nobody else is. */
function managersBefore(
  { kind, server }: Call,
  current: ApiObject | undefined,
  schema: JsonSchema,
): readonly Manager[] {
  if (current === undefined || current.metadata.managedFields !== undefined) {
    return managersOf(current);
  }
  const { added, modified } = compare(schema, kind.emptyObject, current);
  const unknownOwner: Manager = {
    name: 'before-first-apply',
    operation: 'Update',
    apiVersion: apiVersionOf(kind.served),
    subresource: undefined,
    time: timestamp(server.clock.now()),
    fields: union(added, modified),
  };
  return [unknownOwner];
}

function withoutOwners(object: ApiObject): ApiObject {
  return { ...object, metadata: without(object.metadata, 'managedFields') };
}

/** Without what the manager applied last time, does not apply now, and nobody else owns. */
function pruned(
  schema: JsonSchema,
  merged: unknown,
  last: FieldSet,
  managers: readonly Manager[],
): unknown {
  const abandoned = managers.reduce(
    (rest, { fields }) => difference(rest, withNamedParents(schema, fields)),
    last,
  );
  return removeFields(schema, merged, abandoned);
}

/**
 * An owned field keeps the declared fields that it is inside of. List items and map entries are kept
 * by those only who own the item itself.
 */
function withNamedParents(schema: JsonSchema, { member, children }: FieldSet): FieldSet {
  const entries = [...children].map(([element, child]) => {
    const isField = element.startsWith('f:');
    const below = isField
      ? childSchema(schema, element.slice(2))
      : { schema: itemsOf(schema), declared: false };
    const kept = withNamedParents(below.schema, child);
    return [element, { ...kept, member: kept.member || below.declared }] as const;
  });
  return { member, children: new Map(entries) };
}

function conflictError(conflicts: readonly Conflict[]): ApiError {
  const causes = conflicts.flatMap(({ manager, fields }) =>
    pathsOf(fields).map((path) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${described(manager)}`,
      field: pathText(path),
    })),
  );
  const message =
    causes.length === 1
      ? `Apply failed with 1 conflict: ${causes[0]?.message}: ${causes[0]?.field}`
      : `Apply failed with ${causes.length} conflicts: ${listed(causes)}`;
  return new ApiError(409, 'Conflict', message, { causes });
}

function listed(causes: readonly { readonly message: string; readonly field: string }[]): string {
  const groups = [...Map.groupBy(causes, ({ message }) => message)];
  return groups
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([message, of]) => {
      const fields = of.map(({ field }) => `\n- ${field}`).join('');
      return `${message.replace(/^conflict/, 'conflicts')}:${fields}`;
    })
    .join('\n');
}

function described({ name, operation, apiVersion, subresource }: Manager): string {
  const by = subresource === undefined ? '' : ` with subresource ${JSON.stringify(subresource)}`;
  const using = operation === 'Update' ? ` using ${apiVersion}` : '';
  return `${JSON.stringify(name)}${by}${using}`;
}
