/** The faults of a plan as they come due: each boundary is counted, and what was hit is kept. */
import type { Faults } from '../network.ts';
import type { Plan, Side } from '../plan.ts';
import type { AnswerFault, Asked } from './answers.ts';
import { canHit } from './answers.ts';

export interface Boundary extends Pick<Asked, 'side' | 'method' | 'isWatch' | 'operation'> {
  readonly phase: string;
}

export interface PlannedFaults extends Faults {
  /** Counts from here. */
  mark(): void;
  outage(side: Side, kind: AnswerFault, isOn: boolean): void;
  enter(phase: string): void;
  /** No fault from now on. */
  heal(): void;
  /** What each request was that could be hit: from the mark on, until all is healed. */
  readonly boundaries: readonly Boundary[];
  readonly lines: number;
  /** Cells of the coverage table that were hit: fault, boundary, phase. */
  readonly hits: readonly string[];
}

export function createPlannedFaults(plan: Plan): PlannedFaults {
  const { faults = [], watchFaults = [] } = plan;
  const byRequest = new Map(faults.map((fault) => [fault.request, fault]));
  const byLine = new Map(watchFaults.map((fault) => [fault.line, fault]));
  const outages = new Map<Side, AnswerFault>();
  const boundaries: Boundary[] = [];
  const hits: string[] = [];
  let lines = 0;
  let phase = 'start';
  // Nothing happens to what only leads to where boundaries are counted from.
  let isArmed = !plan.steps.some((step) => step.do === 'mark');
  let isHealed = false;
  return {
    boundaries,
    hits,
    get lines() {
      return lines;
    },
    mark() {
      isArmed = true;
      boundaries.length = 0;
      lines = 0;
    },
    enter(name) {
      phase = name;
    },
    outage(side, kind, isOn) {
      if (isOn) outages.set(side, kind);
      else outages.delete(side);
    },
    heal() {
      isHealed = true;
      outages.clear();
    },
    atRequest(asked) {
      if (isHealed) return undefined;
      const fault = isArmed ? byRequest.get(boundaries.length) : undefined;
      const { side, method, isWatch, operation } = asked;
      boundaries.push({ side, method, isWatch, operation, phase });
      const hit = (kind: string, applied: boolean) => {
        hits.push(`${kind}${applied ? ' applied' : ''} | ${side} ${operation} | ${phase}`);
        return { kind, applied };
      };
      const outage = outages.get(side);
      if (outage !== undefined) return hit(outage, false);
      if (fault === undefined) return undefined;
      const { kind, applied } = fault;
      if (kind === 'kill' || kind === 'stop') return hit(kind, applied);
      return canHit(kind, applied, asked) ? hit(kind, applied) : undefined;
    },
    atLine() {
      if (isHealed) return undefined;
      const fault = isArmed ? byLine.get(lines) : undefined;
      lines += 1;
      if (fault === undefined) return undefined;
      hits.push(`line ${fault.kind} | kube WATCH | ${phase}`);
      return fault.kind;
    },
  };
}
