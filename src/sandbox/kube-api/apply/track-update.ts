/** Keeps `managedFields` true after a create, update or patch: who changed a field owns it. */
import type { Call } from '../call.ts';
import { type ApiObject, timestamp, withMeta } from '../json.ts';
import { apiVersionOf } from '../kind.ts';
import type { WriteOptions } from '../options.ts';
import { compare } from './compare.ts';
import { isEmpty, union } from './field-set.ts';
import { objectRootSchema } from './field-type.ts';
import { isSameManager, type Manager, managersOf, toManagedFields } from './managers.ts';
import { afterChange, outOfReach, withinReach } from './ownership.ts';

/** The next object with the owners of its fields; `current` is undefined on creation. */
export function trackUpdate(
  call: Call,
  current: ApiObject | undefined,
  next: ApiObject,
  options: WriteOptions,
): ApiObject {
  const { kind, subresource, server } = call;
  // What the client sends counts: that is how kubectl hands its fields over to another manager.
  // Without any, as most clients write, the stored owners stay.
  const given = next.metadata.managedFields ?? [];
  const reset = given.length > 0 && given.every((entry) => Object.keys(entry).length === 0);
  if (reset && current !== undefined) return withMeta(next, { managedFields: undefined } as object);
  const known = given.length > 0 && !reset ? next : current;
  // An object that lost its owners stays without, until something is applied to it.
  if (current !== undefined && known?.metadata.managedFields === undefined) return next;
  const schema = objectRootSchema(kind.served.schema ?? {});
  const ignored = outOfReach(subresource, kind.served.subresources.status);
  const before = current ?? kind.emptyObject;
  const changes = withinReach(compare(schema, before, next), ignored);
  const writer: Manager = {
    name: options.manager,
    operation: 'Update',
    apiVersion: apiVersionOf(kind.served),
    subresource,
    time: timestamp(server.clock.now()),
    fields: union(changes.added, changes.modified),
  };
  const others = afterChange(managersOf(known), undefined, changes);
  const managers = isEmpty(writer.fields) ? others : withWriter(others, writer);
  return withMeta(next, { managedFields: toManagedFields(managers) } as object);
}

/** The writer's new fields join those that it already owned. */
function withWriter(managers: readonly Manager[], writer: Manager): readonly Manager[] {
  const before = managers.find((manager) => isSameManager(manager, writer));
  if (before === undefined) return [...managers, writer];
  const joined = { ...writer, fields: union(before.fields, writer.fields) };
  return managers.map((manager) => (manager === before ? joined : manager));
}
