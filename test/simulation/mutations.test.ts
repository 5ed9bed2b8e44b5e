/** The simulation is only worth its time if it sees a bug: one is planted at a time. */
import { expect, test } from 'vitest';
import { mutations } from './mutations.ts';
import { runPlan } from './run.ts';

test.each(mutations)('$bug', async ({ altered, plans }) => {
  for (const plan of plans) {
    const { violations } = await runPlan(plan, { altered, stopAtViolation: true });
    if (violations.length === 0) continue;
    const shipped = await runPlan(plan);
    expect(shipped.violations, 'the shipped parts pass').toEqual([]);
    return;
  }
  expect.unreachable(`${plans.length} plans, and no oracle has seen it`);
});
