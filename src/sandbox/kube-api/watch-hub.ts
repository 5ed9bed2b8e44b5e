/** The watches that are open, so that they can be ended: with the server, or with their kind. */

export interface OpenWatch {
  readonly storage: string;
  end(): void;
}

export interface WatchHub {
  /** Returns its own removal. */
  add(watch: OpenWatch): () => void;
  /** How many watches are open, for tests that count leaks. */
  size(): number;
  endAllOf(storage: string): void;
  endAll(): void;
}

export function createWatchHub(): WatchHub {
  const open = new Set<OpenWatch>();
  return {
    add(watch) {
      open.add(watch);
      return () => open.delete(watch);
    },
    size: () => open.size,
    endAllOf(storage) {
      for (const watch of [...open]) if (watch.storage === storage) watch.end();
    },
    endAll() {
      for (const watch of [...open]) watch.end();
    },
  };
}
