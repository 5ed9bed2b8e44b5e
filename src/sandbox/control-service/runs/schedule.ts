/** Starts runs by the schedules of the cluster's CronJobs. A run that goes on forbids the next. */
import { nextRunMs } from '../cron.ts';
import type { DeployedRow } from '../model.ts';
import type { Base } from '../world.ts';
import type { Runs } from './runs.ts';

export interface Schedule {
  /** The job's CronJob was written or deleted. */
  changed(jobName: string): void;
  close(): void;
}

export function createSchedule({ settings, store, stampUs }: Base, runs: Runs): Schedule {
  const { clock } = settings;
  const due = new Map<string, number>();
  let cancel: (() => void) | undefined;

  const plan = (row: DeployedRow | undefined, afterMs: number) => {
    const next = row?.enabled && row.schedule ? nextRunMs(row.schedule, afterMs) : undefined;
    if (row !== undefined && next !== undefined) due.set(row.jobName, next);
    return next !== undefined;
  };
  const sleep = () => {
    cancel?.();
    cancel = undefined;
    if (due.size === 0) return;
    let soonest = Number.POSITIVE_INFINITY;
    for (const at of due.values()) soonest = Math.min(soonest, at);
    cancel = clock.after(Math.max(soonest - clock.now(), 0), wake);
  };
  const wake = () => {
    const nowMs = clock.now();
    store.transaction(() => {
      for (const [jobName, at] of [...due]) {
        if (at > nowMs) continue; // a timer may be cut short
        due.delete(jobName);
        const row = store.cronJobs.get(jobName);
        if (row !== undefined && !runs.isBusy(jobName)) begin(row, at);
        plan(row, at);
      }
    });
    sleep();
  };
  const begin = (row: DeployedRow, at: number) => {
    // Named by the minute, as the cluster's controller does.
    const id = `${row.jobName}-${Math.floor(at / 60_000)}`;
    if (runs.get(id) !== undefined) return;
    runs.start(row, { id, type: 'scheduled', opId: id, args: {} });
    if (store.jobs.get(row.jobName) === undefined) return;
    const submitted = {
      id,
      jobName: row.jobName,
      status: 'submitted',
      type: 'scheduled',
      startUs: stampUs(),
      endUs: null,
      startedBy: null,
      message: null,
      opId: id,
      deployment: unreported,
    } as const;
    store.executions.put(id, submitted, row.jobName);
  };
  for (const row of store.cronJobs.all()) plan(row, clock.now());
  sleep();
  return {
    changed(jobName) {
      due.delete(jobName);
      const planned = plan(store.cronJobs.get(jobName), clock.now());
      if (!planned) runs.cronJobDeleted(store.cronJobs.get(jobName) === undefined ? jobName : '');
      sleep();
    },
    close: () => cancel?.(),
  };
}

/** What an execution shows of its deployment before the cluster reported the run. */
export const unreported = {
  vdk_version: null,
  job_version: null,
  python_version: null,
  deployed_by: null,
  deployed_date: null,
  schedule: null,
  resources: null,
} as const;
