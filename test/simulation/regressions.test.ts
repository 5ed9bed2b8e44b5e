/** Plans that once failed, and what is known to fail still. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { newViolations, openFindings } from './open-findings.ts';
import type { Plan } from './plan.ts';
import { runPlan } from './run.ts';

const folder = new URL('regressions/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

test.each(files)('%s', async (name) => {
  const { plan } = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as { plan: Plan };
  expect(newViolations((await runPlan(plan)).violations, plan)).toEqual([]);
});

test.each(openFindings)('still open: $what', async ({ shows, matches }) => {
  const { violations } = await runPlan(shows);
  expect(
    violations.some((violation) => matches(violation, shows)),
    'it is fixed: take it off the list of open findings and keep its plan as a regression',
  ).toBe(true);
});
