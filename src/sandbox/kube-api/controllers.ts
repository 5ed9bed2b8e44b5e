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

/** Far more than a namespace of 50,000 objects needs: beyond it, controllers answer one another. */
const stepsMax = 1_000_000;

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
      let steps = 0;
      for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
        steps += 1;
        if (steps > stepsMax)
          throw new Error('the controllers of the API server do not come to rest');
        for (const controller of controllers) controller.handle(event);
      }
    },
    reset() {
      queue.length = 0;
      for (const controller of controllers) controller.reset();
    },
  };
}
