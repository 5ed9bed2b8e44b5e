/** What was done, per object: a right end can hide a wrong way there. */
import type { Plan } from '../plan.ts';
import { type Exchange, jsonIn, type Served, type Watcher } from '../serve.ts';
import { markerUid } from '../shapes.ts';

export interface Summary extends Watcher {
  /** The operator's writes on both sides that took effect. */
  writes(): number;
  lastWrites(count: number): string;
  /** Operation and object → how often it took effect. */
  readonly counts: ReadonlyMap<string, number>;
}

export function createSummary(): Summary {
  const counts = new Map<string, number>();
  const log: string[] = [];
  return {
    counts,
    writes: () => log.length,
    lastWrites: (count) => log.slice(-count).join('; '),
    before: () => undefined,
    after({ who, subject, body, side }: Exchange, served: Served) {
      if (who === 'person' || !subject.isWrite || subject.isLease) return;
      if (served.status >= 300) return;
      const sent = typeof body === 'string' ? (jsonIn(body) as Record<string, unknown>) : {};
      const name = subject.name ?? sent?.job_name ?? '';
      const isEvent = subject.operation.endsWith(' events');
      const of = subject.operation === creates ? ` of ${markerUid(sent)}` : '';
      const key = isEvent ? subject.operation : `${subject.operation} ${name}${of}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      log.push(`${side} ${key} ${typeof body === 'string' ? body.slice(0, 300) : ''}`);
    },
  };
}

/** Counted by object: each makes its job once. */
const creates = 'POST jobs';

/** How often more than without the fault something may take effect; what is not here: not at all. */
const allowed: Readonly<Record<string, number>> = {
  'PATCH datajobs': 2,
  'PATCH datajobs/status': 8,
  'PUT job': 1,
  'DELETE job': 1,
  'POST sources': 1,
  'POST deployments': 1,
  'PATCH deployments': 2,
  'DELETE deployments': 2,
};

/** What one fault made the operator do oftener than a repetition explains. */
export function unexplained(
  reference: Summary,
  faulty: Summary,
  { faults = [] }: Pick<Plan, 'faults'>,
): readonly string[] {
  return [...faulty.counts].flatMap(([key, count]) => {
    const operation = key.split(' ').slice(0, 2).join(' ');
    if (operation.endsWith(' events')) return [];
    const before = beforeOf(reference, operation, key);
    // A create that comes late is asked for again meanwhile; what comes of it is removed.
    const isLate = operation === creates && faults.some(({ kind }) => kind === 'late');
    const most = before + (allowed[operation] ?? 0) + (isLate ? 1 : 0);
    return count > most ? [`${key}: ${count} times, and ${before} without the fault`] : [];
  });
}

/** An object that only a fault lets come about, and so its job, is not in the reference. */
function beforeOf({ counts }: Summary, operation: string, key: string): number {
  if (operation !== creates) return counts.get(key) ?? 0;
  const [ofAny] = key.split(' of ');
  return Math.max(1, ...[...counts].map(([each, n]) => (each.startsWith(`${ofAny} of `) ? n : 0)));
}
