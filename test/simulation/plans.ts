/** Single-fault plans: every boundary of a scenario with every fault that can hit it, none sampled. */
import { type AnswerFault, answerFaults, canHit } from './faults/answers.ts';
import type { Boundary } from './faults/planned.ts';
import { watchFaults } from './faults/watch-lines.ts';
import type { Fault, FaultKind, Plan } from './plan.ts';
import type { RunResult } from './run.ts';

const variants = [false, true];

/** All plans with one fault that the fault-free run of `plan` has room for. */
export function* singleFaultPlans(plan: Plan, reference: RunResult): Generator<Plan> {
  for (const [request, boundary] of reference.boundaries.entries()) {
    for (const { kind, applied } of faultsAt(boundary)) {
      const name = `${plan.name} + ${kind}${applied ? ' (applied)' : ''} at ${request}, ${boundary.operation}`;
      yield { ...plan, name, faults: [{ request, kind, applied }] };
    }
  }
  for (let line = 0; line < reference.lines; line += 1) {
    for (const kind of watchFaults) {
      yield { ...plan, name: `${plan.name} + ${kind} line ${line}`, watchFaults: [{ line, kind }] };
    }
  }
}

function* faultsAt(boundary: Boundary): Generator<Omit<Fault, 'request'>> {
  const asked = { ...boundary, nowMs: 0, token: '' };
  for (const applied of variants) {
    for (const kind of ['kill', 'stop'] satisfies FaultKind[]) yield { kind, applied };
    for (const kind of answerFaults) {
      if (canHit(kind, applied, asked)) yield { kind: kind satisfies AnswerFault, applied };
    }
  }
}
