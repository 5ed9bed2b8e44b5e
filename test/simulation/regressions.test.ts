/** Plans that once failed. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Plan } from './plan.ts';
import { runPlan } from './run.ts';

const folder = new URL('regressions/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

test.each(files)('%s', async (name) => {
  const { plan } = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as { plan: Plan };
  expect((await runPlan(plan)).violations).toEqual([]);
});
