/** How much the operator may ask: a storm harms everybody, even if its end is right. */
import type { Kernel } from '../kernel.ts';
import type { Sent } from '../network.ts';
import type { Truth } from '../truth.ts';
import type { Report } from './safety.ts';

export interface Budget {
  onSent(sent: Sent): void;
}

const windowMs = 60_000;
/** A start, a poll in its quickest ticks, and watches that end at once. */
const baseMax = 60;
/** A pass is eight requests at most with its events; one that fails comes back a few times. */
const perObjectMax = 60;
/** The same request again and again, by one operator. */
const sameWindowMs = 10_000;
const sameMax = 16;

export function createBudget(kernel: Kernel, truth: Truth, report: Report): Budget {
  const recent: number[] = [];
  const same = new Map<string, number[]>();
  let objectsMax = 1;
  let isTold = false;
  const since = (times: number[], ms: number): number => {
    const from = kernel.clock.elapsed() - ms;
    while ((times[0] ?? Number.POSITIVE_INFINITY) < from) times.shift();
    return times.length;
  };
  return {
    onSent({ line, request, subject }) {
      const now = kernel.clock.elapsed();
      recent.push(now);
      // An object that has just gone had its share too.
      objectsMax = Math.max(objectsMax, truth.objects.size);
      const max = baseMax + perObjectMax * objectsMax;
      if (since(recent, windowMs) > max && !isTold) {
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
