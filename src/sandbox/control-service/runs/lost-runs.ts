/**
 * Runs that vanished from the cluster without an end. The service looks for them each time its
 * watch ends, and calls those that are old enough succeeded, in words of its own: the outcome is
 * not known.
 */
import type { Base } from '../world.ts';
import { finish } from './finish.ts';

/** How long one watch of the cluster lasts. */
const watchMs = 300_000;
/** Younger rows are left for the next look. */
const ageMinMs = 180_000;

export interface LostRuns {
  /** The run is gone; its execution is looked at when it is still unfinished. */
  watch(id: string): void;
  close(): void;
}

export function setByService(base: Base, isThere: (id: string) => boolean): LostRuns {
  const { store, settings } = base;
  const { clock } = settings;
  const startedMs = clock.now();
  const watched = new Set<string>();
  let cancel: (() => void) | undefined;

  const unfinished = (id: string) => {
    const row = store.executions.get(id);
    return row?.status === 'submitted' || row?.status === 'running' ? row : undefined;
  };
  const look = () => {
    cancel = undefined;
    store.transaction(() => {
      for (const id of [...watched]) {
        const row = unfinished(id);
        if (row === undefined || isThere(id)) watched.delete(id);
        else if (clock.now() - row.startUs / 1000 >= ageMinMs) {
          watched.delete(id);
          finish(base, row, 'succeeded', 'Status is set by VDK Control Service', base.stampUs());
        }
      }
    });
    if (watched.size > 0) schedule();
  };
  const schedule = () => {
    const intoWatchMs = (clock.now() - startedMs) % watchMs;
    cancel ??= clock.after(watchMs - intoWatchMs, look);
  };
  const watch = (id: string) => {
    if (unfinished(id) === undefined) return;
    watched.add(id);
    schedule();
  };
  for (const { id } of store.executions.all()) if (!isThere(id)) watch(id);
  return { watch, close: () => cancel?.() };
}
