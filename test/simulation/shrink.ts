/** Makes a failing plan as small as it can be while it fails in the same way. */
import type { Plan, Step } from './plan.ts';
import { type RunOptions, runPlan } from './run.ts';

/** Runs spent on one plan: a smaller plan is not worth more. */
const runsMax = 150;

/** `altered`: what the operator has to have for the plan to fail. */
export async function shrink(
  plan: Plan,
  oracle: string,
  { altered }: Pick<RunOptions, 'altered'> = {},
): Promise<Plan> {
  let best = plan;
  let runs = 0;
  const stillFails = async (candidate: Plan): Promise<boolean> => {
    if (runs >= runsMax) return false;
    runs += 1;
    const { violations } = await runPlan(candidate, {
      stopAtViolation: oracle !== 'L1',
      ...(altered === undefined ? {} : { altered }),
    });
    return violations.some((violation) => violation.oracle === oracle);
  };
  const attempt = async (candidate: Plan): Promise<boolean> => {
    if (!(await stillFails(candidate))) return false;
    best = candidate;
    return true;
  };
  for (let size = 0; size !== sizeOf(best); ) {
    size = sizeOf(best);
    for (const part of ['faults', 'watchFaults', 'steps'] as const) {
      await withoutParts(() => best, part, attempt);
    }
    for (let index = 0; index < best.steps.length; index += 1) {
      const simpler = simplerStep(best.steps[index] as Step);
      if (simpler === undefined) continue;
      await attempt({ ...best, steps: best.steps.with(index, simpler) });
    }
  }
  const { elects: _, ...alone } = best;
  await attempt(alone);
  const plain = {
    ...best,
    latencyMs: [1, 4] as const,
    persistence: 'K8S' as const,
    concurrency: 4,
  };
  await attempt(plain);
  return { ...best, name: `${plan.name}, made smaller` };
}

/** Halves first, then ever smaller pieces. */
async function withoutParts(
  now: () => Plan,
  part: 'faults' | 'watchFaults' | 'steps',
  attempt: (candidate: Plan) => Promise<boolean>,
): Promise<void> {
  for (let length = Math.ceil((now()[part]?.length ?? 0) / 2); length >= 1; ) {
    for (let start = 0; start < (now()[part]?.length ?? 0); ) {
      const list = now()[part] ?? [];
      const rest = [...list.slice(0, start), ...list.slice(start + length)];
      if (!(await attempt({ ...now(), [part]: rest }))) start += length;
    }
    length = length === 1 ? 0 : Math.ceil(length / 2);
  }
}

/** Waits that matter seldom have to be crooked. */
function simplerStep(step: Step): Step | undefined {
  if (step.do !== 'wait') return undefined;
  const round = step.ms > 60_000 ? 60_000 : step.ms > 1_000 ? 1_000 : 0;
  return round === step.ms ? undefined : { ...step, ms: round };
}

function sizeOf({ steps, faults = [], watchFaults = [] }: Plan): number {
  return steps.length + faults.length + watchFaults.length;
}
