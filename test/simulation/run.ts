/**
 * Runs one plan from its first step to the end that every plan has: faults cease, all comes to
 * rest within a bound, nothing is written any more, and the operator stops and leaves nothing.
 */
import { externalJobFinalizer } from '../../src/api/annotations.ts';
import { jobNameOf } from '../../src/api/data-job.ts';
import { type Boundary, createPlannedFaults } from './faults/planned.ts';
import { type Altered, type Instance, startInstance } from './instance.ts';
import { createKernel, StoppedError } from './kernel.ts';
import { createBudget } from './oracles/budget.ts';
import { isAtRest, saysOf, wrongInTheEnd } from './oracles/end-state.ts';
import { createLeadership } from './oracles/leadership.ts';
import { checkRights } from './oracles/rights.ts';
import { createSafety } from './oracles/safety.ts';
import { createShards, shards } from './oracles/shards.ts';
import { createSummary, type Summary } from './oracles/summary.ts';
import { createPersons } from './persons.ts';
import type { FaultKind, Plan, Step } from './plan.ts';
import { createServers } from './serve.ts';
import { intervalMs } from './specs.ts';
import { createTruth, isHandsOff } from './truth.ts';

export interface Violation {
  readonly oracle: string;
  readonly what: string;
  readonly atMs: number;
}

export interface RunOptions {
  readonly altered?: Altered;
  readonly extraRounds?: number;
  /** Ends the run there: enough to know that there is one. */
  readonly stopAtViolation?: boolean;
}

export interface RunResult {
  readonly plan: Plan;
  readonly hash: string;
  readonly violations: readonly Violation[];
  readonly boundaries: readonly Boundary[];
  readonly lines: number;
  readonly hits: readonly string[];
  readonly summary: Summary;
  readonly events: number;
  readonly virtualMs: number;
  trace(): readonly string[];
}

const pollIntervalMs = 60_000;
/** The longest back-off, one verification of each kind, and some slack: the bound of L1. */
const boundMs = 5 * 60_000 + intervalMs + 2 * pollIntervalMs + 60_000;
/** A deployment call that the service lost is waited for this long before it is sent again. */
const lostDeploymentMs = 55 * 60_000;
/** From a call to the status that tells of it, faults included. */
const acceptedWithinMs = 120_000;
/** What one of two operators has read or written last, the other comes upon within this time. */
const splitEchoMs = 60_000;
/** What a person changed at the service is seen by the next poll. */
const driftSeenMs = pollIntervalMs * 1.05 + 5_000;
/** Events that go on are counted in their series each minute; without one for longer, all is said. */
const lastWordsMs = 90_000;
/** What would be done is told after the next look at every field. */
const lastLookMs = intervalMs * 1.2;
/** Events are told late where the API server asked to wait, for five minutes at most. */
const lastWordsAfterWishMs = 6 * 60_000;
/** A watch that fell silent is given up after two and a half minutes; then there may be news. */
const silentWatchMs = 170_000;
const lastWordsWithinMs = 30 * 60_000;
/** What some faults may take on top: the operator's own deadline, or the longest wish to wait. */
const extraMs: Partial<Record<FaultKind, number>> = {
  hang: 15 * 60_000 + 30_000,
  rateAbsurd: 15 * 60_000 + 30_000,
  // From the request to when it can take effect no more.
  late: 90_000,
  // As long, where the operator's clock was set back.
  rateDate: 15 * 60_000 + 30_000,
};
const quietCycles = 2;
/** What runs may end before the process does. */
const stopWithinMs = 60_000;
/** More are one fault seen again and again. */
const violationsMax = 20;

