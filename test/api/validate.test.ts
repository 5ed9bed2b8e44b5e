import { describe, expect, test } from 'vitest';
import type { DataJob } from '../../src/api/data-job.ts';
import { decodeDataJob, validateDataJob } from '../../src/api/validate.ts';
import { aManifest, refusals, withSpec } from './refusals.ts';

function decoded(manifest: unknown): DataJob {
  const result = decodeDataJob(manifest);
  if (result.kind === 'invalid') throw new Error(JSON.stringify(result.problems));
  return result.dataJob;
}

describe('offline validation refuses', () => {
  test.each(refusals)('$name', ({ why, before, change, field, says }) => {
    const old = before === undefined ? undefined : decoded(aManifest(before));
    const problems = validateDataJob(aManifest(change), old);
    expect(problems, why).toEqual([{ field, message: expect.stringContaining(says) }]);
  });
});

test('the defaults of the schema are filled in', () => {
  const noContacts = {
    notifiedOnJobDeploy: [],
    notifiedOnJobSuccess: [],
    notifiedOnJobFailureUserError: [],
    notifiedOnJobFailurePlatformError: [],
  };
  expect(decoded(aManifest()).spec).toEqual({
    team: 'sales',
    description: '',
    config: {
      contacts: noContacts,
      enableExecutionNotifications: true,
      notificationDelayPeriodMinutes: 240,
      generateKeytab: false,
    },
    source: { inline: { files: { '10_load.py': 'pass\n' } } },
    deployment: { enabled: true },
    managementPolicy: 'Manage',
    interval: '10m',
    suspend: false,
  });
});

test('a manifest that says all there is to say is valid, and valid again as its own successor', () => {
  const full = aManifest(
    withSpec({
      team: 'sales & marketing',
      jobName: 'ingest-orders-v2',
      description: 'Loads orders',
      config: {
        contacts: { notifiedOnJobSuccess: ['a@example.com'] },
        enableExecutionNotifications: false,
        notificationDelayPeriodMinutes: 0,
        generateKeytab: true,
        dbDefaultType: 'TRINO',
      },
      source: { configMapRef: { name: 'orders' } },
      deployment: {
        enabled: false,
        schedule: '*/15 8-18 * JAN,JUL MON-FRI',
        pythonVersion: '3.11',
      },
      managementPolicy: 'Observe',
      deletionPolicy: 'Undeploy',
      interval: '1h30m',
      suspend: true,
    }),
  );
  expect(validateDataJob(full)).toEqual([]);
  expect(validateDataJob(full, decoded(full))).toEqual([]);
});

test('a field that is null is one that is not given', () => {
  const nulls = aManifest(
    withSpec({
      jobName: null,
      config: { contacts: null },
      deployment: { enabled: null, schedule: null },
      source: { inline: null, configMapRef: { name: 'orders' } },
    }),
  );
  const plain = aManifest(withSpec({ source: { configMapRef: { name: 'orders' } } }));
  expect(decoded(nulls)).toEqual(decoded(plain));
  expect(validateDataJob(aManifest(withSpec({ team: null })))).toHaveLength(1);
});

test('a short object name is fine where the job has a name of its own', () => {
  const manifest = aManifest(withSpec({ jobName: 'ingest-orders' }));
  manifest.metadata.name = 'io';
  expect(validateDataJob(manifest)).toEqual([]);
});

test.each([[null], ['text'], [[]], [{}], [{ kind: 'DataJob' }]])(
  'something that is no DataJob at all is refused: %j',
  (manifest) => {
    expect(validateDataJob(manifest).length).toBeGreaterThan(0);
  },
);
