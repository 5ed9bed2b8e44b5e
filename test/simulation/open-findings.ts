/**
 * Violations that are known and not fixed yet. Runs count them apart; the oracles stay as strict as
 * they are. Each has a plan that shows it: when that plan runs clean, the entry has to go.
 */
import type { Plan } from './plan.ts';
import type { Violation } from './run.ts';
import { scenario } from './scenarios.ts';

export interface OpenFinding {
  readonly what: string;
  readonly shows: Plan;
  matches(violation: Violation, plan: Plan): boolean;
}

export const openFindings: readonly OpenFinding[] = [
  {
    what:
      'A removal of a deployment that was answered 404 though the deployment is there is never ' +
      'asked for again: the deletion waits for good, and says so.',
    shows: scenario('delete', { faults: [{ request: 3, kind: 'status404', applied: false }] }),
    matches: ({ oracle, what }, { faults = [] }) =>
      oracle === 'L1' &&
      what.includes('Waiting for the service to remove the deployment') &&
      faults.some(({ kind }) => kind === 'status404'),
  },
];

/** The violations that nobody knows of. */
export function newViolations(violations: readonly Violation[], plan: Plan): readonly Violation[] {
  return violations.filter(
    (violation) => !openFindings.some((finding) => finding.matches(violation, plan)),
  );
}
