/** How the owners of fields change when an object changes. Pure. */
import type { Comparison } from './compare.ts';
import {
  difference,
  differenceBelow,
  type FieldSet,
  intersection,
  isEmpty,
  setOf,
  union,
} from './field-set.ts';
import { isSameManager, type Manager } from './managers.ts';

export interface Conflict {
  readonly manager: Manager;
  readonly fields: FieldSet;
}

const specAndMetadata = setOf([['f:spec'], ['f:metadata']]);
const status = setOf([['f:status']]);

/** Fields that a write by this path cannot change, and so does not come to own. */
export function outOfReach(subresource: string | undefined, hasStatus: boolean): FieldSet {
  if (subresource === 'status') return specAndMetadata;
  return hasStatus ? status : setOf([]);
}

export function withinReach(comparison: Comparison, ignored: FieldSet): Comparison {
  return {
    added: differenceBelow(comparison.added, ignored),
    removed: differenceBelow(comparison.removed, ignored),
    modified: differenceBelow(comparison.modified, ignored),
  };
}

export function isSame({ added, removed, modified }: Comparison): boolean {
  return isEmpty(added) && isEmpty(removed) && isEmpty(modified);
}

/** What others own of the fields that changed. */
export function conflictsWith(
  managers: readonly Manager[],
  writer: Manager,
  { added, modified }: Comparison,
): readonly Conflict[] {
  const touched = union(added, modified);
  return managers
    .filter((manager) => !isSameManager(manager, writer))
    .map((manager) => ({ manager, fields: intersection(manager.fields, touched) }))
    .filter(({ fields }) => !isEmpty(fields));
}

/** Everybody but the writer loses what changed or went away. */
export function afterChange(
  managers: readonly Manager[],
  writer: Manager | undefined,
  { added, modified, removed }: Comparison,
): readonly Manager[] {
  const lost = union(union(added, modified), removed);
  return managers
    .map((manager) =>
      writer !== undefined && isSameManager(manager, writer)
        ? manager
        : { ...manager, fields: difference(manager.fields, lost) },
    )
    .filter(({ fields }) => !isEmpty(fields));
}
