/** How much the operator may ask: a storm harms everybody, even if its end is right. */
import type { Kernel } from '../kernel.ts';
import type { Sent } from '../network.ts';
import type { Served } from '../serve.ts';
import type { Truth } from '../truth.ts';
import type { Report } from './safety.ts';

export interface Budget {
  onSent(sent: Sent): void;
  onAnswered(sent: Sent, served: Served | undefined): void;
}

/** So many jobs that failed may come back within a moment by chance. */
const herdMax = 12;
const momentMs = 20;
/** As long as the operator believes such a wish. */
const wishMaxMs = 5 * 60_000;
const passMs = 50;
const newsMs = 5_000;
const windowMs = 60_000;
/** A start, a poll in its quickest ticks, and watches that end at once. */
const baseMax = 60;
/** A pass is eight requests at most with its events; one that fails comes back a few times. */
const perObjectMax = 60;
/** The passes that bring one spec about, from the first look to Ready. */
const perSpecMax = 12;
/** The same request again and again, by one operator; one whose token is refused counts twice. */
const sameWindowMs = 10_000;
const sameMax = 24;

/** What the service asked to leave alone: a job, or the reading of all. One of a name asks for itself. */
function wisherOf({ name, operation }: Sent['subject'], url: string): string | undefined {
  return name ?? (operation === 'GET query' && !url.includes('filter') ? 'all jobs' : undefined);
}

export function createBudget(
  kernel: Kernel,
  truth: Truth,
  tell: Report,
  isSplit: () => boolean,
): Budget {
  // Two that work at once wake each other with every write: the lease is there for that.
  const report: Report = (oracle, what) => {
    if (!isSplit()) tell(oracle, what);
  };
  const byLine = new Map<string, number[]>();
  const same = new Map<string, number[]>();
  let objectsMax = 1;
  let isTold = false;
  /** Jobs whose last read failed, and those of them that are read at this moment. */
  const failed = new Set<string>();
  let herd = { atMs: -1, jobs: new Set<string>() };
  /** Jobs that the service asked to be left alone, from when and until when. */
  const asked = new Map<string, { readonly fromMs: number; readonly untilMs: number }>();
  const since = (times: number[], ms: number): number => {
    const from = kernel.clock.elapsed() - ms;
    while ((times[0] ?? Number.POSITIVE_INFINITY) < from) times.shift();
    return times.length;
  };
  return {
    onAnswered({ line, side, subject, request }, served) {
      if (side === 'service' && subject.operation === 'GET job' && subject.name !== undefined) {
        if ((served?.status ?? 503) >= 500) failed.add(subject.name);
        else failed.delete(subject.name);
      }
      const seconds = Number(served?.headers.get('retry-after'));
      if (side !== 'service' || served?.status !== 429 || !(seconds > 0)) return;
      const fromMs = kernel.clock.elapsed();
      const untilMs = fromMs + Math.min(seconds * 1_000, wishMaxMs);
      const wisher = wisherOf(subject, request.url);
      if (wisher !== undefined) asked.set(`${line.id} ${wisher}`, { fromMs, untilMs });
    },
    onSent({ line, request, subject, side }) {
      const now = kernel.clock.elapsed();
      if (subject.operation === 'GET job' && failed.has(subject.name ?? '')) {
        if (now - herd.atMs > momentMs) herd = { atMs: now, jobs: new Set() };
        herd.jobs.add(subject.name ?? '');
        if (herd.jobs.size === herdMax + 1) {
          report('herd', `${herd.jobs.size} jobs that failed come back at the same moment`);
        }
      }
      const wisher = wisherOf(subject, request.url);
      const wish = side === 'service' ? asked.get(`${line.id} ${wisher}`) : undefined;
      // Somebody's wish that came during the pass is served right after it.
      const isNews = truth.lastWishAt(subject.name ?? '') >= (wish?.fromMs ?? 0) - newsMs;
      // Of two objects that name one job, the other was not asked.
      const isShared = truth.holdersOf(subject.name ?? '').length > 1;
      // The pass that was asked may still be at its other read.
      if (wish && !isNews && !isShared && now > wish.fromMs + passMs && now < wish.untilMs) {
        report(
          'retry-after',
          `${subject.operation} ${wisher} ${Math.round(wish.untilMs - now)} ms too early`,
        );
        asked.delete(`${line.id} ${wisher}`);
      }
      const recent = byLine.get(line.id) ?? [];
      byLine.set(line.id, recent);
      recent.push(now);
      // An object that has just gone had its share too.
      objectsMax = Math.max(objectsMax, truth.objects.size);
      const share = baseMax + perObjectMax * objectsMax;
      const isMuch = !isTold && since(recent, windowMs) > share;
      if (isMuch && recent.length > share + perSpecMax * truth.specsWithin(windowMs)) {
        isTold = true;
        report('budget', `${recent.length} requests within a minute for ${objectsMax} objects`);
      }
      if (subject.operation.endsWith(' events')) return;
      const key = `${line.id} ${request.method} ${request.url}`;
      const times = same.get(key) ?? [];
      same.set(key, times);
      times.push(now);
      if (since(times, sameWindowMs) === sameMax + 1) {
        report(
          'budget',
          `${subject.operation} ${subject.name ?? ''} ${times.length} times within 10 s`,
        );
      }
    },
  };
}
