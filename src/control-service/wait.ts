/** Waiting for what the service does later: a deployment to appear, a run to end. */
import { type Clock, sleep } from '../platform/clock.ts';
import { OperatorError } from '../platform/errors.ts';
import type { ControlServiceClient } from './client.ts';
import type { ResultOf } from './contract.ts';
import { mayPass } from './errors.ts';

export interface WaitOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  readonly pollMs?: number | undefined;
}

export interface WantedDeployment {
  readonly teamName: string;
  readonly jobName: string;
  readonly jobVersion: string;
  readonly enabled?: boolean | undefined;
  readonly pythonVersion?: string | undefined;
}

export type Deployment = ResultOf<'deploymentList'>[number];
export type Execution = ResultOf<'dataJobExecutionRead'>;

/** A failing build is only seen after the service's own wait of 30 minutes; a good one takes one or two. */
const deploymentTimeoutMs = 35 * 60_000;
const deploymentPollMs = 15_000;
/** Runs are ended by the service after 12 hours; the rest is for what comes before and after. */
const executionTimeoutMs = 13 * 3_600_000;
const executionPollMs = 10_000;

/**
 * Ends when the deployment shows what is wanted. The service never says that one failed, so a
 * time-out is all there is; it is no proof, as another job's build may hold this one up.
 */
export function waitForDeployment(
  client: Pick<ControlServiceClient, 'deploymentList'>,
  wanted: WantedDeployment,
  options: WaitOptions,
): Promise<Deployment> {
  const { teamName, jobName, jobVersion } = wanted;
  const what = `version ${jobVersion} of job ${jobName} to be deployed`;
  return poll(what, deploymentTimeoutMs, deploymentPollMs, options, async (signal) => {
    const deployments = await client.deploymentList({ teamName, jobName }, { signal });
    return deployments.find((each) => shows(each, wanted));
  });
}

function shows(seen: Deployment, wanted: WantedDeployment): boolean {
  return (
    seen.job_version === wanted.jobVersion &&
    (wanted.enabled === undefined || seen.enabled === wanted.enabled) &&
    (wanted.pythonVersion === undefined || seen.python_version === wanted.pythonVersion)
  );
}

export interface WantedExecution {
  readonly teamName: string;
  readonly jobName: string;
  readonly executionId: string;
}

export interface EndedExecution {
  /** unknown: the service lost sight of the run and calls it succeeded. */
  readonly outcome:
    | 'succeeded'
    | 'cancelled'
    | 'skipped'
    | 'user_error'
    | 'platform_error'
    | 'unknown';
  readonly execution: Execution;
}

export function waitForExecution(
  client: Pick<ControlServiceClient, 'dataJobExecutionRead'>,
  wanted: WantedExecution,
  options: WaitOptions,
): Promise<EndedExecution> {
  let last: Execution | undefined;
  const what = `execution ${wanted.executionId} to end`;
  return poll(what, executionTimeoutMs, executionPollMs, options, async (signal) => {
    const execution = await client.dataJobExecutionRead(wanted, { signal });
    const outcome = outcomeOf(execution, last);
    last = execution;
    return outcome === undefined ? undefined : { outcome, execution };
  });
}

/** The service's own words on a run whose end it did not see. */
const lostSightMessage = 'Status is set by VDK Control Service';

/**
 * How a run ended, or undefined while it may still change. Kubernetes may try a platform error
 * again, so that one must look the same twice.
 */
function outcomeOf(
  execution: Execution,
  before: Execution | undefined,
): EndedExecution['outcome'] | undefined {
  switch (execution.status) {
    case 'succeeded':
      return execution.message === lostSightMessage ? 'unknown' : 'succeeded';
    case 'cancelled':
    case 'skipped':
    case 'user_error':
      return execution.status;
    case 'platform_error': {
      const isSettled =
        execution.end_time !== undefined &&
        before?.status === 'platform_error' &&
        before.end_time === execution.end_time;
      return isSettled ? 'platform_error' : undefined;
    }
    default:
      return undefined;
  }
}

/** Asks until there is an answer. What may pass by itself is not the end; what may not, is. */
async function poll<T>(
  what: string,
  standardTimeoutMs: number,
  standardPollMs: number,
  { clock, signal, timeoutMs = standardTimeoutMs, pollMs = standardPollMs }: WaitOptions,
  ask: (signal: AbortSignal | undefined) => Promise<T | undefined>,
): Promise<T> {
  const endMs = clock.elapsed() + timeoutMs;
  let failure: OperatorError | undefined;
  while (true) {
    try {
      const answer = await ask(signal);
      if (answer !== undefined) return answer;
      failure = undefined;
    } catch (error) {
      if (!mayPass(error)) throw error;
      failure = error;
    }
    const leftMs = endMs - clock.elapsed();
    if (leftMs <= 0) throw timedOut(what, timeoutMs, failure);
    await sleep(clock, Math.min(failure?.retryAfterMs ?? pollMs, leftMs), signal);
  }
}

function timedOut(what: string, timeoutMs: number, cause: OperatorError | undefined) {
  const last = cause === undefined ? '' : ` The last answer: ${cause.message}`;
  return new OperatorError(
    'transient',
    'TimedOut',
    `waited ${Math.round(timeoutMs / 1000)} s for ${what}, in vain.${last} What to do: look again later, or at the service's log.`,
    { cause },
  );
}
