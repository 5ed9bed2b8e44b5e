/** What the operations share: settings, state, and the parts that work in the background. */
import type { ClusterDeployments } from './deployments/cluster.ts';
import type { DatabaseDeployments } from './deployments/database.ts';
import type { DeploymentOutcome, JobRow } from './model.ts';
import type { Runs } from './runs/runs.ts';
import type { Settings } from './settings.ts';
import type { Store } from './store.ts';
import type { Hooks } from './webhooks.ts';

export interface Base {
  readonly settings: Settings;
  readonly store: Store;
  /** Microseconds since the epoch, never the same twice: so that a later change has a later date. */
  readonly stampUs: () => number;
}

export interface World extends Base {
  readonly cluster: ClusterDeployments;
  readonly database: DatabaseDeployments;
  readonly runs: Runs;
  readonly hooks: Hooks;
}

export function createBase(settings: Settings, store: Store): Base {
  let last = 0;
  return {
    settings,
    store,
    stampUs() {
      last = Math.max(Math.trunc(settings.clock.now()) * 1000, last + 1);
      return last;
    },
  };
}

/** The job, if it belongs to the team: both must match to the letter. */
export function findJob(store: Store, team: string, name: string): JobRow | undefined {
  const job = store.jobs.get(name);
  return job?.team === team ? job : undefined;
}

const gaugeValues = { SUCCESS: 0, PLATFORM_ERROR: 1, USER_ERROR: 3 } as const;

/** Stores how the last deployment ended; the gauge keeps its old value over NONE. */
export function setDeploymentOutcome(
  store: Store,
  name: string,
  outcome: DeploymentOutcome,
  changes: Partial<JobRow> = {},
): void {
  const job = store.jobs.get(name);
  if (job === undefined) return;
  store.jobs.put(name, { ...job, ...changes, deploymentStatus: outcome });
  if (outcome !== 'NONE') store.gauges.put(name, gaugeValues[outcome]);
}

/** A moment as the service writes it: up to six digits, trailing zeros cut, none if whole. */
export function instant(us: number): string {
  const seconds = new Date(Math.floor(us / 1e6) * 1000).toISOString().slice(0, 19);
  const digits = String(us % 1e6)
    .padStart(6, '0')
    .replace(/0+$/, '');
  return digits === '' ? `${seconds}Z` : `${seconds}.${digits}Z`;
}

/** Whether `name` is meant by a pattern in which `*` stands for any text. */
export function matchesGlob(pattern: string, name: string): boolean {
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return pattern !== '' && new RegExp(`^${escaped}$`).test(name);
}
