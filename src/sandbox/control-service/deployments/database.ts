/**
 * Deployments kept in the database: POST, PATCH and DELETE only write what is wanted, and a
 * synchronizer brings the cluster to it, run by run. A wanted row that failed is left alone until
 * the next POST or PATCH. One run handles all jobs and ends when its slowest build does.
 */
import { isKubernetesCron } from '../cron.ts';
import {
  type DeployedRow,
  type DeploymentOutcome,
  type DesiredRow,
  defaultResources,
  type JobRow,
} from '../model.ts';
import type { DeploymentBody } from '../web/bodies.ts';
import { type Base, setDeploymentOutcome } from '../world.ts';
import { defaultPythonVersion, defaultVdkVersion, mergedResources, notDeployed } from './checks.ts';
import { buildFails } from './cluster.ts';

export interface DatabaseDeployments {
  get(jobName: string): DeployedRow | undefined;
  post(job: JobRow, body: DeploymentBody, user: string | null): void;
  patch(job: JobRow, body: DeploymentBody, user: string | null): void;
  remove(jobName: string): void;
  /** A job PUT clears the wanted `enabled`, and with that makes the next run fail. */
  jobReplaced(jobName: string): void;
  jobDeleted(jobName: string): void;
  close(): void;
}

export function createDatabaseDeployments(base: Base): DatabaseDeployments {
  const { store, settings } = base;
  const want = (job: JobRow, body: DeploymentBody, user: string | null) => {
    store.desired.put(job.name, mergedDesired(base, job, body, user));
    setDeploymentOutcome(store, job.name, 'NONE');
  };
  // With both persistences the synchronizer is off, as the service's own default has it.
  const close = settings.persistence === 'DB' ? startSynchronizer(base) : () => {};
  return {
    get: (jobName) => store.actual.get(jobName),
    post: want,
    patch(job, body, user) {
      if (store.desired.get(job.name) === undefined) throw notDeployed(job.name);
      want(job, body, user);
    },
    remove(jobName) {
      store.desired.delete(jobName);
      setDeploymentOutcome(store, jobName, 'SUCCESS');
    },
    jobReplaced(jobName) {
      const row = store.desired.get(jobName);
      if (row !== undefined) store.desired.put(jobName, { ...row, enabled: null, status: 'NONE' });
    },
    jobDeleted(jobName) {
      store.desired.delete(jobName);
      store.actual.delete(jobName);
    },
    close,
  };
}

function mergedDesired(
  { settings, store }: Base,
  job: JobRow,
  body: DeploymentBody,
  user: string | null,
): DesiredRow {
  const old = store.desired.get(job.name);
  const pythonVersion = body.python_version ?? old?.pythonVersion ?? defaultPythonVersion(settings);
  const pythonChanges = old !== undefined && old.pythonVersion !== pythonVersion;
  const keptVdk = pythonChanges ? null : (old?.vdkVersion ?? null);
  return {
    jobName: job.name,
    jobVersion: body.job_version ?? old?.jobVersion ?? null,
    pythonVersion,
    // The very first row drops the one that was sent.
    vdkVersion: old === undefined ? null : (body.vdk_version ?? keptVdk),
    enabled: body.enabled ?? true,
    schedule: body.schedule?.schedule_cron ?? job.schedule,
    resources: mergedResources(old?.resources ?? defaultResources, body),
    status: 'NONE',
    user,
  };
}

/** Starts the runs; returns what stops them. */
function startSynchronizer(base: Base): () => void {
  const { clock, synchronizerIntervalMs, synchronizerStartMs } = base.settings;
  let cancels: (() => void)[] = [];
  const schedule = (delayMs: number) => {
    cancels = [clock.after(delayMs, run)];
  };
  const run = () => {
    cancels = [];
    const rows = base.store.desired
      .all()
      .filter((row) => row.status === 'NONE' || row.status === 'SUCCESS');
    let left = rows.length;
    const end = () => {
      removeUnwanted(base);
      schedule(synchronizerIntervalMs);
    };
    for (const row of rows) {
      const { delayMs, outcome } = workOn(base, row);
      const finish = () => {
        base.store.transaction(() => settle(base, row, outcome));
        left -= 1;
        if (left === 0) end();
      };
      if (delayMs === 0) finish();
      else cancels.push(clock.after(delayMs, finish));
    }
    if (rows.length === 0) end();
  };
  schedule(synchronizerStartMs);
  return () => {
    for (const cancel of cancels) cancel();
  };
}

