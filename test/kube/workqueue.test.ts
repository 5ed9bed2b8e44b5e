import { describe, expect, test } from 'vitest';
import {
  createWorkqueue,
  type WorkqueueOptions,
  type WorkReport,
  type WorkResult,
} from '../../src/kube/workqueue.ts';
import { type Disposition, OperatorError } from '../../src/platform/errors.ts';
import { type LogFields, silentLog } from '../../src/platform/log.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { evenRandom } from './even-random.ts';

/** A queue whose runs end when the test says so. */
function aQueue(options: Partial<WorkqueueOptions> = {}) {
  const clock = createManualClock();
  const started: string[] = [];
  const open = new Map<string, PromiseWithResolvers<WorkResult>>();
  const signals = new Map<string, AbortSignal>();
  const reports: WorkReport[] = [];
  const queue = createWorkqueue({
    clock,
    random: evenRandom,
    log: silentLog,
    concurrency: 1,
    handle(key, signal) {
      started.push(key);
      const run = Promise.withResolvers<WorkResult>();
      open.set(key, run);
      signals.set(key, signal);
      return run.promise;
    },
    onDone: (report) => reports.push(report),
    ...options,
  });
  const stop = new AbortController();
  const end = async (key: string, result: WorkResult = {}) => {
    open.get(key)?.resolve(result);
    await clock.settle();
  };
  const fail = async (key: string, error: unknown) => {
    open.get(key)?.reject(error);
    await clock.settle();
  };
  const start = () => void queue.run(stop.signal);
  return { clock, queue, started, signals, reports, stop, end, fail, start };
}

async function running(options: Partial<WorkqueueOptions> = {}) {
  const all = aQueue(options);
  all.start();
  await all.clock.settle();
  return all;
}

const trouble = (disposition: Disposition, retryAfterMs?: number) =>
  new OperatorError(disposition, 'Trouble', 'it did not work', { retryAfterMs });

describe('a wait that the other side asked for', () => {
  const tired = trouble('transient', 60_000);

  test('is not cut short by repairs and checks, only by a change', async () => {
    const { queue, started, clock, fail } = await running();
    queue.add('a/one', 'repair');
    await clock.settle();
    queue.add('a/one', 'repair'); // while it runs
    await fail('a/one', tired);
    queue.add('a/one', 'periodic');
    await clock.advance(59_000);
    expect(started).toEqual(['a/one']);
    queue.add('a/one', 'change');
    await clock.settle();
    expect(started).toEqual(['a/one', 'a/one']);
  });

  test('ends by itself', async () => {
    const { queue, started, clock, fail } = await running();
    queue.add('a/one', 'repair');
    await clock.settle();
    await fail('a/one', tired);
    await clock.advance(60_001);
    expect(started).toEqual(['a/one', 'a/one']);
  });
});

describe('one key', () => {
  test('added often before its turn, it runs once', async () => {
    const { queue, started, clock, start, end } = aQueue();
    for (let times = 0; times < 3; times += 1) queue.add('a/one', 'change');
    expect(queue.depth).toBe(1);
    start();
    await clock.settle();
    await end('a/one');
    expect(started).toEqual(['a/one']);
    expect(queue.depth).toBe(0);
  });

  test('added while it runs, it runs once more, and never twice at once', async () => {
    const { queue, started, clock, end } = await running({ concurrency: 4 });
    queue.add('a/one', 'change');
    await clock.settle();
    queue.add('a/one', 'periodic');
    queue.add('a/one', 'change');
    queue.add('a/one', 'repair');
    await clock.settle();
    expect(started).toEqual(['a/one']);
    await end('a/one');
    expect(started).toEqual(['a/one', 'a/one']);
    await end('a/one');
    expect(started).toHaveLength(2);
  });

  test('asked for again after a while, it waits in the least urgent lane', async () => {
    const { queue, started, clock, end, reports } = await running();
    queue.add('a/one', 'change');
    await clock.settle();
    await end('a/one', { requeueAfterMs: 60_000 });
    await clock.advance(59_999);
    expect(started).toHaveLength(1);
    await clock.advance(1);
    expect(started).toHaveLength(2);
    await end('a/one');
    expect(reports.map((report) => report.lane)).toEqual(['change', 'periodic']);
    expect(clock.asleepForMs()).toEqual([]);
  });

  test('a run in between replaces what the last run asked for', async () => {
    const { queue, started, clock, end } = await running();
    queue.add('a/one', 'change');
    await clock.settle();
    await end('a/one', { requeueAfterMs: 60_000 });
    queue.add('a/one', 'change');
    await clock.settle();
    await end('a/one', { requeueAfterMs: 90_000 });
    await clock.advance(89_999);
    expect(started).toHaveLength(2);
    await clock.advance(1);
    expect(started).toHaveLength(3);
  });

  test('of several delayed wishes the earliest and the most urgent counts', async () => {
    const { queue, started, clock, end, reports } = await running();
    queue.addAfter('a/one', 5_000, 'periodic');
    queue.addAfter('a/one', 2_000, 'repair');
    queue.addAfter('a/one', 9_000, 'change');
    expect(queue.stats().delayed).toBe(1);
    await clock.advance(2_000);
    expect(started).toEqual(['a/one']);
    await end('a/one');
    expect(reports[0]?.lane).toBe('change');
    await clock.advance(60_000);
    expect(started).toHaveLength(1);
  });
});

