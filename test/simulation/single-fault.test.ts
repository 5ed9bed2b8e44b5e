/**
 * One fault at one boundary. The whole list is for `scripts/simulate.ts --single`; here every
 * scenario gets its share, a fixed one, so that a failure is there for everybody.
 */
import { expect, test } from 'vitest';
import { unexplained } from './oracles/summary.ts';
import { singleFaultPlans } from './plans.ts';
import { runPlan } from './run.ts';
import { scenario, scenarioNames } from './scenarios.ts';

/** A prime: neighbouring scenarios get other faults at other boundaries. */
const everyNth = 151;
/** Some plans wait for an hour of virtual time. */
const timeoutMs = 60_000;

test.each(scenarioNames.map((name, index) => ({ name, index })))(
  '$name',
  async ({ name, index }) => {
    const persistence = index % 3 === 0 ? ('DB' as const) : ('K8S' as const);
    const base = scenario(name, { persistence });
    const reference = await runPlan(base);
    const plans = [...singleFaultPlans(base, reference)];
    const chosen = plans.filter((_, place) => (place + index * 31) % everyNth === 0);
    expect(plans.length).toBeGreaterThan(80);
    for (const plan of chosen) {
      const result = await runPlan(plan);
      expect(result.violations, plan.name).toEqual([]);
      expect(unexplained(reference.summary, result.summary), plan.name).toEqual([]);
    }
  },
  timeoutMs,
);
