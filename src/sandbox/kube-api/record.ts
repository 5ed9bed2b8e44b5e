/** Every handled request as data, so that tests and the sandbox can count what clients do. */

export interface RequestEntry {
  readonly method: string;
  readonly path: string;
  /** '' where the path names no resource. */
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
  readonly verb: string;
  readonly status: number;
  readonly userAgent: string;
}

export interface RequestRecord {
  /** Oldest first; only the newest are kept. */
  entries(): readonly RequestEntry[];
  /** How many entries, among those kept, have all of these values. */
  count(like?: Partial<RequestEntry>): number;
  /** How many requests were handled since the last clear, kept or not. */
  total(): number;
  clear(): void;
}

/** Enough for a test or an hour of a quiet sandbox; some megabytes at most. */
const entriesMax = 20_000;

export function createRecord(): RequestRecord & { add(entry: RequestEntry): void } {
  let entries: RequestEntry[] = [];
  let total = 0;
  return {
    add(entry) {
      total += 1;
      entries.push(entry);
      // Trimmed in halves, so that a full record costs nothing per request.
      if (entries.length >= 2 * entriesMax) entries = entries.slice(-entriesMax);
    },
    entries: () => entries.slice(-entriesMax),
    count(like = {}) {
      const wanted = Object.entries(like) as [keyof RequestEntry, unknown][];
      return entries.filter((entry) => wanted.every(([key, value]) => entry[key] === value)).length;
    },
    total: () => total,
    clear() {
      entries = [];
      total = 0;
    },
  };
}
