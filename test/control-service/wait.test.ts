import { describe, expect, test } from 'vitest';
import { ControlServiceError } from '../../src/control-service/errors.ts';
import {
  type Deployment,
  type Execution,
  waitForDeployment,
  waitForExecution,
} from '../../src/control-service/wait.ts';
import { createManualClock } from '../support/manual-clock.ts';

const outage = new ControlServiceError('transient', 'ControlServiceUnavailable', 'down');
const notThere = new ControlServiceError('transient', 'NotFound', 'gone');

/** Answers with each of `steps` in turn, then with the last again. */
function answering<T>(steps: readonly (T | Error)[]) {
  const counted = { calls: 0 };
  const answer = async (): Promise<T> => {
    const step = steps[Math.min(counted.calls, steps.length - 1)] as T | Error;
    counted.calls += 1;
    if (step instanceof Error) throw step;
    return step;
  };
  return { answer, counted };
}

describe('a deployment', () => {
  const wanted = { teamName: 't', jobName: 'some-job', jobVersion: 'v2', enabled: true };
  const deployed = (job_version: string, enabled = true): Deployment => ({ job_version, enabled });

  test('is there when version and enabled are as wanted, outages in between or not', async () => {
    const clock = createManualClock();
    const steps = [[], outage, [deployed('v1')], [deployed('v2', false)], [deployed('v2')]];
    const { answer, counted } = answering<Deployment[]>(steps);
    const wait = waitForDeployment({ deploymentList: answer }, wanted, { clock });
    await clock.advance(60_000);
    expect(await wait).toEqual(deployed('v2'));
    expect(counted.calls).toBe(5);
  });

  test('that never comes is a time-out that tells the last trouble', async () => {
    const clock = createManualClock();
    const { answer } = answering<Deployment[]>([outage]);
    const wait = waitForDeployment({ deploymentList: answer }, wanted, {
      clock,
      timeoutMs: 40_000,
    });
    const failure = expect(wait).rejects.toThrow(/waited 40 s for version v2 .* down/);
    await clock.advance(40_000);
    await failure;
    expect(clock.asleepForMs()).toEqual([]);
  });

  test('of a job that is not there is not waited for', async () => {
    const { answer } = answering<Deployment[]>([notThere]);
    const clock = createManualClock();
    await expect(waitForDeployment({ deploymentList: answer }, wanted, { clock })).rejects.toBe(
      notThere,
    );
  });

  test('is waited for no longer when the caller is stopped', async () => {
    const clock = createManualClock();
    const controller = new AbortController();
    const { answer } = answering<Deployment[]>([[]]);
    const { signal } = controller;
    const wait = waitForDeployment({ deploymentList: answer }, wanted, { clock, signal });
    await clock.settle();
    controller.abort(new Error('stop'));
    await expect(wait).rejects.toThrow('stop');
    expect(clock.asleepForMs()).toEqual([]);
  });
});

describe('a run', () => {
  const wanted = { teamName: 't', jobName: 'some-job', executionId: 'some-job-1' };
  const run = (status: string, more: Partial<Execution> = {}): Execution => ({
    id: 'some-job-1',
    status,
    ...more,
  });
  const ended = { end_time: '2026-01-01T00:00:00Z' };

  test.each([
    { name: 'succeeded', steps: [run('submitted'), run('succeeded')], calls: 2, want: 'succeeded' },
    { name: 'failed by the user', steps: [run('user_error')], calls: 1, want: 'user_error' },
    {
      name: 'was cancelled',
      steps: [run('running'), run('cancelled')],
      calls: 2,
      want: 'cancelled',
    },
    {
      name: 'was lost sight of by the service',
      steps: [run('succeeded', { message: 'Status is set by VDK Control Service' })],
      calls: 1,
      want: 'unknown',
    },
    {
      name: 'failed by the platform and stayed so',
      steps: [run('platform_error', ended), run('platform_error', ended)],
      calls: 2,
      want: 'platform_error',
    },
    {
      name: 'failed by the platform and was tried again',
      steps: [run('platform_error', ended), run('running'), run('succeeded')],
      calls: 3,
      want: 'succeeded',
    },
    {
      name: 'was in a state that we do not know',
      steps: [run('paused'), run('skipped')],
      calls: 2,
      want: 'skipped',
    },
  ])('that $name ends the wait', async ({ steps, calls, want }) => {
    const clock = createManualClock();
    const { answer, counted } = answering<Execution>(steps);
    const wait = waitForExecution({ dataJobExecutionRead: answer }, wanted, { clock });
    await clock.advance(60_000);
    expect((await wait).outcome).toBe(want);
    expect(counted.calls).toBe(calls);
  });
});