export async function runPlan(plan: Plan, options: RunOptions = {}): Promise<RunResult> {
  const violations: Violation[] = [];
  const report = (oracle: string, what: string) => {
    if (isClosed) return;
    kernel.note(`VIOLATION ${oracle}: ${what}`);
    if (violations.length < violationsMax) {
      violations.push({ oracle, what, atMs: Math.round(kernel.clock.elapsed()) });
    }
  };
  const instances: Instance[] = [];
  let isOver = false;
  let isClosed = false;
  const alive = () => instances.filter(({ hasEnded }) => !hasEnded);
  const kernel = createKernel({
    seed: plan.seed,
    ...(options.extraRounds === undefined ? {} : { extraRounds: options.extraRounds }),
    isEnough: () => options.stopAtViolation === true && violations.length > 0 && !isOver,
    onNothingDue: () => {
      if (!isOver && alive().length > 0) report('deadlock', 'the operator waits for nothing');
    },
  });
  const servers = await createServers(kernel, plan);
  const truth = createTruth(kernel, servers, plan, () => isSplit());
  const faults = createPlannedFaults(plan);
  let splitAt = Number.NEGATIVE_INFINITY;
  const lastSplitAt = () => {
    // Shards know nothing of each other, and need not: an object is in one of them.
    const isOneTooMany = alive().length > 1 && !plan.elects && !plan.shards;
    if (isOneTooMany) splitAt = kernel.clock.elapsed();
    return splitAt;
  };
  const isSplit = () => kernel.clock.elapsed() - lastSplitAt() < splitEchoMs + staleViewOf(plan);
  const safety = createSafety({
    kernel,
    truth,
    report,
    isSplit,
    staleViewMs: staleViewOf(plan),
  });
  const budget = createBudget(kernel, truth, report, isSplit);
  const summary = createSummary();
  const leadership = createLeadership(kernel, report);
  const sharding = createShards(kernel, truth, plan, report);
  servers.watch(safety);
  servers.watch(summary);
  servers.watch(leadership);
  servers.watch(truth);
  servers.watch(sharding);
  const persons = createPersons(kernel, servers);

  let wanted = 1;
  const leader = () =>
    plan.shards
      ? alive()[kernel.pick(Math.max(1, alive().length))]
      : (alive().find(({ isLeader }) => isLeader) ?? alive()[0]);
  const isMissing = (labelSelector: string | undefined) =>
    labelSelector === undefined
      ? alive().length < wanted
      : !alive().some((each) => each.labelSelector === labelSelector);
  /** One after the other, unless a plan wants two at once. */
  const start = (labelSelector?: string) => {
    const id = `o${instances.length + 1}`;
    const instance = startInstance({
      id,
      kernel,
      servers,
      plan,
      faults,
      report,
      pollIntervalMs,
      altered: options.altered ?? {},
      labelSelector,
      onSent: (sent) => {
        checkRights(sent, report);
        if (sent.subject.isLease) return;
        if (plan.elects) leadership.onSent(sent);
        if (labelSelector !== undefined) sharding.onSent(sent, labelSelector);
        safety.onSent(sent);
        budget.onSent(sent);
      },
      onAnswered: (sent, served) => {
        safety.onAnswered(sent, served);
        budget.onAnswered(sent, served);
      },
      onEnd: () => {
        if (isOver) return;
        kernel.after(plan.restartMs ?? 1_000, () => {
          if (!isOver && isMissing(labelSelector)) start(labelSelector);
        });
      },
    });
    instances.push(instance);
  };
  const run = (ms: number) => kernel.runUntil(() => false, ms);
  const isAtPeace = () => [...truth.objects.values()].every(isAtRest);
  const settle = async (withinMs: number): Promise<readonly string[]> => {
    const end = kernel.clock.elapsed() + withinMs;
    await run(Math.max(0, truth.lastChangeBehindBack() + driftSeenMs - kernel.clock.elapsed()));
    for (;;) {
      await kernel.runUntil(isAtPeace, Math.max(0, end - kernel.clock.elapsed()));
      const wrong = await wrongInTheEnd(truth);
      if (wrong.length === 0 || kernel.clock.elapsed() >= end) return wrong;
      await run(Math.min(5_000, Math.max(1, end - kernel.clock.elapsed())));
    }
  };
  const perform = async (step: Step): Promise<void> => {
    kernel.note(`step ${JSON.stringify(step)}`);
    switch (step.do) {
      case 'start':
        for (const each of plan.shards ? shards : [undefined]) start(each);
        return;
      case 'second': {
        const before = alive();
        start();
        kernel.after(step.ms, () => {
          for (const instance of before) instance.stop();
        });
        return;
      }
      case 'standby':
        wanted += 1;
        return start();
      case 'kill':
        return leader()?.kill();
      case 'stop':
        return leader()?.stop();
      case 'freeze':
        return leader()?.freeze(step.ms);
      case 'partition':
        return leader()?.cutOff('kube', step.ms);
      case 'outage':
        faults.outage(step.side, step.kind, true);
        kernel.after(step.ms, () => faults.outage(step.side, step.kind, false));
        return;
      case 'jump':
        return kernel.jumpWallClock(step.ms);
      case 'compact':
        return servers.compact();
      case 'wait':
        return void (await run(step.ms));
      case 'settle':
        for (const what of await settle(boundMs + lostDeploymentMs)) report('L1', what);
        return;
      case 'mark':
        return faults.mark();
      default:
        faults.enter(phaseOf(step));
        await persons.act(step);
        await run(0);
    }
  };

  try {
    for (const step of plan.steps) await perform(step);
    faults.heal();
    // The newest stays: of several, a lease lets one work.
    if (!plan.elects && !plan.shards) for (const instance of alive().slice(0, -1)) instance.stop();
    for (const each of plan.shards ? shards : []) if (isMissing(each)) start(each);
    if (alive().length === 0) start();
    const outages = plan.steps.filter((step) => step.do === 'outage');
    const extra = [...(plan.faults ?? []), ...outages].map(({ kind }) => extraMs[kind] ?? 0);
    const withinMs = boundMs + Math.max(0, ...extra);
    const wrong = await settle(withinMs);
    const isLate = wrong.length > 0;
    // A deployment that the service took and lost: only its time-out tells.
    const isLost = [...truth.objects.values()].some(({ object, waitsSince }) => {
      const job = truth.jobs.get(jobNameOf(object));
      const isWaiting = object.status?.deployment?.requestedAt !== undefined;
      const isAccepted = (job?.deployedAt ?? 0) > waitsSince - acceptedWithinMs;
      // What somebody else did meanwhile may have cancelled it.
      const isMeddled = truth.lastMeddlingAt(jobNameOf(object)) > waitsSince - acceptedWithinMs;
      // Made anew since, before the status could be written: the call that it tells of went to the old.
      const isAnother = (job?.madeAt ?? 0) > waitsSince - acceptedWithinMs && !isAccepted;
      const isCarriedOut = isAccepted && (job?.baked === job?.settings || isMeddled);
      return isWaiting && (isCarriedOut || isAnother);
    });
    const stillWrong = isLate ? await settle(lostDeploymentMs) : [];
    for (const what of stillWrong) report('L1', what);
    if (isLate && stillWrong.length === 0 && !isLost) {
      for (const what of wrong) report('L1', `not within ${withinMs / 60_000} min: ${what}`);
    }
    if (stillWrong.length === 0) await expectQuiet(withinMs);
    await expectCleanEnd();
  } catch (error) {
    if (!(error instanceof StoppedError)) {
      report('crash', error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  } finally {
    isOver = true;
    isClosed = true;
    for (const instance of instances) instance.dispose();
    servers.close();
  }
  return {
    plan,
    hash: kernel.hash(),
    violations,
    boundaries: faults.boundaries,
    lines: faults.lines,
    hits: faults.hits,
    summary,
    events: kernel.events,
    virtualMs: kernel.clock.elapsed(),
    trace: kernel.trace,
  };

  /** What was on its way is told, and everything still as it has to be. */
  async function lastWords(withinMs: number) {
    const isAskedToWait =
      plan.faults?.some(({ kind }) => ['rateAbsurd', 'rateDate'].includes(kind)) === true;
    const isObserved = plan.steps.some(
      (step) => step.do === 'apply' && step.spec.managementPolicy === 'Observe',
    );
    const isLateToHear = plan.watchFaults !== undefined && plan.watchFaults.length > 0;
    const silenceMs = Math.max(
      lastWordsMs,
      isObserved ? lastLookMs : 0,
      isLateToHear ? silentWatchMs : 0,
      isAskedToWait ? lastWordsAfterWishMs : 0,
    );
    let before = summary.writes();
    for (let waited = 0; waited < lastWordsWithinMs; waited += silenceMs) {
      await run(silenceMs);
      const isSilent = summary.writes() === before && !alive().some(waitsForAnswers);
      before = summary.writes();
      if (!isSilent) continue;
      if (isAtPeace()) return;
      await settle(withinMs); // an answer that came late has changed somebody's mind
    }
  }

  /** Converged objects cause no write on either side, however long one waits. */
  async function expectQuiet(withinMs: number) {
    await lastWords(withinMs);
    const before = summary.writes();
    await run(quietCycles * Math.max(intervalMs, pollIntervalMs) * 1.1);
    const written = summary.writes() - before;
    if (written > 0)
      report('S14', `${written} writes though all is done: ${summary.lastWrites(3)}`);
    for (const what of await wrongInTheEnd(truth)) report('L1', `it did not last: ${what}`);
    for (const known of truth.objects.values()) {
      const { metadata, spec, status } = known.object;
      if (status?.job === undefined) continue; // a job that an earlier object left is not its own yet
      const isBound = metadata.finalizers?.includes(externalJobFinalizer) === true;
      const job = truth.jobs.get(spec.jobName ?? metadata.name);
      // One that it found and has not written to yet is not its own.
      if (job?.by.startsWith('o') && job.markerUid === known.uid && !isBound) {
        if (
          truth.holdersOf(spec.jobName ?? metadata.name)[0] === known &&
          !isHandsOff(known.object)
        ) {
          report('S6', `${known.key} has a job and no finalizer: ${saysOf(known.object)}`);
        }
      }
    }
  }

  async function expectCleanEnd() {
    isOver = true;
    const last = alive();
    for (const instance of last) instance.stop();
    await kernel.runUntil(() => last.every(({ hasEnded }) => hasEnded), stopWithinMs);
    await run(1_000);
    for (const instance of last) {
      if (!instance.hasEnded) report('leak', `${instance.id} does not end when told to`);
      for (const what of instance.leaks()) report('leak', `${instance.id} leaves ${what}`);
    }
    if (servers.openWatches() > 0) report('leak', `${servers.openWatches()} watches stay open`);
  }
}

/** Requests that hang: what comes after them has yet to be done. */
function waitsForAnswers({ line }: Instance): boolean {
  return [...line.open].some((name) => !name.includes(' WATCH '));
}

/** How late the operator may hear of a change: a watch whose silence it has to notice is the worst. */
function staleViewOf({ steps, faults = [], watchFaults = [], latencyMs = [1, 4] }: Plan): number {
  const isCut = steps.some(
    (step) =>
      (step.do === 'outage' && step.side === 'kube') ||
      ['compact', 'freeze', 'partition', 'steal', 'deleteLease'].includes(step.do),
  );
  const isDisturbed = isCut || faults.length > 0 || watchFaults.length > 0;
  return isDisturbed ? 400_000 : 2_000 + 10 * latencyMs[1];
}

function phaseOf(step: Step): string {
  if (step.do === 'apply') return step.spec.suspend === true ? 'suspend' : 'apply';
  return step.do === 'drift' ? `drift ${step.kind}` : step.do;
}
