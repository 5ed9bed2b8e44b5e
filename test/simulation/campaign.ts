/**
 * Many plans in a row, as `scripts/simulate.ts` runs them: what to run, what came of it, and a
 * failing plan made small and kept as a file.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { unexplained } from './oracles/summary.ts';
import type { Persistence, Plan } from './plan.ts';
import { singleFaultPlans } from './plans.ts';
import { type RunResult, runPlan, type Violation } from './run.ts';
import { scenario } from './scenarios.ts';
import { shrink } from './shrink.ts';
import { pathPlan, swarmPlan } from './swarm.ts';

/** Data, so that it can be sent to a worker. */
export interface CampaignOptions {
  readonly kind: 'swarm' | 'path' | 'single';
  readonly from: number;
  /** Of seeds; all single-fault plans when undefined. */
  readonly count: number | undefined;
  /** Takes part `part` of `parts`. */
  readonly part: number;
  readonly parts: number;
  /** Every plan is run twice, and both have to be equal. */
  readonly twice: boolean;
  /** Single-fault plans: every so manieth. */
  readonly stride: number;
  readonly scenarios: readonly string[];
  readonly persistences: readonly Persistence[];
}

export interface Outcome {
  readonly plan: Plan;
  /** How to see it again. */
  readonly replay: string;
  readonly violations: readonly Violation[];
  readonly hits: readonly string[];
  readonly virtualMs: number;
  readonly hash: string;
}

export async function* runCampaign(options: CampaignOptions): AsyncGenerator<Outcome> {
  for await (const { plan, replay, reference } of plansOf(options)) {
    const result = await runPlan(plan);
    const violations = [...result.violations];
    if (reference !== undefined) violations.push(...wrongWays(reference, result, plan));
    if (options.twice) {
      const { hash } = await runPlan(plan, { extraRounds: 1 });
      if (hash !== result.hash)
        violations.push({ oracle: 'hash', what: 'two runs differ', atMs: 0 });
    }
    const { hits, virtualMs, hash } = result;
    yield { plan, replay, violations, hits, virtualMs, hash };
  }
}

interface Planned {
  readonly plan: Plan;
  readonly replay: string;
  readonly reference?: RunResult;
}

async function* plansOf(options: CampaignOptions): AsyncGenerator<Planned> {
  const { kind, from, count = 0, part, parts } = options;
  if (kind === 'single') return yield* singlePlans(options);
  for (let seed = from + part; seed < from + count; seed += parts) {
    const plan = kind === 'swarm' ? swarmPlan(seed) : pathPlan(seed);
    const option = kind === 'swarm' ? '--seed' : '--path';
    yield { plan, replay: `node scripts/simulate.ts ${option} ${seed}` };
  }
}

async function* singlePlans({
  part,
  parts,
  stride,
  scenarios,
  persistences,
}: CampaignOptions): AsyncGenerator<Planned> {
  let place = 0;
  for (const name of scenarios) {
    for (const persistence of persistences) {
      const base = scenario(name, { persistence });
      const reference = await runPlan(base);
      for (const plan of singleFaultPlans(base, reference)) {
        place += 1;
        if (place % stride !== 0 || Math.floor(place / stride) % parts !== part) continue;
        const json = JSON.stringify({ ...plan, steps: undefined, scenario: name });
        yield { plan, reference, replay: `node scripts/simulate.ts --plan '${json}'` };
      }
    }
  }
}

function wrongWays(reference: RunResult, result: RunResult, plan: Plan): readonly Violation[] {
  return unexplained(reference.summary, result.summary, plan).map((what) => ({
    oracle: 'way',
    what,
    atMs: 0,
  }));
}

const regressions = new URL('regressions/', import.meta.url);

/** Makes the plan small and writes it where `regressions.test.ts` finds it; returns the file's name. */
export async function keepFailure({ plan, violations }: Outcome): Promise<string> {
  const [first] = violations;
  if (first === undefined) throw new Error('nothing failed');
  const small = ['way', 'hash'].includes(first.oracle) ? plan : await shrink(plan, first.oracle);
  const name = `${plan.name} ${first.oracle}`.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const file = new URL(`${name.slice(0, 80)}.json`, regressions);
  const found = `${first.oracle}: ${first.what.slice(0, 500)}`;
  writeFileSync(file, `${JSON.stringify({ found, plan: small }, null, 2)}\n`);
  return file.pathname;
}

/** A plan file, its content, or a scenario with faults as the replay line of a single fault has it. */
export function readPlan(fileOrJson: string): Plan {
  const text = fileOrJson.trimStart().startsWith('{')
    ? fileOrJson
    : readFileSync(fileOrJson, 'utf8');
  const read = JSON.parse(text) as { plan?: Plan; scenario?: string } & Plan;
  if (read.plan !== undefined) return read.plan;
  return read.scenario === undefined ? read : scenario(read.scenario, withoutName(read));
}

function withoutName({ scenario: _, steps: __, ...more }: Plan & { scenario?: string }) {
  return more;
}
