/** Takes away what a case has made, and finds out whether anything is left. */
import assert from 'node:assert/strict';
import type { ControlServiceClient } from '../../../src/control-service/client.ts';
import { createControlServiceClient } from '../../../src/control-service/client.ts';
import { ControlServiceError } from '../../../src/control-service/errors.ts';
import { queryJobs } from '../../../src/control-service/jobs-query.ts';
import { silentLog } from '../../../src/platform/log.ts';
import type { Job } from './bench.ts';
import type { Facts } from './facts.ts';
import type { Target } from './target.ts';

/** A service that is briefly busy with something else gets these chances more. */
const triesMax = 5;
const pauseMs = 1_000;

/** Jobs with their runs, and what survives a job: properties and secrets. */
export async function clear(target: Target, facts: Facts, jobs: readonly Job[]): Promise<void> {
  const client = clientOf(target);
  // Nothing can be made for a blank team, and not everything of it can be read.
  const teams = new Set(jobs.map(({ teamName }) => teamName).filter((team) => team.trim() !== ''));
  const names = new Set(jobs.map(({ jobName }) => jobName));
  for (const jobName of names) {
    await again(target, async () => {
      // A case may have moved a job, or made it under any of its teams.
      for (const teamName of teams) await clearJob(client, facts, { jobName, teamName });
    });
  }
}

/** What is still there of a run, in words; nothing when all is as it was before. */
export async function leftovers(target: Target): Promise<readonly string[]> {
  const found: string[] = [];
  const jobs = queryJobs(clientOf(target), {
    teamName: 'any',
    select: { jobName: true },
    filter: [{ property: 'jobName', pattern: `${target.prefix}*` }],
  });
  for await (const { jobName } of jobs) found.push(`job ${jobName}`);
  return found;
}

function clientOf({ baseUrl, transport, clock, random, auth }: Target): ControlServiceClient {
  return createControlServiceClient({ baseUrl, transport, clock, random, auth, log: silentLog });
}

async function clearJob(client: ControlServiceClient, facts: Facts, job: Job): Promise<void> {
  try {
    await client.dataJobRead(job);
    // Runs that were started by hand would go on without their job.
    for (const { id, status } of await client.dataJobExecutionList(job)) {
      if (status !== 'submitted' && status !== 'running') continue;
      await client.dataJobExecutionCancel({ ...job, executionId: String(id) }).catch(ended);
    }
    await client.dataJobDelete(job);
  } catch (error) {
    // By its status alone: this is no place to judge the body.
    if (!(error instanceof ControlServiceError) || error.status !== 404) throw error;
  }
  if (!isEmptySet(await client.dataJobPropertiesRead(job))) {
    await client.dataJobPropertiesUpdate({ ...job, body: {} });
    assert.deepEqual(await client.dataJobPropertiesRead(job), {}, `properties of ${job.jobName}`);
  }
  if (facts.secretStore && !isEmptySet(await client.dataJobSecretsRead(job))) {
    await client.dataJobSecretsUpdate({ ...job, body: {} });
    assert.deepEqual(await client.dataJobSecretsRead(job), {}, `secrets of ${job.jobName}`);
  }
}

const isEmptySet = (set: object) => Object.keys(set).length === 0;

/** It ended by itself just now. */
function ended(error: unknown): void {
  if (error instanceof ControlServiceError && error.status === 400) return;
  throw error;
}

async function again({ pass }: Target, work: () => Promise<void>): Promise<void> {
  for (let left = triesMax; ; left -= 1) {
    try {
      await work();
      return;
    } catch (error) {
      if (left === 0) throw error;
      // Also when somebody ends the run: then at once.
      await pass(pauseMs).catch(() => {});
    }
  }
}
