/** Every scenario without a fault, where deployments are kept in the cluster and in the database. */
import { describe, expect, test } from 'vitest';
import { runPlan } from './run.ts';
import { scenario, scenarioNames } from './scenarios.ts';

describe.each(['K8S', 'DB'] as const)('persistence %s', (persistence) => {
  test.each(scenarioNames)('%s', async (name) => {
    const plan = scenario(name, { persistence });
    const result = await runPlan(plan);
    expect(result.violations).toEqual([]);
    // Waiting longer than needed for the process to fall silent changes nothing: nothing was missed.
    const again = await runPlan(plan, { extraRounds: 3 });
    expect(again.hash, 'equal plans give equal runs').toBe(result.hash);
  });
});
