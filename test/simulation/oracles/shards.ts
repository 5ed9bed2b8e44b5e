/** Of several operators with a part of the objects each, nobody writes to the job of another's object. */
import { jobNameOf } from '../../../src/api/data-job.ts';
import type { Kernel } from '../kernel.ts';
import type { Sent } from '../network.ts';
import type { Plan } from '../plan.ts';
import type { Watcher } from '../serve.ts';
import type { Truth } from '../truth.ts';
import type { Report } from './safety.ts';

export interface Shards extends Watcher {
  onSent(sent: Sent, labelSelector: string): void;
}

/** As persons move objects: with the label, and without it. */
export const shardLabel = 'shard';
export const shards = [shardLabel, `!${shardLabel}`] as const;

/** What the operator believes for so long that it is told late, where answers come late. */
const beliefMs = 4_000;

export function createShards(
  kernel: Kernel,
  truth: Truth,
  { latencyMs: [, wayMs] = [1, 4], faults, steps }: Plan,
  report: Report,
): Shards {
  /** By uid. */
  const places = new Map<string, { readonly shard: string; readonly since: number }>();
  const isDisturbed = faults !== undefined || steps.some((step) => step.do === 'outage');
  const lateMs = wayMs + 1 + (isDisturbed ? beliefMs : 0);
  return {
    before: () => undefined,
    after() {
      for (const { uid, object } of truth.objects.values()) {
        const isLabelled = object.metadata.labels?.[shardLabel] !== undefined;
        const shard = isLabelled ? shards[0] : shards[1];
        if (places.get(uid)?.shard === shard) continue;
        places.set(uid, { shard, since: kernel.clock.elapsed() });
      }
    },
    onSent({ line, side, subject }, labelSelector) {
      if (side !== 'service' || !subject.isWrite) return;
      for (const { uid, key, object } of truth.objects.values()) {
        const place = places.get(uid);
        if (jobNameOf(object) !== subject.name || place === undefined) continue;
        const goneMs = kernel.clock.elapsed() - place.since;
        if (place.shard === labelSelector || goneMs <= lateMs) continue;
        const what = `${line.id} sends ${subject.operation} for ${key}`;
        report('S10', `${what}, which left its shard ${Math.round(goneMs)} ms ago`);
      }
    },
  };
}
