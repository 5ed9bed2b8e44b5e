import { expect, test } from 'vitest';
import type { ObservedDeployment } from '../../../src/reconcile/datajob/model.ts';
import {
  deploymentTimeoutMs,
  type OpenCall,
  pendingOf,
} from '../../../src/reconcile/datajob/pending.ts';
import { aDeployment, recordOf, wanted } from '../../support/data-jobs.ts';

const desired = wanted();
const version = recordOf(desired).source?.jobVersion;
const before = '2026-01-01T00:00:00.000Z';
const open: OpenCall = { requestedAtMs: 1_000, dateBefore: before };
const shown = (changes: Partial<ObservedDeployment>) => ({
  job: { config: {} },
  deployment: aDeployment({ lastDeployedDate: before, ...changes }),
});
const current = (call: OpenCall) => ({ ...call, isCurrent: true });
const database = { dateMovesOnEveryCall: false, schedule: desired.config.schedule } as const;

const cases = [
  {
    name: 'no call is open',
    why: 'nothing was requested',
    call: undefined,
    observed: shown({}),
    want: 'none',
  },
  {
    name: 'the old date stands',
    why: 'version and flag were right before a schedule-only call, so only the date can tell',
    call: open,
    observed: shown({}),
    want: 'waiting',
  },
  {
    name: 'the date moved',
    why: 'something landed; whether it is the wanted thing is for the plan to say',
    call: open,
    observed: shown({ lastDeployedDate: '2026-01-01T00:05:00.000Z', jobVersion: 'old' }),
    want: 'none',
  },
  {
    name: 'nothing is deployed so far',
    why: 'a first build shows nothing until it is done',
    call: { requestedAtMs: 1_000 },
    observed: { job: { config: {} } },
    want: 'waiting',
  },
  {
    name: 'a first deployment appeared',
    why: 'any date is a date that moved',
    call: { requestedAtMs: 1_000 },
    observed: shown({}),
    want: 'none',
  },
  {
    name: 'the job is gone',
    why: 'nothing is built for it any more',
    call: open,
    observed: {},
    want: 'none',
  },
  {
    name: 'a database shows all that is wanted under the old date',
    why: 'there the date moves only when something really changed',
    call: open,
    observed: shown(database),
    want: 'none',
  },
  {
    name: 'a database still shows the old schedule',
    why: 'its next run will carry the call out',
    call: open,
    observed: shown({ ...database, schedule: '1 1 1 1 1' }),
    want: 'waiting',
  },
] as const;

test.each(cases)('$name', ({ call, observed, want, why }) => {
  expect(pendingOf(call && current(call), desired, observed, version, 2_000), why).toBe(want);
});

test('a call is waited for as long as a failing build may take, and no longer', () => {
  const at = (elapsedMs: number) =>
    pendingOf(current(open), desired, shown({}), version, open.requestedAtMs + elapsedMs);
  expect(at(deploymentTimeoutMs)).toBe('waiting');
  expect(at(deploymentTimeoutMs + 1)).toBe('expired');
});

test('a database is not waited for on behalf of an older manifest, but for a first build', () => {
  const older = { ...open, isCurrent: false };
  const old = shown({ ...database, schedule: '1 1 1 1 1' });
  expect(pendingOf(older, desired, old, version, 2_000)).toBe('none');
  const first = { requestedAtMs: 1_000, isCurrent: false };
  expect(pendingOf(first, desired, { job: { config: {} } }, version, 2_000)).toBe('waiting');
  const cluster = shown({ jobVersion: 'old' });
  expect(pendingOf(older, desired, cluster, version, 2_000), 'it would lose one').toBe('waiting');
});
