import { expect, test } from 'vitest';
import type { Marker } from '../../../src/reconcile/datajob/model.ts';
import { ownershipOf } from '../../../src/reconcile/datajob/ownership.ts';
import { nothingRecorded, recordOf, wanted } from '../../support/data-jobs.ts';

const desired = wanted();
const own = desired.marker;

const cases: readonly {
  readonly name: string;
  readonly why: string;
  readonly marker: Marker | undefined;
  readonly created?: boolean;
  readonly want: 'ours' | 'ManagementConflict' | 'AlreadyExists';
}[] = [
  { name: 'its own marker', why: 'that is the proof', marker: own, want: 'ours' },
  {
    name: 'the marker of the same object with another uid',
    why: 'restored, or applied again after a deletion that left the job',
    marker: { ...own, uid: 'older' },
    want: 'ours',
  },
  {
    name: 'the marker of another object here',
    why: 'one job has one object',
    marker: { ...own, name: 'other-orders' },
    want: 'ManagementConflict',
  },
  {
    name: 'the marker of the same name in another cluster',
    why: 'two clusters would undo each other for ever',
    marker: { ...own, clusterId: 'cluster-2' },
    created: true,
    want: 'ManagementConflict',
  },
  {
    name: 'no marker on a job that this object never made',
    why: 'somebody made it by hand',
    marker: undefined,
    want: 'AlreadyExists',
  },
  {
    name: 'no marker on a job that this object made',
    why: 'a PUT by others takes the description, and the marker with it',
    marker: undefined,
    created: true,
    want: 'ours',
  },
];

test.each(cases)('$name', ({ marker, created, want, why }) => {
  const recorded = created ? recordOf(desired) : nothingRecorded;
  const ownership = ownershipOf(desired, { config: {}, marker }, recorded);
  const got = ownership.kind === 'foreign' ? ownership.error.reason : ownership.kind;
  expect(got, why).toBe(want);
});

test('a conflict names who has the job and what to do', () => {
  const marker = { ...own, namespace: 'finance', name: 'ledger-load' };
  const ownership = ownershipOf(desired, { config: {}, marker }, nothingRecorded);
  expect(ownership.kind === 'foreign' && ownership.error.message).toMatch(
    /finance\/ledger-load in this cluster.*Nothing was written.*another jobName/s,
  );
});

test('of a job that was left behind, a conflict says how to get it', () => {
  const marker = { ...own, namespace: 'finance', name: 'ledger-load' };
  const told = (isHere: boolean | undefined, clusterId = own.clusterId) => {
    const job = { config: {}, marker: { ...marker, clusterId } };
    const ownership = ownershipOf(desired, job, nothingRecorded, () => isHere);
    return ownership.kind === 'foreign' && ownership.error.message;
  };
  expect(told(false)).toMatch(
    /left behind by DataJob finance\/ledger-load.*Apply that DataJob again/,
  );
  expect(told(true)).toMatch(/is managed by/);
  expect(told(undefined), 'it may be one that we do not see').toMatch(/is managed by/);
  expect(told(false, 'cluster-2'), 'of other clusters we see none').toMatch(/is managed by/);
});

test('a name that nobody has is free', () => {
  expect(ownershipOf(desired, undefined, recordOf(desired)).kind).toBe('free');
});
