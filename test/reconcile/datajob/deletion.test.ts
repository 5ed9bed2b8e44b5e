import { expect, test } from 'vitest';
import { effectivePolicy, planDeletion } from '../../../src/reconcile/datajob/deletion.ts';
import { inSyncWith, wanted } from '../../support/data-jobs.ts';

const deployed = inSyncWith(wanted());
const undeployed = { job: deployed.job };
const released = { job: { config: {} } };

const cases = [
  {
    name: 'a deployed job is undeployed first',
    why: 'it goes only once its deployment is seen gone',
    policy: 'Delete',
    observed: deployed,
    pending: 'none',
    want: ['undeploy'],
  },
  {
    name: 'a build that is still running is cancelled',
    why: 'it would bring the deployment back',
    policy: 'Delete',
    observed: undeployed,
    pending: 'waiting',
    want: ['undeploy'],
  },
  {
    name: 'a job without a deployment is deleted',
    why: 'nothing of it can run any more',
    policy: 'Delete',
    observed: undeployed,
    pending: 'none',
    want: ['deleteJob'],
  },
  {
    name: 'a job that is gone needs nothing',
    why: 'a deletion whose answer was lost has taken effect',
    policy: 'Delete',
    observed: {},
    pending: 'none',
    want: [],
  },
  {
    name: 'Orphan leaves everything',
    why: 'that is the word',
    policy: 'Orphan',
    observed: deployed,
    pending: 'none',
    want: [],
  },
  {
    name: 'Undeploy stops the job',
    why: 'the job itself stays',
    policy: 'Undeploy',
    observed: deployed,
    pending: 'none',
    want: ['undeploy'],
  },
  {
    name: 'Undeploy gives the stopped job free',
    why: 'another object may take it up later',
    policy: 'Undeploy',
    observed: undeployed,
    pending: 'none',
    want: ['releaseJob'],
  },
  {
    name: 'Undeploy is done once the marker is off',
    why: 'planning again must yield nothing',
    policy: 'Undeploy',
    observed: released,
    pending: 'none',
    want: [],
  },
] as const;

test.each(cases)('$name', ({ policy, observed, pending, want, why }) => {
  const kinds = planDeletion(policy, observed, { pending }).map(({ kind }) => kind);
  expect(kinds, why).toEqual(want);
});

test('what was made here goes with its object, what was adopted stays, unless told', () => {
  const spec = { managementPolicy: 'Manage', suspend: false } as const;
  expect(effectivePolicy(spec, 'Created')).toBe('Delete');
  expect(effectivePolicy(spec, 'Adopted')).toBe('Orphan');
  expect(effectivePolicy({ ...spec, deletionPolicy: 'Undeploy' }, 'Adopted')).toBe('Undeploy');
});
