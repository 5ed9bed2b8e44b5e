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
      expect(unexplained(reference.summary, result.summary, plan), plan.name).toEqual([]);
    }
  },
  timeoutMs,
);

test.each([
  { kind: 'rateAbsurd', request: 10, why: 'asked for the removal at each look, minutes later' },
  { kind: 'status404', request: 13, why: 'the same, once the first was taken to be lost' },
] as const)('a deletion in the middle of an update, $kind at $request: $why', async (fault) => {
  const { kind, request } = fault;
  const base = scenario('delete during an update', { persistence: 'DB' });
  const plan = { ...base, faults: [{ kind, request, applied: false }] };
  const [reference, result] = [await runPlan(base), await runPlan(plan)];
  expect(result.violations).toEqual([]);
  expect(unexplained(reference.summary, result.summary, plan)).toEqual([]);
});
