/** A failure that nobody can see again, or read, is of no use: replaying and shrinking are tools too. */
import { expect, test } from 'vitest';
import { readPlan, runCampaign } from './campaign.ts';
import { mutations } from './mutations.ts';
import type { Plan } from './plan.ts';
import { runPlan } from './run.ts';
import { shrink } from './shrink.ts';
import { swarmPlan } from './swarm.ts';

const seedsMax = 50;

test.each([
  { bug: 'a job is created without having been looked for', oracle: 'S4' },
  { bug: 'the finalizer is put on after the job was created', oracle: 'S6' },
  { bug: 'the version of the first source is deployed for ever', oracle: 'S8' },
])('$bug: the seed that sees it becomes a plan that a person can read', async ({ bug, oracle }) => {
  const altered = mutations.find((each) => each.bug === bug)?.altered ?? {};
  const found = await firstSeedThatSees(oracle, altered);
  const small = await shrink(found, oracle, { altered });
  expect(small.steps.length).toBeLessThanOrEqual(5);
  expect(small.steps.length).toBeLessThan(found.steps.length);
  expect(small.faults ?? []).toHaveLength(0);
  const again = await runPlan(readPlan(JSON.stringify({ plan: small })), { altered });
  expect(again.violations.map((each) => each.oracle)).toContain(oracle);
});

test('what a campaign prints to see a plan again is that very plan', async () => {
  const options = { from: 1, count: 3, part: 0, parts: 1, twice: false, stride: 101 };
  const which = { scenarios: ['delete'], persistences: ['K8S'] as const };
  for await (const { plan, replay } of runCampaign({ kind: 'single', ...options, ...which })) {
    const json = /--plan '(.*)'$/.exec(replay)?.[1] ?? '';
    expect(readPlan(json)).toEqual(plan);
  }
  for await (const { plan, replay } of runCampaign({ kind: 'swarm', ...options, ...which })) {
    expect(swarmPlan(Number(/--seed (\d+)$/.exec(replay)?.[1]))).toEqual(plan);
  }
});

async function firstSeedThatSees(oracle: string, altered: object): Promise<Plan> {
  for (let seed = 1; seed <= seedsMax; seed += 1) {
    const { plan, violations } = await runPlan(swarmPlan(seed), { altered, stopAtViolation: true });
    if (violations.some((each) => each.oracle === oracle)) return plan;
  }
  throw new Error(`no seed up to ${seedsMax} sees it`);
}
