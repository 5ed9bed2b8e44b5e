/** What a pass needs from outside, handed over by the composition root. */
import type { DataJob } from '../../api/data-job.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Random } from '../../platform/random.ts';
import type { BulkPoll } from '../bulk-poll.ts';
import type { JobCalls } from './calls.ts';
import type { Note } from './narrate.ts';
import type { DataJobObjects } from './objects.ts';
import type { IsHere } from './ownership.ts';
import type { Recent } from './recent.ts';
import type { ConfigMaps } from './source.ts';

export interface PassDeps {
  readonly service: JobCalls;
  readonly objects: DataJobObjects;
  readonly configMaps: ConfigMaps;
  readonly poll: Pick<BulkPoll, 'hintOf' | 'touched' | 'hurry' | 'deploymentsInDatabase'>;
  /** Creates that were asked for without a note, and not answered. */
  readonly silentCreates: Recent;
  /** Removals of deployments that were asked for. */
  readonly removals: Recent;
  /** An older object here that names the same job: that one holds it. */
  readonly olderHolderOf: (dataJob: DataJob) => DataJob | undefined;
  readonly isHere: IsHere;
  /** The team that has a job of this name, for a message; undefined = not found. */
  readonly teamOf: (jobName: string, signal: AbortSignal) => Promise<string | undefined>;
  readonly tell: (dataJob: DataJob, note: Note) => void;
  readonly clock: Clock;
  readonly random: Random;
  /** Part of the ownership marker. */
  readonly clusterId: string;
}
