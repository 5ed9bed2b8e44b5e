import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { validateDataJob } from '../../src/api/validate.ts';
import { parseManifests } from '../../src/cli/manifests.ts';
import { runOptions, sandboxOptions } from '../../src/cli/options.ts';
import { optionsTable } from '../support/options-table.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

test.each([
  { name: 'run', table: runOptions },
  { name: 'sandbox', table: sandboxOptions },
])('the README lists the options of $name as they are', ({ table }) => {
  expect(readme).toContain(optionsTable(table));
});

test('the manifest in the README is valid', () => {
  const [, yaml = ''] = /```yaml\n([\s\S]+?)```/.exec(readme) ?? [];
  const [loaded] = parseManifests(yaml, 'README.md');
  expect(validateDataJob(loaded?.manifest)).toEqual([]);
});

test('ARCHITECTURE.md names only tests that exist', () => {
  const text = readFileSync(new URL('../../ARCHITECTURE.md', import.meta.url), 'utf8');
  const tests = [...text.matchAll(/`(test\/[^`]+)`/g)].map(([, path]) => path ?? '');
  expect(tests.length).toBeGreaterThan(10);
  for (const path of tests) {
    expect(existsSync(new URL(`../../${path}`, import.meta.url)), path).toBe(true);
  }
});

test('the README names only files that exist', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) => path ?? '');
  expect(links.length).toBeGreaterThan(3);
  for (const path of links) {
    expect(existsSync(new URL(`../../${path}`, import.meta.url)), path).toBe(true);
  }
});
