import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { validateDataJob } from '../../src/api/validate.ts';
import { parseManifests } from '../../src/cli/manifests.ts';
import { runOptions, sandboxOptions } from '../../src/cli/options.ts';
import type { SettingsTable } from '../../src/cli/settings.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** The table as the README has to show it. */
function optionsTable(table: SettingsTable): string {
  const hasVariables = Object.values(table).some(({ env }) => env !== undefined);
  const head = hasVariables
    ? '| flag | variable | default | |\n| --- | --- | --- | --- |'
    : '| flag | default | |\n| --- | --- | --- |';
  const rows = Object.values(table).map(({ flag, env, about, fallback, fallbackText }) => {
    const isSwitch = !flag.includes('<');
    const value = fallbackText ?? (isSwitch ? 'off' : (fallback ?? 'none'));
    const cells = [`\`${flag}\``, ...(hasVariables ? [env ? `\`${env}\`` : ''] : []), value, about];
    return `| ${cells.join(' | ')} |`;
  });
  return [head, ...rows].join('\n');
}

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
