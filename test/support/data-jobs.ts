/** Builders: a valid object plus named changes, so that a test mentions only what it is about. */
import type { DataJob, DataJobStatus } from '../../src/api/data-job.ts';
import { configDigest } from '../../src/reconcile/datajob/config-digest.ts';
import { desiredState } from '../../src/reconcile/datajob/desired.ts';
import type {
  Desired,
  Observed,
  ObservedDeployment,
  Recorded,
} from '../../src/reconcile/datajob/model.ts';

type Change<T> = (value: T) => T;

const version = '1111111111111111111111111111111111111111';
const digest = `sha256:${'a'.repeat(64)}`;
const deployedAt = '2026-01-01T00:00:00.000Z';

export function aDataJob(...changes: readonly Change<DataJob>[]): DataJob {
  const plain: DataJob = {
    apiVersion: 'versatiledatakit.io/v1alpha1',
    kind: 'DataJob',
    metadata: {
      name: 'ingest-orders',
      namespace: 'sales',
      uid: 'uid-1',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: {
      team: 'sales',
      description: 'Loads the orders of yesterday',
      config: {
        contacts: {
          notifiedOnJobDeploy: [],
          notifiedOnJobSuccess: [],
          notifiedOnJobFailureUserError: ['sales-data@example.com'],
          notifiedOnJobFailurePlatformError: [],
        },
        enableExecutionNotifications: true,
        notificationDelayPeriodMinutes: 240,
        generateKeytab: false,
      },
      source: { inline: { files: { '10_load.py': 'def run(job_input): pass\n' } } },
      deployment: { enabled: true, schedule: '0 6 * * *' },
      managementPolicy: 'Manage',
      interval: '10m',
      suspend: false,
    },
  };
  return changes.reduce((job, change) => change(job), plain);
}

export const withSpec =
  (spec: Partial<DataJob['spec']>): Change<DataJob> =>
  (job) => ({ ...job, spec: { ...job.spec, ...spec } });

export const withMetadata =
  (metadata: Partial<DataJob['metadata']>): Change<DataJob> =>
  (job) => ({ ...job, metadata: { ...job.metadata, ...metadata } });

export const withStatus =
  (status: DataJobStatus): Change<DataJob> =>
  (job) => ({ ...job, status });

/** What the manifest above wants, with the digest that `inSync` has recorded. */
export function wanted(dataJob: DataJob = aDataJob()): Desired {
  return desiredState(dataJob, 'cluster-1', digest);
}

export function aDeployment(changes: Partial<ObservedDeployment> = {}): ObservedDeployment {
  return {
    jobVersion: version,
    enabled: true,
    pythonVersion: '3.11',
    lastDeployedDate: deployedAt,
    dateMovesOnEveryCall: true,
    ...changes,
  };
}

/** The service as it is when `desired` holds. */
export function inSyncWith(desired: Desired): Observed {
  const deployment = aDeployment({
    enabled: desired.enabled,
    ...(desired.pythonVersion === undefined ? {} : { pythonVersion: desired.pythonVersion }),
  });
  return { job: { config: desired.config, marker: desired.marker }, deployment };
}

/** What the status says when `desired` holds. */
export function recordOf(desired: Desired, changes: Partial<Recorded> = {}): Recorded {
  return {
    ownership: 'Created',
    source: { digest: desired.sourceDigest, jobVersion: version },
    configDigest: configDigest(desired),
    lastDeployedDate: deployedAt,
    pending: 'none',
    ...changes,
  };
}

export const nothingRecorded: Recorded = { pending: 'none' };