describe('failures', () => {
  test('come back after a wait that doubles from 1 s to 5 min, until a success', async () => {
    const { queue, clock, fail, end } = await running();
    const waits: number[] = [];
    queue.add('a/one', 'change');
    await clock.settle();
    for (let failure = 0; failure < 10; failure += 1) {
      await fail('a/one', new Error('a bug'));
      waits.push(clock.asleepForMs()[0] ?? -1);
      await clock.advance(300_000);
    }
    expect(waits.map((ms) => ms / 1_000)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
    await end('a/one');
    queue.add('a/one', 'change');
    await clock.settle();
    await fail('a/one', new Error('a bug'));
    expect(clock.asleepForMs()).toEqual([1_000]);
    expect(queue.stats().retries).toBe(11);
  });

  test('a server that asks for more time gets it', async () => {
    const { queue, clock, fail } = await running();
    queue.add('a/one', 'change');
    await clock.settle();
    await fail('a/one', trouble('transient', 30_000));
    expect(clock.asleepForMs()).toEqual([30_000]);
  });

  test('a handler that throws before it awaits is a failure like any other', async () => {
    const { queue, clock } = await running({
      handle: () => {
        throw new Error('at once');
      },
    });
    queue.add('a/one', 'change');
    await clock.settle();
    expect(clock.asleepForMs()).toEqual([1_000]);
  });

  test('conflicts run again at once in their lane, five times, and then back off', async () => {
    const { queue, clock, started, fail, reports } = await running();
    queue.add('a/one', 'change');
    await clock.settle();
    for (let times = 0; times < 6; times += 1) await fail('a/one', trouble('conflict'));
    expect(started).toHaveLength(6);
    expect(new Set(reports.map((report) => report.lane))).toEqual(new Set(['change']));
    expect(clock.asleepForMs()).toEqual([1_000]);
  });

  test('terminal errors wait for something to add the key', async () => {
    const { queue, clock, fail, started } = await running();
    queue.add('a/one', 'change');
    await clock.settle();
    await fail('a/one', trouble('terminal'));
    expect(clock.asleepForMs()).toEqual([]);
    queue.add('a/one', 'change');
    await clock.settle();
    expect(started).toHaveLength(2);
    await fail('a/one', trouble('terminal', 7_000));
    expect(clock.asleepForMs()).toEqual([7_000]);
  });

  test('a terminal error ends the back-off that came before', async () => {
    const { queue, clock, fail } = await running();
    queue.add('a/one', 'change');
    await clock.settle();
    await fail('a/one', trouble('transient'));
    await clock.advance(1_000);
    await fail('a/one', trouble('terminal'));
    queue.add('a/one', 'change');
    await clock.settle();
    await fail('a/one', trouble('transient'));
    expect(clock.asleepForMs()).toEqual([1_000]);
  });

  test('a cancelled run is dropped without a word', async () => {
    const lines: unknown[] = [];
    const keep = (message: string, fields?: LogFields) => void lines.push([message, fields]);
    const log = { ...silentLog, warn: keep, info: keep, error: keep };
    const { queue, clock, fail } = await running({ log });
    queue.add('a/one', 'change');
    await clock.settle();
    await fail('a/one', trouble('cancelled'));
    expect(clock.asleepForMs()).toEqual([]);
    expect(lines).toEqual([]);
  });

  test('what is added while a run fails is not made to wait', async () => {
    const { queue, clock, started, fail, end } = await running();
    queue.add('a/one', 'change');
    await clock.settle();
    queue.add('a/one', 'change');
    await fail('a/one', trouble('transient'));
    expect(started).toHaveLength(2);
    await end('a/one');
    expect(clock.asleepForMs(), 'the success took the back-off along').toEqual([]);
  });

  test('one key that fails for ever does not delay another', async () => {
    const ran: string[] = [];
    const { queue, clock } = await running({
      handle: async (key) => {
        ran.push(key);
        if (key === 'a/bad') throw new Error('always');
        return { requeueAfterMs: 1_000 };
      },
    });
    queue.add('a/bad', 'change');
    queue.add('a/good', 'change');
    await clock.advance(60_000);
    expect(ran.filter((key) => key === 'a/good')).toHaveLength(61);
    expect(ran.filter((key) => key === 'a/bad')).toHaveLength(6);
  });

  test('a run beyond every patience is told to end, and is a failure', async () => {
    const { queue, clock, signals, fail, started } = await running();
    queue.add('a/one', 'change');
    await clock.settle();
    await clock.advance(15 * 60_000);
    const signal = signals.get('a/one');
    expect(signal?.aborted).toBe(true);
    queue.add('b/two', 'change');
    await clock.settle();
    expect(started, 'its place is free only once it ended').toEqual(['a/one']);
    await fail('a/one', signal?.reason);
    expect(started).toEqual(['a/one', 'b/two']);
  });

  test('a run that is deaf to that loses its place to others, and its key waits for its end', async () => {
    const errors: unknown[] = [];
    const { queue, clock, start, started, end } = aQueue({
      log: { ...silentLog, error: (message, fields) => void errors.push([message, fields]) },
    });
    start();
    queue.add('a/deaf', 'change');
    await clock.settle();
    await clock.advance(15 * 60_000);
    queue.add('b/two', 'change');
    queue.add('a/deaf', 'change');
    await clock.advance(59_999);
    expect(started).toEqual(['a/deaf']);
    await clock.advance(1);
    expect(started, 'never twice at once').toEqual(['a/deaf', 'b/two']);
    const message = 'work does not end although it was told to; others get its place';
    expect(errors).toEqual([[message, { key: 'a/deaf' }]]);
    await end('b/two');
    await end('a/deaf');
    expect(started).toEqual(['a/deaf', 'b/two', 'a/deaf']);
    await end('a/deaf');
    expect([queue.stats().running, clock.asleepForMs()]).toEqual([0, []]);
  });

  const never = () => new Promise<WorkResult>(() => {});
  test.each([
    [
      'throws at once',
      'a bug before the first await',
      () => {
        throw new Error('always');
      },
    ],
    ['rejects', 'what goes wrong outside', async () => await Promise.reject(new Error('always'))],
    ['never settles', 'a wait without a limit', never],
    [
      'ends late',
      'it hears that it was told to end, and no more',
      async (signal: AbortSignal) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        throw signal.reason;
      },
    ],
  ] as const)(
    'a handler that %s for one key costs the others nothing but its place',
    async (_, why, bad) => {
      const done: string[] = [];
      const { queue, clock } = await running({
        concurrency: 2,
        async handle(key, signal) {
          done.push(key);
          return key === 'a/bad' ? await bad(signal) : { requeueAfterMs: 60_000 };
        },
      });
      for (const key of ['a/bad', 'a/good', 'b/good']) queue.add(key, 'change');
      await clock.advance(60 * 60_000);
      for (const key of ['a/good', 'b/good']) {
        expect(
          done.filter((each) => each === key),
          why,
        ).toHaveLength(61);
      }
      expect(queue.stats().waiting).toEqual({ change: 0, repair: 0, periodic: 0 });
    },
  );

  test('a metrics hook that throws loses no key', async () => {
    const errors: unknown[] = [];
    const { queue, clock, started, end } = await running({
      log: { ...silentLog, error: (message, fields) => void errors.push([message, fields]) },
      onDone: () => {
        throw new Error('broken hook');
      },
    });
    queue.add('a/one', 'change');
    await clock.settle();
    await end('a/one', { requeueAfterMs: 0 });
    expect(started).toHaveLength(2);
    expect(errors).toEqual([['the work queue failed', { error: 'broken hook' }]]);
  });
});

