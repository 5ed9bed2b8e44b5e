/**
 * The embedded Control Service: the Data Jobs API in this process, over an SQLite store, a
 * simulated cluster and the injected clock. A handler from request to response; who wants a socket
 * puts one in front.
 */
import type { HttpHandler } from '../../platform/http.ts';
import { createClusterDeployments } from './deployments/cluster.ts';
import { createDatabaseDeployments } from './deployments/database.ts';
import { allOperations } from './operations.ts';
import { helperPages } from './pages.ts';
import { createRequestRecord, type RequestRecord } from './request-record.ts';
import { createRuns } from './runs/runs.ts';
import { createSchedule } from './runs/schedule.ts';
import { createGuard } from './security/guard.ts';
import { createIssuer, type Issuer } from './security/issuer.ts';
import { type ControlServiceSettings, withDefaults } from './settings.ts';
import { openStore, type Store } from './store.ts';
import { createHandler } from './web/handler.ts';
import { createHooks } from './webhooks.ts';
import { createBase, type World } from './world.ts';

export type { ControlServiceSettings } from './settings.ts';

export interface EmbeddedControlService {
  readonly handler: HttpHandler;
  /** Every request handled, as data: the ground truth of what callers did. */
  readonly record: RequestRecord;
  /** A signed token, for tests that want one of their own making. */
  readonly issueToken: Issuer['issue'];
  /** Ends everything that waits; what a real service would lose when it stops is lost. */
  close(): void;
}

export function createControlService(given: ControlServiceSettings): EmbeddedControlService {
  const settings = withDefaults(given);
  const opened = openStore(settings.databaseFile);
  let onCronJob: (jobName: string) => void = () => {};
  const store = watchingCronJobs(opened, (jobName) => onCronJob(jobName));
  const base = createBase(settings, store);
  const runs = createRuns(base);
  const schedule = createSchedule(base, runs);
  onCronJob = schedule.changed;
  const cluster = createClusterDeployments(base);
  const database = createDatabaseDeployments(base);
  const world: World = { ...base, cluster, database, runs, hooks: createHooks(settings.webhooks) };
  const issuer = createIssuer(settings);
  const { record, add } = createRequestRecord();
  const handler = createHandler({
    settings,
    operations: allOperations(world),
    pages: helperPages(base),
    guard:
      settings.security === undefined ? async () => ({ user: null }) : createGuard(base, issuer),
    onHandled: add,
  });
  return {
    handler,
    record,
    issueToken: issuer.issue,
    close() {
      for (const part of [database, cluster, schedule, runs, opened]) part.close();
    },
  };
}

/** Tells when a CronJob is written or deleted, whoever does it. */
function watchingCronJobs(store: Store, changed: (jobName: string) => void): Store {
  const { cronJobs } = store;
  return {
    ...store,
    cronJobs: {
      ...cronJobs,
      put(key, row, owner) {
        cronJobs.put(key, row, owner);
        changed(key);
      },
      delete(key) {
        const deleted = cronJobs.delete(key);
        if (deleted) changed(key);
        return deleted;
      },
    },
  };
}
