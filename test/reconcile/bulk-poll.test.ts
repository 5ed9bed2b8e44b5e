import { expect, test } from 'vitest';
import { OperatorError } from '../../src/platform/errors.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createBulkPoll } from '../../src/reconcile/bulk-poll.ts';
import type { BulkRow } from '../../src/reconcile/datajob/wire.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createSeededRandom } from '../support/seeded-random.ts';

const intervalMs = 60_000;

/** A service whose rows a test sets, and a poll over it. */
function aPoll(rows: BulkRow[] = [], names = ['job-aa', 'job-bb']) {
  const clock = createManualClock();
  const state = {
    rows,
    fails: false,
    failure: new Error('no answer'),
    pending: new Set<string>(),
    readings: 0,
    changed: [] as string[],
    beforeEnd: undefined as (() => void) | undefined,
  };
  const poll = createBulkPoll({
    async *read() {
      state.readings += 1;
      if (state.fails) throw state.failure;
      yield* state.rows;
      state.beforeEnd?.();
    },
    isWanted: (jobName) => names.includes(jobName),
    wantedNames: () => names,
    isPending: (jobName) => state.pending.has(jobName),
    onChanged: (jobName) => state.changed.push(jobName),
    intervalMs,
    clock,
    random: createSeededRandom(),
    log: silentLog,
  });
  const stop = new AbortController();
  const running = poll.run(stop.signal);
  const end = async () => {
    stop.abort(new Error('the end'));
    await running;
  };
  return { clock, state, poll, end };
}

const row = (jobName: string, enabled = true, id: string | null = jobName): BulkRow => ({
  jobName,
  config: { team: 'sales' },
  deployments: [{ id, enabled, jobVersion: 'v1' }],
});

test('wakes what differs from the last reading, and only that', async () => {
  const { clock, state, poll, end } = aPoll([row('job-aa'), row('job-bb'), row('of-others')]);
  await clock.settle();
  expect(state.changed).toEqual(['job-aa', 'job-bb']);
  state.changed = [];
  state.rows = [row('job-aa', false), row('job-bb'), row('of-others', false)];
  await clock.advance(intervalMs * 1.05);
  expect(state.changed).toEqual(['job-aa']);
  state.changed = [];
  state.rows = [row('job-aa', false)];
  await clock.advance(intervalMs * 1.05);
  expect(state.changed, 'a row that is no longer there is worth a look').toEqual(['job-bb']);
  expect(poll.hintOf('job-bb')).toEqual({ row: undefined });
  await end();
});

test('however many it wakes, others have their turn in between', async () => {
  const names = Array.from({ length: 1_200 }, (_, index) => `job-${index}`);
  const { clock, state, end } = aPoll(
    names.map((name) => row(name)),
    names,
  );
  await clock.settle();
  expect(state.changed).toHaveLength(500);
  await clock.advance(0);
  expect(state.changed).toEqual(names);
  await end();
});

test('a reading that began before our own write says nothing', async () => {
  const { clock, poll, end } = aPoll([row('job-aa')]);
  await clock.settle();
  expect(poll.hintOf('job-aa')).toMatchObject({ row: { jobName: 'job-aa' } });
  await clock.advance(1_000);
  poll.touched('job-aa');
  expect(poll.hintOf('job-aa')).toBe('none');
  await clock.advance(intervalMs * 1.05);
  expect(poll.hintOf('job-aa')).toMatchObject({ row: { jobName: 'job-aa' } });
  await end();
});

test('the first reading after our own write wakes the job, even if it shows nothing new', async () => {
  const { clock, state, poll, end } = aPoll([row('job-aa')]);
  await clock.settle();
  await clock.advance(1_000);
  state.pending.add('job-aa');
  poll.touched('job-aa'); // what it brought about was in the last reading already
  poll.hurry();
  state.changed = [];
  await clock.advance(2_000);
  expect(state.changed).toEqual(['job-aa']);
  state.changed = [];
  await clock.advance(5_000);
  expect(state.changed, 'once is enough').toEqual([]);
  await end();
});

test('looks in growing ticks while something is pending, and at the interval otherwise', async () => {
  const { clock, state, poll, end } = aPoll();
  await clock.settle();
  expect(state.readings).toBe(1);
  await clock.advance(30_000);
  expect(state.readings).toBe(1);
  state.pending.add('job-aa');
  poll.hurry();
  await clock.advance(2_000);
  expect(state.readings).toBe(2);
  await clock.advance(20_000); // after 2, 3, 4.5 and 6.75 s more
  expect(state.readings).toBe(6);
  state.pending.clear();
  await clock.advance(11_000); // the tick that was under way
  const before = state.readings;
  await clock.advance(intervalMs * 0.8);
  expect(state.readings).toBe(before);
  await end();
});

test('being hurried again and again does not put a reading off', async () => {
  const { clock, state, poll, end } = aPoll();
  await clock.settle();
  state.pending.add('job-aa');
  for (let second = 0; second < 10; second += 1) {
    poll.hurry();
    await clock.advance(1_000);
  }
  expect(state.readings).toBeGreaterThanOrEqual(5);
  await end();
});

test('a failed reading wakes nobody, keeps what was known, and is tried again', async () => {
  const { clock, state, poll, end } = aPoll([row('job-aa')]);
  await clock.settle();
  state.changed = [];
  state.fails = true;
  await clock.advance(intervalMs * 1.05);
  expect(state.changed).toEqual([]);
  expect(poll.hintOf('job-aa')).toMatchObject({ row: { jobName: 'job-aa' } });
  state.fails = false;
  await clock.advance(intervalMs * 1.05);
  expect(state.readings).toBe(3);
  await end();
});

test('learns where deployments are kept, and there looks at pending ones singly', async () => {
  const { clock, state, poll, end } = aPoll([row('job-aa', true, null), row('job-bb', true, null)]);
  state.pending.add('job-bb');
  await clock.settle();
  expect(poll.deploymentsInDatabase).toBe(true);
  state.changed = [];
  await clock.advance(2_000);
  expect(state.changed).toEqual(['job-bb']);
  await end();
});

test('who is in a hurry while a reading goes on is served after it', async () => {
  const { clock, state, poll, end } = aPoll([row('job-aa')]);
  await clock.settle();
  state.beforeEnd = () => poll.hurry();
  await clock.advance(intervalMs * 1.05);
  state.beforeEnd = undefined;
  const readings = state.readings;
  await clock.advance(3_000);
  expect(state.readings).toBe(readings + 1);
  await end();
});

test('a service that asks to be left alone is, however pressing a deployment is', async () => {
  const { clock, state, poll, end } = aPoll([row('job-aa')]);
  await clock.settle();
  state.fails = true;
  state.failure = new OperatorError('transient', 'RateLimited', 'later', { retryAfterMs: 90_000 });
  poll.hurry();
  await clock.advance(2_000);
  expect(state.readings).toBe(2);
  state.pending.add('job-aa');
  poll.hurry();
  await clock.advance(89_000);
  expect(state.readings).toBe(2);
  state.fails = false;
  await clock.advance(2_000);
  expect(state.readings).toBe(3);
  await end();
});