/** How long a row's work takes in this run, and how it ends. */
function workOn(
  base: Base,
  row: DesiredRow,
): { readonly delayMs: number; readonly outcome: DeploymentOutcome } {
  const { settings, store } = base;
  const actual = store.actual.get(row.jobName);
  // Nothing is built for a disabled deployment: the first one fails on the image that is not there.
  const unbuilt = actual === undefined && row.enabled === false;
  if (row.enabled === null || row.jobVersion === null || unbuilt) {
    return { delayMs: 0, outcome: 'PLATFORM_ERROR' };
  }
  if (row.enabled && needsBuild(row, actual)) {
    const fails = buildFails(base, row.jobName);
    if (fails) return { delayMs: settings.builderWaitMs, outcome: 'PLATFORM_ERROR' };
    return { delayMs: settings.deployTimeMs, outcome: outcomeOf(row) };
  }
  return { delayMs: 0, outcome: outcomeOf(row) };
}

const outcomeOf = (row: DesiredRow): DeploymentOutcome =>
  row.schedule === null || row.schedule === '' || isKubernetesCron(row.schedule)
    ? 'SUCCESS'
    : 'USER_ERROR';

const vdkOf = (row: DesiredRow): string => row.vdkVersion ?? defaultVdkVersion(row.pythonVersion);

function needsBuild(row: DesiredRow, actual: DeployedRow | undefined): boolean {
  return (
    actual?.jobVersion !== row.jobVersion ||
    actual.pythonVersion !== row.pythonVersion ||
    actual.vdkVersion !== vdkOf(row)
  );
}

function settle(base: Base, row: DesiredRow, planned: DeploymentOutcome): void {
  const { store } = base;
  const now = store.desired.get(row.jobName);
  if (now === undefined || row.jobVersion === null) {
    if (now !== undefined) store.desired.put(row.jobName, { ...now, status: 'PLATFORM_ERROR' });
    if (now !== undefined) setDeploymentOutcome(store, row.jobName, 'PLATFORM_ERROR');
    return;
  }
  // A job PUT in the meantime cleared it, and the work comes to nothing.
  const outcome = now.enabled === null ? 'PLATFORM_ERROR' : planned;
  store.desired.put(row.jobName, { ...now, status: outcome });
  setDeploymentOutcome(
    store,
    row.jobName,
    outcome,
    outcome === 'SUCCESS' ? { enabled: row.enabled } : {},
  );
  if (outcome !== 'SUCCESS') return;
  const wanted: Omit<DeployedRow, 'deployedAtUs' | 'deployedBy'> = {
    jobName: row.jobName,
    jobVersion: row.jobVersion,
    pythonVersion: row.pythonVersion,
    vdkVersion: vdkOf(row),
    enabled: row.enabled === true,
    schedule: row.schedule,
    resources: row.resources,
  };
  const old = store.actual.get(row.jobName);
  if (old !== undefined && store.cronJobs.get(row.jobName) !== undefined && same(old, wanted))
    return;
  const deployed = { ...wanted, deployedAtUs: base.stampUs(), deployedBy: row.user };
  store.actual.put(row.jobName, deployed);
  store.cronJobs.put(row.jobName, deployed);
}

/** The date moves only when the CronJob's content does. */
function same(old: DeployedRow, wanted: Omit<DeployedRow, 'deployedAtUs' | 'deployedBy'>): boolean {
  return (
    old.jobVersion === wanted.jobVersion &&
    old.pythonVersion === wanted.pythonVersion &&
    old.vdkVersion === wanted.vdkVersion &&
    old.enabled === wanted.enabled &&
    old.schedule === wanted.schedule &&
    old.resources.memory_request === wanted.resources.memory_request &&
    old.resources.memory_limit === wanted.resources.memory_limit
  );
}

/** What nobody wants any more goes at the end of a run. */
function removeUnwanted({ store }: Base): void {
  store.transaction(() => {
    for (const { jobName } of store.cronJobs.all()) {
      if (store.desired.get(jobName) !== undefined) continue;
      store.cronJobs.delete(jobName);
      store.actual.delete(jobName);
    }
  });
}
