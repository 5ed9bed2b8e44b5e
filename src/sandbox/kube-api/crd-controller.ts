/**
 * Serves what CustomResourceDefinitions define: accepts their names, establishes them, and when one
 * is deleted, deletes its objects first.
 */
import { crdFinalizer, crdStorage } from './builtin/crd-kind.ts';
import type { Server } from './call.ts';
import type { Controller } from './controllers.ts';
import { kindsOf } from './crd-served.ts';
import { deleteStored, putStored, withoutFinalizer, writeStatus } from './internal-write.ts';
import { type ApiObject, asList, asMap, timestamp } from './json.ts';
import { jsonEqual } from './schema/json-value.ts';
import type { StoreEvent } from './store.ts';
import type { WatchHub } from './watch-hub.ts';

export function createCrdController(server: Server, hub: WatchHub): Controller {
  const { store, registry } = server;
  const storageFor = (crd: ApiObject) => `${asMap(crd.spec).group}/${pluralOf(crd)}`;

  const finishDeletion = (crd: ApiObject) => {
    const storage = storageFor(crd);
    for (const key of store.keys(storage, '')) deleteStored(server, storage, key, 'Background');
    if (store.keys(storage, '').length > 0) return;
    const name = crd.metadata.name;
    const current = store.get(crdStorage, name);
    if (!current?.metadata.finalizers?.includes(crdFinalizer)) return;
    putStored(server, crdStorage, name, withoutFinalizer(current, crdFinalizer));
  };

  const serve = (crd: ApiObject) => {
    const established = conditionOf(crd, 'Established')?.status === 'True';
    registry.serve(crd.metadata.name, established ? kindsOf(crd) : []);
  };

  const handleDefinition = (event: StoreEvent) => {
    const { object, previous } = event;
    if (event.type === 'DELETED') {
      registry.serve(object.metadata.name, []);
      hub.endAllOf(storageFor(object));
      return;
    }
    const current = store.get(crdStorage, object.metadata.name);
    if (current === undefined) return;
    if (current.metadata.deletionTimestamp !== undefined) {
      finishDeletion(current);
      return;
    }
    const accepted = withAcceptance(server, current);
    writeStatus(server, crdStorage, current, accepted.status);
    // A changed definition is served by new storage, which ends the watches on the old one.
    if (previous !== undefined && !jsonEqual(previous.spec, object.spec)) {
      hub.endAllOf(storageFor(object));
    }
    serve(accepted);
  };

  return {
    handle(event) {
      if (event.resource === crdStorage) handleDefinition(event);
      else if (event.type === 'DELETED') {
        const [group = '', plural = ''] = event.resource.split('/');
        const crd = group === '' ? undefined : store.get(crdStorage, `${plural}.${group}`);
        if (crd?.metadata.deletionTimestamp !== undefined) finishDeletion(crd);
      }
    },
    reset() {
      for (const name of store.keys(crdStorage, '')) {
        const crd = store.get(crdStorage, name);
        if (crd !== undefined) serve(crd);
      }
    },
  };
}

function pluralOf(crd: ApiObject): string {
  return String(asMap(asMap(crd.spec).names).plural);
}

function conditionOf(crd: ApiObject, type: string) {
  return asList(asMap(crd.status).conditions)
    .map(asMap)
    .find((condition) => condition.type === type);
}

/** The definition with the status that the naming and establishing controllers would give it. */
function withAcceptance(server: Server, crd: ApiObject): ApiObject {
  const spec = asMap(crd.spec);
  const status = asMap(crd.status);
  const clash = nameClash(server, crd);
  const before = asList(status.conditions).map(asMap);
  const now = timestamp(server.clock.now());
  const condition = (type: string, value: string, reason: string, message: string) => {
    const old = before.find((each) => each.type === type);
    const lastTransitionTime = old?.status === value ? old.lastTransitionTime : now;
    return { lastTransitionTime, message, reason, status: value, type };
  };
  const wasEstablished = conditionOf(crd, 'Established')?.status === 'True';
  const ready = clash === undefined || wasEstablished;
  const conditions = [
    clash === undefined
      ? condition('NamesAccepted', 'True', 'NoConflicts', 'no conflicts found')
      : condition('NamesAccepted', 'False', clash.reason, clash.message),
    ready
      ? condition(
          'Established',
          'True',
          'InitialNamesAccepted',
          'the initial names have been accepted',
        )
      : condition('Established', 'False', 'NotAccepted', 'not all names are accepted'),
  ];
  const storage = asList(spec.versions)
    .map(asMap)
    .find((version) => version.storage === true)?.name;
  const storedVersions = [...new Set([...asList(status.storedVersions), storage])];
  const acceptedNames = clash === undefined ? spec.names : status.acceptedNames;
  return { ...crd, status: { ...status, conditions, acceptedNames, storedVersions } };
}

/** The first name that another kind of the same group already has. */
function nameClash({ registry }: Server, crd: ApiObject) {
  const spec = asMap(crd.spec);
  const names = asMap(spec.names);
  const others = registry
    .resources()
    .filter(({ group, plural }) => group === spec.group && plural !== names.plural);
  const taken = new Set(
    others.flatMap(({ plural, singular, shortNames }) => [plural, singular, ...shortNames]),
  );
  const shortNames = asList(names.shortNames).map(String);
  const clashing = [String(names.singular), ...shortNames].find((name) => taken.has(name));
  if (clashing !== undefined) {
    const reason = shortNames.includes(clashing) ? 'ShortNamesConflict' : 'SingularConflict';
    return { reason, message: `${JSON.stringify(clashing)} is already in use` };
  }
  if (others.some(({ kind }) => kind === names.kind)) {
    return { reason: 'KindConflict', message: `${JSON.stringify(names.kind)} is already in use` };
  }
  return undefined;
}
