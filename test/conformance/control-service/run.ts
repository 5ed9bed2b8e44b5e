/** Runs cases on a service and says of each how it went. */
import { messageOf } from '../../../src/platform/errors.ts';
import { createBench } from './bench.ts';
import { type ConformanceCase, unmetNeed } from './case.ts';
import type { Facts } from './facts.ts';
import type { Target } from './target.ts';

export interface Outcome {
  readonly name: string;
  readonly kind: 'passed' | 'failed' | 'notApplicable';
  /** What went wrong, or why it does not apply. */
  readonly why: string;
}

export async function runCase(
  target: Target,
  facts: Facts,
  each: ConformanceCase,
): Promise<Outcome> {
  const { name } = each;
  const unmet = unmetNeed(each, facts, target);
  if (unmet !== undefined) return { name, kind: 'notApplicable', why: unmet };
  const bench = createBench(target, facts);
  const problems: string[] = [];
  const attempt = async (work: () => Promise<void>, failing: string) => {
    try {
      await work();
    } catch (error) {
      problems.push(`${failing}${messageOf(error)}`);
    }
  };
  await attempt(() => each.run(bench), '');
  await attempt(() => bench.clear(), 'cleaning up afterwards: ');
  if (problems.length === 0) return { name, kind: 'passed', why: '' };
  return { name, kind: 'failed', why: problems.join('\n') };
}

/** Several at a time: cases share nothing, and most of their time is waiting. */
export async function runCases(
  target: Target,
  facts: Facts,
  cases: readonly ConformanceCase[],
  parallel: number,
  onOutcome: (outcome: Outcome) => void = () => {},
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const left = [...cases];
  const worker = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      if (target.signal.aborted) return;
      const outcome = await runCase(target, facts, next);
      outcomes.push(outcome);
      onOutcome(outcome);
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return outcomes;
}
