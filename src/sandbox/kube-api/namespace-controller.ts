/** Empties a namespace that is being deleted, then lets it go; says in its status what it waits for. */
import {
  isTerminating,
  namespaceFinalizersOf,
  namespaceStorage,
} from './builtin/namespace-kind.ts';
import type { Server } from './call.ts';
import type { Controller } from './controllers.ts';
import { deleteStored, putStored } from './internal-write.ts';
import { asMap, timestamp } from './json.ts';
import { jsonEqual } from './schema/json-value.ts';

export function createNamespaceController(server: Server): Controller {
  const { store, registry } = server;

  const contentOf = (namespace: string) => {
    const storages = store.resources().filter((storage) => {
      return registry.byStorage(storage)?.served.namespaced === true;
    });
    return storages.flatMap((storage) =>
      store.keys(storage, `${namespace}/`).map((key) => ({ storage, key })),
    );
  };

  const empty = (name: string) => {
    for (const { storage, key } of contentOf(name)) {
      const { deletionTimestamp } = store.get(storage, key)?.metadata ?? {};
      if (deletionTimestamp === undefined) deleteStored(server, storage, key, 'Background');
    }
    const namespace = store.get(namespaceStorage, name);
    if (namespace === undefined || namespaceFinalizersOf(namespace).length === 0) return;
    const left = contentOf(name);
    if (left.length === 0) {
      putStored(server, namespaceStorage, name, { ...namespace, spec: {} });
      return;
    }
    const status = { ...asMap(namespace.status), conditions: [remaining(left.length)] };
    const before = asMap(namespace.status).conditions;
    if (!sameButTime(before, status.conditions)) {
      putStored(server, namespaceStorage, name, { ...namespace, status });
    }
  };

  const remaining = (count: number) => ({
    type: 'NamespaceFinalizersRemaining',
    status: 'True',
    lastTransitionTime: timestamp(server.clock.now()),
    reason: 'SomeFinalizersRemain',
    message: `Some content in the namespace has finalizers remaining: ${count} objects`,
  });

  return {
    handle(event) {
      const name =
        event.resource === namespaceStorage ? event.key : event.object.metadata.namespace;
      const namespace = name === undefined ? undefined : store.get(namespaceStorage, name);
      if (name === undefined || namespace === undefined || !isTerminating(namespace)) return;
      if (event.type === 'DELETED' || event.resource === namespaceStorage) empty(name);
    },
    reset() {},
  };
}

function sameButTime(a: unknown, b: readonly { readonly message: string }[]): boolean {
  const messages = (list: unknown) =>
    Array.isArray(list) ? list.map((each) => asMap(each).message) : [];
  return jsonEqual(messages(a), messages(b));
}
