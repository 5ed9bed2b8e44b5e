/** What can be said of the chart without helm; the rest is said on a real API server. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { digestOfChart, installFile } from '../../scripts/chart.ts';
import { generatedFiles } from '../../scripts/generate.ts';

const root = join(import.meta.dirname, '../..');
const chart = join(root, 'deploy/helm/datajob-operator');
const read = (path: string) => readFileSync(path, 'utf8');
const values = () => load(read(join(chart, 'values.yaml'))) as Record<string, unknown>;
const accepts = new Ajv({ strict: false }).compile(
  JSON.parse(read(join(chart, 'values.schema.json'))),
);

test('the chart installs the CRDs that the sources make', () => {
  const crds = Object.entries(generatedFiles()).filter(([path]) => path.includes('crd-files'));
  expect(crds).toHaveLength(1);
  for (const [path, text] of crds) expect(read(join(root, path)), path).toBe(text);
});

test('install.yaml was rendered from the chart as it is now: "npm run chart" renders it', () => {
  const [, digest] = /^# Made from: (\w+)$/m.exec(read(installFile)) ?? [];
  expect(digest).toBe(digestOfChart());
});

test('chart and program have one version', () => {
  const { version, appVersion } = load(read(join(chart, 'Chart.yaml'))) as Record<string, string>;
  expect([version, appVersion]).toEqual([packageJson.version, packageJson.version]);
});

describe('the schema of the values', () => {
  test('takes the defaults, and knows every one of them', () => {
    expect(accepts(values()), JSON.stringify(accepts.errors)).toBe(true);
    const { properties } = JSON.parse(read(join(chart, 'values.schema.json')));
    const inSchema = Object.keys(properties).filter((name) => name !== 'global');
    expect(inSchema.sort()).toEqual(Object.keys(values()).sort());
  });

  const refused = [
    { name: 'a misspelt value', change: { replicaCounts: 2 } },
    { name: 'a scope there is not', change: { rbac: { scope: 'Namespaces' } } },
    { name: 'an address without a scheme', change: service({ url: 'control-service:8092' }) },
    { name: 'a user in the address', change: service({ url: 'https://me:secret@service' }) },
    { name: 'a poll interval without a unit', change: { operator: { pollInterval: '60' } } },
    { name: 'a selector as a map', change: { operator: { watchLabelSelector: { shard: 'a' } } } },
    { name: 'a selector in two lines', change: { operator: { watchLabelSelector: 'a\nb' } } },
    { name: 'replicas as a text', change: { replicaCount: '2' } },
  ];
  test.each(refused)('refuses $name', ({ change }) => {
    expect(accepts({ ...values(), ...change })).toBe(false);
  });
});

function service(change: Readonly<Record<string, string>>) {
  return { controlService: { default: change } };
}
