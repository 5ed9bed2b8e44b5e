/**
 * The workqueue against a model of what it promises: a key runs only for a reason, never twice at
 * once, never more than there are places, and a place is never free while a key waits.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createWorkqueue, type Lane, type WorkResult } from '../../src/kube/workqueue.ts';
import { type Disposition, OperatorError } from '../../src/platform/errors.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { evenRandom } from './even-random.ts';

type Step =
  | { readonly kind: 'add'; readonly key: string; readonly lane: Lane }
  | { readonly kind: 'later'; readonly key: string; readonly ms: number; readonly lane: Lane }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'end'; readonly which: number; readonly how: Ending };
type Ending = { readonly requeueAfterMs?: number } | Exclude<Disposition, 'cancelled'>;

const anyKey = fc.constantFrom('a/1', 'a/2', 'b/1', 'c/1');
const anyLane = fc.constantFrom<Lane>('change', 'repair', 'periodic');
const anyMs = fc.nat({ max: 20_000 });
const anyEnding = fc.oneof<fc.Arbitrary<Ending>[]>(
  fc.record({ requeueAfterMs: anyMs }, { requiredKeys: [] }),
  fc.constantFrom<Exclude<Disposition, 'cancelled'>>('transient', 'conflict', 'terminal'),
);
const anyStep = fc.oneof<fc.Arbitrary<Step>[]>(
  fc.record({ kind: fc.constant('add'), key: anyKey, lane: anyLane }),
  fc.record({ kind: fc.constant('later'), key: anyKey, ms: anyMs, lane: anyLane }),
  fc.record({ kind: fc.constant('wait'), ms: anyMs }),
  fc.record({ kind: fc.constant('end'), which: fc.nat(), how: anyEnding }),
);

/** Why a key may run: now, or from a moment on. */
interface Reasons {
  now: boolean;
  own: number | undefined;
  asked: number | undefined;
  failures: number;
  conflicts: number;
}

function aModel(concurrency: number) {
  const clock = createManualClock();
  const reasons = new Map<string, Reasons>();
  const running = new Map<string, PromiseWithResolvers<WorkResult>>();
  const of = (key: string): Reasons => {
    const none = { now: false, own: undefined, asked: undefined, failures: 0, conflicts: 0 };
    const found = reasons.get(key) ?? none;
    reasons.set(key, found);
    return found;
  };
  const isDue = ({ now, own, asked }: Reasons) =>
    now || (own ?? Infinity) <= clock.elapsed() || (asked ?? Infinity) <= clock.elapsed();
  const problems: string[] = [];
  const queue = createWorkqueue({
    clock,
    random: evenRandom,
    log: silentLog,
    concurrency,
    handle(key) {
      const why = of(key);
      if (running.has(key)) problems.push(`${key} runs twice at once`);
      if (running.size >= concurrency) problems.push('more run than there are places');
      if (!isDue(why)) problems.push(`${key} runs for no reason`);
      why.now = false;
      why.own = undefined;
      if ((why.asked ?? Infinity) <= clock.elapsed()) why.asked = undefined;
      const run = Promise.withResolvers<WorkResult>();
      running.set(key, run);
      return run.promise;
    },
  });

  const end = (key: string, how: Ending) => {
    const why = of(key);
    const run = running.get(key);
    running.delete(key);
    if (typeof how === 'object') {
      Object.assign(why, { failures: 0, conflicts: 0 });
      if (how.requeueAfterMs !== undefined) why.own = clock.elapsed() + how.requeueAfterMs;
      run?.resolve(how);
      return;
    }
    run?.reject(new OperatorError(how, 'Trouble', 'it did not work'));
    if (how === 'terminal') Object.assign(why, { failures: 0, conflicts: 0 });
    else if (how === 'conflict' && why.conflicts < 5)
      Object.assign(why, { now: true, conflicts: why.conflicts + 1 });
    else {
      why.failures += 1;
      why.own = clock.elapsed() + Math.min(300_000, 1_000 * 2 ** (why.failures - 1));
    }
  };

  const perform = async (step: Step) => {
    if (step.kind === 'add') {
      of(step.key).now = true;
      queue.add(step.key, step.lane);
    } else if (step.kind === 'later') {
      const why = of(step.key);
      why.asked = Math.min(why.asked ?? Infinity, clock.elapsed() + step.ms);
      queue.addAfter(step.key, step.ms, step.lane);
    } else if (step.kind === 'wait') {
      await clock.advance(step.ms);
    } else {
      const key = [...running.keys()][step.which % running.size];
      if (key !== undefined) end(key, step.how);
    }
    await clock.advance(0); // a delay of nothing is due now
    for (const why of reasons.values()) {
      if ((why.asked ?? Infinity) > clock.elapsed()) continue;
      Object.assign(why, { now: true, asked: undefined }); // the next wish is another one
    }
  };

  const check = () => {
    const idle = [...reasons].filter(([key, why]) => isDue(why) && !running.has(key));
    const isBusy = running.size === concurrency;
    if (idle.length > 0 && !isBusy) problems.push(`${idle.map(([key]) => key)} wait for nothing`);
    if (queue.depth !== idle.length) problems.push(`${queue.depth} wait, not ${idle.length}`);
    expect(problems).toEqual([]);
  };

  /** Lets everything succeed until no reason is left. */
  const drain = async () => {
    const isLeft = () =>
      running.size > 0 ||
      [...reasons.values()].some(
        (why) => why.now || why.own !== undefined || why.asked !== undefined,
      );
    for (let rounds = 0; isLeft(); rounds += 1) {
      if (rounds > 200) problems.push('some reason is never served');
      for (const key of [...running.keys()]) end(key, {});
      await clock.advance(30_000);
      check();
    }
    expect(queue.stats()).toMatchObject({ running: 0, delayed: 0 });
    expect(clock.asleepForMs()).toEqual([]);
  };
  return { queue, perform, check, drain };
}

test('whatever is added, delayed, fails or succeeds, the queue keeps its promises', async () => {
  const script = fc.array(anyStep, { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(script, fc.integer({ min: 1, max: 3 }), async (steps, concurrency) => {
      const { queue, perform, check, drain } = aModel(concurrency);
      const stop = new AbortController();
      const run = queue.run(stop.signal);
      for (const step of steps) {
        await perform(step);
        check();
      }
      await drain();
      stop.abort();
      await run;
    }),
    { numRuns: 150 },
  );
});