describe('turns', () => {
  test('runs that have nothing to wait for leave others their turn', async () => {
    let runs = 0;
    const { clock, queue } = await running({
      async handle() {
        runs += 1;
        return {};
      },
    });
    for (let index = 0; index < 100; index += 1) queue.add(`a/${index}`, 'periodic');
    await clock.settle();
    expect(runs).toBe(20);
    await clock.advance(0);
    expect(runs).toBe(100);
  });

  test('urgent lanes come first, whatever came before', async () => {
    const { queue, clock, started, start, end } = aQueue();
    queue.add('a/periodic', 'periodic');
    queue.add('a/repair', 'repair');
    queue.add('a/change', 'change');
    queue.add('a/promoted', 'periodic');
    queue.add('a/promoted', 'change');
    start();
    await clock.settle();
    for (const key of ['a/change', 'a/promoted', 'a/repair', 'a/periodic']) {
      expect(started.at(-1)).toBe(key);
      await end(key);
    }
    expect(started).toHaveLength(4);
  });

  test('as many run at once as there are places', async () => {
    const { queue, clock, started, end } = await running({ concurrency: 2 });
    for (const key of ['a/1', 'a/2', 'a/3']) queue.add(key, 'change');
    await clock.settle();
    expect(started).toEqual(['a/1', 'a/2']);
    expect(queue.stats()).toMatchObject({ running: 2, waiting: { change: 1 }, adds: 3 });
    await end('a/2');
    expect(started).toEqual(['a/1', 'a/2', 'a/3']);
  });
});

