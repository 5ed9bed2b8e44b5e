/**
 * Every request that the service handled, as data: the ground truth of what callers did. The
 * entries are a bounded ring; the counts are not, so a test over many requests can trust them.
 */

export interface HandledRequest {
  /** The operation's id in the Data Jobs API; absent for helper pages and unknown paths. */
  readonly operation: string | undefined;
  readonly method: string;
  /** As sent, with the query. */
  readonly path: string;
  readonly status: number;
  readonly opId?: string;
  readonly userAgent?: string;
  /** The parsed JSON body when it was small; never that of secrets and credentials. */
  readonly body?: unknown;
}

/** The newest requests, oldest first, with counts of all since the start or the last `clear`. */
export type RequestRecord = readonly HandledRequest[] & {
  /** How many requests were handled; of one operation when its id is given. */
  count(operation?: string): number;
  /** How many were not GET, whatever their answer. */
  writes(): number;
  clear(): void;
};

/** Enough for any scenario to look back on, and small beside the process. */
const entriesMax = 10_000;

export function createRequestRecord(): {
  readonly record: RequestRecord;
  add(request: HandledRequest): void;
} {
  const entries: HandledRequest[] = [];
  const counts = new Map<string | undefined, number>();
  let total = 0;
  let writes = 0;
  const record = Object.assign(entries, {
    count: (operation?: string) => (operation === undefined ? total : (counts.get(operation) ?? 0)),
    writes: () => writes,
    clear() {
      entries.length = 0;
      counts.clear();
      total = 0;
      writes = 0;
    },
  });
  return {
    record,
    add(request) {
      entries.push(request);
      if (entries.length > entriesMax) entries.shift();
      counts.set(request.operation, (counts.get(request.operation) ?? 0) + 1);
      total += 1;
      if (request.method !== 'GET' && request.method !== 'HEAD') writes += 1;
    },
  };
}
