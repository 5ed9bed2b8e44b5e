/**
 * `metadata.managedFields` as a list of managers with their field sets, and back: sorted, capped and
 * without the fields that nobody owns. Pure.
 */
import type { ApiObject, ManagedFieldsEntry } from '../json.ts';
import {
  difference,
  emptySet,
  type FieldSet,
  fromFieldsV1,
  isEmpty,
  setOf,
  toFieldsV1,
  union,
} from './field-set.ts';

export interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string | undefined;
  readonly time: string | undefined;
  readonly fields: FieldSet;
}

/** Older updaters beyond this many are counted together under one name. */
const updatersMax = 10;
const oldUpdaters = 'ancient-changes';

/** Identity and book-keeping belong to the server. */
const ownedByNobody = setOf(
  [
    ['apiVersion'],
    ['kind'],
    ['metadata'],
    ...['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'clusterName'].map((name) => [
      'metadata',
      name,
    ]),
    ...['generation', 'managedFields', 'resourceVersion'].map((name) => ['metadata', name]),
  ].map((path) => path.map((name) => `f:${name}`)),
);

export function managersOf(object: ApiObject | undefined): readonly Manager[] {
  return (object?.metadata.managedFields ?? []).map((entry) => ({
    name: entry.manager ?? '',
    operation: entry.operation === 'Apply' ? 'Apply' : 'Update',
    apiVersion: entry.apiVersion ?? '',
    subresource: entry.subresource,
    time: entry.time,
    fields: fromFieldsV1(entry.fieldsV1),
  }));
}

export function isSameManager(a: Manager, b: Manager): boolean {
  return (
    a.name === b.name &&
    a.operation === b.operation &&
    a.subresource === b.subresource &&
    // An applier keeps one entry whatever version it speaks; an updater has one for each.
    (a.operation === 'Apply' || a.apiVersion === b.apiVersion)
  );
}

/** Undefined when nobody owns anything. */
export function toManagedFields(
  managers: readonly Manager[],
): readonly ManagedFieldsEntry[] | undefined {
  const owning = managers
    .map((manager) => ({ ...manager, fields: difference(manager.fields, ownedByNobody) }))
    .filter(({ fields }) => !isEmpty(fields));
  if (owning.length === 0) return undefined;
  return capped(owning)
    .sort(inOrder)
    .map(({ name, operation, apiVersion, time, fields, subresource }) => ({
      manager: name,
      operation,
      apiVersion,
      ...(time === undefined ? {} : { time }),
      fieldsType: 'FieldsV1',
      fieldsV1: toFieldsV1(fields),
      ...(subresource === undefined ? {} : { subresource }),
    }));
}

function capped(managers: readonly Manager[]): Manager[] {
  const updaters = managers.filter(({ operation }) => operation === 'Update').sort(inOrder);
  const appliers = managers.filter(({ operation }) => operation === 'Apply');
  if (updaters.length <= updatersMax) return [...appliers, ...updaters];
  const old = updaters.splice(0, updaters.length - updatersMax + 1);
  const newest = old.at(-1) as Manager;
  const fields = old.reduce<FieldSet>((all, each) => union(all, each.fields), emptySet);
  return [
    ...appliers,
    { ...newest, name: oldUpdaters, subresource: undefined, fields },
    ...updaters,
  ];
}

function inOrder(a: Manager, b: Manager): number {
  return (
    compareText(a.operation, b.operation) ||
    compareText(a.time ?? '', b.time ?? '') ||
    compareText(a.name, b.name) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource ?? '', b.subresource ?? '')
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