describe('keys that come first', () => {
  const suspects = { concurrency: 3, first: ['a/1', 'a/2'] };

  test('run before all others and alone; then all places are taken again', async () => {
    const { queue, clock, started, start, end } = aQueue(suspects);
    for (const key of ['b/1', 'b/2', 'b/3']) queue.add(key, 'periodic');
    start();
    await clock.settle();
    expect(started).toEqual(['a/1']);
    await end('a/1');
    expect(started).toEqual(['a/1', 'a/2']);
    await end('a/2');
    expect(started.slice(2).toSorted()).toEqual(['b/1', 'b/2', 'b/3']);
    for (const key of ['b/1', 'b/2', 'b/3']) await end(key);
    expect(queue.stats().running).toBe(0);
  });

  test('do not hold up the others for more than a minute', async () => {
    const { queue, clock, started } = await running(suspects);
    queue.add('b/1', 'periodic');
    await clock.advance(59_999);
    expect(started).toEqual(['a/1']);
    await clock.advance(1);
    expect(started.toSorted()).toEqual(['a/1', 'a/2', 'b/1']);
  });

  test('leave no timer behind when all ends before', async () => {
    const { clock, stop, fail, started } = await running(suspects);
    stop.abort();
    await fail('a/1', new Error('whatever'));
    expect(started).toEqual(['a/1']);
    expect(clock.asleepForMs()).toEqual([]);
  });
});

describe('the end', () => {
  test('what runs is told and awaited; what waits or is due later never runs', async () => {
    const { queue, clock, started, signals, stop, end } = aQueue();
    const run = queue.run(stop.signal);
    let ended = false;
    void run.then(() => {
      ended = true;
    });
    queue.add('a/running', 'change');
    queue.add('a/waiting', 'change');
    queue.addAfter('a/later', 1_000, 'change');
    await clock.settle();
    stop.abort();
    await clock.settle();
    expect([signals.get('a/running')?.aborted, ended]).toEqual([true, false]);
    queue.add('a/late', 'change');
    queue.addAfter('a/later still', 1_000, 'change');
    await end('a/running', { requeueAfterMs: 5 });
    await run;
    await clock.advance(10_000);
    expect(started).toEqual(['a/running']);
    expect(clock.asleepForMs()).toEqual([]);
  });

  test('a failure of a run that was told to end leaves nothing behind', async () => {
    const { queue, clock, stop, fail, reports } = aQueue();
    const run = queue.run(stop.signal);
    queue.add('a/one', 'change');
    await clock.settle();
    stop.abort();
    await fail('a/one', new Error('whatever'));
    await run;
    expect(reports[0]?.outcome).toBe('cancelled');
    expect(clock.asleepForMs()).toEqual([]);
  });

  test('told to end before it began, it ends at once', async () => {
    const { queue, stop, started } = aQueue();
    queue.add('a/one', 'change');
    stop.abort();
    await queue.run(stop.signal);
    expect(started).toEqual([]);
  });

  test('idle waits for what waits and runs, not for what is due later', async () => {
    const { queue, clock, end } = await running();
    let isIdle = false;
    queue.add('a/one', 'change');
    queue.addAfter('a/two', 1_000, 'change');
    void queue.idle().then(() => {
      isIdle = true;
    });
    await clock.settle();
    expect(isIdle).toBe(false);
    await end('a/one');
    expect(isIdle).toBe(true);
  });
});

test('the numbers say what waits, runs and lasts', async () => {
  const { queue, clock, end, reports } = await running();
  expect(queue.stats()).toEqual({
    waiting: { change: 0, repair: 0, periodic: 0 },
    running: 0,
    delayed: 0,
    adds: 0,
    retries: 0,
    oldestWaitMs: 0,
    longestRunMs: 0,
  });
  queue.add('a/one', 'change');
  queue.add('a/two', 'repair');
  await clock.advance(500);
  expect(queue.stats()).toMatchObject({
    waiting: { change: 0, repair: 1, periodic: 0 },
    running: 1,
    oldestWaitMs: 500,
    longestRunMs: 500,
  });
  await end('a/one');
  await clock.advance(200);
  await end('a/two');
  expect(reports).toEqual([
    { lane: 'change', waitedMs: 0, tookMs: 500, outcome: 'done' },
    { lane: 'repair', waitedMs: 500, tookMs: 200, outcome: 'done' },
  ]);
});
