/**
 * What a cluster's controllers do in answer to writes, done at once instead of a moment later:
 * definitions are served, namespaces emptied, dependents collected. Runs after each write, until
 * nothing is left to do, so that everything happens in one order that can be repeated.
 */

import type { Server } from './call.ts';
import { createCrdController } from './crd-controller.ts';
import { createGarbageCollector } from './garbage-collector.ts';
import { createNamespaceController } from './namespace-controller.ts';
import type { StoreEvent } from './store.ts';
import type { WatchHub } from './watch-hub.ts';

export interface Controller {
  handle(event: StoreEvent): void;
  /** Learns the store's content anew, after a restore. */
  reset(): void;
}

export interface Controllers {
  settle(): void;
  reset(): void;
}

export function createControllers(server: Server, hub: WatchHub): Controllers {
  const controllers: readonly Controller[] = [
    createCrdController(server, hub),
    createGarbageCollector(server),
    createNamespaceController(server),
  ];
  const queue: StoreEvent[] = [];
  server.store.subscribe((event) => queue.push(event));
  return {
    settle() {
      for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
        for (const controller of controllers) controller.handle(event);
      }
    },
    reset() {
      queue.length = 0;
      for (const controller of controllers) controller.reset();
    },
  };
}
