/**
 * The create intent: what an object notes of itself before its job is created. A create whose answer
 * was lost may still take effect after the job was read as absent, so a deletion has to know of it.
 * Pure.
 */
import { createIntentAnnotation } from '../../api/annotations.ts';
import { conditionOf } from '../../api/conditions.ts';
import { type DataJob, jobNameOf } from '../../api/data-job.ts';
import { isWithin } from './age.ts';

/**
 * From the note to when the create is taken to take effect no more. Proxies hold a request for a
 * minute at most, unless told otherwise; half of that is for the service to carry out what it got.
 * One that takes longer is left to chance: every deletion after a crash would have to wait for it.
 */
export const takesEffectWithinMs = 90_000;

interface Intent {
  readonly at: string;
  /** Of the manifest that asked for it. */
  readonly generation?: number;
  /** When another create was noted before, of which it is not known either what became of it. */
  readonly earlier?: string;
}

/** The annotation's value before a create; undefined when what it says is enough. */
export function nextIntent(dataJob: DataJob, absentAtMs: number): string | undefined {
  const { generation = 0 } = dataJob.metadata;
  const last = lastIntent(dataJob);
  // What the service refuses is asked for again now and then: no write each time.
  const isRefused = last !== undefined && wasRefused(dataJob, last);
  if (isRefused && last.generation === generation) return undefined;
  const isOpen =
    last !== undefined && !isRefused && openUntil(Date.parse(last.at), absentAtMs) !== undefined;
  return JSON.stringify({
    job: jobNameOf(dataJob),
    team: dataJob.spec.team,
    read: 'absent',
    at: new Date(absentAtMs).toISOString(),
    generation,
    ...(isOpen ? { earlier: last.at } : {}),
  });
}

/**
 * Until when a create of this object may still take effect though its job is absent now; undefined =
 * no more. `wasSeen`: the job was there, so that the last create is not the one that may come.
 * `silentAtMs`: of a create that was asked for again after a refusal, without a note of its own, and
 * was this time not answered. A note each time would be a write for every refusal, for ever.
 */
export function mayComeUntil(
  dataJob: DataJob,
  wasSeen: boolean,
  silentAtMs: number | undefined,
  nowMs: number,
): string | undefined {
  if (silentAtMs !== undefined && !wasSeen) return openUntil(silentAtMs, nowMs);
  const last = lastIntent(dataJob);
  if (last === undefined || wasRefused(dataJob, last)) return undefined;
  const since = wasSeen ? last.earlier : last.at;
  return since === undefined ? undefined : openUntil(Date.parse(since), nowMs);
}

function openUntil(atMs: number, nowMs: number): string | undefined {
  if (!isWithin(takesEffectWithinMs, atMs, nowMs)) return undefined;
  return new Date(atMs + takesEffectWithinMs).toISOString();
}

/** A pass at that manifest or a later one came to a final answer, so the create had got one. */
function wasRefused({ status }: DataJob, { generation = 0 }: Intent): boolean {
  const stalled = conditionOf(status?.conditions, 'Stalled');
  return stalled?.status === 'True' && stalled.observedGeneration >= generation;
}

/** undefined when there is none, or when somebody made something else of it. */
function lastIntent({ metadata }: DataJob): Intent | undefined {
  try {
    const last = JSON.parse(metadata.annotations?.[createIntentAnnotation] ?? '') as Intent | null;
    return typeof last?.at === 'string' ? last : undefined;
  } catch {
    return undefined;
  }
}
