import { expect, test } from 'vitest';
import { ControlServiceError } from '../../../src/control-service/errors.ts';
import type { JobReads } from '../../../src/reconcile/datajob/calls.ts';
import { observe } from '../../../src/reconcile/datajob/observe.ts';

const signal = new AbortController().signal;
const name = { team: 'sales', jobName: 'ingest-orders' };
const notFound = async (): Promise<never> => {
  throw new ControlServiceError('transient', 'NotFound', 'there is no such thing', {
    operationId: 'dataJobRead',
    why: 'not found',
  });
};
const service = (job: boolean, deployments: boolean): JobReads => ({
  dataJobRead: job ? async () => ({ job_name: name.jobName }) : notFound,
  deploymentList: deployments ? async () => [] : notFound,
});

test('a job is absent when both reads say so', async () => {
  expect(await observe(service(false, false), name, signal)).toEqual({});
});

test('a job without deployments is there', async () => {
  expect((await observe(service(true, true), name, signal)).job).toBeDefined();
});

test.each([
  { why: 'a deletion would let the object go and leave the job', job: false, deployments: true },
  { why: 'a running deployment would be taken for none', job: true, deployments: false },
])('reads that contradict each other prove nothing: $why', async ({ job, deployments }) => {
  await expect(observe(service(job, deployments), name, signal)).rejects.toMatchObject({
    disposition: 'transient',
  });
});

test('a wish to be left alone weighs more than what the other read says', async () => {
  const refused = async (): Promise<never> => {
    throw new ControlServiceError('terminal', 'InvalidSpec', 'no');
  };
  const busy = async (): Promise<never> => {
    throw new ControlServiceError('transient', 'RateLimited', 'later', { retryAfterMs: 7_000 });
  };
  const reads = { dataJobRead: refused, deploymentList: busy };
  await expect(observe(reads, name, signal)).rejects.toMatchObject({ retryAfterMs: 7_000 });
});
