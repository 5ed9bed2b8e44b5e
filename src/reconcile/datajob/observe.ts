/**
 * Reads what the service has. Two ways: the row of the bulk read, which costs nothing more but
 * shows only a part and is never proof of absence; and single reads, which precede every write.
 */
import { isNotFound } from '../../control-service/errors.ts';
import { OperatorError } from '../../platform/errors.ts';
import type { JobReads } from './calls.ts';
import type { Desired, Observed } from './model.ts';
import type { BulkRow } from './wire.ts';
import { deploymentOfRow, deploymentOfWire, jobOfRow, jobOfWire } from './wire.ts';

export function observedInRow(row: BulkRow): Observed {
  return { job: jobOfRow(row), deployment: deploymentOfRow(row) };
}

/**
 * Job and deployment, read side by side under the wanted team. Both answer 404 exactly where there
 * is no such job, so that a wrong 404 of one is noticed: it would lead to a loss.
 */
export async function observe(
  service: JobReads,
  { team, jobName }: Pick<Desired, 'team' | 'jobName'>,
  signal: AbortSignal,
): Promise<Observed> {
  const name = { teamName: team, jobName };
  const reading = [
    absentWhenNotFound(service.dataJobRead(name, { signal })),
    absentWhenNotFound(service.deploymentList(name, { signal })),
  ] as const;
  // Whichever fails first, the same trouble reads the same.
  const wish = (await Promise.allSettled(reading)).find(isWishToWait);
  if (wish !== undefined) throw wish.reason;
  const [job, deployments] = await Promise.all(reading);
  if ((job === undefined) !== (deployments === undefined)) {
    throw new OperatorError(
      'transient',
      'ControlServiceUnavailable',
      `The service shows ${job === undefined ? 'deployments of the job' : 'the job'} ${jobName} and ` +
        `says at the same moment that the job does not exist. Looking again.`,
    );
  }
  if (job === undefined) return {};
  const deployment = deployments?.[0];
  return {
    job: jobOfWire(job),
    deployment: deployment === undefined ? undefined : deploymentOfWire(deployment),
  };
}

/** That the service asks to be left alone weighs more than whatever else went wrong. */
function isWishToWait(result: PromiseSettledResult<unknown>): result is PromiseRejectedResult {
  if (result.status === 'fulfilled') return false;
  return result.reason instanceof OperatorError && result.reason.retryAfterMs !== undefined;
}

async function absentWhenNotFound<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
