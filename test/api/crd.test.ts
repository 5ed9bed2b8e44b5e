import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { generatedFiles } from '../../scripts/generate.ts';
import { dataJobCrd, dataJobSchema } from '../../src/api/crd.ts';
import { rulesKey, type SchemaNode } from '../../src/api/field.ts';

const root = join(import.meta.dirname, '../..');

interface Place {
  readonly path: string;
  readonly node: SchemaNode;
}

const place = (path: string, node: SchemaNode): Place => ({ path, node });

function places(node: SchemaNode, path: string): readonly Place[] {
  const children = [
    ...Object.entries(node.properties ?? {}).map(([name, child]) =>
      place(`${path}.${name}`, child),
    ),
    ...(node.items === undefined ? [] : [place(`${path}[]`, node.items)]),
    ...(node.additionalProperties === undefined
      ? []
      : [place(`${path}{}`, node.additionalProperties)]),
  ];
  return [{ path, node }, ...children.flatMap((child) => places(child.node, child.path))];
}

/** All of spec and status; the API server describes and bounds the rest itself. */
const all = places(dataJobSchema, '').filter(({ path }) => /^\.(spec|status)/.test(path));
const offenders = (isWrong: (node: SchemaNode) => boolean) =>
  all.filter(({ node }) => isWrong(node)).map(({ path }) => path);

test('the generated files are what the sources say: if not, run "npm run generate"', () => {
  for (const [path, text] of Object.entries(generatedFiles())) {
    expect(readFileSync(join(root, path), 'utf8'), path).toBe(text);
    if (!path.endsWith('.yaml')) continue;
    expect(load(text)).toEqual(JSON.parse(JSON.stringify(dataJobCrd)));
  }
});

test('the check of generated files passes on the files that are there', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/generate.ts', '--check'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

describe('the schema', () => {
  test('describes every field, so that kubectl explain leaves nobody alone', () => {
    expect(offenders(({ description }) => typeof description !== 'string')).toEqual([]);
  });

  test('tells default and example of every field of the spec', () => {
    const fields = all.filter(({ path }) => path.startsWith('.spec') && /\w$/.test(path));
    const silent = fields.filter(
      ({ node }) => !/[Dd]efault: .*Example: ./.test(String(node.description)),
    );
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  test('bounds every text, list and map', () => {
    const isUnbounded = (node: SchemaNode) =>
      (node.type === 'string' &&
        node.maxLength === undefined &&
        node.enum === undefined &&
        node.format !== 'date-time') ||
      (node.type === 'array' && node.maxItems === undefined) ||
      (node.additionalProperties !== undefined && node.maxProperties === undefined);
    expect(offenders(isUnbounded)).toEqual([]);
  });

  test('has a type everywhere and none of the keywords that a CRD may not have', () => {
    const banned = ['anyOf', 'oneOf', 'allOf', 'not', 'const', '$ref', '$schema', 'propertyNames'];
    expect(
      offenders((node) => typeof node.type !== 'string' || banned.some((key) => key in node)),
    ).toEqual([]);
  });

  test('says in every rule what to do', () => {
    const messages = all.flatMap(({ node }) => node[rulesKey] ?? []).map(({ message }) => message);
    expect(messages.filter((message) => message.length < 30)).toEqual([]);
    expect(messages.length).toBeGreaterThan(10);
  });
});

test('kubectl get shows the columns of the design, those of -o wide last', () => {
  const columns = dataJobCrd.spec.versions[0].additionalPrinterColumns;
  const names = (wide: boolean) =>
    columns.filter((column) => (column.priority === 1) === wide).map(({ name }) => name);
  expect(names(false)).toEqual(
    'Ready,Status,Team,Enabled,Schedule,Version,Last Run,Age'.split(','),
  );
  expect(names(true)).toEqual(
    'Control Service,Synced,Suspended,Revision,Python,Next Run,Message'.split(','),
  );
});

test('every column reads a field that the schema has', () => {
  const known = new Set(all.map(({ path }) => path));
  const missing = dataJobCrd.spec.versions[0].additionalPrinterColumns
    .map(({ jsonPath }) => jsonPath.replace(/\[\?.*?\)\]/, '[]'))
    .filter((path) => path !== '.metadata.creationTimestamp' && !known.has(path));
  expect(missing).toEqual([]);
});
