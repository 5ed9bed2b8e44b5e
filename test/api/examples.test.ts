import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll, YAML11_SCHEMA } from 'js-yaml';
import { expect, test } from 'vitest';
import type { DataJob } from '../../src/api/data-job.ts';
import { decodeDataJob } from '../../src/api/validate.ts';

const folder = join(import.meta.dirname, '../../examples');

interface Document {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
}

const documents = readdirSync(folder).flatMap(
  (file) =>
    loadAll(readFileSync(join(folder, file), 'utf8'), { schema: YAML11_SCHEMA }) as Document[],
);

const dataJobs: readonly DataJob[] = documents
  .filter(({ kind }) => kind === 'DataJob')
  .map((document) => {
    const decoded = decodeDataJob(document);
    if (decoded.kind === 'invalid') throw new Error(JSON.stringify(decoded.problems));
    return decoded.dataJob;
  });

test('the examples are valid and show what they promise', () => {
  const shows = dataJobs.map(({ metadata, spec }) => ({
    name: metadata.name,
    files: Object.keys(spec.source.inline?.files ?? {}).length,
    enabled: spec.deployment.enabled,
    policy: spec.managementPolicy,
  }));
  expect(shows).toEqual([
    { name: 'ingest-orders', files: 4, enabled: true, policy: 'Manage' },
    { name: 'monthly-revenue', files: 0, enabled: false, policy: 'Manage' },
    { name: 'stock-levels', files: 1, enabled: true, policy: 'Observe' },
  ]);
  expect(dataJobs.every(({ spec }) => spec.deployment.schedule !== undefined)).toBe(true);
});

test('a ConfigMap that an example refers to stands beside it', () => {
  for (const { metadata, spec } of dataJobs) {
    const name = spec.source.configMapRef?.name;
    if (name === undefined) continue;
    expect(documents).toContainEqual(
      expect.objectContaining({
        kind: 'ConfigMap',
        metadata: { name, namespace: metadata.namespace },
      }),
    );
  }
});
