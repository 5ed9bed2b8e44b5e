import { expect, test } from 'vitest';
import { beatMs, type FromThread, type Inheritance, stopWord } from '../../src/cli/supervised.ts';
import { supervise } from '../../src/cli/supervisor.ts';
import type { Clock } from '../../src/platform/clock.ts';
import type { LogFields } from '../../src/platform/log.ts';
import type { StartThread, ThreadEnd } from '../../src/platform/threads.ts';
import { evenRandom } from '../kube/even-random.ts';
import { createManualClock } from '../support/manual-clock.ts';

/** What a thread does unless a test has it blocked: it beats, in between the ticks. */
function aThread(clock: Clock, ...[data, { onMessage, onEnd }]: Parameters<StartThread>) {
  const say = (message: FromThread) => onMessage(message);
  const posted: unknown[] = [];
  let isBlocked = false;
  const beat = () => {
    if (isBlocked) return;
    say({ kind: 'beat' });
    clock.after(beatMs, beat);
  };
  clock.after(beatMs / 2, beat);
  const thread = {
    startedAt: clock.elapsed(),
    data: data as Inheritance,
    posted,
    canBeEnded: true,
    isTerminated: false,
    begins: (key: string, version = '1') => say({ kind: 'begins', key, version }),
    ends: (key: string) => say({ kind: 'ends', key }),
    block() {
      isBlocked = true;
    },
    end(how: ThreadEnd) {
      isBlocked = true;
      onEnd(how);
    },
    post: (message: unknown) => void posted.push(message),
    async terminate() {
      thread.isTerminated = true;
      if (!thread.canBeEnded) await new Promise(() => {});
    },
  };
  return thread;
}

function aSupervisor() {
  const manual = createManualClock();
  let frozenMs = 0;
  const clock: Clock = { ...manual, elapsed: () => manual.elapsed() + frozenMs };
  const threads: ReturnType<typeof aThread>[] = [];
  const told: (readonly [string, LogFields])[] = [];
  const stop = new AbortController();
  let code: number | undefined;
  let isAborted = false;
  void supervise({
    start(...args) {
      const thread = aThread(clock, ...args);
      threads.push(thread);
      return thread;
    },
    clock,
    random: evenRandom,
    tell: async (...line) => void told.push(line),
    abort: async () => {
      isAborted = true;
    },
    stop: stop.signal,
  }).then((ended) => {
    code = ended;
  });
  const newest = () => threads.at(-1) as ReturnType<typeof aThread>;
  return {
    threads,
    told,
    newest,
    code: () => code,
    isAborted: () => isAborted,
    advance: manual.advance,
    asleepForMs: manual.asleepForMs,
    async stop() {
      stop.abort();
      await manual.settle();
    },
    async end(how: ThreadEnd) {
      newest().end(how);
      await manual.settle();
    },
    /** The newest thread works on these, and then nothing of it moves until another one replaces it. */
    async block(...keys: readonly string[]) {
      for (const key of keys) newest().begins(key);
      newest().block();
      const before = threads.length;
      for (let s = 0; s < 40 && threads.length === before && code === undefined; s += 1)
        await manual.advance(beatMs);
    },
    /** The whole machine stands still, or the process is stopped. */
    freeze(ms: number) {
      frozenMs += ms;
    },
  };
}

test('a thread that ends is the end: its exit code is that of the process', async () => {
  const { end, code, told, threads, asleepForMs } = aSupervisor();
  await end({ code: 2 });
  expect([code(), told, threads.length]).toEqual([2, [], 1]);
  expect(asleepForMs().filter((ms) => ms === beatMs)).toEqual([]);
});

test('an error that nobody caught is told in one line, and is no reason to start anew', async () => {
  const { end, code, told, threads } = aSupervisor();
  await end({ code: 1, error: new Error('out of luck') });
  expect([code(), threads.length]).toEqual([1, 1]);
  expect(told).toEqual([
    ['the operator failed and ends', expect.objectContaining({ error: 'out of luck' })],
  ]);
});

test('the wish to stop is passed on, and the thread ends in its own time', async () => {
  const { stop, end, newest, code, advance } = aSupervisor();
  await stop();
  expect(newest().posted).toEqual([stopWord]);
  await advance(15_000);
  expect(code()).toBeUndefined();
  await end({ code: 0 });
  expect(code()).toBe(0);
});

