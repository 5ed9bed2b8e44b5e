/** The end of an execution, however it came about. */
import type { ExecutionRow, ExecutionStatus } from '../model.ts';
import { type Base, instant } from '../world.ts';

/** Executions kept of one job, and for how long: the cleaner's limits. */
const finishedMax = 100;
const finishedMaxAgeUs = 14 * 24 * 3_600 * 1e6;

/** The end of an execution, which the job's row shows as its last. */
export function finish(
  { store }: Base,
  execution: ExecutionRow,
  status: ExecutionStatus,
  message: string,
  endUs: number,
): void {
  const { id, jobName } = execution;
  store.executions.put(id, { ...execution, status, message, endUs }, jobName);
  const job = store.jobs.get(jobName);
  if (job !== undefined) {
    const durationSeconds = Math.max(Math.floor((endUs - execution.startUs) / 1e6), 0);
    const lastExecution = { status, time: instant(endUs), durationSeconds };
    store.jobs.put(jobName, { ...job, lastExecution });
  }
  const finished = store.executions
    .of(jobName)
    .filter((each) => each.endUs !== null)
    .sort((a, b) => (b.endUs ?? 0) - (a.endUs ?? 0));
  for (const [index, old] of finished.entries()) {
    const tooOld = endUs - (old.endUs ?? 0) > finishedMaxAgeUs;
    if (index >= finishedMax || tooOld) store.executions.delete(old.id);
  }
}
