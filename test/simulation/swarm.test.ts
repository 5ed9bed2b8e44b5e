/** Seeded mixes of persons, faults and bad luck; longer runs are for `scripts/simulate.ts`. */
import { describe, expect, test } from 'vitest';
import { runPlan } from './run.ts';
import { pathPlan, swarmPlan } from './swarm.ts';

const range = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => from + index);

describe.each([
  { name: 'swarm', planOf: swarmPlan, seeds: range(1, 150) },
  { name: 'spec sequences', planOf: pathPlan, seeds: range(1, 40) },
])('$name', ({ planOf, seeds }) => {
  test.each(seeds)('seed %i', async (seed) => {
    const plan = planOf(seed);
    const { violations } = await runPlan(plan);
    const command = `node scripts/simulate.ts --${planOf === swarmPlan ? 'seed' : 'path'} ${seed}`;
    expect(violations, `see it again with: ${command}`).toEqual([]);
  });

  test('each seed gives the same run twice', async () => {
    for (const seed of seeds.slice(0, 5)) {
      const [first, second] = [await runPlan(planOf(seed)), await runPlan(planOf(seed))];
      expect(second.hash).toBe(first.hash);
    }
  });
});