test('a thread without a beat for ten seconds is ended, and another one starts at once', async () => {
  const { newest, threads, told, advance } = aSupervisor();
  await advance(60_000);
  expect(threads).toHaveLength(1);
  newest().begins('a/one');
  newest().begins('a/two');
  newest().ends('a/one');
  newest().block();
  await advance(9_000);
  expect(newest().isTerminated).toBe(false);
  await advance(2_000);
  expect(threads.map(({ isTerminated }) => isTerminated)).toEqual([true, false]);
  expect(told).toEqual([
    ['blocked by work that never pauses; starting anew', { inWork: ['a/two'], restartInMs: 0 }],
  ]);
});

test('a process that stood still proves nothing, however long it did', async () => {
  const { threads, freeze, advance, newest } = aSupervisor();
  await advance(5_000);
  freeze(60_000);
  await advance(5_000);
  expect(threads).toHaveLength(1);
  newest().block();
  await advance(5_000);
  freeze(60_000);
  await advance(3_000);
  expect(newest().isTerminated, 'its own silence is what counts').toBe(false);
  await advance(4_000);
  expect(threads).toHaveLength(2);
});

test('of several in work each has its turn alone, until one blocks a thread by itself', async () => {
  const { block, threads, newest, told } = aSupervisor();
  await block('a/1', 'a/2', 'a/3');
  expect(newest().data).toMatchObject({ suspects: ['a/1', 'a/2', 'a/3'], guilty: new Map() });
  newest().begins('a/1');
  newest().ends('a/1');
  await block('a/2');
  const guilt = { version: '1', mayTell: true };
  expect(newest().data).toMatchObject({ suspects: ['a/3'], guilty: new Map([['a/2', guilt]]) });
  expect(told.at(-1)?.[1]).toMatchObject({ inWork: ['a/2'], leftAlone: ['a/2'] });
  expect(new Set(threads.map(({ data }) => data.instance)).size, 'one identity').toBe(1);
});

test('one that was in work alone by chance is accused only when it happens again', async () => {
  const { block, newest } = aSupervisor();
  await block('a/1');
  expect(newest().data).toMatchObject({ suspects: ['a/1'], guilty: new Map() });
  newest().begins('a/1');
  newest().ends('a/1');
  await block('a/2');
  expect(newest().data).toMatchObject({ suspects: ['a/2'], guilty: new Map() });
});

test('one that was not alone is not accused, however often it was there', async () => {
  const { block, newest } = aSupervisor();
  await block('a/1');
  await block('a/1', 'a/2');
  expect(newest().data).toMatchObject({ suspects: ['a/1', 'a/2'], guilty: new Map() });
});

test('a block without any work in progress accuses nobody', async () => {
  const { block, newest } = aSupervisor();
  await block('a/1', 'a/2');
  await block();
  expect(newest().data).toMatchObject({ suspects: ['a/1', 'a/2'], guilty: new Map() });
});

test('where even telling it blocks, nothing is told; another version may be tried', async () => {
  const { block, newest } = aSupervisor();
  for (let times = 0; times < 4; times += 1) await block('a/1');
  expect(newest().data.guilty).toEqual(new Map([['a/1', { version: '1', mayTell: false }]]));
  newest().begins('a/1', '2');
  await block();
  newest().begins('a/1', '2');
  await block();
  expect(newest().data.guilty).toEqual(new Map([['a/1', { version: '2', mayTell: true }]]));
});

test('one soon after the other, threads are started later and later; a good one ends that', async () => {
  const { block, told, advance } = aSupervisor();
  const waits = () => told.map(([, { restartInMs }]) => restartInMs);
  for (let times = 0; times < 8; times += 1) await block();
  expect(waits()).toEqual([0, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
  await advance(5 * 60_000);
  await block();
  expect(waits().at(-1)).toBe(0);
});

test('told to stop while blocked, the process ends as soon as that is certain', async () => {
  const { block, stop, newest, code, told, threads } = aSupervisor();
  newest().block();
  await stop();
  await block('a/1');
  expect([code(), threads.length]).toEqual([1, 1]);
  expect(told[0]).toEqual([
    'blocked by work that never pauses; ending, as it was told to stop',
    { inWork: ['a/1'] },
  ]);
});

test('told to stop between two threads, it is done', async () => {
  const { block, stop, newest, code, threads, advance } = aSupervisor();
  await block();
  newest().block();
  await advance(10_500);
  expect(newest().isTerminated).toBe(true);
  await stop();
  expect([code(), threads.length]).toEqual([0, 2]);
});

test('a thread that cannot be ended is ended with the process', async () => {
  const { newest, isAborted, told, advance, threads } = aSupervisor();
  newest().canBeEnded = false;
  newest().block();
  await advance(11_000);
  expect(isAborted()).toBe(false);
  await advance(5_000);
  expect([isAborted(), threads.length]).toEqual([true, 1]);
  expect(told[0]?.[0]).toMatch(/even its thread cannot be ended/);
});
